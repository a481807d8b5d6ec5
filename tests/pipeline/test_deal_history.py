"""Every change of stage, amount, date, owner and state is kept, so that a deal can be seen as it was on any day."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from erpcrm.access.services.leaving import hand_over_some
from erpcrm.company.services import set_rate
from erpcrm.core.actor import acting_as
from erpcrm.core.db import now
from erpcrm.core.moves import make_move
from erpcrm.pipeline import services
from erpcrm.pipeline.models import OpportunityHistory
from erpcrm.pipeline.services.past import TRACKED
from tests.factories.customers import a_customer
from tests.factories.opportunities import a_deal, stage_called
from tests.pipeline.people import *  # noqa: F403


def rows(session, deal):
    query = select(OpportunityHistory).where(OpportunityHistory.opportunity_id == deal.id)
    return session.scalars(query.order_by(OpportunityHistory.id)).all()


def changes(session, deal):
    return [set(row.changed) for row in rows(session, deal)]


def test_a_new_deal_begins_its_history(session, deal, seller):
    (row,) = rows(session, deal)
    assert (row.changed, row.stage_id, row.status, row.by_id) == (["created"], deal.stage_id, "open", seller.id)


@pytest.mark.parametrize(
    ("values", "changed"),
    [
        ({"amount": Decimal(5)}, {"amount", "base_amount"}),
        ({"expected_close": date(2026, 12, 1)}, {"expected_close"}),
        ({"owner_id": None}, {"owner_id", "team_id"}),
        ({"currency": "EUR"}, {"currency"}),
        ({"amount": Decimal(5), "currency": "EUR"}, {"amount", "base_amount", "currency"}),
        ({"name": "Renamed", "next_step": "Call"}, None),
    ],
)
def test_one_change_is_one_row_and_other_changes_are_none(session, deal, manager, values, changed):
    set_rate("EUR", date(2020, 1, 1), Decimal("7.8"))
    session.commit()
    session.expunge_all()
    again = session.get(type(deal), deal.id)
    services.update_opportunity(again, values, manager)
    assert changes(session, deal)[1:] == ([changed] if changed else [])


def test_moves_and_ends_are_kept_with_who_made_them(session, seller, manager, pipeline):
    deal = a_deal(seller, customer_id=a_customer(seller).id)
    services.move_to_stage(deal, stage_called("Qualification"), manager)
    with acting_as(manager):
        make_move(deal, "lose", by=manager, loss_reason="price")
        make_move(deal, "reopen", by=manager, reason="They called")
    assert changes(session, deal) == [{"created"}, {"stage_id"}, {"status", "closed_on"}, {"status", "closed_on"}]
    assert [row.by_id for row in rows(session, deal)] == [seller.id, manager.id, manager.id, manager.id]
    assert [row.status for row in rows(session, deal)] == ["open", "open", "lost", "open"]


def test_what_another_area_changes_is_kept_too(session, deal, seller, colleague):
    assert hand_over_some(seller, colleague) == 1
    assert changes(session, deal)[1:] == [{"owner_id"}]
    assert rows(session, deal)[-1].owner_id == colleague.id


def test_the_clock_of_a_stage_starts_when_the_deal_comes_there(session, seller, pipeline, clock):
    deal = a_deal(seller, customer_id=a_customer(seller).id)
    clock.shift(timedelta(days=3))
    services.update_opportunity(deal, {"name": "Renamed"}, seller)
    assert deal.stage_since == now() - timedelta(days=3)
    services.move_to_stage(deal, stage_called("Qualification"), seller)
    assert deal.stage_since == now()


def test_the_page_tells_the_history_in_words(as_manager, session, seller, manager, colleague, pipeline):
    deal = a_deal(seller, amount=Decimal(100), customer_id=a_customer(seller).id)
    services.update_opportunity(deal, {"amount": Decimal(250), "expected_close": date(2026, 12, 1)}, seller)
    services.move_to_stage(deal, stage_called("Qualification"), seller)
    services.update_opportunity(deal, {"owner_id": colleague.id}, manager)
    session.commit()
    text = re.sub(r"<[^>]+>", "", as_manager.get(f"/pipeline/opportunities/{deal.id}").text.split('id="history"')[1])
    for words in (
        "Created in Prospecting",
        "Moved to Qualification",
        "Amount CN¥100.00 → CN¥250.00 · Expected close – → Dec 1, 2026\n",
        "Given to Anna Berg\n",
    ):
        assert words.strip() in text
    assert "· \n" not in text


days = st.dates(date(2026, 1, 1), date(2027, 1, 1))
steps = st.one_of(
    st.tuples(st.just("amount"), st.none() | st.decimals(0, 10**6, places=2)),
    st.tuples(st.just("expected_close"), st.none() | days),
    st.tuples(st.just("currency"), st.sampled_from(["CNY", "EUR", "JPY"])),
    st.tuples(st.just("owner_id"), st.sampled_from(["seller", "manager"])),
    st.tuples(st.just("stage"), st.integers(0, 3)),
    st.tuples(st.just("end"), st.sampled_from(["win", "lose", "reopen"])),
)


def take(deal, kind, value, people):
    """Do one thing to a deal, if it can be done to it now."""
    by = people["manager"]
    if kind == "end":
        if value != "reopen" and deal.status == "open":
            make_move(deal, value, by=by, loss_reason="price")
        elif value == "reopen" and deal.status != "open":
            make_move(deal, value, by=by, reason="again")
    elif kind == "stage" and deal.status == "open":
        services.move_to_stage(deal, deal.pipeline.stages[value], by)
    elif deal.status == "open" and kind != "stage":
        services.update_opportunity(deal, {kind: people[value].id if kind == "owner_id" else value}, by)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(taken=st.lists(st.tuples(steps, st.integers(0, 40)), max_size=8))
def test_a_deal_can_be_seen_as_it_was_on_any_day(session, seller, manager, pipeline, clock, taken):
    for stage in pipeline.stages:
        stage.required = []
    for currency, rate in (("EUR", "7.8"), ("JPY", "0.05")):
        set_rate(currency, date(2020, 1, 1), Decimal(rate))
    deal = a_deal(seller)
    seen = [(now(), {name: getattr(deal, name) for name in TRACKED})]
    for (kind, value), hours in taken:
        clock.shift(timedelta(hours=hours, seconds=1))
        take(deal, kind, value, {"seller": seller, "manager": manager})
        session.expire_all()
        seen.append((now(), {name: getattr(deal, name) for name in TRACKED}))
    for moment, state in seen:
        row = services.state_at(deal, moment)
        assert {name: getattr(row, name) for name in TRACKED} == state
    before = None
    for row in rows(session, deal):
        if before is not None:
            differs = {name for name in TRACKED if getattr(row, name) != getattr(before, name)}
            assert set(row.changed) == differs, "each row names what it changed, and changes something"
        before = row
    assert services.state_at(deal, seen[0][0] - timedelta(seconds=1)) is None
