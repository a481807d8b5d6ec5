"""Posting an invoice: its number, its journal entry, what falls due, and what its order learns of it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from erpcrm.company.services import rate
from erpcrm.core.actor import Actor
from erpcrm.core.db import lock, session
from erpcrm.core.errors import Refused
from erpcrm.core.exact import round_money
from erpcrm.core.i18n import _, today
from erpcrm.core.moves import make_move
from erpcrm.core.settings import setting
from erpcrm.sales.amounts import net_of, shared_out, sold_cost
from erpcrm.sales.models import PlannedBill
from erpcrm.sales.services import record_all_invoiced
from erpcrm.sales.services.documents import settle

from ..models import INVOICE_FLOW, Account, Entry, Invoice, InvoiceLine, ReceivableItem
from ..settling import base_share
from ..terms import due_rows
from .accounts import accounts_for
from .advances import check_advances
from .allocations import allocate
from .entries import Posting, book
from .items import add_item, hold_account, open_items
from .terms import discount_lowers_tax, terms_of

ZERO = Decimal(0)
ACCOUNT = {"sales": "sales", "advance": "advance_received", "deduction": "advance_received"}


def post_invoice(invoice: Invoice, by: Actor | None, version: int | None = None) -> None:
    """Give a draft its number, book it, and make its amounts due. A credit note settles what is open of its invoice; without one
    it stays with the customer as a credit, to be allocated or paid back.

    Refused when nothing is on it, when it comes to less than nothing, in a closed month, and beyond what its order holds.
    """
    make_move(invoice, "post", by=by, version=version)


@INVOICE_FLOW.on("post")
def _post(invoice: Invoice, by: Actor | None, details: dict[str, Any]) -> None:
    _check(invoice)
    if invoice.credits_id is None:
        invoice.rate = rate(invoice.currency, invoice.date)
    if invoice.order is not None and invoice.kind == "invoice":
        lock(invoice.order)
        check_advances(invoice, invoice.order)
    for line in invoice.lines:
        _tell_origin(invoice, line)
    _tell_orders(invoice)
    settle(invoice, invoice.lines)
    hold_account(invoice.customer_id)
    entry = _book(invoice)
    invoice.number, invoice.entry_id = entry.number, entry.id
    items = _make_due(invoice, entry)
    session.flush()
    if invoice.credits_id is not None:
        _settle_invoice(invoice, items, by)
    if invoice.bill_id is not None:
        session.get_one(PlannedBill, invoice.bill_id).billed_on = invoice.date
    session.flush()


def _check(invoice: Invoice) -> None:
    if not any(line.amount for line in invoice.lines):
        raise Refused(_("There is nothing on it yet. Add a line."))
    settle(invoice, invoice.lines)
    if invoice.gross < 0:
        raise Refused(_("It comes to less than nothing. Write a credit note instead."))
    if invoice.date > today():
        raise Refused(_("An invoice can't be dated in the future."))


def _tell_orders(invoice: Invoice) -> None:
    """What was invoiced, or credited, of the lines of its order, all lines at once."""
    quantities: dict[int, Decimal] = {}
    for line in invoice.lines:
        if line.order_line_id is not None and line.use == "sales":
            quantity = line.quantity if invoice.kind == "invoice" else -line.quantity
            quantities[line.order_line_id] = quantities.get(line.order_line_id, ZERO) + quantity
    if quantities and invoice.order is not None:
        record_all_invoiced(invoice.order, quantities)


def _tell_origin(invoice: Invoice, line: InvoiceLine) -> None:
    """A line that credits or deducts another takes up what is left of that one. Refused when somebody was faster."""
    if line.origin_id is None:
        return
    origin = session.get_one(InvoiceLine, line.origin_id)
    lock(origin.invoice)
    session.refresh(origin)
    if line.use == "deduction" and invoice.kind == "invoice":
        if origin.credited_amount - line.amount > origin.amount:
            raise Refused(_("The advance was taken off already. Delete this draft and make a new one."))
        origin.credited_amount -= line.amount
        return
    if line.quantity > origin.to_credit:
        raise Refused(_("“%(name)s” was credited already. Delete this draft and make a new one.", name=line.name))
    if origin.use == "advance" and origin.credited_amount + line.amount > origin.amount:
        raise Refused(_("The advance was taken off already. Credit the later invoice first."))
    origin.credited += line.quantity
    if origin.use == "advance":
        origin.credited_amount += line.amount
    if origin.use == "deduction" and origin.origin_id is not None:
        # The advance is free again for another invoice.
        session.get_one(InvoiceLine, origin.origin_id).credited_amount += line.amount
    session.flush()


def _book(invoice: Invoice) -> Entry:
    """Receivables against sales, advances and taxes. What rounding leaves goes to the largest line."""
    own = setting("currency")
    sign = 1 if invoice.kind == "invoice" else -1
    accounts = accounts_for(["receivable", "sales", "advance_received", "tax_payable"])
    gross = round_money(invoice.gross * invoice.rate, own)
    tax = round_money(invoice.tax * invoice.rate, own)
    nets = _nets(invoice, gross - tax, own)
    by_account: dict[int, Decimal] = {}
    known: dict[int, Account] = {}
    for line, net in zip(invoice.lines, nets, strict=True):
        line.base_net = net
        account = accounts[ACCOUNT[line.use]]
        known[account.id] = account
        by_account[account.id] = by_account.get(account.id, ZERO) + net
    sold = [line for line in invoice.lines if line.use == "sales"]
    invoice.base_net = sum((line.base_net for line in sold), ZERO)
    invoice.base_cost = sold_cost(sold, own, taken_back=sign < 0)
    customer = invoice.customer_id
    postings = [Posting(accounts["receivable"], sign * gross, customer, None, invoice.currency, sign * invoice.gross)]
    postings += [Posting(known[id], -sign * net, customer) for id, net in by_account.items() if net]
    if tax:
        postings.append(Posting(accounts["tax_payable"], -sign * tax, customer))
    what = _("Invoice, %(customer)s") if sign > 0 else _("Credit note, %(customer)s")
    purpose = "invoice" if sign > 0 else "credit_note"
    return book(purpose, invoice.date, what % {"customer": invoice.customer.name}, postings, document=invoice)


def _nets(invoice: Invoice, whole: Decimal, own: str) -> list[Decimal]:
    """Each line without tax in the company's currency; together exactly `whole`. A deduction takes off what its advance was
    booked at, so that nothing of the advance is left when all of it is deducted."""
    found = []
    for line in invoice.lines:
        if line.use == "deduction" and invoice.kind == "invoice":
            found.append(-_booked_share(line))
        elif line.origin is not None and line.quantity == line.origin.quantity:
            found.append(line.origin.base_net)  # all of it is taken back as it was booked
        else:
            found.append(round_money(net_of(invoice, line) * invoice.rate, own))
    return shared_out(whole, found, [place for place, line in enumerate(invoice.lines) if line.use != "deduction"])


def _booked_share(line: InvoiceLine) -> Decimal:
    """The part of an advance's booked amount that a deduction takes off; `line` is counted on the advance already."""
    origin = session.get_one(InvoiceLine, line.origin_id)
    taken = _taken([origin.id], but=line) - _taken(
        session.scalars(
            select(InvoiceLine.id).where(InvoiceLine.origin_id == origin.id, InvoiceLine.use == "deduction")
        ).all()
    )
    left = origin.amount - origin.credited_amount - line.amount
    return base_share(origin.amount, origin.base_net, left, origin.base_net - taken, -line.amount, setting("currency"))


