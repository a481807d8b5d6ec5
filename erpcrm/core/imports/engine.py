"""Runs a plan: tries it out without a trace, or for good, one bounded step after the other."""

from collections.abc import Sequence
from copy import deepcopy
from itertools import islice
from typing import Any

from sqlalchemy import func, insert, inspect, select

from erpcrm.core.actor import Actor
from erpcrm.core.audit import AuditEntry
from erpcrm.core.db import Record, session
from erpcrm.core.i18n import _
from erpcrm.core.moves import make_move
from erpcrm.core.registry import record_type, registry

from .batch import MAY_FAIL, check_permission, forget_taken_back, noticing, run_batch, say
from .models import Import, ImportRow
from .plan import Plan, plan_of
from .resolving import Resolver, find_records
from .rows import Row, Seen
from .samples import MOST, samples_of

BATCH = 500
MOST_LISTED = 100
COUNTERS = {"created": "made", "updated": "changed", "skipped": "skipped", "bad": "bad"}


def _next_rows(plan: Plan, at: int, size: int) -> tuple[list[Row], Seen]:
    """The rows from `at` on, and what of the rows before them may stand once only."""
    seen = Seen(plan)
    rows = plan.rows(0, at + size)
    if seen.sources:
        for number, cells in islice(rows, at):
            seen.meet(number, cells)
    else:
        next(islice(rows, at, at), None)
    return [Row(number, cells) for number, cells in rows], seen


# -------------------------------------------------------------- trying it out


def new_trial() -> dict[str, Any]:
    """The empty result of a trial."""
    return {
        "at": 0,
        "counts": dict.fromkeys(COUNTERS, 0),
        "problems": [],
        "reasons": {},
        "alike": [],
        "alike_count": 0,
        "samples": [],
    }


def try_step(imported: Import, by: Actor | None, size: int = BATCH) -> bool:
    """Do the next rows and take it all back; keep what would have become of them. True when the file is through."""
    plan = plan_of(imported)
    check_permission(plan, by)
    size = min(size, plan.importer.batch)
    trial = deepcopy(imported.checked) or new_trial()
    rows, seen = _next_rows(plan, trial["at"], size)
    later = {key: list(session.info.get(key, ())) for key in ("after_commit", "afterwards")}
    trace = session.begin_nested()
    try:
        run_batch(plan, rows, seen, Resolver(plan, by), by)
        kept = trial.setdefault("samples", [])
        kept += samples_of(plan, rows, MOST - len(kept))
        results = [(row.number, row.action, row.reason, row.warning) for row in rows]
    finally:
        trace.rollback()
        forget_taken_back()
        for key, calls in later.items():
            session.info.get(key, [])[:] = calls  # in place: the transaction that runs them knows these very lists
    for number, action, reason, warning in results:
        _note(trial, number, action, reason, warning)
    trial["at"] += len(rows)
    imported.checked = trial
    session.flush()
    if len(rows) == size:
        return False
    make_move(imported, "checked", by=None)
    return True


def _note(trial: dict[str, Any], number: int, action: str, reason: str | None, warning: Any) -> None:
    trial["counts"][action] += 1
    if action in ("bad", "skipped") and reason:
        if len(trial["problems"]) < MOST_LISTED:
            trial["problems"].append([number, action, reason])
        if reason in trial["reasons"] or len(trial["reasons"]) < MOST_LISTED:
            trial["reasons"][reason] = trial["reasons"].get(reason, 0) + 1
    if warning is not None:
        trial["alike_count"] += 1
        if len(trial["alike"]) < MOST_LISTED:
            trial["alike"].append([number, *warning])


# ------------------------------------------------------------------- for good


def run_step(imported: Import, state: dict[str, Any], by: Actor | None, size: int = BATCH) -> bool:
    """Do the next rows. `state` is where the job is; it is kept with the effect. True when all is done."""
    plan = plan_of(imported)
    check_permission(plan, by)
    size = min(size, plan.importer.batch)
    if state.get("later_at") is not None:
        return _later_step(imported, plan, state, by, size)
    rows, seen = _next_rows(plan, state.get("at", 0), size)
    resolver = Resolver(plan, by, state.setdefault("made", {}))
    with noticing() as made:
        run_batch(plan, rows, seen, resolver, by)
    # What stands beside a record that is never deleted stays with it.
    _store(imported, rows, _beside(plan, rows, made) if plan.importer.reversal is None else [])
    state["at"] = state.get("at", 0) + len(rows)
    state["later"] = state.get("later", False) or any(row.later and row.record is not None for row in rows)
    if len(rows) == size:
        return False
    if state["later"]:
        state["later_at"] = 0
        return False
    make_move(imported, "finish", by=None)
    return True


