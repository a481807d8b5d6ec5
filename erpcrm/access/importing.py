"""Users from a file: the same verbs that the pages call, and the teams that a list of sellers implies."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from erpcrm.core.access import require
from erpcrm.core.db import session
from erpcrm.core.errors import Refused
from erpcrm.core.i18n import _

from . import services
from .models import Role, Team, User
from .services.users import FIELDS

PLAIN = tuple(field for field in FIELDS if field != "team_id")


def create_missing_team(text: str, by: Any) -> int:
    return services.create_team(text).id


def create(values: dict[str, Any], by: Any) -> User:
    """A user, without password: an invitation follows by hand once an address is known."""
    team_id = _team_id(values, by)
    role = session.get(Role, int(values["role"])) if values.get("role") else None
    given = {field: values[field] for field in PLAIN if values.get(field)}
    user = services.create_user(**given, roles=[role] if role is not None else [], by=by)
    if team_id is not None:
        user.team_id = team_id
    return user


def update(user: User, values: dict[str, Any], by: Any) -> None:
    changed = {field: values[field] for field in PLAIN if field in values}
    team_id = _team_id(values, by)
    if team_id is not None or "team" in values:
        changed["team_id"] = team_id
    if values.get("role"):
        changed["roles"] = [*(role.id for role in user.roles), int(values["role"])]
    services.update_user(user, changed, by=by)


def revert(user: User, before: Mapping[str, Any], by: Any) -> None:
    """The undo of an update: through the same verb, so that nobody takes a role away that they could not give."""
    services.update_user(user, before, by=by)


def remove(user: User, by: Any) -> None:
    """The undo of a new user. Refused for one who may do more than `by`, and for the last administrator."""
    services.delete_user(user, by=by)


def _team_id(values: dict[str, Any], by: Any) -> int | None:
    if values.get("team"):
        return int(values["team"])
    manager_name = (values.get("manager") or "").strip()
    if not manager_name:
        return None
    return _team_of(_manager(manager_name, by), by).id


def _manager(name: str, by: Any) -> User:
    known = services.users_called(name)
    if len(known) > 1:
        raise Refused(_("%(count)s users are called %(name)s. Name the team instead.", count=len(known), name=name))
    return known[0] if known else services.create_user(name, roles=["manager"], by=by)


def _team_of(manager: User, by: Any) -> Team:
    managed = session.scalars(select(Team).where(Team.manager_id == manager.id).order_by(Team.id)).all()
    if len(managed) > 1:
        raise Refused(_("%(name)s manages several teams. Name the team instead.", name=manager.name))
    if managed:
        return managed[0]
    if by is not None:
        require("access.team.edit", by)
    team = services.create_team(_("Team of %(name)s", name=manager.name), manager_id=manager.id)
    if manager.team_id is None:
        manager.team_id = team.id
    return team
