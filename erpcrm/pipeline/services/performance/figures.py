"""The figures of closed deals, whole and by one of the dimensions: one query each, however many deals there are.

A deal that several share counts for each by percent, in numbers as in amounts, so that rows add up to their total.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, case, func, literal, null, select

from erpcrm.core.actor import Actor
from erpcrm.core.db import session
from erpcrm.core.exact import SumOfPercents, round_money
from erpcrm.core.options import option_label
from erpcrm.core.settings import setting

from ...models import Opportunity, OpportunityLine
from ...performance import HUNDRED, average, median, percent_of
from ..shares import CREDITED, CREDITED_AMOUNT, CREDITED_PERCENT
from .dimensions import DIMENSIONS, PRODUCT, Key
from .lengths import DaysBetween
from .wanted import ENDS, Wanted, conditions

ZERO = Decimal(0)


@dataclass
class Figures:
    """Of some closed deals. Amounts in the company's currency."""

    won: Decimal = ZERO
    """Deals; a part of one counts as such"""
    lost: Decimal = ZERO
    amount: Decimal = ZERO
    """Of the won deals"""
    lost_amount: Decimal = ZERO
    days: Counter[int] = field(default_factory=Counter)
    """From opening to closing of the won deals that have both days: {days: deals}"""

    @property
    def closed(self) -> Decimal:
        return self.won + self.lost

    @property
    def win_rate(self) -> Decimal | None:
        """Percent"""
        return percent_of(self.won, self.closed)

    @property
    def average_deal(self) -> Decimal | None:
        if not self.won:
            return None
        return round_money(self.amount / self.won, setting("currency"))

    @property
    def cycle(self) -> Decimal | None:
        """Days from opening to winning, in the mean"""
        return average(sum(days * count for days, count in self.days.items()), self.days.total())

    @property
    def median_cycle(self) -> Decimal | None:
        return median(self.days)

    def add(self, other: "Figures") -> None:
        self.won += other.won
        self.lost += other.lost
        self.amount += other.amount
        self.lost_amount += other.lost_amount
        self.days.update(other.days)


@dataclass
class Row:
    key: Key
    label: str
    figures: Figures


def rows_by(by: str, wanted: Wanted, actor: Actor) -> list[Row]:
    """The figures by one dimension: the most successful first, time in its order and without gaps, what has no key last."""
    dimension = DIMENSIONS[by]
    found: dict[Key, Figures] = defaultdict(Figures)
    for row in session.execute(_statement(by, wanted, actor)):
        _count(found[row.key], row)
    if dimension.months and found:
        found |= {key: found[key] for key in range(min(found), max(found), dimension.months)}
    own = setting("currency")
    for one in found.values():
        one.amount, one.lost_amount = round_money(one.amount, own), round_money(one.lost_amount, own)
    names = dimension.names([key for key in found if key is not None])
    rows = [
        Row(key, str(dimension.nothing) if key is None else names.get(key, str(key)), figures)
        for key, figures in found.items()
    ]
    if dimension.months:
        return sorted(rows, key=lambda row: row.key)
    return sorted(rows, key=lambda row: (row.key is None, -row.figures.amount, -row.figures.closed, row.label))


def _count(figures: Figures, row: Any) -> None:
    amount = (row.amount or ZERO) * (row.rate if row.rate is not None else 1) + (row.rest or ZERO)
    if row.status == "won":
        figures.won += row.percent / HUNDRED
        figures.amount += amount
        if row.days is not None:
            figures.days[row.days] += row.parts
    else:
        figures.lost += row.percent / HUNDRED
        figures.lost_amount += amount


def _statement(by: str, wanted: Wanted, actor: Actor) -> Select[Any]:
    if by == PRODUCT:
        return _by_product(wanted, actor)
    dimension, source = DIMENSIONS[by], CREDITED
    for target, on in dimension.joins:
        source = source.outerjoin(target, on)
    days = _days()
    key = dimension.key.label("key")
    return (
        select(
            key,
            Opportunity.status,
            days,
            func.sum(CREDITED_PERCENT).label("percent"),
            func.count().label("parts"),
            func.sum(CREDITED_AMOUNT).label("amount"),
            literal(None).label("rate"),
            literal(None).label("rest"),
        )
        .select_from(source)
        .where(*conditions(wanted, actor))
        .group_by(key, Opportunity.status, days)
    )


def _days() -> Any:
    """Of won deals; a case without else is nothing for the others."""
    return case((Opportunity.status == "won", DaysBetween(Opportunity.opened_on, Opportunity.closed_on))).label("days")


def lines_by_product(wanted: Wanted) -> Any:
    """What closed deals are about: (deal, product, amount in the deal's currency); lines without a product together."""
    line = OpportunityLine
    return (
        select(line.opportunity_id, line.product_id, func.sum(line.amount).label("amount"))
        .join(Opportunity, Opportunity.id == line.opportunity_id)
        .where(Opportunity.status.in_(ENDS), Opportunity.closed_on.between(wanted.first, wanted.last))
        .group_by(line.opportunity_id, line.product_id)
        .subquery()
    )


def _by_product(wanted: Wanted, actor: Actor) -> Select[Any]:
    """By the lines of the deals, at the rates of their days: apart by rate, for a product of two columns is exact on neither
    database. A deal with several products counts in each; one without lines stands under none with its whole amount."""
    lines, days = lines_by_product(wanted), _days()
    without = case((lines.c.opportunity_id.is_(None), CREDITED_AMOUNT), else_=null())
    return (
        select(
            lines.c.product_id.label("key"),
            Opportunity.status,
            days,
            func.sum(CREDITED_PERCENT).label("percent"),
            func.count().label("parts"),
            SumOfPercents(lines.c.amount, CREDITED_PERCENT).label("amount"),
            Opportunity.rate.label("rate"),
            func.sum(without).label("rest"),
        )
        .select_from(CREDITED.outerjoin(lines, lines.c.opportunity_id == Opportunity.id))
        .where(*conditions(wanted, actor))
        .group_by(lines.c.product_id, Opportunity.status, days, Opportunity.rate)
    )


def total_of(rows: Iterable[Row]) -> Figures:
    total = Figures()
    for row in rows:
        total.add(row.figures)
    return total


@dataclass(frozen=True)
class Reason:
    value: str | None
    label: str
    lost: Decimal
    amount: Decimal


def reasons_lost(wanted: Wanted, actor: Actor) -> list[Reason]:
    """Why deals were lost: number and amount, the most frequent first."""
    query = (
        select(Opportunity.loss_reason, func.sum(CREDITED_PERCENT), func.sum(CREDITED_AMOUNT))
        .select_from(CREDITED)
        .where(*conditions(wanted, actor), Opportunity.status == "lost")
        .group_by(Opportunity.loss_reason)
    )
    own = setting("currency")
    reasons = [
        Reason(
            value,
            str(option_label("opportunity.loss_reason", value) or ""),
            percent / HUNDRED,
            round_money(amount or ZERO, own),
        )
        for value, percent, amount in session.execute(query)
    ]
    return sorted(reasons, key=lambda reason: (-reason.lost, -reason.amount, reason.label))
