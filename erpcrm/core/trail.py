"""Reading the audit trail: entries in words, with names instead of ids and labels instead of attributes."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from flask import url_for
from sqlalchemy import JSON, Boolean, Date, Select, inspect, select
from werkzeug.routing import BuildError

from .actor import current_actor
from .audit import OWN_FIELDS, POINTER, AuditEntry
from .db import Base, Record, UtcDateTime, session
from .exact import Exact
from .fields import change_labels
from .i18n import _, _l, show_date, show_datetime, show_number, zone
from .options import options
from .records import Choice, RecordType, titles_of
from .registry import is_on, registry

SHOWN = 50
SLACK = 1000
"""Entries written at the same moment by several processes may not be in the order of their times."""
DASH = "–"
OWN = f"{OWN_FIELDS}."
LONGEST = 200
"""Characters of a text that a change shows."""

ACTIONS = {
    "created": _l("created"),
    "changed": _l("changed"),
    "deleted": _l("deleted"),
    "file_added": _l("added a file"),
    "file_removed": _l("removed a file"),
}


@dataclass(frozen=True)
class Change:
    """One attribute, from what to what; for a list what was added and removed."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Line:
    """An entry as people read it."""

    id: int
    at: datetime
    who: str | None
    kind: str
    name: str
    url: str | None
    part: str | None
    action: str
    changes: Sequence[Change]
    reason: str | None


@dataclass(frozen=True)
class Wanted:
    """Which entries. `since` and `until` are days in the company's zone, both included."""

    actor_id: int | None = None
    record_type: str | None = None
    record_id: int | None = None
    action: str | None = None
    since: date | None = None
    until: date | None = None


def entries(wanted: Wanted, *, before: int | None = None, limit: int = SHOWN) -> list[AuditEntry]:
    """The newest entries that fit, older than the entry `before`."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
    for column, value in (
        (AuditEntry.actor_id, wanted.actor_id),
        (AuditEntry.record_type, wanted.record_type),
        (AuditEntry.record_id, wanted.record_id),
        (AuditEntry.action, wanted.action),
    ):
        if value is not None:
            query = query.where(column == value)
    if before is not None:
        query = query.where(AuditEntry.id < before)
    return list(session.scalars(_within(query, wanted)))


def _within(query: Select[Any], wanted: Wanted) -> Select[Any]:
    """Limits of time, told to the database as limits of id too: it then reads the trail in order and stops in time."""
    if wanted.since is not None:
        start = datetime.combine(wanted.since, time(), zone())
        query = query.where(AuditEntry.at >= start)
        first = session.scalar(select(AuditEntry.id).where(AuditEntry.at >= start).order_by(AuditEntry.at).limit(1))
        query = query.where(AuditEntry.id > (first or 0) - SLACK)
    if wanted.until is not None:
        end = datetime.combine(wanted.until + timedelta(days=1), time(), zone())
        query = query.where(AuditEntry.at < end)
        last = session.scalar(select(AuditEntry.id).where(AuditEntry.at < end).order_by(AuditEntry.at.desc()).limit(1))
        query = query.where(AuditEntry.id < (last or 0) + SLACK)
    return query


def history(record_type: str, record_id: int, *, before: int | None = None, limit: int = SHOWN) -> list[Line]:
    """The changes of one record and its parts, newest first. Who may see the record is the caller's to ask."""
    return in_words(entries(Wanted(record_type=record_type, record_id=record_id), before=before, limit=limit))


def in_words(found: Iterable[AuditEntry], known: Mapping[tuple[str, int], str] | None = None) -> list[Line]:
    """Entries as people read them: the names of all records that they mention come in one query a type.

    `known` are titles, by record type and id, that the caller has already.
    """
    found = list(found)
    names = _Names(found=dict(known or {}))
    for entry in found:
        names.want("user", entry.actor_id)
        names.want(entry.record_type, entry.record_id)
        for key, (old, new) in _pairs(entry):
            target = target_of(_model(entry), key)
            names.want(target, old)
            names.want(target, new)
    names.fetch()
    return [_line(entry, names) for entry in found]


