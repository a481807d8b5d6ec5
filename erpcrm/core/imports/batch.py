"""One batch of rows becomes records: everything looked up at once, flushed at once; a row that is bad does not stop the others."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import structlog
from sqlalchemy import event, inspect, select
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, StatementError
from sqlalchemy.orm import Session, UOWTransaction
from sqlalchemy.orm.exc import StaleDataError

from erpcrm.core.access import require
from erpcrm.core.actor import Actor
from erpcrm.core.audit import plain
from erpcrm.core.db import Record, session
from erpcrm.core.errors import NotAllowed, NotThere, Refused, Stale
from erpcrm.core.fields import fold_custom
from erpcrm.core.i18n import _
from erpcrm.core.notifications import quietly
from erpcrm.core.registry import record_type

from .models import Import
from .parsing import BadValue
from .plan import Plan
from .resolving import Missing, Resolver, find_records, visible
from .rows import Row, Seen, parse_rows

MAY_FAIL = (BadValue, Refused, NotThere, NotAllowed, Stale)
TRIES = 3
"""So often a batch is tried without the rows that turned out bad, before each row is tried alone."""

log = structlog.get_logger()


@contextmanager
def noticing() -> Iterator[list[Record]]:
    """Within it every record that is written for the first time is noted: also what an area makes beside a row's own."""
    made: list[Record] = []

    def note(flushing: Session, _context: UOWTransaction) -> None:
        made.extend(record for record in flushing.new if isinstance(record, Record))

    current = session()
    event.listen(current, "after_flush", note)
    try:
        yield made
    finally:
        event.remove(current, "after_flush", note)


def run_batch(plan: Plan, rows: Sequence[Row], seen: Seen, resolver: Resolver, by: Actor | None) -> None:
    """Create or update records from these rows; each row ends as created, updated, skipped or bad."""
    parse_rows(plan, rows, seen, resolver)
    _match(plan, rows, by)
    _warn(plan, rows, by)
    _write(plan, [row for row in rows if not row.action], resolver, by)


# ----------------------------------------------------------------- matching


def _match(plan: Plan, rows: Sequence[Row], by: Actor | None) -> None:
    """Find the records that exist already, and settle what each row is going to be."""
    undecided = [row for row in rows if not row.action]
    known = _known(plan, undecided)
    mine = visible(plan.kind, set(known.values()), by)
    records = _records(plan, mine) if plan.mode != "create" else {}
    met: dict[int, int] = {}
    for row in undecided:
        key, record_id = _key_of(plan, row), known.get(row.number)
        earlier = met.setdefault(record_id, row.number) if record_id is not None else row.number
        if earlier != row.number:
            row.end("bad", _("Row %(number)s is about the same record.", number=earlier))
        elif plan.key and not key and plan.mode != "create":
            row.end("bad", _("“%(field)s”, by which records are found, is empty.", field=plan.fields[plan.key].label))
        elif record_id is not None and record_id not in mine:
            row.end("bad", _("There is a record “%(key)s”, but it is not yours to change.", key=key))
        elif record_id is not None and plan.mode == "create":
            row.end("skipped", _("“%(key)s” exists already.", key=key))
        elif record_id is not None:
            row.target = records[record_id]
        elif plan.mode == "update":
            row.end("skipped", _("There is no “%(key)s” to update.", key=key))
        else:
            _complete(plan, row)
    _taken(plan, [row for row in undecided if not row.action])


def _known(plan: Plan, rows: Sequence[Row]) -> dict[int, int]:
    """{row number: id of the record that is there already}."""
    if plan.importer.match is not None:
        found = plan.importer.match([row.values for row in rows])
        return {row.number: found[at] for at, row in enumerate(rows) if at in found}
    by_key = _found(plan, rows, plan.key) if plan.key else {}
    return {row.number: by_key[key] for row in rows if (key := _key_of(plan, row)) in by_key}


def _key_of(plan: Plan, row: Row) -> str:
    """What the record is found by, as people read it."""
    if plan.key:
        return str(row.values.get(plan.key) or "")
    told = (source.of(row.cells) for source in plan.sources if source.field in plan.importer.matched_by)
    return " · ".join(text for text in told if text)


