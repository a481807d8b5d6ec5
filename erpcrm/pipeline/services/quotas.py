"""What each should sell: who may say so, setting and copying quotas."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from erpcrm.access.models import WIDTH, Team, User
from erpcrm.core.actor import Actor
from erpcrm.core.db import session
from erpcrm.core.errors import Refused
from erpcrm.core.i18n import _
from erpcrm.core.settings import setting

from ..models import Opportunity, Quota
from ..performance import HUNDRED, LENGTH, Period, add_months, fiscal_year_of, period_of, periods_of
from .attainment import achieved, by_holder
from .past import flush_as
from .people import Holder, People, holder_of, people_of

EDIT = "pipeline.quota.edit"


def fiscal_start() -> int:
    """The month in which the fiscal year begins."""
    return int(setting("fiscal_year_start"))


def fiscal_year(day: date) -> int:
    return fiscal_year_of(day, fiscal_start())


def fiscal_periods(year: int, kind: str) -> list[Period]:
    return periods_of(year, kind, fiscal_start())


def fiscal_period(day: date, kind: str) -> Period:
    """The month, quarter or year that holds `day`."""
    return period_of(day, kind, fiscal_start())


def neighbour(period: Period, step: int) -> Period:
    """The period so many periods later, or earlier."""
    return fiscal_period(add_months(period.first, step * LENGTH[period.kind]), period.kind)


def why_not(holder: Holder, quota: Quota | None, by: Actor, people: People, teams: Mapping[int, Team]) -> str | None:
    """Why this user may not set this quota; None when they may."""
    if not by.may(EDIT):
        return str(_("You may not set quotas."))
    if holder == ("user", by.id):
        return str(_("Nobody sets their own quota."))
    if holder.kind == "team":
        team = teams.get(holder.id)
        if team is None or team not in people.teams:
            return str(_("This team is out of your sight."))
        if team.manager_id == by.id:
            return str(_("The quota of your team is set by somebody above you."))
    elif holder.id not in {user.id for user in people.users}:
        return str(_("This person is out of your sight."))
    if quota is not None and quota.set_by is not None and outranks(quota.set_by, by, teams):
        return str(_("%(name)s has set this quota. It stays as it is.", name=quota.set_by.name))
    return None


def outranks(one: User, other: Actor, teams: Mapping[int, Team]) -> bool:
    """Whoever sees more deals stands above, and among equals the manager of the other's team."""
    if one.id == other.id or not one.active:
        return False
    reach = WIDTH[one.scope(Opportunity.record_name)], WIDTH[other.scope(Opportunity.record_name)]
    if reach[0] != reach[1]:
        return reach[0] > reach[1]
    team = teams.get(getattr(other, "team_id", None) or 0)
    return team is not None and team.manager_id == one.id


# Setting them


@dataclass(frozen=True)
class Cell:
    """A quota of the set-up page: of a holder in a period."""

    quota: Quota | None
    why_not: str | None


@dataclass(frozen=True)
class Grid:
    periods: Sequence[Period]
    people: People
    cells: Mapping[tuple[Holder, date], Cell]

    def target(self, holder: Holder, period: Period) -> Decimal | None:
        quota = self.cells[holder, period.first].quota
        return quota.target if quota is not None else None

    def members(self, team: Team, period: Period) -> Decimal | None:
        """What the quotas of the people of a team add up to; None when none of them has one."""
        found = [self.target(Holder("user", user.id), period) for user in self.people.users if user.team_id == team.id]
        known = [target for target in found if target is not None]
        return sum(known, Decimal(0)) if known else None

    def mismatch(self, team: Team, period: Period) -> Decimal | None:
        """The team's quota less those of its people; None where they agree or one of them is not set."""
        own, members = self.target(Holder("team", team.id), period), self.members(team, period)
        return own - members if own is not None and members is not None and own != members else None


def grid_of(year: int, kind: str, measure: str, by: Actor, *, lock: bool = False) -> Grid:
    """All quotas of one kind in a fiscal year, with what this user may change: a bounded number of queries."""
    people, periods = people_of(by), fiscal_periods(year, kind)
    teams = {team.id: team for team in session.scalars(select(Team))}
    query = (
        select(Quota)
        .where(Quota.period == kind, Quota.measure == measure, Quota.starts_on.in_([one.first for one in periods]))
        .options(joinedload(Quota.set_by))
        .order_by(Quota.id)
    )
    found = session.scalars(query.with_for_update(of=Quota) if lock else query)
    there = {(holder_of(quota), quota.starts_on): quota for quota in found}
    holders = [Holder("team", team.id) for team in people.teams] + [Holder("user", user.id) for user in people.users]
    cells = {}
    for holder in holders:
        for period in periods:
            quota = there.get((holder, period.first))
            cells[holder, period.first] = Cell(quota, why_not(holder, quota, by, people, teams))
    return Grid(periods, people, cells)


def save_quotas(
    year: int, kind: str, measure: str, targets: Mapping[tuple[Holder, date], Decimal | None], by: User
) -> int:
    """Set quotas: amounts in the company's currency or numbers of deals; None takes one away. Returns how many changed.

    Refused, and nothing is changed, when one of those that would change is not this user's to set or is not above zero.
    """
    grid, changed = grid_of(year, kind, measure, by, lock=True), 0
    for (holder, first), target in targets.items():
        cell = grid.cells.get((holder, first))
        if cell is None:
            raise Refused(_("This quota is out of your sight."))
        if (cell.quota.target if cell.quota is not None else None) == target:
            continue
        if cell.why_not is not None:
            raise Refused(cell.why_not)
        if target is not None and target <= 0:
            raise Refused(_("A quota is above zero. Leave it empty where there is none."))
        _set(cell.quota, holder, kind, measure, first, target, by)
        changed += 1
    flush_as(by)
    return changed


def _set(
    quota: Quota | None, holder: Holder, kind: str, measure: str, first: date, target: Decimal | None, by: User
) -> None:
    if target is None:
        session.delete(quota)
    elif quota is not None:
        quota.target, quota.set_by_id = target, by.id
    else:
        held = {f"{holder.kind}_id": holder.id}
        session.add(Quota(period=kind, measure=measure, starts_on=first, target=target, set_by_id=by.id, **held))


def copy_last_year(year: int, kind: str, measure: str, percent: int, of: str, by: User) -> int:
    """Fill what is still empty with last year's figure and so many percent more, rounded to whole numbers.

    `of` is what to start from: last year's "quota", or what was "achieved" then. Returns how many were set; what this user
    may not set stays empty.
    """
    grid = grid_of(year, kind, measure, by, lock=True)
    before = fiscal_periods(year - 1, kind)
    if of == "quota":
        last = grid_of(year - 1, kind, measure, by)
        known: Mapping[tuple[Holder, date], Decimal | None] = {
            (holder, period.first): last.target(holder, period) for holder, first in last.cells for period in before
            if first == period.first
        }  # fmt: skip
    else:
        known = by_holder(achieved(before, measure), before)
    count = 0
    for (holder, first), cell in grid.cells.items():
        place = next(index for index, period in enumerate(grid.periods) if period.first == first)
        base = known.get((holder, before[place].first))
        if cell.quota is not None or cell.why_not is not None or not base:
            continue
        target = (base * (100 + percent) / HUNDRED).quantize(Decimal(1), rounding=ROUND_HALF_UP)
        if target > 0:
            _set(None, holder, kind, measure, first, target, by)
            count += 1
    flush_as(by)
    return count
