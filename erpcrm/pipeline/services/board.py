"""What a board shows: cards of each stage, page by page, and what a column adds up to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, func, literal, or_, select, true, union_all

from erpcrm.access.models import User
from erpcrm.core.access import KEPT
from erpcrm.core.actor import current_actor
from erpcrm.core.db import now, session
from erpcrm.core.errors import NotThere
from erpcrm.core.exact import SumOfPercents, round_money
from erpcrm.core.i18n import today
from erpcrm.core.settings import setting
from erpcrm.customers.models import Customer
from erpcrm.customers.scopes import CUSTOMER_SCOPE

from ..models import Opportunity, Pipeline, Stage
from ..planned import PLANNED
from ..probability import PROBABILITY

PAGE = 10
"""Cards of a column that are loaded at once: a little more than a high screen shows, the next ones come as it scrolls."""
ENDS_SHOWN = timedelta(days=30)
"""How long a won or lost deal stays on the board."""


@dataclass(frozen=True)
class Card:
    """One deal on the board."""

    id: int
    version: int
    stage_id: int
    status: str
    code: str
    name: str
    amount: Decimal | None
    currency: str
    expected_close: date | None
    next_step: str | None
    stage_since: datetime
    closed_on: date | None
    customer: str | None
    owner: str | None

    @property
    def column(self) -> str:
        """The column it stands in: the id of its stage, or the end it came to."""
        return str(self.stage_id) if self.status == "open" else self.status

    @property
    def overdue(self) -> bool:
        return self.status == "open" and self.expected_close is not None and self.expected_close < today()

    def stale_days(self, stage: Stage) -> int | None:
        """Days since it came to its stage, when that is longer than the stage allows."""
        if self.status != "open" or stage.stale_days is None:
            return None
        days = (now() - self.stage_since).days
        return days if days > stage.stale_days else None


@dataclass
class Column:
    """A column of the board. `stage` is None for won and lost; `after` continues below the last card."""

    key: str
    label: Any
    tone: str
    stage: Stage | None
    cards: list[Card]
    after: str | None = None


@dataclass(frozen=True)
class Sums:
    """Of a column: how many deals, their amounts, and those weighted by probability; in company currency."""

    count: int
    total: Decimal
    weighted: Decimal


def cards(
    pipeline: Pipeline, keys: Sequence[str], where: Sequence[ColumnElement[bool]], after: str | None = None
) -> dict[str, list[Card]]:
    """The next cards of each column, one more than PAGE when there are more: what came to its stage last, or ended last,
    stands first. One query for all."""
    found: dict[str, list[Card]] = {key: [] for key in keys}
    if not keys:
        return found
    recently = today() - ENDS_SHOWN
    for row in session.execute(_cards(pipeline.id, tuple(keys), tuple(where), after, recently, named_customer())):
        card = Card(*row)
        found[card.column].append(card)
    return found


@lru_cache(maxsize=64)
def _cards(
    pipeline_id: int, keys: Sequence[str], where: Sequence[ColumnElement[bool]], after: str | None, recently: date,
    named: ColumnElement[bool],
) -> CompoundSelect[Any]:  # fmt: skip
    """Kept, since it takes longer to put together than to run."""
    parts = [_column_query(pipeline_id, key, where, after, recently, named).subquery() for key in keys]
    return union_all(*(select(part) for part in parts))


def _column_query(
    pipeline_id: int, key: str, where: Sequence[ColumnElement[bool]], after: str | None, recently: date,
    named: ColumnElement[bool],
) -> Select[Any]:  # fmt: skip
    query = (
        select(*card_columns())
        .outerjoin(Customer, named)
        .outerjoin(User, User.id == Opportunity.owner_id)
        .where(in_column(pipeline_id, key, recently), *where)
        .order_by(_placed_by(key).desc(), Opportunity.id.desc())
        .limit(PAGE + 1)
    )
    if after is not None:
        since, last = _read_position(key, after)
        placed = _placed_by(key)
        query = query.where(or_(placed < since, and_(placed == since, Opportunity.id < last)))
    return query


def _placed_by(key: str) -> Any:
    """What orders a column; each has an index of its own in this order."""
    return Opportunity.stage_since if key.isdecimal() else Opportunity.closed_on


def named_customer() -> ColumnElement[bool]:
    """A card names its customer to those who may see that one, as the list does."""
    actor = current_actor()
    return _named(true() if actor is None else CUSTOMER_SCOPE(actor, actor.scope("customer")))


@lru_cache(KEPT)
def _named(seen: ColumnElement[bool]) -> ColumnElement[bool]:
    return and_(Customer.id == Opportunity.customer_id, seen)


def card_columns() -> list[Any]:
    """In the order of `Card`."""
    deal = Opportunity
    return [
        deal.id, deal.version, deal.stage_id, deal.status, deal.code, deal.name, deal.amount, deal.currency,
        deal.expected_close, PLANNED.label("next_step"), deal.stage_since, deal.closed_on,
        Customer.name.label("customer"), User.name.label("owner"),
    ]  # fmt: skip


def in_column(pipeline_id: int, key: str, recently: date) -> ColumnElement[bool]:
    if key.isdecimal():
        return and_(Opportunity.stage_id == int(key), Opportunity.status == "open")
    return and_(Opportunity.status == key, Opportunity.closed_on >= recently, Opportunity.pipeline_id == pipeline_id)


def position_of(card: Card) -> str:
    """Where the next page of a column begins."""
    placed = card.stage_since if card.status == "open" or card.closed_on is None else card.closed_on
    return f"{placed.isoformat()}_{card.id}"


def _read_position(key: str, text: str) -> tuple[date, int]:
    try:
        placed, last = text.rsplit("_", 1)
        if not key.isdecimal():
            return date.fromisoformat(placed), int(last)
        since = datetime.fromisoformat(placed)
        return since if since.tzinfo else since.replace(tzinfo=UTC), int(last)
    except ValueError as error:
        raise NotThere from error


def card_of(deal_id: int) -> Card:
    """One deal as a card."""
    query = (
        select(*card_columns())
        .outerjoin(Customer, named_customer())
        .outerjoin(User, User.id == Opportunity.owner_id)
        .where(Opportunity.id == deal_id)
    )
    return Card(*session.execute(query).one())


def sums(pipeline: Pipeline, where: Sequence[ColumnElement[bool]]) -> dict[str, Sums]:
    """What the columns add up to, in two queries whatever their size."""
    amount = Opportunity.base_amount
    open_deals = (
        select(Opportunity.stage_id, func.count(), func.sum(amount), SumOfPercents(amount, PROBABILITY))
        .join(Stage, Stage.id == Opportunity.stage_id)
        .where(Opportunity.pipeline_id == pipeline.id, Opportunity.status == "open", *where)
        .group_by(Opportunity.stage_id)
    )
    recently = today() - ENDS_SHOWN
    ended = or_(*(in_column(pipeline.id, key, recently) for key in ("won", "lost")))
    ends = (
        select(Opportunity.status, func.count(), func.sum(amount), literal(None))
        .where(ended, *where)
        .group_by(Opportunity.status)
    )
    currency = setting("currency")
    zero = Decimal(0)
    found = {}
    for key, count, total, weighted in [*session.execute(open_deals), *session.execute(ends)]:
        found[str(key)] = Sums(count, round_money(total or zero, currency), round_money(weighted or zero, currency))
    return found


@dataclass(frozen=True)
class Month:
    """Open deals that are expected to close in one month; `first` is its first day, None for deals without a date."""

    first: date | None
    count: int
    total: Decimal
    weighted: Decimal


def by_close_month(pipeline: Pipeline, where: Sequence[ColumnElement[bool]]) -> list[Month]:
    """In the order of time, deals without an expected close last. One query; sums in the company's currency."""
    amount, close = Opportunity.base_amount, Opportunity.expected_close
    year, month = func.extract("year", close).label("year"), func.extract("month", close).label("month")
    query = (
        select(year, month, func.count(), func.sum(amount), SumOfPercents(amount, PROBABILITY))
        .join(Stage, Stage.id == Opportunity.stage_id)
        .where(Opportunity.pipeline_id == pipeline.id, Opportunity.status == "open", *where)
        .group_by(year, month)
    )
    currency, zero = setting("currency"), Decimal(0)
    months = [
        Month(
            date(int(y), int(m), 1) if y else None,
            n,
            round_money(total or zero, currency),
            round_money(w or zero, currency),
        )
        for y, m, n, total, w in session.execute(query)
    ]
    return sorted(months, key=lambda month: month.first or date.max)
