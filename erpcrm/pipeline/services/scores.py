"""Scores of leads: worked out for one or for many at once, and kept with the terms that add up to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm.attributes import set_committed_value

from erpcrm.core.db import now, session
from erpcrm.core.jobs import Job, enqueue
from erpcrm.customers.models import Activity

from .. import scoring
from ..models import Lead, ScoreRule
from ..models.leads import OPEN_LEAD

RESCORE = "pipeline.rescore"
PLAIN_FACTS = (
    *("company", "person", "job_title", "phone", "email", "website", "industry", "region", "size", "source", "need"),
    *("tags", "last_activity_at"),
)
COUNTED = "activities"
"""The one fact that is not in the lead itself."""


@dataclass(frozen=True)
class Scorer:
    """The rules in force, and what they may ask beyond the leads themselves, fetched for all of them at once."""

    rules: Sequence[scoring.Rule]
    counts: Mapping[int, int]
    moment: datetime

    def worked_out(self, lead: Lead) -> tuple[int, list[Any]]:
        """Score and terms of a lead as it is now: [[rule id, rule name, points]]."""
        facts = {name: getattr(lead, name) for name in PLAIN_FACTS} | {COUNTED: self.counts.get(lead.id, 0)}
        points, terms = scoring.score(facts, self.rules, self.moment)
        return points, [[term.rule_id, term.name, term.points] for term in terms]

    def put(self, lead: Lead) -> None:
        """Into a lead that is about to be saved anyway."""
        lead.score, lead.score_terms = self.worked_out(lead)


def rules() -> list[scoring.Rule]:
    """The active score rules, in order."""
    query = select(ScoreRule).where(ScoreRule.active).order_by(ScoreRule.position, ScoreRule.id)
    return [
        scoring.Rule(rule.id, rule.name, rule.fact, rule.test, rule.value, rule.points)
        for rule in session.scalars(query)
    ]


def scorer_for(ids: Sequence[int] = ()) -> Scorer:
    """At most two queries, however many leads. New ones, which have no activities yet, need not be named."""
    in_force = rules()
    asked = ids and any(rule.fact == COUNTED for rule in in_force)
    query = (
        select(Activity.record_id, func.count())
        .where(Activity.record_type == Lead.record_name, Activity.record_id.in_(ids))
        .group_by(Activity.record_id)
    )
    return Scorer(in_force, dict(session.execute(query).all()) if asked else {}, now())


_keep = (
    update(Lead.__table__)  # type: ignore[arg-type]
    .where(Lead.__table__.c.id == bindparam("lead_id"), Lead.__table__.c.version == bindparam("seen"))
    .values(
        score=bindparam("points"), score_terms=bindparam("terms"), updated_at=Lead.__table__.c.updated_at
    )
)  # fmt: skip


def rescore(leads: Sequence[Lead]) -> int:
    """Work the scores of saved leads out anew; returns how many have changed.

    Not through the records' own version: a score that is renewed must not make a form that is being filled in stale. A
    lead that somebody is just changing is left to that change, which scores it too.
    """
    session.flush()
    scorer, changed = scorer_for([lead.id for lead in leads]), []
    for lead in leads:
        points, terms = scorer.worked_out(lead)
        if (points, terms) != (lead.score, lead.score_terms):
            changed.append({"lead_id": lead.id, "seen": lead.version, "points": points, "terms": terms})
            set_committed_value(lead, "score", points)
            set_committed_value(lead, "score_terms", terms)
    if changed:
        session.execute(_keep, changed)
    return len(changed)


def rescore_open_leads(after: int = 0, limit: int = 500) -> Sequence[int]:
    """Score the next open leads after the id `after`; returns their ids, fewer than `limit` at the end."""
    query = select(Lead).where(Lead.id > after, Lead.status.in_(OPEN_LEAD)).order_by(Lead.id).limit(limit)
    leads = session.scalars(query).all()
    rescore(leads)
    return [lead.id for lead in leads]


def renew_scores() -> None:
    """The rules have changed: score all open leads in the background. One job that has not begun yet is enough."""
    waiting = session.scalars(select(Job.state).where(Job.name == RESCORE, Job.status == "queued"))
    if all(state for state in waiting):
        enqueue(RESCORE)
