"""A worker may die at any moment: no job is lost, none has its effect twice."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from erpcrm.access.models import Team
from erpcrm.core.jobs import Job, enqueue
from tests.races.conftest import ROOT, eventually

pytestmark = pytest.mark.races
Start = Callable[[], subprocess.Popen[bytes]]


def looked_at(session: Any, query: Any) -> Any:
    """What others have committed by now."""
    session.rollback()
    found = session.scalars(query).all()
    session.rollback()
    return found


def status_is(session: Any, job: Job, status: str) -> Callable[[], bool]:
    query = select(Job.status).where(Job.id == job.id)
    return lambda: looked_at(session, query) == [status]


def names(session: Any) -> list[str]:
    return list(looked_at(session, select(Team.name).order_by(Team.id)))


def test_a_job_that_is_killed_in_the_middle_of_a_step_has_its_effect_once(
    session: Any, start_worker: Start, tmp_path: Path
) -> None:
    marker = tmp_path / "in the middle"
    job = enqueue("races.count", total=6, state={"stop_at": 3, "marker": str(marker)})
    session.commit()
    worker = start_worker()
    eventually(marker.exists, "the worker is in the middle of step 3")
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    assert names(session) == [f"job {job.id} step {n}" for n in range(3)]
    start_worker()
    eventually(status_is(session, job, "done"), "the next worker finishes the job")
    assert names(session) == [f"job {job.id} step {n}" for n in range(6)]


def test_a_job_that_is_killed_while_it_asks_outside_asks_again(
    session: Any, start_worker: Start, tmp_path: Path
) -> None:
    marker = tmp_path / "outside"
    job = enqueue("races.outside", state={"marker": str(marker)})
    session.commit()
    worker = start_worker()
    eventually(marker.exists, "the worker asks outside")
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    start_worker()
    eventually(status_is(session, job, "done"), "the next worker finishes the job")
    assert names(session) == ["asked 0", "asked 1", "answered"]


def test_two_workers_do_each_job_once(session: Any, start_worker: Start) -> None:
    jobs = [enqueue("races.count", total=3) for _job in range(20)]
    session.commit()
    start_worker()
    start_worker()
    done = select(func.count()).select_from(Job).where(Job.name == "races.count", Job.status == "done")
    eventually(lambda: looked_at(session, done) == [20], "all jobs are done")
    assert sorted(names(session)) == sorted(f"job {job.id} step {n}" for job in jobs for n in range(3))


def test_a_worker_that_is_asked_to_end_gives_its_jobs_back(session: Any, start_worker: Start) -> None:
    job = enqueue("races.count", total=1_000_000)
    session.commit()
    worker = start_worker()
    eventually(lambda: len(names(session)) > 2, "the job runs")
    worker.terminate()
    assert worker.wait(timeout=30) == 0
    assert status_is(session, job, "queued")()
    steps = names(session)
    assert steps == [f"job {job.id} step {n}" for n in range(len(steps))]
    session.refresh(job)
    assert job.state["at"] == len(steps)


def test_a_worker_ends_with_its_parent(session: Any, start_worker: Start, tmp_path: Path) -> None:
    """The parent is killed, so that it can't tell its child anything."""
    told = tmp_path / "pid"
    script = (
        "import subprocess, sys, signal, pathlib\n"
        "child = subprocess.Popen([sys.executable, '-m', 'flask', '--app', 'tests.races.working:make', 'worker'])\n"
        "pathlib.Path(sys.argv[1]).write_text(str(child.pid))\n"
        "signal.pause()\n"
    )
    job = enqueue("races.count", total=1_000_000)
    session.commit()
    environment = os.environ | {
        "DATABASE_URL": session.get_bind().engine.url.render_as_string(hide_password=False),
        "SECRET_KEY": "tests only",
    }
    session.rollback()
    parent = subprocess.Popen([sys.executable, "-c", script, str(told)], cwd=ROOT, env=environment)
    try:
        eventually(status_is(session, job, "running"), "the child works")
    finally:
        parent.kill()
        parent.wait()
    child = int(told.read_text())
    eventually(status_is(session, job, "queued"), "the child has given its job back")
    eventually(lambda: not alive(child), "the child has ended")


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
