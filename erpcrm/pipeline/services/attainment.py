"""How far quotas are reached: what was won by whom, what is open, and where one should be by now."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from babel.numbers import get_currency_precision
from sqlalchemy import case, func, select

from erpcrm.access.models import Team, User
from erpcrm.company.services import holidays, week
from erpcrm.core.actor import Actor
from erpcrm.core.db import session
from erpcrm.core.exact import SumOfPercents, round_money
from erpcrm.core.settings import setting

from ..models import Opportunity, OpportunityMargin, Quota, Stage
from ..performance import HUNDRED, LENGTH, Attainment, Period, attainment, place_of, time_passed
from .people import Holder, People, holder_of, people_of
from .shares import CREDITED, CREDITED_AMOUNT, CREDITED_PERCENT, CREDITED_TEAM, CREDITED_USER

ZERO = Decimal(0)
FINER = {"month": ("month",), "quarter": ("quarter", "month"), "year": ("year", "quarter", "month")}
"""From which quotas that of a period may come: its own, else the sum of those of its quarters, else of its months"""
At = tuple[Holder, date]
"""A holder, and the first day of a period"""


def achieved(periods: Sequence[Period], measure: str) -> list[tuple[int | None, int | None, int, Decimal]]:
    """What was won in each period: (user, team, place of the period, value), by the shares of the deals. One query."""
    place = case(*((Opportunity.closed_on <= period.last, at) for at, period in enumerate(periods))).label("place")
    source: Any = CREDITED
    if measure == "margin":
        source = source.join(OpportunityMargin, OpportunityMargin.opportunity_id == Opportunity.id)
        value: Any = SumOfPercents(OpportunityMargin.base_margin, CREDITED_PERCENT)
    else:
        value = func.sum(CREDITED_AMOUNT if measure == "amount" else CREDITED_PERCENT)
    query = (
        select(CREDITED_USER.label("user"), CREDITED_TEAM.label("team"), place, value.label("value"))
        .select_from(source)
        .where(Opportunity.status == "won", Opportunity.closed_on.between(periods[0].first, periods[-1].last))
        .group_by(CREDITED_USER, CREDITED_TEAM, place)
    )
    return [(user, team, at, _value(value, measure)) for user, team, at, value in session.execute(query)]


def _value(value: Any, measure: str) -> Decimal:
    if value is None:
        return ZERO
    return Decimal(value) / HUNDRED if measure == "number" else round_money(value, setting("currency"))


def by_holder(
    rows: Iterable[tuple[int | None, int | None, int, Decimal]], periods: Sequence[Period]
) -> dict[At, Decimal]:
    """What `achieved` gives, added up for users and for teams."""
    found: dict[At, Decimal] = defaultdict(Decimal)
    for user, team, place, value in rows:
        if user is not None:
            found[Holder("user", user), periods[place].first] += value
        if team is not None:
            found[Holder("team", team), periods[place].first] += value
    return found


@dataclass(frozen=True)
class Target:
    amount: Decimal
    whole: bool
    """False when it is the sum of months or quarters of which some have none"""


def targets(periods: Sequence[Period], measure: str) -> dict[At, Target]:
    """The quotas of periods of one kind: their own, else what the finer ones within them add up to. One query."""
    query = select(Quota).where(
        Quota.measure == measure,
        Quota.starts_on.between(periods[0].first, periods[-1].last),
        Quota.period.in_(FINER[periods[0].kind]),
    )
    found: dict[At, dict[str, list[Decimal]]] = defaultdict(lambda: defaultdict(list))
    for quota in session.scalars(query):
        period = next(one for one in periods if one.first <= quota.starts_on <= one.last)
        found[holder_of(quota), period.first][quota.period].append(quota.target)
    result = {}
    for at, by_kind in found.items():
        kind = next(one for one in FINER[periods[0].kind] if one in by_kind)
        parts = LENGTH[periods[0].kind] // LENGTH[kind]
        result[at] = Target(sum(by_kind[kind], ZERO), len(by_kind[kind]) == parts)
    return result


def passed(period: Period, today: date) -> tuple[int, int]:
    """(working days that are over at the end of today, all working days) by the company's calendar."""
    weekdays = [day for day, windows in week().items() if windows]
    days = {holiday.day for year in {period.first.year, period.last.year} for holiday in holidays(year)}
    return time_passed(period.first, period.last, today, weekdays, days)


@dataclass(frozen=True)
class Open:
    """What is open and expected to close in a period, in the company's currency."""

    amount: Decimal = ZERO
    weighted: Decimal = ZERO
    """By the probability of the stages"""


def open_in(period: Period) -> list[tuple[int | None, int | None, Open]]:
    """(user, team, what is open), by the shares of the deals. One query."""
    deal, own = Opportunity, setting("currency")
    query = (
        select(
            CREDITED_USER, CREDITED_TEAM, func.sum(CREDITED_AMOUNT), SumOfPercents(CREDITED_AMOUNT, Stage.probability)
        )
        .select_from(CREDITED.join(Stage, Stage.id == deal.stage_id))
        .where(deal.status == "open", deal.expected_close.between(period.first, period.last))
        .group_by(CREDITED_USER, CREDITED_TEAM)
    )
    return [
        (user, team, Open(round_money(total or ZERO, own), round_money(weighted or ZERO, own)))
        for user, team, total, weighted in session.execute(query)
    ]


