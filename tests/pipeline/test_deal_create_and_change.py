"""Creating and changing a deal through its form."""

import re
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from erpcrm.company.services import set_rate
from erpcrm.core.audit import AuditEntry
from erpcrm.core.errors import NotAllowed
from erpcrm.core.fields.definitions import create_field
from erpcrm.core.notifications import Notification
from erpcrm.core.registry import record_type
from erpcrm.pipeline.models import Opportunity
from erpcrm.pipeline.services import create_opportunity, update_opportunity
from tests.factories.customers import a_customer
from tests.factories.opportunities import a_deal, stage_called
from tests.pipeline.people import *  # noqa: F403


def only(session):
    return session.scalars(select(Opportunity)).one()


def form(deal=None, **values):
    """What the form of a deal sends, with some of it changed."""
    if deal is None:
        return {"name": "Press line", "stage_id": stage_called("Prospecting").id, "currency": "CNY"} | values
    shown = {name: getattr(deal, name) for name in ("name", "stage_id", "amount", "currency", "expected_close")}
    shown |= {"customer_id": deal.customer_id, "owner_id": deal.owner_id, "version": deal.version}
    return {name: "" if value is None else value for name, value in (shown | values).items()}


def test_a_deal_is_created_without_a_customer_and_stands_in_the_first_stage(as_seller, session, seller, pipeline):
    answer = as_seller.post("/pipeline/opportunities", data=form(owner_id=seller.id))
    assert answer.status_code == 303
    deal = only(session)
    assert answer.location == f"/pipeline/opportunities/{deal.id}"
    assert (deal.code, deal.status, deal.customer_id) == ("O-00001", "open", None)
    assert (deal.stage_id, deal.pipeline_id) == (pipeline.stages[0].id, pipeline.id)
    assert (deal.owner_id, deal.team_id) == (seller.id, seller.team_id)
    assert "Press line" in as_seller.get(answer.location).text


def test_a_deal_entered_without_an_owner_belongs_to_whoever_enters_it(as_seller, session, seller):
    answer = as_seller.post("/pipeline/opportunities", data=form(owner_id=""))
    assert only(session).owner_id == seller.id
    assert as_seller.get(answer.location).status_code == 200


def test_the_form_of_a_new_deal_knows_the_customer_it_was_opened_from(as_seller, session, seller):
    customer = a_customer(seller, name="Nordlicht GmbH", currency="EUR")
    session.commit()
    text = as_seller.get(f"/pipeline/opportunities/new?customer={customer.id}").text
    assert "Nordlicht GmbH" in text
    assert '<option selected value="EUR">' in text


def test_a_customer_of_somebody_else_is_no_customer_for_a_new_deal(as_seller, session, outsider):
    theirs = a_customer(outsider)
    session.commit()
    answer = as_seller.post("/pipeline/opportunities", data=form(customer_id=theirs.id, customer_id_text=theirs.name))
    assert answer.status_code == 422
    assert session.scalar(select(func.count(Opportunity.id))) == 0


def test_what_is_wrong_is_said_beside_the_field_and_nothing_typed_is_lost(as_seller, session):
    answer = as_seller.post("/pipeline/opportunities", data=form(name="", amount="-5", next_step="Call Lin"))
    assert answer.status_code == 422
    assert "Give the deal a name." in answer.text
    assert "At least 0." in answer.text
    assert 'value="Call Lin"' in answer.text
    assert session.scalar(select(func.count(Opportunity.id))) == 0


def test_a_deal_cannot_begin_behind_a_gate_without_what_the_gate_asks_for(as_seller, session, seller):
    late = stage_called("Negotiation").id
    answer = as_seller.post("/pipeline/opportunities", data=form(stage_id=late, next_step="Call Lin"))
    assert answer.status_code == 422
    assert "This stage asks for: Customer, Amount." in answer.text
    assert answer.text.count("The stage asks for this.") == 2 * 2, "in the summary and beside the field"
    assert 'value="Call Lin"' in answer.text
    customer = a_customer(seller)
    session.commit()
    known = {"customer_id": customer.id, "customer_id_text": customer.name, "amount": "1,000.50"}
    assert as_seller.post("/pipeline/opportunities", data=form(stage_id=late, **known)).status_code == 303
    assert (only(session).stage_id, only(session).amount) == (late, Decimal("1000.50"))


