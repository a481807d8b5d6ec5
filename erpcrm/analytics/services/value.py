"""What has been worked out of all customers that a user sees: sums, classes, the curve of concentration, the last run."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select, type_coerce
from sqlalchemy.orm import joinedload

from erpcrm.core.actor import Actor
from erpcrm.core.db import session
from erpcrm.core.exact import AMOUNT

from ..cohorts import percent
from ..models import CustomerValue, ValueRun
from ..value_records import VALUE_SCOPE

ZERO = Decimal(0)
SLICES = 20
"""Of so many parts of all customers, from the best to the least, the curve is drawn."""


def seen_values(actor: Actor) -> Any:
    """The condition under which a row belongs to a customer whom the user sees."""
    return VALUE_SCOPE(actor, actor.scope("customer_value"))


def last_run() -> ValueRun | None:
    return session.scalars(select(ValueRun).order_by(ValueRun.as_of.desc()).limit(1)).one_or_none()


def value_of(customer_id: int) -> CustomerValue | None:
    """What has been worked out of one customer; None of one who has bought nothing."""
    query = select(CustomerValue).where(CustomerValue.id == customer_id)
    return session.scalars(query.options(joinedload(CustomerValue.customer))).one_or_none()


@dataclass(frozen=True)
class Line:
    """One class, or all of them."""

    name: str
    customers: int
    revenue: Decimal
    year: Decimal
    contribution: Decimal | None
    clv: Decimal | None
    share: Decimal | None
    """Percent of the revenue of all lines"""


def classes(actor: Actor) -> tuple[list[Line], Line]:
    """A, B and C with what they bring, and all together."""
    query = (
        select(
            CustomerValue.abc,
            func.count(),
            func.sum(CustomerValue.revenue),
            func.sum(CustomerValue.revenue_year),
            func.sum(CustomerValue.contribution),
            func.sum(CustomerValue.clv),
        )
        .where(seen_values(actor))
        .group_by(CustomerValue.abc)
    )
    rows = {row[0]: row for row in session.execute(query)}
    total = sum((row[2] for row in rows.values()), start=ZERO)
    lines = []
    for name in "ABC":
        _name, count, revenue, year, left, clv = rows.get(name, (name, 0, ZERO, ZERO, None, None))
        lines.append(Line(name, count, revenue, year, left, clv, percent(revenue, total)))
    return lines, Line(
        "all",
        sum(line.customers for line in lines),
        total,
        sum((line.year for line in lines), start=ZERO),
        _sum(line.contribution for line in lines),
        _sum(line.clv for line in lines),
        percent(total, total),
    )


def _sum(values: Any) -> Decimal | None:
    known = [value for value in values if value is not None]
    return sum(known, start=ZERO) if known else None


def concentration(actor: Actor) -> list[tuple[int, Decimal]]:
    """(percent of the customers, percent of the revenue that they bring), the best customers first."""
    ranked = (
        select(
            func.ntile(SLICES).over(order_by=(CustomerValue.revenue.desc(), CustomerValue.id)).label("slice"),
            CustomerValue.revenue,
        )
        .where(seen_values(actor))
        .subquery("ranked")
    )
    rows: Sequence[Any] = session.execute(
        select(ranked.c.slice, type_coerce(func.sum(ranked.c.revenue), AMOUNT))
        .group_by(ranked.c.slice)
        .order_by(ranked.c.slice)
    ).all()
    total = sum((revenue for _slice, revenue in rows), start=ZERO)
    if len(rows) < SLICES or total <= 0:
        return []
    points, reached = [(0, ZERO)], ZERO
    for place, revenue in rows:
        reached += revenue
        points.append((place * 100 // SLICES, percent(reached, total) or ZERO))
    return points
