"""Pipelines, stages and rules as their editors change them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import JSON, Integer, func, insert, inspect, literal, select, update

from erpcrm.core.actor import current_actor
from erpcrm.core.audit import AuditEntry
from erpcrm.core.db import Record, UtcDateTime, now, session
from erpcrm.core.errors import Refused, Stale
from erpcrm.core.i18n import _, moment

from ..models import AssignmentRule, Opportunity, OpportunityHistory, Pipeline, ScoreRule, Stage
from .past import TRACKED
from .scores import renew_scores

Ordered = type[ScoreRule] | type[AssignmentRule] | type[Pipeline]


def save(record: Record, values: Mapping[str, Any], version: int | None = None) -> None:
    """Create or change a pipeline or a rule; a new one comes last. Stale when it was changed since `version`.

    When a score rule changes, all open leads are scored anew in the background.
    """
    new = inspect(record).transient
    if not new and version is not None and version != record.version:
        raise Stale(record)
    for name, value in values.items():
        setattr(record, name, value)
    if new:
        model: Any = type(record)
        record.position = (session.scalar(select(func.max(model.position))) or 0) + 1  # type: ignore[attr-defined]
        session.add(record)
    session.flush()
    if isinstance(record, ScoreRule):
        renew_scores()


def remove_rule(rule: ScoreRule | AssignmentRule) -> None:
    """Delete a rule. What it has given, scores apart, stays."""
    session.delete(rule)
    session.flush()
    if isinstance(rule, ScoreRule):
        renew_scores()


def put_in_order(records: Sequence[Any], ids: Sequence[int]) -> None:
    """Give `records` the order of `ids`. Refused when the two don't name the same ones."""
    by_id = {record.id: record for record in records}
    if set(ids) != set(by_id):
        raise Refused(_("The list was changed meanwhile. Reload and try again."))
    for place, record_id in enumerate(ids, 1):
        by_id[record_id].position = place
    session.flush()


def step(records: Sequence[Any], record: Any, by: int) -> None:
    """Move `record` one place up (-1) or down (+1) among `records`, which are in order."""
    ids = [other.id for other in records]
    here = ids.index(record.id)
    there = max(0, min(len(ids) - 1, here + by))
    ids.insert(there, ids.pop(here))
    put_in_order(records, ids)


def new_stage(pipeline: Pipeline, values: Mapping[str, Any]) -> Stage:
    place = max((stage.position for stage in pipeline.stages), default=0) + 1
    stage = Stage(position=place, **values)
    pipeline.stages.append(stage)
    session.flush()
    return stage


def remove_stage(stage: Stage, to: Stage | None) -> None:
    """Delete a stage. Its deals, open and closed, go to the stage `to` of the same pipeline; refused without one."""
    if len(stage.pipeline.stages) == 1:
        raise Refused(_("A pipeline needs at least one stage."))
    if to is None or to.pipeline_id != stage.pipeline_id or to.id == stage.id:
        count = session.scalar(select(func.count(Opportunity.id)).where(Opportunity.stage_id == stage.id))
        raise Refused(_("Choose the stage to which its %(count)s deals go.", count=count))
    _move_all(stage, to)
    _forget_stage(stage, to)


def _move_all(stage: Stage, to: Stage) -> None:
    """All deals of a stage to another one, however many: history, trail and clock as if each had been moved by itself."""
    actor, at_once = current_actor(), moment()
    here = Opportunity.stage_id == stage.id
    by, at = literal(actor.id if actor else None, Integer), literal(at_once, UtcDateTime)
    past = {
        "opportunity_id": Opportunity.id, "at": at, "by_id": by, "changed": literal(["stage_id"], JSON),
        **{name: getattr(Opportunity, name) for name in TRACKED}, "stage_id": literal(to.id, Integer),
    }  # fmt: skip
    told = {
        "at": at, "actor_id": by, "record_type": literal(Opportunity.record_name), "record_id": Opportunity.id,
        "action": literal("changed"), "changes": literal({"stage_id": [stage.id, to.id]}, JSON),
    }  # fmt: skip
    for model, values in ((OpportunityHistory, past), (AuditEntry, told)):
        session.execute(insert(model).from_select(list(values), select(*values.values()).where(here)))
    session.execute(
        update(Opportunity)
        .where(here)
        .values(stage_id=to.id, stage_since=at_once, updated_at=now(), version=Opportunity.version + 1)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()


def _forget_stage(stage: Stage, to: Stage) -> None:
    """The history then tells of the stage that took over: its rows must point somewhere."""
    from_history = Opportunity.metadata.tables["opportunity_history"]
    session.execute(from_history.update().where(from_history.c.stage_id == stage.id).values(stage_id=to.id))
    session.delete(stage)
    session.flush()
