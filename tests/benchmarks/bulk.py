"""Writing many rows at once: without indexes, without triggers, parents before children."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Index, func, insert, select
from sqlalchemy.schema import sort_tables

from erpcrm.core.db import Base, db
from erpcrm.core.search.index import SearchEntry

BATCH = 5000
Row = dict[str, Any]


@contextmanager
def quick_writes() -> Iterator[Connection]:
    """One transaction without the secondary indexes, which are made afterwards."""
    engine = db.engine
    indexes = [index for table in Base.metadata.tables.values() for index in table.indexes if not index.unique]
    if engine.dialect.name == "postgresql":
        # Its index of words is part of the type of index that is slow to fill row by row.
        indexes += [index for index in SearchEntry.__table__.indexes if index not in indexes]
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            raw = connection.connection.driver_connection
            for pragma in ("synchronous=OFF", "cache_size=-400000", "wal_autocheckpoint=20000"):
                raw.execute(f"PRAGMA {pragma}")
        with connection.begin():
            existing = [index for index in indexes if _exists(connection, index)]
            for index in existing:
                index.drop(connection)
        with connection.begin():
            yield connection
        with connection.begin():
            for index in existing:
                index.create(connection)
        if engine.dialect.name == "sqlite":
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.invalidate()
    engine.dispose()


def _exists(connection: Connection, index: Index) -> bool:
    table = index.table
    return table is not None and connection.dialect.has_index(connection, table.name, str(index.name))


def write(connection: Connection, rows: Iterable[tuple[Any, Row]]) -> None:
    """Insert rows, which come as (table, row), in batches and table by table, parents first."""
    rows = iter(rows)
    while batch := list(islice(rows, BATCH)):
        tables: dict[Any, list[Row]] = {}
        for table, row in batch:
            tables.setdefault(table, []).append(row)
        for table in sort_tables(tables):
            connection.execute(insert(table), tables[table])


@contextmanager
def unguarded(connection: Connection, *tables: str) -> Iterator[None]:
    """Without the triggers of these tables."""
    if connection.dialect.name == "postgresql":
        for table in tables:
            connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        for table in tables:
            connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        return
    marks = ", ".join(f"'{table}'" for table in tables)
    query = f"SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN ({marks})"
    triggers = connection.exec_driver_sql(query).all()
    for name, _statement in triggers:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    yield
    for _name, statement in triggers:
        connection.exec_driver_sql(statement)


def let_sequences_follow(connection: Connection) -> None:
    """On PostgreSQL the next id comes from a sequence, which does not see ids that were given."""
    if connection.dialect.name != "postgresql":
        return
    for table in Base.metadata.sorted_tables:
        key = table.autoincrement_column
        sequence = (
            connection.scalar(select(func.pg_get_serial_sequence(table.name, key.name))) if key is not None else None
        )
        if key is not None and sequence is not None:
            last = connection.scalar(select(func.max(key)))
            if last is not None:
                connection.execute(select(func.setval(sequence, last)))
