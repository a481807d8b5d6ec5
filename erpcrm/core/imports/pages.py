"""What the wizard's pages show."""

from collections.abc import Collection, Sequence
from functools import partial
from typing import Any

from flask import current_app, url_for
from sqlalchemy import select

from erpcrm.core.actor import Actor
from erpcrm.core.db import session
from erpcrm.core.i18n import _
from erpcrm.core.jobs import Job
from erpcrm.core.registry import is_on, record_type, registry

from . import reading, samples, services
from .engine import new_trial
from .forms import MORE_LINES, ColumnsForm, WordPick
from .models import FLOW, MODES, Import, ImportRow
from .plan import REST, Plan
from .resolving import LIKELY, Group, Unknown, visible
from .undo import Obstacle

PAGE = 50
SHOWN = 25
BROKEN = "\ufffd"


def listing(by: Actor, before: int | None) -> dict[str, Any]:
    """The user's imports, newest first."""
    query = (
        select(
            Import.id,
            Import.record_type,
            Import.file_name,
            Import.status,
            Import.rows,
            Import.made,
            Import.changed,
            Import.skipped,
            Import.bad,
            Import.created_at,
            Import.created_by_id,
        )
        .where(services.import_scope(by, by.scope("import")))
        .order_by(Import.id.desc())
        .limit(PAGE + 1)
    )
    found = session.execute(query if before is None else query.where(Import.id < before)).all()
    kinds = {kind.name: kind for kind in services.importable(by)}
    return {
        "rows": [row for row in found[:PAGE] if row.record_type in kinds],
        "kinds": kinds,
        "states": FLOW.state,
        "next_id": found[PAGE - 1].id if len(found) > PAGE else None,
        "first": before is None,
    }


def steps(imported: Import, here: str) -> list[dict[str, Any]]:
    """The way through the wizard; what is behind can be gone back to until the import has run."""
    names = [
        ("file", _("File"), url_for("imports.reading_of", id=imported.id)),
        ("columns", _("Columns"), url_for("imports.columns_of", id=imported.id)),
        ("words", _("Unknown words"), url_for("imports.words_of", id=imported.id)),
        ("trial", _("Trial"), url_for("imports.show_import", id=imported.id)),
        ("result", _("Import"), None),
    ]
    at = [name for name, _label, _url in names].index(here)
    open_still = imported.status in ("draft", "checking", "ready")
    ended = imported.status in ("done", "undoing", "undone")
    return [
        {
            "label": label,
            "url": url if index < at and open_still else None,
            "state": "done" if index < at or (index == at and ended) else "current" if index == at else "next",
        }
        for index, (_name, label, url) in enumerate(names)
    ]


def file_step(imported: Import, plan: Plan, names: Sequence[str]) -> dict[str, Any]:
    """The file as it is read, with the other ways to read it."""
    error = None
    try:
        headers, rows = reading.headers(plan.path, plan.reading), services.preview(plan)
    except reading.Unreadable as problem:
        headers, rows, error = [], [], services.unreadable(problem)
    return {
        "imported": imported,
        "plan": plan,
        "steps": steps(imported, "file"),
        "headers": headers,
        "rows": rows,
        "problem": error,
        "broken": sum(cell.count(BROKEN) for _number, cells in rows for cell in cells)
        + sum(h.count(BROKEN) for h in headers),
        "encodings": [] if plan.reading.is_spreadsheet else reading.encodings_of(plan.path),
        "encoding_names": reading.ENCODINGS,
        "delimiters": [(",", _("Comma")), (";", _("Semicolon")), ("\t", _("Tab")), ("|", _("Vertical bar"))],
        "sheets": names,
    }


