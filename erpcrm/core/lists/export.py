"""Export: all rows that match, within the user's scope, with the columns shown. Each is in the audit trail."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import IO, Any
from urllib.parse import parse_qsl

from flask import Flask, Response, current_app, send_file, url_for
from sqlalchemy import func, select

from ..access import require
from ..actor import Actor, acting_as
from ..audit import AuditEntry
from ..db import now, session
from ..errors import NotThere, Refused
from ..i18n import _, _l, local_day, show_number, today, zone
from ..jobs import Failed, Job, Outside, enqueue, handler
from ..jobs.steps import fresh_context
from ..lifecycle import transaction
from ..notifications import notify
from ..records import Column, RecordType
from ..registry import load_actor, record_type, require_on
from ..settings import setting
from .columns import Selection
from .references import References
from .sheets import write_csv, write_xlsx
from .state import ListState

AT_ONCE = 20_000
"""Rows that an export writes within the request; more become a job."""
MOST = 500_000
"""Rows that one file may have: what a job writes within half a minute, and an Excel sheet has room for."""
KEPT = timedelta(days=7)
EXPORT = "core.export.run"
TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
_WIDTHS = {"text": 28, "ref": 24, "email": 28, "tags": 24, "datetime": 17, "date": 12}
Reader = Callable[[Sequence[Any]], Any]


def export_response(state: ListState, format: str, *, by: Actor) -> Response | None:
    """The file, or None when there are so many rows that a job now makes it."""
    state.check()
    model = state.kind.model
    some = select(model.id).where(*state.conditions()).limit(MOST + 1).subquery()
    count = session.scalar(select(func.count()).select_from(some)) or 0
    if count > MOST:
        raise Refused(
            _(
                "More than %(count)s rows don't fit into one file. Narrow the list with a filter.",
                count=show_number(MOST),
            )
        )
    _note(state, format)
    if count > AT_ONCE:
        _leave_to_job(state, format, by)
        return None
    target = BytesIO()
    write_file(state, format, target)
    target.seek(0)
    return send_file(target, mimetype=TYPES[format], as_attachment=True, download_name=file_name(state, format))


def write_file(state: ListState, format: str, target: IO[bytes]) -> int:
    """Write all rows of `state` to `target`; returns how many."""
    selection = Selection(state.shown, 1)
    references = References(selection, state.actor)
    heads, readers, widths = [], list[Reader](), []
    for column in state.shown:
        heads.append(str(column.label))
        readers.append(_reader(column, selection, references))
        widths.append(_WIDTHS.get(column.kind, 14))
        if column.kind == "money":
            heads.append(_("%(column)s, currency", column=column.label))
            readers.append(_currency_reader(column, selection))
            widths.append(10)
    rows = _rows(state, selection, readers, references)
    if format == "csv":
        return write_csv(target, heads, rows)
    return write_xlsx(target, str(state.kind.plural), heads, rows, widths)


def _rows(
    state: ListState, selection: Selection, readers: Sequence[Reader], references: References
) -> Iterator[list[Any]]:
    result = session.execute(state.query(selection).execution_options(yield_per=1000))
    for rows in result.partitions():
        references.load(rows)
        for row in rows:
            yield [read(row) for read in readers]


def _reader(column: Column, selection: Selection, references: References) -> Reader:
    at = selection.value[column.name]
    match column.kind:
        case "choice" | "state":
            labels = {choice.value: str(choice.label) for choice in column.all_choices()}
            return lambda row: None if row[at] is None else labels.get(str(row[at]), row[at])
        case "tags":
            return lambda row: ", ".join(row[at] or ())
        case "bool":
            yes, no = _("Yes"), _("No")
            return lambda row: None if row[at] is None else (yes if row[at] else no)
        case "datetime":
            here = zone()
            return lambda row: _local(row[at], here)
        case "ref":
            return lambda row: references.of(column, row)[1]
        case _ if (reads := column.reads) is not None:
            return lambda row: None if row[at] is None else str(reads(row[at]))
        case _:
            return lambda row: row[at]


def _local(moment: datetime | None, here: Any) -> datetime | None:
    """Spreadsheets know no time zone: the company's clock, as on the screen."""
    return moment.astimezone(here).replace(tzinfo=None) if moment is not None else None