@dataclass(frozen=True)
class Standing:
    """A person or a team in the period: what they should, what they have, what may still come."""

    holder: Holder
    name: str
    reached: Attainment
    whole: bool
    """Whether all parts of the quota are set"""
    open: Open
    place: int = 0
    """By what was achieved, among all who sell, in sight or not"""
    members: Decimal | None = None
    """Of a team: what the quotas of its people add up to"""


@dataclass(frozen=True)
class Board:
    """Everybody within somebody's scope."""

    periods: Sequence[Period]
    period: Period
    passed: tuple[int, int]
    teams: Sequence[Standing]
    people: Sequence[Standing]
    """The most successful first"""
    everybody: Standing
    competitors: int
    """Who sells, in sight or not"""
    targets: Mapping[At, Target]
    won: Mapping[At, Decimal]
    """Within the scope, in all periods of the year"""

    def over_time(self, holder: Holder | None) -> list[tuple[Period, Decimal | None, Decimal]]:
        """(period, quota, achieved) of the periods of the year, of one or of everybody."""
        if holder is not None:
            return [
                (
                    one,
                    target.amount if (target := self.targets.get((holder, one.first))) else None,
                    self.won.get((holder, one.first), ZERO),
                )
                for one in self.periods
            ]
        mine = [standing.holder for standing in self.people]
        result = []
        for one in self.periods:
            known = [self.targets[each, one.first].amount for each in mine if (each, one.first) in self.targets]
            result.append(
                (
                    one,
                    sum(known, ZERO) if known else None,
                    sum((self.won.get((each, one.first), ZERO) for each in mine), ZERO),
                )
            )
        return result


def board_of(actor: Actor, periods: Sequence[Period], period: Period, measure: str, today: date) -> Board:
    """Who has come how far in `period`, one of `periods`: a bounded number of queries."""
    people, scope = people_of(actor), actor.scope(Opportunity.record_name)
    rows = achieved(periods, measure)
    everywhere = by_holder(rows, periods)
    won = by_holder([row for row in rows if _seen(row[0], row[1], actor, scope)], periods)
    quotas, over = targets(periods, measure), passed(period, today)
    still = _still_open(period, actor, scope)
    ranking = {at[0].id: value for at, value in everywhere.items() if at[0].kind == "user" and at[1] == period.first}
    places = get_currency_precision(setting("currency")) if measure != "number" else 1

    def standing(holder: Holder, name: str, **more: Any) -> Standing:
        target = quotas.get((holder, period.first))
        reached = attainment(target.amount if target else None, won.get((holder, period.first), ZERO), over, places)
        return Standing(holder, name, reached, target.whole if target else True, still.get(holder, Open()), **more)

    users = _with_former(people, won, period)
    standings = [
        standing(Holder("user", id), name, place=place_of(ranking.get(id, ZERO), ranking.values()))
        for id, name in users.items()
    ]
    standings.sort(key=lambda one: (-one.reached.achieved, -(one.reached.percent or ZERO), one.name))
    teams = [
        standing(Holder("team", team.id), team.name, members=_members(team, people, quotas, period))
        for team in people.teams
    ]
    sellers = {user.id for user in people.users} | ranking.keys()
    return Board(
        periods, period, over, teams, standings, _everybody(standings, over, places), len(sellers), quotas, won
    )  # fmt: skip


def _seen(user: int | None, team: int | None, actor: Actor, scope: str) -> bool:
    return scope == "all" or user == actor.id or (scope == "team" and team in actor.team_ids)


def _still_open(period: Period, actor: Actor, scope: str) -> dict[Holder, Open]:
    found: dict[Holder, Open] = defaultdict(Open)
    for user, team, more in open_in(period):
        if _seen(user, team, actor, scope):
            for holder in (Holder("user", user or 0), Holder("team", team or 0)):
                there = found[holder]
                found[holder] = Open(there.amount + more.amount, there.weighted + more.weighted)
    return found


def _with_former(people: People, won: Mapping[At, Decimal], period: Period) -> dict[int, str]:
    """Who sells, and who has won something in the period and sells no more."""
    names = {user.id: user.name for user in people.users}
    former = {holder.id for holder, first in won if holder.kind == "user" and first == period.first} - names.keys()
    if former:
        names |= {id: name for id, name in session.execute(select(User.id, User.name).where(User.id.in_(former)))}
    return names


def _members(team: Team, people: People, quotas: Mapping[At, Target], period: Period) -> Decimal | None:
    known = [
        quotas[Holder("user", user.id), period.first].amount
        for user in people.users
        if user.team_id == team.id and (Holder("user", user.id), period.first) in quotas
    ]
    return sum(known, ZERO) if known else None


def _everybody(standings: Sequence[Standing], over: tuple[int, int], places: int) -> Standing:
    known = [one.reached.target for one in standings if one.reached.target is not None]
    achieved = sum((one.reached.achieved for one in standings), ZERO)
    still = Open(sum((one.open.amount for one in standings), ZERO), sum((one.open.weighted for one in standings), ZERO))
    reached = attainment(sum(known, ZERO) if known else None, achieved, over, places)
    return Standing(Holder("all", 0), "", reached, all(one.whole for one in standings), still)
