"""The deals behind a figure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, func, select

from erpcrm.access.models import User
from erpcrm.core.actor import Actor
from erpcrm.core.db import session
from erpcrm.core.exact import round_money
from erpcrm.core.settings import setting

from ...models import Opportunity
from ...performance import HUNDRED
from ..shares import CREDITED, CREDITED_AMOUNT, CREDITED_PERCENT, CREDITED_USER
from .dimensions import DIMENSIONS, PRODUCT, Key
from .figures import lines_by_product
from .lengths import DaysBetween
from .wanted import Wanted, conditions

PAGE = 50
"""Deals on one page"""


@dataclass(frozen=True)
class Deal:
    """A deal, or somebody's part of one, as it counts in a figure."""

    id: int
    code: str
    name: str
    status: str
    opened_on: date | None
    closed_on: date
    days: int | None
    who: str | None
    percent: int
    amount: Decimal
    """In the company's currency; by product, of its lines alone"""


@dataclass(frozen=True)
class Chosen:
    """One figure: a row of a dimension (any without one) and the deals of it that were won, lost, or both."""

    by: str | None = None
    key: Key = None
    status: str | None = None
    reason: str | None = None
    """Why lost; "" for those of which it is not known"""


def _narrowed(query: Select[Any], wanted: Wanted, chosen: Chosen, actor: Actor) -> Select[Any]:
    source, lines = CREDITED, None
    query = query.where(*conditions(wanted, actor))
    if chosen.by is not None:
        key = DIMENSIONS[chosen.by].key
        if chosen.by == PRODUCT:
            lines = lines_by_product(wanted)
            source, key = source.outerjoin(lines, lines.c.opportunity_id == Opportunity.id), lines.c.product_id
            query = query.add_columns(lines.c.amount.label("of_lines"))
        for target, on in DIMENSIONS[chosen.by].joins:
            if target is not User:
                source = source.outerjoin(target, on)
        query = query.where(key.is_(None) if chosen.key is None else key == chosen.key)
    if chosen.status is not None:
        query = query.where(Opportunity.status == chosen.status)
    if chosen.reason is not None:
        reason = Opportunity.loss_reason
        query = query.where(reason == chosen.reason if chosen.reason else reason.is_(None))
    return query.select_from(source.outerjoin(User, User.id == CREDITED_USER))


def number_of_deals(wanted: Wanted, chosen: Chosen, actor: Actor) -> int:
    """Deals, or parts of deals, of a figure."""
    inner = _narrowed(select(Opportunity.id), wanted, chosen, actor).subquery()
    return session.scalar(select(func.count()).select_from(inner)) or 0


def deals_of(wanted: Wanted, chosen: Chosen, actor: Actor, page: int = 1) -> Sequence[Deal]:
    """The largest first; a page of them."""
    deal = Opportunity
    columns: Any = select(
        deal.id, deal.code, deal.name, deal.status, deal.opened_on, deal.closed_on, deal.rate,
        DaysBetween(deal.opened_on, deal.closed_on).label("days"),
        User.name.label("who"), CREDITED_PERCENT.label("percent"), CREDITED_AMOUNT.label("amount"),
    )  # fmt: skip
    query = _narrowed(columns, wanted, chosen, actor)
    order = deal.base_amount.desc().nulls_last(), deal.id.desc(), CREDITED_USER
    own = setting("currency")
    return [
        Deal(
            row.id, row.code, row.name, row.status, row.opened_on, row.closed_on, row.days, row.who, row.percent,
            round_money(_counted(row), own),
        )
        for row in session.execute(query.order_by(*order).limit(PAGE).offset(PAGE * (page - 1)))
    ]  # fmt: skip


def _counted(row: Any) -> Decimal:
    of_lines = getattr(row, "of_lines", None)
    if of_lines is not None:
        return Decimal(of_lines) * row.rate * row.percent / HUNDRED
    return row.amount or Decimal(0)
