"""The controller's hour in a browser: an application is looked at and decided on the board, and the order goes on."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

SignIn = Callable[..., Page]


def english(page: Page) -> Page:
    page.context.add_cookies([{"name": "language", "value": "en", "url": page.url}])
    return page


def test_an_application_is_decided_on_the_board_and_its_order_goes_on(
    sign_in_as: SignIn, accessible: Callable[[], None]
) -> None:
    page = english(sign_in_as("controller"))
    page.goto("/credit/applications")
    card = page.locator(".credit-card", has_text="Release of one order").first
    number = card.locator(".board-line").first.inner_text().split()[0]
    accessible()
    card.get_by_role("link", name="Look and decide").click()
    dialog = page.locator("#dialog")
    expect(dialog).to_contain_text("Shipped, not invoiced")
    accessible()
    order = dialog.locator("#asked a[href*='/sales/orders/']").get_attribute("href")
    dialog.get_by_label("Conditions").fill("Half in advance next time")
    dialog.get_by_role("button", name="Reject").click()
    expect(dialog).to_contain_text("needs a reason")
    expect(dialog.get_by_label("Conditions")).to_have_value("Half in advance next time")
    dialog.get_by_role("button", name="Approve").click()
    expect(dialog).to_be_hidden()
    expect(page.locator(".credit-card", has_text=number)).to_have_count(0)
    page.goto(order or "")
    expect(page.locator("h1")).to_contain_text("Confirmed")


def test_the_pages_of_credit_are_accessible(sign_in_as: SignIn, accessible: Callable[[], None]) -> None:
    page = english(sign_in_as("controller"))
    for path in (
        "/credit/customers/7",
        "/credit/customers/1/assess",
        "/credit/risk",
        "/credit/what-if?percent=-90",
        "/credit/losses",
        "/credit/scorecards/edit",
        "/credit/setup",
    ):
        page.goto(path)
        accessible()
