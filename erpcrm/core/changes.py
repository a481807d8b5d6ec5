"""The audit trail in words: labels instead of attributes, names instead of ids, in the reader's language."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import Boolean, Column, Date, Table, inspect, select

from .audit import OWN_FIELDS, AuditEntry, plain
from .db import Base, Record, UtcDateTime, session
from .exact import Exact
from .fields import change_labels
from .i18n import _, _l, show_date, show_datetime, show_number
from .options import options
from .registry import registry

OWN = f"{OWN_FIELDS}."


@dataclass(frozen=True)
class Verb:
    """How an action of the trail reads, and its icon and tone in a timeline."""

    label: Any
    icon: str = "history"
    tone: str = "gray"


VERBS: dict[str, Verb] = {
    "created": Verb(_l("created"), "plus", "green"),
    "changed": Verb(_l("changed"), "pencil"),
    "deleted": Verb(_l("deleted"), "trash", "red"),
    "file_added": Verb(_l("file added"), "paperclip"),
    "file_removed": Verb(_l("file removed"), "paperclip"),
}


def name_action(action: str, label: Any, icon: str = "history", tone: str = "gray") -> None:
    """Say how an action that an area writes with `record_event` reads."""
    VERBS[action] = Verb(label, icon, tone)


@dataclass
class Line:
    """One attribute that changed. `old` and `new` are texts to show; None where there was, or is, nothing."""

    label: Any
    old: str | None
    new: str | None


@dataclass
class Told:
    """An entry of the trail, ready to be shown."""

    id: int
    at: datetime
    who: str | None
    """None for the system itself"""
    verb: Verb
    part: Any
    """The kind of part that changed, or None for the record itself."""
    lines: list[Line] = field(default_factory=list)
    reason: str | None = None


def tell(entries: Sequence[AuditEntry]) -> list[Told]:
    """Entries in words. Names of users and of records that changes point at cost one query a table, however many entries."""
    names = _names(entries)
    users = names.get("users", {})
    return [_told(entry, names, users) for entry in entries]


def _told(entry: AuditEntry, names: Mapping[str, Mapping[int, str]], users: Mapping[int, str]) -> Told:
    model = _models().get(entry.part or entry.record_type)
    told = Told(
        id=entry.id,
        at=entry.at,
        who=users.get(entry.actor_id) if entry.actor_id is not None else None,
        verb=_verb(entry),
        part=_part_label(entry.part) if entry.part else None,
        reason=entry.reason,
    )
    for name, change in entry.changes.items():
        if not isinstance(change, list) or len(change) != 2:
            continue
        column = _column(model, name)
        if name.startswith(OWN):
            label, (old, new) = change_labels(entry.record_type, name.removeprefix(OWN), change)
        else:
            label = _label(column, name)
            old, new = (_show(column, entry, name, value, names) for value in change)
        if (old or new) and not (entry.action == "created" and not new):
            told.lines.append(Line(label, _text(old), _text(new)))
    return told


def _text(value: Any) -> str | None:
    return str(value) if value not in (None, "") else None


def _verb(entry: AuditEntry) -> Verb:
    if entry.action in VERBS:
        return VERBS[entry.action]
    flow = registry().workflows.get(entry.record_type)
    move = flow.move.get(entry.action) if flow is not None else None
    if move is not None:
        return Verb(move.label, move.icon, flow.state[move.target].tone)  # type: ignore[union-attr]
    return Verb(entry.action.replace("_", " "))


def _part_label(part: str) -> Any:
    model = _models().get(part)
    kind = registry().record_types.get(part)
    if kind is not None:
        return kind.label
    return (model.__table__.info.get("label_one") if model is not None else None) or part.replace("_", " ")


def _models() -> dict[str, type[Record]]:
    return {
        mapper.class_.record_name: mapper.class_
        for mapper in Base.registry.mappers
        if issubclass(mapper.class_, Record) and hasattr(mapper.class_, "record_name")
    }


def _column(model: type[Record] | None, name: str) -> Column[Any] | None:
    if model is None:
        return None
    attribute = inspect(model).column_attrs.get(name)
    return attribute.columns[0] if attribute is not None else None  # type: ignore[return-value]


def _label(column: Column[Any] | None, name: str) -> Any:
    label = column.info.get("label") if column is not None else None
    return label if label is not None else EXTRA.get(name, name.replace("_", " "))


EXTRA: dict[str, Any] = {"file": _l("File"), "version": _l("Version")}
"""Labels of what `record_event` tells beyond columns."""


def _target(column: Column[Any] | None) -> Table | None:
    if column is None or not column.foreign_keys:
        return None
    return next(iter(column.foreign_keys)).column.table


def _names(entries: Iterable[AuditEntry]) -> dict[str, dict[int, str]]:
    """{table: {id: name}} of everything that the entries point at."""
    wanted: dict[Table, set[int]] = defaultdict(set)
    users = Base.metadata.tables["users"]
    models = _models()
    for entry in entries:
        if entry.actor_id is not None:
            wanted[users].add(entry.actor_id)
        model = models.get(entry.part or entry.record_type)
        for name, change in entry.changes.items():
            table = _target(_column(model, name))
            if table is not None and isinstance(change, list):
                wanted[table] |= {value for value in change if isinstance(value, int)}
    return {table.name: _titles(table, ids) for table, ids in wanted.items() if ids}


def _titles(table: Table, ids: set[int]) -> dict[int, str]:
    kind = next((kind for kind in registry().record_types.values() if kind.model.__table__ is table), None)
    title: Any = kind.title if kind is not None else table.c.get("name")
    if title is None:
        return {}
    rows = session.execute(select(table.c.id, title).select_from(table).where(table.c.id.in_(ids)))
    return {record_id: name for record_id, name in rows}


def _show(
    column: Column[Any] | None, entry: AuditEntry, name: str, value: Any, names: Mapping[str, Mapping[int, str]]
) -> str:
    if value is None or value == "" or value == []:
        return ""
    if column is None:
        return _plain(value)
    table = _target(column)
    if table is not None:
        return names.get(table.name, {}).get(value) or f"#{value}"
    flow = registry().workflows.get(entry.part or entry.record_type)
    if flow is not None and flow.column == name and value in flow.state:
        return str(flow.state[value].label)
    choices = column.info.get("choices") or (options(column.info["options"]) if "options" in column.info else ())
    for choice in choices:
        if choice.value == value:
            return str(choice.label)
    return _typed(column, value)


def _typed(column: Column[Any], value: Any) -> str:
    try:
        if isinstance(column.type, Boolean):
            return _("Yes") if value else _("No")
        if isinstance(column.type, UtcDateTime):
            return show_datetime(datetime.fromisoformat(value))
        if isinstance(column.type, Date):
            return show_date(date.fromisoformat(value))
        if isinstance(column.type, Exact):
            return show_number(Decimal(value))
    except (ValueError, TypeError, InvalidOperation):
        return str(value)
    return _plain(value)


def show_column(column: Column[Any], record_type: str, name: str, value: Any) -> str:
    """One stored value of a column in words, as the trail would show it."""
    entry = AuditEntry(record_type=record_type, action="changed", changes={name: [None, plain(value)]})
    return _show(column, entry, name, plain(value), _names([entry]))


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_plain(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_plain(one)}" for key, one in value.items() if one not in (None, ""))
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return str(value)
