"""From a customer's page to a sent quotation and its order: few clicks, by keyboard alone, without a script; and the customer's link."""

import re
from collections.abc import Callable

from playwright.sync_api import Browser, Locator, Page, expect

SignIn = Callable[[str], Page]
BLADES, CASE_SEALER = "封切刀片", "PM-100"


class Clicks:
    """Presses things, and counts how often."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, what: Locator) -> None:
        self.count += 1
        what.click()


def another(name: str, page: Page, sign_in_as: SignIn) -> Page:
    """The next person sits down at the same browser."""
    page.context.clear_cookies()
    return sign_in_as(name)


def type_line(page: Page, place: int, product: str, quantity: str) -> None:
    """By keyboard: the product, then what comes after it."""
    box = page.locator(f"[name=lines-{place}-product_id_text]")
    box.focus()
    box.press_sequentially(product, delay=20)
    expect(page.locator(f"#lines-{place}-product_id_list [role=option]").first).to_be_visible()
    box.press("Enter")
    expect(page.locator(f"[name=lines-{place}-price]")).not_to_have_value("")
    amount = page.locator(f"[name=lines-{place}-quantity]")
    amount.fill(quantity)
    amount.press("Tab")
    expect(page.locator(f"#line_{place} .line-amount .num")).not_to_be_empty()


def test_from_a_customer_to_an_order_in_few_clicks(sign_in_as: SignIn, accessible: Callable[[], None]) -> None:
    page = sign_in_as("seller")
    page.goto("/customers/1")
    click = Clicks()
    click(page.get_by_role("link", name="New quotation"))
    type_line(page, 0, BLADES, "120")
    expect(page.locator("#line_0")).to_contain_text("from 100 pcs")
    expect(page.locator("#lines .sums-total")).to_contain_text("36,340.80")  # 120 x 268, and 13 percent
    accessible()
    click(page.get_by_role("button", name="Save and send"))
    expect(page.get_by_label("To", exact=True)).to_have_value("lin.zhiyuan@lanhai-food.example")
    click(page.get_by_role("button", name="Send", exact=True))
    expect(page.locator(".page-head")).to_contain_text("Sent")
    assert click.count <= 3
    click = Clicks()
    click(page.get_by_role("button", name="Accepted: order"))
    expect(page.locator(".page-head")).to_contain_text("Confirmed")
    expect(page).to_have_url(re.compile(r"/sales/orders/\d+$"))
    assert click.count == 1
    accessible()
    # Two others go on: the seller is told who, and each has one button for it.
    order = page.url
    expect(page.locator(".next-line")).to_contain_text("Deliver")
    page = another("storekeeper", page, sign_in_as)
    page.goto(order)
    click = Clicks()
    click(page.locator(".page-actions .btn-primary"))
    expect(page).to_have_url(re.compile(r"/inventory/deliveries/\d+$"))
    assert click.count == 1
    accessible()
    click(page.locator(".page-actions .btn-primary"))
    expect(page.locator(".page-head")).to_contain_text("Shipped")
    delivery = page.url
    page = another("accountant", page, sign_in_as)
    page.goto(delivery)
    click = Clicks()
    click(page.locator(".page-actions .btn-primary"))
    expect(page).to_have_url(re.compile(r"/finance/invoices/\d+$"))
    expect(page.locator("#lines")).to_contain_text("36,340.80")
    assert click.count == 1


def test_lines_are_typed_by_keyboard_alone(sign_in_as: SignIn) -> None:
    page = sign_in_as("seller")
    page.goto("/sales/quotations/new?customer=1")
    type_line(page, 0, CASE_SEALER, "2")
    expect(page.locator("[name=lines-0-unit]")).to_be_focused()
    for _ in range(2):
        page.keyboard.press("Tab")
    expect(page.locator("[name=lines-0-discount]")).to_be_focused()
    page.keyboard.type("15")
    page.keyboard.press("Tab")
    expect(page.locator("#lines")).to_contain_text("has to be approved before it is sent")
    expect(page.locator("[name=lines-0-tax_id]")).to_be_focused()
    type_line(page, 1, BLADES, "3")
    drop = page.locator("#line_0 .line-drop")
    drop.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#line_0")).to_have_count(0)
    expect(page.locator("[name=lines-1-quantity]")).to_have_value("3")
    expect(page.locator("#lines")).not_to_contain_text("has to be approved")
    page.locator("[name=lines-1-quantity]").focus()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".page-head")).to_contain_text("Draft")


def test_a_wrong_quantity_is_told_at_once_and_stays(sign_in_as: SignIn) -> None:
    page = sign_in_as("seller")
    page.goto("/sales/quotations/new?customer=1")
    type_line(page, 0, BLADES, "3")
    page.locator("[name=lines-0-quantity]").fill("1.5")
    page.keyboard.press("Tab")
    expect(page.locator("#line_0 .form-error")).to_contain_text("whole numbers")
    expect(page.locator("[name=lines-0-quantity]")).to_have_value("1.5")


def test_the_customer_reads_and_accepts_on_a_phone(
    sign_in_as: SignIn, browser: Browser, base_url: str, accessible: Callable[[], None]
) -> None:
    page = sign_in_as("seller")
    page.goto("/sales/quotations?status=sent")
    page.get_by_role("link", name="Q-00003").click()
    link = page.locator("#link a").get_attribute("href") or ""
    path = re.sub(r"^https?://[^/]+", "", link)
    phone = browser.new_context(base_url=base_url, viewport={"width": 390, "height": 844}, locale="zh-CN")
    offer = phone.new_page()
    with offer.expect_response("**/seen") as told:
        offer.goto(path)
    assert told.value.status == 204
    assert offer.evaluate("document.documentElement.scrollWidth <= innerWidth")
    offer.get_by_label("可选项").check()
    offer.get_by_label("您的姓名").first.fill("刘畅")
    offer.get_by_label("我代表本公司").check()
    offer.get_by_role("button", name="以我的姓名接受").click()
    expect(offer.get_by_role("alert").or_(offer.locator(".alert"))).to_contain_text("谢谢")
    phone.close()
    page.reload()
    expect(page.locator(".page-head")).to_contain_text("Accepted")
    expect(page.locator("#facts")).to_contain_text("刘畅")
    expect(page.locator("#lines")).to_contain_text("Chosen")
    page.goto(path)
    accessible()


def test_the_whole_way_works_without_a_script(browser: Browser, base_url: str, live_server: object, page: Page) -> None:
    window = browser.new_context(base_url=base_url, java_script_enabled=False, locale="en-GB")
    plain = window.new_page()
    plain.goto("/login")
    plain.locator("[name=email]").fill("seller@demo.example")
    plain.locator("[name=password]").fill("demo-pass-1")
    plain.get_by_role("button", name="Sign in").click()
    plain.goto("/customers/1")
    plain.get_by_role("link", name="New quotation").click()
    plain.locator("[name=lines-0-product_id_text]").fill(CASE_SEALER)
    plain.locator("[name=lines-0-quantity]").fill("2")
    plain.locator("[name=lines-1-product_id_text]").fill(BLADES)
    plain.get_by_role("button", name="More lines").click()
    expect(plain.locator("[name=lines-0-price]")).to_have_value("68,000")
    plain.locator("#line_1 .line-drop").click()
    expect(plain.locator("#line_1")).to_have_count(0)
    plain.get_by_role("button", name="Save and send").click()
    plain.get_by_role("button", name="Send", exact=True).click()
    expect(plain.locator(".page-head")).to_contain_text("Sent")
    plain.goto(re.sub(r"^https?://[^/]+", "", plain.locator("#link a").get_attribute("href") or ""))
    plain.locator("[name=name]").first.fill("林志远")
    plain.locator("[name=agreed]").check()
    plain.locator("#accept button").last.click()
    expect(plain.locator(".alert")).to_be_visible()
    window.close()
