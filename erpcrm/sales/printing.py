"""Offers and order confirmations on paper, in the language of whom they are for."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from erpcrm.catalog.quantities import in_unit
from erpcrm.company.letterhead import letterhead
from erpcrm.company.models import CHARGED
from erpcrm.company.taxation import Totals
from erpcrm.core.blobs import path_of
from erpcrm.core.i18n import _, in_language, pgettext, show_date, show_money, show_percent
from erpcrm.core.options import option_label
from erpcrm.core.printing import Line, PrintedDocument, Signature, Sum, TaxRow, document_pdf

from .amounts import document_totals
from .models import PricedDocument, Quotation, SalesOrder


def quotation_pdf(quotation: Quotation, language: str | None = None) -> bytes:
    """An offer, in its own language or in another; one that was accepted says who accepted it and when."""
    language = language or quotation.language
    with in_language(language):
        return document_pdf(_quotation(quotation, language))


def order_pdf(order: SalesOrder, language: str | None = None) -> bytes:
    """What we confirm that was ordered; a draft says that it is one."""
    language = language or order.language
    with in_language(language):
        return document_pdf(_order(order, language))


def _quotation(quotation: Quotation, language: str) -> PrintedDocument:
    counted = [line for line in quotation.lines if line.counts]
    facts = [
        (pgettext("document", "Date"), show_date(quotation.issued_on)),
        (_("Valid until"), show_date(quotation.valid_until)),
    ]
    draft = quotation.status in ("draft", "in_approval")
    signature = None
    if quotation.status == "accepted" and quotation.decided_by and quotation.closed_on:
        drawn = path_of(quotation.signature.sha256).read_bytes() if quotation.signature is not None else None
        signature = Signature(_("Accepted by"), quotation.decided_by, show_date(quotation.closed_on), drawn)
    elif quotation.is_open:
        signature = Signature(_("Accepted: place, date, signature"))
    return _document(
        quotation, language, _("Quotation"), quotation.series, facts, document_totals(quotation, counted), draft=draft,
        revision=_("Version %(number)s", number=quotation.revision) if quotation.revision > 1 else "", signature=signature,
    )  # fmt: skip


def _order(order: SalesOrder, language: str) -> PrintedDocument:
    facts = [(_("Ordered on"), show_date(order.ordered_on))]
    if order.wanted_on is not None:
        facts.append((_("Wanted by"), show_date(order.wanted_on)))
    if order.quotation is not None:
        facts.append((_("Quotation"), order.quotation.number))
    draft = order.status in ("draft", "waiting")
    totals = document_totals(order, order.lines)
    return _document(order, language, _("Order confirmation"), order.number, facts, totals, draft=draft)


def _document(
    document: Any,
    language: str,
    title: str,
    number: str,
    facts: list[tuple[str, str]],
    totals: Totals,
    *,
    draft: bool,
    revision: str = "",
    signature: Signature | None = None,
) -> PrintedDocument:
    contact = document.contact.name if document.contact is not None else ""
    terms = option_label("customer.payment_terms", document.payment_terms)
    told = [
        *facts,
        (_("Payment terms"), str(terms or "")),
        (_("Your reference"), document.reference or ""),
        (_("Your contact"), document.owner.name if document.owner is not None else ""),
    ]
    return PrintedDocument(
        title=f"{title} · {_('Draft')}" if draft else title,
        language=language,
        company=letterhead(),
        number=number,
        revision=revision,
        billing=_receiver(document, contact),
        delivery=(document.delivery_address or "").splitlines()
        if document.delivery_address != document.billing_address
        else [],
        facts=[fact for fact in told if fact[1]],
        introduction=[document.introduction] if document.introduction else [],
        lines=printed_lines(document, document.lines, language),
        sums=printed_sums(document, totals),
        taxes=printed_taxes(document, totals),
        closing=[*reasons_without_tax(document.lines), *([document.closing] if document.closing else [])],
        signature=signature,
    )


def _receiver(document: Any, contact: str) -> list[str]:
    """Company, person, address: the name that an address begins with stands there once."""
    address = (document.billing_address or "").splitlines()
    name = document.customer.name
    return [name, *([contact] if contact else []), *(address[1:] if address[:1] == [name] else address)]


def printed_lines(document: PricedDocument, lines: Iterable[Any], language: str) -> list[Line]:
    """The lines of any document with prices; those that have one are counted."""
    found: list[Line] = []
    for line in lines:
        place = sum(1 for one in found if one.kind == "line") + 1
        found.append(_line(line, document, place, language))
    return found


def _line(line: Any, document: PricedDocument, place: int, language: str) -> Line:
    if not line.quantity:
        return Line(text=line.text or "", kind="text")
    product, words = line.product, (line.text or "").splitlines()
    if product is None:
        name, details = words[0], words[1:]
    else:
        name = product.english_name if language == "en" and product.english_name else product.name
        details = [product.code, *words]
    return Line(
        text=name,
        details=details,
        position=str(place),
        quantity=in_unit(line.quantity, line.unit),
        price=show_money(line.price, document.currency),
        discount=show_percent(line.discount) if line.discount else "",
        tax=show_percent(line.tax_rate),
        amount=show_money(line.amount, document.currency),
        optional=bool(getattr(line, "optional", False)) and not line.chosen,
    )


def printed_sums(document: PricedDocument, totals: Totals) -> Sequence[Sum]:
    """Net, each tax, and the total."""
    currency = document.currency
    found = [Sum(_("Net"), show_money(totals.net, currency))]
    found += [
        Sum(_("Tax %(rate)s", rate=show_percent(tax.rate)), show_money(tax.amount, currency))
        for tax in totals.taxes
        if tax.rate
    ]
    if document.discount > Decimal(0):
        label = _("%(percent)s off everything is in the amounts.", percent=show_percent(document.discount))
        found.insert(0, Sum(label, ""))
    return [*found, Sum(_("Total"), show_money(totals.gross, currency), strong=True)]


def printed_taxes(document: PricedDocument, totals: Totals) -> Sequence[TaxRow]:
    """The table of taxes, where there are several."""
    if len(totals.taxes) < 2:
        return []
    currency = document.currency
    return [
        TaxRow("", show_percent(tax.rate), show_money(tax.base, currency), show_money(tax.amount, currency))
        for tax in totals.taxes
    ]


def reasons_without_tax(lines: Iterable[Any]) -> list[str]:
    """What the law wants to be read where no tax is charged: that the customer pays it, or why nobody does."""
    texts = (line.tax.text for line in lines if line.tax is not None and line.tax.kind != CHARGED)
    return list(dict.fromkeys(text for text in texts if text))
