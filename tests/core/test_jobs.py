"""Jobs: once queued they are done, step by step, once, with the rights of whose they are."""

import os
from collections.abc import Callable
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from erpcrm.access.models import Role, Team
from erpcrm.areas import AREAS
from erpcrm.core.access import require
from erpcrm.core.actor import current_actor
from erpcrm.core.area import Area
from erpcrm.core.audit import AuditEntry
from erpcrm.core.db import db, now
from erpcrm.core.errors import Refused
from erpcrm.core.i18n import _, locale_code
from erpcrm.core.jobs import DONE, MORE, Failed, Job, Outside, enqueue, handler
from erpcrm.core.jobs.claims import LEASE, claim, new_worker_name
from erpcrm.core.jobs.models import ScheduledWork
from erpcrm.core.jobs.schedules import enqueue_due, schedules_on
from erpcrm.core.jobs.services import cancel, run_again
from erpcrm.core.jobs.worker import GROWN, Worker
from erpcrm.core.registry import Registry
from erpcrm.core.settings import save_setting

seen: list[Any] = []


@pytest.fixture(autouse=True)
def nothing_seen() -> None:
    seen.clear()


def stored(record: Any) -> None:
    db.session.add(record)
    db.session.flush()


@handler("tests.teams", label="Make teams")
def make_teams(job: Job) -> Any:
    """One team a step."""
    n = job.state.get("at", 0)
    seen.append(n)
    stored(Team(name=f"Team {n}"))
    job.state["at"] = n + 1
    job.done = n + 1
    if job.state.get("crash_at") == n:
        raise ZeroDivisionError("a fault in the program")
    return MORE if n + 1 < job.total else DONE


@handler("tests.refuse")
def refuse(job: Job) -> None:
    raise Refused(_("Choose a file first."))


@handler("tests.who")
def who(job: Job) -> None:
    actor = current_actor()
    seen.append((actor.name if actor else None, locale_code()))
    stored(Role(name="made by a job"))
    if job.state.get("needs"):
        require(job.state["needs"])


@handler("tests.outside")
def ask_outside(job: Job) -> Any:
    if job.outcome is None:
        job.state["asked"] = job.state.get("asked", 0) + 1
        return Outside(lambda: seen.append("outside") or 6 * 7)
    job.result = {"text": str(job.outcome.value)}
    return DONE