def _found(plan: Plan, rows: Sequence[Row], name: str) -> dict[str, int]:
    texts = sorted({str(row.values[name]) for row in rows if row.values.get(name)})
    return dict(plan.importer.find(name, texts)) if texts else {}


def _records(plan: Plan, ids: set[int]) -> dict[int, Record]:
    model = plan.kind.model
    return {record.id: record for record in session.scalars(select(model).where(model.id.in_(ids)))} if ids else {}


def _complete(plan: Plan, row: Row) -> None:
    """A new record has all that is required; empty cells leave the rest to its defaults."""
    row.values = {name: value for name, value in row.values.items() if value is not None}
    missing = [one.label for one in plan.fields.values() if one.required and one.name not in row.values | row.later]
    if missing:
        row.end("bad", _("Missing: %(fields)s.", fields=", ".join(str(label) for label in missing)))


def _taken(plan: Plan, rows: Sequence[Row]) -> None:
    """A value that the database takes once only, and that another record has: say so before it does."""
    for source in plan.once:
        if source.field == plan.key or not plan.fields[source.field].match:
            continue
        found = _found(plan, rows, source.field)
        for row in rows:
            text = str(row.values.get(source.field) or "")
            other = found.get(text)
            if not row.action and other is not None and (row.target is None or row.target.id != other):
                label = plan.fields[source.field].label
                row.end("bad", _("“%(text)s” is the %(field)s of another record.", text=text, field=label))


def _warn(plan: Plan, rows: Sequence[Row], by: Actor | None) -> None:
    """Mark rows that look like records which exist already, as far as the user may see those."""
    new = [row for row in rows if not row.action and row.target is None]
    if not new:
        return
    if plan.importer.alike is not None:
        plain_values = [{k: v for k, v in row.values.items() if not isinstance(v, Missing)} for row in new]
        alike = plan.importer.alike(plain_values)
        mine = visible(plan.kind, {record_id for record_id, _why in alike.values()}, by)
        for position, warning in alike.items():
            new[position].warning = warning if warning[0] in mine else None
    elif (name := getattr(plan.kind.title, "key", None)) in plan.fields:
        titles = sorted({str(row.values[name]) for row in new if row.values.get(name)})
        same = find_records(plan.kind, titles, by) if titles else {}
        for row in new:
            if ids := same.get(str(row.values.get(name))):
                row.warning = (ids[0], _("has the same name"))
    if plan.alike == "skip":
        for row in new:
            if row.warning is not None:
                row.end("skipped", _("May be there already: %(why)s.", why=row.warning[1]))


# ------------------------------------------------------------------ writing


class _BadRows(Exception):
    """Some rows of the batch raised: it is rolled back and tried without them."""


def _write(plan: Plan, rows: list[Row], resolver: Resolver, by: Actor | None) -> None:
    for _try in range(TRIES):
        rows = [row for row in rows if row.action != "bad"]
        try:
            _attempt(plan, rows, resolver, by)
            return
        except _BadRows:
            continue
        except OperationalError:
            raise
        except Exception as error:
            # Something that no single row raised: each has to be tried alone to know whose fault it is.
            log.info("import batch falls back to single rows", kind=plan.kind.name, error=str(error)[:500])
            break
    for row in rows:
        if row.action != "bad":
            _alone(plan, row, resolver, by)


def _attempt(plan: Plan, rows: Sequence[Row], resolver: Resolver, by: Actor | None) -> None:
    """All of them or none."""
    made = resolver.state()
    held = _hold(plan, rows)
    try:
        with session.begin_nested():
            news = [row for row in rows if row.target is None]
            values = {row.number: _filled(row, resolver) for row in rows}
            usable = [row for row in news if row.action != "bad"]
            if plan.importer.prepare is not None and usable:
                plan.importer.prepare([values[row.number] for row in usable], by)
            targets = [(row.target, values[row.number]) for row in rows if row.target is not None]
            if plan.importer.prepare_updates is not None and targets:
                plan.importer.prepare_updates(targets, by)
            # What an area asks while it makes one record must not write the others one by one.
            with session.no_autoflush:
                for row in rows:
                    if row.action == "bad":
                        continue
                    try:
                        _put(plan, row, values[row.number], by)
                    except MAY_FAIL as problem:
                        row.end("bad", say(problem))
            if any(row.action == "bad" for row in rows):
                raise _BadRows
            session.flush()
    except BaseException:
        forget_taken_back()
        resolver.reset(made)
        raise
    del held
    _settle(rows)


