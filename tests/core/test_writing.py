"""Many rows of a flush are one statement; what a transaction holds is neither locked nor read again."""

from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm.exc import StaleDataError

from erpcrm.access.models import Team
from erpcrm.core.audit import AuditEntry
from erpcrm.core.db import lock, once

TEAMS = Team.__table__


def teams(session: Any, *names: str) -> list[Team]:
    made = [Team(name=name) for name in names]
    session.add_all(made)
    session.flush()
    return made


def about(seen: list[str], begins: str) -> list[str]:
    return [one for one in seen if one.startswith(begins)]


def test_rows_of_one_table_are_written_in_one_statement_and_told_one_by_one(session: Any, count_queries: Any) -> None:
    first = teams(session, "First")[0]
    with count_queries() as seen:
        made = teams(session, "B", "A", "C", "D")
    assert len(about(seen, "INSERT INTO teams")) == 1
    assert [one.id for one in made] == [first.id + n for n in range(1, 5)], "in the order in which they were made"
    session.expire_all()
    assert session.scalars(select(Team.name).order_by(Team.id)).all() == ["First", "B", "A", "C", "D"]
    moments = {one.updated_at for one in made}
    for one in made:
        one.name = f"{one.name} {one.id}"
    with count_queries() as seen:
        session.flush()
    assert len(about(seen, "UPDATE teams")) == 1
    assert {one.version for one in made} == {2}
    assert not moments & {one.updated_at for one in made}
    rows = session.execute(select(TEAMS.c.id, TEAMS.c.version, TEAMS.c.name).where(TEAMS.c.id > first.id)).all()
    assert sorted(rows) == [(one.id, 2, one.name) for one in made]
    told = session.scalars(select(AuditEntry).where(AuditEntry.record_type == "team", AuditEntry.action == "changed"))
    assert {entry.changes["name"][1] for entry in told} == {one.name for one in made}


def test_one_row_among_many_that_somebody_else_has_changed_stops_them_all(session: Any) -> None:
    made = teams(session, "A", "B", "C", "D")
    session.commit()
    session.execute(update(TEAMS).where(TEAMS.c.id == made[2].id).values(version=7))
    for one in made:
        one.name += "!"
    with pytest.raises(StaleDataError, match="4 rows of teams were to be changed, 3 were found"):
        session.flush()
    session.rollback()
    assert sorted(session.scalars(select(Team.name))) == ["A", "B", "C", "D"]


def test_a_row_is_locked_and_read_once_in_a_transaction(session: Any, count_queries: Any) -> None:
    (team,) = teams(session, "A")
    with count_queries() as seen:
        lock(team)
    assert seen == [], "nobody else can see it yet"
    session.commit()
    with count_queries() as seen:
        lock(team)
        lock(team)
    assert len(about(seen, "SELECT teams")) == 1
    savepoint = session.begin_nested()
    lock(team)
    savepoint.rollback()
    with count_queries() as seen:
        lock(team)
    assert len(about(seen, "SELECT teams")) == 1, "what a savepoint has locked goes with it"
    session.commit()
    session.execute(update(TEAMS).values(name="B"))
    lock(team)
    assert team.name == "B", "in another transaction it is read anew"


def test_what_is_asked_once_is_asked_again_when_it_changes(session: Any) -> None:
    def count() -> int:
        return once(("teams",), lambda: session.scalar(select(func.count()).select_from(Team)), Team)

    assert count() == 0
    made = teams(session, "A", "B")
    assert count() == 2
    session.delete(made[0])
    session.flush()
    assert count() == 1
    session.rollback()
    assert count() == 0
