"""Deals from a file, with own fields, and the way back."""

import re
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from erpcrm.catalog.services import create_product
from erpcrm.core.fields.definitions import create_field
from erpcrm.core.jobs import run_pending
from erpcrm.core.registry import record_type
from erpcrm.pipeline import services
from erpcrm.pipeline.models import Opportunity, OpportunityHistory, OpportunityLine
from tests.factories.customers import a_customer
from tests.factories.opportunities import a_deal, stage_called
from tests.pipeline.people import *  # noqa: F403
from tests.wizard import Wizard

FILE = """Opportunity ID,Name,Account,Stage,Amount,Close Date,Product,Sales Agent,Next Step,Budget code
D-1,Two lathes,Nordlicht GmbH,Proposal,"12,000.50",2026-12-24,GTX Pro,Anna Berg,Call,B-1
D-2,,Nordlicht GmbH,Won,900,2026-02-03,GTX Pro,Anna Berg,,B-2
D-3,Lost one,,Lost,70,2026-02-04,,Anna Berg,,
"""


@pytest.fixture
def wizard(app, as_manager, session, manager, colleague, pipeline):
    a_customer(manager, name="Nordlicht GmbH", code="NL")
    create_product({"name": "GTX Pro", "price": Decimal(5), "currency": "CNY", "unit": "pcs"}, by=manager)
    create_field(record_type("opportunity"), {"label": "Budget code", "kind": "text"})
    session.commit()
    return Wizard(as_manager, app)


def bring(wizard, text=FILE):
    wizard.upload(text, "opportunity", "deals.csv")
    if wizard.columns().endswith("/words"):
        wizard.words()
    wizard.start()
    return wizard


def by_code(session, code):
    return session.scalars(select(Opportunity).where(Opportunity.code == code)).one()


def test_rows_become_deals_with_their_stage_amount_product_owner_and_own_fields(wizard, session, colleague):
    assert bring(wizard).counts() == (3, 0, 0, 0)
    deal = by_code(session, "D-1")
    assert (deal.name, deal.stage.name, deal.status, deal.customer.code) == ("Two lathes", "Proposal", "open", "NL")
    assert (deal.amount, deal.base_amount, deal.expected_close) == (Decimal("12000.50"),) * 2 + (date(2026, 12, 24),)
    assert (deal.owner_id, deal.team_id, deal.next_step) == (colleague.id, colleague.team_id, "Call")
    assert dict(deal.custom) == {"budget_code": "B-1"}
    line = session.scalars(select(OpportunityLine).where(OpportunityLine.opportunity_id == deal.id)).one()
    assert (line.product.name, line.quantity, line.amount) == ("GTX Pro", Decimal(1), Decimal("12000.50"))
    won, lost = by_code(session, "D-2"), by_code(session, "D-3")
    assert (won.name, won.status, won.closed_on, won.expected_close) == (
        "GTX Pro – Nordlicht GmbH", "won", date(2026, 2, 3), None,
    )  # fmt: skip
    assert (lost.status, lost.closed_on, lost.customer_id) == ("lost", date(2026, 2, 4), None)


def test_an_imported_deal_begins_its_history_like_any_other(wizard, session):
    bring(wizard)
    rows = session.scalars(select(OpportunityHistory)).all()
    assert [row.changed for row in rows] == [["created"]] * 3
    assert {row.status for row in rows} == {"open", "won", "lost"}


def test_a_second_file_changes_what_it_names_and_the_history_says_what(wizard, session):
    bring(wizard)
    second = "Opportunity ID,Stage,Amount,Budget code\nD-1,Negotiation,13000,B-9\nD-2,Proposal,900,B-2\nD-3,Lost,70,\n"
    wizard.upload(second, "opportunity", "deals.csv")
    sent = wizard.form("/columns") | {"mode": "update", "match": "code"}
    if wizard.post("/columns", sent).endswith("/words"):
        wizard.words()
    wizard.start()
    deal = by_code(session, "D-1")
    assert (deal.stage.name, deal.amount, dict(deal.custom)) == ("Negotiation", Decimal(13000), {"budget_code": "B-9"})
    assert (deal.name, deal.next_step) == ("Two lathes", "Call"), "what the file does not name stays"
    assert [line.amount for line in deal.lines] == [Decimal(13000)], "the line came with the amount and goes with it"
    rows = session.scalars(select(OpportunityHistory).where(OpportunityHistory.opportunity_id == deal.id)).all()
    assert {name for row in rows[1:] for name in row.changed} == {"stage_id", "amount", "base_amount"}
    assert by_code(session, "D-2").status == "won", "a file does not reopen what has ended"
    assert wizard.counts()[3] == 1
    unchanged = by_code(session, "D-3")
    count = select(func.count()).where(OpportunityHistory.opportunity_id == unchanged.id)
    assert session.scalar(count) == 1, "a file that says the same is no change"


def test_an_amount_that_contradicts_the_lines_is_a_bad_row(wizard, session, manager):
    deal = a_deal(manager, code="D-7")
    for price in (100, 50):
        services.save_line(deal, None, {"text": "Part", "quantity": Decimal(2), "price": Decimal(price)}, manager)
    session.commit()
    wizard.upload("Opportunity ID,Amount\nD-7,77\n", "opportunity", "deals.csv")
    wizard.post("/columns", wizard.form("/columns") | {"mode": "update", "match": "code"})
    assert "adds up from its lines" in wizard.get()
    assert by_code(session, "D-7").amount == Decimal(300)


def test_one_click_takes_the_whole_import_back(wizard, session):
    bring(wizard)
    wizard.post("/undo")
    run_pending()
    session.expire_all()
    assert session.scalars(select(Opportunity)).all() == []
    assert session.scalars(select(OpportunityHistory)).all() == []
    assert session.scalars(select(OpportunityLine)).all() == []


def test_a_deal_that_was_touched_since_stands_in_the_way_of_undoing(wizard, session, manager):
    bring(wizard)
    services.update_opportunity(by_code(session, "D-1"), {"next_step": "Mine"}, manager)
    session.commit()
    wizard.client.post(f"/imports/{wizard.id}/undo")
    run_pending()
    session.expire_all()
    assert by_code(session, "D-1").next_step == "Mine"


def test_a_seller_does_not_import_deals(as_seller):
    answer = as_seller.get("/imports/new?kind=opportunity")
    assert 'value="opportunity"' not in answer.text


def test_without_a_stage_a_deal_begins_at_the_beginning(wizard, session, manager):
    bring(wizard, "Opportunity ID,Name\nD-1,Plain\n")
    deal = by_code(session, "D-1")
    assert (deal.stage_id, deal.owner_id, deal.currency) == (stage_called("Prospecting").id, manager.id, "CNY")


def test_stages_are_offered_in_the_readers_language_and_known_in_both(wizard, session, manager):
    manager.language = "zh"
    session.commit()
    wizard.upload("编号,名称,阶段\nD-1,甲,Proposal\nD-2,乙,方案报价\nD-3,丙,开头\n", "opportunity", "deals.csv")
    wizard.columns()
    wizard.get("/words")
    offered = re.findall(r'<option value="use:\d+"[^>]*>([^<]+)<', wizard.page)
    assert offered == [stage.name_zh for stage in stage_called("Proposal").pipeline.stages]
    wizard.words(开头=f"use:{stage_called('Prospecting').id}")
    wizard.start()
    session.expire_all()
    found = [by_code(session, code).stage.name for code in ("D-1", "D-2", "D-3")]
    assert found == ["Proposal", "Proposal", "Prospecting"]
