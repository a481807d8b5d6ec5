"""Taking a whole import back: created records go, updated ones become what they were; only while nobody else has touched them."""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, Table, delete, exists, func, inspect, select, update
from sqlalchemy.orm import selectinload

from erpcrm.core.actor import Actor
from erpcrm.core.audit import AuditEntry
from erpcrm.core.db import Base, Record, session
from erpcrm.core.errors import Refused
from erpcrm.core.i18n import _
from erpcrm.core.merging import FLEETING, KEPT, label_of
from erpcrm.core.moves import make_move
from erpcrm.core.records import RecordType, Reversal
from erpcrm.core.registry import record_type, registry

from .models import Import, ImportRow

BATCH = 200
MOST_SHOWN = 50
TRACES = KEPT | FLEETING
"""Tables with pointers that only tell of a record, or follow it, and never keep it."""


@dataclass(frozen=True)
class Obstacle:
    """A record of this import that stands in the way of undoing it, and why."""

    record_type: str
    record_id: int
    title: str
    why: str


def obstacles(imported: Import) -> tuple[list[Obstacle], int]:
    """What stands in the way: the first of it, and how much it is in all. A few queries, however many rows."""
    found: list[tuple[str, int, str]] = []
    total = 0
    for kind_name in _kinds(imported):
        kind = record_type(kind_name)
        for why, query in _touched(imported, kind):
            total += session.scalar(select(func.count()).select_from(query.subquery())) or 0
            if len(found) < MOST_SHOWN:
                found += [(kind_name, record_id, why) for record_id in session.scalars(query.limit(MOST_SHOWN))]
    titles = _titles(found)
    return [Obstacle(k, i, titles.get((k, i), f"#{i}"), why) for k, i, why in found[:MOST_SHOWN]], total


def _kinds(imported: Import) -> list[str]:
    query = (
        select(ImportRow.record_type)
        .where(ImportRow.import_id == imported.id, ImportRow.record_id.is_not(None))
        .distinct()
    )
    return [name for name in session.scalars(query) if name in registry().record_types]


def _titles(found: list[tuple[str, int, str]]) -> dict[tuple[str, int], str]:
    titles = {}
    for name in {name for name, _id, _why in found}:
        kind = record_type(name)
        ids = [record_id for other, record_id, _why in found if other == name]
        for record_id, title in session.execute(select(kind.model.id, kind.title).where(kind.model.id.in_(ids))):
            titles[name, record_id] = str(title)
    return titles


def _touched(imported: Import, kind: RecordType) -> Iterator[tuple[str, Select[Any]]]:
    """(why, query of the ids) for each way in which something else has come to depend on these records."""
    mine = select(ImportRow.record_id).where(
        ImportRow.import_id == imported.id, ImportRow.record_type == kind.name, ImportRow.record_id.is_not(None)
    )
    changed = mine.where(
        ImportRow.action.in_(("created", "updated")),
        exists().where(
            AuditEntry.record_type == ImportRow.record_type,
            AuditEntry.record_id == ImportRow.record_id,
            AuditEntry.id > ImportRow.mark,
        ),
    )
    yield _("changed since"), changed.distinct()
    created = mine.where(ImportRow.action == "created")
    reversal = kind.importer.reversal if kind.importer is not None else None
    if reversal is not None:
        yield from reversal.in_the_way(created)
        return
    for table, name in _foreign_keys(kind):
        key = table.c[name]
        query = select(key).where(key.in_(created))
        own = _type_of(table)
        if own is not None:
            query = query.where(table.c.id.not_in(_also_mine(imported, own)))
        yield _("used by %(things)s", things=label_of(table)), query.distinct()
    for table in Base.metadata.tables.values():
        if {"record_type", "record_id"} <= set(table.c.keys()) and table.name not in TRACES:
            pointed = select(table.c.record_id).where(table.c.record_type == kind.name, table.c.record_id.in_(created))
            own = _type_of(table)
            if own is not None:
                pointed = pointed.where(table.c.id.not_in(_also_mine(imported, own)))
            yield _("used by %(things)s", things=label_of(table)), pointed.distinct()


def _also_mine(imported: Import, kind: RecordType) -> Select[Any]:
    """Records of this same import: they go with it, or become what they were."""
    return select(ImportRow.record_id).where(
        ImportRow.import_id == imported.id,
        ImportRow.record_type == kind.name,
        ImportRow.action.in_(("created", "updated")),
        ImportRow.record_id.is_not(None),
    )


def _type_of(table: Table) -> RecordType | None:
    return next((kind for kind in registry().record_types.values() if kind.model.__table__ is table), None)


def _foreign_keys(kind: RecordType) -> Iterator[tuple[Table, str]]:
    """Columns of other tables that point at this type, but for those of its own parts, which live and die with it."""
    for table in Base.metadata.tables.values():
        if table.name in TRACES or _is_part(table, kind):
            continue
        for column in table.columns:
            if any(key.column.table is kind.model.__table__ for key in column.foreign_keys):
                yield table, column.name