def columns_step(imported: Import, plan: Plan, form: ColumnsForm, by: Actor) -> dict[str, Any]:
    lines = [*form.more, *[None] * MORE_LINES]
    shown = Plan(plan.kind, plan.path, plan.reading, plan.headers, [name or None for name in form.columns], form.more)
    shown.dates, shown.mark = form.dates or None, form.mark or None  # type: ignore[assignment]
    return {
        "imported": imported,
        "plan": plan,
        "steps": steps(imported, "columns"),
        "form": form,
        "samples": services.samples_of(plan),
        "fields": sorted(plan.fields.values(), key=lambda one: not one.required),
        "new_fields": services.new_fields(plan, by),
        "together": [one.label for one in plan.fields.values() if one.name in plan.importer.matched_by],
        "keys": [one for one in plan.fields.values() if one.match],
        "lines": lines,
        "modes": MODES,
        "habits": services.habits_of(shown),
        "like": services.same_columns(imported, plan),
        "mapped": sum(1 for name in form.columns if name),
    }


def words_step(
    imported: Import, plan: Plan, groups: Sequence[Group], by: Actor, errors: dict[str, str] | None = None
) -> dict[str, Any]:
    return {
        "imported": imported,
        "plan": plan,
        "steps": steps(imported, "words"),
        "groups": groups,
        "errors": errors or {},
        "chosen": chosen_answer,
        "pick": partial(pick, by=by),
        "first_import": partial(first_import, kinds={kind.name for kind in services.importable(by)} - {plan.kind.name}),
        "kind_of": lambda group: record_type(group.field.ref),
    }


def first_import(group: Group, kinds: Collection[str]) -> str | None:
    """Where to import what the file refers to, when much of it is not there and can't be made on the way."""
    if group.may_create or group.field.ref not in kinds:
        return None
    return url_for("imports.new_import", kind=group.field.ref)


def chosen_answer(plan: Plan, group: Group, word: Unknown | None) -> str:
    """The answer that is chosen beforehand: what was said before, a likely suggestion, a new one; else the user must say."""
    given = plan.answers.get(group.field.name, {}).get(word.text if word else REST)
    if given is not None:
        if given["do"] != "use":
            return str(given["do"])
        known = {str(candidate.value) for candidate in word.candidates} if word else set()
        known |= {value for value, _label in group.choices}
        return f"use:{given['to']}" if str(given["to"]) in known else "other"
    if word and word.candidates and word.candidates[0].score >= LIKELY:
        return f"use:{word.candidates[0].value}"
    return "create" if group.may_create else ""


def pick(plan: Plan, group: Group, word: Unknown, line: int, *, by: Actor) -> WordPick | None:
    """The picker for a word that stands for another record than those suggested."""
    if group.field.kind != "ref" or "core.pick" not in current_app.view_functions:
        return None
    kind = record_type(group.field.ref or "")
    given = plan.answers.get(group.field.name, {}).get(word.text) or {}
    data = given.get("to") if given.get("do") == "use" else None
    # Said by whoever imported such a file before: what was meant may be none of this user's business.
    mine = visible(kind, [data], by) if data is not None else ()
    data = data if data in mine else None
    text = session.scalar(select(kind.title).select_from(kind.model).where(kind.model.id == data)) if data else ""
    name = f"{group.field.name}-{line}-other"
    return WordPick(
        name=name,
        id=name,
        data=data,
        text=text or "",
        pick_url=url_for("core.pick", kind=kind.name),
        label=_("What “%(text)s” stands for", text=word.text),
        flags={"required": False},
    )


def result(imported: Import, plan: Plan, job: Job | None, by: Actor) -> dict[str, Any]:
    """The page of an import from its trial on."""
    trial = imported.checked or new_trial()
    problems = trial["problems"][:SHOWN]
    before_run = imported.status in ("checking", "ready")
    if not before_run:
        problems = [
            [row_no, action, reason]
            for row_no, action, reason in session.execute(
                select(ImportRow.row_no, ImportRow.action, ImportRow.reason)
                .where(ImportRow.import_id == imported.id, ImportRow.reason.is_not(None))
                .order_by(ImportRow.row_no)
                .limit(SHOWN)
            )
        ]
    counts = (
        trial["counts"]
        if before_run
        else {
            "created": imported.made,
            "updated": imported.changed,
            "skipped": imported.skipped,
            "bad": imported.bad,
        }
    )
    return {
        "imported": imported,
        "plan": plan,
        "steps": steps(imported, "trial" if before_run else "result"),
        "state": FLOW.state_of(imported),
        "job": job,
        "counts": counts,
        "problems": problems,
        "cells": _cells(plan, [row_no for row_no, _action, _reason in problems]),
        "reasons": sorted(trial["reasons"].items(), key=lambda pair: -pair[1])[:12] if before_run else [],
        "samples": samples.Table(plan, trial.get("samples", ()), by) if imported.status == "ready" else None,
        "alike": linked([Obstacle(plan.kind.name, i, "", why) for _no, i, why in trial["alike"][:20]])
        if before_run
        else [],
        "waiting": _waiting(imported) if imported.status == "done" else [],
        "alike_count": trial["alike_count"],
        "alike_rows": [number for number, _id, _why in trial["alike"][:20]],
    }


