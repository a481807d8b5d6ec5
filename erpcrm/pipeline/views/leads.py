"""The pages of leads: list, one lead, conversion."""

from typing import Any

from flask import Response, request, url_for
from flask_login import current_user
from sqlalchemy.orm import joinedload

from erpcrm.core.access import allow, load
from erpcrm.core.db import session
from erpcrm.core.errors import NotAllowed, NotThere
from erpcrm.core.fields import add_fields, custom_facts
from erpcrm.core.forms import Form
from erpcrm.core.lists import list_page
from erpcrm.core.moves import make_move
from erpcrm.core.options import option_label
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.registry import record_type
from erpcrm.customers.models import Contact, Customer
from erpcrm.customers.scopes import CONTACT_SCOPE, CUSTOMER_SCOPE

from .. import services
from ..forms import ConvertForm, DisqualifyForm, LeadForm
from ..models import LEAD_FLOW, Lead, Opportunity
from ..records import LEAD_SCOPE, OPPORTUNITY_SCOPE
from .blueprint import bp

VIEW, EDIT, CONVERT = "pipeline.lead.view", "pipeline.lead.edit", "pipeline.lead.convert"


@bp.get("/leads")
@allow(VIEW)
def leads() -> Response:
    return list_page(record_type("lead"), template="pipeline/leads.html")


@bp.get("/leads/<int:id>")
@allow(VIEW)
def lead(id: int) -> Response:
    record = load(Lead, id, LEAD_SCOPE, options=(joinedload(Lead.owner), joinedload(Lead.team)))
    return page(
        "pipeline/lead.html",
        lead=record,
        state=LEAD_FLOW.state_of(record),
        moves=LEAD_FLOW.moves_for(record, current_user),
        custom=custom_facts(record),
        became=became(record),
        labels={
            name: option_label(f"customer.{name}", getattr(record, name))
            for name in ("source", "industry", "region", "size")
        },
        can_edit=current_user.may(EDIT) and record.status != "converted",
    )


def became(lead: Lead) -> dict[str, Any]:
    """The customer, contact and deal that a converted lead turned into."""
    pointers = {
        "customer": (Customer, lead.customer_id),
        "contact": (Contact, lead.contact_id),
        "deal": (Opportunity, lead.opportunity_id),
    }
    return {name: session.get(model, key) for name, (model, key) in pointers.items() if key is not None}


def form_class() -> type[Form]:
    return add_fields(LeadForm, record_type("lead"))


@bp.get("/leads/new")
@allow(EDIT)
def new_lead() -> Response:
    return page("pipeline/lead_form.html", form=form_class()(formdata=None, owner_id=current_user.id), lead=None)


@bp.post("/leads")
@allow(EDIT)
def create_lead() -> Response:
    form = form_class()()
    if not form.validate():
        return page("pipeline/lead_form.html", form=form, lead=None, status=422)
    record = services.create_lead(form.values(), current_user)
    return redirect_to(url_for(".lead", id=record.id))


@bp.get("/leads/<int:id>/edit")
@allow(EDIT)
def edit_lead(id: int) -> Response:
    record = load(Lead, id, LEAD_SCOPE)
    return page("pipeline/lead_form.html", form=form_class()(formdata=None, obj=record), lead=record)


@bp.post("/leads/<int:id>")
@allow(EDIT)
def update_lead(id: int) -> Response:
    record = load(Lead, id, LEAD_SCOPE)
    form = form_class()()
    if not form.validate():
        return page("pipeline/lead_form.html", form=form, lead=record, status=422)
    services.update_lead(record, form.values(), current_user, form.version.data)
    return redirect_to(url_for(".lead", id=id))


@bp.post("/leads/<int:id>/move/<move>")
@allow(EDIT)
def move_lead(id: int, move: str) -> Response:
    record = load(Lead, id, LEAD_SCOPE)
    if move not in LEAD_FLOW.move or LEAD_FLOW.move[move].page:
        raise NotThere
    make_move(
        record, move, by=current_user, version=request.form.get("version", type=int), reason=request.form.get("reason")
    )
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
    return page("pipeline/score.html", parts=["dialog_body"], lead=record)


@bp.get("/leads/<int:id>/convert")
@allow(CONVERT)
def convert_lead(id: int) -> Response:
    record = load(Lead, id, LEAD_SCOPE)
    candidates = services.duplicates_of(record)
    form = ConvertForm(
        formdata=None,
        customer="existing" if candidates else "new",
        existing_customer_id=candidates[0].id if candidates else None,
        contact="new" if record.person else "none",
        opportunity="new",
        deal_name=record.need or record.name,
        version=record.version,
    )
    return page("pipeline/convert.html", lead=record, form=form, candidates=candidates)


@bp.post("/leads/<int:id>/convert")
@allow(CONVERT)
def finish_conversion(id: int) -> Response:
    record = load(Lead, id, LEAD_SCOPE)
    form = ConvertForm()
    if not form.validate():
        candidates = services.duplicates_of(record)
        return page("pipeline/convert.html", lead=record, form=form, candidates=candidates, status=422)
    services.convert(record, _chosen(form), current_user, form.version.data)
    target = record.opportunity_id
    if target is not None:
        return redirect_to(url_for(".opportunity", id=target))
    if record.customer_id is not None:
        return redirect_to(url_for("customers.customer", id=record.customer_id))
    return redirect_to(url_for(".lead", id=id))


def _chosen(form: ConvertForm) -> services.Conversion:
    """The three choices, with records that this user may see and make."""
    makes = (
        ("customers.customer.edit", form.customer),
        ("customers.contact.edit", form.contact),
        ("pipeline.opportunity.edit", form.opportunity),
    )
    for permission, choice in makes:
        if choice.data == "new" and not current_user.may(permission):
            raise NotAllowed(permission)
    existing = {
        "existing_customer": (form.customer, form.existing_customer_id, Customer, CUSTOMER_SCOPE),
        "existing_contact": (form.contact, form.existing_contact_id, Contact, CONTACT_SCOPE),
        "existing_opportunity": (form.opportunity, form.existing_opportunity_id, Opportunity, OPPORTUNITY_SCOPE),
    }
    records: dict[str, Any] = {
        name: load(model, field.data, rule)
        for name, (choice, field, model, rule) in existing.items()
        if choice.data == "existing" and field.data is not None
    }
    deal = {"name": form.deal_name.data, "amount": form.amount.data, "expected_close": form.expected_close.data}
    return services.Conversion(
        customer=form.customer.data,
        contact=form.contact.data,
        opportunity=form.opportunity.data,
        deal={name: value for name, value in deal.items() if value not in (None, "")},
        confirmed=bool(form.confirmed.data),
        **records,
    )
