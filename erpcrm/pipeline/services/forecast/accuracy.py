"""How good forecasts were: what the pictures of ended periods said, against what came."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import and_, func, or_, select

from erpcrm.access.models import User
from erpcrm.core.actor import Actor
from erpcrm.core.db import session
from erpcrm.core.i18n import today

from ...forecasting import QUARTER, ZERO, Outcome, Period, accuracy, bias, month_of
from ...models import ForecastCall, ForecastPicture, Opportunity
from .changes import end_of
from .view import PICTURE_SCOPE, View, seen, seen_people, this_quarter

HORIZONS = ("start", "90", "60", "30")
"""When a forecast is looked at: as the period began, or so many days before its end."""
MEASURES = {
    "weighted": ("weighted", ("closed", "commit", "best_case", "pipeline")),
    "commit": ("amount", ("closed", "commit")),
    "best_case": ("amount", ("closed", "commit", "best_case")),
}
"""Column and categories that make a forecast of a picture; `call` is what people said."""
CALL = "call"
SHOWN = {QUARTER: 4, 1: 12}
"""How many ended periods are compared."""
NEAR = timedelta(days=6)
"""A day without a picture is represented by one at most so much earlier."""

Group = int | None


@dataclass(frozen=True)
class Judged:
    """A period or a group: what was forecast, what came; `outcome` is None where there is no picture to judge by."""

    outcome: Outcome | None
    outcomes: Sequence[Outcome] = ()

    @property
    def accuracy(self) -> Decimal | None:
        return accuracy(self.outcomes)

    @property
    def bias(self) -> Decimal | None:
        return bias(self.outcomes)


@dataclass(frozen=True)
class Review:
    """The periods, oldest first, with the day that each was forecast on, and the groups (owners or teams)."""

    periods: list[tuple[Period, date | None, Judged]]
    groups: dict[Group, Judged]
    all: Judged


def looked_at(period: Period, horizon: str) -> date:
    """The day at whose end the forecast is looked at."""
    if horizon == "start":
        return period.first - timedelta(days=1)
    return period.last - timedelta(days=int(horizon))


def ended_periods(months: int) -> list[Period]:
    """The last ones that are over, oldest first."""
    here = this_quarter() if months == QUARTER else month_of(today())
    return [here.step(-back) for back in range(SHOWN[months], 0, -1)]


def review(view: View, horizon: str, measure: str, by: str, actor: Actor | None) -> Review:
    """Compare what was forecast with what came, by period and by `by` (owner or team). The view's own period only says
    whether months or quarters are compared."""
    periods = ended_periods(view.period.months)
    days = {period: looked_at(period, horizon) for period in periods}
    if measure == CALL:
        said, on = _called(days, view, by, actor)
    else:
        said, on = _pictured(days, view, measure, by, actor)
    came = _came(periods, view, by, actor)
    found: list[tuple[Period, date | None, Judged]] = []
    per_group: dict[Group, list[Outcome]] = defaultdict(list)
    for period in periods:
        if period not in on:
            found.append((period, None, Judged(None)))
            continue
        for group in said[period].keys() | came[period].keys():
            per_group[group].append(Outcome(said[period].get(group, ZERO), came[period].get(group, ZERO)))
        whole = Outcome(sum(said[period].values(), ZERO), sum(came[period].values(), ZERO))
        found.append((period, on[period], Judged(whole, [whole])))
    groups = {group: Judged(_sum(outcomes), outcomes) for group, outcomes in per_group.items()}
    judged = [one.outcome for _period, _day, one in found if one.outcome is not None]
    return Review(found, groups, Judged(_sum(judged), judged))


def _sum(outcomes: Iterable[Outcome]) -> Outcome:
    listed = list(outcomes)
    return Outcome(sum((one.forecast for one in listed), ZERO), sum((one.came for one in listed), ZERO))


Sums = dict[Period, dict[Group, Decimal]]


def _nothing(periods: Iterable[Period]) -> Sums:
    return {period: {} for period in periods}


def _add(sums: Sums, period: Period, group: Group, amount: Decimal) -> None:
    sums[period][group] = sums[period].get(group, ZERO) + amount


def _pictured(
    days: dict[Period, date], view: View, measure: str, by: str, actor: Actor | None
) -> tuple[Sums, dict[Period, date]]:
    """Sums of the picture that is nearest to the wanted day of each period, in one query."""
    picture, (column, categories) = ForecastPicture, MEASURES[measure]
    wanted = []
    for period, day in days.items():
        nearest = select(func.max(picture.day)).where(picture.day.between(day - NEAR, day)).scalar_subquery()
        wanted.append(and_(picture.day == nearest, picture.month.between(period.first, period.last)))
    group = picture.owner_id if by == "owner" else picture.team_id
    seen_ones = [] if actor is None else [PICTURE_SCOPE(actor, actor.scope("opportunity"))]
    query = (
        select(picture.day, picture.month, group, func.sum(getattr(picture, column)))
        .where(
            or_(*wanted), picture.category.in_(categories), *seen_ones,
            *view.filters(picture.owner_id, picture.team_id, picture.pipeline_id),
        )
        .group_by(picture.day, picture.month, group)
    )  # fmt: skip
    sums, on = _nothing(days), _days_with_pictures(days)
    for day, month, owner, amount in session.execute(query):
        for period in days:
            if period.holds(month) and on.get(period) == day:
                _add(sums, period, owner, amount or ZERO)
    return sums, on


def _days_with_pictures(days: dict[Period, date]) -> dict[Period, date]:
    """{period: the day whose picture speaks for it}, for those that have one: also where it shows nobody's deals."""
    day = ForecastPicture.day
    wanted = or_(*(day.between(wish - NEAR, wish) for wish in days.values()))
    taken = session.scalars(select(day).where(wanted).distinct()).all()
    near = {period: [one for one in taken if wish - NEAR <= one <= wish] for period, wish in days.items()}
    return {period: max(some) for period, some in near.items() if some}


