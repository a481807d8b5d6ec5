"""Deals and the pipelines on which they move, for tests, made by the area's own verbs."""

from collections.abc import Sequence
from itertools import count
from typing import Any

from erpcrm.core.db import session
from erpcrm.pipeline.models import Opportunity, Pipeline, Stage
from erpcrm.pipeline.services import create_opportunity, ensure_standard_pipeline

_numbers = count(1)


def a_pipeline(name: str, *stages: tuple[str, int, Sequence[str]]) -> Pipeline:
    """A pipeline with stages: (name, probability, what it asks for)."""
    pipeline = Pipeline(name=name, position=next(_numbers))
    pipeline.stages = [
        Stage(name=stage, position=place, probability=percent, required=list(required), stale_days=10)
        for place, (stage, percent, required) in enumerate(stages, 1)
    ]
    session.add(pipeline)
    session.flush()
    return pipeline


def stage_called(name: str, pipeline: Pipeline | None = None) -> Stage:
    """A stage of a pipeline, of the standard one if none is named."""
    return next(stage for stage in (pipeline or ensure_standard_pipeline()).stages if stage.name == name)


def a_deal(owner: Any, stage: str | Stage | None = None, **values: Any) -> Opportunity:
    """An open deal of `owner`, at the beginning of the standard pipeline or in the stage that is named."""
    ensure_standard_pipeline()
    given = {"name": f"Deal {next(_numbers)}"} | values
    deal = create_opportunity(given, owner)
    if stage is not None:
        # Where it is, however it came there: the tests of the gates move it themselves.
        where = stage if isinstance(stage, Stage) else stage_called(stage)
        deal.stage_id, deal.pipeline_id = where.id, where.pipeline_id
        session.flush()
    return deal
