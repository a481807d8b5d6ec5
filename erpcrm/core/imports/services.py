"""The verbs of imports: take a file in, decide step by step, try it out, run it, take it back."""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any, BinaryIO

from sqlalchemy import ColumnElement, delete, select, true

from erpcrm.core.access import require
from erpcrm.core.actor import Actor, ScopeName
from erpcrm.core.db import session
from erpcrm.core.errors import Refused, Stale
from erpcrm.core.fields.definitions import KINDS, create_field
from erpcrm.core.files import clean_name
from erpcrm.core.i18n import _, locale_code, number_locale
from erpcrm.core.jobs import enqueue
from erpcrm.core.jobs.models import Job
from erpcrm.core.lifecycle import afterwards
from erpcrm.core.moves import make_move
from erpcrm.core.records import RecordType
from erpcrm.core.registry import record_types_on

from . import mapping, reading, storage
from .engine import new_trial, try_step
from .models import Import, ImportRow
from .parsing import date_order, decimal_mark
from .plan import Plan, Source, fields_of, importer_of, labelled, plan_of
from .reading import Reading, Unreadable
from .undo import check_undo, undo_step

AT_ONCE = 2000
"""Up to so many rows are tried out while the user waits; more become a job."""
UNDO_AT_ONCE = 400
"""Up to so many records are taken back while the user waits: deleting asks more than creating."""
SEE_ALL = "core.import.all"
SAMPLES = 5
NEW = "new:"
"""In a column's choice: make a new own field of the kind that follows."""
NEW_KINDS = ("text", "number", "date", "bool")
ADD_FIELDS = "core.field.edit"


def import_scope(actor: Actor, scope: ScopeName) -> ColumnElement[bool]:
    """Everybody sees their own imports; whoever may see all sees all."""
    return true() if actor.may(SEE_ALL) else Import.created_by_id == actor.id


def importable(by: Actor) -> list[RecordType]:
    """What this user may import."""
    return [kind for kind in record_types_on() if kind.importer is not None and by.may(kind.importer.permission)]


def unreadable(error: Unreadable) -> str:
    """What is wrong with the file, in words."""
    return {
        "spreadsheet": _("This workbook can't be opened: it is damaged, or locked by a password."),
        "too-large": _("This workbook is too large when unpacked. Save the sheet as CSV and import that."),
        "too-long": _("At most %(rows)s rows at once: please split the file.", rows=f"{reading.MOST_ROWS:,}"),
        "csv": _("This file is no table of text: a cell in it never ends. Check the delimiter and the quotes."),
        "empty": _("There is no row in this file."),
    }[error.code]


# -------------------------------------------------------------------- the file


def create_import(kind: RecordType, stream: BinaryIO, file_name: str, by: Actor) -> Import:
    """Keep the file and guess everything about it: encoding, delimiter, header, columns, or what was said last time."""
    require(importer_of(kind).permission, by)
    name = storage.keep(stream)
    path = storage.path_of(name)
    try:
        if path.stat().st_size == 0:
            raise Unreadable("empty")
        guessed = reading.guess(path)
        imported = Import(
            record_type=kind.name,
            file_name=clean_name(file_name),
            stored_as=name,
            settings=Plan(kind, path, guessed).stored(),
            created_by_id=by.id,
        )
        session.add(imported)
        session.flush()
        read_as(imported, guessed, by=by)
    except Unreadable as error:
        storage.drop(name)
        raise Refused(unreadable(error)) from error
    except BaseException:
        storage.drop(name)
        raise
    afterwards(lambda: _drop_unless_kept(name))
    return imported


def _drop_unless_kept(name: str) -> None:
    """The request may still have failed after the file was written."""
    if session.scalar(select(Import.id).where(Import.stored_as == name)) is None:
        storage.drop(name)


def read_as(imported: Import, how: Reading, *, by: Actor, version: int | None = None) -> None:
    """Read the file in this way from now on: headers, number of rows, suggested columns. Refused when nothing is left."""
    _revise(imported, by, version)
    plan = plan_of(imported)
    plan.reading = how
    try:
        plan.headers = reading.headers(plan.path, how)
        imported.rows = reading.count_rows(plan.path, how)
    except Unreadable as error:
        raise Refused(unreadable(error)) from error
    if not plan.headers or not imported.rows:
        raise Refused(unreadable(Unreadable("empty")))
    signed = mapping.signature(plan.headers)
    if signed != imported.signature:
        imported.signature = signed
        _suggest(imported, plan)
    imported.settings = plan.stored()
    session.flush()