def _called(days: dict[Period, date], view: View, by: str, actor: Actor | None) -> tuple[Sums, dict[Period, date]]:
    """What was called until the wanted day of each period: the manager's figure where there is one, else the seller's."""
    whom = [] if actor is None else [seen_people(actor)]
    if view.owner_id is not None:
        whom.append(User.id == view.owner_id)
    if view.team_id is not None:
        whom.append(User.team_id == view.team_id)
    until = or_(
        *(
            and_(ForecastCall.first == one.first, ForecastCall.months == one.months, ForecastCall.at < end_of(day))
            for one, day in days.items()
        )
    )
    newest = (
        select(func.max(ForecastCall.id))
        .where(until)
        .group_by(ForecastCall.first, ForecastCall.owner_id, ForecastCall.kind)
    )
    query = (
        select(ForecastCall.first, ForecastCall.kind, ForecastCall.amount, User.id, User.team_id)
        .join(User, User.id == ForecastCall.owner_id)
        .where(ForecastCall.id.in_(newest), ForecastCall.amount.is_not(None), *whom)
        .order_by(ForecastCall.kind.desc())  # the manager's comes last and stays
    )
    by_first = {period.first: period for period in days}
    said: dict[tuple[Period, int, Group], Decimal] = {}
    for first, _kind, amount, owner, team in session.execute(query):
        said[by_first[first], owner, owner if by == "owner" else team] = amount or ZERO
    sums = _nothing(days)
    for (period, _owner, group), amount in said.items():
        _add(sums, period, group, amount)
    return sums, {period: days[period] for period in days if sums[period]}


def _came(periods: Sequence[Period], view: View, by: str, actor: Actor | None) -> Sums:
    """What was won in each period."""
    deal = Opportunity
    group = deal.owner_id if by == "owner" else deal.team_id
    year, month = func.extract("year", deal.closed_on), func.extract("month", deal.closed_on)
    query = (
        select(group, year, month, func.sum(deal.base_amount))
        .where(
            deal.status == "won", deal.closed_on.between(periods[0].first, periods[-1].last), seen(actor),
            *view.filters(deal.owner_id, deal.team_id, deal.pipeline_id),
        )
        .group_by(group, year, month)
    )  # fmt: skip
    sums = _nothing(periods)
    for owner, its_year, its_month, amount in session.execute(query):
        first = date(int(its_year), int(its_month), 1)
        _add(sums, next(period for period in periods if period.holds(first)), owner, amount or ZERO)
    return sums
