"""What has changed in a forecast since a day, deal by deal, so that start and changes add up to what stands there now."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from erpcrm.access.models import User
from erpcrm.core.actor import Actor
from erpcrm.core.db import session
from erpcrm.core.i18n import zone

from ...forecasting import COUNTED, KINDS, ZERO, Period, State, kind_of_change
from ...models import Opportunity, OpportunityHistory, Stage
from .figures import forecast
from .view import View, seen

LISTED = 200
"""Changes that are shown one by one, the largest first; all of them are added up."""


@dataclass(frozen=True)
class Change:
    """One deal: what it was, what it is now, and by how much the forecast differs because of it."""

    id: int
    name: str
    kind: str
    before: State | None
    after: State
    owner: str | None
    owner_before: str | None

    @property
    def difference(self) -> Decimal:
        return self.after.counted - (self.before.counted if self.before else ZERO)


@dataclass(frozen=True)
class Changes:
    """All changes of a view since a moment. `start` + all differences = `now`, for the whole and for each category."""

    listed: list[Change]
    count: int
    by_kind: list[tuple[str, int, Decimal]]
    """(kind, how many deals, by how much): those that occur, in the order of KINDS"""
    start: dict[str, Decimal]
    now: dict[str, Decimal]

    @property
    def start_total(self) -> Decimal:
        return sum(self.start.values(), ZERO)

    @property
    def now_total(self) -> Decimal:
        return sum(self.now.values(), ZERO)

    @property
    def rest(self) -> int:
        return self.count - len(self.listed)


def end_of(day: date) -> datetime:
    """The moment at which a day of the company's zone is over."""
    return datetime.combine(day + timedelta(days=1), time(), zone()).astimezone(UTC)


def changes_since(view: View, since: datetime, actor: Actor | None) -> Changes:
    """What happened between a moment and now to the deals that this user sees.

    Only deals that were touched since are looked at: all others are what they were. What a stage or its category was
    called then is not kept, so a change in the set-up of stages is none of a deal.
    """
    found = list(_changed(view, since, actor))
    row = forecast(view, actor).total
    now = {category: row.amounts[category] for category in COUNTED}
    start = dict(now)
    counts: dict[str, int] = defaultdict(int)
    sums: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for change in found:
        counts[change.kind] += 1
        sums[change.kind] += change.difference
        if change.after.counts:
            start[change.after.category] -= change.after.amount
        if change.before is not None and change.before.counts:
            start[change.before.category] += change.before.amount
    found.sort(key=lambda change: (-abs(change.difference), -change.after.amount, change.id))
    by_kind = [(kind, counts[kind], sums[kind]) for kind in KINDS if kind in counts]
    return Changes(found[:LISTED], len(found), by_kind, start, now)


def _changed(view: View, since: datetime, actor: Actor | None) -> Iterator[Change]:
    for row in session.execute(_touched(view, since, actor)):
        after = _state(view, row, "now")
        before = _state(view, row, "then") if row.status_then is not None else None
        kind = kind_of_change(before, after)
        if kind is not None:
            yield Change(row.id, row.name, kind, before, after, row.owner_name_now, row.owner_name_then)


def _state(view: View, row: Any, when: str) -> State:
    status, owner, close, pipeline, team = (
        getattr(row, f"{name}_{when}") for name in ("status", "owner", "close", "pipeline", "team")
    )
    category = {"won": "closed", "lost": "omitted"}.get(status) or getattr(row, f"category_{when}")
    in_view = view.period.holds(close) and view.holds(owner, team, pipeline)
    return State(status, category, getattr(row, f"amount_{when}") or ZERO, close, owner, in_view)


def _touched(view: View, since: datetime, actor: Actor | None) -> Select[Any]:
    """Deals with history since then that are or were in the period, as they are and as they were."""
    past, later = aliased(OpportunityHistory), aliased(OpportunityHistory)
    stage_then, owner_now, owner_then = aliased(Stage), aliased(User), aliased(User)
    last = (
        select(func.max(later.id))
        .where(later.opportunity_id == Opportunity.id, later.at < since)
        .correlate(Opportunity)
        .scalar_subquery()
    )
    touched = select(OpportunityHistory.opportunity_id).where(OpportunityHistory.at >= since).distinct()
    deal = Opportunity
    return (
        select(
            deal.id, deal.name,
            deal.status.label("status_now"), deal.owner_id.label("owner_now"), deal.team_id.label("team_now"),
            deal.pipeline_id.label("pipeline_now"), deal.base_amount.label("amount_now"),
            _close(deal).label("close_now"), owner_now.name.label("owner_name_now"),
            func.coalesce(deal.forecast_category, Stage.forecast_category).label("category_now"),
            past.status.label("status_then"), past.owner_id.label("owner_then"), past.team_id.label("team_then"),
            stage_then.pipeline_id.label("pipeline_then"), past.base_amount.label("amount_then"),
            _close(past).label("close_then"), owner_then.name.label("owner_name_then"),
            func.coalesce(past.forecast_category, stage_then.forecast_category).label("category_then"),
        )
        .join(Stage, Stage.id == deal.stage_id)
        .outerjoin(past, past.id == last)
        .outerjoin(stage_then, stage_then.id == past.stage_id)
        .outerjoin(owner_now, owner_now.id == deal.owner_id)
        .outerjoin(owner_then, owner_then.id == past.owner_id)
        .where(deal.id.in_(touched), seen(actor), or_(_within(deal, view.period), _within(past, view.period)))
    )  # fmt: skip


def _close(row: Any) -> ColumnElement[Any]:
    """The day by which a deal belongs to a period."""
    return case((row.status == "open", row.expected_close), else_=row.closed_on)


def _within(row: Any, period: Period) -> ColumnElement[bool]:
    return or_(
        and_(row.status == "open", row.expected_close.between(period.first, period.last)),
        and_(row.status != "open", row.closed_on.between(period.first, period.last)),
    )
