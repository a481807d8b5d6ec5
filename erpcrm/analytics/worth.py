"""What a customer will bring: expected purchases x what one comes to x what is left of it, discounted year by year. No database.

The models give floats; from here on it is money, in decimals, and each term is rounded as it is shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from erpcrm.core.exact import round_money

from .lifetime import YEAR, Frequency, History, Spend

ZERO, ONE, HUNDRED = Decimal(0), Decimal(1), Decimal(100)
HUNDREDTH, FINE = Decimal("0.01"), Decimal("0.0001")
MOST = Decimal(10) ** 12


@dataclass(frozen=True)
class Term:
    """One year of the expectation. Nothing in it is hidden: purchases x value x rate x factor is the amount."""

    year: int
    purchases: Decimal
    value: Decimal
    """What a purchase is expected to come to"""
    rate: Decimal
    """What is left of it after cost and cost to serve"""
    factor: Decimal
    """What an amount in the middle of that year is worth today"""
    amount: Decimal


def decimal_of(value: float, places: Decimal = HUNDREDTH) -> Decimal:
    return Decimal(repr(value)).quantize(places, rounding=ROUND_HALF_UP)


def rate_of(left: Decimal | None, costed: Decimal, of_all: Decimal | None) -> Decimal:
    """What is left of each unit of revenue: by the customer's own figures where there are any, else by those of all.

    Between -1 and 1, so that a credit note that stands almost alone does not make a monster. 1 where no cost is known at all:
    what is expected is then revenue, and the page says so.
    """
    if left is None or costed <= 0:
        return ONE if of_all is None else of_all
    return max(-ONE, min(ONE, (left / costed).quantize(FINE, rounding=ROUND_HALF_UP)))


@lru_cache(100)
def factor_of(year: int, percent: Decimal) -> Decimal:
    """Of the middle of the year-th year from now, at so many percent a year."""
    growth = (ONE + percent / HUNDRED) ** (Decimal(year) - Decimal("0.5"))
    return (ONE / growth).quantize(FINE, rounding=ROUND_HALF_UP)


def expected_terms(
    frequency: Frequency,
    spend: Spend,
    known: History,
    *,
    purchases: int,
    average: Decimal,
    rate: Decimal,
    percent: Decimal,
    years: int,
    currency: str,
) -> Sequence[Term]:
    """The years of one customer's lifetime value; its sum is that of their amounts, in `currency`."""
    value = round_money(min(MOST, decimal_of(spend.expected(purchases, float(average)), FINE)), currency)
    terms, reached = [], ZERO
    for year in range(1, years + 1):
        until = decimal_of(frequency.expected(known, year * YEAR), FINE)
        count, reached = max(ZERO, until - reached), max(reached, until)
        factor = factor_of(year, percent)
        amount = round_money(count * value * rate * factor, currency)
        terms.append(Term(year, count, value, rate, factor, amount))
    return terms
