"""May this user do this to this record, and why: the same rules that the pages ask, told step by step."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, or_, select

from erpcrm.core.access import everyone
from erpcrm.core.db import Record, session
from erpcrm.core.errors import Refused
from erpcrm.core.i18n import _, _l
from erpcrm.core.records import RecordType
from erpcrm.core.registry import is_on, registry
from erpcrm.core.whole import whole_or_none

from .models import Role, Team, User

SCOPE_NAMES = {"own": _l("own records"), "team": _l("records of the team"), "all": _l("all records")}


@dataclass(frozen=True)
class Step:
    """One question that was asked on the way: was it passed, and what was found."""

    passed: bool
    text: str


@dataclass(frozen=True)
class Answer:
    allowed: bool
    steps: Sequence[Step]


def find_record(kind: RecordType, text: str) -> Record:
    """The record that an id, a code or a name means. Refused when none or several fit."""
    same = [func.lower(kind.title) == text.lower()]
    if kind.code is not None:
        same.append(func.lower(kind.code) == text.lower())
    number = whole_or_none(text)
    if number is not None:
        same.append(kind.model.id == number)
    found = session.scalars(select(kind.model).where(or_(*same)).limit(3)).all()
    if number is not None and len(found) > 1:
        found = [record for record in found if record.id == number] or found
    if len(found) != 1:
        raise Refused(_("Nothing, or more than one, is called “%(text)s”.", text=text))
    return found[0]


def explain(user: User, permission: str, kind: RecordType | None = None, record: Record | None = None) -> Answer:
    """Ask everything that a page asks, in the same order, and say what came out."""
    steps = [_is_active(user), _area_is_on(permission), _holds(user, permission)]
    if kind is not None and record is not None:
        steps.append(_in_scope(user, kind, record))
    return Answer(all(step.passed for step in steps), steps)


def _is_active(user: User) -> Step:
    if not user.active:
        return Step(False, _("%(name)s is deactivated and can't sign in.", name=user.name))
    if not user.email or not user.password_hash:
        return Step(False, _("%(name)s has no e-mail address or no password yet, and can't sign in.", name=user.name))
    return Step(True, _("%(name)s is active.", name=user.name))


def _area_is_on(permission: str) -> Step:
    area = registry().by_name[permission.partition(".")[0]]
    if is_on(area):
        return Step(True, _("The module “%(area)s” is on.", area=area.label))
    return Step(False, _("The module “%(area)s” is switched off.", area=area.label))


def _holds(user: User, permission: str) -> Step:
    label = registry().permissions[permission].label
    givers = [role.label for role in user.roles if role.holds(permission)]
    if givers:
        return Step(True, _("“%(permission)s” is given by: %(roles)s.", permission=label, roles=", ".join(givers)))
    if not user.roles:
        return Step(False, _("%(name)s has no role.", name=user.name))
    roles = ", ".join(role.label for role in user.roles)
    return Step(False, _("“%(permission)s” is in none of these roles: %(roles)s.", permission=label, roles=roles))


def _in_scope(user: User, kind: RecordType, record: Record) -> Step:
    scope = user.scope(kind.name)
    condition = kind.scope(user, scope)
    inside = session.scalar(select(kind.model.id).where(kind.model.id == record.id, condition)) is not None
    if kind.scope is everyone:
        return Step(
            inside, _("%(things)s belong to nobody: whoever may see them sees all of them.", things=kind.plural)
        )
    text = _(
        "The scope on %(things)s is “%(scope)s” (%(roles)s).",
        things=kind.plural,
        scope=SCOPE_NAMES[scope],
        roles=", ".join(_givers(user.roles, kind.name, scope)) or _("no role"),
    )
    return Step(inside, " ".join([text, *_belongs(user, record), _verdict(inside)]))


def _givers(roles: Sequence[Role], kind: str, scope: str) -> list[str]:
    return [role.label for role in roles if role.scopes.get(kind, role.scope) == scope]


def _verdict(inside: bool) -> str:
    return _("So it is inside the scope.") if inside else _("So it is outside the scope.")


def _belongs(user: User, record: Any) -> list[str]:
    told = []
    if hasattr(record, "owner_id"):
        owner = session.get(User, record.owner_id) if record.owner_id else None
        told.append(_("Its owner is %(name)s.", name=owner.name) if owner else _("It has no owner."))
    if hasattr(record, "team_id"):
        team = session.get(Team, record.team_id) if record.team_id else None
        told.append(_("Its team is %(name)s.", name=team.name) if team else _("It has no team."))
        mine = session.scalars(select(Team.name).where(Team.id.in_(user.team_ids)).order_by(Team.name)).all()
        names = ", ".join(mine)
        told.append(
            _("%(user)s is in, or manages: %(teams)s.", user=user.name, teams=names)
            if mine
            else _("%(user)s is in no team.", user=user.name)
        )
    return told
