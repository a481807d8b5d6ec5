"""A second tap does nothing twice and gets the first one's answer."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from erpcrm.core.idempotency import IdempotencyKey
from erpcrm.core.jobs import enqueue
from tests.core.spine.papers import Paper


def count(session: Any) -> int:
    return session.scalar(select(func.count()).select_from(Paper))


@pytest.fixture
def at_desk(client: Any, sign_in: Any, writer: Any) -> Any:
    return sign_in(client, writer)


def test_the_second_tap_gets_the_first_ones_answer(session: Any, at_desk: Any) -> None:
    first, second = (at_desk.post("/papers", data={"name": "offer", "_key": "k1"}) for _tap in range(2))
    assert count(session) == 1
    assert (second.status_code, second.headers["Location"]) == (303, first.headers["Location"])


def test_a_retry_by_script_may_send_the_key_as_a_header(session: Any, at_desk: Any) -> None:
    for _tap in range(2):
        answer = at_desk.post("/papers", data={"name": "offer"}, headers={"Idempotency-Key": "k", "HX-Request": "true"})
        assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/papers/1")
    assert count(session) == 1


def test_another_form_does_its_own_thing(session: Any, at_desk: Any) -> None:
    for key in ("k1", "k2"):
        at_desk.post("/papers", data={"name": "offer", "_key": key})
    at_desk.post("/papers", data={"name": "offer"})
    at_desk.post("/papers", data={"name": "offer"})
    assert count(session) == 4


@pytest.mark.parametrize(("ending", "status"), [("refuse", 409), ("invalid", 422)])
def test_what_was_refused_can_be_tried_again(session: Any, at_desk: Any, ending: str, status: int) -> None:
    assert at_desk.post("/papers", data={"name": "offer", "_key": "k", "then": ending}).status_code == status
    assert at_desk.post("/papers", data={"name": "offer", "_key": "k"}).status_code == 303
    assert count(session) == 1


def test_nobody_gets_the_answer_to_somebody_elses_key(
    session: Any, app: Any, at_desk: Any, sign_in: Any, person: Any
) -> None:
    at_desk.post("/papers", data={"name": "mine", "_key": "k"})
    other = sign_in(app.test_client(), person("papers.paper.edit", name="Other"))
    answer = other.post("/papers", data={"name": "theirs", "_key": "k"})
    assert answer.headers["Location"] == "/papers/2"
    stranger = sign_in(app.test_client(), person(name="Stranger"))
    assert stranger.post("/papers", data={"name": "theirs", "_key": "k"}).status_code == 403


def test_old_keys_are_forgotten(session: Any, clock: Any, at_desk: Any, run_jobs: Any) -> None:
    at_desk.post("/papers", data={"name": "offer", "_key": "old"})
    clock.shift(timedelta(days=3))
    at_desk.post("/papers", data={"name": "offer", "_key": "new"})
    enqueue("keys.sweep")
    run_jobs()
    [key] = session.scalars(select(IdempotencyKey.key))
    assert key.endswith(":new")
