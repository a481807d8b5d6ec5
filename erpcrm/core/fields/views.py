"""The page where own fields are made."""

from flask import Blueprint, Response, request, url_for

from ..access import allow
from ..db import session
from ..errors import NotThere
from ..pages import page, redirect_to
from ..records import RecordType
from . import definitions as services
from .admin_forms import FieldForm
from .definitions import KINDS, CustomField, fields_of, kinds_with_fields

bp = Blueprint("fields", __name__, url_prefix="/admin/fields")
EDIT = "core.field.edit"


def _kind(name: str) -> RecordType:
    for kind in kinds_with_fields():
        if kind.name == name:
            return kind
    raise NotThere


def _field(id: int) -> CustomField:
    field = session.get(CustomField, id)
    if field is None:
        raise NotThere
    _kind(field.record_type)
    return field


def _back(kind: str) -> Response:
    return redirect_to(url_for(".fields") + f"#fields_{kind}")


@bp.get("")
@allow(EDIT)
def fields() -> Response:
    """All own fields, by record type."""
    groups = [(kind, fields_of(kind, inactive=True)) for kind in kinds_with_fields()]
    return page("core/fields.html", groups=groups, kinds=KINDS)


@bp.get("/new/<kind>")
@allow(EDIT)
def new_field(kind: str) -> Response:
    return _form_page(_kind(kind), None, FieldForm())


@bp.post("/new/<kind>")
@allow(EDIT)
def create_field(kind: str) -> Response:
    of, form = _kind(kind), FieldForm()
    if not form.validate():
        return _form_page(of, None, form, status=422)
    services.create_field(of, form.values() | {"choices": form.choices()})
    return _back(kind)


@bp.get("/<int:id>/edit")
@allow(EDIT)
def edit_field(id: int) -> Response:
    field = _field(id)
    return _form_page(_kind(field.record_type), field, FieldForm(field, formdata=None))


@bp.post("/<int:id>")
@allow(EDIT)
def update_field(id: int) -> Response:
    field = _field(id)
    form = FieldForm(field)
    if not form.validate():
        return _form_page(_kind(field.record_type), field, form, status=422)
    services.update_field(field, form.values() | {"choices": form.choices()}, version=form.version.data)
    return _back(field.record_type)


def _form_page(kind: RecordType, field: CustomField | None, form: FieldForm, status: int = 200) -> Response:
    return page(
        "core/fields_form.html", kind=kind, field=field, form=form, rows=form.rows(field), kinds=KINDS, status=status
    )


@bp.post("/<int:id>/move")
@allow(EDIT)
def move_field(id: int) -> Response:
    field = _field(id)
    services.move_field(field, -1 if request.form.get("by") == "-1" else 1)
    return _back(field.record_type)


@bp.post("/<int:id>/activate")
@allow(EDIT)
def activate_field(id: int) -> Response:
    field = _field(id)
    services.activate_field(field, active=request.form.get("active") == "1")
    return _back(field.record_type)


@bp.post("/<int:id>/delete")
@allow(EDIT)
def delete_field(id: int) -> Response:
    field = _field(id)
    services.delete_field(field)
    return _back(field.record_type)