def test_a_second_tap_on_save_creates_one_deal(as_seller, session):
    first = as_seller.post("/pipeline/opportunities", data=form(_key="tapped-twice"))
    second = as_seller.post("/pipeline/opportunities", data=form(_key="tapped-twice"))
    assert second.location == first.location == f"/pipeline/opportunities/{only(session).id}"


def test_a_change_is_saved_and_stands_in_the_audit_trail(as_seller, session, deal):
    answer = as_seller.post(f"/pipeline/opportunities/{deal.id}", data=form(deal, name="Three lathes", amount="30000"))
    assert answer.status_code == 303
    assert (only(session).name, only(session).amount) == ("Three lathes", Decimal(30000))
    entry = session.scalars(
        select(AuditEntry).where(AuditEntry.record_type == "opportunity", AuditEntry.action == "changed")
    ).one()
    assert entry.changes["name"] == ["Two lathes", "Three lathes"]


def test_an_edit_of_an_outdated_version_shows_both_and_changes_nothing(as_seller, session, deal, manager):
    sent = form(deal, name="Mine")
    update_opportunity(deal, {"name": "Theirs"}, manager)
    answer = as_seller.post(f"/pipeline/opportunities/{deal.id}", data=sent)
    assert answer.status_code == 409
    assert "Mine" in answer.text
    assert "Theirs" in answer.text
    assert only(session).name == "Theirs"


def test_the_form_cannot_carry_a_deal_past_a_gate(as_seller, session, deal):
    sent = form(deal, stage_id=stage_called("Proposal").id, name="Renamed")
    answer = as_seller.post(f"/pipeline/opportunities/{deal.id}", data=sent)
    assert answer.status_code == 422
    assert "This stage asks for: Customer." in answer.text
    assert 'value="Renamed"' in answer.text
    assert only(session).stage_id == stage_called("Prospecting").id
    assert only(session).name == "Two lathes"


def test_the_form_may_fill_what_the_gate_asks_for_and_move_in_one_go(as_seller, session, deal, seller):
    customer = a_customer(seller)
    session.commit()
    sent = form(deal, stage_id=stage_called("Proposal").id, customer_id=customer.id, customer_id_text=customer.name)
    assert as_seller.post(f"/pipeline/opportunities/{deal.id}", data=sent).status_code == 303
    assert only(session).stage_id == stage_called("Proposal").id


@pytest.mark.parametrize("change", [{"amount": "999"}, {"currency": "USD"}])
def test_a_closed_deal_keeps_what_it_was_closed_with(as_seller, session, seller, change):
    set_rate("USD", date(2020, 1, 1), Decimal(7))
    deal = a_deal(seller, amount=Decimal(500))
    deal.status = "won"
    session.commit()
    answer = as_seller.post(f"/pipeline/opportunities/{deal.id}", data=form(deal, **change))
    assert answer.status_code == 409
    assert "Reopen it before you change" in answer.text
    assert (only(session).amount, only(session).currency) == (Decimal(500), "CNY")
    assert as_seller.post(f"/pipeline/opportunities/{deal.id}", data=form(deal, name="Renamed")).status_code == 303


def test_the_new_owner_is_told_and_the_deal_goes_to_that_team(as_manager, session, deal, outsider):
    sent = form(deal, owner_id=outsider.id, owner_id_text=outsider.name)
    answer = as_manager.post(f"/pipeline/opportunities/{deal.id}", data=sent)
    assert answer.location == "/pipeline/opportunities", "the deal's own page would say that nothing is there"
    assert (only(session).owner_id, only(session).team_id) == (outsider.id, outsider.team_id)
    notice = session.scalars(select(Notification)).one()
    assert (notice.user_id, notice.text) == (outsider.id, "Max Manager gave you the opportunity Two lathes")
    assert as_manager.get(f"/pipeline/opportunities/{deal.id}").status_code == 404


def test_a_stale_edit_shows_both_versions_in_words(as_manager, session, deal, manager, outsider):
    sent = form(deal, owner_id=outsider.id, owner_id_text=outsider.name, stage_id=stage_called("Proposal").id)
    update_opportunity(deal, {"name": "Three lathes", "amount": Decimal("1250.5")}, manager)
    session.commit()
    answer = as_manager.post(f"/pipeline/opportunities/{deal.id}", data=sent)
    assert answer.status_code == 409
    table = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text.partition("<tbody>")[2].partition("</tbody>")[0]))
    for words in (
        "Name differs Two lathes Three lathes", "Owner differs Otto Outsider 王芳", "Amount differs – 1,250.5",
        "Stage differs Proposal Prospecting", "Currency CNY CNY",
    ):  # fmt: skip
        assert words in table


