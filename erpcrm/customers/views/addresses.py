"""Addresses of a customer, each in a dialog or on a page of its own."""

from flask import Response
from flask_login import current_user

from erpcrm.core.access import allow
from erpcrm.core.db import session
from erpcrm.core.i18n import _
from erpcrm.core.pages import page, redirect_to

from .. import services
from ..forms import AddressForm
from ..models import Address, Customer
from .blueprint import bp, customer_url, load_customer, part_of, said

EDIT = "customers.customer.edit"


def _show(customer: Customer, address: Address | None, form: AddressForm, status: int = 200) -> Response:
    return page(
        "customers/address.html", parts=["dialog_body"], status=status, customer=customer, address=address, form=form
    )


@bp.get("/customers/<int:id>/addresses/new")
@allow(EDIT)
def new_address(id: int) -> Response:
    return _show(load_customer(id), None, AddressForm())


@bp.post("/customers/<int:id>/addresses")
@allow(EDIT)
def create_address(id: int) -> Response:
    customer, form = load_customer(id), AddressForm()
    if not form.validate():
        return _show(customer, None, form, 422)
    services.add_address(customer, form.values(), current_user)
    said(_("The address is saved."))
    return redirect_to(customer_url(id))


@bp.get("/customers/<int:id>/addresses/<int:address>/edit")
@allow(EDIT)
def edit_address(id: int, address: int) -> Response:
    customer = load_customer(id)
    record = part_of(customer, session.get(Address, address))
    return _show(customer, record, AddressForm(obj=record))


@bp.post("/customers/<int:id>/addresses/<int:address>")
@allow(EDIT)
def update_address(id: int, address: int) -> Response:
    customer = load_customer(id)
    record = part_of(customer, session.get(Address, address))
    form = AddressForm(obj=record)
    if not form.validate():
        return _show(customer, record, form, 422)
    services.update_address(record, form.values(), form.version.data)
    said(_("The address is saved."))
    return redirect_to(customer_url(id))


@bp.post("/customers/<int:id>/addresses/<int:address>/delete")
@allow(EDIT)
def delete_address(id: int, address: int) -> Response:
    services.remove_address(part_of(load_customer(id), session.get(Address, address)))
    said(_("The address is removed."))
    return redirect_to(customer_url(id))
