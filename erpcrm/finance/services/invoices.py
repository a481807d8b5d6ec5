"""Invoices and credit notes: making them of orders, contracts or by hand, and posting them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from erpcrm.company.services import rate
from erpcrm.company.taxation import Totals
from erpcrm.core.actor import Actor
from erpcrm.core.db import lock, session
from erpcrm.core.errors import Refused, Stale
from erpcrm.core.exact import round_money
from erpcrm.core.i18n import _, in_language, show_percent, today
from erpcrm.sales.amounts import document_totals, part_amount
from erpcrm.sales.models import Contract, PlannedBill, SalesOrder
from erpcrm.sales.services import fill_line, rules_for, set_lines
from erpcrm.sales.services.documents import begin, fill_header, settle

from ..models import INVOICE_FLOW, Invoice, InvoiceLine, ReceivableItem
from .advances import advances_of, deduct_advances, left_to_ask, part_of, sums_by_tax

ZERO = Decimal(0)
HUNDRED = Decimal(100)
Lines = Sequence[Mapping[str, Any]]
HEADER = (
    "customer_id", "contact_id", "owner_id", "team_id", "currency", "tax_included", "tax_rounding", "discount", "language",
    "payment_terms", "reference", "billing_address", "delivery_address",
)  # fmt: skip
COPIED = (
    "product_id", "text", "unit", "factor", "price", "list_price", "price_reason", "discount", "tax_id", "tax_rate", "cost",
)  # fmt: skip


# ------------------------------------------------------------------ by hand


def new_invoice(customer_id: int, by: Actor | None, kind: str = "invoice") -> Invoice:
    """An invoice that is not stored yet, or a credit note, filled with what its customer tells. Dated today."""
    invoice = Invoice(kind=kind, status=INVOICE_FLOW.initial, discount=ZERO, date=today())
    with session.no_autoflush:
        begin(invoice, customer_id, by)
    return invoice


def create_invoice(values: Mapping[str, Any], lines: Lines, by: Actor | None) -> Invoice:
    """A draft for `values["customer_id"]` that no order stands behind. Lines as those of orders.

    With `kind` "credit_note" a credit that no invoice of ours stands behind: goodwill, a bonus, an invoice of the time before the
    system. Refused without its reason.
    """
    invoice = new_invoice(values["customer_id"], by, values.get("kind", "invoice"))
    _fill(invoice, values, lines)
    return invoice


def update_invoice(invoice: Invoice, values: Mapping[str, Any], lines: Lines, version: int | None = None) -> None:
    """Change a draft that was written by hand. Refused for what came from an order: that is left out or made anew."""
    _hold_draft(invoice, version)
    if not is_free(invoice):
        raise Refused(_("Its lines come from elsewhere. Delete the draft and make another one."))
    _fill(invoice, values, lines)


def is_free(invoice: Invoice) -> bool:
    """Whether the invoice was written by hand, and may be written anew."""
    return invoice.order_id is None and invoice.credits_id is None and invoice.bill_id is None


def _fill(invoice: Invoice, values: Mapping[str, Any], lines: Lines) -> None:
    with session.no_autoflush:
        fill_header(invoice, values, ("date", "reason"))
        invoice.reason = " ".join((invoice.reason or "").split()) or None
        if invoice.kind == "credit_note" and invoice.reason is None:
            raise Refused(_("Say why it is credited."))
        invoice.date = invoice.date or today()
        for line in set_lines(invoice, lines, InvoiceLine):
            line.use = "sales"
        settle(invoice, invoice.lines)
    session.add(invoice)  # only now: what is refused before leaves nothing behind
    session.flush()


def change_head(invoice: Invoice, values: Mapping[str, Any], version: int | None = None) -> None:
    """Date, terms and texts of any draft."""
    _hold_draft(invoice, version)
    for name in ("date", "payment_terms", "reference", "introduction", "closing", "note"):
        if name in values:
            setattr(invoice, name, values[name])
    session.flush()


def _hold_draft(invoice: Invoice, version: int | None) -> None:
    lock(invoice)
    if version is not None and version != invoice.version:
        raise Stale(invoice)
    if invoice.status != "draft":
        raise Refused(_("%(number)s is posted and never changes any more. Credit it instead.", number=invoice.number))


def delete_draft_invoice(invoice: Invoice) -> None:
    """Throw a draft away. Refused once it is posted."""
    _hold_draft(invoice, None)
    session.delete(invoice)
    session.flush()


# --------------------------------------------------------------- from orders


def _of_order(order: SalesOrder, by: Actor | None, states: Sequence[str] = ("confirmed", "closed")) -> Invoice:
    if order.status not in states:
        raise Refused(_("%(number)s is not confirmed, so there is nothing to invoice.", number=order.number))
    head = {name: getattr(order, name) for name in HEADER}
    invoice = Invoice(
        kind="invoice", status="draft", date=today(), order_id=order.id, contract_id=order.contract_id,
        created_by_id=by.id if by else None, **head,
    )  # fmt: skip
    invoice.customer, invoice.order = order.customer, order
    invoice.rate = rate(order.currency)
    return invoice


def _copied(source: Any, **more: Any) -> InvoiceLine:
    return InvoiceLine(**({name: getattr(source, name) for name in COPIED} | {"credited": ZERO} | more))


def invoice_order(
    order: SalesOrder, by: Actor | None, *, all_lines: bool = False, quantities: Mapping[int, Decimal] | None = None
) -> Invoice:
    """A draft for what was delivered and is not invoiced yet; `all_lines`: for all that may still be invoiced; `quantities`:
    for so much of each line {line: quantity}. What was asked for in advance is taken off. Refused when that is nothing.
    """
    lock(order)
    invoice = _of_order(order, by)
    for line in order.lines:
        quantity = (
            (line.billable if all_lines else line.to_invoice) if quantities is None else quantities.get(line.id, ZERO)
        )
        if quantity < 0 or quantity > max(line.billable, ZERO):
            if quantities is None:
                continue
            raise Refused(
                _("“%(name)s”: %(open)s may still be invoiced.", name=line.name, open=f"{line.billable.normalize():f}")
            )
        if quantity:
            amount = part_of(line, quantity, order.currency)
            invoice.lines.append(_copied(line, quantity=quantity, amount=amount, order_line_id=line.id, use="sales"))
    if not invoice.lines:
        raise Refused(
            _("Nothing of %(number)s is left to invoice.", number=order.number)
            if all_lines
            else _("Nothing of %(number)s was delivered that is not invoiced yet.", number=order.number)
        )
    deduct_advances(invoice, order)
    return _finish(invoice)


def _finish(invoice: Invoice) -> Invoice:
    for position, line in enumerate(invoice.lines, 1):
        line.position = position
    settle(invoice, invoice.lines)
    session.add(invoice)  # only now: what is refused before leaves nothing behind
    session.flush()
    return invoice


def invoice_advance(order: SalesOrder, percent: Decimal, by: Actor | None) -> Invoice:
    """A draft that asks for a share of an order in advance, tax by tax: not of what was invoiced of it already, since that
    could be taken off nothing any more. Refused beyond what the order comes to, or is left of it.

    An order that waits for credit can be paid in advance, and then has nothing to wait for.
    """
    lock(order)
    if not 0 < percent <= HUNDRED:
        raise Refused(_("An advance is a percentage above 0 and up to 100."))
    asked = advances_of(order)
    known = sum((line.amount for line in asked), ZERO)
    whole = sum((line.amount for line in order.lines), ZERO)
    if known + round_money(whole * percent / HUNDRED, order.currency) > whole:
        raise Refused(_("More would be asked for in advance than %(number)s comes to.", number=order.number))
    invoice = _of_order(order, by, ("waiting", "confirmed", "closed"))
    by_tax, left = sums_by_tax((line, line.amount) for line in order.lines), left_to_ask(order)
    invoice.discount = ZERO
    with in_language(order.language):
        text = _("Advance of %(percent)s on order %(number)s", percent=show_percent(percent), number=order.number)
    for (tax_id, tax_rate), amount in by_tax.items():
        share = round_money(amount * percent / HUNDRED, order.currency)
        if left[tax_id, tax_rate] <= 0 < share:
            continue
        if share > left[tax_id, tax_rate]:
            raise Refused(_("Less than that is left to invoice of %(number)s.", number=order.number))
        if share:
            invoice.lines.append(
                InvoiceLine(
                    text=text, quantity=Decimal(1), factor=Decimal(1), price=share, discount=ZERO, amount=share,
                    tax_id=tax_id, tax_rate=tax_rate, use="advance", credited=ZERO,
                )
            )  # fmt: skip
    if not invoice.lines:
        raise Refused(_("Nothing of %(number)s is left to invoice.", number=order.number))
    return _finish(invoice)


# ------------------------------------------------------------ from contracts


def invoice_bill(bill: PlannedBill, by: Actor | None) -> Invoice:
    """A draft for one step of a contract's billing plan. Refused when it is invoiced already."""
    lock(bill)
    known = session.scalars(select(Invoice).where(Invoice.bill_id == bill.id)).first()
    if bill.billed_on is not None or known is not None:
        raise Refused(_("“%(text)s” is invoiced already.", text=bill.text))
    contract = session.get_one(Contract, bill.contract_id)
    if contract.status != "active":
        raise Refused(_("%(number)s is not active.", number=contract.number))
    invoice = Invoice(
        kind="invoice", status="draft", date=today(), contract_id=contract.id, bill_id=bill.id,
        created_by_id=by.id if by else None, **{name: getattr(contract, name) for name in HEADER},
    )  # fmt: skip
    invoice.customer = contract.customer
    # A plan names amounts without tax, whatever the prices of the contract are.
    invoice.tax_included, invoice.discount, invoice.rate = False, ZERO, rate(contract.currency)
    line = InvoiceLine(use="sales", credited=ZERO)
    rules = rules_for(invoice)
    given = {"text": f"{bill.text}\n{contract.number} {contract.name}", "quantity": Decimal(1), "price": bill.amount}
    taxed = next((one for one in contract.lines if one.tax_id is not None), None)
    if taxed is not None:
        given["tax_id"] = taxed.tax_id
    with session.no_autoflush:
        fill_line(line, given, invoice, rules)
    invoice.lines.append(line)
    return _finish(invoice)


