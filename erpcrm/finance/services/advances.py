"""What was asked for in advance, and how later invoices take it off."""

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import select

from erpcrm.core.db import session
from erpcrm.core.i18n import _, in_language
from erpcrm.sales.models import SalesOrder

from ..models import Invoice, InvoiceLine

ZERO = Decimal(0)


def advances_of(order: SalesOrder) -> Sequence[InvoiceLine]:
    """The lines of posted invoices that asked for money of this order in advance."""
    query = (
        select(InvoiceLine)
        .join(Invoice)
        .where(
            Invoice.order_id == order.id,
            Invoice.kind == "invoice",
            Invoice.status == "posted",
            InvoiceLine.use == "advance",
        )
        .order_by(InvoiceLine.id)
    )
    return session.scalars(query).all()


def deduct_advances(invoice: Invoice, order: SalesOrder) -> None:
    """Take off what was asked for in advance, tax by tax, never more than the invoice has of that tax."""
    room: dict[tuple[int | None, Decimal], Decimal] = {}
    for line in invoice.lines:
        key = (line.tax_id, line.tax_rate)
        room[key] = room.get(key, ZERO) + line.amount
    for advance in advances_of(order):
        key = (advance.tax_id, advance.tax_rate)
        amount = min(advance.amount - advance.credited_amount, room.get(key, ZERO))
        if amount <= 0:
            continue
        room[key] -= amount
        with in_language(order.language):
            text = _("Less the advance of invoice %(number)s", number=advance.invoice.number)
        invoice.lines.append(
            InvoiceLine(
                text=text, quantity=Decimal(1), factor=Decimal(1), price=amount, discount=ZERO, amount=-amount,
                tax_id=advance.tax_id, tax_rate=advance.tax_rate, use="deduction", origin_id=advance.id, credited=ZERO,
            )
        )  # fmt: skip
