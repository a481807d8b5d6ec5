"""Who may decide an application: levels of authority, deputies, and never one's own."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from erpcrm.access.models import Role, User
from erpcrm.core.actor import Actor
from erpcrm.core.db import session
from erpcrm.core.errors import NotAllowed, Refused
from erpcrm.core.i18n import _, show_money, today

from ..models import DECIDE, Authority, CreditApplication, Deputy
from ..scoring import GRADES, WORST
from .standing import account_of, amount_setting

ZERO = Decimal(0)


@dataclass(frozen=True)
class Level:
    """Up to what amount (None: without end), and down to which grade."""

    most: Decimal | None
    worst_grade: str

    def covers(self, amount: Decimal, grade: str | None) -> bool:
        """A customer without a grade is taken for one of the worst."""
        reach = GRADES.index(self.worst_grade) >= GRADES.index(grade or WORST)
        return reach and (self.most is None or amount <= self.most)


NONE = Level(ZERO, "A")
STANDARD = {
    "admin": Level(None, WORST),
    "controller": Level(Decimal(1_000_000), WORST),
    "manager": Level(Decimal(50_000), "C"),
}
"""What the standard roles may decide until the company says otherwise, in its own currency."""


def levels() -> Mapping[int, Authority]:
    """{role id: what the company has set for it}."""
    return {one.role_id: one for one in session.scalars(select(Authority))}


def level_of_role(role: Role, given: Mapping[int, Authority]) -> Level:
    if role.id in given:
        return Level(given[role.id].most, given[role.id].worst_grade)
    return STANDARD.get(role.key or "", NONE)


def set_level(role: Role, most: Decimal | None, worst_grade: str) -> None:
    """What a role may decide from now on."""
    found = session.scalars(select(Authority).where(Authority.role_id == role.id)).one_or_none()
    if found is None:
        found = Authority(role_id=role.id)
        session.add(found)
    found.most, found.worst_grade = most, worst_grade
    session.flush()


def levels_of(user: User, given: Mapping[int, Authority] | None = None) -> list[Level]:
    """The levels of all roles of a user that may decide at all."""
    known = levels() if given is None else given
    return [level_of_role(role, known) for role in user.roles if role.holds(DECIDE)]


def stood_in_for(actor: Actor, on: date | None = None) -> Sequence[User]:
    """For whom a user decides today."""
    day = on or today()
    query = (
        select(User)
        .join(Deputy, Deputy.user_id == User.id)
        .where(Deputy.deputy_id == actor.id, Deputy.starts_on <= day, Deputy.ends_on >= day)
        .order_by(User.id)
    )
    return session.scalars(query).unique().all()


def may_decide(actor: Actor) -> bool:
    """Whether somebody decides at all: by a role of their own, or as a deputy."""
    return actor.may(DECIDE) or any(user.may(DECIDE) for user in stood_in_for(actor))


@dataclass(frozen=True)
class Say:
    """How a user may decide: in their own right (`behalf` None), or for somebody who is away."""

    allowed: bool
    why: str = ""
    behalf: User | None = None


def grade_of(customer_id: int) -> str | None:
    account = account_of(customer_id)
    return account.grade if account is not None else None


def say_of(application: CreditApplication, actor: Actor, amount: Decimal, grade: str | None) -> Say:
    """Whether a user's authority reaches as far as `amount` for a customer of that grade, and in whose right."""
    if application.requested_by_id == actor.id:
        return Say(False, _("Nobody decides what they applied for themselves."))
    if application.endorsed_by_id == actor.id:
        return Say(False, _("You have endorsed it already: somebody else has to approve it."))
    given = levels()
    me = session.get_one(User, actor.id)
    mine = levels_of(me, given)
    if any(level.covers(amount, grade) for level in mine):
        return Say(True)
    for user in stood_in_for(actor):
        # Whoever is away could not have decided their own application either, nor approved what they endorsed.
        theirs = user.id in (application.requested_by_id, application.endorsed_by_id)
        if not theirs and any(level.covers(amount, grade) for level in levels_of(user, given)):
            return Say(True, behalf=user)
    if not mine:
        return Say(False, _("Your role does not decide credit applications."))
    return Say(False, _beyond(mine, amount, grade))


def _beyond(mine: Iterable[Level], amount: Decimal, grade: str | None) -> str:
    reach = [level.most for level in mine if level.most is not None]
    if not reach or max(reach) >= amount:
        return _(
            "Customers of grade %(grade)s are beyond your authority. Endorse it, and somebody with more decides.",
            grade=grade or "–",
        )
    return _(
        "You may decide up to %(most)s, and this is %(amount)s. Endorse it, and somebody with more authority decides.",
        most=show_money(max(reach)),
        amount=show_money(amount),
    )


def check_not_own(application: CreditApplication, actor: Actor) -> None:
    """For every step of a decision but the last: NotAllowed for who decides nothing, Refused for one's own application."""
    if not may_decide(actor):
        raise NotAllowed(DECIDE)
    if application.requested_by_id == actor.id:
        raise Refused(_("Nobody decides what they applied for themselves."))


def needs_second(amount: Decimal) -> bool:
    """Whether an amount needs two pairs of eyes."""
    above = amount_setting("credit_second_above")
    return above is not None and amount > above


def deciders(amount: Decimal, grade: str | None, besides: Collection[int | None]) -> list[User]:
    """Everybody whose authority reaches so far, and the deputies of those who are away today."""
    given, day = levels(), today()
    users = session.scalars(select(User).where(User.active)).unique().all()
    able = [user for user in users if any(level.covers(amount, grade) for level in levels_of(user, given))]
    away = session.execute(
        select(Deputy.user_id, Deputy.deputy_id).where(Deputy.starts_on <= day, Deputy.ends_on >= day)
    ).all()
    by_id = {user.id: user for user in users}
    stand_ins = [by_id[deputy] for user, deputy in away if deputy in by_id and any(one.id == user for one in able)]
    unique = {user.id: user for user in (*able, *stand_ins)}
    return [user for id, user in unique.items() if id not in besides]


def deputies() -> Sequence[Deputy]:
    """Those of today and later, the earliest first."""
    query = select(Deputy).where(Deputy.ends_on >= today()).order_by(Deputy.starts_on, Deputy.id)
    return session.scalars(query).all()


def add_deputy(user_id: int, deputy_id: int, starts_on: date, ends_on: date) -> Deputy:
    """Refused for oneself, backwards, and for somebody who decides nothing that could be decided in their place."""
    if user_id == deputy_id:
        raise Refused(_("A deputy is somebody else."))
    if ends_on < starts_on:
        raise Refused(_("The last day is before the first."))
    if not session.get_one(User, user_id).may(DECIDE):
        raise Refused(_("Whoever decides no credit applications needs no deputy for it."))
    made = Deputy(user_id=user_id, deputy_id=deputy_id, starts_on=starts_on, ends_on=ends_on)
    session.add(made)
    session.flush()
    return made


def remove_deputy(deputy: Deputy) -> None:
    session.delete(deputy)
    session.flush()
