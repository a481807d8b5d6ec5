"""How customers buy: in which rhythm, whether they fall silent, by cohorts, and what of their habits has changed."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import case, func, select, type_coerce
from sqlalchemy.orm import joinedload

from erpcrm.catalog.models import Product
from erpcrm.core.actor import Actor
from erpcrm.core.db import session
from erpcrm.core.exact import AMOUNT
from erpcrm.core.i18n import zone
from erpcrm.customers.models import Activity, Customer
from erpcrm.customers.scopes import visible_customers

from ..baskets import Together
from ..cohorts import MONTHS, Average, Cohort, averages, month_of, percent, retention
from ..intervals import AT_RISK, Missed, missed
from ..models import CustomerMonth, CustomerValue, ProductPair
from .transactions import purchase_lines
from .value import seen_values

ZERO = Decimal(0)
YEAR = timedelta(days=365)
SHOWN = 10
OFFERED = 100


def risk_counts(actor: Actor) -> dict[str, tuple[int, Decimal]]:
    """{risk: (customers, revenue at risk)} of those that the user sees."""
    query = (
        select(CustomerValue.risk, func.count(), func.sum(CustomerValue.at_risk))
        .where(seen_values(actor))
        .group_by(CustomerValue.risk)
    )
    return {risk: (count, amount) for risk, count, amount in session.execute(query)}


def worth_a_call(actor: Actor, many: int = SHOWN) -> Sequence[CustomerValue]:
    """Who has been silent for longer than usual, the one with most to lose first."""
    query = (
        select(CustomerValue)
        .where(seen_values(actor), CustomerValue.risk.in_(AT_RISK), CustomerValue.at_risk > 0)
        .order_by(CustomerValue.at_risk.desc(), CustomerValue.id)
        .options(joinedload(CustomerValue.customer).joinedload(Customer.owner))
        .limit(many)
    )
    return session.scalars(query).all()


def cohort_table(actor: Actor, unit: str, until: date, most: int) -> tuple[list[Cohort], list[Average]]:
    """The last `most` cohorts of customers whom the user sees, by months or quarters, and their average retention."""
    size = MONTHS[unit]
    now_at = month_of(until) // size
    # Whole quarters by taking off the rest: a division of whole numbers is another one on each database.
    cohort, period = (column - column % size for column in (CustomerMonth.cohort, CustomerMonth.month))
    first = (now_at - most + 1) * size
    buyers = func.count(case((CustomerMonth.days > 0, CustomerMonth.customer_id)).distinct())
    revenue = type_coerce(func.sum(CustomerMonth.revenue), AMOUNT)
    query = select(cohort.label("cohort_at"), period.label("period_at"), buyers, revenue).where(
        CustomerMonth.cohort >= first, CustomerMonth.month >= CustomerMonth.cohort
    )
    if actor.scope("customer_value") != "all":
        query = query.where(CustomerMonth.customer_id.in_(visible_customers(actor)))
    rows = session.execute(query.group_by("cohort_at", "period_at")).all()
    table = retention(((one // size, (two - one) // size, count, amount) for one, two, count, amount in rows), now_at)
    return table, averages(table, now_at)


@dataclass(frozen=True)
class Pair:
    product: Product
    other: Product
    together: Together


def pairs(many: int, product_id: int | None = None) -> list[Pair]:
    """What is bought together more often than chance would have it, the strongest first."""
    query = select(ProductPair)
    if product_id is not None:
        query = query.where((ProductPair.product_id == product_id) | (ProductPair.other_id == product_id))
    query = query.order_by(ProductPair.both.desc(), ProductPair.product_id, ProductPair.other_id).limit(OFFERED)
    found = session.scalars(query).all()
    ids = {one.product_id for one in found} | {one.other_id for one in found}
    products = _products(ids)
    made = [
        Pair(
            products[one.product_id],
            products[one.other_id],
            Together(one.both, one.first, one.second, one.baskets),
        )
        for one in found
    ]
    made = [pair for pair in made if pair.together.lift > 1]
    return sorted(made, key=lambda pair: (-pair.together.lift, -pair.together.both, pair.product.id))[:many]


def _products(ids: Any) -> dict[int, Product]:
    query = select(Product).where(Product.id.in_(list(ids)))
    return {product.id: product for product in session.scalars(query)} if ids else {}


def months_of(customer_id: int, until: date, many: int = 24) -> list[tuple[int, Decimal]]:
    """(month, revenue) of the last months of one customer, with the empty ones between."""
    last = month_of(until)
    query = select(CustomerMonth.month, CustomerMonth.revenue).where(
        CustomerMonth.customer_id == customer_id, CustomerMonth.month > last - many
    )
    known = dict(session.execute(query).all())
    return [(month, known.get(month, ZERO)) for month in range(last - many + 1, last + 1)]


@dataclass(frozen=True)
class Habit:
    """A product that a customer used to buy, and is overdue."""

    product: Product
    missed: Missed


@dataclass(frozen=True)
class Mix:
    """What part of a customer's purchases a category makes: in the last twelve months, and in the twelve before."""

    category: str | None
    year: Decimal
    before: Decimal
    share: Decimal | None
    share_before: Decimal | None

    @property
    def change(self) -> Decimal | None:
        """In percentage points"""
        if self.share is None or self.share_before is None:
            return None
        return self.share - self.share_before


def habits_and_mix(customer_id: int, on: date) -> tuple[list[Habit], list[Mix]]:
    """What one customer no longer buys, and how its purchases are made up, of the lines of two years."""
    lines = purchase_lines()
    rows = session.execute(
        select(lines.c.product_id, lines.c.on, lines.c.quantity, lines.c.revenue).where(
            lines.c.customer_id == customer_id,
            lines.c.on > on - 2 * YEAR,
            lines.c.on <= on,
            lines.c.product_id.is_not(None),
        )
    ).all()
    products = _products({row.product_id for row in rows})
    bought: dict[int, set[date]] = defaultdict(set)
    sums: dict[str | None, list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    for row in rows:
        if row.quantity > 0:
            bought[row.product_id].add(row.on)
        if row.revenue is not None:
            sums[products[row.product_id].category][0 if row.on > on - YEAR else 1] += row.revenue
    gone = [Habit(products[one.product_id], one) for one in missed(bought, on)]
    year, before = (sum((pair[place] for pair in sums.values()), start=ZERO) for place in (0, 1))
    mix = [Mix(name, one, two, percent(one, year), percent(two, before)) for name, (one, two) in sums.items()]
    return gone, sorted(mix, key=lambda part: (-part.year, -part.before, part.category or ""))


def engagement(customer_id: int, on: date) -> list[tuple[str, int, int]]:
    """(kind, how many in the last twelve months, in the twelve before) of the activities with one customer."""
    end = datetime.combine(on + timedelta(days=1), time.min, zone())
    middle, start = end - YEAR, end - 2 * YEAR
    query = (
        select(
            Activity.kind,
            func.sum(case((Activity.at >= middle, 1), else_=0)),
            func.sum(case((Activity.at >= middle, 0), else_=1)),
        )
        .where(
            Activity.customer_id == customer_id,
            Activity.done_at.is_not(None),
            Activity.at >= start,
            Activity.at < end,
        )
        .group_by(Activity.kind)
        .order_by(func.count().desc(), Activity.kind)
    )
    return [(kind, now_count, before) for kind, now_count, before in session.execute(query)]
