"""The pages of leads: the list, one lead, its form, its ends."""

from typing import Any

from flask import Response, flash, request, url_for
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from erpcrm.access.models import User
from erpcrm.core.access import allow, load
from erpcrm.core.db import session
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.fields import add_fields, custom_facts
from erpcrm.core.i18n import _
from erpcrm.core.lists import list_page
from erpcrm.core.moves import make_move
from erpcrm.core.options import option_label
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.registry import panels_of, record_type
from erpcrm.customers.models import Contact, Customer
from erpcrm.customers.scopes import CONTACT_SCOPE, CUSTOMER_SCOPE

from .. import services
from ..forms import DisqualifyForm, LeadForm
from ..models import LEAD_FLOW, Lead, Opportunity
from ..models.leads import ASSIGN
from ..records import LEAD_SCOPE, OPPORTUNITY_SCOPE
from .blueprint import bp

VIEW, EDIT = "pipeline.lead.view", "pipeline.lead.edit"
SHOWN_WITH = (joinedload(Lead.owner).lazyload(User.roles), joinedload(Lead.team))


@bp.get("/leads")
@allow(VIEW)
def leads() -> Response:
    return list_page(record_type("lead"), template="pipeline/leads.html")


@bp.get("/leads/<int:id>")
@allow(VIEW)
def lead(id: int) -> Response:
    record = load(Lead, id, LEAD_SCOPE, options=SHOWN_WITH)
    labels = {
        name: option_label(f"customer.{name}", getattr(record, name))
        for name in ("source", "industry", "region", "size")
    }
    return page(
        "pipeline/lead.html",
        lead=record,
        state=LEAD_FLOW.state_of(record),
        moves=LEAD_FLOW.moves_for(record, current_user),
        custom=custom_facts(record),
        became=became(record),
        labels=labels | {"reason": option_label("lead.disqualify_reason", record.disqualify_reason)},
        can_edit=current_user.may(EDIT) and record.status != "converted",
        panels=[(panel, panel.load([record.id])) for panel in panels_of("lead.page", current_user)],
    )


def became(lead: Lead) -> list[tuple[str, int, str]]:
    """(endpoint, id, name) of what a converted lead turned into, as far as this user may see it."""
    pointers: tuple[tuple[str, Any, Any, str, int | None], ...] = (
        ("customers.customer", Customer, CUSTOMER_SCOPE, "customers.customer.view", lead.customer_id),
        ("customers.contact", Contact, CONTACT_SCOPE, "customers.contact.view", lead.contact_id),
        (".opportunity", Opportunity, OPPORTUNITY_SCOPE, "pipeline.opportunity.view", lead.opportunity_id),
    )
    found = []
    for endpoint, model, rule, permission, key in pointers:
        if key is None or not current_user.may(permission):
            continue
        seen = rule(current_user, current_user.scope(model.record_name))
        name = session.scalar(select(model.name).where(model.id == key, seen))
        if name is not None:
            found.append((endpoint, key, name))
    return found


def _form(record: Lead | None = None) -> Any:
    form = add_fields(LeadForm, record_type("lead"))(obj=record)
    if not current_user.may(ASSIGN):
        del form.owner_id
    return form


def _mine_at_first() -> int | None:
    """Whoever would not see a lead of nobody is the owner of what they enter; the others may leave it to the rules."""
    return current_user.id if current_user.scope("lead") != "all" else None


@bp.get("/leads/new")
@allow(EDIT)
def new_lead() -> Response:
    form = _form()
    if "owner_id" in form:
        form.owner_id.data = _mine_at_first()
    return page("pipeline/lead_form.html", form=form, lead=None)


@bp.post("/leads")
@allow(EDIT)
def create_lead() -> Response:
    form = _form()
    if not form.validate():
        return page("pipeline/lead_form.html", form=form, lead=None, status=422)
    values = form.values()
    values.setdefault("owner_id", _mine_at_first())
    record = services.create_lead(values, current_user)
    return _saved(record)


def _saved(record: Lead) -> Response:
    """To the lead, or to the list when it has just been given to somebody whose leads this user does not see."""
    try:
        load(Lead, record.id, LEAD_SCOPE)
    except NotThere:
        owner = session.get(User, record.owner_id) if record.owner_id else None
        told = (
            _("%(name)s is saved and belongs to %(owner)s now.", name=record.name, owner=owner.name) if owner else None
        )
        flash(told or _("%(name)s is saved. Nobody is its owner yet.", name=record.name), "success")
        return redirect_to(url_for(".leads"))
    flash(_("%(name)s is saved.", name=record.name), "success")
    return redirect_to(url_for(".lead", id=record.id))


@bp.get("/leads/<int:id>/edit")
@allow(EDIT)
def edit_lead(id: int) -> Response:
    record = load(Lead, id, LEAD_SCOPE)
    if record.status == "converted":
        raise Refused(
            _("This lead is converted. Change the customer or the deal instead."), url=url_for(".lead", id=id)
        )
    return page("pipeline/lead_form.html", form=_form(record), lead=record)


@bp.post("/leads/<int:id>")
@allow(EDIT)
def update_lead(id: int) -> Response:
    record = load(Lead, id, LEAD_SCOPE)
    form = _form(record)
    if not form.validate():
        return page("pipeline/lead_form.html", form=form, lead=record, status=422)
    services.update_lead(record, form.values(), current_user, form.version.data)
    return _saved(record)


@bp.post("/leads/<int:id>/<move>")
@allow(EDIT)
def move_lead(id: int, move: str) -> Response:
    record = load(Lead, id, LEAD_SCOPE)
    if move not in LEAD_FLOW.move or LEAD_FLOW.move[move].page:
        raise NotThere
    reason = request.form.get("reason", "").strip()[:2000] or None
    make_move(record, move, by=current_user, version=request.form.get("version", type=int), reason=reason)
    return redirect_to(url_for(".lead", id=id))


@bp.route("/leads/<int:id>/disqualify", methods=["GET", "POST"])
@allow(EDIT)
def disqualify_lead(id: int) -> Response:
    record = load(Lead, id, LEAD_SCOPE)
    form = DisqualifyForm(formdata=None, version=record.version) if request.method == "GET" else DisqualifyForm()
    if request.method == "GET" or not form.validate():
        status = 200 if request.method == "GET" else 422
        return page("pipeline/disqualify.html", parts=["dialog_body"], lead=record, form=form, status=status)
    services.disqualify(record, form.reason.data, current_user, form.note.data, form.version.data)
    return redirect_to(url_for(".lead", id=id))


@bp.get("/leads/<int:id>/score")
@allow(VIEW)
def lead_score(id: int) -> Response:
    """The terms that add up to the score."""
    record = load(Lead, id, LEAD_SCOPE)
    total = sum(points for _rule, _name, points in record.score_terms)
    return page("pipeline/score.html", parts=["dialog_body"], lead=record, total=total)
