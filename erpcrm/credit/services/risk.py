"""The risk of all customers together, and what would be held if limits or the policy were others. Nothing is written here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import case, func, select, true
from sqlalchemy.orm import joinedload

from erpcrm.core.actor import Actor
from erpcrm.core.db import session
from erpcrm.core.i18n import today
from erpcrm.customers.models import Customer
from erpcrm.customers.scopes import CUSTOMER_SCOPE, visible_customers
from erpcrm.finance.models import STILL_OPEN, ReceivableItem
from erpcrm.sales.models import SalesOrder
from erpcrm.sales.records import ORDER_SCOPE

from ..models import CreditAccount
from ..policy import STOP, ZERO, Case, Limit, findings, verdict
from .exposure import terms_of
from .standing import Standing, actions, standings

HUNDRED = Decimal(100)
DAYS = 90
LARGEST = 10
SHOWN = 50
LEAST = Decimal("0.01")
"""The smallest order: who could not even place that one is held up"""


@dataclass(frozen=True)
class Share:
    """A customer's part of all exposure."""

    customer_id: int
    name: str
    exposure: Decimal
    percent: Decimal


@dataclass(frozen=True)
class Risk:
    """The figures of the risk page, in the company's currency."""

    open: Decimal
    overdue: Decimal
    sold: Decimal
    """Invoiced in the last 90 days, less credit notes"""
    exposure: Decimal
    largest: Sequence[Share]

    @property
    def dso(self) -> Decimal | None:
        """Days sales outstanding: open receivables against the sales of the last 90 days."""
        return _tenth(self.open * DAYS / self.sold) if self.sold > 0 else None

    @property
    def overdue_rate(self) -> Decimal | None:
        return _tenth(self.overdue * HUNDRED / self.open) if self.open > 0 else None

    @property
    def concentration(self) -> Decimal | None:
        """The share of the largest customers in all exposure."""
        together = sum((one.exposure for one in self.largest), ZERO)
        return _tenth(together * HUNDRED / self.exposure) if self.exposure > 0 else None


