"""Many rows of one table in one statement, where SQLAlchemy sends a statement for each.

A document of twenty lines is inserted, reserved, shipped and invoiced line by line otherwise, and a statement costs far more
than its row. Neither way changes what is written, in which order, or who is told that somebody else was faster.
"""

from collections import defaultdict
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from sqlalchemy import Table, bindparam, event, func, inspect, select
from sqlalchemy.orm import Mapper, UOWTransaction, persistence
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm.exc import StaleDataError

FEW = 3
"""From so many rows on"""


@event.listens_for(OrmSession, "before_flush")
def number_ahead(flushing: OrmSession, _context: UOWTransaction, _instances: Any) -> None:
    """Give new rows the ids that SQLite would give them: one above the highest there is, and so on.

    SQLAlchemy asks SQLite for each id by a statement of its own, for it doesn't know which row of many got which. Nobody else
    writes meanwhile: a writing transaction of ours has the lock from its beginning. PostgreSQL tells the ids of many rows.
    """
    if len(flushing.new) < FEW or flushing.get_bind().dialect.name != "sqlite":
        return
    found: dict[Mapper[Any], list[Any]] = defaultdict(list)
    for record in flushing.new:
        found[inspect(record).mapper].append(record)
    for mapper, records in found.items():
        column = mapper.local_table.autoincrement_column if isinstance(mapper.local_table, Table) else None
        if len(records) < FEW or column is None or mapper.inherits is not None:
            continue
        key = mapper.get_property_by_column(column).key
        if any(getattr(record, key) is not None for record in records):
            continue
        last = flushing.connection({"mapper": mapper}).scalar(select(func.max(column))) or 0
        for place, record in enumerate(sorted(records, key=lambda one: inspect(one).insert_order), last + 1):
            setattr(record, key, place)


_one_by_one = persistence._emit_update_statements


def _many_at_once(
    base_mapper: Any, context: Any, mapper: Any, table: Any, update: Iterable[Any], **options: Any
) -> None:
    """SQLAlchemy's own, but rows with a version are sent together too. It does so for rows without one, and compares how many
    were matched with how many were sent; that tells of a stale version among many as well as of a single one."""
    version = mapper.version_id_col
    if options or version is None or version.table is not table or mapper.version_id_generator is False:
        _one_by_one(base_mapper, context, mapper, table, update, **options)
        return
    for (connection, _names, by_value, defaults, keys), group in groupby(
        update, lambda row: (row[4], set(row[2]), bool(row[5]), row[6], row[7])
    ):
        rows = list(group)
        together = len(rows) >= FEW and not by_value and keys and defaults
        if together and connection.dialect.supports_sane_multi_rowcount:
            _send(base_mapper, context, table, connection, rows)
        else:
            _one_by_one(base_mapper, context, mapper, table, rows)


def _send(base_mapper: Any, context: Any, table: Table, connection: Any, rows: list[Any]) -> None:
    statement = base_mapper._memo(("update together", table), lambda: _statement(base_mapper, table))
    done = connection.execute(
        statement, [row[2] for row in rows], execution_options={"compiled_cache": base_mapper._compiled_cache}
    )
    if done.rowcount != len(rows):
        raise StaleDataError(f"{len(rows)} rows of {table.name} were to be changed, {done.rowcount} were found as read")
    for (state, values, _params, mapper, *_more), sent in zip(rows, done.context.compiled_parameters, strict=True):
        persistence._postfetch(mapper, context, table, state, values, done, sent, None, True, None)


def _statement(mapper: Any, table: Table) -> Any:
    named = [*table.primary_key, mapper.version_id_col]
    return table.update().where(*(column == bindparam(column._label, type_=column.type) for column in named))


def write_together() -> None:
    """For all sessions of this process."""
    persistence._emit_update_statements = _many_at_once  # type: ignore[assignment]
