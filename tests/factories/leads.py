"""Leads and their rules for tests, made by the area's own verbs."""

from collections.abc import Sequence
from itertools import count
from typing import Any

from flask import current_app
from flask_babel import force_locale

from erpcrm.access.models import User
from erpcrm.access.services import create_user
from erpcrm.core.trail import Line, history
from erpcrm.pipeline.models import AssignmentRule, Lead, ScoreRule
from erpcrm.pipeline.services import create_lead
from erpcrm.pipeline.services.rules import save

_numbers = count(1)


def a_lead(owner: Any = None, **values: Any) -> Lead:
    """A lead of `owner`; of nobody without one, unless a rule fits."""
    given = {"company": f"Silent Brook {next(_numbers)} Works", "owner_id": owner.id if owner is not None else None}
    return create_lead(given | values, None)


def a_score_rule(fact: str, test: str, value: str | None = None, points: int = 10, **more: Any) -> ScoreRule:
    rule = ScoreRule()
    given = {"name": f"{fact} {test} {value or ''}".strip(), "fact": fact, "test": test, "value": value}
    save(rule, given | {"points": points, "active": True} | more)
    return rule


def an_assignment_rule(to: Any, **values: Any) -> AssignmentRule:
    """A rule that gives to a user, or in turn to the members of a team."""
    rule = AssignmentRule()
    receiver = {"user_id": to.id} if isinstance(to, User) else {"team_id": to.id}
    given = {"name": f"To {to.name}", "regions": [], "industries": [], "sources": [], "active": True}
    save(rule, given | receiver | values)
    return rule


def a_seller(team: Any, name: str | None = None) -> User:
    number = next(_numbers)
    return create_user(
        name or f"Seller {number}", f"seller-{number}@example.com", roles=["seller"], team=team, language="en"
    )


def told_of(record: Any) -> Sequence[Line]:
    """What the audit trail tells of a record in words, newest first."""
    with current_app.test_request_context(), force_locale("en"):
        return history(record.record_name, record.id)
