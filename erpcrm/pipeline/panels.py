"""What the pipeline adds to pages of lower areas."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, select
from sqlalchemy.orm import joinedload

from erpcrm.core.access import KEPT, owned
from erpcrm.core.actor import current_actor
from erpcrm.core.db import session
from erpcrm.core.i18n import today

from .models import Opportunity, Stage
from .planned import PLANNED

SHOWN = 8


@lru_cache(KEPT)
def _latest(seen: ColumnElement[bool]) -> Select[Any]:
    deal = Opportunity
    place = func.row_number().over(
        partition_by=deal.customer_id, order_by=((deal.status != "open"), deal.id.desc())
    ).label("place")  # fmt: skip
    ranked = (
        select(
            deal.id, deal.customer_id, deal.name, deal.status, deal.stage_id, deal.amount, deal.currency,
            deal.expected_close, deal.closed_on, place,
        )
        .where(deal.customer_id.in_(bindparam("customers", expanding=True)), seen)
        .subquery()
    )  # fmt: skip
    return (
        select(ranked, Stage.name.label("stage"), Stage.name_zh.label("stage_zh"))
        .join(Stage, Stage.id == ranked.c.stage_id)
        .where(ranked.c.place <= SHOWN)
        .order_by(ranked.c.place)
    )


def deals_of_customers(ids: Sequence[int]) -> Mapping[int, Any]:
    """The latest deals of each customer that this user may see: open ones first."""
    found: dict[int, list[Any]] = {id: [] for id in ids}
    for row in session.execute(_latest(_mine_to_see()), {"customers": list(ids)}):
        found[row.customer_id].append(row)
    return found


def deals_without_next_step(ids: Sequence[int]) -> Mapping[int, Any]:
    """The user's own open deals that nothing is planned for: neither a next step nor a task. `ids` is the user's own id."""
    return {
        id: session.scalars(_open_of(id).where(PLANNED.is_(None)).order_by(Opportunity.id.desc())).all() for id in ids
    }


def deals_to_go_on_with(ids: Sequence[int]) -> Mapping[int, Any]:
    """The user's own open deals whose next step is due today or overdue, the oldest first. `ids` is the user's own id."""
    due = Opportunity.next_step_on <= today()
    return {id: session.scalars(_open_of(id).where(due).order_by(Opportunity.next_step_on)).all() for id in ids}


def _open_of(user_id: int) -> Select[Opportunity]:
    mine = (Opportunity.owner_id == user_id, Opportunity.status == "open")
    return select(Opportunity).where(*mine).options(joinedload(Opportunity.customer)).limit(SHOWN)


def _mine_to_see() -> Any:
    actor = current_actor()
    assert actor is not None  # noqa: S101 - panels belong to pages of signed-in users
    return owned(Opportunity.owner_id, Opportunity.team_id)(actor, actor.scope("opportunity"))
