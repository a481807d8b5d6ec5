"""Who gets a new lead."""

from sqlalchemy import select

from erpcrm.access.models import User
from erpcrm.core.db import session

from ..models import AssignmentRule, Lead
from .handing import tell_owner


def assign(lead: Lead) -> AssignmentRule | None:
    """Give the lead to whom the first fitting rule names, and tell them. None when no rule fits: it stays unowned.

    Members of a team take turns in the order of their ids; the rule's row is locked, so that two leads that come at
    once don't go to the same person.
    """
    query = select(AssignmentRule).where(AssignmentRule.active).order_by(AssignmentRule.position, AssignmentRule.id)
    rule = next((rule for rule in session.scalars(query) if applies(rule, lead)), None)
    if rule is None:
        return None
    receiver = rule.user if rule.user_id else _next_of_team(rule)
    if receiver is None or not receiver.active:
        return None
    hand_over(lead, receiver)
    return rule


def applies(rule: AssignmentRule, lead: Lead) -> bool:
    """An empty list in the rule fits every lead."""
    asked = ((rule.regions, lead.region), (rule.industries, lead.industry), (rule.sources, lead.source))
    return all(not allowed or value in allowed for allowed, value in asked)


def _next_of_team(rule: AssignmentRule) -> User | None:
    session.refresh(rule, with_for_update=True)
    members = session.scalars(select(User).where(User.team_id == rule.team_id, User.active).order_by(User.id)).all()
    if not members:
        return None
    after = [member for member in members if member.id > (rule.last_user_id or 0)]
    chosen = (after or members)[0]
    rule.last_user_id = chosen.id
    return chosen


def hand_over(lead: Lead, receiver: User) -> None:
    """Make `receiver` the owner and let them know."""
    lead.owner_id, lead.team_id = receiver.id, receiver.team_id
    session.flush()
    tell_owner(lead)
