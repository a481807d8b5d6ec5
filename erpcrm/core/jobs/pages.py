"""What the pages of jobs show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from ..actor import Actor
from ..db import session
from ..i18n import _l
from ..registry import record_type
from .handlers import HANDLERS, outcome_of, quiet_names
from .models import UNFINISHED, Job
from .schedules import next_runs, schedules_on

SHOWN = 50
VIEW = "core.job.view"
STATES: dict[str, tuple[Any, str]] = {
    "queued": (_l("Waiting"), "gray"),
    "running": (_l("Running"), "blue"),
    "done": (_l("Done"), "green"),
    "failed": (_l("Failed"), "red"),
    "cancelled": (_l("Cancelled"), "gray"),
}


@dataclass(frozen=True)
class Line:
    """A job as a list shows it."""

    id: int
    name: str
    label: Any
    status: str
    done: int
    total: int | None
    user: str | None
    created_at: datetime
    run_at: datetime
    finished_at: datetime | None
    attempts: int
    error: str | None
    result: dict[str, Any]


def label_of(name: str, label: str | None) -> Any:
    """What people read: the job's own words, else those of its kind; both for a routine job, whose words are a detail."""
    kind = HANDLERS.get(name)
    if kind is None or not kind.label:
        return label or name
    if not label:
        return kind.label
    return f"{kind.label}: {label}" if kind.quiet else label


def _lines(query: Select[Any]) -> list[Line]:
    user = record_type("user")
    query = query.with_only_columns(
        Job.id, Job.name, Job.label, Job.status, Job.done, Job.total, user.title.label("user"), Job.created_at,
        Job.run_at, Job.finished_at, Job.attempts, Job.error, Job.result,
    ).outerjoin(user.model, user.model.id == Job.user_id)  # fmt: skip
    return [
        Line(**{**row._mapping, "label": label_of(row.name, row.label), "result": outcome_of(row.name, row.result)})
        for row in session.execute(query)
    ]


def _visible(actor: Actor, *, routine: bool) -> Select[Any]:
    query = select(Job)
    if not actor.may(VIEW):
        query = query.where(Job.user_id == actor.id)
    return query if routine else query.where(Job.name.not_in(quiet_names()))


def unfinished_jobs(actor: Actor, *, routine: bool) -> list[Line]:
    """What runs, then what waits in the order in which it will run."""
    query = _visible(actor, routine=routine).where(Job.status.in_(UNFINISHED))
    lines = _lines(query.order_by(Job.status.desc(), Job.run_at, Job.id).limit(SHOWN))
    return sorted(lines, key=lambda line: (line.status != "running", line.run_at, line.id))


def failed_jobs(actor: Actor) -> list[Line]:
    """Routine or not: what failed wants to be seen."""
    return _lines(_visible(actor, routine=True).where(Job.status == "failed").order_by(Job.id.desc()).limit(SHOWN))


def ended_jobs(actor: Actor, *, routine: bool, before: int | None) -> list[Line]:
    """Done and cancelled, newest first; one more than a page, so that one knows whether there is a next."""
    query = _visible(actor, routine=routine).where(Job.status.in_(("done", "cancelled")))
    if before is not None:
        query = query.where(Job.id < before)
    return _lines(query.order_by(Job.id.desc()).limit(SHOWN + 1))


def failed_count(actor: Actor) -> int:
    """For the tab: how many failed, at most a page of them."""
    some = _visible(actor, routine=True).where(Job.status == "failed").with_only_columns(Job.id).limit(SHOWN)
    return session.scalar(select(func.count()).select_from(some.subquery())) or 0


def waiting_more(actor: Actor) -> int:
    """How many routine jobs wait unseen."""
    some = select(Job.id).where(Job.status.in_(UNFINISHED), Job.name.in_(quiet_names())).limit(1000)
    if not actor.may(VIEW):
        some = some.where(Job.user_id == actor.id)
    return session.scalar(select(func.count()).select_from(some.subquery())) or 0


def scheduled() -> Sequence[dict[str, Any]]:
    """What the system does by itself, and when next."""
    known = next_runs()
    return sorted(
        (
            {
                "label": entry.label,
                "every": entry.every,
                "next": known.get(entry.job, (None, None))[0],
                "last": known.get(entry.job, (None, None))[1],
            }
            for entry in schedules_on()
        ),
        key=lambda entry: str(entry["label"]),
    )
