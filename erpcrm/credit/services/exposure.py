"""What customers owe and will owe, in the company's currency with tax: the terms of exposure, of one or of many at once.

Exposure is open invoices, what was shipped and not invoiced, what is confirmed and not shipped, less payments and credit
notes that settle nothing yet, less what orders have invoiced in advance: that much of them is among the invoices already, or
paid.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import case, func, literal, or_, select

from erpcrm.company.taxation import tax_on
from erpcrm.core.db import session
from erpcrm.core.exact import round_money
from erpcrm.core.settings import setting
from erpcrm.customers.models import Customer
from erpcrm.finance.models import OPEN_ADVANCE, STILL_OPEN, Invoice, InvoiceLine, ReceivableItem
from erpcrm.sales.models import SalesOrder

ZERO = Decimal(0)
LIVE = ("confirmed", "closed")
"""Orders of these states hold goods that are owed for, or will be"""
DEEPEST = 32
"""Companies above one another that are followed"""
SHOWN = 200


@dataclass(frozen=True)
class Terms:
    """Exposure by its terms. `credits` (payments and credit notes that settle nothing yet) and `advances` (invoiced in
    advance, of orders that are not invoiced yet) are below zero or zero."""

    invoices: Decimal = ZERO
    uninvoiced: Decimal = ZERO
    undelivered: Decimal = ZERO
    credits: Decimal = ZERO
    advances: Decimal = ZERO

    @property
    def exposure(self) -> Decimal:
        return self.invoices + self.uninvoiced + self.undelivered + self.credits + self.advances

    def __add__(self, other: "Terms") -> "Terms":
        return Terms(
            self.invoices + other.invoices,
            self.uninvoiced + other.uninvoiced,
            self.undelivered + other.undelivered,
            self.credits + other.credits,
            self.advances + other.advances,
        )


NOTHING = Terms()
Ids = Collection[int] | None


def _of(query: Any, column: Any, ids: Ids) -> Any:
    return query if ids is None else query.where(column.in_(ids))


def terms_of(ids: Ids) -> dict[int, Terms]:
    """{customer: terms} of these customers, None: of everybody who owes anything. Three queries, whatever their number."""
    item, order = ReceivableItem, SalesOrder
    owed = func.sum(case((item.base_open > 0, item.base_open)))
    credits = func.sum(case((item.base_open < 0, item.base_open)))
    items = select(item.customer_id, owed, credits).where(STILL_OPEN).group_by(item.customer_id)
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
    for one in advances_of(ids):
        found[one.customer_id] = found.get(one.customer_id, NOTHING) + Terms(advances=-one.amount)
    return found


@dataclass(frozen=True)
class Advance:
    """What an order has invoiced in advance and not taken off yet, as far as the order still counts as exposure."""

    order_id: int
    number: str
    customer_id: int
    ordered_on: date
    amount: Decimal


def advances_of(ids: Ids) -> list[Advance]:
    """Of the orders of these customers: never more than what of the order counts otherwise. One query."""
    order = SalesOrder
    live = _advances().where(func.coalesce(order.status, "").in_(LIVE))
    query = _of(live, func.coalesce(order.customer_id, 0), ids)
    found: dict[int, Decimal] = {}
    heads: dict[int, tuple[str, int, date, Decimal]] = {}
    for id, number, customer_id, day, claim, *advance in session.execute(query):
        found[id] = found.get(id, ZERO) + _left(*advance)
        heads[id] = number, customer_id, day, Decimal(claim)
    left = [Advance(id, *heads[id][:3], min(amount, heads[id][3])) for id, amount in found.items()]
    return [one for one in left if one.amount > 0]


def advance_of(order: SalesOrder) -> Decimal:
    """What one order has invoiced in advance and not taken off yet, confirmed or not. One query."""
    rows = session.execute(_advances().where(SalesOrder.id == order.id))
    return sum((_left(*advance) for _id, _number, _customer, _day, _claim, *advance in rows), ZERO)


def _advances() -> Any:
    """What was asked for in advance comes first, for that is little: all invoices, or all orders of a customer, are many. So
    no index is offered for states of invoices and orders."""
    invoice, order = Invoice, SalesOrder
    asked = (
        InvoiceLine.id,
        InvoiceLine.invoice_id,
        InvoiceLine.amount,
        InvoiceLine.credited_amount,
        InvoiceLine.tax_rate,
    )
    line = select(*asked).where(OPEN_ADVANCE).cte("asked").prefix_with("MATERIALIZED").c
    return (
        select(
            order.id, order.number, order.customer_id, order.ordered_on, order.undelivered + order.uninvoiced,
            line.amount, line.credited_amount, line.tax_rate, invoice.tax_included, invoice.rate, invoice.currency,
        )
        .join(invoice, invoice.id == line.invoice_id)
        .join(order, order.id == invoice.order_id)
        .where(
            invoice.kind == "invoice",
            func.coalesce(invoice.status, "") == "posted",
        )
        .order_by(order.id, line.id)
    )  # fmt: skip


def _left(amount: Decimal, gone: Decimal, tax: Decimal, included: bool, rate: Decimal, currency: str) -> Decimal:
    """What is left of a line that asks in advance, with its tax, in the company's currency."""
    left = amount - gone
    gross = left if included else left + round_money(tax_on(left, tax), currency)
    return round_money(gross * rate, setting("currency"))


def overdue_of(ids: Ids, on: date) -> dict[int, list[tuple[date, Decimal]]]:
    """{customer: [(due day, open)]} of what is past its day. One query: grace differs from customer to customer."""
    item = ReceivableItem
    query = (
        select(item.customer_id, item.due_on, func.sum(item.base_open))
        .where(STILL_OPEN, item.base_open > 0, item.due_on < on)
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
    """The documents that add up to one term, the oldest first."""
    if term == "advances":
        return [
            Document("order", one.order_id, one.number, one.customer_id, one.ordered_on, -one.amount)
            for one in advances_of(ids)
        ]
    if term in ("invoices", "credits"):
        item = ReceivableItem
        side = item.base_open > 0 if term == "invoices" else item.base_open < 0
        query = select(item.id, item.number, item.customer_id, item.due_on, item.base_open)
        query = query.where(item.customer_id.in_(ids), STILL_OPEN, side).order_by(item.due_on, item.id)
        return [Document("receivable_item", *row) for row in session.execute(query.limit(SHOWN))]
    order = SalesOrder
    amount = order.uninvoiced if term == "uninvoiced" else order.undelivered
    orders = select(order.id, order.number, order.customer_id, order.ordered_on, amount)
    orders = orders.where(order.customer_id.in_(ids), order.status.in_(LIVE), amount != 0).order_by(order.id)
    return [Document("order", *row) for row in session.execute(orders.limit(SHOWN))]


TERMS = ("invoices", "uninvoiced", "undelivered", "credits", "advances")
