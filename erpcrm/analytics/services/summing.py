"""From documents to one row a customer and one a customer and month, in SQL, some thousand customers at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    Integer,
    and_,
    case,
    delete,
    exists,
    extract,
    func,
    insert,
    literal,
    literal_column,
    select,
    true,
    type_coerce,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from erpcrm.core.db import now, session
from erpcrm.core.exact import AMOUNT
from erpcrm.customers.models import Activity

from ..models import CustomerMonth, CustomerValue
from .transactions import purchases

ZERO = Decimal(0)
LATER = ("before", "abc", "risk", "at_risk")
"""What a new row begins with, and later phases write"""
YEAR = timedelta(days=365)


class DaysBetween(FunctionElement[int]):
    """The days from an earlier date to a later one, a whole number on both databases."""

    type = Integer()
    inherit_cache = True
    name = "days_between"


@compiles(DaysBetween)
def _days(element: DaysBetween, compiler: SQLCompiler, **kw: Any) -> str:
    early, late = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"({late} - {early})"


@compiles(DaysBetween, "sqlite")
def _days_on_sqlite(element: DaysBetween, compiler: SQLCompiler, **kw: Any) -> str:
    early, late = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"CAST(julianday({late}) - julianday({early}) AS INTEGER)"


@dataclass(frozen=True)
class Costs:
    """What it costs to serve, in the company's currency: each document, each activity that was done."""

    document: Decimal
    activity: Decimal


def next_customers(after: int, many: int) -> int | None:
    """The last id of the next `many` customers who have a document, or None when there are no more."""
    bought = purchases()
    ids = select(bought.c.customer_id).where(bought.c.customer_id > after).distinct()
    batch = ids.order_by(bought.c.customer_id).limit(many).subquery()
    return session.scalar(select(func.max(batch.c.customer_id)))


def sum_up(after: int, until: int | None, costs: Costs, on: date) -> int:
    """Work out the customers above `after` up to `until` (None: all the rest, who have nothing any more). How many there are."""
    values: Any = CustomerValue.__table__
    months: Any = CustomerMonth.__table__
    within, in_months = values.c.customer_id > after, months.c.customer_id > after
    if until is None:
        session.execute(delete(values).where(within))
        session.execute(delete(months).where(in_months))
        return 0
    moment, days = now(), _days_of(after, until, on)
    within, in_months = within & (values.c.customer_id <= until), in_months & (months.c.customer_id <= until)
    names, query = _values(days, after, until, costs, on, moment)
    # Over the figures of yesterday, so that what is ranked and foretold later stays to be looked at until it is renewed.
    kind = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    written = kind(values).from_select(names, query)
    kept = {"id", "customer_id", "version", "created_at", *LATER}
    session.execute(
        written.on_conflict_do_update(
            index_elements=["id"], set_={name: written.excluded[name] for name in names if name not in kept}
        )
    )
    bought = purchases()
    any_left = exists().where(bought.c.customer_id == values.c.customer_id, bought.c.revenue > 0, bought.c.on <= on)
    session.execute(delete(values).where(within, ~any_left))
    session.execute(delete(months).where(in_months))
    session.execute(insert(months).from_select(*_months(days)))
    return session.scalar(select(func.count()).select_from(values).where(within)) or 0


def _days_of(after: int, until: int, on: date) -> Any:
    """One row a customer and day: what was bought, credited, left. Documents of days to come do not count yet."""
    bought = purchases()
    above = bought.c.revenue > 0
    nothing = literal(ZERO, AMOUNT)
    return (
        select(
            bought.c.customer_id,
            bought.c.on,
            type_coerce(func.sum(case((above, bought.c.revenue), else_=nothing)), AMOUNT).label("bought"),
            type_coerce(func.sum(bought.c.revenue), AMOUNT).label("revenue"),
            type_coerce(func.sum(bought.c.margin), AMOUNT).label("margin"),
            type_coerce(func.sum(case((bought.c.margin.is_not(None), bought.c.revenue), else_=nothing)), AMOUNT).label(
                "costed"
            ),
            func.count().label("documents"),
            func.max(case((above, 1), else_=0)).label("purchase"),
        )
        .where(bought.c.customer_id > after, bought.c.customer_id <= until, bought.c.on <= on)
        .group_by(bought.c.customer_id, bought.c.on)
        .cte("days")
    )


