"""The verbs of jobs: put one in the queue, cancel it, run it again, forget old ones."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, or_, select

from ..actor import Actor
from ..db import lock, now, session
from ..errors import Refused
from ..i18n import _, _l
from ..idempotency import forget_old
from ..lifecycle import after_commit
from .handlers import HANDLERS, MORE, Progress, handler, quiet_names
from .models import UNFINISHED, Job
from .wake import wake_worker

QUIET_KEPT = timedelta(days=7)
KEPT = timedelta(days=90)
SWEEP_BATCH = 1000


def enqueue(
    name: str,
    *,
    state: dict[str, Any] | None = None,
    label: Any = None,
    by: Actor | None = None,
    total: int | None = None,
    run_at: datetime | None = None,
) -> Job:
    """Put a job into the queue, in the transaction that causes it: no job without its cause, no cause without its job.

    It runs with the rights and in the language of `by`, or as the system itself. `label` is what people read on the page.
    """
    if name not in HANDLERS:
        raise KeyError(name)
    job = Job(
        name=name,
        state=state or {},
        label=str(label) if label else None,
        user_id=by.id if by else None,
        total=total,
        run_at=run_at or now(),
    )
    session.add(job)
    session.flush()
    after_commit(wake_worker)
    return job


def cancel(job: Job) -> None:
    """Stop a job that waits or runs. What its steps have done so far stays. Refused when it has ended."""
    lock(job)
    if job.is_finished:
        raise Refused(_("This job has ended already."))
    job.status, job.finished_at, job.worker = "cancelled", now(), None
    session.flush()


def run_again(job: Job) -> None:
    """Put a failed or cancelled job back into the queue; it goes on where it stopped. Refused when it did not fail."""
    lock(job)
    if job.status not in ("failed", "cancelled"):
        raise Refused(_("Only a job that failed or was cancelled can run again."))
    if job.name not in HANDLERS:
        raise Refused(_("This version of the program does not know this kind of job any more."))
    job.status, job.run_at, job.attempts = "queued", now(), 0
    job.error = job.traceback = job.finished_at = None
    session.flush()
    after_commit(wake_worker)


def unfinished(name: str) -> bool:
    """Whether a job of this name waits or runs."""
    return session.scalar(select(Job.id).where(Job.name == name, Job.status.in_(UNFINISHED)).limit(1)) is not None


@handler("jobs.sweep", label=_l("Forget old jobs"), quiet=True)
def sweep(job: Job) -> Progress | None:
    """Drop what ended long ago: routine jobs after a week, others after three months."""
    old = or_(
        Job.finished_at < now() - KEPT,
        and_(Job.finished_at < now() - QUIET_KEPT, Job.name.in_(quiet_names()), Job.status == "done"),
    )
    ids: Sequence[int] = session.scalars(
        select(Job.id).where(Job.status.not_in(UNFINISHED), old).limit(SWEEP_BATCH)
    ).all()
    if ids:
        session.execute(delete(Job).where(Job.id.in_(ids)))
        job.done += len(ids)
    return MORE if len(ids) == SWEEP_BATCH else None


@handler("keys.sweep", label=_l("Forget the answers to old forms"), quiet=True)
def forget_keys(job: Job) -> None:
    """Idempotency keys for which no retry will come any more."""
    forget_old()