def _waiting(imported: Import) -> Sequence[Any]:
    """Other files of the same user that are not in yet: often this one was imported for their sake."""
    query = select(Import.id, Import.file_name).where(
        Import.created_by_id == imported.created_by_id, Import.status.in_(("draft", "ready")), Import.id != imported.id
    )
    return session.execute(query.order_by(Import.id.desc()).limit(3)).all()


def _cells(plan: Plan, numbers: Sequence[int]) -> dict[int, str]:
    """The beginning of these rows as they stand in the file."""
    wanted = set(numbers) - {0}
    found: dict[int, str] = {}
    if wanted:
        last = max(wanted)
        for number, cells in plan.rows():
            if number > last:
                break
            if number in wanted:
                found[number] = " · ".join(cell for cell in cells if cell)[:160]
    return found


def linked(found: Sequence[Obstacle]) -> list[dict[str, Any]]:
    """Records with their names and addresses."""
    titles: dict[tuple[str, int], str] = {}
    for name in {one.record_type for one in found}:
        kind = record_type(name)
        ids = [one.record_id for one in found if one.record_type == name]
        for record_id, title in session.execute(select(kind.model.id, kind.title).where(kind.model.id.in_(ids))):
            titles[name, record_id] = str(title)
    return [
        {
            "title": titles.get((one.record_type, one.record_id), f"#{one.record_id}"),
            "url": address(one.record_type, one.record_id),
            "why": one.why,
            "kind": record_type(one.record_type).label,
        }
        for one in found
    ]


def address(kind_name: str, record_id: int) -> str | None:
    """The page of a record, where its area is on."""
    kind = record_type(kind_name)
    if not is_on(registry().area_of_type[kind_name]) or kind.endpoint not in current_app.view_functions:
        return None
    return url_for(kind.endpoint, id=record_id)


def record_rows(imported: Import, after: int, by: Actor) -> dict[str, Any]:
    """A page of the records of an import, in the order of the file. Only those that the user may see are named."""
    entries = session.execute(
        select(
            ImportRow.id,
            ImportRow.row_no,
            ImportRow.action,
            ImportRow.record_type,
            ImportRow.record_id,
            ImportRow.reason,
        )
        .where(ImportRow.import_id == imported.id, ImportRow.record_id.is_not(None), ImportRow.id > after)
        .order_by(ImportRow.id)
        .limit(PAGE + 1)
    ).all()
    named: dict[tuple[str, int], str] = {}
    for name in {entry.record_type for entry in entries}:
        kind = record_type(name)
        mine = visible(kind, {entry.record_id for entry in entries if entry.record_type == name}, by)
        for record_id, title in session.execute(select(kind.model.id, kind.title).where(kind.model.id.in_(mine))):
            named[name, record_id] = str(title)
    rows = [
        {
            "row_no": entry.row_no,
            "action": entry.action,
            "kind": record_type(entry.record_type).label,
            "title": named.get((entry.record_type, entry.record_id)),
            "url": address(entry.record_type, entry.record_id),
            "reason": entry.reason,
        }
        for entry in entries[:PAGE]
    ]
    return {"rows": rows, "next_id": entries[PAGE - 1].id if len(entries) > PAGE else None, "first": after == 0}
