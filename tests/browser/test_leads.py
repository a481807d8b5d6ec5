"""What a script does on the pages of leads: figures and reasons in dialogs, and the three choices of a conversion."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

SignIn = Callable[..., Page]
Check = Callable[[], None]


def test_a_score_opens_to_its_terms_without_leaving_the_page(sign_in_as: SignIn) -> None:
    page = sign_in_as("manager")
    page.goto("/pipeline/leads/1")
    page.locator(".stat").first.click()
    dialog = page.locator("dialog#dialog")
    expect(dialog).to_contain_text("Decides on purchases")
    shown = int(page.locator(".stat-value").first.inner_text())
    terms = [int(text) for text in dialog.locator("tbody td.num").all_inner_texts()]
    assert sum(terms) == shown
    assert page.url.endswith("/pipeline/leads/1")


def test_giving_up_without_a_reason_keeps_the_dialog_and_what_was_typed(sign_in_as: SignIn) -> None:
    page = sign_in_as("manager")
    page.goto("/pipeline/leads/1")
    page.get_by_role("link", name="Disqualify").click()
    dialog = page.locator("dialog#dialog")
    dialog.locator("textarea[name=note]").fill("They buy elsewhere.")
    dialog.get_by_role("button", name="Disqualify").click()
    expect(dialog).to_contain_text("Choose a reason.")
    expect(dialog.locator("textarea[name=note]")).to_have_value("They buy elsewhere.")
    dialog.locator("select[name=reason]").select_option(label="No need")
    dialog.get_by_role("button", name="Disqualify").click()
    expect(page.locator("main h1")).to_contain_text("苏州恒远")
    expect(page.locator("main")).to_contain_text("No need: They buy elsewhere.")
    page.get_by_role("button", name="Reopen").click()
    expect(page.get_by_role("link", name="Convert")).to_be_visible()


def test_a_lead_is_converted_with_the_choices_that_show_what_they_need(sign_in_as: SignIn) -> None:
    page = sign_in_as("manager")
    page.goto("/pipeline/leads/1/convert")
    expect(page.locator("input[name=existing_customer_id_text]")).not_to_be_visible()
    page.locator("input[name=customer][value=existing]").check()
    picker = page.locator("input[name=existing_customer_id_text]")
    picker.press_sequentially("lanhai")
    page.locator("#existing_customer_id_list .option", has_text="深圳市蓝海食品有限公司").click()
    expect(picker).to_have_value("深圳市蓝海食品有限公司")
    page.locator("input[name=opportunity][value=none]").check()
    expect(page.locator("input[name=deal_name]")).not_to_be_visible()
    page.locator("input[name=opportunity][value=new]").check()
    page.locator("input[name=deal_name]").fill("Two machining centres")
    page.locator("input[name=amount]").fill("250000")
    page.get_by_role("button", name="Convert").click()
    expect(page.locator("main h1")).to_contain_text("Two machining centres")
    expect(page.locator("main")).to_contain_text("深圳市蓝海食品有限公司")
    expect(page.locator("#people")).to_contain_text("沈志远")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_of_leads_are_accessible(sign_in_as: SignIn, accessible: Check, scheme: str) -> None:
    page = sign_in_as("manager")
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    for path in ("/pipeline/leads", "/pipeline/leads/2", "/pipeline/leads/2/convert", "/pipeline/setup/leads",
                 "/pipeline/setup/rules/assignment/new", "/pipeline/leads/new", "/pipeline/contact-us"):  # fmt: skip
        page.goto(path)
        accessible()
