"""One calculation of all figures of value: its record, and the whole of it at once for a company small enough."""

from datetime import date

from sqlalchemy import delete, func, select

from erpcrm.core.db import now, session
from erpcrm.core.settings import setting

from ..models import CustomerValue, ValueRun
from . import policy
from .predicting import Fit, fit_all, predict
from .summing import company_rate, next_customers, rank_all, sum_up
from .together import find_pairs, keep_pairs
from .transactions import source

MANY = 100_000


def run_of(on: date) -> ValueRun:
    return session.scalars(select(ValueRun).where(ValueRun.as_of == on)).one()


def open_run(on: date) -> ValueRun:
    """The record of this day's calculation, in place of an earlier one of the same day: how many there are, from what."""
    count, repeaters = session.execute(
        select(func.count(), func.count().filter(CustomerValue.days > 1)).select_from(CustomerValue)
    ).one()
    session.execute(delete(ValueRun).where(ValueRun.as_of == on))
    run = ValueRun(
        as_of=on,
        at=now(),
        source=source().key,
        customers=count,
        repeaters=repeaters,
        rate=company_rate(),
        fit={},
        calibration={},
        settings=policy.chosen(),
    )
    session.add(run)
    session.flush()
    return run


def keep_fit(run: ValueRun, found: Fit) -> None:
    run.refusal, run.fit, run.calibration = found.refusal, found.fit, found.calibration
    session.flush()


def calculate(on: date) -> ValueRun:
    """What the nightly job does in steps, in one go: for the demo company."""
    sum_up(0, next_customers(0, MANY), policy.costs(), on)
    total = rank_all(policy.cuts())
    run = open_run(on)
    models, baskets = policy.least()
    keep_fit(run, fit_all(on, *models))
    keep_pairs(find_pairs(on, *baskets))
    predict(0, MANY, run, total, setting("currency"))
    return run
