"""Whether what was filled in bulk fits together, as if the services had made it."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, or_, select

from erpcrm.books.figures import Check, checks
from erpcrm.core.db import session
from erpcrm.finance.models import Allocation, EntryLine, Invoice, ReceivableItem
from erpcrm.finance.services import totals_of
from erpcrm.inventory.models import Reservation, StockItem, StockLevel
from erpcrm.sales.models import SalesOrder
from erpcrm.sales.services.progress import derive

SAMPLE = 300
DERIVED = (
    "net",
    "tax",
    "gross",
    "base_gross",
    "base_net",
    "base_cost",
    "delivery_state",
    "invoice_state",
    "undelivered",
    "uninvoiced",
)


def faults(on: date) -> list[str]:
    """What does not hold; nothing when all is well."""
    return [f"{one.what}: {one.one} and {one.other}" for one in [*checks(on), *_more()] if not one.holds]


def _count(query: Any) -> Decimal:
    return Decimal(session.scalar(select(func.count()).select_from(query.subquery())) or 0)


def _more() -> Iterator[Check]:
    uneven = select(EntryLine.entry_id).group_by(EntryLine.entry_id)
    uneven = uneven.having(func.sum(EntryLine.debit) != func.sum(EntryLine.credit))
    yield Check("entries that don't balance", _count(uneven), Decimal(0))
    item = ReceivableItem
    for name, key, settled in (
        ("invoices", Allocation.debit_id, item.amount - item.open),
        ("payments", Allocation.credit_id, item.open - item.amount),
    ):
        shares = select(key.label("item_id"), func.sum(Allocation.amount).label("amount")).group_by(key).subquery()
        off = select(item.id).join(shares, shares.c.item_id == item.id).where(settled != shares.c.amount)
        yield Check(f"{name} whose open amount is not what allocations left", _count(off), Decimal(0))
    promised = select(Reservation.item_id, func.sum(Reservation.quantity).label("quantity")).group_by(
        Reservation.item_id
    )
    sums = promised.subquery()
    off = select(StockItem.id).outerjoin(sums, sums.c.item_id == StockItem.id)
    off = off.where(
        or_(StockItem.reserved != func.coalesce(sums.c.quantity, 0), StockItem.on_hand < StockItem.reserved)
    )
    yield Check("products whose promises don't add up", _count(off), Decimal(0))
    lies = session.scalar(select(func.sum(StockLevel.on_hand)))
    yield Check(
        "stock by location and by warehouse",
        Decimal(lies or 0),
        Decimal(session.scalar(select(func.sum(StockItem.on_hand))) or 0),
    )
    yield Check("orders that are derived otherwise", Decimal(len(list(_derived_otherwise()))), Decimal(0))
    yield Check("invoices that come to something else", Decimal(len(list(_added_otherwise()))), Decimal(0))


def _some(model: Any) -> Any:
    """Orders or invoices out of all times, the newest among them."""
    last = session.scalar(select(func.max(model.id))) or 0
    ids = {*range(max(1, last - SAMPLE), last + 1), *range(1, last + 1, max(1, last // SAMPLE))}
    return session.scalars(select(model).where(model.id.in_(sorted(ids))))


def _derived_otherwise() -> Iterator[str]:
    for order in _some(SalesOrder):
        before = [getattr(order, name) for name in DERIVED]
        derive(order)
        if before != [getattr(order, name) for name in DERIVED]:
            yield order.number
    session.expire_all()


def _added_otherwise() -> Iterator[int]:
    for invoice in _some(Invoice):
        found = totals_of(invoice)
        if (found.net, found.tax, found.gross) != (invoice.net, invoice.tax, invoice.gross):
            yield invoice.id
