"""The page on which a lead becomes a customer, a contact and a deal."""

from dataclasses import dataclass
from typing import Any

from flask import Response, flash, url_for
from flask_login import current_user
from sqlalchemy import select

from erpcrm.core.access import allow, load
from erpcrm.core.db import session
from erpcrm.core.errors import Refused
from erpcrm.core.i18n import _
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.settings import setting
from erpcrm.customers.models import Contact, Customer
from erpcrm.customers.scopes import CONTACT_SCOPE, CUSTOMER_SCOPE

from .. import services
from ..forms import ConvertForm
from ..models import LEAD_FLOW, Lead, Opportunity
from ..models.leads import OPEN_LEAD
from ..records import LEAD_SCOPE, OPPORTUNITY_SCOPE
from ..services.conversion import EDIT_CONTACT, EDIT_CUSTOMER, EDIT_DEAL
from .blueprint import bp

CONVERT = "pipeline.lead.convert"
MAKES = {"customer": EDIT_CUSTOMER, "contact": EDIT_CONTACT, "opportunity": EDIT_DEAL}


@dataclass
class Known:
    """What may exist already: customers, those outside the scope marked, and people, those outside only counted."""

    customers: list[Any]
    contacts: list[Any]
    unseen: int

    @classmethod
    def of(cls, lead: Lead, customer: Customer | None = None) -> "Known":
        people = services.contacts_like(lead, current_user, customer)
        rule = CONTACT_SCOPE(current_user, current_user.scope("contact"))
        ids = [one.id for one in people]
        seen = set(session.scalars(select(Contact.id).where(Contact.id.in_(ids), rule))) if ids else set()
        visible = [one for one in people if one.id in seen]
        return cls(services.duplicates_of(lead, current_user), visible, len(people) - len(visible))


@bp.get("/leads/<int:id>/convert")
@allow(CONVERT)
def convert_lead(id: int) -> Response:
    record = load(Lead, id, LEAD_SCOPE)
    if record.status not in OPEN_LEAD:
        raise Refused(
            _("This lead is %(state)s. Only an open one can be converted.", state=LEAD_FLOW.state_of(record).label),
            url=url_for(".lead", id=id),
        )
    known = Known.of(record)
    mine = [one for one in known.customers if one.visible]
    form = ConvertForm(
        formdata=None,
        customer="existing" if mine else "new",
        existing_customer_id=mine[0].id if mine else None,
        contact="existing" if known.contacts else "new" if record.person else "none",
        existing_contact_id=known.contacts[0].id if known.contacts else None,
        opportunity="new",
        deal_name=(record.need or record.name).strip().partition("\n")[0][:200],
        currency="" if mine else setting("currency"),
        version=record.version,
    )
    _offer(form, record)
    return _show(record, form, known)


@bp.post("/leads/<int:id>/convert")
@allow(CONVERT)
def finish_conversion(id: int) -> Response:
    record = load(Lead, id, LEAD_SCOPE)
    form = ConvertForm()
    if not form.validate():
        return _show(record, form, Known.of(record), status=422)
    choice = _chosen(form)
    try:
        with session.begin_nested():  # what was done until somebody said no is taken back, and the form is shown again
            services.convert(record, choice, current_user, form.version.data)
    except Refused as problem:
        if record.status not in OPEN_LEAD:
            raise
        form.form_errors = [problem.message]
        return _show(record, form, Known.of(record, choice.at), status=409)
    flash(_("%(name)s is converted.", name=record.name), "success")
    if record.opportunity_id is not None:
        return redirect_to(url_for(".opportunity", id=record.opportunity_id))
    if record.customer_id is not None:
        return redirect_to(url_for("customers.customer", id=record.customer_id))
    return redirect_to(url_for("customers.contact", id=record.contact_id))


def _show(record: Lead, form: ConvertForm, known: Known, status: int = 200) -> Response:
    _offer(form, record)
    return page("pipeline/convert.html", lead=record, form=form, known=known, status=status)


def _offer(form: ConvertForm, record: Lead) -> None:
    """Only the choices that this user may make: without the permission to change it, a kind of record is left alone."""
    for name, permission in MAKES.items():
        field, kept = form[name], {"new", "existing", "none"}
        if not current_user.may(permission):
            kept = {"none", *(["existing"] if name == SEEN_ONLY else [])}
        if name == "contact" and not record.person:
            kept.discard("new")
        field.choices = [choice for choice in field.choices if choice.value in kept]
        if field.data not in kept:
            field.data = "none"


SEEN_ONLY = "customer"
"""One that exists is not changed by a conversion: seeing it is enough."""


def _chosen(form: ConvertForm) -> services.Conversion:
    """The three choices, with records that this user may see."""
    existing: dict[str, tuple[Any, Any, Any, Any]] = {
        "existing_customer": (form.customer, form.existing_customer_id, Customer, CUSTOMER_SCOPE),
        "existing_contact": (form.contact, form.existing_contact_id, Contact, CONTACT_SCOPE),
        "existing_opportunity": (form.opportunity, form.existing_opportunity_id, Opportunity, OPPORTUNITY_SCOPE),
    }
    records: dict[str, Any] = {
        name: load(model, field.data, rule)
        for name, (choice, field, model, rule) in existing.items()
        if choice.data == "existing"
    }
    deal = {
        "name": form.deal_name.data,
        "amount": form.amount.data,
        "currency": form.currency.data,
        "expected_close": form.expected_close.data,
    }
    return services.Conversion(
        customer=form.customer.data,
        contact=form.contact.data,
        opportunity=form.opportunity.data,
        deal={name: value for name, value in deal.items() if value not in (None, "")},
        confirmed=bool(form.confirmed.data),
        confirmed_contact=bool(form.confirmed_contact.data),
        **records,
    )
