"""Who works on which job: a worker claims a job, and keeps it by its heartbeat. A dead worker's jobs are taken up again."""

import os
import socket
from collections.abc import Collection
from datetime import timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any

from sqlalchemy import select, update

from ..db import now, session
from ..i18n import _
from ..registry import is_on, registry
from .handlers import HANDLERS
from .models import Job

LEASE = timedelta(seconds=60)
"""A running job without a heartbeat for so long belongs to nobody."""


_living: set[str] = set()
"""The workers of this process."""


def new_worker_name() -> str:
    """host|pid|token: the host and process tell a later worker on the same machine whether this one still lives."""
    name = f"{socket.gethostname()}|{os.getpid()}|{token_hex(4)}"
    _living.add(name)
    return name


def forget_worker(name: str) -> None:
    """From now on what it held is anybody's."""
    _living.discard(name)


def is_dead(worker: str) -> bool:
    """True when the worker ran on this machine and its process is gone."""
    host, pid, _token = worker.split("|")
    if host != socket.gethostname():
        return False
    if int(pid) == os.getpid():
        return worker not in _living  # a worker before us had our number (always so in a container)
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return _is_zombie(int(pid))


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (OSError, IndexError):
        return False


def resting_names() -> set[str]:
    """Jobs of areas that are switched off: they rest."""
    off = {area.name for area in registry().areas if not is_on(area)}
    return {kind.name for kind in HANDLERS.values() if kind.area in off}


def _due(skip: Collection[str]) -> Any:
    return (
        select(Job)
        .where(Job.status == "queued", Job.run_at <= now(), Job.name.not_in(sorted(skip)))
        .order_by(Job.run_at, Job.id)
        .limit(1)
    )


def _lost(me: str) -> list[int]:
    """Running jobs whose worker is gone. Few rows: only what runs at this moment."""
    running = session.execute(
        select(Job.id, Job.worker, Job.heartbeat_at).where(Job.status == "running", Job.worker != me)
    )
    limit = now() - LEASE
    return [job_id for job_id, worker, beat in running if beat is None or beat < limit or is_dead(worker or "")]


def anything_due(me: str, skip: Collection[str]) -> bool:
    """A cheap look, without a lock, so that an idle worker never stands in a writer's way."""
    return session.scalar(_due(skip).with_only_columns(Job.id)) is not None or bool(_lost(me))


def claim(me: str, skip: Collection[str]) -> tuple[int, str] | None:
    """Take one job for this worker: (id, name), or None when there is none. Two workers never get the same one."""
    for job_id in _lost(me):
        job = session.scalars(
            select(Job).where(Job.id == job_id, Job.status == "running").with_for_update(skip_locked=True)
        ).one_or_none()
        if (
            job is not None
            and (job.heartbeat_at is None or job.heartbeat_at < now() - LEASE or is_dead(job.worker or ""))
            and _take_over(job, me)
        ):
            return job.id, job.name
    job = session.scalars(_due(skip).with_for_update(skip_locked=True)).one_or_none()
    if job is None:
        return None
    _take(job, me)
    return job.id, job.name


def _take(job: Job, me: str) -> None:
    moment = now()
    job.status, job.worker, job.heartbeat_at = "running", me, moment
    job.started_at = job.started_at or moment
    session.flush()


def _take_over(job: Job, me: str) -> bool:
    """A job may have killed its worker (too little memory); one that does so again and again is not tried for ever."""
    job.attempts += 1
    kind = HANDLERS.get(job.name)
    if kind is not None and job.attempts > len(kind.retries):
        job.status, job.finished_at, job.worker = "failed", now(), None
        job.error = _("The worker ended %(times)s times in the middle of this job.", times=job.attempts)
        session.flush()
        return False
    _take(job, me)
    return True


def release(me: str) -> None:
    """Give back what this worker holds, because it ends: another one, or the next, goes on at once."""
    session.execute(
        update(Job).where(Job.status == "running", Job.worker == me).values(status="queued", worker=None, run_at=now())
    )
