"""The pages of the import wizard."""

from io import BytesIO
from typing import Any

from flask import Blueprint, Response, flash, request, send_file, url_for
from flask_login import current_user

from erpcrm.core.access import allow, load
from erpcrm.core.db import session
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.i18n import _
from erpcrm.core.jobs import Job
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.registry import record_type
from erpcrm.core.whole import whole

from . import pages, reading, report, services
from .forms import ColumnsForm, FileForm, reading_from, word_answers
from .models import PERMISSION, Import
from .plan import fields_of, plan_of
from .resolving import unknown_words
from .undo import obstacles

bp = Blueprint("imports", __name__)


def find(record_id: int) -> Import:
    """An import of this user whose record type still exists and may be imported by them."""
    imported = load(Import, record_id, services.import_scope)
    if imported.record_type not in {kind.name for kind in services.importable(current_user)}:
        raise NotThere
    return imported


def version() -> int | None:
    return request.form.get("version", type=whole)


@bp.get("/imports")
@allow(PERMISSION)
def imports() -> Response:
    before = request.args.get("before", type=whole)
    return page("core/imports.html", **pages.listing(current_user, before))


@bp.get("/imports/new")
@allow(PERMISSION)
def new_import() -> Response:
    form = _file_form()
    form.record_type.data = request.args.get("kind") or (form.kinds[0].name if len(form.kinds) == 1 else None)
    return page("core/import_new.html", form=form, kinds=form.kinds)


def _file_form() -> Any:
    form: Any = FileForm()
    form.kinds = services.importable(current_user)
    form.record_type.choices = [
        (kind.name, (kind.importer.title if kind.importer else None) or kind.plural) for kind in form.kinds
    ]
    return form


@bp.post("/imports")
@allow(PERMISSION)
def create_import() -> Response:
    form = _file_form()
    if form.validate():
        upload = form.file.data
        try:
            kind = record_type(form.record_type.data)
            imported = services.create_import(kind, upload.stream, upload.filename, current_user)
            return redirect_to(url_for(".reading_of", id=imported.id))
        except Refused as refused:
            form.file.errors = [str(refused.message)]
        finally:
            upload.close()
    return page("core/import_new.html", form=form, kinds=form.kinds, status=422)


@bp.get("/imports/<int:id>")
@allow(PERMISSION)
def show_import(id: int) -> Response:
    imported = find(id)
    if imported.status == "draft":
        return redirect_to(url_for(".columns_of", id=id))
    job = session.get(Job, imported.job_id) if imported.job_id else None
    return page("core/import.html", **pages.result(imported, plan_of(imported), job, current_user))


# ------------------------------------------------------------------ the steps


@bp.get("/imports/<int:id>/file")
@allow(PERMISSION)
def reading_of(id: int) -> Response:
    imported = find(id)
    plan = plan_of(imported)
    names = reading.sheets(plan.path) if plan.reading.is_spreadsheet else []
    plan.reading = reading_from(request.args, plan.reading, names)
    return page("core/import_file.html", parts=["preview"], **pages.file_step(imported, plan, names))


@bp.post("/imports/<int:id>/file")
@allow(PERMISSION)
def read_file(id: int) -> Response:
    imported = find(id)
    plan = plan_of(imported)
    names = reading.sheets(plan.path) if plan.reading.is_spreadsheet else []
    how = reading_from(request.form, plan.reading, names)
    try:
        services.read_as(imported, how, by=current_user, version=version())
    except Refused as refused:
        plan.reading = how
        return page(
            "core/import_file.html", **pages.file_step(imported, plan, names), error=refused.message, status=422
        )
    return redirect_to(url_for(".columns_of", id=id))


@bp.get("/imports/<int:id>/columns")
@allow(PERMISSION)
def columns_of(id: int) -> Response:
    imported = find(id)
    plan = plan_of(imported)
    return page("core/import_columns.html", **pages.columns_step(imported, plan, ColumnsForm.of(plan), current_user))


@bp.post("/imports/<int:id>/columns")
@allow(PERMISSION)
def map_columns(id: int) -> Response:
    imported = find(id)
    plan = plan_of(imported)
    form = ColumnsForm.sent(request.form, plan)
    if not form.validate(plan):
        return page("core/import_columns.html", **pages.columns_step(imported, plan, form, current_user), status=422)
    services.map_columns(imported, form.values(), by=current_user, version=version())
    if unknown_words(plan_of(imported), current_user):
        return redirect_to(url_for(".words_of", id=id))
    services.try_out(imported, by=current_user)
    return redirect_to(url_for(".show_import", id=id))