def _taken(origins: Sequence[int], but: InvoiceLine | None = None) -> Decimal:
    """What posted lines that credit or deduct these were booked at, above zero."""
    query = (
        select(InvoiceLine.id, InvoiceLine.base_net)
        .join(Invoice)
        .where(InvoiceLine.origin_id.in_(origins), Invoice.number.is_not(None))
    )
    return sum((abs(base) for id, base in session.execute(query) if but is None or id != but.id), ZERO)


def _make_due(invoice: Invoice, entry: Entry) -> list[ReceivableItem]:
    """One item for each due date; a credit note is one item, due at once."""
    if not invoice.gross:
        return []
    own = setting("currency")
    number, about = str(entry.number), (invoice.record_name, invoice.id)
    base = round_money(invoice.gross * invoice.rate, own)
    if invoice.kind == "credit_note":
        return [
            add_item(
                "credit_note", invoice.customer_id, entry, number=number, on=invoice.date, due_on=invoice.date,
                amount=-invoice.gross, base_amount=-base, currency=invoice.currency, rate=invoice.rate, document=about,
            )
        ]  # fmt: skip
    terms = terms_of(invoice.payment_terms)
    rows = due_rows(invoice.gross, invoice.date, terms, invoice.currency)
    lowers_tax = discount_lowers_tax(terms) if terms.discount else None
    made, left, base_left = [], invoice.gross, base
    for place, row in enumerate(rows, 1):
        share = base_share(invoice.gross, base, left, base_left, row.amount, own)
        left, base_left = left - row.amount, base_left - share
        made.append(
            add_item(
                "invoice", invoice.customer_id, entry, number=number if len(rows) == 1 else f"{number}/{place}",
                on=invoice.date, due_on=row.due_on, amount=row.amount, base_amount=share, currency=invoice.currency,
                rate=invoice.rate, document=about, discount=row.discount, discount_until=row.discount_until,
                lowers_tax=lowers_tax,
            )
        )  # fmt: skip
    return made


def _settle_invoice(note: Invoice, items: Sequence[ReceivableItem], by: Actor | None) -> None:
    """What is credited settles what is open of the invoice; what was paid already stays with the customer."""
    for credit in items:
        for debit in open_items(note.customer_id, note.currency, debits=True):
            if debit.document_type == "invoice" and debit.document_id == note.credits_id and credit.open:
                allocate(debit, credit, min(debit.open, -credit.open), by, note.date)