# -------------------------------------------------------------- credit notes


def credit(invoice: Invoice, by: Actor | None, reason: str, quantities: Mapping[int, Decimal] | None = None) -> Invoice:
    """A draft credit note for all of an invoice that is not credited yet, or for so much of each line {line: quantity}.

    Refused without a reason, for a draft, for another credit note, and above what was invoiced.
    """
    lock(invoice)
    if invoice.status != "posted" or invoice.kind != "invoice":
        raise Refused(_("Only a posted invoice is credited."))
    reason = reason.strip()
    if not reason:
        raise Refused(_("Say why it is credited."))
    note = Invoice(
        kind="credit_note", status="draft", date=today(), order_id=invoice.order_id, contract_id=invoice.contract_id,
        credits_id=invoice.id, reason=reason, created_by_id=by.id if by else None,
        **{name: getattr(invoice, name) for name in HEADER},
    )  # fmt: skip
    # A credit takes back what was booked, at the rate at which it was booked.
    note.customer, note.order, note.credits, note.rate = invoice.customer, invoice.order, invoice, invoice.rate
    for line in invoice.lines:
        quantity = line.to_credit if quantities is None else quantities.get(line.id, ZERO)
        if quantity < 0 or quantity > line.to_credit:
            raise Refused(
                _("“%(name)s”: %(open)s may still be credited.", name=line.name, open=f"{line.to_credit.normalize():f}")
            )
        if quantity:
            amount = part_amount(line.amount, line.quantity, line.credited, quantity, invoice.currency)
            note.lines.append(
                _copied(
                    line,
                    quantity=quantity,
                    amount=amount,
                    order_line_id=line.order_line_id,
                    origin_id=line.id,
                    use=line.use,
                )
            )
    if not note.lines:
        raise Refused(_("Nothing of %(number)s is left to credit.", number=invoice.number))
    return _finish(note)


