"""What a forecast page looks at, and which deals that are."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select, true

from erpcrm.access.models import User
from erpcrm.core.access import owned
from erpcrm.core.actor import Actor
from erpcrm.core.db import session
from erpcrm.core.exact import digits_of
from erpcrm.core.i18n import today
from erpcrm.core.settings import setting

from ...forecasting import BACK, FORTH, Period, quarter_of, read_period
from ...models import ForecastPicture, Opportunity, Stage

NOBODY = 0
"""As owner in addresses: deals without one"""
DEAL_SCOPE = owned(Opportunity.owner_id, Opportunity.team_id)
PICTURE_SCOPE = owned(ForecastPicture.owner_id, ForecastPicture.team_id)
USER_SCOPE = owned(User.id, User.team_id)


@dataclass(frozen=True)
class View:
    """A period, and of whom: an owner (`NOBODY`: without one), a team, a pipeline; None is all."""

    period: Period
    owner_id: int | None = None
    team_id: int | None = None
    pipeline_id: int | None = None

    def of(self, **changed: Any) -> "View":
        return replace(self, **changed)

    def holds(self, owner_id: int | None, team_id: int | None, pipeline_id: int) -> bool:
        """Whether the filters let a deal through that has these."""
        return (
            self.owner_id in (None, owner_id or NOBODY)
            and self.team_id in (None, team_id)
            and self.pipeline_id in (None, pipeline_id)
        )

    def filters(self, owner: Any, team: Any, pipeline: Any) -> list[ColumnElement[bool]]:
        """The same for SQL."""
        found: list[ColumnElement[bool]] = []
        if self.owner_id is not None:
            found.append(owner.is_(None) if self.owner_id == NOBODY else owner == self.owner_id)
        if self.team_id is not None:
            found.append(team == self.team_id)
        if self.pipeline_id is not None:
            found.append(pipeline == self.pipeline_id)
        return found


def fiscal_start() -> int:
    return int(setting("fiscal_year_start"))


def this_quarter() -> Period:
    return quarter_of(today(), fiscal_start())


def asked_period(key: str) -> Period:
    """The period of an address, as far as the page goes; this quarter where it names none."""
    here = this_quarter()
    period = read_period(key, fiscal_start())
    if period is None or not here.step(-BACK).first <= period.first <= here.step(FORTH).last:
        return here
    return period


def quarter_around(period: Period) -> Period:
    return quarter_of(period.first, fiscal_start())


def seen(actor: Actor | None) -> ColumnElement[bool]:
    """The deals that this user sees."""
    return true() if actor is None else DEAL_SCOPE(actor, actor.scope("opportunity"))


def seen_people(actor: Actor) -> ColumnElement[bool]:
    """The users whose forecast this user sees: oneself, those of one's teams, all."""
    return USER_SCOPE(actor, actor.scope("opportunity"))


def sees(actor: Actor, owner_id: int) -> bool:
    return session.scalar(select(User.id).where(User.id == owner_id, seen_people(actor))) is not None


category_now: ColumnElement[str] = case(
    (Opportunity.status == "won", "closed"),
    (Opportunity.status == "lost", "omitted"),
    else_=func.coalesce(Opportunity.forecast_category, Stage.forecast_category),
)
"""Of a deal as it is now, beside its stage"""


def in_period(status: str, period: Period) -> ColumnElement[bool]:
    """Open deals by their expected close, closed ones by the day on which they ended."""
    day: Any = Opportunity.expected_close if status == "open" else Opportunity.closed_on
    return and_(Opportunity.status == status, day.between(period.first, period.last))


def first_days(months: Sequence[Period]) -> list[date]:
    return [month.first for month in months]


def money_digits() -> int:
    """Of the company's currency."""
    return digits_of(setting("currency"))