def last_entry() -> int:
    """The newest entry of the audit trail: what comes after it was done by somebody else, or later."""
    return session.scalar(select(func.max(AuditEntry.id))) or 0


def _beside(plan: Plan, rows: Sequence[Row], made: Sequence[Record]) -> list[tuple[str, int]]:
    """(record type, id) of what was made beside the rows' own records, such as a missing product: an undo takes it, too."""
    own = {id(row.record) for row in rows}
    known = registry().record_types
    return [
        (record.record_name, record.id)
        for record in made
        if id(record) not in own
        and record.record_name in known
        and record.record_name not in plan.importer.sees_to
        and record.audit_parent is None
        and inspect(record).persistent
    ]


def _store(imported: Import, rows: Sequence[Row], fresh: Sequence[tuple[str, int]]) -> None:
    """Keep what became of each row, and count."""
    mark = last_entry()
    kept: list[dict[str, Any]] = [
        {
            "import_id": imported.id,
            "row_no": 0,
            "action": "created",
            "record_type": kind,
            "record_id": record_id,
            "mark": mark,
            "reason": None,
            "details": None,
        }
        for kind, record_id in fresh
    ]
    for row in rows:
        done = row.action in ("created", "updated") and row.record is not None
        details: dict[str, Any] = {}
        if row.action == "updated":
            details["before"] = row.before
        if done and row.later:
            details["later"] = row.later
        kept.append(
            {
                "import_id": imported.id,
                "row_no": row.number,
                "action": row.action,
                "record_type": imported.record_type if done else None,
                "record_id": row.record.id if done and row.record is not None else None,
                "mark": mark,
                "reason": row.reason,
                "details": details or None,
            }
        )
        counter = COUNTERS[row.action]
        setattr(imported, counter, getattr(imported, counter) + 1)
    session.flush()
    if kept:
        session.execute(insert(ImportRow), kept)


# ---------------------------------------------------------------- second pass


def _later_step(imported: Import, plan: Plan, state: dict[str, Any], by: Actor | None, size: int) -> bool:
    """Set references to rows of the same file, now that all are in."""
    entries = session.scalars(
        select(ImportRow)
        .where(
            ImportRow.import_id == imported.id,
            ImportRow.action.in_(("created", "updated")),
            ImportRow.row_no > state["later_at"],
            ImportRow.details.is_not(None),
        )
        .order_by(ImportRow.row_no)
        .limit(size)
    ).all()
    put_off = [entry for entry in entries if "later" in (entry.details or {})]
    if put_off:
        _set_later(imported, plan, put_off, by)
    if len(entries) == size:
        state["later_at"] = entries[-1].row_no
        return False
    make_move(imported, "finish", by=None)
    return True


def _set_later(imported: Import, plan: Plan, entries: Sequence[ImportRow], by: Actor | None) -> None:
    texts = sorted({text for entry in entries for text in (entry.details or {})["later"].values()})
    found = _prefer_own(imported, find_records(record_type(imported.record_type), texts, by))
    model = plan.kind.model
    ids = [entry.record_id for entry in entries]
    records = {record.id: record for record in session.scalars(select(model).where(model.id.in_(ids)))}
    for entry in entries:
        details = dict(entry.details or {})
        values, problems = {}, []
        for name, text in details.pop("later").items():
            others = found.get(text, [])
            if len(others) == 1:
                values[name] = others[0]
            else:
                label = plan.fields[name].label
                problems.append(
                    _("%(field)s: more than one record is called “%(text)s”.", field=label, text=text)
                    if others
                    else _("%(field)s: the row “%(text)s” did not get in.", field=label, text=text)
                )
        record = records.get(entry.record_id or 0)
        if values and record is not None:
            try:
                with session.begin_nested():
                    plan.importer.update(record, values, by)
                    session.flush()
            except MAY_FAIL as problem:
                problems.append(say(problem))
        entry.details = details or None
        entry.reason = " ".join(problems) or None
    session.flush()
    mark = last_entry()
    for entry in entries:
        entry.mark = mark
    session.flush()


def _prefer_own(imported: Import, found: dict[str, list[int]]) -> dict[str, list[int]]:
    """Where several records are called the same, the one that came with this file is meant."""
    several = [record_id for ids in found.values() if len(ids) > 1 for record_id in ids]
    if not several:
        return found
    own = set(
        session.scalars(
            select(ImportRow.record_id).where(ImportRow.import_id == imported.id, ImportRow.record_id.in_(several))
        )
    )
    return {text: ([i for i in ids if i in own] or ids) if len(ids) > 1 else ids for text, ids in found.items()}
