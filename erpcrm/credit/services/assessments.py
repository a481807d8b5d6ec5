"""Assessing customers: facts out of the system's own data, what is entered beside them, and the scorecards in versions."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import contains_eager

from erpcrm.core.actor import Actor
from erpcrm.core.audit import plain
from erpcrm.core.db import session
from erpcrm.core.errors import Refused
from erpcrm.core.exact import round_money
from erpcrm.core.i18n import _, local_day, today
from erpcrm.core.settings import setting
from erpcrm.customers.models import Customer
from erpcrm.customers.scopes import CUSTOMER_SCOPE
from erpcrm.finance.models import STILL_OPEN, ReceivableItem
from erpcrm.sales.models import SalesOrder
from erpcrm.sales.services import months_later

from ..models import Assessment, CreditAccount, Scorecard
from ..scoring import BY_KEY, GRADES, STANDARD, STANDARD_GRADES, Value, Weighted, earn, grade_of, problem_of, score_of
from .standing import hold_account

ZERO, HUNDRED = Decimal(0), Decimal(100)
YEAR = timedelta(days=365)
LOOKED_AT = 1000
"""The latest paid amounts that tell how a customer pays"""
SOLD = ("invoice", "credit_note")
OWED = ("invoice", "opening")


def _tenth(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


def _share(part: Decimal, whole: Decimal) -> Decimal | None:
    return _tenth(part * HUNDRED / whole) if whole else None


def facts_of(customer: Customer, on: date | None = None) -> dict[str, Value]:
    """What the system itself knows for each of its own factors; None where it knows nothing yet. Four queries."""
    day = on or today()
    paid = _paid(customer.id, day)
    open_now, overdue = _open(customer.id, day)
    sold, returned, before = _sold(customer.id, day)
    settled = sum((amount for _due, _closed, amount in paid), ZERO)
    in_time = sum((amount for due, closed, amount in paid if closed <= due), ZERO)
    late = [Decimal(max((closed - due).days, 0)) for due, closed, _amount in paid]
    turnover = sold + returned
    return {
        "days_late": _tenth(sum(late, ZERO) / len(late)) if late else None,
        # What is overdue now was not paid on time either.
        "on_time": _share(in_time, settled + overdue),
        "overdue_share": _share(overdue, open_now),
        "turnover": turnover if sold or returned else None,
        "trend": _tenth((turnover - before) * HUNDRED / before) if before > 0 else None,
        "age": Decimal(_months(_since(customer), day)),
        "returns": _share(-returned, sold),
    }


def _paid(customer_id: int, day: date) -> Sequence[tuple[date, date, Decimal]]:
    item = ReceivableItem
    query = (
        select(item.due_on, item.closed_on, item.base_amount)
        .where(
            item.customer_id == customer_id,
            item.kind.in_(OWED),
            item.amount > 0,
            item.closed_on.is_not(None),
            item.closed_on > day - 2 * YEAR,
            item.closed_on <= day,
        )
        .order_by(item.closed_on.desc(), item.id.desc())
        .limit(LOOKED_AT)
    )
    return [(due, closed or day, amount) for due, closed, amount in session.execute(query)]


def _open(customer_id: int, day: date) -> tuple[Decimal, Decimal]:
    item = ReceivableItem
    query = select(func.sum(item.base_open), func.sum(case((item.due_on < day, item.base_open)))).where(
        item.customer_id == customer_id, STILL_OPEN, item.base_open > 0
    )
    open_now, overdue = session.execute(query).one()
    return Decimal(open_now or 0), Decimal(overdue or 0)


def _sold(customer_id: int, day: date) -> tuple[Decimal, Decimal, Decimal]:
    """Invoiced and credited (below zero) in the twelve months up to a day, and both in the twelve before."""
    item = ReceivableItem
    year, before = day - YEAR, day - 2 * YEAR
    query = select(
        func.sum(case(((item.date > year) & (item.base_amount > 0), item.base_amount))),
        func.sum(case(((item.date > year) & (item.base_amount < 0), item.base_amount))),
        func.sum(case((item.date <= year, item.base_amount))),
    ).where(item.customer_id == customer_id, item.kind.in_(SOLD), item.date > before, item.date <= day)
    sold, returned, earlier = session.execute(query).one()
    return Decimal(sold or 0), Decimal(returned or 0), Decimal(earlier or 0)


def _since(customer: Customer) -> date:
    """When they became a customer: the first invoice or order, else the day on which they were entered."""
    invoiced = select(func.min(ReceivableItem.date)).where(ReceivableItem.customer_id == customer.id).scalar_subquery()
    ordered = select(func.min(SalesOrder.ordered_on)).where(SalesOrder.customer_id == customer.id).scalar_subquery()
    days = session.execute(select(invoiced, ordered)).one()
    return min([one for one in days if one is not None] + [local_day(customer.created_at)])


def _months(since: date, day: date) -> int:
    return max((day.year - since.year) * 12 + day.month - since.month - (day.day < since.day), 0)


# ------------------------------------------------------------------- scorecards


def scorecards() -> Sequence[Scorecard]:
    """All versions, the latest first."""
    return session.scalars(select(Scorecard).order_by(Scorecard.revision.desc())).all()


def active_scorecard() -> Scorecard | None:
    """The one by which customers are assessed now."""
    query = select(Scorecard).where(Scorecard.active).order_by(Scorecard.revision.desc())
    return session.scalars(query).first()


def ensure_scorecard() -> Scorecard:
    """The one in use; a company without any begins with the standard one."""
    found = active_scorecard()
    if found is None:
        grades = {grade: dict(values) for grade, values in STANDARD_GRADES.items()}
        found = Scorecard(
            revision=1, name=_("Standard scorecard"), active=True, factors=_stored(STANDARD), grades=grades
        )
        session.add(found)
        session.flush()
    return found


def standard_scorecard() -> Scorecard:
    """The standard one, not stored: what a company without any would use."""
    grades = {grade: dict(values) for grade, values in STANDARD_GRADES.items()}
    return Scorecard(revision=1, name=_("Standard scorecard"), active=True, factors=_stored(STANDARD), grades=grades)


def _stored(factors: Sequence[Weighted]) -> list[dict[str, Any]]:
    return [
        {
            "key": factor.key,
            "weight": factor.weight,
            "unknown": factor.unknown,
            "bands": [[band.start, band.points] for band in factor.bands],
        }
        for factor in factors
    ]


def is_used(scorecard: Scorecard) -> bool:
    return session.scalar(select(Assessment.id).where(Assessment.scorecard_id == scorecard.id).limit(1)) is not None


PROBLEMS = {
    "weights": lambda: _("The weights have to add up to 100."),
    "points": lambda: _("Points are from 0 to 100."),
    "bands": lambda: _("The bands of a factor begin one above the other."),
    "factor": lambda: _("A factor has a weight of 0 or more."),
}


def save_scorecard(name: str, factors: Sequence[Weighted], grades: Mapping[str, Mapping[str, Any]]) -> Scorecard:
    """How customers are scored from now on. What was used stays as it was: then this is a new version.

    Refused unless the weights add up to 100, and the grades begin one below the other.
    """
    if (problem := problem_of(factors)) is not None:
        raise Refused(PROBLEMS[problem]())
    starts = [grades[grade]["from"] for grade in GRADES]
    if starts != sorted(set(starts), reverse=True) or starts[-1] != 0:
        raise Refused(_("Each grade begins below the one before it, and E at 0."))
    current = ensure_scorecard()
    if not (name := name.strip()):
        raise Refused(_("Give the scorecard a name."))
    if is_used(current):
        current.active = False
        latest = session.scalar(select(func.max(Scorecard.revision))) or 0
        current = Scorecard(revision=latest + 1, active=True)
        session.add(current)
    current.name, current.factors = name, _stored(factors)
    current.grades = {grade: dict(values) for grade, values in grades.items()}
    session.flush()
    return current


# ------------------------------------------------------------------ assessments


def _value(key: str, given: Any) -> Value:
    if given in (None, ""):
        return None
    if BY_KEY[key].unit == "choice":
        known = {value for value, _label in BY_KEY[key].choices}
        if given not in known:
            raise Refused(_("Choose one of the list."))
        return str(given)
    return Decimal(given)


def propose(customer: Customer, entered: Mapping[str, Any]) -> Assessment:
    """What an assessment of today comes to, not stored: facts of the system, and what was entered of the other factors."""
    scorecard = active_scorecard() or standard_scorecard()
    facts = facts_of(customer)
    values = {
        factor.key: facts.get(factor.key) if BY_KEY[factor.key].own else _value(factor.key, entered.get(factor.key))
        for factor in scorecard.weighted
    }
    earned = [earn(factor, values[factor.key]) for factor in scorecard.weighted]
    score = score_of(earned)
    grade = grade_of(score, {name: given["from"] for name, given in scorecard.grades.items()})
    rules = scorecard.grades[grade]
    turnover = facts["turnover"]
    worth = turnover if isinstance(turnover, Decimal) and turnover > 0 else ZERO
    limit = round_money(worth * Decimal(rules["percent"]) / HUNDRED, setting("currency"))
    return Assessment(
        customer_id=customer.id,
        scorecard_id=scorecard.id,
        assessed_on=today(),
        values=[
            {"key": one.key, "value": plain(one.value), "band": one.band, "points": one.points, "weight": one.weight}
            for one in earned
        ],
        score=score,
        grade=grade,
        turnover=worth,
        suggested_limit=limit,
        suggested_terms=rules.get("terms"),
        valid_until=months_later(today(), int(rules["months"])),
    )


def assess(customer: Customer, entered: Mapping[str, Any], note: str | None, by: Actor | None) -> Assessment:
    """Score a customer now and keep it: the grade counts from this moment on. Limits are not changed by it."""
    ensure_scorecard()
    account = hold_account(customer.id)
    made = propose(customer, entered)
    made.note = (note or "").strip() or None
    made.created_by_id = by.id if by is not None else None
    session.add(made)
    account.grade, account.score, account.reassess_on = made.grade, made.score, made.valid_until
    session.flush()
    return made


def assessments_of(customer_id: int) -> Sequence[Assessment]:
    """Past ones stay: all of a customer, the latest first."""
    query = select(Assessment).where(Assessment.customer_id == customer_id)
    return session.scalars(query.order_by(Assessment.assessed_on.desc(), Assessment.id.desc())).all()


def due_for_assessment(actor: Actor, limit: int = 50) -> Sequence[CreditAccount]:
    """Whose assessment has run out, or will within two weeks. One query."""
    query = (
        select(CreditAccount)
        .join(CreditAccount.customer)
        .options(contains_eager(CreditAccount.customer))
        .where(
            CreditAccount.reassess_on.is_not(None),
            CreditAccount.reassess_on <= today() + timedelta(days=14),
            CUSTOMER_SCOPE(actor, actor.scope("customer")),
        )
    )
    return session.scalars(query.order_by(CreditAccount.reassess_on, CreditAccount.id).limit(limit)).all()
