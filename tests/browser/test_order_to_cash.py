"""The whole story, each person in turn: accepted by the link, held for credit, released, shipped in two parts, invoiced twice,
paid with one transfer, one line returned and credited."""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.test_sales import another, type_line

SignIn = Callable[[str], Page]
CUSTOMER = 7  # has a limit of 40,000, owes more than that, and nobody has put it on hold


def main(page: Page) -> Locator:
    """The one next thing of a page."""
    return page.locator(".page-actions .btn-primary")


def invoiced(page: Page, order: str) -> str:
    """What was delivered is invoiced from the order, posted, and its number told."""
    page.goto(order)
    page.locator(".page-actions").get_by_role("button", name="Invoice", exact=True).click()
    expect(page).to_have_url(re.compile(r"/finance/invoices/\d+$"))
    main(page).click()
    expect(page.locator("#due")).to_be_visible()
    return page.locator("#due tbody td").first.inner_text()


def test_from_an_offer_to_money_in_the_bank_and_back(sign_in_as: SignIn) -> None:
    page = sign_in_as("seller")
    page.set_default_timeout(7000)
    page.goto(f"/sales/quotations/new?customer={CUSTOMER}")
    type_line(page, 0, "CV-050", "1")
    type_line(page, 1, "SP-011", "10")
    page.get_by_role("button", name="Save and send").click()
    page.get_by_label("To", exact=True).fill("buyer@customer.example")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".page-head")).to_contain_text("Sent")
    quotation = page.url
    page.goto(re.sub(r"^https?://[^/]+", "", page.locator("#link a").get_attribute("href") or ""))
    page.locator("[name=name]").first.fill("Zhao Lei")
    page.locator("[name=agreed]").check()
    page.locator("#accept button").last.click()
    expect(page.locator(".alert").first).to_be_visible()

    page.goto(quotation)
    main(page).click()
    expect(page.locator(".page-head")).to_contain_text("Waiting for credit")
    order = page.url
    main(page).click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("Why").fill("Their line stands still.")
    dialog.locator(".form-actions .btn-primary").click()
    expect(page).to_have_url(re.compile(r"/credit/applications/\d+$"))
    number = page.locator("h1").inner_text().split()[0]

    page = another("controller", page, sign_in_as)
    page.goto("/credit/applications")
    page.locator(".credit-card", has_text=number).get_by_role("link", name="Look and decide").click()
    page.locator("#dialog").get_by_role("button", name="Approve").click()
    expect(page.locator(".credit-card", has_text=number)).to_have_count(0)
    page.goto(order)
    expect(page.locator("h1")).to_contain_text("Confirmed")
    exposure = page.locator("#panel_order_credit")
    before = exposure.locator("tr", has_text="Exposure").inner_text()
    shipped_of = exposure.locator("tr", has_text="Shipped, not invoiced")
    shipped_before = shipped_of.inner_text().replace("\t", "")

    # One line waits while the other leaves: two deliveries.
    page = another("admin", page, sign_in_as)
    first = ""
    for part in (1, 2):
        page.goto(order)
        rows = page.locator("#progress tbody tr")
        if part == 1:
            rows.nth(1).get_by_role("button").click()
            page.get_by_role("button", name="Put on hold", exact=True).click()
        else:
            rows.nth(1).get_by_role("button").click()
            page.get_by_role("button", name="Release", exact=True).click()
        page.get_by_role("button", name="Deliver", exact=True).click()
        expect(page).to_have_url(re.compile(r"/inventory/deliveries/\d+$"))
        main(page).click()
        expect(page.locator(".page-head")).to_contain_text("Shipped")
        delivery = page.url
        first = invoiced(page, order) if part == 1 else first
    second = invoiced(page, order)
    assert first != second
    page.goto(order)
    expect(page.locator("h1")).to_contain_text("Closed")
    expect(exposure.locator("tr", has_text="Exposure")).to_have_text(re.compile(re.escape(before.split()[-1])))
    expect(shipped_of).to_have_text(shipped_before)

    page.get_by_role("link", name="Enter a payment").click()
    for invoice in (first, second):
        expect(page.get_by_label(f"Settles of {invoice}")).not_to_have_value("")
    page.get_by_role("button", name="Book", exact=True).click()
    expect(page.locator("#allocations tbody tr")).to_have_count(2)
    expect(page.locator(".stat", has_text="Not allocated")).to_have_text(re.compile(r"\D0(\.00)?$"))

    page.goto(delivery)
    page.get_by_role("link", name="Take goods back").click()
    page.get_by_label("Reason").fill("Wrong size")
    page.locator("[name^=quantity_]").fill("10")
    page.get_by_role("button", name="Take goods back").click()
    main(page).click()
    expect(page).to_have_url(re.compile(r"/finance/invoices/\d+$"))
    expect(page.locator("#lines tbody tr")).to_have_count(1)
    main(page).click()
    expect(page.locator(".page-head")).not_to_contain_text("Draft")
    credited = page.locator("#due tbody td.num").first.inner_text()
    page.goto(order)
    settles_nothing = exposure.locator("tr", has_text="settle nothing yet")
    expect(settles_nothing).to_contain_text(credited.lstrip("-"))
    expect(page.locator("#progress tbody tr").nth(1)).to_contain_text("10")
    page.goto("/finance/trial-balance")
    foot = page.locator("tfoot td.num").all_inner_texts()
    assert foot[0] == foot[1], foot