@dataclass
class _Names:
    """Titles of records, fetched in bulk."""

    wanted: dict[str, set[int]] = field(default_factory=dict)
    found: dict[tuple[str, int], str] = field(default_factory=dict)

    def want(self, record_type: str | None, record_id: Any) -> None:
        if record_type not in registry().record_types or not isinstance(record_id, int) or isinstance(record_id, bool):
            return
        if (record_type, record_id) not in self.found:
            self.wanted.setdefault(str(record_type), set()).add(record_id)

    def fetch(self) -> None:
        actor = current_actor()
        for record_type, ids in self.wanted.items():
            kind = registry().record_types[record_type]
            named = next((column for column in kind.columns if column.expr is kind.title), None)
            reads = named.reads if named is not None and named.reads is not None else str
            # What a record points at may lie outside the reader's scope: then its number has to do.
            titles = titles_of(kind, ids, actor)
            self.found |= {
                (record_type, record_id): str(reads(title)) for record_id, title in titles.items() if title is not None
            }

    def of(self, record_type: str | None, record_id: Any) -> str | None:
        return self.found.get((record_type or "", record_id))


def _pairs(entry: AuditEntry) -> list[tuple[str, tuple[Any, Any]]]:
    pairs = []
    for key, change in (entry.changes or {}).items():
        old, new = change if isinstance(change, list) and len(change) == 2 else (None, change)
        pairs.append((key, (old, new)))
    return pairs


@cache
def _models() -> dict[str, type[Record]]:
    return {
        mapper.class_.record_name: mapper.class_
        for mapper in Base.registry.mappers
        if issubclass(mapper.class_, Record) and hasattr(mapper.class_, "record_name")
    }


def _model(entry: AuditEntry) -> type[Record] | None:
    return _models().get(entry.part or entry.record_type)


@cache
def _column(model: type[Record] | None, key: str) -> Any:
    if model is None:
        return None
    attribute = inspect(model).column_attrs.get(key)
    return attribute.columns[0] if attribute is not None else None


def target_of(model: type[Record] | None, key: str) -> str | None:
    """The record type that a foreign key points at, or that an event names: record.<type>."""
    if key.startswith(POINTER):
        return key.removeprefix(POINTER)
    column = _column(model, key)
    if column is None:
        return None
    for foreign in column.foreign_keys:
        for kind in registry().record_types.values():
            if kind.model.__table__ is foreign.column.table:
                return kind.name
    return None


def _line(entry: AuditEntry, names: _Names) -> Line:
    kind = registry().record_types.get(entry.record_type)
    part = _models().get(entry.part or "")
    return Line(
        id=entry.id,
        at=entry.at,
        who=names.of("user", entry.actor_id),
        kind=_kind_label(entry.record_type),
        name=names.of(entry.record_type, entry.record_id) or ("" if kind is None else f"#{entry.record_id}"),
        url=_address(kind, entry, names),
        part=_part_label(part, entry.part),
        action=action_label(entry.part or entry.record_type, entry.action),
        changes=_changes(entry, kind, names),
        reason=entry.reason,
    )


def _kind_label(record_type: str) -> str:
    """Also of what is told of an area as a whole: the company's profile."""
    known = registry().record_types.get(record_type) or registry().by_name.get(record_type)
    if known is None:
        model = _models().get(record_type)
        return str(getattr(model, "record_label", None) or record_type.replace("_", " "))
    return str(known.label)


def _address(kind: RecordType | None, entry: AuditEntry, names: _Names) -> str | None:
    if kind is None or names.of(entry.record_type, entry.record_id) is None:
        return None
    if not is_on(registry().area_of_type[kind.name]):
        return None  # its page is not there now
    try:
        return url_for(kind.endpoint, id=entry.record_id)
    except BuildError:
        return None


def _part_label(part: type[Record] | None, name: str | None) -> str | None:
    if part is None or name is None:
        return None
    return str(getattr(part, "record_label", None) or name.replace("_", " "))


def action_label(record_type: str, action: str) -> str:
    """What was done, in words: a verb of the trail, of an area, or the move of a workflow."""
    known = ACTIONS.get(action) or next((a.events[action] for a in registry().areas if action in a.events), None)
    if known is not None:
        return str(known)
    flow = registry().workflows.get(record_type)
    if flow is not None and action in flow.move:
        return str(flow.move[action].label)
    return action.replace("_", " ")


