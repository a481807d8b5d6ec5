"""Every test starts from the same database, although what a request does is really committed."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Protocol

from sqlalchemy import Connection, Engine, event, text

EMPTY = ""
"""The state in which the database was found."""


class Pristine(Protocol):
    """States of a database that were remembered, and the way back to each."""

    def remember(self, state: str) -> None:
        """Keep what is in the database now."""

    def knows(self, state: str) -> bool: ...

    def restore(self, state: str = EMPTY) -> None:
        """Bring a state back that was remembered."""


@contextmanager
def pristine(engine: Engine) -> Iterator[Pristine]:
    """Remember what is in the database now as the state EMPTY."""
    if engine.dialect.name == "postgresql":
        yield PostgreSQL(engine)
        return

    @event.listens_for(engine, "connect")
    def hurry(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA synchronous=OFF")

    engine.dispose()
    with closing(SQLite(engine.url.database or "")) as found:
        yield found


class SQLite:
    """Copies all pages back with SQLite's backup interface: 2 ms, and other connections may stay open."""

    def __init__(self, path: str) -> None:
        self._target = sqlite3.connect(path, isolation_level=None)
        self._target.execute("PRAGMA synchronous=OFF")
        self._states: dict[str, sqlite3.Connection] = {}
        self.remember(EMPTY)

    def remember(self, state: str) -> None:
        self._states[state] = sqlite3.connect(":memory:")
        self._target.backup(self._states[state])
        self._now = state, self._changes()

    def knows(self, state: str) -> bool:
        return state in self._states

    def restore(self, state: str = EMPTY) -> None:
        if self._now != (state, self._changes()):
            self._states[state].backup(self._target)
            self._now = state, self._changes()

    def close(self) -> None:
        for connection in (self._target, *self._states.values()):
            connection.close()

    def _changes(self) -> int:
        """A number that differs once another connection has committed something."""
        with closing(self._target.execute("PRAGMA data_version")) as cursor:
            return int(cursor.fetchone()[0])


class PostgreSQL:
    """Deletes from the tables that have rows and puts back those of the state, in one call to the server."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._numbers: dict[str, int] = {}
        with engine.begin() as connection:
            tables = connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
            connection.execute(text("CREATE SCHEMA pristine"))
            body = "".join(_cleared(connection, table) for table in sorted(tables))
            connection.exec_driver_sql(_function("clear", body))
        self._tables = sorted(tables)
        self.remember(EMPTY)

    def remember(self, state: str) -> None:
        number = self._numbers.setdefault(state, len(self._numbers))
        with self._engine.begin() as connection:
            body = "".join(_kept(connection, table, f'pristine."{number} {table}"') for table in self._tables)
            connection.exec_driver_sql(_function(f"fill_{number}", body))

    def knows(self, state: str) -> bool:
        return state in self._numbers

    def restore(self, state: str = EMPTY) -> None:
        with self._engine.begin() as connection:
            # Neither foreign keys nor triggers are to be asked while everything goes.
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            connection.execute(text(f"SELECT pristine.clear(), pristine.fill_{self._numbers[state]}()"))


def _function(name: str, body: str) -> str:
    return f"CREATE FUNCTION pristine.{name}() RETURNS void LANGUAGE plpgsql AS $$ BEGIN {body} END $$"


def _sequence(connection: Connection, table: str) -> str | None:
    return connection.scalar(
        text(
            "SELECT pg_get_serial_sequence(:table, 'id') WHERE EXISTS (SELECT 1 FROM information_schema.columns"
            " WHERE table_schema = 'public' AND table_name = :name AND column_name = 'id')"
        ),
        {"table": f'public."{table}"', "name": table},
    )


def _cleared(connection: Connection, table: str) -> str:
    name, sequence = f'public."{table}"', _sequence(connection, table)
    reset = f"PERFORM setval('{sequence}', 1, false);" if sequence else ""
    return f"IF EXISTS (SELECT 1 FROM {name}) THEN DELETE FROM {name}; {reset} END IF;\n"


def _kept(connection: Connection, table: str, copy: str) -> str:
    name = f'public."{table}"'
    if connection.execute(text(f"SELECT 1 FROM {name} LIMIT 1")).first() is None:
        return ""
    connection.execute(text(f"CREATE TABLE {copy} AS TABLE {name}"))
    sequence = _sequence(connection, table)
    go_on = f"PERFORM setval('{sequence}', (SELECT max(id) FROM {copy}));" if sequence else ""
    return f"INSERT INTO {name} SELECT * FROM {copy}; {go_on}\n"
