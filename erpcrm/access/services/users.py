"""Users: found, created, changed."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import contains_eager

from erpcrm.core.audit import record_event
from erpcrm.core.db import session
from erpcrm.core.errors import Refused, Stale
from erpcrm.core.i18n import _

from ..models import Role, Team, User, user_roles
from .rank import keep_an_administrator, may_give, may_touch
from .roles import standard_role
from .sign_in import set_password

_WITH_ROLES = (
    # Joined by hand: joinedload would put both tables in brackets, and SQLite then reads the roles of all users.
    select(User)
    .outerjoin(user_roles, user_roles.c.user_id == User.id)
    .outerjoin(Role, Role.id == user_roles.c.role_id)
    .options(contains_eager(User.roles))
    .order_by(Role.name)
)
_BY_ID = _WITH_ROLES.where(User.id == bindparam("user_id"))
FIELDS = ("name", "email", "phone", "region", "language", "team_id")


def load_user(user_id: int) -> User | None:
    """A user with roles, in one query: every request begins with it."""
    return session.scalars(_BY_ID, {"user_id": user_id}).unique().one_or_none()


def anybody_here() -> bool:
    """Whether there is any user: before the first one, every page leads to the set-up."""
    return session.scalar(select(User.id).limit(1)) is not None


def user_by_email(email: str) -> User | None:
    query = _WITH_ROLES.where(func.lower(User.email) == email.strip().lower())
    return session.scalars(query).unique().one_or_none()


def users_called(name: str) -> Sequence[User]:
    """Those with this name, whatever the case."""
    return session.scalars(select(User).where(func.lower(User.name) == name.strip().lower()).order_by(User.id)).all()


def create_user(
    name: str,
    email: str | None = None,
    *,
    roles: Iterable[str | Role] = (),
    team: Team | None = None,
    password: str | None = None,
    by: User | None = None,
    **more: Any,
) -> User:
    """A new user. `roles` are roles or the keys of standard roles.

    Refused when the e-mail address is taken, or when a role holds more than `by` does.
    """
    _free(email)
    if team is not None:
        # An empty relationship would win over a `team_id` among the other values.
        more["team"] = team
    user = User(name=name, email=email, **more)
    user.roles = [role if isinstance(role, Role) else standard_role(role) for role in roles]
    may_give(by, user.roles)
    session.add(user)
    session.flush()
    if user.roles:
        record_event(user, "roles_changed", {"roles": [[], _names(user.roles)]})
    if password is not None:
        set_password(user, password)
    return user


def update_user(
    user: User,
    values: Mapping[str, Any],
    *,
    version: int | None = None,
    by: User | None = None,
) -> None:
    """Change a user: name, email, phone, region, language, team_id, roles (ids); what is not named stays.

    Refused when the address is taken, when the user or a role holds more than `by` does, or when no administrator would
    be left. Roles that require two-factor sign-in end the sessions of a user who has not set it up.
    """
    if version is not None and version != user.version:
        raise Stale(user)
    may_touch(by, user)
    if "email" in values:
        _free(values["email"], but=user)
    for field in FIELDS:
        if field in values:
            setattr(user, field, values[field] or None)
    if "roles" in values:
        _set_roles(user, values["roles"], by)
    keep_an_administrator()


def delete_user(user: User, *, by: User | None = None) -> None:
    """For the undo of an import: somebody who was never here. All others are deactivated, and stay known by name."""
    may_touch(by, user)
    session.delete(user)
    keep_an_administrator()


def _set_roles(user: User, ids: Iterable[int], by: User | None) -> None:
    wanted = list(session.scalars(select(Role).where(Role.id.in_(list(ids))).order_by(Role.name)))
    before = list(user.roles)
    if {role.id for role in wanted} == {role.id for role in before}:
        return
    may_give(by, [role for role in wanted if role not in before] + [role for role in before if role not in wanted])
    user.roles = wanted
    if user.must_use_two_factor and not user.two_factor:
        user.session_epoch += 1
    record_event(user, "roles_changed", {"roles": [_names(before), _names(wanted)]})


def _names(roles: Iterable[Role]) -> list[str]:
    return sorted(role.name for role in roles)


def _free(email: str | None, but: User | None = None) -> None:
    other = user_by_email(email) if email else None
    if other is not None and other is not but:
        raise Refused(_("%(name)s already has this e-mail address.", name=other.name))


def update_profile(
    user: User, *, name: str, language: str | None, phone: str | None, version: int | None = None
) -> None:
    """What users change about themselves."""
    if version is not None and version != user.version:
        raise Stale(user)
    user.name, user.language, user.phone = name, language or None, phone or None
    session.flush()


def choose_language(user: User, language: str) -> None:
    """The language of the screen. No edit of the account: it makes nobody's form stale."""
    session.execute(update(User).where(User.id == user.id).values(language=language, updated_at=User.updated_at))