def _values(days: Any, after: int, until: int, costs: Costs, on: date, moment: datetime) -> tuple[list[str], Any]:
    purchase = days.c.purchase == 1
    year_ago = on - YEAR
    sums = (
        select(
            days.c.customer_id,
            func.min(case((purchase, days.c.on))).label("first_on"),
            func.max(case((purchase, days.c.on))).label("last_on"),
            func.sum(days.c.purchase).label("days"),
            func.sum(days.c.documents).label("documents"),
            type_coerce(func.sum(days.c.bought), AMOUNT).label("bought"),
            type_coerce(func.sum(days.c.revenue), AMOUNT).label("revenue"),
            type_coerce(
                func.sum(case((days.c.on > year_ago, days.c.revenue), else_=literal(ZERO, AMOUNT))), AMOUNT
            ).label("revenue_year"),
            type_coerce(func.sum(days.c.costed), AMOUNT).label("costed"),
            type_coerce(func.sum(days.c.margin), AMOUNT).label("margin"),
        )
        .group_by(days.c.customer_id)
        .having(func.sum(days.c.purchase) > 0)
        .subquery("sums")
    )
    intervals = _intervals(days)
    done = (
        select(Activity.customer_id, func.count().label("count"))
        .where(Activity.customer_id > after, Activity.customer_id <= until, Activity.done_at.is_not(None))
        .group_by(Activity.customer_id)
        .subquery("done")
    )
    activities = func.coalesce(done.c.count, 0)
    served = type_coerce(
        sums.c.documents * literal(costs.document, AMOUNT) + activities * literal(costs.activity, AMOUNT), AMOUNT
    )
    columns = {
        "id": sums.c.customer_id,
        "customer_id": sums.c.customer_id,
        "version": literal(1),
        "created_at": literal(moment, CustomerValue.created_at.type),
        "updated_at": literal(moment, CustomerValue.updated_at.type),
        "as_of": literal(on),
        "first_on": sums.c.first_on,
        "last_on": sums.c.last_on,
        "days": sums.c.days,
        "documents": sums.c.documents,
        "activities": activities,
        "bought": sums.c.bought,
        "revenue": sums.c.revenue,
        "revenue_year": sums.c.revenue_year,
        "costed": sums.c.costed,
        "margin": sums.c.margin,
        "cost_to_serve": served,
        "contribution": type_coerce(sums.c.margin - served, AMOUNT),
        "before": literal(ZERO, AMOUNT),
        "abc": literal("C"),
        "doubled_interval": intervals.c.doubled,
        "risk": literal("unknown"),
        "at_risk": literal(ZERO, AMOUNT),
    }
    query = (
        select(*columns.values())
        .select_from(sums)
        .outerjoin(intervals, intervals.c.customer_id == sums.c.customer_id)
        .outerjoin(done, done.c.customer_id == sums.c.customer_id)
        .where(true())  # or SQLite takes the ON of the conflict for one of a join
    )
    return list(columns), query


def _intervals(days: Any) -> Any:
    """Twice the median of the days between purchases, of those who have bought at least three times."""
    gap = DaysBetween(func.lag(days.c.on).over(partition_by=days.c.customer_id, order_by=days.c.on), days.c.on)
    gaps = select(days.c.customer_id, gap.label("gap")).where(days.c.purchase == 1).subquery("gaps")
    place = func.row_number().over(partition_by=gaps.c.customer_id, order_by=gaps.c.gap)
    count = func.count().over(partition_by=gaps.c.customer_id)
    placed = (
        select(gaps.c.customer_id, gaps.c.gap, place.label("place"), count.label("count"))
        .where(gaps.c.gap.is_not(None))
        .subquery("placed")
    )
    middle = and_(placed.c.place * 2 >= placed.c.count, placed.c.place * 2 <= placed.c.count + 2)
    return (
        select(placed.c.customer_id, (func.min(placed.c.gap) + func.max(placed.c.gap)).label("doubled"))
        .where(placed.c.count >= 2, middle)
        .group_by(placed.c.customer_id)
        .subquery("intervals")
    )


def _months(days: Any) -> tuple[list[str], Any]:
    def month(day: Any) -> Any:
        return extract("year", day) * literal_column("12") + extract("month", day) - literal_column("1")

    monthly = (
        select(
            days.c.customer_id,
            month(days.c.on).label("month"),
            func.sum(days.c.purchase).label("days"),
            type_coerce(func.sum(days.c.revenue), AMOUNT).label("revenue"),
        )
        .group_by(days.c.customer_id, month(days.c.on))
        .subquery("monthly")
    )
    values: Any = CustomerValue.__table__
    query = select(
        monthly.c.customer_id, monthly.c.month, month(values.c.first_on), monthly.c.days, monthly.c.revenue
    ).join(values, values.c.customer_id == monthly.c.customer_id)
    return ["customer_id", "month", "cohort", "days", "revenue"], query


def rank_all(cuts: Sequence[int]) -> Decimal:
    """Give each customer its place by revenue, what stands in front of it, and its class. What all bring together."""
    values: Any = CustomerValue.__table__
    total = session.scalar(select(func.sum(values.c.revenue))) or ZERO
    # The cuts are worked out here: a sum of all times eighty would leave the 64 bits of SQLite.
    first, second = ((total * cut / 100).quantize(AMOUNT.unit) for cut in cuts)
    order = (values.c.revenue.desc(), values.c.id)
    running = func.sum(values.c.revenue).over(order_by=order, rows=(None, 0))
    placed = select(
        values.c.id,
        func.row_number().over(order_by=order).label("rank"),
        type_coerce(running - values.c.revenue, AMOUNT).label("before"),
        values.c.revenue,
    ).subquery("placed")
    brings = and_(placed.c.revenue > ZERO, literal(total, AMOUNT) > ZERO)
    letter = case(
        (and_(brings, placed.c.before < first), "A"),
        (and_(brings, placed.c.before < second), "B"),
        else_="C",
    )
    session.execute(
        update(values).where(values.c.id == placed.c.id).values(rank=placed.c.rank, before=placed.c.before, abc=letter)
    )
    return total


def company_rate() -> Decimal | None:
    """What is left of the revenue of all after cost and cost to serve; None where no cost is known."""
    known = CustomerValue.contribution.is_not(None)
    left, costed = session.execute(
        select(func.sum(CustomerValue.contribution), func.sum(CustomerValue.costed)).where(known)
    ).one()
    if left is None or not costed or costed <= 0:
        return None
    return max(Decimal(-1), min(Decimal(1), (left / costed).quantize(Decimal("0.0001"))))
