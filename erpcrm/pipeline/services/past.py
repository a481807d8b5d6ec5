"""The past of deals: whatever changes what a forecast reads, and whoever does it, adds a row. It is written by the flush
itself, so that a file, a colleague's handover or an undo can't forget it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import event, inspect, select
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import aliased

from erpcrm.access.models import User
from erpcrm.core.actor import Actor, acting_as, current_actor
from erpcrm.core.db import session
from erpcrm.core.i18n import moment

from ..models import Opportunity, OpportunityHistory, Stage

TRACKED = (
    "stage_id", "status", "amount", "currency", "base_amount", "expected_close", "owner_id", "team_id", "closed_on",
    "forecast_category",
)  # fmt: skip
UNTOLD = frozenset({"base_amount", "closed_on", "team_id"})
"""What changes along with something else that is told."""


@event.listens_for(OrmSession, "before_flush")
def keep_past(flushing: OrmSession, _context: Any, _instances: Any) -> None:
    """Add to the history what each changed deal is like now, and start the clock of the stage that it came to."""
    for deal in [one for one in flushing.new if isinstance(one, Opportunity)]:
        _keep(flushing, deal, ["created"])
    for deal in [one for one in flushing.dirty if isinstance(one, Opportunity)]:
        attributes = inspect(deal).attrs
        changed = [name for name in TRACKED if _differs(attributes[name])]
        if "stage_id" in changed and not attributes.stage_since.history.has_changes():
            deal.stage_since = moment()
        if changed == ["closed_on"] and _completed(flushing, deal):
            continue
        if changed:
            _keep(flushing, deal, changed)


def _differs(attribute: Any) -> bool:
    """Whether the value is another one than that which is stored. What was never set is nothing, like what is set to it."""
    _added, _unchanged, deleted = attribute.history
    return attribute.history.has_changes() and attribute.value != (deleted[0] if deleted else None)


def _completed(flushing: OrmSession, deal: Opportunity) -> bool:
    """A deal ends in two steps, state and day: the day goes to the row that says how it ended. False where that has one."""
    last = select(OpportunityHistory).where(OpportunityHistory.opportunity_id == deal.id)
    with flushing.no_autoflush:
        row = flushing.scalars(last.order_by(OpportunityHistory.id.desc()).limit(1)).one_or_none()
    if row is None or "status" not in row.changed or "closed_on" in row.changed:
        return False
    row.closed_on, row.changed = deal.closed_on, [*row.changed, "closed_on"]
    return True


def _keep(flushing: OrmSession, deal: Opportunity, changed: Sequence[str]) -> None:
    actor = current_actor()
    state = {name: getattr(deal, name) for name in TRACKED}
    flushing.add(
        OpportunityHistory(opportunity=deal, by_id=actor.id if actor else None, changed=list(changed), **state)
    )


def flush_as(by: Actor | None) -> None:
    """Write what was changed, in the name of `by`."""
    with acting_as(by or current_actor()):
        session.flush()


@dataclass(frozen=True)
class Past:
    """One line of a deal's history, in words' raw material."""

    at: datetime
    by: str | None
    owner: str | None
    changed: list[str]
    stage: Stage
    row: OpportunityHistory
    before: OpportunityHistory | None


def history_of(deal: Opportunity, limit: int = 50) -> list[Past]:
    """How the deal came here, newest first."""
    owner = aliased(User)
    query = (
        select(OpportunityHistory, User.name, owner.name, Stage)
        .outerjoin(User, User.id == OpportunityHistory.by_id)
        .outerjoin(owner, owner.id == OpportunityHistory.owner_id)
        .join(Stage, Stage.id == OpportunityHistory.stage_id)
        .where(OpportunityHistory.opportunity_id == deal.id)
        .order_by(OpportunityHistory.id.desc())
        .limit(limit + 1)
    )
    rows = session.execute(query).all()
    before = [row[0] for row in rows[1:]] + [None]
    return [
        Past(row.at, by, owner_then, told, stage, row, earlier)
        for (row, by, owner_then, stage), earlier in list(zip(rows, before, strict=True))[:limit]
        if (told := [name for name in row.changed if name not in UNTOLD])
    ]


def state_at(deal: Opportunity, at: datetime) -> OpportunityHistory | None:
    """What the deal was like at a moment: the last row until then. None before it was created."""
    query = (
        select(OpportunityHistory)
        .where(OpportunityHistory.opportunity_id == deal.id, OpportunityHistory.at <= at)
        .order_by(OpportunityHistory.id.desc())
        .limit(1)
    )
    return session.scalars(query).one_or_none()