@handler("tests.outside_fails", retries=(10,))
def fail_outside(job: Job) -> Any:
    if job.outcome is None:
        return Outside(lambda: 1 // 0)
    stored(Team(name=f"after try {job.attempts}"))
    return Failed(str(job.outcome.error))


def teams(session: Any) -> int:
    return session.scalar(select(func.count()).select_from(Team))


def test_a_job_is_done_step_by_step(session: Any, run_jobs: Callable[..., int]) -> None:
    job = enqueue("tests.teams", total=3)
    assert run_jobs() == 3
    assert (job.status, job.done, job.total, teams(session)) == ("done", 3, 3, 3)
    assert job.finished_at is not None
    assert job.worker is None


def test_a_job_is_queued_with_its_cause_or_not_at_all(session: Any, run_jobs: Callable[..., int]) -> None:
    session.add(Team(name="cause"))
    enqueue("tests.teams", total=1)
    session.rollback()
    assert run_jobs() == 0
    assert session.scalar(select(func.count()).select_from(Job)) == 0


def test_a_step_that_crashes_leaves_nothing_and_the_job_goes_on_where_it_was(
    session: Any, run_jobs: Callable[..., int], clock: Any
) -> None:
    job = enqueue("tests.teams", total=3, state={"crash_at": 1})
    run_jobs()
    assert (job.status, job.done, job.state["at"], teams(session)) == ("queued", 1, 1, 1)
    assert "ZeroDivisionError" in job.error
    assert "make_teams" in job.traceback
    assert run_jobs() == 0, "it waits before it is tried again"
    job.state = {"at": 1}
    clock.shift(timedelta(seconds=11))
    run_jobs()
    assert (job.status, job.error, job.attempts, teams(session)) == ("done", None, 0, 3)
    assert seen == [0, 1, 1, 2]


def test_a_job_that_crashes_again_and_again_ends_with_the_reason(
    session: Any, run_jobs: Callable[..., int], clock: Any
) -> None:
    job = enqueue("tests.teams", total=3, state={"crash_at": 0})
    for _try in range(6):
        run_jobs()
        clock.shift(timedelta(minutes=6))
    assert (job.status, job.attempts) == ("failed", 4)
    assert len(seen) == 4, "the first try and three more"
    assert job.error == "ZeroDivisionError: a fault in the program"
    assert teams(session) == 0


def test_a_refusal_is_final_and_told_in_the_users_language(
    session: Any, run_jobs: Callable[..., int], seller: Any
) -> None:
    job = enqueue("tests.refuse", by=seller)
    assert run_jobs() == 1
    assert job.status == "failed"
    assert job.error == "请先选择文件。"
    assert job.traceback is None


def test_a_job_acts_as_its_user_in_the_users_language(
    session: Any, run_jobs: Callable[..., int], seller: Any, colleague: Any
) -> None:
    enqueue("tests.who", by=seller)
    enqueue("tests.who", by=colleague)
    enqueue("tests.who")
    run_jobs()
    assert seen == [("王芳", "zh"), ("Anna Berg", "en"), (None, "zh")]
    made = select(AuditEntry.actor_id).where(AuditEntry.record_type == "role", AuditEntry.action == "created")
    assert session.scalars(made.order_by(AuditEntry.id.desc()).limit(3)).all() == [None, colleague.id, seller.id]


def test_a_job_may_do_no_more_than_its_user(session: Any, run_jobs: Callable[..., int], seller: Any) -> None:
    job = enqueue("tests.who", by=seller, state={"needs": "core.audit.view"})
    run_jobs()
    assert job.status == "failed"
    assert session.scalar(select(Role).where(Role.name == "made by a job")) is None


def test_the_job_of_a_user_who_was_sent_away_is_not_done(
    session: Any, run_jobs: Callable[..., int], seller: Any
) -> None:
    job = enqueue("tests.who", by=seller)
    seller.active = False
    run_jobs()
    assert (job.status, seen) == ("failed", [])


def test_what_is_called_outside_runs_between_two_steps(session: Any, run_jobs: Callable[..., int]) -> None:
    job = enqueue("tests.outside")
    assert run_jobs() == 2
    assert (job.status, job.result, job.state, seen) == ("done", {"text": "42"}, {"asked": 1}, ["outside"])


def test_a_failed_try_keeps_what_its_step_wrote(session: Any, run_jobs: Callable[..., int], clock: Any) -> None:
    job = enqueue("tests.outside_fails")
    run_jobs()
    assert (job.status, job.attempts, teams(session)) == ("queued", 1, 1)
    clock.shift(timedelta(seconds=11))
    run_jobs()
    assert (job.status, job.attempts, teams(session)) == ("failed", 2, 2)
    assert "division" in job.error


def test_the_job_of_a_dead_worker_is_taken_up_again(session: Any, run_jobs: Callable[..., int], clock: Any) -> None:
    job = enqueue("tests.teams", total=2, state={"at": 1})
    job.status, job.worker, job.heartbeat_at = "running", "elsewhere|1|gone", now()
    session.commit()
    clock.shift(LEASE - timedelta(seconds=1))
    assert run_jobs() == 0, "it may still live"
    clock.shift(timedelta(seconds=2))
    assert run_jobs() == 1
    assert (job.status, seen) == ("done", [1])


def test_a_job_that_kills_its_worker_each_time_is_given_up(session: Any, app: Flask, clock: Any) -> None:
    job = enqueue("tests.teams", total=2)
    for death in range(4):
        assert claim(f"elsewhere|{death}|x", ()) == (job.id, "tests.teams")
        clock.shift(LEASE + timedelta(seconds=1))
        session.commit()
    assert claim("other|1|y", ()) is None
    assert job.status == "failed"
    assert job.error


def test_two_workers_never_hold_the_same_job(session: Any, app: Flask) -> None:
    first, second = enqueue("tests.teams", total=1), enqueue("tests.teams", total=1)
    assert [claim(new_worker_name(), ()) for _worker in range(3)] == [
        (first.id, "tests.teams"),
        (second.id, "tests.teams"),
        None,
    ]


def test_a_long_job_does_not_keep_a_short_one_waiting(session: Any, run_jobs: Callable[..., int]) -> None:
    enqueue("tests.teams", total=50)
    enqueue("tests.outside")
    run_jobs()
    assert seen.index("outside") < 10


def test_a_cancelled_job_does_no_further_step(session: Any, run_jobs: Callable[..., int]) -> None:
    job = enqueue("tests.teams", total=3)
    cancel(job)
    assert run_jobs() == 0
    with pytest.raises(Refused):
        cancel(job)
    run_again(job)
    run_jobs()
    assert (job.status, teams(session)) == ("done", 3)
    with pytest.raises(Refused):
        run_again(job)


def of_toy(job: Job) -> None:
    seen.append("toy")


of_toy.__module__ = "erpcrm.toy.jobs"
handler("tests.toy")(of_toy)


def test_jobs_of_an_area_that_is_off_rest(
    app: Flask, session: Any, run_jobs: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.extensions, "erpcrm", Registry((*AREAS, Area("toy", "Toy"))))
    job = enqueue("tests.toy")
    save_setting("modules_off", ["toy"])
    assert run_jobs() == 0
    assert job.status == "queued"
    save_setting("modules_off", [])
    run_jobs()
    assert (job.status, seen) == ("done", ["toy"])


def test_each_due_run_becomes_one_job(session: Any, app: Flask, clock: Any) -> None:
    enqueue_due()
    enqueue_due()
    names = session.scalars(select(Job.name)).all()
    assert sorted(names) == sorted(schedule.job for schedule in schedules_on())
    clock.shift(timedelta(hours=7))
    enqueue_due()
    assert session.scalars(select(Job.name)).all() == names, "the first run has not ended yet"
    for job in session.scalars(select(Job)):
        job.status = "done"
    clock.shift(timedelta(hours=7))
    enqueue_due()
    due = [schedule.job for schedule in schedules_on() if schedule.every <= timedelta(hours=14)]
    assert "keys.sweep" in due
    assert sorted(session.scalars(select(Job.name).where(Job.status == "queued"))) == sorted(due)


def test_the_schedule_runs_by_itself(session: Any, run_jobs: Callable[..., int]) -> None:
    run_jobs(schedules=True)
    jobs = session.scalars(select(Job)).all()
    assert jobs
    assert {job.status for job in jobs} == {"done"}
    assert {row.name for row in session.scalars(select(ScheduledWork))} == {job.name for job in jobs}


def test_old_jobs_are_forgotten(session: Any, run_jobs: Callable[..., int], clock: Any) -> None:
    enqueue("tests.outside")
    enqueue("keys.sweep")
    run_jobs()
    clock.shift(timedelta(days=8))
    enqueue("jobs.sweep")
    run_jobs()
    assert session.scalars(select(Job.name).order_by(Job.id)).all() == ["tests.outside", "jobs.sweep"]
    clock.shift(timedelta(days=90))
    enqueue("jobs.sweep")
    run_jobs()
    assert session.scalars(select(Job.name)).all() == ["jobs.sweep"]


def test_a_worker_that_has_grown_ends_when_it_is_idle_and_is_not_missed(
    app: Flask, session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARENT_PID", str(os.getppid()))
    session.commit()
    worker = Worker(app, schedules=False)

    def work() -> None:
        with app.app_context():
            worker.run()

    thread = Thread(target=work)
    thread.start()
    thread.join(2)
    assert thread.is_alive()
    ballast = bytearray(b"x") * (GROWN + 32 * 1024**2)
    thread.join(30)
    ended, _kept = not thread.is_alive(), ballast
    worker.stop()
    thread.join()
    assert ended
