"""Lines, people and competitors of a deal, and the dialogs of its ends: each a small form over the deal's page."""

from typing import Any

from flask import Response, request, url_for
from flask_login import current_user

from erpcrm.core.access import allow, load
from erpcrm.core.errors import NotThere
from erpcrm.core.moves import make_move
from erpcrm.core.pages import page, redirect_to
from erpcrm.customers.models import Contact
from erpcrm.customers.scopes import CONTACT_SCOPE

from .. import services
from ..forms import CompetitorForm, LineForm, LoseForm, PersonForm, ReopenForm, gate_form
from ..models import Opportunity
from ..records import OPPORTUNITY_SCOPE
from .blueprint import bp

EDIT = "pipeline.opportunity.edit"


def deal_with(id: int) -> Opportunity:
    return load(Opportunity, id, OPPORTUNITY_SCOPE)


def back_to(deal: Opportunity) -> Response:
    return redirect_to(url_for(".opportunity", id=deal.id))


def dialog(template: str, deal: Opportunity, form: Any, *, invalid: bool = False, **data: Any) -> Response:
    return page(template, parts=["dialog_body"], status=422 if invalid else 200, deal=deal, form=form, **data)


@bp.get("/opportunities/<int:id>/lines/new")
@allow(EDIT)
def new_line(id: int) -> Response:
    return dialog("pipeline/line.html", deal_with(id), LineForm(formdata=None, quantity=1), line=None)


@bp.post("/opportunities/<int:id>/lines")
@allow(EDIT)
def create_line(id: int) -> Response:
    deal, form = deal_with(id), LineForm()
    if not form.validate():
        return dialog("pipeline/line.html", deal, form, invalid=True, line=None)
    services.save_line(deal, None, form.values(), current_user)
    return back_to(deal)


@bp.get("/opportunities/<int:id>/lines/<int:line_id>/edit")
@allow(EDIT)
def edit_line(id: int, line_id: int) -> Response:
    deal = deal_with(id)
    line = next((line for line in deal.lines if line.id == line_id), None)
    if line is None:
        raise NotThere
    return dialog("pipeline/line.html", deal, LineForm(formdata=None, obj=line), line=line)


@bp.post("/opportunities/<int:id>/lines/<int:line_id>")
@allow(EDIT)
def update_line(id: int, line_id: int) -> Response:
    deal, form = deal_with(id), LineForm()
    line = next((line for line in deal.lines if line.id == line_id), None)
    if line is None:
        raise NotThere
    if not form.validate():
        return dialog("pipeline/line.html", deal, form, invalid=True, line=line)
    services.save_line(deal, line_id, form.values(), current_user)
    return back_to(deal)


@bp.post("/opportunities/<int:id>/lines/<int:line_id>/remove")
@allow(EDIT)
def remove_line(id: int, line_id: int) -> Response:
    deal = deal_with(id)
    services.remove_line(deal, line_id, current_user)
    return back_to(deal)


@bp.get("/opportunities/<int:id>/people/new")
@allow(EDIT)
def new_person(id: int) -> Response:
    return dialog("pipeline/person.html", deal_with(id), PersonForm(formdata=None))


@bp.post("/opportunities/<int:id>/people")
@allow(EDIT)
def create_person(id: int) -> Response:
    deal, form = deal_with(id), PersonForm()
    if not form.validate():
        return dialog("pipeline/person.html", deal, form, invalid=True)
    contact = load(Contact, form.contact_id.data or 0, CONTACT_SCOPE)
    services.add_person(deal, contact.id, form.role.data)
    return back_to(deal)


@bp.post("/opportunities/<int:id>/people/<int:part_id>/remove")
@allow(EDIT)
def remove_person(id: int, part_id: int) -> Response:
    return _remove(id, part_id, "people")


@bp.get("/opportunities/<int:id>/competitors/new")
@allow(EDIT)
def new_competitor(id: int) -> Response:
    return dialog("pipeline/competitor.html", deal_with(id), CompetitorForm(formdata=None))


@bp.post("/opportunities/<int:id>/competitors")
@allow(EDIT)
def create_competitor(id: int) -> Response:
    deal, form = deal_with(id), CompetitorForm()
    if not form.validate():
        return dialog("pipeline/competitor.html", deal, form, invalid=True)
    services.add_competitor(deal, form.name.data or "", form.note.data)
    return back_to(deal)


@bp.post("/opportunities/<int:id>/competitors/<int:part_id>/remove")
@allow(EDIT)
def remove_competitor(id: int, part_id: int) -> Response:
    return _remove(id, part_id, "competitors")


def _remove(id: int, part_id: int, parts: str) -> Response:
    deal = deal_with(id)
    part = next((part for part in getattr(deal, parts) if part.id == part_id), None)
    if part is None:
        raise NotThere
    services.remove_part(deal, part)
    return back_to(deal)


@bp.route("/opportunities/<int:id>/win", methods=["GET", "POST"])
@allow(EDIT)
def win_opportunity(id: int) -> Response:
    """Ask for what the stages still want to know, then win."""
    deal = deal_with(id)
    form = gate_form(services.missing_to_reach(deal, None) if deal.status == "open" else [])
    if request.method == "GET" or not form.validate():
        return dialog("pipeline/win.html", deal, form, invalid=request.method == "POST")
    version = request.form.get("version", type=int)
    services.win(deal, form.values(), current_user, version)
    return back_to(deal)


@bp.route("/opportunities/<int:id>/lose", methods=["GET", "POST"])
@allow(EDIT)
def lose_opportunity(id: int) -> Response:
    deal = deal_with(id)
    form = LoseForm(formdata=None, version=deal.version) if request.method == "GET" else LoseForm()
    if request.method == "GET" or not form.validate():
        return dialog("pipeline/lose.html", deal, form, invalid=request.method == "POST", target=None)
    services.lose(deal, form.loss_reason.data, current_user, form.note.data, form.version.data)
    return back_to(deal)


@bp.route("/opportunities/<int:id>/reopen", methods=["GET", "POST"])
@allow(EDIT)
def reopen_opportunity(id: int) -> Response:
    deal = deal_with(id)
    form = ReopenForm(formdata=None, version=deal.version) if request.method == "GET" else ReopenForm()
    if request.method == "GET" or not form.validate():
        return dialog("pipeline/reopen.html", deal, form, invalid=request.method == "POST")
    make_move(deal, "reopen", by=current_user, reason=form.reason.data, version=form.version.data)
    return back_to(deal)
