"""What a script does for the storekeeper: a figure opens to its terms, and a customer signs on the tablet."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

SignIn = Callable[..., Page]


def test_a_customer_signs_with_a_finger(sign_in_as: SignIn, accessible: Callable[[], None]) -> None:
    page = sign_in_as("storekeeper")
    page.set_viewport_size({"width": 820, "height": 1180})
    page.goto("/inventory/")
    accessible()
    page.goto("/inventory/deliveries?view=on_the_way")
    page.locator(".cell-title a").first.click()
    page.get_by_role("link", name="Sign").click()
    expect(page.locator("h1")).to_contain_text("Sign for")
    accessible()
    page.get_by_label("Received by").fill("Wu Gang")
    drawn = page.locator("input[name=signature]")
    pad = page.locator("canvas")

    def draw() -> None:
        box = pad.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + 40, box["y"] + 40)
        page.mouse.down()
        page.mouse.move(box["x"] + 200, box["y"] + 120, steps=5)
        page.mouse.up()

    draw()
    expect(drawn).to_have_value(re.compile("^data:image/png;base64,"))
    page.get_by_role("button", name="Sign anew").click()
    expect(drawn).to_have_value("")
    draw()
    page.get_by_role("button", name="Delivered").click()
    expect(page.get_by_alt_text("Signature of Wu Gang")).to_be_visible()
    assert page.get_by_alt_text("Signature of Wu Gang").evaluate("image => image.naturalWidth") == 900


def test_a_figure_of_stock_opens_over_its_list(sign_in_as: SignIn) -> None:
    page = sign_in_as("storekeeper")
    page.goto("/inventory/stock?view=all")
    row = page.locator("tbody tr", has_text="SP-011").first
    row.locator("td.num a").first.click()
    dialog = page.locator("dialog#dialog")
    expect(dialog).to_contain_text("The sum of all moves")
    figures = [
        int(text.replace("+", "").replace("−", "-").replace(",", ""))
        for text in dialog.locator("tbody td.num").all_inner_texts()
    ]
    total = dialog.locator("tfoot td").inner_text().split()[0].replace(",", "")
    assert sum(figures) == int(total)
