"""Payment terms: when an amount falls due, in parts, and what may be taken off when it is paid early. No database."""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from erpcrm.core.exact import round_money

HUNDRED = Decimal(100)
From = Literal["day", "month_end"]


@dataclass(frozen=True)
class Part:
    """So many percent, so many days after the document's day or after the end of its month."""

    percent: Decimal
    counted_from: From
    days: int

    def due_on(self, day: date) -> date:
        start = day.replace(day=monthrange(day.year, day.month)[1]) if self.counted_from == "month_end" else day
        return start + timedelta(days=self.days)


@dataclass(frozen=True)
class Terms:
    """Parts that add up to 100 percent. `discount` percent may be taken off what is paid within `discount_days`.

    `lowers_tax`: whether what is taken off lowers the tax too; None leaves that to the chart of accounts.
    """

    parts: Sequence[Part] = field(default_factory=lambda: (Part(HUNDRED, "day", 0),))
    discount: Decimal = Decimal(0)
    discount_days: int = 0
    lowers_tax: bool | None = None


@dataclass(frozen=True)
class DueRow:
    """One amount of a document with its day, and what may be taken off until when."""

    due_on: date
    amount: Decimal
    discount: Decimal
    discount_until: date | None


def _whole(days: int, counted_from: From = "day") -> Terms:
    return Terms((Part(HUNDRED, counted_from, days),))


DEFAULTS: Mapping[str, Terms] = {
    "prepaid": _whole(0),
    "on_delivery": _whole(0),
    "net_15": _whole(15),
    "net_30": _whole(30),
    "net_60": _whole(60),
    "net_90": _whole(90),
    "end_of_month": _whole(30, "month_end"),
}
"""Of the choices that a new company has; another choice is due at once until somebody says more."""


def due_rows(total: Decimal, day: date, terms: Terms, currency: str) -> list[DueRow]:
    """`total` (of either sign) in its parts, rounded to the currency's digits; they add up to it exactly, whatever the shares."""
    rows: list[DueRow] = []
    reached = given = Decimal(0)
    until = day + timedelta(days=terms.discount_days) if terms.discount else None
    for part in terms.parts:
        reached += part.percent
        upto = total if reached >= HUNDRED else round_money(total * reached / HUNDRED, currency)
        amount, given = upto - given, upto
        if amount:
            discount = round_money(amount * terms.discount / HUNDRED, currency)
            rows.append(DueRow(part.due_on(day), amount, discount, until if discount else None))
    return rows
