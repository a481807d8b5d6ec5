"""What the approval queue shows: its columns, its cards with the figures of their customers, and the whole case of one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload

from erpcrm.core.actor import Actor, current_actor
from erpcrm.core.db import now, session
from erpcrm.core.i18n import today
from erpcrm.customers.models import Customer
from erpcrm.finance.services import aged_of
from erpcrm.sales.models import ORDER_FLOW, SalesOrder
from erpcrm.sales.records import ORDER_SCOPE

from .models import APPLICATION_FLOW, DECIDE, KINDS, UNDECIDED, Assessment, CreditApplication
from .records import APPLICATION_SCOPE
from .services import Standing, assessments_of, may_decide, needs_second, say_of, standing, standings

PAGE = 50
ORDERS = 8
SORTS = ("age", "amount")


@dataclass(frozen=True)
class Card:
    """An application on the board, with what decides it beside it."""

    application: CreditApplication
    standing: Standing
    days: int

    @property
    def id(self) -> int:
        return self.application.id


@dataclass(frozen=True)
class Column:
    """A state on the board: its cards, and how many there are for how much."""

    key: str
    label: Any
    tone: str
    cards: Sequence[Card]
    count: int
    total: Decimal


@dataclass(frozen=True)
class Wanted:
    """How the board is looked at: sorted by age or amount, one kind only, customers by name."""

    sort: str = "age"
    kind: str | None = None
    text: str = ""

    def conditions(self) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if self.kind in {choice.value for choice in KINDS}:
            found.append(CreditApplication.kind == self.kind)
        if self.text:
            like = f"%{self.text.lower()}%"
            # Asked of each application, for there are few of them and many customers.
            named = CreditApplication.customer.has(
                func.lower(Customer.name).like(like) | func.lower(Customer.code).like(like)
            )
            found.append(func.lower(CreditApplication.number).like(like) | named)
        return found


def columns(wanted: Wanted, actor: Actor) -> list[Column]:
    """The board: the applications that are undecided, with the figures of all their customers at once."""
    scope = APPLICATION_SCOPE(actor, actor.scope("credit_application"))
    conditions = [scope, *wanted.conditions()]
    sums = {
        status: (count, Decimal(total or 0))
        for status, count, total in session.execute(
            select(CreditApplication.status, func.count(), func.sum(CreditApplication.amount))
            .where(CreditApplication.status.in_(UNDECIDED), *conditions)
            .group_by(CreditApplication.status)
        )
    }
    order = (
        (CreditApplication.amount.desc(), CreditApplication.id)
        if wanted.sort == "amount"
        else (CreditApplication.created_at, CreditApplication.id)
    )
    place = func.row_number().over(partition_by=CreditApplication.status, order_by=order).label("place")
    ranked = select(CreditApplication.id, place).where(CreditApplication.status.in_(UNDECIDED), *conditions).subquery()
    query = (
        select(CreditApplication)
        .join(ranked, ranked.c.id == CreditApplication.id)
        .where(ranked.c.place <= PAGE)
        .order_by(*order)
        .options(
            joinedload(CreditApplication.customer),
            joinedload(CreditApplication.requested_by),
            joinedload(CreditApplication.order),
        )
    )
    found = session.scalars(query).all()
    where = standings({one.customer_id for one in found}) if found else {}
    moment = now()
    shown = []
    for key in UNDECIDED:
        state = APPLICATION_FLOW.state[key]
        cards = [
            Card(one, where[one.customer_id], (moment - one.created_at).days) for one in found if one.status == key
        ]
        count, total = sums.get(key, (0, Decimal(0)))
        shown.append(Column(key, state.label, state.tone, cards, count, total))
    return shown


def count_undecided() -> int | None:
    """For the menu: how many wait for who decides."""
    actor = current_actor()
    if actor is None or not actor.may(DECIDE):
        return None
    waiting = CreditApplication.status.in_(("submitted", "in_review", "endorsed"))
    scope = APPLICATION_SCOPE(actor, actor.scope("credit_application"))
    return session.scalar(select(func.count()).select_from(CreditApplication).where(waiting, scope)) or None


@dataclass(frozen=True)
class Case:
    """Everything that decides an application: exposure, ageing, order history, score, and who may do what."""

    standing: Standing
    aged: Any
    orders: Sequence[SalesOrder]
    order_states: Mapping[str, Any]
    ordered: tuple[int, Decimal]
    """How many orders of the last twelve months, and what they came to"""
    assessment: Assessment | None
    earlier: Sequence[CreditApplication]
    decides: bool
    say: Any
    second: bool


def case_of(application: CreditApplication, actor: Actor) -> Case:
    """A bounded number of queries, whatever the customer's history."""
    id = application.customer_id
    where = standing(id)
    since = today() - timedelta(days=365)
    decides = may_decide(actor)
    # Who decides sees the whole history; who only asks the orders that are theirs to see.
    mine = SalesOrder.customer_id == id
    if not decides:
        mine &= ORDER_SCOPE(actor, actor.scope("order"))
    orders = select(SalesOrder).where(mine).order_by(SalesOrder.id.desc()).limit(ORDERS)
    count, total = session.execute(
        select(func.count(), func.sum(SalesOrder.base_gross)).where(
            mine,
            SalesOrder.status.in_(("confirmed", "closed")),
            SalesOrder.ordered_on > since,
        )
    ).one()
    earlier = (
        select(CreditApplication)
        .where(CreditApplication.customer_id == id, CreditApplication.id != application.id)
        .order_by(CreditApplication.id.desc())
        .limit(5)
    )
    amount = application.granted if application.granted is not None else application.amount
    grade = where.account.grade if where.account is not None else None
    return Case(
        standing=where,
        aged=aged_of([id], today()).get(id),
        orders=session.scalars(orders).all(),
        order_states=ORDER_FLOW.state,
        ordered=(count, Decimal(total or 0)),
        assessment=next(iter(assessments_of(id)), None),
        earlier=session.scalars(earlier).all(),
        decides=decides,
        say=say_of(application, actor, amount, grade) if decides else None,
        second=needs_second(amount) and application.endorsed_by_id is None,
    )