def _changes(entry: AuditEntry, kind: RecordType | None, names: _Names) -> list[Change]:
    model, actor = _model(entry), current_actor()
    told = []
    for key, (old, new) in _pairs(entry):
        if entry.part and model is not None and model.audit_parent == (entry.record_type, key):
            continue  # of a part nobody asks where it belongs: it is told under that record
        shown = (
            kind.column(key.removesuffix("_id")) or kind.column(key) if kind is not None and not entry.part else None
        )
        column = _column(model, key)
        needed = {
            shown.permission if shown is not None else None,
            column.info.get("permission") if column is not None else None,
        }
        if any(one is not None and (actor is None or not actor.may(one)) for one in needed):
            continue
        named = (column.info.get("label") if column is not None else None) or (shown and shown.label)
        if column is not None and not named:
            continue  # what the program keeps for itself, and nobody sees elsewhere either
        if column is not None and column.foreign_keys and target_of(model, key) is None and "words" not in column.info:
            continue  # what has no name of its own: a place in a warehouse, a step of another document
        label = str(named or _humane(key))
        if key.startswith(OWN):
            label, own = change_labels(entry.record_type, key.removeprefix(OWN), [old, new])
            told.append(Change(str(label), *(_text(value) for value in own)))
        elif isinstance(old, dict) or isinstance(new, dict):
            told += _inside(label, old, new, _words(column))
        elif isinstance(old, list) or isinstance(new, list):
            choices = choices_of(entry.part or entry.record_type, key, shown, column)
            told.append(_listed(label, old or [], new or [], _words(column, choices)))
        else:
            words = [
                _value(
                    value,
                    column,
                    target_of(model, key),
                    choices_of(entry.part or entry.record_type, key, shown, column),
                    names,
                )
                for value in (old, new)
            ]
            told.append(Change(label, *words))
    return told


def _humane(key: str) -> str:
    if key.startswith(POINTER):
        return _kind_label(key.removeprefix(POINTER))
    told = next((area.event_details[key] for area in registry().areas if key in area.event_details), None)
    if told is not None:
        return str(told)
    return key.removesuffix("_id").replace("_", " ")


def _words(column: Any, choices: Sequence[Choice] = ()) -> Callable[[Any], str]:
    """How one value inside a column that holds many is written: the column may say (`info["words"]`), or its choices."""
    words = column.info.get("words") if column is not None else None
    if words is not None:
        return lambda value: DASH if value is None else str(words(value))
    labels = {choice.value: choice.label for choice in choices}
    return lambda value: _text(labels.get(value, value) if isinstance(value, str) else value)


def _inside(label: str, old: Any, new: Any, words: Callable[[Any], str]) -> list[Change]:
    """Of a mapping (user-defined fields, scopes) only the entries that differ."""
    old, new = old or {}, new or {}
    if not isinstance(old, dict) or not isinstance(new, dict):
        return [Change(label, _text(old), _text(new))]
    keys = [key for key in {**old, **new} if old.get(key) != new.get(key)]
    return [Change(f"{label}: {_entry_label(key)}", words(old.get(key)), words(new.get(key))) for key in keys]


def _entry_label(key: str) -> str:
    kind = registry().record_types.get(key)
    return str(kind.plural) if kind is not None else _humane(key)


def _listed(label: str, old: Any, new: Any, words: Callable[[Any], str]) -> Change:
    """Of a list only what went and what came."""
    if not isinstance(old, list) or not isinstance(new, list):
        return Change(label, _text(old), _text(new))
    gone, come = [one for one in old if one not in new], [one for one in new if one not in old]
    return Change(label, _(", ").join(map(words, gone)) or DASH, _(", ").join(map(words, come)) or DASH)


def choices_of(record_type: str, key: str, shown: Any, column: Any) -> Sequence[Choice]:
    info = column.info if column is not None else {}
    if "options" in info:
        return options(info["options"])
    if "options_of_each" in info:
        return options(info["options_of_each"])
    if "choices" in info:
        return info["choices"]  # type: ignore[no-any-return]
    if shown is not None and shown.kind in ("choice", "state") and (listed := shown.all_choices()):
        return list(listed)
    flow = registry().workflows.get(record_type)
    if flow is not None and flow.column == key:
        return [Choice(state.value, state.label) for state in flow.states]
    return ()


def _value(value: Any, column: Any, target: str | None, choices: Sequence[Choice], names: _Names) -> str:
    if value is None or value == "":
        return DASH
    if target is not None:
        return names.of(target, value) or f"#{value}"
    for choice in choices:
        if choice.value == str(value):
            return str(choice.label)
    if column is not None and (words := column.info.get("words")) is not None:
        return _text(words(value))
    if column is not None:
        return _typed(value, column)
    return _text(value)


def _typed(value: Any, column: Any) -> str:
    """The JSON form of a column's value, back in the reader's words."""
    try:
        match column.type:
            case Boolean():
                return _text(bool(value))
            case UtcDateTime():
                return show_datetime(datetime.fromisoformat(str(value)))
            case Date():
                return show_date(date.fromisoformat(str(value)))
            case Exact():
                return show_number(Decimal(str(value)))
            case JSON():
                return _text(value)
    except (ValueError, InvalidOperation):
        pass
    return _text(value)


def _text(value: Any) -> str:
    if value is None or value == "":
        return DASH
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    text = str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