@bp.get("/imports/<int:id>/words")
@allow(PERMISSION)
def words_of(id: int) -> Response:
    imported = find(id)
    plan = plan_of(imported)
    groups = unknown_words(plan, current_user)
    return page("core/import_words.html", **pages.words_step(imported, plan, groups, current_user))


@bp.post("/imports/<int:id>/words")
@allow(PERMISSION)
def answer_words(id: int) -> Response:
    imported = find(id)
    plan = plan_of(imported)
    groups = unknown_words(plan, current_user)
    answers, errors = word_answers(request.form, groups, current_user)
    if errors:
        return page(
            "core/import_words.html", **pages.words_step(imported, plan, groups, current_user, errors), status=422
        )
    services.answer_words(imported, answers, by=current_user, version=version())
    services.try_out(imported, by=current_user)
    return redirect_to(url_for(".show_import", id=id))


# ------------------------------------------------------------------ the verbs


@bp.post("/imports/<int:id>/try")
@allow(PERMISSION)
def try_import(id: int) -> Response:
    imported = find(id)
    if "alike" in request.form:
        services.set_alike(imported, request.form["alike"], by=current_user)
    services.try_out(imported, by=current_user)
    return redirect_to(url_for(".show_import", id=id))


@bp.post("/imports/<int:id>/start")
@allow(PERMISSION)
def start_import(id: int) -> Response:
    services.start(find(id), by=current_user, version=version())
    return redirect_to(url_for(".show_import", id=id))


@bp.post("/imports/<int:id>/stop")
@allow(PERMISSION)
def stop_import(id: int) -> Response:
    services.stop(find(id), by=current_user)
    return redirect_to(url_for(".show_import", id=id))


@bp.post("/imports/<int:id>/undo")
@allow(PERMISSION)
def undo_import(id: int) -> Response:
    imported = find(id)
    found, total = obstacles(imported)
    if total:
        data = pages.result(imported, plan_of(imported), None, current_user)
        return page("core/import.html", **data, obstacles=pages.linked(found), obstacle_count=total, status=409)
    services.undo(imported, by=current_user)
    return redirect_to(url_for(".show_import", id=id))


@bp.post("/imports/<int:id>/discard")
@allow(PERMISSION)
def discard_import(id: int) -> Response:
    services.discard(find(id), by=current_user)
    flash(_("The import was thrown away. Nothing of it had been imported."))
    return redirect_to(url_for(".imports"))


# ------------------------------------------------------------------ the files


@bp.get("/imports/<int:id>/bad.<any(csv,xlsx):format>")
@allow(PERMISSION)
def bad_rows(id: int, format: str) -> Response:
    imported = find(id)
    plan = plan_of(imported)
    rows = report.bad_rows(imported, plan)
    stem = imported.file_name.rpartition(".")[0] or imported.file_name
    if format == "xlsx":
        return _file(report.as_xlsx(rows), f"{stem}-{_('not imported')}.xlsx")
    how = plan.reading
    data = report.as_csv(rows, how.encoding or "utf-8-sig", how.delimiter or ",")
    return _file(data, f"{stem}-{_('not imported')}.csv")


@bp.get("/imports/template/<kind>.<any(csv,xlsx):format>")
@allow(PERMISSION)
def template(kind: str, format: str) -> Response:
    """An empty file with the headers of everything that may be imported."""
    chosen = next((one for one in services.importable(current_user) if one.name == kind), None)
    if chosen is None:
        raise NotThere
    rows = report.template_rows(fields_of(chosen).values())
    data = report.as_xlsx(rows) if format == "xlsx" else report.as_csv(rows)
    return _file(data, f"{chosen.plural}.{format}")


def _file(data: bytes, name: str) -> Response:
    return send_file(BytesIO(data), as_attachment=True, download_name=name, max_age=0)


@bp.get("/imports/<int:id>/records")
@allow(PERMISSION)
def records(id: int) -> Response:
    """The records that came in, or were changed, by an import."""
    imported = find(id)
    data = pages.record_rows(imported, request.args.get("after", 0, type=whole), current_user)
    return page("core/import_records.html", imported=imported, plan=plan_of(imported), **data)
