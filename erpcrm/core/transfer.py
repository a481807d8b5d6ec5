"""`flask --app app copy-database URL`: move a company from one database to a PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, Table, create_engine, func, insert, select, text

from .config import database_url
from .db import Base, db
from .search.index import SearchEntry

BATCH = 1000
DERIVED = frozenset({SearchEntry.__tablename__})
"""What can be made again from the rest, and looks different on each kind of database."""

FOREIGN_KEYS = text(
    """
    SELECT conrelid::regclass::text AS of_table, conname AS name, pg_get_constraintdef(oid) AS definition
    FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace
    """
)


TRIGGERS = text(
    """
    SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
    WHERE NOT tgisinternal AND relnamespace = 'public'::regnamespace
    """
)


class NotPossible(Exception):
    """Why nothing was copied."""


def copy_database(source: Engine, target: Engine) -> dict[str, int]:
    """Copy all rows to an empty PostgreSQL database at the same version; returns how many, by table.

    It happens in one transaction: everything is there afterwards, or nothing. Raises NotPossible when the target is no
    PostgreSQL, has other tables than the source, or has users already.
    """
    if target.dialect.name != "postgresql":
        raise NotPossible("The target must be a PostgreSQL database.")
    tables = [table for name, table in sorted(Base.metadata.tables.items()) if name not in DERIVED]
    with source.connect().execution_options(read_only=True) as old, target.begin() as new:
        if _version(old) != _version(new):
            raise NotPossible("The target is at another version. Run `flask --app app db upgrade` on it first.")
        if new.scalar(text("SELECT 1 FROM users LIMIT 1")) is not None:
            raise NotPossible("The target is in use: it has users.")
        with _without_triggers(new), _without_foreign_keys(new):
            return {table.name: _copy(old, new, table) for table in tables}


def _version(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


@contextmanager
def _without_triggers(connection: Connection) -> Iterator[None]:
    """What was posted is brought as it is: the triggers that keep it would take it for a change."""
    tables = connection.scalars(TRIGGERS).all()
    for table in tables:
        connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    yield
    for table in tables:
        connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE TRIGGER USER")


@contextmanager
def _without_foreign_keys(connection: Connection) -> Iterator[None]:
    """Tables point at each other in circles, so no order of copying would do. In the end every key is checked."""
    keys = connection.execute(FOREIGN_KEYS).all()
    for key in keys:
        connection.exec_driver_sql(f'ALTER TABLE {key.of_table} DROP CONSTRAINT "{key.name}"')
    yield
    for key in keys:
        connection.exec_driver_sql(f'ALTER TABLE {key.of_table} ADD CONSTRAINT "{key.name}" {key.definition}')


def _copy(old: Connection, new: Connection, table: Table) -> int:
    count = 0
    new.execute(table.delete())  # what a migration has put there comes from the source too
    for rows in old.execute(select(table)).mappings().partitions(BATCH):
        new.execute(insert(table), [dict(row) for row in rows])
        count += len(rows)
    key = table.autoincrement_column
    if key is not None and count:
        sequence = new.scalar(select(func.pg_get_serial_sequence(table.name, key.name)))
        if sequence is not None:
            new.execute(select(func.setval(sequence, select(func.max(key)).scalar_subquery())))
    return count


@click.command("copy-database")
@click.argument("url")
def copy_database_command(url: str) -> None:
    """Copy everything to an empty PostgreSQL database that was brought to the same version."""
    target = create_engine(database_url(url))
    try:
        counts = copy_database(db.engine, target)
    except NotPossible as reason:
        raise click.ClickException(str(reason)) from None
    finally:
        target.dispose()
    for name, count in counts.items():
        if count:
            click.echo(f"{count:>10} {name}")
    click.echo(
        f"{sum(counts.values()):>10} rows in all. Set DATABASE_URL to the new database and run "
        "`flask --app app reindex` before you start."
    )