def _tenth(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


def risk(actor: Actor) -> Risk:
    """Of all customers that this user sees. Six queries at most, whatever there is."""
    item, day, ids = ReceivableItem, today(), _seen_by(actor)
    seen = item.customer_id.in_(visible_customers(actor)) if ids is not None else true()
    owed = select(func.sum(item.base_open), func.sum(case((item.due_on < day, item.base_open)))).where(
        STILL_OPEN, item.base_open > 0, seen
    )
    open_now, overdue = session.execute(owed).one()
    sold = session.scalar(
        select(func.sum(item.base_amount)).where(
            item.kind.in_(("invoice", "credit_note")), item.date > day - timedelta(days=DAYS), seen
        )
    )
    # Who has more with us than they owe makes nobody else's debt smaller.
    exposures = {id: terms.exposure for id, terms in terms_of(ids).items() if terms.exposure > 0}
    whole = sum(exposures.values(), ZERO)
    first = sorted(exposures.items(), key=lambda pair: (-pair[1], pair[0]))[:LARGEST]
    names = _names([id for id, _amount in first])
    shares = [Share(id, names.get(id, ""), amount, _tenth(amount * HUNDRED / whole)) for id, amount in first]
    return Risk(Decimal(open_now or 0), Decimal(overdue or 0), Decimal(sold or 0), whole, shares)


def _seen_by(actor: Actor) -> set[int] | None:
    """The customers that a user sees; None: all."""
    if actor.scope("customer") == "all":
        return None
    return set(session.scalars(visible_customers(actor)))


def _names(ids: Sequence[int]) -> dict[int, str]:
    rows = session.execute(select(Customer.id, Customer.name).where(Customer.id.in_(ids)))
    return {id: name for id, name in rows}


def watched(actor: Actor) -> Sequence[tuple[CreditAccount, str]]:
    """Who is on the watch list or on hold, the held first."""
    query = (
        select(CreditAccount, Customer.name)
        .join(Customer, Customer.id == CreditAccount.customer_id)
        .where(CreditAccount.watch | CreditAccount.held, CUSTOMER_SCOPE(actor, actor.scope("customer")))
        .order_by(CreditAccount.held.desc(), CreditAccount.id)
        .limit(SHOWN)
    )
    return [(account, name) for account, name in session.execute(query)]


@dataclass(frozen=True)
class Change:
    """What would be otherwise: a rule's action, all limits by so many percent for a grade (or all), a limit for everybody."""

    policy: Mapping[str, str]
    percent: Decimal = ZERO
    """On every limit: -20 makes 10,000 to 8,000"""
    grade: str | None = None
    """Only limits of customers of this grade; None: all"""
    company_limit: Decimal | None = None
    """For every customer without a limit of its own"""
    held_grade: str | None = None
    """Customers of this grade and worse are held"""


@dataclass(frozen=True)
class WouldBe:
    """A customer for whom the answer would be another one."""

    customer_id: int
    name: str
    grade: str | None
    exposure: Decimal
    limit: Decimal | None
    before: str
    after: str
    orders: Decimal
    """Confirmed, and not delivered yet"""


@dataclass(frozen=True)
class WhatIf:
    """What a change would do: who would be stopped that isn't now, and who would be free."""

    stopped: Sequence[WouldBe]
    freed: Sequence[WouldBe]
    looked_at: int

    @property
    def orders(self) -> Decimal:
        """What is confirmed and would wait."""
        return sum((one.orders for one in self.stopped), ZERO)


def what_if(change: Change, actor: Actor) -> WhatIf:
    """Compare every customer who owes anything, or has an account, as it is and as it would be, as far as this user sees
    them. Writes nothing."""
    now_rules, found, ids = actions(), standings(None), _seen_by(actor)
    found = {id: where for id, where in found.items() if ids is None or id in ids}
    changed: dict[int, tuple[Standing, str, str, Decimal | None]] = {}
    for id, where in found.items():
        before = verdict(where.check(LEAST))
        case_then = changed_case(where, change)
        after = verdict(findings(case_then, {**now_rules, **change.policy}))
        if (before == STOP) != (after == STOP):
            limit = min((one.amount for one in case_then.limits if one.amount is not None), default=None)
            changed[id] = (where, before, after, limit)
    names = _names(list(changed))
    rows = [
        WouldBe(
            id,
            names.get(id, ""),
            where.account.grade if where.account is not None else None,
            where.terms.exposure,
            limit,
            before,
            after,
            where.terms.undelivered,
        )
        for id, (where, before, after, limit) in changed.items()
    ]
    rows.sort(key=lambda row: (-row.exposure, row.customer_id))
    return WhatIf([row for row in rows if row.after == STOP], [row for row in rows if row.before == STOP], len(found))


def changed_case(where: Standing, change: Change) -> Case:
    """The smallest order under the changed limits."""
    grade = where.account.grade if where.account is not None else None
    case_now, limits = where.case(LEAST), []
    touched = change.grade is None or change.grade == grade
    own = any(limit.amount is not None and limit.source != "company" for limit in case_now.limits)
    for limit in case_now.limits:
        amount = limit.amount
        if limit.source == "company" and change.company_limit is not None and not own:
            amount = change.company_limit
        elif amount is not None and touched and change.percent:
            amount = max(amount * (HUNDRED + change.percent) / HUNDRED, ZERO)
        limits.append(replace(limit, amount=amount))
    if change.company_limit is not None and not own and not any(one.source == "company" for one in limits):
        limits.append(Limit("company", amount=change.company_limit, exposure=where.terms.exposure))
    holds = list(case_now.holds)
    if change.held_grade is not None and grade is not None and grade >= change.held_grade:
        holds.append(("", ""))
    return replace(case_now, limits=limits, holds=holds)


def waiting_orders(actor: Actor, limit: int = SHOWN) -> Sequence[SalesOrder]:
    """Orders that wait for credit, the oldest first. One query."""
    query = (
        select(SalesOrder)
        .where(SalesOrder.status == "waiting", ORDER_SCOPE(actor, actor.scope("order")))
        .options(joinedload(SalesOrder.customer))
        .order_by(SalesOrder.id)
    )
    return session.scalars(query.limit(limit)).all()
