"""What the approval queue shows: its columns, its cards with the figures of their customers, and the whole case of one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
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

PAGE = 10
"""Cards of a column at first; more come as it is scrolled"""
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
    after: int | None
    """The card after which there are more"""


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

    def order(self) -> tuple[Any, Any]:
        """The oldest first, or the largest."""
        first = CreditApplication.amount.desc() if self.sort == "amount" else CreditApplication.created_at
        return first, CreditApplication.id

    def beyond(self, card: CreditApplication) -> ColumnElement[bool]:
        """Those that come after this one."""
        amount, at, id = CreditApplication.amount, CreditApplication.created_at, CreditApplication.id
        if self.sort == "amount":
            return or_(amount < card.amount, and_(amount == card.amount, id > card.id))
        return or_(at > card.created_at, and_(at == card.created_at, id > card.id))


BESIDE = (
    joinedload(CreditApplication.customer),
    joinedload(CreditApplication.requested_by),
    joinedload(CreditApplication.order),
)


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
    place = func.row_number().over(partition_by=CreditApplication.status, order_by=wanted.order()).label("place")
    ranked = select(CreditApplication.id, place).where(CreditApplication.status.in_(UNDECIDED), *conditions).subquery()
    query = (
        select(CreditApplication)
        .join(ranked, ranked.c.id == CreditApplication.id)
        .where(ranked.c.place <= PAGE)
        .order_by(*wanted.order())
        .options(*BESIDE)
    )
    cards = _cards(session.scalars(query).all())
    shown = []
    for key in UNDECIDED:
        state, own = APPLICATION_FLOW.state[key], [card for card in cards if card.application.status == key]
        count, total = sums.get(key, (0, Decimal(0)))
        shown.append(
            Column(key, state.label, state.tone, own, count, total, own[-1].id if count > len(own) > 0 else None)
        )
    return shown


def next_cards(wanted: Wanted, card: CreditApplication, actor: Actor) -> tuple[Sequence[Card], int | None]:
    """The cards of a column that come after `card`, and the one after which there are more."""
    scope = APPLICATION_SCOPE(actor, actor.scope("credit_application"))
    query = (
        select(CreditApplication)
        .where(CreditApplication.status == card.status, scope, *wanted.conditions(), wanted.beyond(card))
        .order_by(*wanted.order())
        .limit(PAGE + 1)
        .options(*BESIDE)
    )
    found = session.scalars(query).all()
    cards = _cards(found[:PAGE])
    return cards, cards[-1].id if len(found) > PAGE else None


def _cards(found: Sequence[CreditApplication]) -> list[Card]:
    """With the figures of all their customers at once."""
    where = standings({one.customer_id for one in found}) if found else {}
    moment = now()
    return [Card(one, where[one.customer_id], (moment - one.created_at).days) for one in found]


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
