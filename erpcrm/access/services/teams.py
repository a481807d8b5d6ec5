"""Teams: who works on the same records, and who leads them."""

from collections.abc import Iterable, Sequence

from sqlalchemy import func, select

from erpcrm.core.db import session
from erpcrm.core.errors import Refused, Stale
from erpcrm.core.i18n import _

from ..models import Team, User


def team_called(name: str) -> Team | None:
    return session.scalars(select(Team).where(func.lower(Team.name) == name.strip().lower())).one_or_none()


def create_team(name: str, *, manager_id: int | None = None, members: Iterable[int] = ()) -> Team:
    """A new team. Refused when the name is taken."""
    team = Team()
    _fill(team, name, manager_id)
    session.add(team)
    session.flush()
    _set_members(team, members)
    return team


def update_team(
    team: Team, *, name: str, manager_id: int | None, members: Iterable[int], version: int | None = None
) -> None:
    """Change name, manager and members (ids of users). A user who is in another team leaves that one."""
    if version is not None and version != team.version:
        raise Stale(team)
    _fill(team, name, manager_id)
    _set_members(team, members)
    session.flush()


def _fill(team: Team, name: str, manager_id: int | None) -> None:
    other = team_called(name)
    if other is not None and other is not team:
        raise Refused(_("There is already a team called “%(name)s”.", name=other.name))
    team.name, team.manager_id = name.strip(), manager_id


def _set_members(team: Team, members: Iterable[int]) -> None:
    wanted = set(members)
    for user in members_of(team):
        if user.id not in wanted:
            user.team_id = None
    for user in session.scalars(select(User).where(User.id.in_(wanted))):
        user.team_id = team.id
    session.flush()


def members_of(team: Team) -> Sequence[User]:
    return session.scalars(select(User).where(User.team_id == team.id).order_by(User.name)).all()


def delete_team(team: Team) -> None:
    """Refused while somebody is in it. Records of the team stay with their owners."""
    if members_of(team):
        raise Refused(_("There is still somebody in this team. Move them to another one first."))
    session.delete(team)
    session.flush()
