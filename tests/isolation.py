"""Every test starts from the same database, although what a request does is really committed."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from sqlalchemy import Connection, Engine, event, text

Restore = Callable[[], None]


@contextmanager
def pristine(engine: Engine) -> Iterator[Restore]:
    """Remember what is in the database now; the function that is handed out brings it back."""
    if engine.dialect.name == "postgresql":
        yield _pristine_postgresql(engine)
        return
    with _pristine_sqlite(engine) as restore:
        yield restore


@contextmanager
def _pristine_sqlite(engine: Engine) -> Iterator[Restore]:
    """Copy all pages back with SQLite's backup interface: 2 ms, and other connections may stay open."""

    @event.listens_for(engine, "connect")
    def hurry(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA synchronous=OFF")

    engine.dispose()
    path = engine.url.database or ""
    with (
        closing(sqlite3.connect(path, isolation_level=None)) as target,
        closing(sqlite3.connect(":memory:")) as template,
    ):
        target.execute("PRAGMA synchronous=OFF")
        target.backup(template)
        seen = _changes(target)

        def restore() -> None:
            nonlocal seen
            if _changes(target) != seen:
                template.backup(target)
                seen = _changes(target)

        yield restore


def _changes(connection: sqlite3.Connection) -> int:
    """A number that differs once another connection has committed something."""
    with closing(connection.execute("PRAGMA data_version")) as cursor:
        return int(cursor.fetchone()[0])


def _pristine_postgresql(engine: Engine) -> Restore:
    """Delete from the tables that have rows, in one call to the server; put back those that had rows at the start."""
    with engine.begin() as connection:
        tables = connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
        connection.execute(text("CREATE SCHEMA pristine"))
        body = "".join(_statements(connection, table) for table in sorted(tables))
        connection.exec_driver_sql(
            f"CREATE FUNCTION pristine.restore() RETURNS void LANGUAGE plpgsql AS $$ BEGIN {body} END $$"
        )

    def restore() -> None:
        with engine.begin() as connection:
            # Neither foreign keys nor triggers are to be asked while everything goes.
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            connection.execute(text("SELECT pristine.restore()"))

    return restore


def _statements(connection: Connection, table: str) -> str:
    name = f'public."{table}"'
    filled = connection.execute(text(f"SELECT 1 FROM {name} LIMIT 1")).first() is not None
    if filled:
        connection.execute(text(f'CREATE TABLE pristine."{table}" AS TABLE {name}'))
        return f'DELETE FROM {name}; INSERT INTO {name} SELECT * FROM pristine."{table}";\n'
    sequence = connection.scalar(
        text(
            "SELECT pg_get_serial_sequence(:table, 'id') WHERE EXISTS (SELECT 1 FROM information_schema.columns"
            " WHERE table_schema = 'public' AND table_name = :name AND column_name = 'id')"
        ),
        {"table": name, "name": table},
    )
    reset = f"PERFORM setval('{sequence}', 1, false);" if sequence else ""
    return f"IF EXISTS (SELECT 1 FROM {name}) THEN DELETE FROM {name}; {reset} END IF;\n"
