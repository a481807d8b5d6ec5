"""Who changed what, when, from what to what: written in the same transaction, for every audited record, by nobody's hand."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, Connection, ForeignKey, Index, event, insert, inspect
from sqlalchemy.orm import Mapped, UOWTransaction, mapped_column
from sqlalchemy.orm import Session as OrmSession

from .actor import current_actor
from .db import Base, Record, now, session

OWN_FIELDS = "custom"
"""The column that keeps the values of own fields."""
POINTER = "record."
"""Before the name of a record type: how the changes of an event name another record, {"record.lead": [None, 7]}."""


class AuditEntry(Base):
    """One change of one record. Rows are only ever added."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index(None, "record_type", "record_id", "id"),
        Index(None, "actor_id", "id"),
        Index(None, "action", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now, index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    record_type: Mapped[str]
    record_id: Mapped[int]
    part: Mapped[str | None]
    """The kind of part that changed, where it was not the record itself: an address, a line."""
    action: Mapped[str]
    """created, changed, deleted, or the name of a move or verb"""
    changes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """{attribute: [old, new]}, as JSON values"""
    reason: Mapped[str | None]


NEW_ENTRIES = insert(AuditEntry)


def record_event(
    record: Record,
    action: str,
    changes: dict[str, Any] | None = None,
    reason: str | None = None,
) -> None:
    """Write an entry for something that attributes alone don't tell: a move, a merge, a sign-in, an export.

    What happens to a part of a record is told there, as its changes are.
    """
    _write(session.connection(), [_entry(record, action, changes or {}) | {"reason": reason}])


def record_events(records: Sequence[Record], action: str, changes: dict[str, Any]) -> None:
    """The same of many records, in one statement."""
    if records:
        _write(session.connection(), [_entry(record, action, changes) | {"reason": None} for record in records])


def plain(value: Any) -> Any:
    """A JSON form of a column's value."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value else "0"
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value


def changes_of(record: Record) -> dict[str, list[Any]]:
    """What a flush is about to write: {attribute: [old, new]} of the mapped columns."""
    state = inspect(record)
    found: dict[str, list[Any]] = {}
    changed = state.committed_state.keys() - record.unaudited  # of forty columns a few were set
    if not changed:
        return found
    for column in state.mapper.column_attrs:
        if column.key not in changed:
            continue
        history = state.attrs[column.key].history
        if not history.has_changes():
            continue
        old = history.deleted[0] if history.deleted else None
        new = history.added[0] if history.added else None
        if column.key == OWN_FIELDS:
            found.update(_own_changes(old or {}, new or {}))
        elif old != new:
            found[column.key] = [plain(old), plain(new)]
    return found


def _own_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Own fields one by one, as custom.<key>: `fields.change_labels` puts them into words."""
    return {
        f"{OWN_FIELDS}.{key}": [old.get(key), new.get(key)]
        for key in sorted({*old, *new})
        if old.get(key) != new.get(key)
    }


def _entries(flushing: OrmSession) -> Iterator[dict[str, Any]]:
    for action, records in (
        ("created", flushing.new),
        ("changed", flushing.dirty),
        ("deleted", flushing.deleted),
    ):
        for record in records:
            if not isinstance(record, Record):
                continue
            changes = {} if action == "deleted" else changes_of(record)
            if action == "deleted":
                changes = {
                    column.key: [plain(getattr(record, column.key)), None]
                    for column in inspect(record).mapper.column_attrs
                    if column.key not in record.unaudited
                    and column.key != OWN_FIELDS
                    and getattr(record, column.key) is not None
                }
                changes.update(_own_changes(getattr(record, OWN_FIELDS, None) or {}, {}))
            if (action == "changed" and not changes) or (action == "created" and not record.told_when_created):
                continue
            yield _entry(record, action, changes)


def _entry(record: Record, action: str, changes: dict[str, Any]) -> dict[str, Any]:
    parent = record.audit_parent
    return {
        "record_type": parent[0] if parent else record.record_name,
        "record_id": getattr(record, parent[1]) if parent else record.id,
        "part": record.record_name if parent else None,
        "action": action,
        "changes": changes,
    }


@event.listens_for(OrmSession, "after_flush")
def write_trail(flushing: OrmSession, _context: UOWTransaction) -> None:
    rows = list(_entries(flushing))
    if rows:
        _write(flushing.connection(), rows)


def _write(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """All in one statement, past the session: nobody ever changes an entry, so nothing need be remembered of it."""
    actor = current_actor()
    same = {"actor_id": actor.id if actor else None, "at": now()}
    connection.execute(NEW_ENTRIES, [row | same for row in rows])
