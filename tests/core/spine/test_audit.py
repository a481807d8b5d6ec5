"""The audit trail: who changed what from what to what, whether or not the code thought of it."""

from decimal import Decimal
from typing import Any

from sqlalchemy import select

from erpcrm.core.actor import acting_as
from erpcrm.core.audit import AuditEntry
from erpcrm.core.moves import make_move
from tests.core.spine.papers import Page, Paper


def trail(session: Any, name: str = "paper") -> list[tuple[Any, ...]]:
    session.flush()
    entries = session.scalars(select(AuditEntry).where(AuditEntry.record_type == name).order_by(AuditEntry.id))
    return [(entry.action, entry.part, entry.changes) for entry in entries]


def test_making_changing_and_deleting_are_written_down(session: Any, app: Any) -> None:
    paper = Paper(name="first", amount=Decimal("1000.50"))
    session.add(paper)
    session.flush()
    paper.name, paper.amount = "second", Decimal(2000)
    session.flush()
    paper.name = "second"
    session.flush()
    session.delete(paper)
    assert trail(session) == [
        ("created", None, {"name": [None, "first"], "amount": [None, "1000.5"]}),
        ("changed", None, {"name": ["first", "second"], "amount": ["1000.5", "2000"]}),
        ("deleted", None, {"name": ["second", None], "amount": ["2000", None], "percent": [100, None]}),
    ]


def test_a_part_is_written_down_at_its_whole(session: Any, app: Any) -> None:
    paper = Paper(name="contract")
    session.add(paper)
    session.flush()
    session.add(Page(paper_id=paper.id, text="one"))
    assert trail(session)[1:] == [("created", "page", {"paper_id": [None, paper.id], "text": [None, "one"]})]
    assert trail(session, "page") == []


def test_wholes_and_parts_that_change_together_take_one_statement(session: Any, app: Any, count_queries: Any) -> None:
    paper = Paper(name="contract")
    session.add(paper)
    session.flush()
    for number in range(3):
        session.add_all([Page(paper_id=paper.id, text="text"), Paper(name=f"number {number}")])
    with count_queries() as statements:
        session.flush()
    assert len([statement for statement in statements if "INTO audit_entries" in statement]) == 1
    assert [part for _action, part, _changes in trail(session)].count("page") == 3


def test_the_entry_names_who_acted(session: Any, writer: Any) -> None:
    with acting_as(writer):
        session.add(Paper(name="by the writer"))
        session.flush()
    session.add(Paper(name="by the system"))
    session.flush()
    query = select(AuditEntry.actor_id).where(AuditEntry.record_type == "paper").order_by(AuditEntry.id)
    assert session.scalars(query).all() == [writer.id, None]


def test_a_move_is_one_entry_with_its_reason(session: Any, writer: Any) -> None:
    paper = Paper(name="contract")
    session.add(paper)
    session.flush()
    make_move(paper, "void", by=writer, reason="a typing error")
    [_created, moved] = session.scalars(
        select(AuditEntry).where(AuditEntry.record_type == "paper").order_by(AuditEntry.id)
    )
    assert (moved.action, moved.changes, moved.reason) == ("void", {"status": ["draft", "void"]}, "a typing error")


def test_what_is_rolled_back_leaves_no_entry(session: Any, app: Any) -> None:
    session.add(Paper(name="never"))
    session.flush()
    session.rollback()
    assert trail(session) == []


def test_a_password_is_never_written_down(session: Any, writer: Any) -> None:
    writer.password_hash = "hashed"
    session.flush()
    entries = session.scalars(select(AuditEntry).where(AuditEntry.record_type == "user"))
    assert all("password_hash" not in entry.changes for entry in entries)