def _currency_reader(column: Column, selection: Selection) -> Reader:
    at, value_at, own = selection.currency.get(column.name), selection.value[column.name], setting("currency")
    return lambda row: None if row[value_at] is None else ((row[at] if at is not None else None) or own)


def file_name(state: ListState, format: str) -> str:
    return f"{state.kind.plural} {today().isoformat()}.{format}"


def _note(state: ListState, format: str) -> None:
    """In the audit trail: who took which rows out of the system."""
    session.add(
        AuditEntry(
            actor_id=state.actor.id if state.actor else None,
            record_type=state.kind.name,
            record_id=0,
            action="exported",
            changes={"format": [None, format], "query": [None, state.query_string(view=None)]},
        )
    )
    session.flush()


def _leave_to_job(state: ListState, format: str, by: Actor) -> None:
    enqueue(
        "lists.export",
        state={"kind": state.kind.name, "query": state.query_string(view=None), "format": format},
        label=_("Export: %(things)s", things=state.kind.plural),
        by=by,
    )


def export_path(job_id: int, format: str) -> Path:
    folder = Path(current_app.config["FILES_FOLDER"]) / "exports"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{job_id}.{format}"


@handler("lists.export", label=_l("Export"))
def export_step(job: Job) -> Outside | Failed | None:
    """Write the file outside of any writing transaction, then say where it is."""
    if job.user_id is None:
        raise Refused(_("An export needs somebody whose rights it has."))
    if job.outcome is None:
        require_on(record_type(job.state["kind"]))
        app: Any = current_app
        return Outside(partial(_make_file, app._get_current_object(), job.id, job.user_id or 0, dict(job.state)))
    if job.outcome.error is not None:
        return Failed(_("The file could not be written: %(why)s", why=str(job.outcome.error)))
    url = url_for("lists.exported", kind=job.state["kind"], job=job.id)
    text = _("%(count)s rows are ready to download.", count=show_number(job.outcome.value))
    job.result = {"text": text, "url": url}
    job.done = job.total = job.outcome.value
    with acting_as(None):  # nobody is told of what they did themselves, and here the system did it
        told = _l(
            "%(export)s: %(count)s rows are ready to download.", export=job.label, count=show_number(job.outcome.value)
        )
        notify(job.user_id, "decided", told, url, mail=False)
    return None


def _make_file(app: Flask, job_id: int, user_id: int, spec: dict[str, str]) -> int:
    """With the rights that the user has now, which may be fewer than when the export was asked for."""
    with fresh_context(app), transaction(writes=False):
        actor = load_actor(user_id)
        with acting_as(actor):
            kind = record_type(spec["kind"])
            require(EXPORT, actor)
            require(kind.view, actor)
            state = ListState.read(kind, parse_qsl(spec["query"]), actor=actor)
            state.check()
            path = export_path(job_id, spec["format"])
            unfinished = path.with_suffix(".part")
            with unfinished.open("wb") as target:
                count = write_file(state, spec["format"], target)
            unfinished.replace(path)
    return count


def exported_file(job_id: int, kind: RecordType, *, by: Actor) -> Response:
    """The file that a job has made, for the user who asked for it and nobody else."""
    job = session.get(Job, job_id)
    if job is None or job.name != "lists.export" or job.user_id != by.id or job.state["kind"] != kind.name:
        raise NotThere
    path = export_path(job.id, job.state["format"])
    if not path.exists():
        raise Refused(_("This file was kept for a week and is gone. Export again."))
    name = f"{kind.plural} {local_day(job.created_at).isoformat()}.{job.state['format']}"
    return send_file(path, mimetype=TYPES[job.state["format"]], as_attachment=True, download_name=name)


@handler("lists.sweep_exports", label=_l("Delete old export files"), quiet=True)
def sweep_exports(job: Job) -> None:
    """A copy of the company's data should not lie about for longer than it is needed."""
    oldest = (now() - KEPT).timestamp()
    for path in export_path(0, "csv").parent.iterdir():
        if path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
            job.done += 1
