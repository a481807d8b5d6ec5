"""What was asked for in advance, and how later invoices take it off."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from erpcrm.core.db import session
from erpcrm.core.errors import Refused
from erpcrm.core.i18n import _, in_language
from erpcrm.sales.amounts import part_amount
from erpcrm.sales.models import OrderLine, SalesOrder

from ..models import Invoice, InvoiceLine

ZERO = Decimal(0)


def advances_of(order: SalesOrder, but: Invoice | None = None) -> Sequence[InvoiceLine]:
    """The lines of posted invoices that asked for money of this order in advance, but for those of one invoice."""
    query = (
        select(InvoiceLine)
        .join(Invoice)
        .where(
            Invoice.order_id == order.id,
            Invoice.kind == "invoice",
            Invoice.status == "posted",
            InvoiceLine.use == "advance",
            Invoice.id != (but.id if but is not None else 0),
        )
        .order_by(InvoiceLine.id)
    )
    return session.scalars(query).all()


Tax = tuple[int | None, Decimal]


def sums_by_tax(amounts: Iterable[tuple[Any, Decimal]]) -> dict[Tax, Decimal]:
    """The sums of these (line, amount) for each tax and rate."""
    found: dict[Tax, Decimal] = {}
    for line, amount in amounts:
        key = (line.tax_id, line.tax_rate)
        found[key] = found.get(key, ZERO) + amount
    return found


def part_of(line: OrderLine, quantity: Decimal, currency: str) -> Decimal:
    """What `quantity` more of an order line comes to, so that all its invoices together come to the line, to the cent."""
    return part_amount(line.amount, line.quantity, line.invoiced, quantity, currency)


def left_to_ask(order: SalesOrder, but: Invoice | None = None) -> dict[Tax, Decimal]:
    """What of the order may still be asked for in advance, by tax: what is not invoiced, less what was asked for already."""
    left = sums_by_tax((line, part_of(line, max(line.billable, ZERO), order.currency)) for line in order.lines)
    for key, amount in sums_by_tax((one, one.amount - one.credited_amount) for one in advances_of(order, but)).items():
        left[key] = left.get(key, ZERO) - amount
    return left


def check_advances(invoice: Invoice, order: SalesOrder) -> None:
    """Refused when a draft that is about to be posted knows nothing of what was posted since it was made: it asks for more in
    advance than is left, or does not take off what was asked for meanwhile. The order is locked."""
    asked = sums_by_tax((line, line.amount) for line in invoice.lines if line.use == "advance")
    if asked:
        left = left_to_ask(order, invoice)
        if any(amount > left.get(key, ZERO) for key, amount in asked.items()):
            raise Refused(
                _(
                    "Less than that is left to invoice of %(number)s. Delete this draft and make a new one.",
                    number=order.number,
                )
            )
        return
    room = sums_by_tax((line, line.amount) for line in invoice.lines)
    taken = {line.origin_id: -line.amount for line in invoice.lines if line.use == "deduction"}
    open_ones = sums_by_tax(
        (one, one.amount - one.credited_amount - taken.get(one.id, ZERO)) for one in advances_of(order)
    )
    if any(amount > 0 and room.get(key, ZERO) > 0 for key, amount in open_ones.items()):
        raise Refused(
            _("Money was asked for in advance since. Delete this draft and make a new one, which takes it off.")
        )


def deduct_advances(invoice: Invoice, order: SalesOrder) -> None:
    """Take off what was asked for in advance, tax by tax, never more than the invoice has of that tax."""
    room = sums_by_tax((line, line.amount) for line in invoice.lines)
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
