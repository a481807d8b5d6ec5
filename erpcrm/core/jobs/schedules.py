"""What the system does by itself: each due run becomes one job, however many workers look."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from ..area import Schedule
from ..db import now, session
from ..registry import areas_on
from .models import ScheduledWork
from .services import enqueue, unfinished


def schedules_on() -> Iterator[Schedule]:
    return (schedule for area in areas_on() for schedule in area.schedules)


def next_runs() -> dict[str, tuple[datetime, datetime | None]]:
    """{job name: (next run, last run)} of what was scheduled at least once."""
    rows = session.execute(select(ScheduledWork.name, ScheduledWork.next_at, ScheduledWork.last_at))
    return {name: (next_at, last_at) for name, next_at, last_at in rows}


def anything_scheduled() -> bool:
    """Whether a run is due. A schedule that was never run is due at once."""
    known, moment = next_runs(), now()
    return any(schedule.job not in known or known[schedule.job][0] <= moment for schedule in schedules_on())


def enqueue_due() -> None:
    """Make jobs of the runs that are due. The row of a schedule is locked, so that two workers don't both do it.

    A run that is still at work when the next is due is not overtaken: the next one waits for its own turn.
    """
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    known, moment = next_runs(), now()
    for schedule in schedules_on():
        if schedule.job in known and known[schedule.job][0] > moment:
            continue
        session.execute(insert(ScheduledWork).values(name=schedule.job, next_at=moment).on_conflict_do_nothing())
        row = session.scalars(
            select(ScheduledWork)
            .where(ScheduledWork.name == schedule.job, ScheduledWork.next_at <= moment)
            .with_for_update(skip_locked=True)
        ).one_or_none()
        if row is None:
            continue
        row.next_at, row.last_at = moment + schedule.every, moment
        if not unfinished(schedule.job):
            enqueue(schedule.job)
    session.flush()
