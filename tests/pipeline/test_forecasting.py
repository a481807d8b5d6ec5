"""The arithmetic of forecasts: periods of the fiscal year, what stages are worth, what changed, how good it was."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erpcrm.pipeline.forecasting import (
    KINDS,
    Outcome,
    Period,
    Rate,
    State,
    accuracy,
    bias,
    fiscal_year,
    kind_of_change,
    month_of,
    quarter_number,
    quarter_of,
    reached_and_won,
    read_period,
)

days = st.dates(date(1990, 1, 1), date(2100, 12, 31))
months = st.integers(1, 12)


@given(day=days, start=months)
def test_every_day_lies_in_one_quarter_of_its_fiscal_year(day, start):
    quarter = quarter_of(day, start)
    assert quarter.holds(day)
    assert [quarter_of(month.first, start) for month in quarter.parts] == [quarter] * 3
    assert not quarter.step(1).holds(day)
    assert not quarter.step(-1).holds(day)
    assert quarter.step(1).first > quarter.last
    assert quarter.step(1).step(-1) == quarter
    assert (
        sum((month.last - month.first).days + 1 for month in quarter.parts) == (quarter.last - quarter.first).days + 1
    )
    begun = date(fiscal_year(quarter, start), start, 1)
    assert begun <= quarter.first
    assert quarter.first == Period(begun).step(quarter_number(quarter, start) - 1).first


@pytest.mark.parametrize(
    ("start", "first", "number", "year"),
    [(1, date(2026, 10, 1), 4, 2026), (4, date(2026, 10, 1), 3, 2026), (2, date(2026, 11, 1), 4, 2026)],
)
def test_a_fiscal_year_that_begins_later_has_other_quarters(start, first, number, year):
    quarter = quarter_of(date(2026, 11, 24), start)
    assert (quarter.first, quarter_number(quarter, start), fiscal_year(quarter, start)) == (first, number, year)
    assert fiscal_year(quarter_of(date(2026, 1, 15), 4), 4) == 2025


@given(day=days, start=months)
def test_an_address_names_a_period_and_nothing_else_does(day, start):
    for period in (quarter_of(day, start), month_of(day)):
        assert read_period(period.key, start) == period
    within = Period(quarter_of(day, start).parts[1].first)
    assert read_period(within.key, start) is None, "no quarter of this company begins there"


@pytest.mark.parametrize(
    "key", ["", "2026", "2026-13-1", "2026-00-3", "2026-10-2", "²026-10-3", "26-1-1", "2026-10-3-1"]
)
def test_what_is_no_period_is_none(key):
    assert read_period(key, 1) is None


def test_a_deal_that_came_further_has_reached_the_stages_before():
    ends = [(1, False, 5), (2, False, 3), (3, False, 2), (2, True, 1), (4, True, 9)]
    assert reached_and_won({10: 1, 20: 2, 30: 3, 40: 4}, ends) == {
        10: (20, 10),
        20: (15, 10),
        30: (12, 10),
        40: (10, 10),
    }


def test_too_few_deals_leave_the_stage_its_own_probability():
    assert (Rate(50, 19, 19).percent, Rate(50, 19, 19).enough) == (50, False)
    assert (Rate(50, 20, 7).percent, Rate(50, 20, 7).enough) == (35, True)
    assert Rate(50, 113, 37).percent == Decimal("32.7")
    assert Rate(10).per_mille == 100


def state(status="open", category="commit", amount=100, close=date(2026, 11, 1), owner=1, in_view=True):
    return State(status, category, Decimal(amount), close, owner, in_view)


LATER = date(2027, 2, 1)


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (None, state(), "new"),
        (None, state("won", "closed"), "won"),
        (None, state("lost", "omitted"), None),
        (None, state(in_view=False), None),
        (state(), state(), None),
        (state(), state(amount=120), "grown"),
        (state(), state(amount=80), "shrunk"),
        (state(), state(close=LATER, in_view=False), "slipped"),
        (state(close=LATER, in_view=False), state(), "pulled_in"),
        (state(), state("won", "closed", 90), "won"),
        (state(), state("won", "closed", close=LATER, in_view=False), "moved"),
        (state(), state("lost", "omitted"), "lost"),
        (state(category="omitted"), state("lost", "omitted"), None),
        (state("lost", "omitted"), state(), "reopened"),
        (state("won", "closed"), state(), "reopened"),
        (state(), state(category="best_case"), "category"),
        (state(), state(category="omitted"), "category"),
        (state(), state(owner=2), "owner"),
        (state(), state(owner=2, in_view=False), "owner"),
        (state(owner=2, in_view=False), state(), "owner"),
        (state(), state(in_view=False), "moved"),
        (state(in_view=False), state(amount=120, in_view=False), None),
    ],
)
def test_what_happened_to_a_deal_has_one_name(before, after, kind):
    assert kind_of_change(before, after) == kind
    assert kind is None or kind in KINDS


def test_accuracy_counts_misses_in_both_directions_and_bias_sets_them_off():
    outcomes = [Outcome(Decimal(120), Decimal(100)), Outcome(Decimal(180), Decimal(200))]
    assert accuracy(outcomes) == Decimal("86.7")  # 100 - (20 + 20) / 300
    assert bias(outcomes) == 0
    assert bias([Outcome(Decimal(90), Decimal(120))]) == -25
    assert accuracy([Outcome(Decimal(500), Decimal(100))]) == 0, "never below nothing"
    assert accuracy([Outcome(Decimal(5), Decimal(0))]) is None
    assert bias([]) is None