def forget_taken_back() -> None:
    """After a rollback to a savepoint: lists of related records may still hold what was taken back. The job and the import
    themselves were not part of it."""
    for record in list(session):
        if isinstance(record, Record) and not isinstance(record, Import):
            session.expire(record)


def _hold(plan: Plan, rows: Sequence[Row]) -> list[Record]:
    """The records that the rows refer to, loaded at once: as long as they are held, an area that asks for one by its id
    finds it without a query."""
    wanted: dict[str, set[int]] = {}
    for row in rows:
        for name, value in row.values.items():
            kind = plan.fields[name].ref
            if kind is not None and isinstance(value, int):
                wanted.setdefault(kind, set()).add(value)
    held: list[Record] = []
    for name, ids in wanted.items():
        model = record_type(name).model
        held += session.scalars(select(model).where(model.id.in_(ids)))
    return held


def _filled(row: Row, resolver: Resolver) -> dict[str, Any]:
    """The values, with what the user has ordered now made."""
    values = {}
    for name, value in row.values.items():
        try:
            values[name] = resolver.make(value) if isinstance(value, Missing) else deepcopy(value)
        except MAY_FAIL as problem:
            row.end("bad", say(problem))
    return values


@quietly()
def _put(plan: Plan, row: Row, values: dict[str, Any], by: Actor | None) -> None:
    if plan.kind.custom_fields:
        values = fold_custom(values)
        if row.target is not None and "custom" in values:
            values["custom"] = {**(getattr(row.target, "custom", None) or {}), **values["custom"]}
    if row.target is None:
        row.record = plan.importer.create(values, by)
        if by is not None and row.record.created_by_id is None:
            row.record.created_by_id = by.id
    else:
        row.before = snapshot(row.target)
        plan.importer.update(row.target, values, by)
        row.record = row.target


def _settle(rows: Sequence[Row]) -> None:
    """After the flush: what became of each row."""
    for row in rows:
        if row.target is None:
            row.end("created")
            continue
        after = snapshot(row.target)
        row.before = {name: value for name, value in (row.before or {}).items() if value != after[name]}
        row.end("updated" if row.before else "skipped", None if row.before else _("Nothing to change."))


def _alone(plan: Plan, row: Row, resolver: Resolver, by: Actor | None) -> None:
    try:
        _attempt(plan, [row], resolver, by)
    except _BadRows:
        pass
    except OperationalError:
        raise
    except Exception as error:
        if not isinstance(error, DBAPIError | StatementError | StaleDataError):
            log.exception("a row could not be imported", kind=plan.kind.name, row=row.number)
        row.record = None
        row.end("bad", say(error))


def say(error: Exception) -> str:
    match error:
        case Refused():
            return str(error.message)
        case BadValue():
            return str(error)
        case NotAllowed():
            return _("You lack a permission that this row needs.")
        case Stale() | StaleDataError():
            return _("Somebody changed this record at the same moment.")
        case IntegrityError():
            return _("A value that may be there once only is taken already, or something that it refers to is gone.")
        case StatementError(orig=ValueError()):
            return str(error.orig)
    return _("This row could not be saved (%(error)s).", error=type(error).__name__)


def snapshot(record: Record) -> dict[str, Any]:
    """The stored values of a record, as JSON; of what hangs on it by a table of pairs (a user's roles) the ids."""
    skip, mapper = {"id", "version", "updated_at"}, inspect(record).mapper
    values = {c.key: _copied(getattr(record, c.key)) for c in mapper.column_attrs if c.key not in skip}
    pairs = [relation.key for relation in mapper.relationships if relation.secondary is not None]
    return values | {name: sorted(other.id for other in getattr(record, name)) for name in pairs}


def _copied(value: Any) -> Any:
    return deepcopy(dict(value)) if isinstance(value, Mapping) else deepcopy(plain(value))


def check_permission(plan: Plan, by: Actor | None) -> None:
    """NotAllowed unless the user may import this type: asked anew at every step, roles change."""
    if by is not None:
        require(plan.importer.permission, by)
