"""The company's payment terms, one for each choice of the list `customer.payment_terms`."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from erpcrm.core.db import session
from erpcrm.core.errors import Refused
from erpcrm.core.i18n import _

from ..models import PaymentTerm
from ..terms import DEFAULTS, HUNDRED, DueRow, Part, Terms, due_rows
from .accounts import chart_in_use

MOST_PARTS = 12
MOST_DAYS = 3650


def stored_terms() -> dict[str, PaymentTerm]:
    return {row.value: row for row in session.scalars(select(PaymentTerm))}


def _read(row: PaymentTerm) -> Terms:
    parts = [Part(Decimal(str(percent)), start, int(days)) for percent, start, days in row.parts]  # type: ignore[arg-type]
    return Terms(parts, row.discount, row.discount_days, row.lowers_tax)


def all_terms(values: Sequence[str]) -> dict[str, Terms]:
    """The terms of these choices, in one query."""
    stored = stored_terms()
    return {value: _read(stored[value]) if value in stored else DEFAULTS.get(value, Terms()) for value in values}


def terms_of(value: str | None) -> Terms:
    """What a choice means; due at once where nobody has said more."""
    if value is None:
        return Terms()
    row = session.scalars(select(PaymentTerm).where(PaymentTerm.value == value)).one_or_none()
    return _read(row) if row is not None else DEFAULTS.get(value, Terms())


def due_rows_of(value: str | None, total: Decimal, day: date, currency: str) -> list[DueRow]:
    """When an amount on these terms falls due, counted from a day."""
    return due_rows(total, day, terms_of(value), currency)


def discount_lowers_tax(terms: Terms) -> bool:
    """Whether a discount taken on these terms lowers the tax: as they say, else as is usual where the chart of accounts is used."""
    return terms.lowers_tax if terms.lowers_tax is not None else chart_in_use().discount_lowers_tax


def save_terms(value: str, terms: Terms) -> PaymentTerm:
    """Say what a choice means. Documents that are posted keep their dates. Refused unless the parts make up 100 percent."""
    if not 1 <= len(terms.parts) <= MOST_PARTS:
        raise Refused(_("Terms have from 1 to %(most)s parts.", most=MOST_PARTS))
    if sum((part.percent for part in terms.parts), Decimal(0)) != HUNDRED or any(p.percent <= 0 for p in terms.parts):
        raise Refused(_("The parts have to add up to 100 percent."))
    if any(not 0 <= part.days <= MOST_DAYS for part in terms.parts) or not 0 <= terms.discount_days <= MOST_DAYS:
        raise Refused(_("Days are from 0 to %(most)s.", most=MOST_DAYS))
    if not 0 <= terms.discount < HUNDRED:
        raise Refused(_("A discount is a percentage from 0 to below 100."))
    row = session.scalars(select(PaymentTerm).where(PaymentTerm.value == value)).one_or_none() or PaymentTerm(
        value=value
    )
    row.parts = [[f"{part.percent.normalize():f}", part.counted_from, part.days] for part in terms.parts]
    row.discount, row.discount_days = terms.discount, terms.discount_days if terms.discount else 0
    row.lowers_tax = terms.lowers_tax
    session.add(row)
    session.flush()
    return row
