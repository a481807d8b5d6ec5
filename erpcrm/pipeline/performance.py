"""Sums about sales success: shares of a deal, attainment of a quota, pace through a period, medians. Pure arithmetic."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from erpcrm.core.exact import round_money

MONTH, QUARTER, YEAR = "month", "quarter", "year"
LENGTH = {MONTH: 1, QUARTER: 3, YEAR: 12}
"""Of each kind of period, in months"""
HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Period:
    """A month, quarter or year of the fiscal year, from its first to its last day."""

    kind: str
    first: date
    last: date
    number: int
    """The place in its fiscal year: 1 to 12, 1 to 4, 1"""
    year: int
    """The calendar year in which the fiscal year begins"""


def add_months(day: date, months: int) -> date:
    """The first of the month so many months after that of `day`."""
    month = day.month - 1 + months
    return date(day.year + month // 12, month % 12 + 1, 1)


def fiscal_year_of(day: date, start_month: int) -> int:
    """The calendar year in which the fiscal year that holds `day` began."""
    return day.year if day.month >= start_month else day.year - 1


def periods_of(year: int, kind: str, start_month: int) -> list[Period]:
    """All months, quarters or the year of the fiscal year that begins in `start_month` of `year`."""
    length, begin = LENGTH[kind], date(year, start_month, 1)
    return [
        Period(kind, first, add_months(first, length) - timedelta(days=1), place + 1, year)
        for place in range(12 // length)
        for first in [add_months(begin, place * length)]
    ]


def period_of(day: date, kind: str, start_month: int) -> Period:
    """The month, quarter or year that holds `day`."""
    periods = periods_of(fiscal_year_of(day, start_month), kind, start_month)
    return next(one for one in periods if one.first <= day <= one.last)


def split(amount: Decimal | None, percents: Sequence[int], currency: str) -> list[Decimal | None]:
    """An amount by percentages that make 100: each part rounded to the currency's digits, the last one takes the rest."""
    if amount is None or not percents:
        return [None] * len(percents)
    parts = [round_money(amount * percent / HUNDRED, currency) for percent in percents[:-1]]
    return [*parts, amount - sum(parts, Decimal(0))]


def percent_of(part: Decimal | int, whole: Decimal | int, places: int = 1) -> Decimal | None:
    """Percent, rounded half up to so many places; None of nothing."""
    if not whole:
        return None
    return (HUNDRED * part / whole).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def average(total: Decimal | int, count: Decimal | int, places: int = 1) -> Decimal | None:
    """The mean, rounded half up to so many places; None of nothing."""
    if not count:
        return None
    return (Decimal(total) / count).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def median(counts: Mapping[int, int]) -> Decimal | None:
    """The median of values that are counted: {value: how often}. Between two of them, their middle."""
    number = sum(counts.values())
    if not number:
        return None
    wanted = (number - 1) // 2, number // 2
    middle, seen = [], 0
    for value in sorted(counts):
        here = range(seen, seen + counts[value])
        middle += [value for place in wanted if place in here]
        seen += counts[value]
    return Decimal(sum(middle)) / 2


def working_days(first: date, last: date, weekdays: Collection[int], holidays: Collection[date]) -> int:
    """Days from `first` to `last`, both included, on which the company works; 0 is Monday."""
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return sum(day.weekday() in weekdays and day not in holidays for day in days)


def time_passed(
    first: date, last: date, today: date, weekdays: Collection[int], holidays: Collection[date]
) -> tuple[int, int]:
    """(working days of the period that are over at the end of today, all its working days).

    A period of holidays alone counts its calendar days, so that there is always something to divide by.
    """
    until = min(today, last)
    whole = working_days(first, last, weekdays, holidays)
    if not whole:
        return max((until - first).days + 1, 0), (last - first).days + 1
    return (working_days(first, until, weekdays, holidays) if until >= first else 0), whole


@dataclass(frozen=True)
class Attainment:
    """How far a quota is reached; what depends on the quota is None without one."""

    target: Decimal | None
    achieved: Decimal
    due: Decimal | None
    """Where one should be at the end of today, by the working days that are over"""

    @property
    def percent(self) -> Decimal | None:
        return percent_of(self.achieved, self.target) if self.target else None

    @property
    def gap(self) -> Decimal | None:
        """What is missing; nothing is once the quota is reached."""
        return max(self.target - self.achieved, Decimal(0)) if self.target is not None else None

    @property
    def ahead(self) -> Decimal | None:
        """Before the pace, or behind it where negative."""
        return self.achieved - self.due if self.due is not None else None


def attainment(target: Decimal | None, achieved: Decimal, passed: tuple[int, int], places: int) -> Attainment:
    """`passed` is what `time_passed` gives; the pace is rounded half up to `places`."""
    due = average(target * passed[0], passed[1], places) if target is not None else None
    return Attainment(target, achieved, due)


def place_of(mine: Decimal, all_of_them: Iterable[Decimal]) -> int:
    """The place in a ranking from the largest down; equals share theirs."""
    return 1 + sum(other > mine for other in all_of_them)
