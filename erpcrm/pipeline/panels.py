"""What the pipeline adds to pages of lower areas."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from erpcrm.core.access import owned
from erpcrm.core.actor import current_actor
from erpcrm.core.db import session

from .models import Opportunity, Stage

SHOWN = 8


def deals_of_customers(ids: Sequence[int]) -> Mapping[int, Any]:
    """The latest deals of each customer that this user may see: open ones first."""
    place = func.row_number().over(
        partition_by=Opportunity.customer_id, order_by=((Opportunity.status != "open"), Opportunity.id.desc())
    )
    ranked = (
        select(Opportunity.id, Opportunity.customer_id, place.label("place"))
        .where(Opportunity.customer_id.in_(ids), _mine_to_see())
        .subquery()
    )
    query = (
        select(ranked.c.customer_id, Opportunity, Stage)
        .join(ranked, ranked.c.id == Opportunity.id)
        .join(Stage, Stage.id == Opportunity.stage_id)
        .where(ranked.c.place <= SHOWN)
        .order_by(ranked.c.place)
    )
    found: dict[int, list[Any]] = {id: [] for id in ids}
    for customer_id, deal, stage in session.execute(query):
        found[customer_id].append((deal, stage))
    return found


def deals_without_next_step(ids: Sequence[int]) -> Mapping[int, Any]:
    """The user's own open deals that nothing is planned for. `ids` is the user's own id."""
    found = {}
    for user_id in ids:
        query = (
            select(Opportunity)
            .where(Opportunity.owner_id == user_id, Opportunity.status == "open", Opportunity.next_step.is_(None))
            .order_by(Opportunity.id.desc())
            .limit(SHOWN)
        )
        found[user_id] = session.scalars(query).all()
    return found


def _mine_to_see() -> Any:
    actor = current_actor()
    assert actor is not None  # noqa: S101 - panels belong to pages of signed-in users
    return owned(Opportunity.owner_id, Opportunity.team_id)(actor, actor.scope("opportunity"))