def _suggest(imported: Import, plan: Plan) -> None:
    """Start from the last import with the same header; else from what the headers look like."""
    last = session.scalars(
        select(Import)
        .where(
            Import.record_type == imported.record_type,
            Import.signature == imported.signature,
            Import.status.in_(("running", "done", "undoing", "undone")),
        )
        .order_by(Import.id.desc())
        .limit(1)
    ).first()
    if last is not None:
        known = plan_of(last)
        plan.columns, plan.more, plan.mode, plan.key = known.columns, known.more, known.mode, known.key
        plan.clear, plan.dates, plan.mark, plan.answers = known.clear, known.dates, known.mark, known.answers
        return
    columns = samples_of(plan)
    plan.columns = mapping.suggest(plan.headers, columns, labelled(fields_of(plan.kind)))
    plan.more, plan.answers, plan.key = [], {}, None
    plan.key = next((name for name in plan.columns if name and plan.fields[name].match), None)
    plan.mode = "both" if plan.key or plan.importer.match else "create"
    plan.dates = plan.mark = None


def samples_of(plan: Plan, most: int = SAMPLES) -> list[list[str]]:
    """The first different values of each column."""
    columns: list[dict[str, None]] = [{} for _header in plan.headers]
    for _number, cells in plan.rows(0, 500):
        for index, text in enumerate(cells[: len(columns)]):
            if text and len(columns[index]) < most:
                columns[index].setdefault(text)
    return [list(values) for values in columns]


def preview(plan: Plan, most: int = 8) -> list[tuple[int, reading.Cells]]:
    """The first rows as they are read."""
    return list(islice(plan.rows(), most))


# ----------------------------------------------------------------- the columns


def map_columns(imported: Import, values: Mapping[str, Any], *, by: Actor, version: int | None = None) -> None:
    """Keep which column fills which field. `values` are those of forms.ColumnsForm."""
    _revise(imported, by, version)
    plan = plan_of(imported)
    plan.columns = [_field_for(plan, index, name) for index, name in enumerate(values["columns"])]
    plan.more = list(values["more"])
    plan.mode, plan.key, plan.clear = values["mode"], values["key"] or None, values["clear"]
    plan.dates, plan.mark = values["dates"] or None, values["mark"] or None
    plan.forget()
    imported.settings = plan.stored()
    session.flush()


def _field_for(plan: Plan, index: int, name: str) -> str | None:
    """The field that a column goes into; one of the company's own is made first when the user asks for a new one."""
    if not name.startswith(NEW):
        return name or None
    require(ADD_FIELDS)
    return create_field(plan.kind, {"kind": name.removeprefix(NEW), "label": plan.headers[index]}).name


def habits_of(plan: Plan) -> dict[str, Any]:
    """How the mapped columns write dates and numbers: what they tell, and whether it must be asked."""
    order, either = date_order(plan.texts(("date", "datetime")))
    mark = decimal_mark(plan.texts(("number", "money", "percent")))
    return {
        "dates": plan.dates or order,
        "ask_dates": either and order is None,
        "show_dates": either or order is not None,
        "mark": plan.mark or mark or ("comma" if str(number_locale()) in ("de", "fr") else "point"),
        "show_mark": any("," in text or text.count(".") > 1 for text in plan.texts(("number", "money", "percent"))),
    }


def same_columns(imported: Import, plan: Plan) -> Import | None:
    """The earlier import whose mapping was taken over."""
    return session.scalars(
        select(Import)
        .where(
            Import.record_type == imported.record_type, Import.signature == imported.signature, Import.id < imported.id
        )
        .where(Import.status.in_(("running", "done", "undoing", "undone")))
        .order_by(Import.id.desc())
        .limit(1)
    ).first()


def answer_words(
    imported: Import, answers: dict[str, dict[str, dict[str, Any]]], *, by: Actor, version: int | None = None
) -> None:
    """Keep what unknown words mean: {field: {word: {"do": use, create, empty or reject, "to": id or value}}}."""
    _revise(imported, by, version)
    plan = plan_of(imported)
    plan.answers = plan.answers | answers
    imported.settings = plan.stored()
    session.flush()


