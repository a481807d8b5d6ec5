"""Workflows: only legal moves, guards before, consequences and effects after, all or nothing."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from erpcrm.core.audit import AuditEntry
from erpcrm.core.errors import NotAllowed, NotThere, Refused, Stale
from erpcrm.core.moves import make_move
from erpcrm.core.registry import registry
from erpcrm.core.settings import save_setting
from erpcrm.core.workflow import Workflow
from tests.core.spine.papers import FLOW, Paper, Trace, told


def made(session: Any, name: str = "contract", amount: int = 10, status: str = "draft") -> Paper:
    paper = Paper(name=name, amount=Decimal(amount), status=status)
    session.add(paper)
    session.flush()
    return paper


def moves_of(session: Any, paper: Paper) -> list[Any]:
    entries = session.execute(
        select(AuditEntry.action, AuditEntry.changes).where(
            AuditEntry.action != "created", AuditEntry.record_type == "paper"
        )
    )
    return [tuple(entry) for entry in entries]


def test_a_move_changes_the_state_and_tells_own_and_upper_area(session: Any, writer: Any) -> None:
    paper = made(session)
    make_move(paper, "sign", by=writer, place="Berlin")
    assert paper.status == "valid"
    assert told == [("consequence", "valid", "draft", "Berlin"), ("effect", "valid")]
    assert session.scalars(select(Trace.text)).all() == ["contract is valid"]
    assert moves_of(session, paper) == [("sign", {"status": ["draft", "valid"]})]


def test_an_illegal_move_is_an_error(session: Any, writer: Any) -> None:
    paper = made(session, status="void")
    with pytest.raises(Refused, match="Void"):
        make_move(paper, "sign", by=writer)
    with pytest.raises(NotThere):
        make_move(paper, "dance", by=writer)
    assert (paper.status, told) == ("void", [])


def test_a_move_needs_its_permission(session: Any, person: Any) -> None:
    paper = made(session)
    with pytest.raises(NotAllowed):
        make_move(paper, "sign", by=person("papers.paper.edit", name="Reader"))
    assert paper.status == "draft"
    make_move(paper, "sign", by=None)
    assert paper.status == "valid", "the system itself may"


def test_a_move_that_asks_for_a_reason_is_not_made_without(session: Any, writer: Any) -> None:
    paper = made(session)
    for reason in (None, "", "  "):
        with pytest.raises(Refused):
            make_move(paper, "void", by=writer, reason=reason)
    make_move(paper, "void", by=writer, reason="wrong customer")
    assert paper.status == "void"


def test_a_guard_says_no_with_what_to_do(session: Any, writer: Any) -> None:
    paper = made(session, name="forbidden")
    with pytest.raises(Refused, match="Write another one"):
        make_move(paper, "sign", by=writer)
    assert (paper.status, told) == ("draft", [])


def test_a_guard_may_let_a_record_wait_and_a_second_try_passes(session: Any, writer: Any) -> None:
    paper = made(session, amount=5000)
    make_move(paper, "sign", by=writer)
    assert (paper.status, told) == ("checking", []), "nothing is told before it is valid"
    make_move(paper, "sign", by=writer)
    assert paper.status == "valid"
    assert len(told) == 2
    assert moves_of(session, paper) == [
        ("sign", {"status": ["draft", "checking"]}),
        ("sign", {"status": ["checking", "valid"]}),
    ]


def test_an_area_that_is_off_neither_guards_nor_acts(session: Any, writer: Any) -> None:
    save_setting("modules_off", ["checks"])
    large, forbidden = made(session, amount=5000), made(session, name="forbidden")
    make_move(large, "sign", by=writer)
    make_move(forbidden, "sign", by=writer)
    assert (large.status, forbidden.status) == ("valid", "valid")
    assert session.scalars(select(Trace.text)).all() == []


def test_a_move_of_an_outdated_version_is_not_made(session: Any, writer: Any) -> None:
    paper = made(session)
    paper.name = "changed meanwhile"
    session.flush()
    with pytest.raises(Stale):
        make_move(paper, "sign", by=writer, version=1)
    make_move(paper, "sign", by=writer, version=2)
    assert paper.status == "valid"


def test_the_database_takes_no_unknown_state(session: Any, app: Any) -> None:
    with pytest.raises(IntegrityError):
        made(session, status="nonsense")


def test_a_user_is_offered_the_moves_that_are_possible_now(session: Any, writer: Any, person: Any) -> None:
    paper = made(session)
    assert [move.name for move in FLOW.moves_for(paper, writer)] == ["sign", "void"]
    assert FLOW.moves_for(paper, person("papers.paper.view", name="Reader")) == []


def test_a_move_over_http_is_refused_politely(session: Any, client: Any, sign_in: Any, writer: Any) -> None:
    paper = made(session, status="void")
    session.commit()
    sign_in(client, writer)
    assert client.post(f"/papers/{paper.id}/sign").status_code == 409
    assert client.post(f"/papers/{paper.id}/revive").status_code == 303
    session.refresh(paper)
    assert paper.status == "draft"


def test_every_workflow_is_sound(app: Any) -> None:
    assert registry().workflows
    for flow in registry().workflows.values():
        assert problems(flow) == [], flow.name


def problems(flow: Workflow) -> list[str]:
    """Each state can be reached from the first, ends apart each can be left, and no move names what is not there."""
    known = set(flow.state)
    found = [f"two states are called {state.value}" for state in flow.states if flow.state[state.value] is not state]
    edges: set[tuple[str, str]] = set()
    for move in flow.moves:
        named = {*move.sources, move.target, *([move.waits_in] if move.waits_in else [])}
        found += [f"{move.name} names the unknown state {state}" for state in sorted(named - known)]
        edges |= {(source, move.target) for source in move.sources}
        if move.waits_in is not None:
            edges |= {(source, move.waits_in) for source in move.sources}
            if move.waits_in not in move.sources:
                found.append(f"{move.name} can't be made again from {move.waits_in}")
        if move.permission not in registry().permissions:
            found.append(f"{move.name} needs the unknown permission {move.permission}")
    reached, frontier = {flow.initial}, [flow.initial]
    while frontier:
        here = frontier.pop()
        new = {target for source, target in edges if source == here} - reached
        reached |= new
        frontier += new
    return found + [f"{state} can't be reached" for state in sorted(known - reached)]
