"""An application with the gizmos as one more area, on a database of its own."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import URL, event

from erpcrm.access.models import Role, Team
from erpcrm.access.services import create_user
from erpcrm.core.db import db
from tests.conftest import application_on
from tests.core.lists import gizmos
from tests.isolation import Pristine

EVERYTHING = ("gizmos.gizmo.view", "gizmos.gizmo.edit", "core.export.run", "access.user.view", "core.view.share")


@pytest.fixture(scope="package")
def database_url(new_database: Callable[[str], AbstractContextManager[URL]]) -> Iterator[URL]:
    with new_database("gizmos") as url:
        yield url


@pytest.fixture(scope="package")
def application(database_url: URL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, Pristine]]:
    with application_on(database_url, tmp_path_factory.mktemp("files"), gizmos.area) as found:
        yield found


@pytest.fixture
def team(app: Flask) -> Team:
    team = Team(name="East")
    db.session.add(team)
    db.session.flush()
    return team


@pytest.fixture
def person(app: Flask) -> Callable[..., Any]:
    """`person("Anna", scope="own", may=[...])`: somebody with exactly these permissions."""

    def make(name: str = "Anna", scope: str = "all", may: Any = EVERYTHING, team: Team | None = None) -> Any:
        role = Role(name=f"Role of {name}", permissions=list(may), scope=scope)
        db.session.add(role)
        db.session.flush()
        return create_user(name, f"{name.lower()}@test.example", roles=[role], team=team, language="en")

    return make


@pytest.fixture
def anna(person: Callable[..., Any]) -> Any:
    """Sees and does everything with gizmos."""
    return person()


@pytest.fixture
def web(client: Any, sign_in: Any, anna: Any) -> Any:
    """A client signed in as Anna."""
    return sign_in(client, anna)


@pytest.fixture
def make(app: Flask) -> Callable[..., gizmos.Gizmo]:
    """`make("Pump", amount=Decimal(5))`: a gizmo."""

    def make(name: str, **more: Any) -> gizmos.Gizmo:
        gizmo = gizmos.Gizmo(name=name, **more)
        db.session.add(gizmo)
        db.session.flush()
        return gizmo

    return make


@pytest.fixture
def statements() -> Callable[[], Any]:
    """`with statements() as seen:` collects the SQL of the block."""

    @contextmanager
    def collect() -> Iterator[list[str]]:
        seen: list[str] = []

        def remember(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
            if not statement.startswith(("PRAGMA", "BEGIN", "SET", "SHOW")):
                seen.append(statement)

        event.listen(db.engine, "before_cursor_execute", remember)
        try:
            yield seen
        finally:
            event.remove(db.engine, "before_cursor_execute", remember)

    return collect
