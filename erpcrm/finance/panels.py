"""What finance adds to pages of lower areas."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from erpcrm.core.db import session
from erpcrm.core.i18n import today
from erpcrm.sales.models import PlannedBill, SalesOrder

from .models import CustomerAccount, Invoice, Payment
from .services import aged_of, open_of
from .services.dunning import is_stopped

SHOWN = 3


def account_of_customers(ids: Sequence[int]) -> Mapping[int, Any]:
    """What each customer owes by band, and their last payments: three queries for all of them."""
    on = today()
    aged = aged_of(ids, on)
    stops = {
        one.customer_id: is_stopped(one, on)
        for one in session.scalars(select(CustomerAccount).where(CustomerAccount.customer_id.in_(ids)))
    }
    place = func.row_number().over(partition_by=Payment.customer_id, order_by=(Payment.date.desc(), Payment.id.desc()))
    ranked = (
        select(
            Payment.id, Payment.customer_id, Payment.number, Payment.date, Payment.amount, Payment.currency,
            Payment.direction, place.label("place"),
        )
        .where(Payment.customer_id.in_(ids), Payment.status == "posted")
        .subquery()
    )  # fmt: skip
    last: dict[int, list[Any]] = {}
    for row in session.execute(select(ranked).where(ranked.c.place <= SHOWN).order_by(ranked.c.place)):
        last.setdefault(row.customer_id, []).append(row)
    return {
        id: {"id": id, "aged": aged.get(id), "payments": last.get(id, []), "stopped": stops.get(id, False)}
        for id in ids
    }


def invoices_of_orders(ids: Sequence[int]) -> Mapping[int, Any]:
    """The invoices of each order with what is open of them: two queries."""
    query = select(
        Invoice.id, Invoice.order_id, Invoice.number, Invoice.kind, Invoice.status, Invoice.date, Invoice.gross, Invoice.currency
    ).where(Invoice.order_id.in_(ids))  # fmt: skip
    rows = session.execute(query.order_by(Invoice.id)).all()
    left = open_of(row.id for row in rows if row.status == "posted")
    found: dict[int, list[Any]] = {id: [] for id in ids}
    for row in rows:
        found[row.order_id].append((row, left.get(row.id)))
    return found


def invoicing_of_orders(ids: Sequence[int]) -> Mapping[int, Any]:
    """What may be invoiced: for the button at the head of an order's page. `now`: something was delivered already; of an
    order that `waits` for credit a share in advance."""
    query = select(SalesOrder.id, SalesOrder.uninvoiced, SalesOrder.status).where(
        SalesOrder.id.in_(ids),
        SalesOrder.status.in_(("waiting", "confirmed", "closed")),
        SalesOrder.invoice_state != "all",
    )
    return {
        id: {"id": id, "now": uninvoiced > 0, "waits": status == "waiting"}
        for id, uninvoiced, status in session.execute(query)
    }


def bills_of_contracts(ids: Sequence[int]) -> Mapping[int, Any]:
    """The steps of each contract's billing plan, with the invoice that was made of it."""
    query = (
        select(PlannedBill, Invoice.id.label("invoice_id"), Invoice.number)
        .outerjoin(Invoice, Invoice.bill_id == PlannedBill.id)
        .where(PlannedBill.contract_id.in_(ids))
        .order_by(PlannedBill.due_on, PlannedBill.id)
    )
    found: dict[int, list[Any]] = {id: [] for id in ids}
    for bill, invoice_id, number in session.execute(query):
        found[bill.contract_id].append((bill, invoice_id, number))
    return found
