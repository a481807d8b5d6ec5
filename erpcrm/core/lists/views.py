"""The tools of a list, each working on the list at `at`: filters, columns, views, bulk actions, export."""

from typing import Any

from flask import Blueprint, Response, flash, request
from flask_login import current_user

from ..access import allow, can, require, signed_in
from ..errors import NotThere, Refused
from ..i18n import _
from ..pages import own_path, page, redirect_to
from ..records import RecordType
from ..registry import is_on, record_type, registry
from . import saved_views
from .bulk import chosen_ids, count_of, run_bulk
from .export import EXPORT, TYPES, export_response, exported_file
from .forms import FilterForm, ViewForm, chosen_references, filter_form_for
from .state import ListState

bp = Blueprint("lists", __name__, url_prefix="/lists/<kind>")


def kind_called(name: str) -> RecordType:
    """A record type whose area is on and whose records the user may see."""
    if name not in registry().record_types or not is_on(registry().area_of_type[name]):
        raise NotThere
    kind = record_type(name)
    require(kind.view)
    return kind


def list_at(kind: RecordType) -> ListState:
    """The list that this address describes. `at` is the page it stands on: a path of this site."""
    path = own_path(request.args.get("at"))
    if path is None or "?" in path or "#" in path:
        raise NotThere
    return ListState.read(kind, request.args.items(multi=True), path=path)


def dialog(template: str, *, status: int = 200, **data: Any) -> Response:
    return page(template, parts=["dialog_body"], status=status, **data)


@bp.get("/filter/<column>")
@signed_in
def filter_form(kind: str, column: str) -> Response:
    """Asks for the filter on one column; its form leads back to the list."""
    state = list_at(kind_called(kind))
    found = state.columns.get(column)
    if found is None or not found.filterable:
        raise NotThere
    form: FilterForm = filter_form_for(state, found)
    ticks = chosen_references(state, found) if found.kind == "ref" else []
    return dialog("core/list_filter.html", state=state, column=found, form=form, ticks=ticks)


@bp.get("/columns")
@signed_in
def columns_form(kind: str) -> Response:
    """Asks which columns to show; its form leads back to the list."""
    return dialog("core/list_columns.html", state=list_at(kind_called(kind)))


@bp.get("/views")
@signed_in
def view_form(kind: str) -> Response:
    """Asks for the name of a new view, and offers what may be done with the view that is open."""
    record_kind = kind_called(kind)
    return _view_page(record_kind, list_at(record_kind), ViewForm(formdata=None))


def _view_page(kind: RecordType, state: ListState, form: ViewForm, status: int = 200) -> Response:
    mine = [view for view in saved_views.views_of(kind, current_user) if view.user_id == current_user.id]
    current = next((view for view in mine if str(view.id) == state.view), None)
    return dialog(
        "core/list_view.html",
        status=status,
        state=state,
        form=form,
        current=current,
        may_share=can(saved_views.SHARE),
        may_open=_may_become_default(kind, state),
    )


def _may_become_default(kind: RecordType, state: ListState) -> bool:
    """The plain list, or a view that is open as it is named: what is shown besides has to be saved first."""
    name = state.view or ("" if state.params(view=None) else saved_views.ALL)
    return bool(name) and name != (saved_views.default_of(kind, current_user) or saved_views.ALL)


@bp.post("/views")
@signed_in
def save_view(kind: str) -> Response:
    """Keeps the list as it is now under a name."""
    record_kind = kind_called(kind)
    state, form = list_at(record_kind), ViewForm()
    if not form.validate():
        return _view_page(record_kind, state, form, status=422)
    view = saved_views.save_view(state, form.name.data or "", form.shared.data, by=current_user)
    if form.default.data:
        saved_views.set_default(record_kind, current_user, str(view.id))
    flash(_("The view “%(name)s” is saved.", name=view.name), "success")
    return redirect_to(state.url(view=view.id))


@bp.post("/views/<view>/update")
@signed_in
def update_view(kind: str, view: str) -> Response:
    """Makes an own view show what the list shows now, or renames and shares it anew."""
    record_kind = kind_called(kind)
    state, found = list_at(record_kind), saved_views.own_view(record_kind, view, current_user)
    if "name" not in request.form:
        saved_views.change_view(found, state)
    else:
        form = ViewForm()
        if not form.validate():
            return _view_page(record_kind, state, form, status=422)
        saved_views.rename_view(found, form.name.data or "", form.shared.data, by=current_user)
    flash(_("The view “%(name)s” is saved.", name=found.name), "success")
    return redirect_to(state.url(view=found.id))


@bp.post("/views/<view>/delete")
@signed_in
def delete_view(kind: str, view: str) -> Response:
    record_kind = kind_called(kind)
    state, found = list_at(record_kind), saved_views.own_view(record_kind, view, current_user)
    saved_views.delete_view(found)
    flash(_("The view “%(name)s” is deleted.", name=found.name), "success")
    return redirect_to(f"{state.path}?view={saved_views.ALL}")


@bp.post("/views/<view>/default")
@signed_in
def default_view(kind: str, view: str) -> Response:
    """Opens the list with this view from now on, for this user."""
    record_kind = kind_called(kind)
    state = list_at(record_kind)
    saved_views.set_default(record_kind, current_user, view)
    flash(_("From now on this list opens with this view."), "success")
    return redirect_to(state.url())


@bp.post("/bulk/<action>")
@signed_in
def bulk(kind: str, action: str) -> Response:
    """Asks what the action needs and whether it is meant, then runs it on the chosen rows."""
    record_kind = kind_called(kind)
    state = list_at(record_kind)
    verb = next((verb for verb in record_kind.bulk if verb.name == action), None)
    if verb is None:
        raise NotThere
    require(verb.permission)
    everything = request.form.get("all_matching") == "1"
    ids = [] if everything else chosen_ids(request.form.getlist("ids"))
    confirmed = "confirmed" in request.form
    form = verb.ask(formdata=request.form if confirmed else None) if verb.ask is not None else None
    if not confirmed or (form is not None and not form.validate()):
        count = count_of(state, ids, everything=everything)
        if count == 0:
            raise Refused(_("Select at least one row first."))
        return dialog(
            "core/list_bulk.html",
            state=state,
            action=verb,
            form=form,
            ids=ids,
            everything=everything,
            count=count,
            status=422 if confirmed else 200,
        )
    message = run_bulk(
        state, verb, ids, form.values() if form is not None else {}, everything=everything, by=current_user
    )
    flash(message, "success")
    return redirect_to(state.url())


@bp.post("/export/<format>")
@allow(EXPORT)
def export(kind: str, format: str) -> Response:
    """Everything that matches, with the columns that are shown, as a file; or a job that makes it."""
    if format not in TYPES:
        raise NotThere
    state = list_at(kind_called(kind))
    response = export_response(state, format, by=current_user)
    if response is not None:
        return response
    flash(
        _("The file is being made in the background. You will be told when it is ready, and find it under Jobs."),
        "info",
    )
    return redirect_to(state.url())


@bp.get("/exported/<int:job>")
@allow(EXPORT)
def exported(kind: str, job: int) -> Response:
    """The file that a job has made."""
    return exported_file(job, kind_called(kind), by=current_user)
