"""What HTMX does with a list: it answers while one types, and the address always says what is shown."""

import re

import pytest
from playwright.sync_api import expect

TITLES = ".list-table .cell-title"


def products(sign_in_as, address="/catalog/products"):
    page = sign_in_as("admin")
    page.context.add_cookies([{"name": "language", "value": "en", "url": page.url}])
    page.goto(address)
    return page


def test_the_list_answers_while_one_types_and_going_back_leaves_the_search(sign_in_as):
    page = products(sign_in_as)
    expect(page.locator(TITLES)).to_have_count(13)
    box = page.locator("#list_search input[type=search]")
    box.press_sequentially("fxj", delay=30)
    expect(page.locator(TITLES)).to_have_text(["全自动封箱机"])
    expect(box).to_have_value("fxj")
    expect(page).to_have_url(re.compile(r"/catalog/products\?q=fxj$"))
    page.reload()
    expect(page.locator(TITLES)).to_have_text(["全自动封箱机"])


def test_a_filter_is_added_in_a_dialog_kept_by_the_search_and_removed_by_its_chip(sign_in_as):
    page = products(sign_in_as)
    page.locator("[popovertarget=filter_menu]").click()
    page.locator("#filter_menu a[href*='/filter/price']").click()
    page.locator("#dialog input[name='price.min']").fill("100000")
    page.locator("#dialog input[name='price.min']").press("Enter")
    expect(page.locator(TITLES)).to_have_count(2)
    expect(page).to_have_url(re.compile(r"\?price\.min=100000$"))
    page.locator("#list_search input[type=search]").press_sequentially("PM-2", delay=30)
    expect(page).to_have_url(re.compile(r"\?q=PM-2&price\.min=100000$"))
    expect(page.locator(TITLES)).to_have_count(2)
    page.locator(".chip-remove").click()
    expect(page.locator(".chip")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"\?q=PM-2$"))
    page.locator("#list_search input[type=search]").fill("PM-20")
    expect(page.locator(TITLES)).to_have_text(["立式包装机"])


def test_a_head_sorts_and_the_back_button_sorts_back(sign_in_as):
    page = products(sign_in_as, "/catalog/products?sort=code")
    expect(page.locator(TITLES).first).to_have_text("POF收缩膜")
    page.locator(".list-table th a[href*='sort=-price']").click()
    expect(page.locator("th[aria-sort=descending]")).to_have_count(1)
    expect(page.locator(TITLES).first).to_have_text("立式包装机")
    page.go_back()
    expect(page.locator(TITLES).first).to_have_text("POF收缩膜")


def test_the_chosen_rows_are_changed_through_the_dialog(sign_in_as):
    page = products(sign_in_as, "/catalog/products?category=part")
    expect(page.locator(TITLES)).to_have_count(3)
    page.locator("[data-select-page]").check()
    page.locator(".bulk-bar button", has_text=re.compile("category|类别")).click()
    page.locator("#dialog select[name=category]").select_option("service")
    page.locator("#dialog .form-actions button.btn-primary").click()
    expect(page.locator(".empty-state")).to_be_visible()
    page.goto("/catalog/products?category=service")
    expect(page.locator(TITLES)).to_have_count(5)


def test_a_view_is_saved_and_becomes_a_tab(sign_in_as):
    page = products(sign_in_as, "/catalog/products?category=machine&sort=-price")
    page.locator(".list-tools-end a[href*='/views']").click()
    page.locator("#dialog input[name=name]").fill("Dear machines")
    page.locator("#dialog input[name=name]").press("Enter")
    expect(page.locator(".tab.active")).to_have_text("Dear machines")
    page.goto("/catalog/products")
    page.locator(".tab", has_text="Dear machines").click()
    expect(page.locator(TITLES)).to_have_count(7)


def test_an_export_is_downloaded_and_the_button_works_again(sign_in_as):
    page = products(sign_in_as)
    for _ in range(2):
        page.locator("[popovertarget=export_menu]").click()
        with page.expect_download() as download:
            page.locator("#export_menu form[action*='xlsx'] button").click()
        assert download.value.suggested_filename.endswith(".xlsx")


def test_a_phone_shows_cards_and_paper_a_table(sign_in_as):
    page = products(sign_in_as)
    page.set_viewport_size({"width": 390, "height": 800})
    expect(page.locator(".list-table tbody tr").first).to_have_css("display", "grid")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    # Paper is narrow, too, and shows the table, dark on white, without what can only be pressed.
    page.set_viewport_size({"width": 720, "height": 1000})
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.locator(".list-table tbody tr").first).to_have_css("display", "table-row")
    expect(page.locator("body")).to_have_css("background-color", "rgb(255, 255, 255)")
    expect(page.locator(".btn:visible")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_list_and_its_dialogs_are_accessible(sign_in_as, accessible, scheme):
    # Colours that are still fading are judged as they are at that moment.
    page = products(sign_in_as)
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto("/catalog/products?price.min=10&category=part&category=machine&sort=-price")
    accessible()
    page.locator(".chip-text").first.click()
    expect(page.locator("#dialog .form-actions")).to_be_visible()
    accessible()


def test_a_refusal_is_read_in_the_dialog_and_gone_with_it(sign_in_as):
    page = sign_in_as("manager")
    page.goto("/catalog/products?q=ST-100")
    page.locator(".cell-title a").first.click()
    dialog = page.locator("dialog#dialog")
    add = page.locator("main [href*='/components/new']")
    add.click()
    dialog.locator("input[name=product_id_text]").fill("ST-100")
    page.get_by_role("option").filter(has_text="ST-100").click()
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert")).to_contain_text("is a set itself")
    expect(page.locator("#notices")).to_be_empty()
    dialog.locator("[data-close]").first.click()
    expect(dialog).not_to_be_visible()
    add.click()
    expect(dialog.locator("input[name=product_id_text]")).to_be_visible()
    expect(dialog.get_by_role("alert")).to_have_count(0)
