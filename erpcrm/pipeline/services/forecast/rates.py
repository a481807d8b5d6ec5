"""What stages are worth: their own probability, and the share of deals that history shows to have been won from there."""

from collections import defaultdict
from datetime import date, timedelta

from sqlalchemy import delete, func, insert, select

from erpcrm.core.db import session

from ...forecasting import Rate, month_after, reached_and_won
from ...models import Opportunity, OpportunityHistory, Stage, StageResult

LOOKED_BACK = 24
"""Months"""


def stage_rates() -> dict[int, Rate]:
    """Of every stage, as the last night counted them."""
    query = select(Stage.id, Stage.probability, StageResult.reached, StageResult.won)
    found = session.execute(query.outerjoin(StageResult, StageResult.stage_id == Stage.id))
    return {id: Rate(probability, reached or 0, won or 0) for id, probability, reached, won in found}


def counted_results() -> tuple[date, date] | None:
    """From when until when the ends of deals were counted; None before the first night."""
    row = session.execute(select(StageResult.since, StageResult.counted_on).limit(1)).one_or_none()
    return (row[0], row[1]) if row is not None else None


def count_stage_results(on: date) -> None:
    """Count anew what became of the deals that ended in the two years until `on`, by the stages that they had reached."""
    since = month_after(on.replace(day=1), -LOOKED_BACK) + timedelta(days=on.day - 1)
    furthest = (
        select(Opportunity.id, Opportunity.status, Stage.pipeline_id, func.max(Stage.position).label("place"))
        .join(OpportunityHistory, OpportunityHistory.opportunity_id == Opportunity.id)
        .join(Stage, Stage.id == OpportunityHistory.stage_id)
        .where(Opportunity.status.in_(("won", "lost")), Opportunity.closed_on.between(since, on))
        # A deal that went to another pipeline is judged in the one where it ended.
        .where(Stage.pipeline_id == Opportunity.pipeline_id)
        .group_by(Opportunity.id, Opportunity.status, Stage.pipeline_id)
        .subquery()
    )
    query = select(furthest.c.pipeline_id, furthest.c.place, furthest.c.status, func.count()).group_by(
        furthest.c.pipeline_id, furthest.c.place, furthest.c.status
    )
    ends: dict[int, list[tuple[int, bool, int]]] = defaultdict(list)
    for pipeline, place, status, count in session.execute(query):
        ends[pipeline].append((place, status == "won", count))
    places: dict[int, dict[int, int]] = defaultdict(dict)
    for stage, pipeline, place in session.execute(select(Stage.id, Stage.pipeline_id, Stage.position)):
        places[pipeline][stage] = place
    session.execute(delete(StageResult))
    rows = [
        {"stage_id": stage, "reached": reached, "won": won, "since": since, "counted_on": on}
        for pipeline, within in places.items()
        for stage, (reached, won) in reached_and_won(within, ends[pipeline]).items()
    ]
    if rows:
        session.execute(insert(StageResult), rows)
