"""Nobody gives away, or takes over, more than they hold themselves; and somebody always keeps the keys."""

from collections.abc import Iterable

from sqlalchemy import select

from erpcrm.core.db import session
from erpcrm.core.errors import Refused
from erpcrm.core.i18n import _

from ..models import WIDTH, Role, User, user_roles

KEYS = ("access.user.edit", "access.role.edit")
"""Who holds these is an administrator."""


def holds_all_of(by: User | None, role: Role) -> bool:
    """Whether `by` (None: the system) holds every permission of `role`, at least as widely."""
    if by is None or any(own.everything for own in by.roles):
        return True
    if role.everything or not all(by.may(code) for code in role.permissions):
        return False
    default = max((WIDTH[own.scope] for own in by.roles), default=0)
    # An exception that narrows one's own role counts also where the other role makes none.
    excepted = {name for one in (role, *by.roles) for name in one.scopes}
    return WIDTH[role.scope] <= default and all(
        WIDTH[role.scopes.get(name, role.scope)] <= WIDTH[by.scope(name)] for name in excepted
    )


def may_give(by: User | None, roles: Iterable[Role]) -> None:
    """Refused when one of the roles holds more than `by` does."""
    for role in roles:
        if not holds_all_of(by, role):
            raise Refused(
                _(
                    "The role “%(role)s” holds more than your own roles do, so only somebody who holds all of it can "
                    "give or change it.",
                    role=role.label,
                )
            )


def may_touch(by: User | None, user: User) -> None:
    """Refused when `user` may do more than `by`: whoever changes an account can make it their own."""
    if by is not None and by.id != user.id:
        may_give(by, user.roles)


def keep_an_administrator() -> None:
    """Refused when after this change nobody is left who could change users and roles. To be called after the change."""
    session.flush()
    # Two administrators who deactivate each other at the same moment: the second waits here, and is refused.
    session.scalars(select(Role.id).where(Role.key == "admin").with_for_update()).all()
    held = (
        select(user_roles.c.role_id)
        .join(User, User.id == user_roles.c.user_id)
        .where(User.active, User.email.is_not(None))
    )
    roles = session.scalars(select(Role).where(Role.id.in_(held))).all()
    if not any(all(role.holds(key) for key in KEYS) for role in roles):
        raise Refused(
            _("Then nobody could change users and roles any more. Make somebody else an administrator first.")
        )
