"""The pages of jobs: one's own for everybody, all of them for who may see them."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event

from erpcrm.core.db import db, now
from erpcrm.core.errors import Refused
from erpcrm.core.i18n import _
from erpcrm.core.jobs import Job, enqueue, handler

HTMX = {"HX-Request": "true"}


@handler("tests.page")
def work(job: Job) -> None:
    if job.state.get("refuse"):
        raise Refused("the file is not there any more")
    if job.state.get("crash"):
        raise ZeroDivisionError
    job.result = {"text": "all is well", "url": "/notifications"}


@handler("tests.counting", tells=lambda result: _("and %(count)s more", count=result["found"]))
def count(job: Job) -> None:
    job.result = {"found": 3}


@pytest.fixture
def jobs(session: Any, run_jobs: Callable[..., int], seller: Any, colleague: Any) -> dict[str, int]:
    """A job that is done, one that was refused and one that crashed for the last time, of the seller; one of a colleague."""
    made = {
        "done": enqueue("tests.page", label="Import of customers", by=seller),
        "refused": enqueue("tests.page", label="Export of leads", by=seller, state={"refuse": True}),
        "crashed": enqueue("tests.page", label="Crashing work", by=seller, state={"crash": True}),
        "theirs": enqueue("tests.page", label="Work of a colleague", by=colleague),
    }
    made["crashed"].attempts = 3
    run_jobs()
    made["running"] = enqueue("tests.page", label="Long import", by=seller, total=400)
    made["running"].status, made["running"].done, made["running"].worker = "running", 100, "elsewhere|1|x"
    made["running"].heartbeat_at = now()
    session.commit()
    return {name: job.id for name, job in made.items()}


def test_what_came_out_is_told_in_the_language_of_whoever_looks(
    client: Any, sign_in: Any, seller: Any, run_jobs: Callable[..., int]
) -> None:
    job = enqueue("tests.counting", by=seller)
    run_jobs()
    sign_in(client, seller)
    for language, words in (("en", "and 3 more"), ("zh", "另有 3 项")):
        seller.language = language
        for address in (f"/jobs/{job.id}", "/jobs?tab=ended"):
            assert words in client.get(address).text


def test_a_user_sees_their_own_jobs(client: Any, sign_in: Any, seller: Any, jobs: dict[str, int]) -> None:
    sign_in(client, seller)
    now_page = client.get("/jobs").text
    assert "Long import" in now_page
    assert 'value="100" max="400"' in now_page
    assert "Import of customers" in client.get("/jobs?tab=ended").text
    failed = client.get("/jobs?tab=failed").text
    assert "the file is not there any more" in failed
    assert "Crashing work" in failed
    for tab in ("now", "ended", "failed", "scheduled"):
        assert "Work of a colleague" not in client.get(f"/jobs?tab={tab}").text
    assert client.get(f"/jobs/{jobs['theirs']}").status_code == 404
    assert client.post(f"/jobs/{jobs['theirs']}/cancel").status_code == 404


def test_an_administrator_sees_all_jobs_their_faults_and_the_schedule(
    client: Any, sign_in: Any, admin: Any, seller: Any, jobs: dict[str, int]
) -> None:
    sign_in(client, admin)
    assert "Work of a colleague" in client.get("/jobs?tab=ended").text
    assert "ZeroDivisionError" in client.get(f"/jobs/{jobs['crashed']}").text
    assert "Forget old jobs" in client.get("/jobs?tab=scheduled").text
    sign_in(client, seller)
    assert "Traceback" not in client.get(f"/jobs/{jobs['crashed']}").text
    assert "Forget old jobs" not in client.get("/jobs?tab=scheduled").text


def test_the_page_asks_again_only_while_something_runs(
    session: Any, client: Any, sign_in: Any, seller: Any, jobs: dict[str, int]
) -> None:
    sign_in(client, seller)
    assert 'hx-trigger="every 2s"' in client.get("/jobs").text
    part = client.get("/jobs", headers=HTMX | {"HX-Target": "div#jobs_list"}).text
    assert part.lstrip().startswith('<div id="jobs_list"')
    session.get(Job, jobs["running"]).status = "cancelled"
    session.commit()
    assert "every 2s" not in client.get("/jobs").text


def test_progress_can_be_embedded_and_the_page_is_renewed_at_the_end(
    session: Any, client: Any, sign_in: Any, seller: Any, jobs: dict[str, int]
) -> None:
    sign_in(client, seller)
    url, headers = f"/jobs/{jobs['running']}", HTMX | {"HX-Target": "div#progress"}
    part = client.get(url, headers=headers)
    assert part.text.lstrip().startswith('<div id="progress"')
    assert 'value="100" max="400"' in part.text
    assert "HX-Refresh" not in part.headers
    session.get(Job, jobs["running"]).status = "done"
    session.commit()
    assert client.get(url, headers=headers).headers["HX-Refresh"] == "true"
    assert "all is well" in client.get(f"/jobs/{jobs['done']}").text
    assert 'href="/notifications"' in client.get(f"/jobs/{jobs['done']}").text


def test_a_failed_job_can_be_run_again_and_a_running_one_cancelled(
    session: Any, client: Any, sign_in: Any, seller: Any, jobs: dict[str, int], run_jobs: Callable[..., int]
) -> None:
    sign_in(client, seller)
    session.get(Job, jobs["refused"]).state = {}
    session.commit()
    assert client.post(f"/jobs/{jobs['refused']}/again").status_code == 303
    assert client.post(f"/jobs/{jobs['running']}/cancel").status_code == 303
    assert client.post(f"/jobs/{jobs['running']}/cancel").status_code == 409
    assert client.post(f"/jobs/{jobs['done']}/again").status_code == 409
    run_jobs()
    statuses = {name: session.get(Job, job_id).status for name, job_id in jobs.items()}
    assert statuses == {
        "done": "done", "refused": "done", "crashed": "failed", "theirs": "done", "running": "cancelled",
    }  # fmt: skip


def test_routine_jobs_are_listed_when_asked_for(
    client: Any, sign_in: Any, admin: Any, run_jobs: Callable[..., int]
) -> None:
    enqueue("keys.sweep")
    run_jobs()
    enqueue("jobs.sweep")
    sign_in(client, admin)
    assert "old forms" not in client.get("/jobs?tab=ended").text
    assert "old forms" in client.get("/jobs?tab=ended&routine=1").text
    page = client.get("/jobs").text
    assert "Forget old jobs" not in page
    assert "/jobs?routine=1" in page
    assert "Forget old jobs" in client.get("/jobs?routine=1").text


def test_older_jobs_are_a_page_further(session: Any, client: Any, sign_in: Any, seller: Any) -> None:
    for n in range(60):
        enqueue("tests.page", label=f"Work {n:02}", by=seller).status = "done"
    for job in session.query(Job):
        job.finished_at = now()
    sign_in(client, seller)
    first = client.get("/jobs?tab=ended").text
    older = re.search(r'href="(/jobs\?[^"]*before=[^"]*)"', first)
    assert "Work 59" in first
    assert "Work 05" not in first
    assert older is not None
    assert "Work 05" in client.get(older.group(1).replace("&amp;", "&")).text


def test_the_number_of_queries_does_not_grow_with_the_number_of_jobs(
    session: Any, client: Any, sign_in: Any, admin: Any
) -> None:
    sign_in(client, admin)
    counts = []
    for _round in range(2):
        for n in range(40):
            enqueue("tests.page", label=f"Work {n}", by=admin)
        statements: list[str] = []
        session.commit()

        def note(_connection: Any, _cursor: Any, statement: str, *_more: Any, into: list[str] = statements) -> None:
            into.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        assert client.get("/jobs").status_code == 200
        event.remove(db.engine, "before_cursor_execute", note)
        counts.append(sum(statement.startswith("SELECT") for statement in statements))
    assert counts[0] == counts[1] <= 12
