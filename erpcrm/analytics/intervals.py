"""The rhythm in which somebody buys, and how long they have been silent against it. No database."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from erpcrm.core.i18n import _l
from erpcrm.core.records import Choice

RISKS = (
    Choice("unknown", _l("Too few purchases"), "gray"),
    Choice("steady", _l("As usual"), "green"),
    Choice("due", _l("Due to buy"), "blue"),
    Choice("late", _l("Later than usual"), "orange"),
    Choice("lapsed", _l("Probably lost"), "red"),
)
AT_RISK = ("late", "lapsed")
LEAST = 3
"""So many purchases make a habit: two intervals."""
DUE, LATE, LAPSED = Decimal(1), Decimal("1.5"), Decimal(3)
"""From which multiple of the own interval on somebody is due, later than usual, probably lost"""
DAYS_OF_YEAR = 365


def doubled_median(days: Iterable[date]) -> int | None:
    """Twice the median of the days between purchases (a whole number, as the tables keep it); None below `LEAST` purchases."""
    ordered = sorted(set(days))
    if len(ordered) < LEAST:
        return None
    gaps = sorted((late - early).days for early, late in pairwise(ordered))
    return gaps[(len(gaps) - 1) // 2] + gaps[len(gaps) // 2]


def ratio_of(doubled: int | None, silent: int) -> Decimal | None:
    """How many of its own intervals a customer has been silent for, to two places; None without a habit."""
    if not doubled:
        return None
    return (Decimal(2 * silent) / doubled).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def risk_of(ratio: Decimal | None) -> str:
    """The word for it, one of `RISKS`."""
    if ratio is None:
        return "unknown"
    if ratio <= DUE:
        return "steady"
    return "due" if ratio <= LATE else "late" if ratio <= LAPSED else "lapsed"


def yearly(doubled: int | None, average: Decimal, revenue: Decimal) -> Decimal:
    """What a customer's habit is worth in a year: its average purchase as often as its interval fits; never more than all it
    ever bought, so that a short rush does not promise a fortune. Nothing without a habit."""
    if not doubled or revenue <= 0:
        return Decimal(0)
    return min(revenue, average * DAYS_OF_YEAR * 2 / doubled)


@dataclass(frozen=True)
class Missed:
    """Something that a customer used to buy and has not bought for longer than usual."""

    product_id: int
    times: int
    interval: Decimal
    """Days"""
    last_on: date
    ratio: Decimal


def missed(bought: Mapping[int, Iterable[date]], today: date) -> list[Missed]:
    """Which products ({product: days of purchase}) are overdue by their own rhythm; the one longest overdue first."""
    found = []
    for product_id, days in bought.items():
        seen = set(days)
        doubled = doubled_median(seen)
        if doubled is None:
            continue
        last_on = max(seen)
        ratio = ratio_of(doubled, (today - last_on).days)
        if ratio is not None and ratio > LATE:
            found.append(Missed(product_id, len(seen), Decimal(doubled) / 2, last_on, ratio))
    return sorted(found, key=lambda one: (-one.ratio, one.product_id))
