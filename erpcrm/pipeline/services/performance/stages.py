"""How closed deals went through their stages, and what was done for them: read from the history and the activities."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import case, func, select

from erpcrm.core.actor import Actor
from erpcrm.core.db import session
from erpcrm.core.records import Choice
from erpcrm.customers.models import Activity
from erpcrm.customers.models.activities import KINDS

from ...models import Opportunity, OpportunityHistory, Pipeline, Stage
from ...performance import average, percent_of
from ..shares import CREDITED
from .lengths import SecondsBetween
from .wanted import Wanted, conditions

SECONDS_A_DAY = 86_400


@dataclass(frozen=True)
class StageFigures:
    stage: Stage
    reached: int
    """Deals that came to this stage or a later one"""
    onward: int
    """Of them, those that came further or were won"""
    days: Decimal | None
    """In the mean of the deals that stood in it; None where nothing was seen to leave it"""

    @property
    def conversion(self) -> Decimal | None:
        return percent_of(self.onward, self.reached)


def _deals(wanted: Wanted, actor: Actor) -> Any:
    """Each deal once, also one that several share."""
    return select(Opportunity.id, Opportunity.status).select_from(CREDITED).where(*conditions(wanted, actor)).distinct()


def stage_figures(pipeline: Pipeline, wanted: Wanted, actor: Actor) -> list[StageFigures]:
    """Of the closed deals of a pipeline, stage by stage. A deal that jumps has reached what it jumps over; one that goes back
    stays where it has been. How long a deal stood somewhere is known of what changed here, not of what was imported as closed.
    """
    deals = _deals(wanted, actor).where(Opportunity.pipeline_id == pipeline.id).subquery()
    row = OpportunityHistory
    furthest = (
        select(func.max(Stage.position).label("position"), deals.c.status)
        .select_from(deals)
        .join(row, row.opportunity_id == deals.c.id)
        .join(Stage, Stage.id == row.stage_id)
        .where(Stage.pipeline_id == pipeline.id)
        .group_by(deals.c.id, deals.c.status)
        .subquery()
    )
    ends = session.execute(
        select(furthest.c.position, furthest.c.status, func.count()).group_by(furthest.c.position, furthest.c.status)
    ).all()
    days = _days_in_stages(deals)
    everything = sum(count for _position, _status, count in ends)
    found = []
    for stage in pipeline.stages:
        lost_before = sum(c for position, status, c in ends if status != "won" and position < stage.position)
        lost_here = sum(c for position, status, c in ends if status != "won" and position == stage.position)
        reached = everything - lost_before
        found.append(StageFigures(stage, reached, reached - lost_here, days.get(stage.id)))
    return found


def _days_in_stages(deals: Any) -> dict[int, Decimal | None]:
    """{stage: mean days of the deals that stood in it}: from each row of a deal's history to its next one."""
    row = OpportunityHistory
    after = func.lead(row.at).over(partition_by=row.opportunity_id, order_by=row.id)
    stays = (
        select(row.opportunity_id, row.stage_id, row.status, row.at, after.label("until"))
        .join(deals, deals.c.id == row.opportunity_id)
        .subquery()
    )
    query = (
        select(
            stays.c.stage_id,
            func.sum(SecondsBetween(stays.c.at, stays.c.until)),
            func.count(stays.c.opportunity_id.distinct()),
        )
        .where(stays.c.status == "open", stays.c.until.is_not(None))
        .group_by(stays.c.stage_id)
    )
    return {stage: average(round(seconds), count * SECONDS_A_DAY) for stage, seconds, count in session.execute(query)}


@dataclass(frozen=True)
class ActivityCount:
    kind: Choice
    number: int
    each: Decimal | None
    """For each won deal"""


def activities_of_won(wanted: Wanted, actor: Actor) -> tuple[int, Sequence[ActivityCount]]:
    """(won deals, what was done for them by kind): activities on the deals that are done."""
    deals = _deals(wanted, actor).where(Opportunity.status == "won").subquery()
    won = session.scalar(select(func.count()).select_from(deals)) or 0
    done = case((Activity.done_at.is_not(None), 1))
    query = (
        select(Activity.kind, func.count(done))
        .join(deals, deals.c.id == Activity.record_id)
        .where(Activity.record_type == Opportunity.record_name)
        .group_by(Activity.kind)
    )
    numbers = {kind: number for kind, number in session.execute(query)} if won else {}
    return won, [
        ActivityCount(kind, numbers.get(kind.value, 0), average(numbers.get(kind.value, 0), won)) for kind in KINDS
    ]
