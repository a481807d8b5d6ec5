"""What customers owe on a day, by how long it is overdue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select

from erpcrm.core.actor import Actor
from erpcrm.core.db import session
from erpcrm.core.i18n import today
from erpcrm.customers.models import Customer
from erpcrm.customers.scopes import visible_customers

from ..ageing import BANDS, CREDIT, Band, band_of
from ..models import ReceivableItem
from .items import as_of

ZERO = Decimal(0)
CUSTOMERS = 50


def _in_band(band: Band, on: date) -> ColumnElement[bool]:
    conditions = [ReceivableItem.amount > 0]
    if (earliest := band.earliest_due(on)) is not None:
        conditions.append(ReceivableItem.due_on >= earliest)
    if (latest := band.latest_due(on)) is not None:
        conditions.append(ReceivableItem.due_on <= latest)
    return and_(*conditions)


def _columns(on: date, base: ColumnElement[Any]) -> list[ColumnElement[Any]]:
    sums = [func.sum(case((_in_band(band, on), base))).label(band.name) for band in BANDS]
    credit = func.sum(case((ReceivableItem.amount < 0, base))).label(CREDIT)
    return [*sums, credit, func.sum(base).label("total")]


@dataclass(frozen=True)
class Aged:
    """What a customer owes, in the company's currency: by band, what they have with us (below zero), and all together."""

    customer_id: int | None
    name: str
    amounts: Mapping[str, Decimal]

    @property
    def total(self) -> Decimal:
        return self.amounts["total"]

    @property
    def overdue(self) -> Decimal:
        return sum((self.amounts[band.name] for band in BANDS[1:]), ZERO)


@dataclass(frozen=True)
class Ageing:
    """A page of customers, the most overdue first, and the sums of all."""

    on: date
    rows: Sequence[Aged]
    total: Aged
    page: int
    more: bool


def _aged(row: Any, customer_id: int | None, name: str) -> Aged:
    names = [*(band.name for band in BANDS), CREDIT, "total"]
    return Aged(customer_id, name, {key: Decimal(getattr(row, key) or 0) for key in names})


def ageing(on: date, by: Actor, page: int = 1) -> Ageing:
    """Two queries, whatever there is. Only customers whom the user sees."""
    query, _open, base = as_of(on)
    seen = () if by.scope("customer") == "all" else (ReceivableItem.customer_id.in_(visible_customers(by)),)
    columns = _columns(on, base)
    total = session.execute(query.with_only_columns(*columns, maintain_column_froms=True).where(*seen)).one()
    overdue = func.sum(case((and_(ReceivableItem.amount > 0, ReceivableItem.due_on < on), base), else_=base * 0))
    # Of an earlier day without the index of customers, by which all items there ever were would be walked through.
    customer = ReceivableItem.customer_id
    whose = (customer if on >= today() else func.coalesce(customer, 0)).label("whose")
    found = (
        query.with_only_columns(whose, *columns, maintain_column_froms=True)
        .where(*seen)
        .group_by(whose)
        .order_by(overdue.desc(), func.sum(base).desc(), whose)
        .limit(CUSTOMERS + 1)
        .offset((page - 1) * CUSTOMERS)
    )
    rows = session.execute(found).all()
    names = _names([row.whose for row in rows])
    aged = [_aged(row, row.whose, names[row.whose]) for row in rows[:CUSTOMERS]]
    return Ageing(on, aged, _aged(total, None, ""), page, len(rows) > CUSTOMERS)


def _names(ids: Sequence[int]) -> dict[int, str]:
    query = select(Customer.id, Customer.name).where(Customer.id.in_(ids))
    return {customer_id: name for customer_id, name in session.execute(query)}


def aged_of(customer_ids: Sequence[int], on: date) -> dict[int, Aged]:
    """The same of some customers, for panels: one query. Those without anything open are left out."""
    query, _open, base = as_of(on)
    found = (
        query.with_only_columns(ReceivableItem.customer_id, *_columns(on, base), maintain_column_froms=True)
        .where(ReceivableItem.customer_id.in_(customer_ids))
        .group_by(ReceivableItem.customer_id)
    )
    return {row.customer_id: _aged(row, row.customer_id, "") for row in session.execute(found)}


@dataclass(frozen=True)
class AgedItem:
    """One amount behind a figure of the ageing."""

    item: ReceivableItem
    open: Decimal
    base_open: Decimal
    band: Band | None
    days: int


def aged_items(customer_id: int, on: date, band: str | None = None) -> list[AgedItem]:
    """What a customer's figures of a day are made of, the oldest due first; `band` is a band's name, or "credit"."""
    every, open_then, base = as_of(on)
    query: Any = every.with_only_columns(ReceivableItem, open_then, base, maintain_column_froms=True)
    query = query.where(ReceivableItem.customer_id == customer_id)
    if band == CREDIT:
        query = query.where(ReceivableItem.amount < 0)
    elif band is not None:
        chosen = next((one for one in BANDS if one.name == band), None)
        query = query.where(_in_band(chosen, on)) if chosen is not None else query
    rows = session.execute(query.order_by(ReceivableItem.due_on, ReceivableItem.id)).all()
    return [
        AgedItem(
            item,
            Decimal(open_amount),
            Decimal(base_amount),
            band_of(item.due_on, on) if item.amount > 0 else None,
            (on - item.due_on).days,
        )
        for item, open_amount, base_amount in rows
    ]