def credit_returned(order: SalesOrder, by: Actor | None, reason: str) -> list[Invoice]:
    """Draft credit notes for what of an order was invoiced and came back, or will never be delivered: one for each invoice
    that it was on, the newest first. Refused when there is nothing, or a draft says it already.
    """
    lock(order)
    session.refresh(order)
    left = {line.id: line.to_credit for line in order.lines if line.to_credit}
    invoices = select(Invoice).where(Invoice.order_id == order.id).order_by(Invoice.id.desc())
    found = session.scalars(invoices).all()
    if any(one.kind == "credit_note" and one.status == "draft" for one in found):
        raise Refused(
            _("There is a draft of a credit note for %(number)s. Post or delete it first.", number=order.number)
        )
    made = []
    for invoice in found:
        if invoice.kind != "invoice" or invoice.status != "posted":
            continue
        quantities: dict[int, Decimal] = {}
        for line in invoice.lines:
            part = min(left.get(line.order_line_id or 0, ZERO), line.to_credit) if line.use == "sales" else ZERO
            if part:
                quantities[line.id] = part
                left[line.order_line_id or 0] -= part
        if quantities:
            made.append(credit(invoice, by, reason, quantities))
    if not made:
        raise Refused(_("Nothing of %(number)s came back that was invoiced.", number=order.number))
    return made


