"""Whose quotas there are, and which of them somebody sees."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import or_, select

from erpcrm.access.models import Team, User
from erpcrm.core.actor import Actor
from erpcrm.core.db import session

from ..models import Opportunity, Quota
from ..models.opportunities import EDIT


class Holder(NamedTuple):
    """Whose quota it is: a user or a team."""

    kind: str
    id: int


def holder_of(quota: Quota) -> Holder:
    return Holder("user", quota.user_id) if quota.user_id is not None else Holder("team", quota.team_id or 0)


@dataclass(frozen=True)
class People:
    """The teams and people within somebody's scope, as quotas know them."""

    teams: Sequence[Team]
    users: Sequence[User]
    """Who sells: they may change opportunities. In the order of their names"""


def people_of(actor: Actor) -> People:
    """Own: oneself. Team: the people of one's teams. All: everybody who sells, and all teams that have such people."""
    scope = actor.scope(Opportunity.record_name)
    query = select(User).where(User.active)
    if scope == "own":
        query = query.where(User.id == actor.id)
    elif scope == "team":
        query = query.where(or_(User.team_id.in_(sorted(actor.team_ids)), User.id == actor.id))
    users = [user for user in session.scalars(query.order_by(User.name, User.id)) if sells(user)]
    if scope == "own":
        return People([], users)
    team_ids = {user.team_id for user in users if user.team_id} if scope == "all" else set(actor.team_ids)
    teams = session.scalars(select(Team).where(Team.id.in_(team_ids)).order_by(Team.name)).all()
    return People(teams, users)


def sells(user: User) -> bool:
    """Administrators may do everything; that alone makes nobody a seller."""
    return any(EDIT in role.permissions for role in user.roles)
