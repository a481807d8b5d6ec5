"""What changed since a day, deal by deal; start and changes always add up to now."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from erpcrm.core.db import now
from erpcrm.core.i18n import today
from erpcrm.core.moves import make_move
from erpcrm.pipeline import services
from erpcrm.pipeline.forecasting import COUNTED
from erpcrm.pipeline.models import Opportunity
from erpcrm.pipeline.services import forecast as forecasts
from erpcrm.pipeline.services.forecast import View
from tests.factories.opportunities import a_deal, a_pipeline
from tests.pipeline.forecasts import day_of, deal_in, lose, now_view, win
from tests.pipeline.people import *  # noqa: F403


def update(deal, by, **values):
    services.update_opportunity(deal, values, by)


def test_every_kind_of_change_is_told_once_and_they_reconcile(session, seller, colleague, manager, pipeline, clock):
    quarter = forecasts.this_quarter()
    here, there = day_of(quarter, 2), day_of(quarter.step(1))
    names = [
        "still",
        "grown",
        "shrunk",
        "slipped",
        "pulled",
        "won",
        "lost",
        "reopened",
        "category",
        "given",
        "omitted",
        "moved",
    ]
    deals = {
        name: deal_in(seller, "Proposal", 100 + place, there if name == "pulled" else here, name=name)
        for place, name in enumerate(names)
    }
    lose(deals["reopened"], seller)
    clock.shift(timedelta(hours=1))
    since = now()
    clock.shift(timedelta(days=2))
    update(deals["grown"], seller, amount=Decimal(150))
    update(deals["shrunk"], seller, amount=Decimal(50))
    update(deals["slipped"], seller, expected_close=there)
    update(deals["pulled"], seller, expected_close=here)
    win(deals["won"], seller, today())
    lose(deals["lost"], seller)
    make_move(deals["reopened"], "reopen", by=seller, reason="They called")
    update(deals["category"], seller, forecast_category="commit")
    update(deals["given"], manager, owner_id=colleague.id)
    update(deals["omitted"], seller, forecast_category="omitted")
    services.move_to_stage(deals["moved"], a_pipeline("Service", ("Begin", 40, ())).stages[0], seller)
    deal_in(seller, "Negotiation", 1000, here, name="fresh")
    deal_in(seller, "Negotiation", 1000, there, name="none of it")

    found = forecasts.changes_since(now_view(pipeline_id=pipeline.id), since, None)
    assert {change.name: change.kind for change in found.listed} == {
        "grown": "grown", "shrunk": "shrunk", "slipped": "slipped", "pulled": "pulled_in", "won": "won",
        "lost": "lost", "reopened": "reopened", "category": "category", "given": "owner", "omitted": "category",
        "moved": "moved", "fresh": "new",
    }  # fmt: skip
    assert {change.name: change.difference for change in found.listed} == {
        "grown": 49, "shrunk": -52, "slipped": -103, "pulled": 104, "won": 0, "lost": -106, "reopened": 107,
        "category": 0, "given": 0, "omitted": -110, "moved": -111, "fresh": 1000,
    }  # fmt: skip
    assert sum(count for _kind, count, _sum in found.by_kind) == found.count == 12
    assert found.start_total + sum(sum for _kind, _count, sum in found.by_kind) == found.now_total
    assert found.start == {"closed": 0, "commit": 0, "best_case": sum(range(100, 112)) - 104 - 107, "pipeline": 0}
    assert found.now["commit"] == 1108
    theirs = forecasts.changes_since(now_view(owner_id=colleague.id), since, None)
    assert [(one.name, one.kind, one.difference, one.owner_before) for one in theirs.listed] == [
        ("given", "owner", 109, seller.name)
    ]


def test_a_deal_that_a_user_does_not_see_is_in_none_of_their_sums(session, seller, colleague, pipeline, clock):
    since = now()
    clock.shift(timedelta(hours=1))
    deal_in(seller, "Proposal", 70, today(), name="mine")
    deal_in(colleague, "Proposal", 90, today(), name="theirs")
    found = forecasts.changes_since(now_view(), since, seller)
    assert ([one.name for one in found.listed], found.now_total) == (["mine"], 70)


def test_changes_that_are_not_listed_are_in_the_sums(session, seller, pipeline, clock, monkeypatch):
    monkeypatch.setattr("erpcrm.pipeline.services.forecast.changes.LISTED", 1)
    since = now()
    clock.shift(timedelta(hours=1))
    for amount in (10, 300, 20):
        deal_in(seller, "Proposal", amount, today())
    found = forecasts.changes_since(now_view(), since, None)
    assert ([one.difference for one in found.listed], found.rest, found.by_kind) == ([300], 2, [("new", 3, 330)])


def test_the_page_compares_with_the_day_that_is_asked(as_seller, session, seller, pipeline):
    deal_in(seller, "Proposal", 7777, today(), name="Came today")
    session.commit()
    text = as_seller.get("/pipeline/forecast/changes").text
    assert "Came today" in text
    assert "+CN¥7,777" in text
    for since in (today().isoformat(), "2999-01-01", "never", "0001-01-01"):
        assert "Came today" in as_seller.get(f"/pipeline/forecast/changes?since={since}").text, (
            "at the latest yesterday"
        )


def sums_at(session, view, at):
    """The sums of a view at a moment, asked of each deal by itself."""
    sums = dict.fromkeys(COUNTED, Decimal(0))
    for deal in session.scalars(select(Opportunity)):
        row = services.state_at(deal, at)
        if row is None:
            continue
        stage = next(stage for stage in deal.pipeline.stages if stage.id == row.stage_id)
        category = {"won": "closed", "lost": "omitted"}.get(
            row.status, row.forecast_category or stage.forecast_category
        )
        day = row.expected_close if row.status == "open" else row.closed_on
        if category in sums and view.period.holds(day) and view.owner_id in (None, row.owner_id):
            sums[category] += row.base_amount or 0
    return sums


days = st.integers(-60, 150)
steps = st.one_of(
    st.tuples(st.just("new"), st.tuples(st.integers(0, 10**6), days)),
    st.tuples(st.just("amount"), st.none() | st.integers(0, 10**6).map(Decimal)),
    st.tuples(st.just("expected_close"), days),
    st.tuples(st.just("forecast_category"), st.sampled_from(["commit", "best_case", "pipeline", "omitted", None])),
    st.tuples(st.just("owner_id"), st.sampled_from(["seller", "colleague"])),
    st.tuples(st.just("stage"), st.integers(0, 3)),
    st.tuples(st.just("end"), st.tuples(st.sampled_from(["win", "lose", "reopen"]), days)),
)


def take(deals, place, kind, value, people):
    """Do one thing to one of the deals, if it can be done to it now."""
    by = people["manager"]
    if kind == "new" or not deals:
        amount, day = value if kind == "new" else (100, 3)
        deals.append(a_deal(people["seller"], amount=Decimal(amount), expected_close=today() + timedelta(days=day)))
        return
    deal = deals[place % len(deals)]
    if kind == "end":
        move, day = value
        if (move == "reopen") == (deal.status != "open"):
            on = today() + timedelta(days=day)
            make_move(deal, move, by=by, reason="so it is", loss_reason="price", closed_on=on)
    elif deal.status == "open" and kind == "stage":
        services.move_to_stage(deal, deal.pipeline.stages[value], by)
    elif deal.status == "open":
        if kind == "expected_close":
            value = today() + timedelta(days=value)
        update(deal, by, **{kind: people[value].id if kind == "owner_id" else value})


@pytest.fixture
def people(seller, colleague, manager):
    return {"seller": seller, "colleague": colleague, "manager": manager}


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    taken=st.lists(st.tuples(st.integers(0, 3), steps, st.integers(1, 30)), min_size=1, max_size=12),
    back=st.integers(0, 12),
)
def test_start_and_changes_are_what_stands_there_now(session, people, pipeline, clock, taken, back):
    for stage in pipeline.stages:
        stage.required = []
    session.commit()
    try:
        deals: list = []
        moments = [now()]
        for place, (kind, value), hours in taken:
            clock.shift(timedelta(hours=hours))
            take(deals, place, kind, value, people)
            moments.append(now() + timedelta(seconds=1))
        session.expire_all()
        since = moments[min(back, len(moments) - 1)]
        quarter = forecasts.this_quarter()
        for view in (View(quarter), View(quarter.parts[1]), View(quarter, owner_id=people["colleague"].id)):
            found = forecasts.changes_since(view, since, None)
            assert found.start == sums_at(session, view, since - timedelta(microseconds=1))
            assert found.now == sums_at(session, view, now())
            assert found.start_total + sum(one.difference for one in found.listed) == found.now_total
            assert found.start_total + sum(sum for _kind, _count, sum in found.by_kind) == found.now_total
    finally:
        session.rollback()
