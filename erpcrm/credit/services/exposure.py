"""What customers owe and will owe, in the company's currency with tax: the terms of exposure, of one or of many at once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import case, func, literal, or_, select

from erpcrm.core.db import session
from erpcrm.core.i18n import today
from erpcrm.customers.models import Customer
from erpcrm.finance.models import ReceivableItem
from erpcrm.sales.models import SalesOrder

ZERO = Decimal(0)
LIVE = ("confirmed", "closed")
"""Orders of these states hold goods that are owed for, or will be"""
DEEPEST = 32
"""Companies above one another that are followed"""
SHOWN = 200


@dataclass(frozen=True)
class Terms:
    """Exposure by its terms. `credits` (payments and credit notes that settle nothing yet) is below zero or zero."""

    invoices: Decimal = ZERO
    uninvoiced: Decimal = ZERO
    undelivered: Decimal = ZERO
    credits: Decimal = ZERO

    @property
    def exposure(self) -> Decimal:
        return self.invoices + self.uninvoiced + self.undelivered + self.credits

    def __add__(self, other: "Terms") -> "Terms":
        return Terms(
            self.invoices + other.invoices,
            self.uninvoiced + other.uninvoiced,
            self.undelivered + other.undelivered,
            self.credits + other.credits,
        )


NOTHING = Terms()
Ids = Collection[int] | None


def _of(query: Any, column: Any, ids: Ids) -> Any:
    return query if ids is None else query.where(column.in_(ids))


def terms_of(ids: Ids) -> dict[int, Terms]:
    """{customer: terms} of these customers, None: of everybody who owes anything. Two queries, whatever their number."""
    item, order = ReceivableItem, SalesOrder
    owed = func.sum(case((item.base_open > 0, item.base_open)))
    credits = func.sum(case((item.base_open < 0, item.base_open)))
    items = select(item.customer_id, owed, credits).where(item.open != 0).group_by(item.customer_id)
    orders = (
        select(order.customer_id, func.sum(order.uninvoiced), func.sum(order.undelivered))
        .where(order.status.in_(LIVE), or_(order.uninvoiced != 0, order.undelivered != 0))
        .group_by(order.customer_id)
    )
    found: dict[int, Terms] = {}
    for customer_id, invoices, credit in session.execute(_of(items, item.customer_id, ids)):
        found[customer_id] = Terms(invoices=Decimal(invoices or 0), credits=Decimal(credit or 0))
    for customer_id, uninvoiced, undelivered in session.execute(_of(orders, order.customer_id, ids)):
        more = Terms(uninvoiced=Decimal(uninvoiced or 0), undelivered=Decimal(undelivered or 0))
        found[customer_id] = found.get(customer_id, NOTHING) + more
    return found


def overdue_of(ids: Ids, on: date) -> dict[int, list[tuple[date, Decimal]]]:
    """{customer: [(due day, open)]} of what is past its day. One query: grace differs from customer to customer."""
    item = ReceivableItem
    query = (
        select(item.customer_id, item.due_on, func.sum(item.base_open))
        .where(item.open != 0, item.base_open > 0, item.due_on < on)
        .group_by(item.customer_id, item.due_on)
    )
    found: dict[int, list[tuple[date, Decimal]]] = {}
    for customer_id, due_on, amount in session.execute(_of(query, item.customer_id, ids)):
        found.setdefault(customer_id, []).append((due_on, Decimal(amount)))
    return found


def beyond_grace(rows: Sequence[tuple[date, Decimal]], days: int, on: date) -> Decimal:
    """What of it is overdue by more than so many days."""
    return sum((amount for due_on, amount in rows if (on - due_on).days > days), ZERO)


def companies_above(ids: Ids) -> dict[int, list[int]]:
    """{customer: the companies above it, the nearest first}. One query."""
    start = select(Customer.id.label("start"), Customer.parent_id.label("above"), literal(1).label("depth")).where(
        Customer.parent_id.is_not(None)
    )
    chain = _of(start, Customer.id, ids).cte("companies_above", recursive=True)
    chain = chain.union(
        select(chain.c.start, Customer.parent_id, chain.c.depth + 1)
        .join(chain, Customer.id == chain.c.above)
        .where(Customer.parent_id.is_not(None), chain.c.depth < DEEPEST)
    )
    found: dict[int, list[int]] = {}
    for start_id, above in session.execute(select(chain.c.start, chain.c.above).order_by(chain.c.depth)):
        if above != start_id and above not in found.setdefault(start_id, []):
            found[start_id].append(above)
    return found


def groups_under(roots: Collection[int]) -> dict[int, set[int]]:
    """{company: itself and every company below it}. One query."""
    if not roots:
        return {}
    start = select(Customer.id.label("root"), Customer.id.label("member"), literal(1).label("depth"))
    tree = start.where(Customer.id.in_(roots)).cte("groups_under", recursive=True)
    tree = tree.union(
        select(tree.c.root, Customer.id, tree.c.depth + 1)
        .join(tree, Customer.parent_id == tree.c.member)
        .where(tree.c.depth < DEEPEST)
    )
    found: dict[int, set[int]] = {}
    for root, member in session.execute(select(tree.c.root, tree.c.member)):
        found.setdefault(root, set()).add(member)
    return found


@dataclass(frozen=True)
class Document:
    """One document behind a term of exposure."""

    kind: str
    id: int
    number: str
    customer_id: int
    day: date | None
    amount: Decimal


def documents_behind(ids: Collection[int], term: str) -> list[Document]:
    """The documents that add up to one term ("invoices", "credits", "uninvoiced", "undelivered"), the oldest first."""
    if term in ("invoices", "credits"):
        item = ReceivableItem
        side = item.base_open > 0 if term == "invoices" else item.base_open < 0
        query = select(item.id, item.number, item.customer_id, item.due_on, item.base_open)
        query = query.where(item.customer_id.in_(ids), item.open != 0, side).order_by(item.due_on, item.id)
        return [Document("receivable_item", *row) for row in session.execute(query.limit(SHOWN))]
    order = SalesOrder
    amount = order.uninvoiced if term == "uninvoiced" else order.undelivered
    orders = select(order.id, order.number, order.customer_id, order.ordered_on, amount)
    orders = orders.where(order.customer_id.in_(ids), order.status.in_(LIVE), amount != 0).order_by(order.id)
    return [Document("order", *row) for row in session.execute(orders.limit(SHOWN))]


TERMS = ("invoices", "uninvoiced", "undelivered", "credits")


def days_overdue(rows: Mapping[int, Sequence[tuple[date, Decimal]]], customer_id: int) -> int:
    """How long the oldest amount is overdue."""
    return max(((today() - due_on).days for due_on, _amount in rows.get(customer_id, ())), default=0)