def test_who_may_not_assign_gives_no_deal_away(as_seller, session, deal, seller, outsider):
    address = f"/pipeline/opportunities/{deal.id}"
    for page in (f"{address}/edit", "/pipeline/opportunities/new"):
        assert 'name="owner_id"' not in as_seller.get(page).text
    given = {"owner_id": outsider.id, "owner_id_text": outsider.name}
    assert as_seller.post(address, data=form(deal, name="Renamed", **given)).status_code == 303
    sent = {"ids": [deal.id], "confirmed": "1", **given}
    assert as_seller.post("/lists/opportunity/bulk/assign?at=/pipeline/opportunities", data=sent).status_code == 403
    as_seller.post("/pipeline/opportunities", data=form(name="Another", **given))
    deals = session.scalars(select(Opportunity)).all()
    assert {(one.name, one.owner_id) for one in deals} == {("Renamed", seller.id), ("Another", seller.id)}
    for change in ({"owner_id": outsider.id}, {"owner_id": None}, {"team_id": outsider.team_id}):
        with pytest.raises(NotAllowed):
            update_opportunity(deal, change, seller)


def test_a_deal_takes_the_currency_of_its_customer_and_the_rate_of_its_day(session, seller, pipeline):
    set_rate("EUR", date(2020, 1, 1), Decimal("7.8"))
    customer = a_customer(seller, currency="EUR")
    deal = create_opportunity({"name": "Abroad", "customer_id": customer.id, "amount": Decimal("100.05")}, seller)
    assert (deal.currency, deal.rate, deal.base_amount) == ("EUR", Decimal("7.8"), Decimal("780.39"))
    set_rate("EUR", date(2020, 6, 1), Decimal(9))
    older = {"name": "Older", "currency": "EUR", "amount": Decimal(10), "opened_on": date(2020, 3, 1)}
    assert create_opportunity(older, seller).base_amount == Decimal(78)
    update_opportunity(deal, {"currency": "CNY"}, seller)
    assert (deal.rate, deal.base_amount) == (Decimal(1), Decimal("100.05"))


def test_an_amount_is_rounded_half_up_to_the_digits_of_its_currency(session, seller, pipeline):
    set_rate("JPY", date(2020, 1, 1), Decimal("0.05"))
    deal = create_opportunity({"name": "Yen", "currency": "JPY", "amount": Decimal("1000.5")}, seller)
    assert (deal.amount, deal.base_amount) == (Decimal(1001), Decimal("50.05"))


def test_a_currency_without_a_rate_is_refused_with_the_way_out(as_seller, session):
    answer = as_seller.post("/pipeline/opportunities", data=form(currency="USD", amount="5"))
    assert answer.status_code == 409
    assert "There is no exchange rate for USD" in answer.text
    assert "/company/currencies" in answer.text
    assert session.scalar(select(func.count(Opportunity.id))) == 0


def test_own_fields_are_in_the_form_on_the_page_and_in_the_list(as_seller, session):
    create_field(record_type("opportunity"), {"label": "Machine park", "kind": "text", "key": "park"})
    session.commit()
    as_seller.post("/pipeline/opportunities", data=form(custom_machine_park="12 lathes"))
    deal = only(session)
    assert dict(deal.custom) == {"machine_park": "12 lathes"}
    assert "12 lathes" in as_seller.get(f"/pipeline/opportunities/{deal.id}").text
    assert "12 lathes" in as_seller.get("/pipeline/opportunities?cols=name,custom_machine_park").text
    assert "Press line" in as_seller.get("/pipeline/opportunities?custom_machine_park.has=12").text
    assert "Press line" not in as_seller.get("/pipeline/opportunities?custom_machine_park.has=none").text


def test_a_customer_that_the_reader_may_not_see_is_not_named_and_survives_an_edit(as_seller, session, seller, outsider):
    hidden = a_customer(outsider, name="Secret Ltd")
    deal = a_deal(seller, customer_id=hidden.id)
    session.commit()
    for path in ("/pipeline/board", "/pipeline/opportunities", f"/pipeline/opportunities/{deal.id}"):
        text = as_seller.get(path).text
        assert deal.name in text
        assert "Secret Ltd" not in text
    sent = form(deal, name="Renamed", customer_id_text=f"#{hidden.id}")
    assert as_seller.post(f"/pipeline/opportunities/{deal.id}", data=sent).status_code == 303
    assert (only(session).name, only(session).customer_id) == ("Renamed", hidden.id)
