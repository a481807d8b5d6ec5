"""The verbs of leads."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, inspect, select

from erpcrm.access.models import User
from erpcrm.core.actor import Actor
from erpcrm.core.db import Record, now, session
from erpcrm.core.errors import Refused, Stale
from erpcrm.core.i18n import _
from erpcrm.core.moves import make_move
from erpcrm.core.options import option_label
from erpcrm.core.pinyin import pinyin_key
from erpcrm.customers.models import Activity

from .. import scoring
from ..models import LEAD_FLOW, Lead, ScoreRule
from .assignment import assign
from .handing import tell_owner

DERIVED = {"status", "score", "score_terms", "name", "name_key", "converted_at", "last_activity_at"}
FILLABLE = frozenset(inspect(Lead).column_attrs.keys()) - Record.unaudited - DERIVED
"""Columns that a form or a file may set."""


def create_lead(values: Mapping[str, Any], by: Actor | None) -> Lead:
    """A new lead, scored and, unless `values` names an owner, assigned by the rules."""
    lead = Lead(status=LEAD_FLOW.initial, created_by_id=by.id if by else None)
    _fill(lead, values)
    session.add(lead)
    session.flush()
    if lead.owner_id is None:
        assign(lead)
    else:
        tell_owner(lead, None, by)
    rescore(lead)
    return lead


def update_lead(lead: Lead, values: Mapping[str, Any], by: Actor | None, version: int | None = None) -> None:
    """Change what `values` names. Stale when somebody else changed the lead since `version`."""
    if version is not None and version != lead.version:
        raise Stale(lead)
    if lead.status == "converted":
        raise Refused(_("This lead is converted. Change the customer or the deal instead."))
    before = lead.owner_id
    _fill(lead, values)
    session.flush()
    rescore(lead)
    tell_owner(lead, before, by)


def _fill(lead: Lead, values: Mapping[str, Any]) -> None:
    for name in FILLABLE & values.keys():
        value = values[name]
        setattr(lead, name, value or None if isinstance(value, str) else value)
    if "owner_id" in values and "team_id" not in values:
        owner = session.get(User, lead.owner_id) if lead.owner_id else None
        lead.team_id = owner.team_id if owner else None
    called: str | None = lead.company or lead.person
    if not called:
        raise Refused(_("A lead needs a company or a person."))
    lead.name = called
    lead.name_key = pinyin_key(called, lead.reading)


def disqualify(lead: Lead, reason: str, by: Actor, note: str | None = None, version: int | None = None) -> None:
    """Give a lead up: `reason` is a value of the list, `note` what there is to say about it."""
    make_move(lead, "disqualify", by=by, reason=note or option_label("lead.disqualify_reason", reason), version=version)
    lead.disqualify_reason = reason
    session.flush()


def rules() -> list[scoring.Rule]:
    """The active score rules, in order."""
    query = select(ScoreRule).where(ScoreRule.active).order_by(ScoreRule.position, ScoreRule.id)
    return [
        scoring.Rule(rule.id, rule.name, rule.fact, rule.test, rule.value, rule.points)
        for rule in session.scalars(query)
    ]


def rescore(lead: Lead, by_rules: list[scoring.Rule] | None = None) -> None:
    """Work the score out anew. Hands in `by_rules` whoever scores many leads at once."""
    in_force = rules() if by_rules is None else by_rules
    lead.score, terms = scoring.score(facts(lead), in_force, now())
    lead.score_terms = [[term.rule_id, term.name, term.points] for term in terms]
    session.flush()


def facts(lead: Lead) -> dict[str, Any]:
    """What the rules may ask about a lead."""
    count = session.scalar(
        select(func.count()).where(Activity.record_type == Lead.record_name, Activity.record_id == lead.id)
    )
    plain = (
        "company",
        "person",
        "job_title",
        "phone",
        "email",
        "website",
        "industry",
        "region",
        "size",
        "source",
        "need",
    )
    return {name: getattr(lead, name) for name in plain} | {
        "activities": count or 0,
        "last_activity_at": lead.last_activity_at,
        "tags": ", ".join(lead.tags or ()),
    }
