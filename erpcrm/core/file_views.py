"""Attachments over HTTP: the part that record pages show, upload, download."""

from urllib.parse import quote

from flask import Blueprint, Response, request, send_file, url_for
from flask_login import current_user
from sqlalchemy import select

from . import files
from .access import signed_in
from .blobs import path_of
from .db import Record, session
from .errors import NotAllowed, NotThere, Refused
from .files import Attachment
from .i18n import _
from .pages import page, redirect_to
from .pointers import address_of, kind_of, may_edit, record_behind, title_of
from .registry import record_type
from .settings import setting
from .whole import whole

UNTRUSTED = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""Whatever is in the file: it runs nothing, loads nothing and has no origin."""

bp = Blueprint("files", __name__)


def _target() -> Record:
    record_id = request.values.get("record_id", type=whole)
    if record_id is None:
        raise NotThere
    return record_behind(request.values.get("record_type", ""), record_id)


def _may_edit(record: Record) -> None:
    if not may_edit(record.record_name):
        raise NotAllowed(kind_of(record.record_name).edit)


@bp.get("/files")
@signed_in
def of_record() -> Response:
    """The files of a record: a part for its page (`ui.lazy_card('files', ...)`), or a page of its own."""
    return _show(_target())


def _show(record: Record, *, removed: Attachment | None = None, status: int = 200) -> Response:
    user = record_type("user")
    found = files.files_of(record.record_name, record.id)
    ids = {file.user_id for file in found if file.user_id}
    names = session.execute(select(user.model.id, user.title).where(user.model.id.in_(ids))) if ids else None
    return page(
        "core/files.html",
        parts=["files"],
        status=status,
        record=record,
        title=title_of(record.record_name, record.id),
        label=kind_of(record.record_name).label,
        back=address_of(record.record_name, record.id),
        files=found,
        names=dict(names.all()) if names is not None else {},
        editable=may_edit(record.record_name),
        removed=removed,
        limit=setting("file_max_mb"),
        accept=",".join(f".{ending}" for ending in setting("file_types")),
    )


def _answer(record: Record, *, removed: Attachment | None = None) -> Response:
    """The part again for an HTMX request; else the page from which it came."""
    if "HX-Request" in request.headers:
        return _show(record, removed=removed)
    if removed is not None:
        return redirect_to(
            url_for("files.of_record", record_type=record.record_name, record_id=record.id, removed=removed.id)
        )
    return redirect_to(address_of(record.record_name, record.id))


@bp.post("/files")
@signed_in
def upload() -> Response:
    """Attach one or several files. All or none: a refusal names the file that can't be taken."""
    record = _target()
    _may_edit(record)
    given = [storage for storage in request.files.getlist("files") if storage.filename]
    if not given:
        raise Refused(_("Choose a file first."))
    for storage in given:
        files.attach(record, storage, current_user)
    return _answer(record)


@bp.post("/files/<int:id>/remove")
@signed_in
def remove(id: int) -> Response:
    attachment, record = files.visible_file(id)
    if attachment.user_id != current_user.id:
        _may_edit(record)
    files.remove(attachment, record)
    return _answer(record, removed=attachment)


@bp.post("/files/<int:id>/restore")
@signed_in
def restore(id: int) -> Response:
    attachment, record = files.visible_file(id, deleted=True)
    if attachment.user_id != current_user.id:
        _may_edit(record)
    files.bring_back(attachment, record)
    return _answer(record)


@bp.get("/files/<int:id>/<path:name>")
@signed_in
def download(id: int, name: str) -> Response:
    """The content. Pictures may be shown; everything else is only ever saved. `name` is for the browser's sake."""
    attachment, _record = files.visible_file(id)
    path = path_of(attachment.sha256)
    shown = attachment.inline and "download" not in request.args and files.still_fits(attachment)
    response = send_file(
        path,
        mimetype=attachment.media_type if shown or not attachment.inline else "application/octet-stream",
        conditional=True,
        etag=attachment.sha256,
    )
    disposition = "inline" if shown else "attachment"
    response.headers["Content-Disposition"] = f"{disposition}; filename*=UTF-8''{quote(attachment.name, safe='')}"
    response.headers["Content-Security-Policy"] = UNTRUSTED
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-cache"  # asked again each time: the right to see it may be gone
    return response
