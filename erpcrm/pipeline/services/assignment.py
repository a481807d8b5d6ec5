"""Who gets a new lead."""

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from erpcrm.access.models import User
from erpcrm.core.actor import Actor
from erpcrm.core.db import session

from ..models import AssignmentRule, Lead
from ..models.leads import EDIT
from .handing import PATHS, tell_owner, tell_owner_of_many

MY_LEADS = f"{PATHS['lead']}?owner=me"


class Desk:
    """The assignment rules at work, for one lead or for many: the rules are read once, and turns are taken in memory.

    The first rule that fits and has somebody to give to decides. Members of a team take turns in the order of their ids,
    those who are not active or may not work on leads left out. The rows of the rules are locked from the first turn to the
    end of the transaction, so that two leads that come at once don't go to the same person; all of them in the order of
    their ids, so that nobody waits in a circle. Whoever took turns calls `keep_turns`.
    """

    def __init__(self) -> None:
        query = (
            select(AssignmentRule)
            .where(AssignmentRule.active)
            .options(joinedload(AssignmentRule.user))
            .order_by(AssignmentRule.position, AssignmentRule.id)
        )
        self.rules = session.scalars(query).all()
        self._last: dict[int, int | None] | None = None
        self._members: dict[int, Sequence[User]] = {}
        self._moved: set[int] = set()

    def receiver(self, region: str | None, industry: str | None, source: str | None) -> User | None:
        """Who gets a lead of this region, industry and source. None when no rule fits: it stays unassigned."""
        for rule in self.rules:
            if applies(rule, region, industry, source):
                found = self._only(rule.user) if rule.user_id else self._next(rule)
                if found is not None:
                    return found
        return None

    def _only(self, user: User | None) -> User | None:
        return user if user is not None and takes_leads(user) else None

    def _next(self, rule: AssignmentRule) -> User | None:
        turns = self._turns()
        members = self._of_team(rule.team_id or 0)
        if rule.id not in turns or not members:  # the rule was removed while we waited, or nobody is there
            return None
        last = turns[rule.id] or 0
        chosen = next((member for member in members if member.id > last), members[0])
        turns[rule.id] = chosen.id
        self._moved.add(rule.id)
        return chosen

    def _turns(self) -> dict[int, int | None]:
        """{rule: whose turn it was last}, as it stands now that the rows are ours."""
        if self._last is None:
            in_turn = (
                select(AssignmentRule.id, AssignmentRule.last_user_id)
                .where(AssignmentRule.active, AssignmentRule.team_id.is_not(None))
                .order_by(AssignmentRule.id)
                .with_for_update()
            )
            self._last = dict(session.execute(in_turn).all())
        return self._last

    def _of_team(self, team_id: int) -> Sequence[User]:
        if team_id not in self._members:
            found = session.scalars(select(User).where(User.team_id == team_id, User.active).order_by(User.id))
            self._members[team_id] = [user for user in found if takes_leads(user)]
        return self._members[team_id]

    def keep_turns(self) -> None:
        """Not through the rules' own version: a lead that comes in must not make a rule that is being edited stale."""
        for rule_id in sorted(self._moved):
            session.execute(
                update(AssignmentRule)
                .where(AssignmentRule.id == rule_id)
                .values(last_user_id=self._turns()[rule_id], updated_at=AssignmentRule.updated_at)
                .execution_options(synchronize_session=False)
            )


def applies(rule: AssignmentRule, region: str | None, industry: str | None, source: str | None) -> bool:
    """An empty list in the rule fits every lead."""
    asked = ((rule.regions, region), (rule.industries, industry), (rule.sources, source))
    return all(not allowed or value in allowed for allowed, value in asked)


def takes_leads(user: User) -> bool:
    return user.active and user.may(EDIT)


def assign(leads: Sequence[Lead], by: Actor) -> list[Lead]:
    """Give saved leads that belong to nobody to whom the rules name, and tell them. Returns those that found somebody."""
    desk, given = Desk(), []
    for lead in leads:
        receiver = desk.receiver(lead.region, lead.industry, lead.source) if lead.owner_id is None else None
        if receiver is not None:
            lead.owner_id, lead.team_id = receiver.id, receiver.team_id
            given.append(lead)
    desk.keep_turns()
    session.flush()
    tell_owners(given, by)
    return given


def tell_owners(leads: Sequence[Lead], by: Actor) -> None:
    """Tell the owners of these leads, each once, unless it is their own doing."""
    owned: dict[int, list[Lead]] = {}
    for lead in leads:
        if lead.owner_id not in (None, by.id):
            owned.setdefault(lead.owner_id, []).append(lead)  # type: ignore[arg-type]
    for owner_id, theirs in owned.items():
        if len(theirs) == 1:
            tell_owner(theirs[0], None, by)
        else:
            tell_owner_of_many(theirs, owner_id, by)
