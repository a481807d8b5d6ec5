"""The list of contacts, and the page of one."""

from typing import Any

from flask import Response, redirect, request, url_for
from flask_login import current_user

from erpcrm.core.access import allow
from erpcrm.core.db import session
from erpcrm.core.fields import add_fields, custom_facts
from erpcrm.core.i18n import _
from erpcrm.core.lists import list_page
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.registry import panels_of, record_type
from erpcrm.core.whole import whole

from .. import identity, reading, services, vcard
from ..forms import ContactForm, NewContactForm
from ..models import Contact, Customer
from ..services.merging import merged_into
from .blueprint import bp, customer_url, load_contact, load_customer, said, without_foreign_owner

VIEW, EDIT = "customers.contact.view", "customers.contact.edit"


@bp.get("/customers/contacts")
@allow(VIEW)
def contacts() -> Response:
    return list_page(record_type("contact"))


@bp.get("/customers/contacts/<int:id>")
@allow(VIEW)
def contact(id: int) -> Response:
    winner = merged_into("contact", id)
    if winner is not None:
        return redirect(url_for("customers.contact", id=winner), 301)  # type: ignore[return-value]
    record = load_contact(id)
    places, hidden = reading.places_of(record, current_user)
    panels = panels_of("contact.page", current_user)
    return page(
        "customers/contact.html",
        contact=record,
        places=places,
        hidden=hidden,
        consent=reading.consent_of(record),
        channel=reading.channel_of(record),
        own_fields=custom_facts(record),
        panels=[(panel, panel.load([record.id]).get(record.id)) for panel in panels],
        dial=identity.dial,
    )


@bp.get("/customers/contacts/<int:id>/card.vcf")
@allow(VIEW)
def contact_card(id: int) -> Response:
    """The contact as a vCard, for the address book of a phone."""
    record = load_contact(id)
    places, _hidden = reading.places_of(record, current_user)
    body = vcard.write(record, places[0].customer.name if places else None)
    return Response(
        body,
        mimetype="text/vcard",
        headers={"Content-Disposition": f'attachment; filename="contact-{record.id}.vcf"'},
    )


def _form(record: Contact | None = None) -> Any:
    return add_fields(NewContactForm if record is None else ContactForm, record_type("contact"))(obj=record)


def _values(form: Any) -> dict[str, Any]:
    return without_foreign_owner(form.values())


def _show_form(form: Any, record: Contact | None, status: int = 200, candidates: Any = (), **more: Any) -> Response:
    return page("customers/contact_form.html", status=status, form=form, contact=record, candidates=candidates, **more)


@bp.get("/customers/contacts/new")
@allow(EDIT)
def new_contact() -> Response:
    form = _form()
    form.owner_id.data = current_user.id
    at = request.args.get("customer", type=whole)
    if at is not None:
        form.customer_id.data = load_customer(at).id
    return _show_form(form, None)


@bp.post("/customers/contacts")
@allow(EDIT)
def create_contact() -> Response:
    form = _form()
    if not form.validate():
        return _show_form(form, None, 422)
    customer = session.get(Customer, form.customer_id.data) if form.customer_id.data else None
    values = _values(form)
    if not request.form.get("not_a_duplicate"):
        found = services.contact_candidates(values, customer_id=customer.id if customer else None)
        visible = _visible(found)
        if found:
            return _show_form(form, None, 422, candidates=visible, ask=True, unseen=len(found) - len(visible))
    record = services.create_contact(values, current_user, customer, form.role.data)
    said(_("%(name)s is saved.", name=record.name))
    return redirect_to(
        customer_url(customer.id) if customer is not None else url_for("customers.contact", id=record.id)
    )


def _visible(found: list[Any]) -> list[Any]:
    """Contacts are people: those outside the scope are not named, only counted."""
    kind = record_type("contact")
    rule = kind.scope(current_user, current_user.scope("contact"))
    seen = set(
        session.scalars(session.query(Contact.id).where(Contact.id.in_([one.id for one in found]), rule).statement)
    )
    return [one for one in found if one.id in seen]


@bp.get("/customers/contacts/candidates")
@allow(EDIT)
def contact_candidates() -> Response:
    """Who may be meant by what was typed so far: shown beside the form while it is filled in."""
    names = ("name", "phone", "mobile", "other_phone", "email")
    values = {name: request.args.get(name, "")[:200] for name in names}
    at = request.args.get("customer_id", type=int)
    found = services.contact_candidates(values, but=request.args.get("but", type=int), customer_id=at)
    visible = _visible(found)
    return page(
        "customers/candidates.html",
        parts=["candidates"],
        candidates=visible,
        unseen=len(found) - len(visible),
        candidate_page="customers.contact",
    )


@bp.get("/customers/contacts/<int:id>/edit")
@allow(EDIT)
def edit_contact(id: int) -> Response:
    record = load_contact(id)
    return _show_form(_form(record), record)


@bp.post("/customers/contacts/<int:id>")
@allow(EDIT)
def update_contact(id: int) -> Response:
    record = load_contact(id)
    form = _form(record)
    if not form.validate():
        return _show_form(form, record, 422)
    services.update_contact(record, _values(form), form.version.data, current_user)
    said(_("%(name)s is saved.", name=record.name))
    return redirect_to(url_for("customers.contact", id=id))


@bp.post("/customers/contacts/<int:id>/delete")
@allow("customers.customer.delete")
def delete_contact(id: int) -> Response:
    record = load_contact(id)
    name = record.name
    services.delete_contact(record, current_user)
    said(_("%(name)s is deleted.", name=name))
    return redirect_to(url_for("customers.contacts"))
