"""Which contact works for which customer: seen from both sides."""

from flask import Response, url_for

from erpcrm.core.access import allow
from erpcrm.core.db import session
from erpcrm.core.i18n import _
from erpcrm.core.pages import page, redirect_to

from .. import services
from ..forms import ContactPlaceForm, PlaceForm, RoleForm
from ..models import CustomerContact
from .blueprint import back_to, bp, customer_url, load_contact, load_customer, part_of, said

EDIT = "customers.contact.edit"


@bp.get("/customers/<int:id>/contacts/link")
@allow(EDIT)
def ask_link(id: int) -> Response:
    return page(
        "customers/link.html", parts=["dialog_body"], customer=load_customer(id), contact=None, form=PlaceForm()
    )


@bp.post("/customers/<int:id>/contacts/link")
@allow(EDIT)
def link_contact(id: int) -> Response:
    customer = load_customer(id)
    form = PlaceForm()
    if not form.validate():
        return page(
            "customers/link.html", parts=["dialog_body"], status=422, customer=customer, contact=None, form=form
        )
    contact = load_contact(form.contact_id.data or 0)
    services.link_contact(contact, customer, form.role.data)
    said(_("%(contact)s works for %(customer)s now.", contact=contact.name, customer=customer.name))
    return redirect_to(customer_url(id))


@bp.get("/customers/contacts/<int:id>/customers/link")
@allow(EDIT)
def ask_customer(id: int) -> Response:
    return page(
        "customers/link.html", parts=["dialog_body"], customer=None, contact=load_contact(id), form=ContactPlaceForm()
    )


@bp.post("/customers/contacts/<int:id>/customers/link")
@allow(EDIT)
def link_customer(id: int) -> Response:
    contact = load_contact(id)
    form = ContactPlaceForm()
    if not form.validate():
        return page("customers/link.html", parts=["dialog_body"], status=422, customer=None, contact=contact, form=form)
    customer = load_customer(form.customer_id.data or 0)
    services.link_contact(contact, customer, form.role.data)
    said(_("%(contact)s works for %(customer)s now.", contact=contact.name, customer=customer.name))
    return redirect_to(url_for("customers.contact", id=id))


def _place(customer_id: int, place_id: int) -> CustomerContact:
    place: CustomerContact = part_of(load_customer(customer_id), session.get(CustomerContact, place_id))
    return place


@bp.post("/customers/<int:id>/contacts/<int:place>/role")
@allow(EDIT)
def change_role(id: int, place: int) -> Response:
    form = RoleForm()
    if form.validate():
        services.update_place(_place(id, place), form.role.data)
    return redirect_to(back_to(customer_url(id)))


@bp.post("/customers/<int:id>/contacts/<int:place>/main")
@allow(EDIT)
def make_main(id: int, place: int) -> Response:
    services.make_main(_place(id, place))
    return redirect_to(back_to(customer_url(id)))


@bp.post("/customers/<int:id>/contacts/<int:place>/primary")
@allow(EDIT)
def make_primary(id: int, place: int) -> Response:
    services.make_primary(_place(id, place))
    return redirect_to(back_to(customer_url(id)))


@bp.post("/customers/<int:id>/contacts/<int:place>/unlink")
@allow(EDIT)
def unlink_contact(id: int, place: int) -> Response:
    services.unlink_contact(_place(id, place))
    return redirect_to(back_to(customer_url(id)))
