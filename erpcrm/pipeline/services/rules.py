"""Pipelines, stages and rules as their editors change them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, inspect, select

from erpcrm.core.db import Record, session
from erpcrm.core.errors import Refused, Stale
from erpcrm.core.i18n import _

from ..models import AssignmentRule, Opportunity, Pipeline, ScoreRule, Stage
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
    deals = session.scalars(select(Opportunity).where(Opportunity.stage_id == stage.id)).all()
    if len(stage.pipeline.stages) == 1:
        raise Refused(_("A pipeline needs at least one stage."))
    if to is None or to.pipeline_id != stage.pipeline_id or to.id == stage.id:
        raise Refused(_("Choose the stage to which its %(count)s deals go.", count=len(deals)))
    for deal in deals:
        deal.stage_id = to.id
    session.flush()
    _forget_stage(stage, to)


def _forget_stage(stage: Stage, to: Stage) -> None:
    """The history then tells of the stage that took over: its rows must point somewhere."""
    from_history = Opportunity.metadata.tables["opportunity_history"]
    session.execute(from_history.update().where(from_history.c.stage_id == stage.id).values(stage_id=to.id))
    session.delete(stage)
    session.flush()
