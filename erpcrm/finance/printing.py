"""Invoices, credit notes and statements on paper, in the language of whom they are for."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from erpcrm.company.letterhead import letterhead
from erpcrm.core.i18n import _, in_language, pgettext, show_date, show_money, today
from erpcrm.core.printing import Column, Line, PrintedDocument, Sum, Table, document_pdf
from erpcrm.customers.models import Customer
from erpcrm.sales.amounts import document_totals
from erpcrm.sales.printing import printed_lines, printed_sums, printed_taxes, reasons_without_tax
from erpcrm.sales.services.documents import language_of

from .ageing import BANDS, CREDIT
from .models import Invoice, ReceivableItem
from .services import AgedItem, aged_items, due_rows_of, items_of

Due = tuple[date, Decimal, Decimal, date | None]
"""Day, amount, discount, and until when that may be taken off"""


def invoice_pdf(invoice: Invoice) -> bytes:
    """An invoice or a credit note; a draft says that it is one."""
    with in_language(invoice.language):
        return document_pdf(_invoice(invoice))


def _invoice(invoice: Invoice) -> PrintedDocument:
    is_note = invoice.kind == "credit_note"
    totals = document_totals(invoice, invoice.lines)
    due = _due(invoice)
    facts = [(_("Date"), show_date(invoice.date))]
    if len(due) == 1 and not is_note:
        facts.append((_("Due on"), show_date(due[0][0])))
    if invoice.order is not None:
        facts.append((_("Sales order"), invoice.order.number))
    if invoice.credits is not None:
        facts.append((_("Credits invoice"), invoice.credits.number or ""))
    elif invoice.reason:
        facts.append((_("Reason"), invoice.reason))
    if invoice.reference:
        facts.append((_("Your reference"), invoice.reference))
    if invoice.customer.tax_number:
        facts.append((_("Your tax number"), invoice.customer.tax_number))
    title = _("Credit note") if is_note else _("Invoice")
    return PrintedDocument(
        title=title if invoice.number else f"{title} · {_('Draft')}",
        language=invoice.language,
        company=letterhead(),
        number=invoice.number or "",
        billing=[invoice.customer.name, *(invoice.billing_address or "").splitlines()],
        delivery=(invoice.delivery_address or "").splitlines()
        if invoice.delivery_address != invoice.billing_address
        else [],
        facts=facts,
        headline=_headline(invoice, due),
        introduction=[invoice.introduction] if invoice.introduction else [],
        lines=_lines(invoice),
        sums=printed_sums(invoice, totals),
        taxes=printed_taxes(invoice, totals),
        terms=_terms(invoice, due),
        closing=[*reasons_without_tax(invoice.lines), *([invoice.closing] if invoice.closing else [])],
    )


def _due(invoice: Invoice) -> list[Due]:
    """(day, amount, discount, until) of each part; of a draft as it would be if it were posted."""
    if invoice.kind == "credit_note" or not invoice.gross:
        return []
    if invoice.status == "posted":
        return [(item.due_on, item.amount, item.discount, item.discount_until) for item in items_of(invoice)]
    rows = due_rows_of(invoice.payment_terms, invoice.gross, invoice.date, invoice.currency)
    return [(row.due_on, row.amount, row.discount, row.discount_until) for row in rows]


def _headline(invoice: Invoice, due: Sequence[Due]) -> str:
    total = show_money(invoice.gross, invoice.currency)
    if invoice.kind == "credit_note":
        return _("%(amount)s in your favour", amount=total)
    if len(due) == 1:
        return _("%(amount)s due on %(day)s", amount=total, day=show_date(due[0][0]))
    return total


def _lines(invoice: Invoice) -> list[Line]:
    """As on an order; an advance and what is taken off for one are amounts alone."""
    printed = printed_lines(invoice, invoice.lines, invoice.language)
    return [
        replace(shown, quantity="", price="") if line.use != "sales" else shown
        for line, shown in zip(invoice.lines, printed, strict=True)
    ]


def _terms(invoice: Invoice, due: Sequence[Due]) -> list[str]:
    currency, found = invoice.currency, []
    if len(due) > 1:
        found += [
            _("%(amount)s are due on %(day)s.", amount=show_money(amount, currency), day=show_date(day))
            for day, amount, _discount, _until in due
        ]
    found += [
        _(
            "When paid until %(day)s, %(discount)s may be taken off.",
            day=show_date(until),
            discount=show_money(discount, currency),
        )
        for _day, _amount, discount, until in due
        if discount
    ]
    if invoice.reason and invoice.credits is not None:
        found.append(_("Reason: %(reason)s", reason=invoice.reason))
    return found


def statement_pdf(customer: Customer, on: date) -> bytes:
    """Everything that is open between us and a customer on a day."""
    language = language_of(customer)
    with in_language(language):
        return document_pdf(_statement(customer, on, language))


def sums_of(open_then: Iterable[AgedItem]) -> list[tuple[str, Decimal, str, bool]]:
    """(label, amount, currency, is it the total): what the customer owes and has with us, in each currency of its own,
    since nobody can pay in ours what is owed in theirs. The terms of a currency add up to its total."""
    amounts: dict[str, dict[str, Decimal]] = {}
    for one in open_then:
        of_currency = amounts.setdefault(one.item.currency, {})
        name = one.band.name if one.band else CREDIT
        of_currency[name] = of_currency.get(name, Decimal(0)) + one.open
    labels = {**{band.name: str(band.label) for band in BANDS}, CREDIT: _("Credits")}
    sums: list[tuple[str, Decimal, str, bool]] = []
    for currency, parts in amounts.items():
        sums += [(label, parts[name], currency, False) for name, label in labels.items() if name in parts]
        sums.append((_("Open in %(currency)s", currency=currency), sum(parts.values(), Decimal(0)), currency, True))
    return sums


def _statement(customer: Customer, on: date, language: str) -> PrintedDocument:
    rows, open_then = [], aged_items(customer.id, on)
    for one in open_then:
        item: ReceivableItem = one.item
        late = str(one.days) if item.amount > 0 and one.days > 0 else ""
        rows.append(
            [
                item.number,
                show_date(item.date),
                show_date(item.due_on) if item.amount > 0 else "",
                late,
                show_money(item.amount, item.currency),
                show_money(one.open, item.currency),
            ]
        )
    columns = [
        Column(_("Number"), wide=True),
        Column(_("Date")),
        Column(_("Due on")),
        Column(_("Days overdue"), right=True),
        Column(_("Amount"), right=True),
        Column(pgettext("amount", "Open"), right=True),
    ]
    return PrintedDocument(
        title=_("Statement of account"),
        language=language,
        company=letterhead(),
        billing=[customer.name],
        facts=[(_("As of"), show_date(on)), (_("Printed on"), show_date(today()))],
        introduction=[_("These amounts are open in our books. Please tell us when yours differ.")]
        if rows
        else [_("Nothing is open.")],
        table=Table(columns, rows) if rows else None,
        sums=[
            Sum(label, show_money(amount, currency), strong=strong)
            for label, amount, currency, strong in sums_of(open_then)
        ],
    )
