"""The arithmetic of shares, quotas and paces: no database."""

from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erpcrm.pipeline.performance import (
    attainment,
    fiscal_year_of,
    median,
    percent_of,
    period_of,
    periods_of,
    place_of,
    split,
    time_passed,
    working_days,
)

MONDAY_TO_FRIDAY = range(5)
D = Decimal


@given(st.decimals(0, 10**12, places=2), st.lists(st.integers(1, 40), min_size=1, max_size=3))
def test_the_parts_of_a_deal_make_exactly_its_amount(amount: Decimal, first: list[int]) -> None:
    percents = [*first, 100 - sum(first)] if sum(first) < 100 else [100]
    parts = split(amount, percents, "CNY")
    assert sum(parts) == amount
    assert all(abs(part - amount * percent / 100) <= D("0.02") for part, percent in zip(parts, percents, strict=True))


def test_the_last_part_takes_the_rest_of_the_rounding() -> None:
    assert split(D("100.00"), [33, 33, 34], "CNY") == [D("33.00"), D("33.00"), D("34.00")]
    assert split(D("0.05"), [50, 50], "CNY") == [D("0.03"), D("0.02")]
    assert split(D("101"), [50, 50], "JPY") == [D("51"), D("50")]
    assert split(None, [50, 50], "CNY") == [None, None]


@pytest.mark.parametrize(
    ("day", "start", "year", "quarter"),
    [
        (date(2026, 11, 24), 1, 2026, (date(2026, 10, 1), date(2026, 12, 31), 4)),
        (date(2026, 3, 31), 4, 2025, (date(2026, 1, 1), date(2026, 3, 31), 4)),
        (date(2026, 4, 1), 4, 2026, (date(2026, 4, 1), date(2026, 6, 30), 1)),
        (date(2028, 2, 29), 12, 2027, (date(2027, 12, 1), date(2028, 2, 29), 1)),
    ],
)
def test_quarters_are_those_of_the_fiscal_year(
    day: date, start: int, year: int, quarter: tuple[date, date, int]
) -> None:
    assert fiscal_year_of(day, start) == year
    found = period_of(day, "quarter", start)
    assert (found.first, found.last, found.number) == quarter


def test_the_months_of_a_fiscal_year_follow_each_other_without_a_gap() -> None:
    months = periods_of(2026, "month", 7)
    assert (months[0].first, months[-1].last, len(months)) == (date(2026, 7, 1), date(2027, 6, 30), 12)
    assert all((after.first - before.last).days == 1 for before, after in pairwise(months))


def test_the_pace_counts_working_days_up_to_the_end_of_today() -> None:
    # November 2026 begins on a Sunday and has 21 days from Monday to Friday.
    first, last = date(2026, 11, 1), date(2026, 11, 30)
    assert working_days(first, last, MONDAY_TO_FRIDAY, set()) == 21
    holidays = {date(2026, 11, 2)}
    assert time_passed(first, last, date(2026, 11, 24), MONDAY_TO_FRIDAY, holidays) == (16, 20)
    assert time_passed(first, last, date(2026, 10, 31), MONDAY_TO_FRIDAY, holidays) == (0, 20)
    assert time_passed(first, last, date(2027, 1, 1), MONDAY_TO_FRIDAY, holidays) == (20, 20)
    assert time_passed(first, first, date(2026, 11, 1), MONDAY_TO_FRIDAY, set()) == (1, 1), "a Sunday alone"


def test_attainment_gap_and_pace() -> None:
    reached = attainment(D(200_000), D(150_000), (16, 20), 2)
    assert (reached.percent, reached.gap) == (D("75.0"), D(50_000))
    assert (reached.due, reached.ahead) == (D(160_000), D(-10_000))
    over = attainment(D(100), D(130), (20, 20), 2)
    assert (over.percent, over.gap, over.ahead) == (D("130.0"), D(0), D(30))
    without = attainment(None, D(130), (20, 20), 2)
    assert (without.percent, without.gap, without.due, without.ahead) == (None, None, None, None)


def test_medians_of_counted_values() -> None:
    assert median({}) is None
    assert median({5: 1}) == 5
    assert median({1: 1, 2: 1, 10: 1, 11: 1}) == 6
    assert median({1: 3, 100: 2}) == 1
    assert median({1: 2, 100: 2}) == D("50.5")


@given(st.lists(st.integers(-50, 400), min_size=1, max_size=40))
def test_a_median_is_that_of_the_sorted_values(values: list[int]) -> None:
    ordered, half = sorted(values), len(values) // 2
    expected = D(ordered[half]) if len(values) % 2 else D(ordered[half - 1] + ordered[half]) / 2
    assert median({value: values.count(value) for value in values}) == expected


def test_percentages_are_rounded_half_up_and_places_are_shared() -> None:
    assert percent_of(4238, 6711, 4) == D("63.1501")
    assert percent_of(1, 800) == D("0.1")
    assert percent_of(1, 0) is None
    assert [place_of(mine, [D(5), D(3), D(3), D(1)]) for mine in (D(5), D(3), D(1), D(0))] == [1, 2, 4, 5]
