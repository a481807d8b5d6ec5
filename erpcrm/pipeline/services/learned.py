"""Learning from deals that ended, in sums of the database, and what was learned told of one deal."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    case,
    cast,
    delete,
    exists,
    func,
    literal,
    select,
    true,
)

from erpcrm.catalog.models import Product
from erpcrm.core.actor import Actor
from erpcrm.core.db import lock, session
from erpcrm.core.errors import NotAllowed, Refused, Stale
from erpcrm.core.i18n import _, today, zone
from erpcrm.core.jobs import enqueue
from erpcrm.customers.models import Activity, Customer

from ..learning import Band, Calibration, Learned, Prediction, at_least, calibrate, median, step_of
from ..models import LearnedModel, Opportunity, OpportunityContact, OpportunityHistory, OpportunityLine, Stage
from ..models.opportunities import EDIT, OPPORTUNITY_FLOW
from .past import flush_as

LEARN = "pipeline.learn"
AGES = (50, 100, 150, 200, 300)
"""Percent of the usual cycle: the median life of won deals"""
CALLS = (1, 3, 5, 10, 20)
"""Activities"""
TILES = 5
HELD_OUT = 5
"""Every fifth deal is not learned from when the predictions are checked."""
MOST_CHECKED = 1000
KEPT_MODELS = 30
ENDED = Opportunity.status.in_(("won", "lost"))


@dataclass(frozen=True)
class Known:
    """What was learned, with what it takes to say the facts of a deal: `bounds` between bands of amounts in the company's
    currency, `cycle` in days."""

    learned: Learned
    bounds: Sequence[Decimal]
    cycle: int | None

    def stored(self) -> dict[str, Any]:
        return self.learned.stored() | {"bounds": [str(bound) for bound in self.bounds], "cycle": self.cycle}


def learn(where: ColumnElement[bool] | None = None) -> Known:
    """Count won and lost deals by each fact: a dozen queries that sum up, whatever the number of deals."""
    some = true() if where is None else where
    ended: Any = select(literal("all"), Opportunity.status, func.count())
    won, lost = _ends(ended, some).get("all", (0, 0))
    bounds = _bounds(some)
    lives = _life(some)
    cycle = median({days: pair[0] for days, pair in lives.items() if pair[0]})
    values = {
        fact: {str(value): pair for value, pair in counts.items() if value is not None}
        for fact, counts in (
            (name, _ends(_by(column), some, joins_customer=name in ("industry", "region")))
            for name, column in _columns(bounds).items()
        )
    }
    ages: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for days, pair in lives.items() if cycle else ():
        far = days * 100 // (cycle or 1)
        ages[far] = (ages[far][0] + pair[0], ages[far][1] + pair[1])
    reached = {"stage": _stages(some), "age": at_least(ages, AGES), "activities": at_least(_activities(some), CALLS)}
    return Known(Learned(won, lost, values, reached), bounds, cycle)


def _columns(bounds: Sequence[Decimal]) -> dict[str, Any]:
    """The facts that have one value, as SQL says them."""
    return {
        "source": Opportunity.source,
        "team": Opportunity.team_id,
        "industry": Customer.industry,
        "region": Customer.region,
        "amount": _band(bounds),
        "category": _category(),
        "contact": case((_has_contact(), "yes"), else_="no"),
        "next_step": case((func.coalesce(Opportunity.next_step, "") != "", "yes"), else_="no"),
    }


def _by(column: Any) -> Select[Any]:
    return select(column, Opportunity.status, func.count()).select_from(Opportunity)


def _ends(query: Any, where: ColumnElement[bool], *, joins_customer: bool = False) -> dict[Any, tuple[int, int]]:
    """{value: (won, lost)} of a query of (value, status, count)."""
    if joins_customer:
        query = query.join(Customer, Customer.id == Opportunity.customer_id)
    column = query.selected_columns[0]
    found: dict[Any, tuple[int, int]] = {}
    for value, status, count in session.execute(query.where(ENDED, where).group_by(column, Opportunity.status)):
        won, lost = found.get(value, (0, 0))
        found[value] = (won + count, lost) if status == "won" else (won, lost + count)
    return found


def _band(bounds: Sequence[Decimal]) -> ColumnElement[Any]:
    amount = Opportunity.base_amount
    return case(
        (amount.is_(None), None), *((amount <= bound, str(place)) for place, bound in enumerate(bounds)),
        else_=str(len(bounds)),
    )  # fmt: skip


def _bounds(where: ColumnElement[bool]) -> list[Decimal]:
    """The amounts that cut the deals into fifths; fewer where many are the same."""
    amount = Opportunity.base_amount
    tiles = (
        select(amount.label("amount"), func.ntile(TILES).over(order_by=amount).label("tile"))
        .where(ENDED, where, amount.is_not(None))
        .subquery()
    )
    tops = session.scalars(select(func.max(tiles.c.amount)).group_by(tiles.c.tile).order_by(tiles.c.tile)).all()
    return sorted(set(tops[:-1]))


def _category() -> ColumnElement[Any]:
    """The category of the first line with a product."""
    return (
        select(Product.category)
        .join(OpportunityLine, OpportunityLine.product_id == Product.id)
        .where(OpportunityLine.opportunity_id == Opportunity.id)
        .order_by(OpportunityLine.position, OpportunityLine.id)
        .limit(1)
        .correlate(Opportunity)
        .scalar_subquery()
    )


def _has_contact() -> ColumnElement[bool]:
    return exists().where(OpportunityContact.opportunity_id == Opportunity.id).correlate(Opportunity)


def _days() -> ColumnElement[int]:
    """How long a deal lived."""
    if session.get_bind().dialect.name == "postgresql":
        return cast(Opportunity.closed_on - Opportunity.opened_on, Integer)
    return cast(func.julianday(Opportunity.closed_on) - func.julianday(Opportunity.opened_on), Integer)


def _life(where: ColumnElement[bool]) -> dict[int, tuple[int, int]]:
    """{days: (won, lost)}."""
    dated = and_(where, Opportunity.opened_on.is_not(None), Opportunity.closed_on >= Opportunity.opened_on)
    return {int(days): pair for days, pair in _ends(_by(_days()), dated).items()}


def _activities(where: ColumnElement[bool]) -> dict[int, tuple[int, int]]:
    """{how many before the end: (won, lost)}."""
    ended = func.date(Activity.done_at) <= func.coalesce(func.date(Opportunity.closed_on), func.date(Activity.done_at))
    on_deal = and_(Activity.record_type == "opportunity", Activity.record_id == Opportunity.id, ended)
    counted = (
        select(Opportunity.id, Opportunity.status.label("status"), func.count(Activity.id).label("calls"))
        .outerjoin(Activity, on_deal)
        .where(ENDED, where)
        .group_by(Opportunity.id, Opportunity.status)
        .subquery()
    )
    found: dict[int, tuple[int, int]] = {}
    rows = select(counted.c.calls, counted.c.status, func.count()).group_by(counted.c.calls, counted.c.status)
    for calls, status, count in session.execute(rows):
        won, lost = found.get(calls, (0, 0))
        found[calls] = (won + count, lost) if status == "won" else (won, lost + count)
    return found


def _stages(where: ColumnElement[bool]) -> dict[str, tuple[int, int, int, int]]:
    """Of each stage: how many deals of its pipeline came there. A deal that was won has come past all of them.

    Deals that a file brought with their end are left out: nobody knows how far they had come.
    """
    followed = exists().where(OpportunityHistory.opportunity_id == Opportunity.id, OpportunityHistory.status == "open")
    counts = _ends(_by(Opportunity.stage_id), and_(where, followed.correlate(Opportunity)))
    stages = session.execute(select(Stage.id, Stage.pipeline_id).order_by(Stage.pipeline_id, Stage.position, Stage.id))
    pipelines: dict[int, list[int]] = defaultdict(list)
    for stage_id, pipeline_id in stages:
        pipelines[pipeline_id].append(stage_id)
    found = {}
    for ids in pipelines.values():
        of_won = sum(counts.get(id, (0, 0))[0] for id in ids)
        of_lost = sum(counts.get(id, (0, 0))[1] for id in ids)
        for place, id in enumerate(ids):
            came = sum(counts.get(later, (0, 0))[1] for later in ids[place:])
            found[str(id)] = (of_won, came, of_won, of_lost)
    return found


# the facts of single deals


def _rows(ids: Sequence[int]) -> Sequence[Any]:
    columns = _columns(())
    del columns["amount"]
    calls = select(func.count()).where(
        Activity.record_type == "opportunity", Activity.record_id == Opportunity.id, Activity.done_at.is_not(None)
    )
    query = (
        select(
            Opportunity.id, Opportunity.status, Opportunity.stage_id, Opportunity.base_amount,
            Opportunity.opened_on, Opportunity.closed_on,
            calls.correlate(Opportunity).scalar_subquery().label("calls"),
            *(column.label(name) for name, column in columns.items()),
        )
        .outerjoin(Customer, Customer.id == Opportunity.customer_id)
        .where(Opportunity.id.in_(ids))
    )  # fmt: skip
    return session.execute(query).all()


def _facts(
    known: Known, row: Any, day: date, stage_id: int | None, amount: Decimal | None, calls: int
) -> dict[str, str | None]:
    """What was known of a deal on `day`."""
    age = (day - row.opened_on).days if row.opened_on else None
    place = None if amount is None else str(sum(amount > bound for bound in known.bounds))
    return {
        "stage": None if stage_id is None else str(stage_id),
        "age": None if age is None or not known.cycle else step_of(age * 100 // known.cycle, AGES),
        "activities": step_of(calls, CALLS),
        "source": row.source,
        "team": None if row.team is None else str(row.team),
        "industry": row.industry,
        "region": row.region,
        "amount": place,
        "category": row.category,
        "contact": row.contact,
        "next_step": row.next_step,
    }


def predict(known: Known, deal: Opportunity) -> Prediction:
    """What the learned says of an open deal today."""
    row = _rows([deal.id])[0]
    return known.learned.predict(_facts(known, row, today(), deal.stage_id, deal.base_amount, row.calls))


def check(known: Known, ids: Sequence[int]) -> list[tuple[float, bool]]:
    """(predicted, was won) of deals that were not learned from, each as it stood at half of its life: on its last day it
    would be easy to tell."""
    rows = _rows(ids)
    middle = {row.id: _middle(row) for row in rows}
    past: dict[int, Any] = {}
    histories = (
        select(
            OpportunityHistory.opportunity_id, OpportunityHistory.at, OpportunityHistory.stage_id,
            OpportunityHistory.base_amount,
        )
        .where(OpportunityHistory.opportunity_id.in_(ids))
        .order_by(OpportunityHistory.id)
    )  # fmt: skip
    for change in session.execute(histories):
        if change.at < middle[change.opportunity_id][1]:
            past[change.opportunity_id] = change
    calls: dict[int, int] = defaultdict(int)
    activities = select(Activity.record_id, Activity.done_at).where(
        Activity.record_type == "opportunity", Activity.record_id.in_(ids), Activity.done_at.is_not(None)
    )
    for deal_id, at in session.execute(activities):
        calls[deal_id] += at is not None and at < middle[deal_id][1]
    pairs = []
    for row in rows:
        then = past.get(row.id)  # of deals that were imported with their end nobody knows where they stood
        stage_id, amount = (then.stage_id, then.base_amount) if then else (None, row.base_amount)
        facts = _facts(known, row, middle[row.id][0], stage_id, amount, calls[row.id])
        pairs.append((known.learned.predict(facts).probability, row.status == "won"))
    return pairs


def _middle(row: Any) -> tuple[date, datetime]:
    """The day, and the moment at which it ends."""
    last = row.closed_on or today()
    first = min(row.opened_on or last, last)
    day = first + (last - first) / 2
    return day, datetime.combine(day + timedelta(days=1), time(0), zone()).astimezone(UTC)


# nights


def learn_all() -> dict[str, Any]:
    """What one night learns, as `keep` stores it. Reads only."""
    known = learn()
    found: dict[str, Any] = {"won": known.learned.won, "lost": known.learned.lost, "counts": {}, "calibration": {}}
    if not known.learned.enough:
        return found
    found["counts"] = known.stored()
    without = learn(Opportunity.id % HELD_OUT != 0)
    held = select(Opportunity.id).where(ENDED, Opportunity.id % HELD_OUT == 0)
    ids = session.scalars(held.order_by(Opportunity.closed_on.desc(), Opportunity.id.desc()).limit(MOST_CHECKED)).all()
    share = without.learned.won / max(1, without.learned.won + without.learned.lost)
    checked = calibrate(check(without, ids), share)
    if checked is not None:
        found["calibration"] = asdict(checked)
    return found


def keep(found: Mapping[str, Any]) -> LearnedModel:
    """Put what was learned in force; what is long replaced is dropped."""
    model = LearnedModel(**found)
    session.add(model)
    session.flush()
    session.execute(delete(LearnedModel).where(LearnedModel.id <= model.id - KEPT_MODELS))
    return model


def in_force() -> LearnedModel | None:
    return session.scalars(select(LearnedModel).order_by(LearnedModel.id.desc()).limit(1)).one_or_none()


def known_of(model: LearnedModel) -> Known | None:
    """None where there was too little to learn from."""
    if not model.counts:
        return None
    bounds = [Decimal(bound) for bound in model.counts["bounds"]]
    return Known(Learned.read(model.won, model.lost, model.counts), bounds, model.counts["cycle"])


def calibration_of(model: LearnedModel) -> Calibration | None:
    if not model.calibration:
        return None
    return Calibration(**{**model.calibration, "bands": [Band(**band) for band in model.calibration["bands"]]})


@OPPORTUNITY_FLOW.on("reopen")
def _learn_without_it(deal: Opportunity, by: Actor | None, details: Mapping[str, Any]) -> None:
    """A deal that goes on must not be told from its own former end."""
    enqueue(LEARN)


def set_probability(deal: Opportunity, percent: int | None, by: Actor, version: int | None = None) -> None:
    """The seller's own figure, in percent, holds instead of the stage's; None gives it back. Refused for a deal that ended."""
    if not by.may(EDIT):
        raise NotAllowed(EDIT)
    lock(deal)
    if version is not None and version != deal.version:
        raise Stale(deal)
    if deal.status != "open":
        raise Refused(_("This deal has ended: its probability is a fact."))
    if percent is not None and not 0 <= percent <= 100:
        raise Refused(_("A probability lies between 0 and 100 percent."))
    deal.own_probability = percent
    flush_as(by)
