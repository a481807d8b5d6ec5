"""What a transaction holds is neither locked nor read again."""

from typing import Any

from sqlalchemy import func, select, update

from erpcrm.access.models import Team
from erpcrm.core.db import lock, once

TEAMS = Team.__table__


def teams(session: Any, *names: str) -> list[Team]:
    made = [Team(name=name) for name in names]
    session.add_all(made)
    session.flush()
    return made


def about(seen: list[str], begins: str) -> list[str]:
    return [one for one in seen if one.startswith(begins)]


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
