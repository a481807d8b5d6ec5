"""Winning, losing and reopening a deal."""

from decimal import Decimal

import pytest
from sqlalchemy import select

from erpcrm.core.audit import AuditEntry
from erpcrm.core.errors import Refused
from erpcrm.core.i18n import today
from erpcrm.core.moves import make_move
from erpcrm.pipeline import services
from erpcrm.pipeline.models import OPPORTUNITY_FLOW, Opportunity
from tests.factories.customers import a_customer
from tests.factories.opportunities import a_deal
from tests.pipeline.people import *  # noqa: F403


@pytest.fixture
def ready(seller, pipeline, session):
    """A deal with all that the gates ask for."""
    customer = a_customer(seller)
    deal = a_deal(seller, customer_id=customer.id, amount=Decimal(9000), expected_close=today())
    session.commit()
    return deal


def now_is(session, deal):
    found = session.get(Opportunity, deal.id)
    return found.status, found.closed_on, found.loss_reason


def test_a_deal_is_won_today(as_seller, session, ready):
    page = as_seller.get(f"/pipeline/opportunities/{ready.id}/win").text
    assert "9,000.00" in page
    answer = as_seller.post(f"/pipeline/opportunities/{ready.id}/win", data={"version": ready.version})
    assert answer.status_code == 303
    assert now_is(session, ready) == ("won", today(), None)


def test_winning_asks_for_all_that_any_stage_wants_and_keeps_what_was_typed(as_seller, session, deal, seller):
    customer = a_customer(seller)
    session.commit()
    url = f"/pipeline/opportunities/{deal.id}/win"
    sent = {"version": deal.version, "amount": "1.200,x", "expected_close": "2026-12-01"}
    answer = as_seller.post(url, data=sent)
    assert answer.status_code == 422
    assert 'value="1.200,x"' in answer.text
    assert "This is not a number." in answer.text
    assert now_is(session, deal)[0] == "open"
    whole = {"amount": "1200", "customer": customer.id, "customer_text": customer.name}
    assert as_seller.post(url, data=sent | whole).status_code == 303
    won = session.get(Opportunity, deal.id)
    assert (won.status, won.amount, won.customer_id) == ("won", Decimal(1200), customer.id)


def test_losing_asks_for_the_reason(as_seller, session, ready):
    url = f"/pipeline/opportunities/{ready.id}/lose"
    answer = as_seller.post(url, data={"version": ready.version, "note": "They bought used"})
    assert answer.status_code == 422
    assert "Choose why the deal was lost." in answer.text
    assert "They bought used" in answer.text
    assert now_is(session, ready)[0] == "open"
    sent = {"version": ready.version, "loss_reason": "price", "note": "They bought used"}
    assert as_seller.post(url, data=sent).status_code == 303
    assert now_is(session, ready) == ("lost", today(), "price")
    with pytest.raises(Refused):
        make_move(a_deal(ready.owner), "lose", by=ready.owner)


def test_losing_asks_nothing_that_a_stage_asks_for(as_seller, session, deal):
    sent = {"version": deal.version, "loss_reason": "no_budget"}
    assert as_seller.post(f"/pipeline/opportunities/{deal.id}/lose", data=sent).status_code == 303
    assert now_is(session, deal)[0] == "lost"


def test_the_trail_tells_the_reason_for_losing_in_words(as_seller, session, ready, seller, trail):
    services.lose(ready, "no_budget", seller)
    session.commit()
    lines = trail(ready)
    told = {change.label: change.new for line in lines if line.action == "changed" for change in line.changes}
    assert told["Reason for losing"] == "No budget"
    assert [line.reason for line in lines] == [None] * len(lines), "the list's value is no sentence of anybody's"
    assert "no_budget" not in as_seller.get(f"/pipeline/opportunities/{ready.id}").text


@pytest.mark.parametrize("end", ["won", "lost"])
def test_a_closed_deal_is_reopened_with_a_reason_where_it_was(as_seller, session, ready, seller, end):
    if end == "won":
        services.win(ready, {}, seller)
    else:
        services.lose(ready, "price", seller, "Too dear")
    session.commit()
    url, stage = f"/pipeline/opportunities/{ready.id}/reopen", ready.stage_id
    answer = as_seller.post(url, data={"version": ready.version, "reason": " "})
    assert answer.status_code == 422
    assert "Say why." in answer.text
    assert as_seller.post(url, data={"version": ready.version, "reason": "Budget is back"}).status_code == 303
    assert now_is(session, ready) == ("open", None, None)
    assert session.get(Opportunity, ready.id).stage_id == stage
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "reopen")).one()
    assert (entry.changes, entry.reason) == ({"status": [end, "open"]}, "Budget is back")


def test_an_end_is_reached_once(as_seller, session, ready):
    version = ready.version
    assert as_seller.post(f"/pipeline/opportunities/{ready.id}/win", data={}).status_code == 303
    for move, data in (("win", {}), ("lose", {"loss_reason": "price"})):
        answer = as_seller.post(f"/pipeline/opportunities/{ready.id}/{move}", data=data)
        assert answer.status_code == 409
        assert "This is Won now" in answer.text
    late = as_seller.post(
        f"/pipeline/opportunities/{ready.id}/reopen", data={"version": version, "reason": "I looked before it was won"}
    )
    assert late.status_code == 409
    assert now_is(session, ready)[0] == "won"


def test_the_page_of_a_closed_deal_offers_to_reopen_it_and_nothing_else(as_seller, session, ready, seller):
    services.lose(ready, "price", seller)
    session.commit()
    text = as_seller.get(f"/pipeline/opportunities/{ready.id}").text
    assert f"/pipeline/opportunities/{ready.id}/reopen" in text
    assert f"/pipeline/opportunities/{ready.id}/win" not in text
    assert f"/pipeline/opportunities/{ready.id}/lines/new" not in text


def test_every_state_is_reached_and_left():
    assert {move.target for move in OPPORTUNITY_FLOW.moves} == {"open", "won", "lost"}
    assert {source for move in OPPORTUNITY_FLOW.moves for source in move.sources} == {"open", "won", "lost"}
    assert OPPORTUNITY_FLOW.move["reopen"].reason == "required"