def _revise(imported: Import, by: Actor, version: int | None) -> None:
    """Only an import that was not run yet may be changed; a trial of it is void then. Stale when `version` is outdated."""
    require(importer_of(plan_of(imported).kind).permission, by)
    if version is not None and version != imported.version:
        raise Stale(imported)
    if imported.status in ("checking", "ready"):
        make_move(imported, "revise", by=None)
    if imported.status != "draft":
        raise Refused(_("This import has been run already. Start a new one."))
    imported.checked = {}


# --------------------------------------------------------------- trial and run


def try_out(imported: Import, *, by: Actor) -> None:
    """Do everything and take it all back, to see what would become of each row: now, or as a job when it is much."""
    plan = plan_of(imported)
    require(plan.importer.permission, by)
    if not plan.sources:
        raise Refused(_("Choose a field for at least one column."))
    make_move(imported, "check", by=None)
    imported.checked = new_trial()
    session.flush()
    if imported.rows > AT_ONCE:
        _enqueue(imported, "imports.try", _("Trying out %(file)s", file=imported.file_name), imported.rows, by)
        return
    while not try_step(imported, by):
        pass


def set_alike(imported: Import, choice: str, *, by: Actor) -> None:
    """Whether rows that may exist already come in all the same ("keep") or are left out ("skip")."""
    require(plan_of(imported).importer.permission, by)
    plan = plan_of(imported)
    plan.alike = "skip" if choice == "skip" else "keep"
    imported.settings = plan.stored()
    session.flush()


def start(imported: Import, *, by: Actor, version: int | None = None) -> Job:
    """Import for good, as a job. Refused when the trial has found no row that can be taken."""
    require(plan_of(imported).importer.permission, by)
    counts = (imported.checked or new_trial())["counts"]
    if imported.status == "ready" and not counts["created"] + counts["updated"]:
        raise Refused(_("No row of this file can be taken. Look at the reasons and change the columns or the file."))
    make_move(imported, "start", by=None, version=version)
    return _enqueue(imported, "imports.run", _("Importing %(file)s", file=imported.file_name), imported.rows, by)


def stop(imported: Import, *, by: Actor) -> None:
    """End an import that runs: what is in stays and may be undone."""
    require(plan_of(imported).importer.permission, by)
    make_move(imported, "stop", by=None)


def undo(imported: Import, *, by: Actor) -> None:
    """Take the import back. Refused when something has touched its records since."""
    require(plan_of(imported).importer.permission, by)
    make_move(imported, "undo", by=None)
    check_undo(imported)
    if imported.made + imported.changed > UNDO_AT_ONCE:
        count = imported.made + imported.changed
        _enqueue(imported, "imports.undo", _("Undoing the import of %(file)s", file=imported.file_name), count, by)
        return
    while not undo_step(imported, by):
        pass


def _enqueue(imported: Import, name: str, label: str, total: int, by: Actor) -> Job:
    job = enqueue(name, state={"import": imported.id, "language": locale_code()}, label=label, by=by, total=total)
    imported.job_id = job.id
    session.flush()
    return job


def discard(imported: Import, *, by: Actor) -> None:
    """Forget an import that was not run, with its file."""
    if imported.status not in ("draft", "checking", "ready"):
        raise Refused(_("An import that was run stays, so that it can be undone and looked up."))
    name = imported.stored_as
    session.execute(delete(ImportRow).where(ImportRow.import_id == imported.id))
    session.delete(imported)
    session.flush()
    afterwards(lambda: _drop_unless_kept(name))


def new_fields(plan: Plan, by: Actor) -> list[tuple[str, Any]]:
    """Kinds of own fields that this user may make out of a column: (choice, label)."""
    if not plan.kind.custom_fields or not by.may(ADD_FIELDS):
        return []
    return [(NEW + kind, KINDS[kind]) for kind in NEW_KINDS]  # type: ignore[index]


def sources_from(pairs: Sequence[tuple[str, int | None, str]]) -> list[Source]:
    return [Source(name, column, text) for name, column, text in pairs if name and (column is not None or text)]
