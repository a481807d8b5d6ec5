"""One request, one transaction: all of it or nothing of it."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from erpcrm.core.db import db
from erpcrm.core.lifecycle import transaction
from erpcrm.core.settings import save_setting
from tests.core.spine.papers import Paper, Trace, told


def names(session: Any) -> list[str]:
    return list(session.scalars(select(Paper.name)))


def traces(session: Any) -> list[str]:
    return list(session.scalars(select(Trace.text)))


@pytest.fixture
def at_desk(client: Any, sign_in: Any, writer: Any) -> Any:
    return sign_in(client, writer)


def test_what_a_request_did_is_committed_and_told_afterwards(session: Any, at_desk: Any) -> None:
    assert at_desk.post("/papers", data={"name": "offer"}).status_code == 303
    assert names(session) == ["offer"]
    assert told == [("committed", "offer")]
    assert traces(session) == ["somebody wrote offer"]


@pytest.mark.parametrize(("ending", "status"), [("refuse", 409), ("crash", 500), ("invalid", 422)])
def test_a_request_that_does_not_succeed_leaves_nothing_but_what_was_to_be_kept(
    app: Flask, session: Any, at_desk: Any, monkeypatch: pytest.MonkeyPatch, ending: str, status: int
) -> None:
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    assert at_desk.post("/papers", data={"name": "offer", "then": ending}).status_code == status
    assert names(session) == []
    assert told == []
    assert traces(session) == ["somebody wrote offer"]


def test_a_refusal_says_what_to_do(at_desk: Any) -> None:
    answer = at_desk.post("/papers", data={"name": "offer", "then": "refuse"})
    assert "Not today. Come back tomorrow." in answer.text
    part = at_desk.post("/papers", data={"name": "offer", "then": "refuse"}, headers={"HX-Request": "true"})
    assert part.headers["HX-Retarget"] == "#notices"
    assert "<html" not in part.text


def test_a_request_that_committed_succeeds_although_what_comes_after_it_fails(session: Any, at_desk: Any) -> None:
    assert at_desk.post("/papers", data={"name": "offer", "then": "careless"}).status_code == 303
    assert names(session) == ["offer"]
    assert traces(session) == ["somebody wrote offer"]


def test_a_get_cannot_write(app: Flask, session: Any, at_desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    assert at_desk.get("/papers/sneaky").status_code >= 500
    assert traces(session) == []
    assert at_desk.post("/papers", data={"name": "offer"}).status_code == 303, "the next one writes"


def test_an_outdated_edit_is_shown_both_versions_and_loses_nothing(session: Any, at_desk: Any, writer: Any) -> None:
    paper = Paper(name="first", owner_id=writer.id)
    session.add(paper)
    session.commit()
    assert at_desk.post(f"/papers/{paper.id}", data={"name": "theirs", "version": 1}).status_code == 303
    answer = at_desk.post(f"/papers/{paper.id}", data={"name": "mine", "version": 1})
    assert answer.status_code == 409
    assert "theirs" in answer.text
    assert 'value="mine"' in answer.text
    assert 'name="version" value="2"' in answer.text
    assert names(session) == ["theirs"]
    assert at_desk.post(f"/papers/{paper.id}", data={"name": "mine", "version": 2}).status_code == 303
    assert names(session) == ["mine"]


def test_a_transaction_inside_another_is_an_error(session: Any, app: Flask) -> None:
    with pytest.raises(RuntimeError), transaction():  # noqa: PT012 - the nesting is what must fail
        session.add(Trace(text="outer"))
        with transaction():
            session.add(Trace(text="inner"))
    assert traces(session) == []


def test_the_pages_of_an_area_that_is_off_are_not_there(session: Any, at_desk: Any, writer: Any) -> None:
    assert at_desk.get("/papers/open").status_code == 200
    save_setting("modules_off", ["papers", "checks"])
    assert at_desk.get("/papers/open").status_code == 404
    assert at_desk.post("/papers", data={"name": "offer"}).status_code == 404
    assert names(session) == []


def test_a_wrong_method_and_an_unknown_address_are_answered_politely(at_desk: Any) -> None:
    assert at_desk.get("/nowhere").status_code == 404
    assert at_desk.post("/papers/open").status_code == 405


def test_the_commands_rollback_reaches_what_services_flushed(session: Any, app: Flask) -> None:
    with transaction() as unit:
        session.add(Trace(text="never"))
        session.flush()
        unit.discard()
    assert traces(session) == []


def test_health_is_asked_without_signing_in(client: Any, run_jobs: Callable[..., int]) -> None:
    assert client.get("/healthz").text == "ok\n"


def test_health_is_told_while_somebody_writes(app: Flask, client: Any, count_queries: Any) -> None:
    """On SQLite there is one writer at a time: whoever only asks must not stand in that queue."""
    with count_queries() as seen:
        client.get("/healthz")
    assert "SELECT 1" in seen
    assert "BEGIN IMMEDIATE" not in seen


def test_health_is_bad_while_the_database_does_not_answer(app: Flask, client: Any) -> None:
    def refuse(*_connection: Any) -> None:
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    event.listen(db.engine, "before_cursor_execute", refuse)
    try:
        assert client.get("/healthz").status_code == 503
    finally:
        event.remove(db.engine, "before_cursor_execute", refuse)
