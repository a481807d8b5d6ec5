"""The page where choice lists are edited."""

from flask import Blueprint, Response, request, url_for

from . import options as services
from .access import allow
from .area import OptionList
from .errors import NotThere
from .option_forms import MergeForm, OptionForm
from .pages import page, redirect_to
from .registry import areas_on

bp = Blueprint("options", __name__, url_prefix="/admin/options")
EDIT = "core.option.edit"
PARTS = ("dialog_body",)


@bp.get("")
@allow(EDIT)
def option_lists() -> Response:
    """All lists, by area."""
    groups = [
        (area, [(declared, services.entries(declared.name)) for declared in area.option_lists])
        for area in areas_on()
        if area.option_lists
    ]
    return page("core/options.html", groups=groups)


def _declared(name: str) -> OptionList:
    declared = services.option_lists().get(name)
    if declared is None:
        raise NotThere
    return declared


def _list_page(name: str, form: OptionForm, status: int = 200) -> Response:
    return page(
        "core/options_list.html",
        declared=_declared(name),
        entries=services.entries(name),
        uses=services.uses_of(name),
        form=form,
        status=status,
    )


def _value(name: str) -> str:
    value = request.values.get("value", "")
    if value not in {entry.value for entry in services.entries(name)}:
        raise NotThere
    return value


def _back(name: str) -> Response:
    return redirect_to(url_for(".option_list", name=name))


@bp.get("/<name>")
@allow(EDIT)
def option_list(name: str) -> Response:
    _declared(name)
    return _list_page(name, OptionForm(name, formdata=None))


@bp.post("/<name>")
@allow(EDIT)
def add_option(name: str) -> Response:
    _declared(name)
    form = OptionForm(name)
    if not form.validate():
        return _list_page(name, form, status=422)
    services.add_option(name, **form.values())
    return _back(name)


@bp.get("/<name>/edit")
@allow(EDIT)
def edit_option(name: str) -> Response:
    _declared(name)
    value = _value(name)
    entry = next(entry for entry in services.entries(name) if entry.value == value)
    return _edit_page(name, value, OptionForm(name, value, obj=entry))


def _edit_page(name: str, value: str, form: OptionForm, status: int = 200) -> Response:
    return page(
        "core/options_edit.html",
        declared=_declared(name),
        value=value,
        label=services.option_label(name, value),
        form=form,
        status=status,
        parts=PARTS,
    )


@bp.post("/<name>/edit")
@allow(EDIT)
def update_option(name: str) -> Response:
    _declared(name)
    value = _value(name)
    form = OptionForm(name, value)
    if not form.validate():
        return page(
            "core/options_edit.html",
            declared=_declared(name),
            value=value,
            label=services.option_label(name, value),
            form=form,
            status=422,
            parts=PARTS,
        )
    services.change_option(name, value, **form.values())
    return _back(name)


@bp.get("/<name>/merge")
@allow(EDIT)
def merge_form(name: str) -> Response:
    _declared(name)
    value = _value(name)
    return page(
        "core/options_merge.html",
        declared=_declared(name),
        value=value,
        label=services.option_label(name, value),
        count=services.uses_of(name).get(value, 0),
        form=MergeForm(name, value, formdata=None),
        parts=PARTS,
    )


@bp.post("/<name>/merge")
@allow(EDIT)
def merge_option(name: str) -> Response:
    _declared(name)
    value = _value(name)
    form = MergeForm(name, value)
    if not form.validate():
        raise NotThere
    services.merge_options(name, value, form.into.data)
    return _back(name)


@bp.post("/<name>/move")
@allow(EDIT)
def move_option(name: str) -> Response:
    _declared(name)
    services.move_option(name, _value(name), -1 if request.form.get("by") == "-1" else 1)
    return _back(name)


@bp.post("/<name>/activate")
@allow(EDIT)
def activate_option(name: str) -> Response:
    _declared(name)
    services.activate_option(name, _value(name), active=request.form.get("active") == "1")
    return _back(name)


@bp.post("/<name>/remove")
@allow(EDIT)
def remove_option(name: str) -> Response:
    _declared(name)
    services.remove_option(name, _value(name))
    return _back(name)
