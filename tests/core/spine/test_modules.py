"""Switching areas off: what waits for one is named and goes on, and an area that others require stays."""

from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from erpcrm.core.audit import AuditEntry
from erpcrm.core.moves import make_move
from erpcrm.core.settings import setting
from tests.core.spine.papers import Paper, told


@pytest.fixture
def reader(client: FlaskClient, sign_in: Any, person: Any) -> FlaskClient:
    """Switches modules and sees papers, all of them, but may not sign any."""
    return sign_in(client, person("core.module.edit", "papers.paper.view", name="Boss", language="en"))


@pytest.fixture
def waiting(session: Any, writer: Any) -> list[Paper]:
    """Two papers that wait for a check, beside one that waits for nothing."""
    papers = [
        Paper(name=name, amount=Decimal(amount)) for name, amount in (("Big", 5000), ("Bigger", 9000), ("Small", 1))
    ]
    session.add_all(papers)
    session.flush()
    for paper in papers[:2]:
        make_move(paper, "sign", by=writer)
    session.commit()
    assert [paper.status for paper in papers] == ["checking", "checking", "draft"]
    told.clear()
    return papers


def states(session: Any) -> dict[str, str]:
    return dict(session.execute(select(Paper.name, Paper.status)).all())


def test_what_waits_for_an_area_is_named_before_it_is_switched_off(
    session: Any, reader: FlaskClient, waiting: list[Paper]
) -> None:
    answer = reader.post("/admin/modules/checks/off")
    assert (answer.status_code, answer.location) == (303, "/admin/modules/checks/off")
    assert setting("modules_off") == []
    assert states(session) == {"Big": "checking", "Bigger": "checking", "Small": "draft"}
    page = reader.get("/admin/modules/checks/off").text
    assert "2 records are in the state “Being checked”" in page
    assert f'href="/papers/{waiting[0].id}"' in page
    assert "Small" not in page


def test_switching_it_off_lets_them_go_on(session: Any, reader: FlaskClient, waiting: list[Paper]) -> None:
    page = reader.post("/admin/modules/checks/off", data={"seen": "1"}, follow_redirects=True).text
    assert "2 records that waited for it went on." in page
    assert setting("modules_off") == ["checks"]
    assert states(session) == {"Big": "valid", "Bigger": "valid", "Small": "draft"}
    assert told == [("consequence", "valid", "checking", None)] * 2, "its own area acts, the one that is off does not"
    reasons = session.scalars(select(AuditEntry.reason).where(AuditEntry.reason.is_not(None))).all()
    assert reasons == ["Checks was switched off"] * 2


def test_with_nothing_waiting_one_click_is_enough(session: Any, reader: FlaskClient) -> None:
    assert "Nothing waits for it." in reader.get("/admin/modules/checks/off").text
    assert reader.post("/admin/modules/checks/off").location == "/admin/modules"
    assert setting("modules_off") == ["checks"]


def test_names_of_records_outside_the_scope_are_counted_and_not_told(
    session: Any, client: FlaskClient, sign_in: Any, person: Any, waiting: list[Paper]
) -> None:
    for name, permissions, scope in (("Blind", [], "all"), ("Narrow", ["papers.paper.view"], "own")):
        sign_in(client, person("core.module.edit", *permissions, scope=scope, name=name, language="en"))
        page = client.get("/admin/modules/checks/off").text
        assert "2 records are in the state" in page
        assert "Bigger" not in page


def test_an_area_that_another_requires_stays_on(session: Any, reader: FlaskClient) -> None:
    for ask in (reader.get, reader.post):
        answer = ask("/admin/modules/papers/off")
        assert answer.status_code == 409
        assert "Switch off first: Checks." in answer.text
    reader.post("/admin/modules/checks/off")
    assert reader.post("/admin/modules/papers/off").status_code == 303
    assert reader.post("/admin/modules/checks/on").status_code == 409
    assert setting("modules_off") == ["checks", "papers"]


def test_when_one_cannot_go_on_nothing_is_switched(session: Any, reader: FlaskClient, waiting: list[Paper]) -> None:
    waiting[1].name = "stuck"
    session.commit()
    answer = reader.post("/admin/modules/checks/off", data={"seen": "1"})
    assert answer.status_code == 409
    assert "“stuck” waits for it and can&#39;t go on. Unstick it first." in answer.text
    assert setting("modules_off") == []
    assert set(states(session).values()) == {"checking", "draft"}