def credit_notes_of(invoice: Invoice) -> Sequence[Invoice]:
    query = select(Invoice).where(Invoice.credits_id == invoice.id)
    return session.scalars(query.order_by(Invoice.id)).all()


# ------------------------------------------------------------------- reading


def items_of(invoice: Invoice) -> Sequence[ReceivableItem]:
    """The amounts that an invoice has made due."""
    query = select(ReceivableItem).where(
        ReceivableItem.document_type == "invoice",
        ReceivableItem.document_id == invoice.id,
        ReceivableItem.kind.in_(("invoice", "credit_note")),
    )
    return session.scalars(query.order_by(ReceivableItem.due_on, ReceivableItem.id)).all()


def open_of(invoice_ids: Iterable[int]) -> dict[int, Decimal]:
    """{invoice: what is open of it, in its currency} in one query."""
    ids = list(invoice_ids)
    if not ids:
        return {}
    query = (
        select(ReceivableItem.document_id, func.sum(ReceivableItem.open))
        .where(
            ReceivableItem.document_type == "invoice",
            ReceivableItem.document_id.in_(ids),
            ReceivableItem.kind.in_(("invoice", "credit_note")),
        )
        .group_by(ReceivableItem.document_id)
    )
    return {
        int(document_id): Decimal(amount) for document_id, amount in session.execute(query) if document_id is not None
    }


def open_items_of(invoice_ids: Iterable[int]) -> Sequence[int]:
    """The ids of what is still to be paid of invoices."""
    query = select(ReceivableItem.id).where(
        ReceivableItem.document_type == "invoice",
        ReceivableItem.document_id.in_(list(invoice_ids)),
        ReceivableItem.open > 0,
    )
    return session.scalars(query.order_by(ReceivableItem.due_on, ReceivableItem.id)).all()


def invoices_of_order(order_id: int) -> Sequence[Invoice]:
    return session.scalars(select(Invoice).where(Invoice.order_id == order_id).order_by(Invoice.id)).all()


def due_days(invoice: Invoice) -> list[tuple[date, Decimal]]:
    """When how much of a posted invoice is due."""
    return [(item.due_on, item.amount) for item in items_of(invoice)]


def totals_of(invoice: Invoice) -> Totals:
    """Net, tax and gross of an invoice, in its currency, with each of its taxes."""
    return document_totals(invoice, invoice.lines)
