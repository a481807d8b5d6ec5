"""Roles: the standard ones, and those of the company's own."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select, update

from erpcrm.core.db import session
from erpcrm.core.errors import Refused, Stale
from erpcrm.core.i18n import _
from erpcrm.core.registry import areas_on, registry, types_off
from erpcrm.core.settings import save_setting, setting

from ..models import WIDTH, Role, User, user_roles
from ..roles import EVERYTHING, STANDARD_ROLES
from .rank import keep_an_administrator, may_give

LENSES = ("relationship", "operations")
FILLED = ("key", "name", "permissions", "scope", "scopes", "lens", "two_factor")


def standard_role(key: str) -> Role:
    return session.scalars(select(Role).where(Role.key == key)).one()


def roles_of_choice() -> Sequence[Role]:
    return session.scalars(select(Role).order_by(Role.id)).all()


def ensure_standard_roles() -> Sequence[Role]:
    """Create the standard roles that are missing, each with the permissions that the areas declare for it."""
    known = set(session.scalars(select(Role.key).where(Role.key.is_not(None))))
    for standard in STANDARD_ROLES:
        if standard.key not in known:
            codes = [p.code for p in registry().permissions.values() if standard.key in p.roles]
            session.add(
                Role(
                    key=standard.key,
                    name=standard.name,
                    permissions=[EVERYTHING] if standard.key == "admin" else sorted(codes),
                    scope=standard.scope,
                    scopes={},
                    lens=standard.lens,
                )
            )
    if not known:
        save_setting("permissions_known", sorted(registry().permissions))
    session.flush()
    return session.scalars(select(Role).where(Role.key.is_not(None)).order_by(Role.id)).all()


def sync_new_permissions() -> list[str]:
    """Give permissions that this version of the program brings to the standard roles that its areas name.

    Only those that were not known before: what a company has taken from a role stays taken. Returns the new ones.
    """
    known = set(setting("permissions_known"))
    fresh = [p for p in registry().permissions.values() if p.code not in known]
    roles = session.scalars(select(Role).where(Role.key.is_not(None))).all()
    if not fresh or not roles:
        return []
    for role in roles:
        given = {p.code for p in fresh if role.key in p.roles} - set(role.permissions)
        if given and not role.everything:
            role.permissions = sorted({*role.permissions, *given})
    save_setting("permissions_known", sorted(known | set(registry().permissions)))
    session.flush()
    return [p.code for p in fresh]


def create_role(values: Mapping[str, Any], *, by: User | None = None) -> Role:
    """A new role: name, permissions, scope, scopes, lens, two_factor. Refused when it holds more than `by` does."""
    role = Role(permissions=[], scope="own", scopes={}, lens="relationship", two_factor=False)
    _fill(role, values)
    may_give(by, [role])
    session.add(role)
    session.flush()
    return role


def update_role(role: Role, values: Mapping[str, Any], *, version: int | None = None, by: User | None = None) -> None:
    """Change a role. Refused when it holds more than `by` does, before or after, or when no administrator is left.

    What it holds in areas that are off, or that this installation does not know, is left as it is.
    """
    if version is not None and version != role.version:
        raise Stale(role)
    # Asked of a draft: `by` may hold this very role, and would hold at once whatever it is given.
    draft = Role(id=role.id, **{name: getattr(role, name) for name in FILLED})
    _fill(draft, values)
    may_give(by, [role, draft])
    strict_before = role.two_factor
    for name in FILLED:
        setattr(role, name, getattr(draft, name))
    keep_an_administrator()
    if role.two_factor and not strict_before:
        _sign_out_those_without_second_factor(role)


def _fill(role: Role, values: Mapping[str, Any]) -> None:
    name = values.get("name", role.name).strip()
    same = select(Role.id).where(func.lower(Role.name) == name.lower(), Role.id != (role.id or 0))
    if session.scalar(same.limit(1)) is not None:
        raise Refused(_("There is already a role called “%(name)s”.", name=name))
    known = registry().permissions
    role.name = name
    if "permissions" in values:
        wanted = set(values["permissions"])
        shown = {permission.code for area in areas_on() for permission in area.permissions}
        kept = {code for code in role.permissions if code not in shown and code != EVERYTHING}
        role.permissions = [EVERYTHING] if EVERYTHING in wanted else sorted(kept | (wanted & set(known)))
    if "scope" in values:
        role.scope = values["scope"] if values["scope"] in WIDTH else "own"
    if "scopes" in values:
        off = set(types_off())
        kept_scopes = {kind: scope for kind, scope in (role.scopes or {}).items() if kind in off}
        role.scopes = kept_scopes | {kind: scope for kind, scope in values["scopes"].items() if scope in WIDTH}
    if "lens" in values:
        role.lens = values["lens"] if values["lens"] in LENSES else LENSES[0]
    if "two_factor" in values:
        role.two_factor = bool(values["two_factor"])


def _sign_out_those_without_second_factor(role: Role) -> None:
    """They set it up at their next sign-in."""
    holders = select(user_roles.c.user_id).where(user_roles.c.role_id == role.id)
    session.execute(
        update(User)
        .where(User.id.in_(holders), User.totp_secret.is_(None))
        .values(session_epoch=User.session_epoch + 1, updated_at=User.updated_at)
        .execution_options(synchronize_session=False)
    )


def holders_of(role: Role) -> Sequence[User]:
    """The users who hold a role, by name."""
    held = select(user_roles.c.user_id).where(user_roles.c.role_id == role.id)
    return session.scalars(select(User).where(User.id.in_(held)).order_by(User.name)).all()


def who_may(codes: Iterable[str]) -> dict[str, Sequence[str]]:
    """{permission: the names of those who hold it}. Administrators, who may everything, only where there is nobody else."""
    query = (
        select(User.name, Role.permissions)
        .join(user_roles, user_roles.c.user_id == User.id)
        .join(Role, Role.id == user_roles.c.role_id)
        .where(User.active)
        .order_by(User.name)
    )
    rows = session.execute(query).all()
    anybody = list(dict.fromkeys(name for name, held in rows if EVERYTHING in held))
    return {code: list(dict.fromkeys(name for name, held in rows if code in held)) or anybody for code in codes}


def delete_role(role: Role, *, by: User | None = None) -> None:
    """Refused for a standard role, and while somebody holds it."""
    may_give(by, [role])
    if role.key is not None:
        raise Refused(_("A standard role can be changed, but not deleted."))
    count = session.scalar(select(func.count()).select_from(user_roles).where(user_roles.c.role_id == role.id))
    if count:
        raise Refused(_("%(count)s users hold this role. Give them another one first.", count=count))
    session.delete(role)
    session.flush()
