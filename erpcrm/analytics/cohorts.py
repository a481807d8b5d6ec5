"""Customers by the period of their first purchase, and how many of them came back in each period after. No database.

A month is a whole number here: year x 12 + month - 1. A quarter is a third of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

MONTHS = {"month": 1, "quarter": 3}
HUNDRED = Decimal(100)


def month_of(day: date) -> int:
    return day.year * 12 + day.month - 1


def first_day(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)


def percent(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    """To one place; None of nothing."""
    if not whole:
        return None
    return (Decimal(part) * HUNDRED / Decimal(whole)).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


@dataclass(frozen=True)
class Cell:
    customers: int
    revenue: Decimal
    kept: Decimal | None
    """Percent of the cohort's customers that bought"""
    spent: Decimal | None
    """Revenue in percent of that of the first period"""


@dataclass(frozen=True)
class Cohort:
    period: int
    size: int
    cells: tuple[Cell, ...]
    """By periods since the first purchase, as far as time has come; the last one is not over yet."""


@dataclass(frozen=True)
class Average:
    """How many percent of all customers who could have come back after so many periods did."""

    age: int
    customers: int
    of: int
    kept: Decimal | None


def retention(rows: Iterable[tuple[int, int, int, Decimal]], until: int) -> list[Cohort]:
    """Rows (cohort, periods since, customers who bought, revenue) as a table; `until` is the period of today."""
    known: dict[int, dict[int, tuple[int, Decimal]]] = {}
    for cohort, age, customers, revenue in rows:
        known.setdefault(cohort, {})[age] = (customers, revenue)
    found = []
    for cohort in sorted(known):
        size, first = known[cohort].get(0, (0, Decimal(0)))
        cells = []
        for age in range(until - cohort + 1):
            customers, revenue = known[cohort].get(age, (0, Decimal(0)))
            cells.append(Cell(customers, revenue, percent(customers, size), percent(revenue, first)))
        found.append(Cohort(cohort, size, tuple(cells)))
    return found


def averages(cohorts: Iterable[Cohort], until: int) -> list[Average]:
    """Over all cohorts, by periods since; the period that is not over is left out, for it would look like a fall."""
    rows = list(cohorts)
    ages = max((until - one.period for one in rows), default=0)
    found = []
    for age in range(ages):
        over = [one for one in rows if one.period + age < until]
        customers, size = sum(one.cells[age].customers for one in over), sum(one.size for one in over)
        found.append(Average(age, customers, size, percent(customers, size)))
    return found
