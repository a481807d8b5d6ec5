"""What the accountant does next with an order, its deliveries and returns: invoice, credit, send, receive the money."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask import url_for
from sqlalchemy import or_, select

from erpcrm.access.steps import Step
from erpcrm.core.db import session
from erpcrm.core.exact import round_money
from erpcrm.core.i18n import _, pgettext
from erpcrm.inventory.models import SHIPPED, Delivery, Return
from erpcrm.sales.models import OrderLine, SalesOrder

from .models import INVOICE_EDIT, INVOICE_POST, PAYMENT_EDIT, Invoice
from .services import open_items_of, open_of

ADVANCE, DRAFT, INVOICE, CREDIT, SEND, PAYMENT = 15, 30, 35, 40, 45, 50
PREPAID = "prepaid"
Steps = Mapping[int, Sequence[Step]]


def next_of_orders(ids: Sequence[int]) -> Steps:
    """A few queries for all of them."""
    wanted = select(
        SalesOrder.id, SalesOrder.status, SalesOrder.uninvoiced, SalesOrder.payment_terms, SalesOrder.customer_id,
        SalesOrder.currency,
    ).where(SalesOrder.id.in_(ids), SalesOrder.status.in_(("confirmed", "closed")))  # fmt: skip
    orders = session.execute(wanted).all() if ids else []
    if not orders:
        return {}
    drafts: dict[int, list[Any]] = {id: [] for id in ids}
    posted: dict[int, list[Any]] = {id: [] for id in ids}
    invoices = (
        select(Invoice.id, Invoice.order_id, Invoice.number, Invoice.kind, Invoice.status, Invoice.sent_on)
        .where(Invoice.order_id.in_(ids))
        .order_by(Invoice.id)
    )
    for row in session.execute(invoices):
        (drafts if row.status == "draft" else posted)[row.order_id].append(row)
    left = open_of(row.id for rows in posted.values() for row in rows if row.kind == "invoice")
    back = _to_credit(id for id, rows in posted.items() if rows)
    return {order.id: _steps(order, drafts[order.id], posted[order.id], left, order.id in back) for order in orders}


def _steps(
    order: Any, drafts: Sequence[Any], posted: Sequence[Any], left: Mapping[int, Decimal], back: bool
) -> list[Step]:
    found = []
    if order.payment_terms == PREPAID and order.status == "confirmed" and not drafts and not posted:
        url = url_for("finance.invoice_order", id=order.id)
        found.append(Step(ADVANCE, _("Invoice in advance"), url, "file-invoice", INVOICE_EDIT, "dialog"))
    for draft in drafts[:1]:
        label = _("Post the invoice") if draft.kind == "invoice" else _("Post the credit note")
        found.append(Step(DRAFT, label, url_for("finance.invoice", id=draft.id), "check", INVOICE_POST))
    kinds = {draft.kind for draft in drafts}
    if order.uninvoiced > 0 and "invoice" not in kinds:
        url = url_for("finance.invoice_delivered", id=order.id)
        found.append(
            Step(INVOICE, pgettext("step", "Invoice"), url, "file-invoice", INVOICE_EDIT, "post", shortcut="i")
        )
    if back and "credit_note" not in kinds:
        url = url_for("finance.credit_returned", id=order.id)
        found.append(Step(CREDIT, _("Credit what came back"), url, "arrow-back-up", INVOICE_EDIT, "post"))
    unpaid = [row for row in posted if left.get(row.id, Decimal(0)) > 0]
    for row in [row for row in unpaid if row.sent_on is None][:1]:
        url = url_for("finance.invoice", id=row.id)
        found.append(Step(SEND, _("Send %(number)s", number=row.number), url, "send", INVOICE_POST))
    if unpaid:
        whole = sum((left[row.id] for row in unpaid), Decimal(0))
        url = url_for(
            "finance.new_payment", customer_id=order.customer_id, amount=f"{round_money(whole, order.currency):f}", currency=order.currency,
            item=open_items_of([row.id for row in unpaid]),
        )  # fmt: skip
        found.append(Step(PAYMENT, _("Enter a payment"), url, "cash", PAYMENT_EDIT))
    return found


def _to_credit(ids: Iterable[int]) -> set[int]:
    """The orders of which something was invoiced that came back, or will never be delivered."""
    asked = list(ids)
    if not asked:
        return set()
    lines = select(OrderLine).where(
        OrderLine.order_id.in_(asked),
        OrderLine.invoiced > 0,
        or_(OrderLine.returned > 0, OrderLine.status == "closed"),
    )
    return {line.order_id for line in session.scalars(lines) if line.to_credit}


def next_of_deliveries(ids: Sequence[int]) -> Steps:
    """What has left is invoiced, with whatever else of its order has left."""
    query = select(Delivery.id, Delivery.order_id).where(Delivery.id.in_(ids), Delivery.status.in_(SHIPPED))
    return _of_documents(session.execute(query).all(), {DRAFT, INVOICE})


def next_of_returns(ids: Sequence[int]) -> Steps:
    """What came back is credited, if it was invoiced."""
    query = select(Return.id, Delivery.order_id).join(Delivery, Delivery.id == Return.delivery_id)
    rows = session.execute(query.where(Return.id.in_(ids), Return.status == "received")).all()
    return _of_documents(rows, {DRAFT, CREDIT})


def _of_documents(rows: Sequence[tuple[int, int]], ranks: set[int]) -> Steps:
    steps = next_of_orders([order_id for _id, order_id in rows])
    return {id: [step for step in steps.get(order_id, ()) if step.rank in ranks] for id, order_id in rows}