def _is_part(table: Table, kind: RecordType) -> bool:
    """Whether the rows of this table belong to records of this type: deleted with them, and not records by themselves."""
    if _type_of(table) is not None:
        return False
    keys = [fk for column in table.columns for fk in column.foreign_keys if fk.column.table is kind.model.__table__]
    return any((fk.ondelete or "").upper() == "CASCADE" for fk in keys)


def check_undo(imported: Import) -> None:
    """Refused when something else has touched the records of this import."""
    _found, total = obstacles(imported)
    if total:
        raise Refused(
            _(
                "Not undone: %(count)s records of this import were changed or used since. They are listed on its page.",
                count=total,
            )
        )


def undo_step(imported: Import, by: Actor | None, size: int = BATCH) -> bool:
    """Take back some rows that are not yet taken back. True when all are.

    First what was updated, for it may point at what was created; then what was created, dependents first.
    """
    importers = [record_type(name).importer for name in _kinds(imported)]
    left = min([size, *(importer.batch for importer in importers if importer is not None)])
    for action in ("updated", "created"):
        for name in _dependents_first(_kinds(imported)):
            entries = session.scalars(
                select(ImportRow)
                .where(ImportRow.import_id == imported.id, ImportRow.action == action, ImportRow.record_type == name)
                .order_by(ImportRow.row_no.desc(), ImportRow.id.desc())
                .limit(left)
            ).all()
            _take_back(entries, record_type(name), by)
            left -= len(entries)
            if not left:
                return False
    make_move(imported, "undone", by=None)
    return True


def _dependents_first(names: list[str]) -> list[str]:
    """So ordered that each comes before those that it points at; within a circle any order will do."""
    left, ordered = list(names), []
    while left:
        tables = {name: record_type(name).model.__table__ for name in left}
        pointed = {
            key.column.table for table in tables.values() for key in table.foreign_keys if key.column.table is not table
        }
        free = [name for name in left if tables[name] not in pointed] or left[:1]
        ordered += free
        left = [name for name in left if name not in free]
    return ordered


def _take_back(entries: Sequence[ImportRow], kind: RecordType, by: Actor | None) -> None:
    model = kind.model
    ids = [entry.record_id for entry in entries]
    # What goes with a record is loaded for all of them at once.
    parts = [
        selectinload(getattr(model, relation.key))
        for relation in inspect(model).relationships
        if relation.cascade.delete
    ]
    records = {record.id: record for record in session.scalars(select(model).where(model.id.in_(ids)).options(*parts))}
    if kind.importer is not None and kind.importer.reversal is not None:
        for entry in entries:
            _reverse(entry, records.get(entry.record_id or 0), kind.importer.reversal, by)
        return
    gone = [entry.record_id for entry in entries if entry.action == "created" and entry.record_id in records]
    _free(kind, [*gone])
    for name in FLEETING:
        table = Base.metadata.tables.get(name)
        if table is not None and gone:
            session.execute(delete(table).where(table.c.record_type == kind.name, table.c.record_id.in_(gone)))
    remove = kind.importer.remove if kind.importer is not None else None
    revert = kind.importer.revert if kind.importer is not None else None
    with session.no_autoflush:
        for entry in entries:
            record = records.get(entry.record_id or 0)
            if entry.action == "created":
                if record is not None:
                    remove(record, by) if remove is not None else session.delete(record)
                entry.action = "deleted"
            else:
                before = (entry.details or {}).get("before") or {}
                if record is not None:
                    revert(record, before, by) if revert is not None else restore(record, before)
                entry.action = "restored"
    session.flush()


def _reverse(entry: ImportRow, record: Record | None, reversal: Reversal, by: Actor | None) -> None:
    """One that can't be taken back any more, since something happened to it after the undo began, stays and says why."""
    entry.action = "deleted"
    if record is None:
        return
    try:
        with session.begin_nested():
            reversal.run(record, by)
    except Refused as no:
        entry.action, entry.reason = "kept", str(no.message)
    session.flush()


def _free(kind: RecordType, ids: list[int | None]) -> None:
    """Records that point at each other (a parent in the same file) let go first."""
    table = kind.model.__table__
    for column in table.columns:
        if column.nullable and any(key.column.table is table for key in column.foreign_keys):
            session.execute(
                update(kind.model)
                .where(column.in_(ids))
                .values({column.key: None})
                .execution_options(synchronize_session="fetch")
            )


def restore(record: Record, before: dict[str, Any]) -> None:
    """Set the stored values that a record had, from their JSON form."""
    columns = {column.key: column.columns[0] for column in inspect(record).mapper.column_attrs}
    for name, value in before.items():
        if name in columns:
            setattr(record, name, _value(columns[name].type, value))


def _value(kind: Any, value: Any) -> Any:
    try:
        python = kind.python_type
    except NotImplementedError:
        return deepcopy(value)
    if not isinstance(value, str):
        return deepcopy(value)
    if python is Decimal:
        return Decimal(value)
    if python is datetime:
        return datetime.fromisoformat(value)
    if python is date:
        return date.fromisoformat(value)
    return value
