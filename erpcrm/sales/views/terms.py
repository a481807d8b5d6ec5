"""Set-up of sales: discounts without approval, days of validity; and who buys by which price list."""

from decimal import Decimal

from flask import Response, flash, url_for
from sqlalchemy import select
from wtforms import IntegerField
from wtforms.validators import InputRequired, NumberRange, Optional

from erpcrm.access.models import Role
from erpcrm.catalog.models import PRICES_EDIT, PriceList
from erpcrm.core.access import allow, everyone, load
from erpcrm.core.db import session
from erpcrm.core.forms import ExactField, Form
from erpcrm.core.i18n import _, _l
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.settings import save_setting, setting

from .. import services
from ..forms import HolderForm
from .blueprint import bp

SETUP = "sales.setup.edit"


class SetupForm(Form):
    quotation_days = IntegerField(
        _l("A quotation is valid for days"), [InputRequired(_l("Enter a number of days.")), NumberRange(1, 365)]
    )


def _setup_form(roles: list[Role]) -> type[SetupForm]:
    """A field for each role."""
    fields = {
        f"role_{role.id}": ExactField(role.label, [Optional()], places=4, minimum=Decimal(0), maximum=Decimal(100))
        for role in roles
    }
    return type("SetupOfRoles", (SetupForm,), fields)


def _roles() -> list[Role]:
    return list(session.scalars(select(Role).order_by(Role.id)))


@bp.get("/setup")
@allow(SETUP)
def setup() -> Response:
    roles, given = _roles(), services.allowances()
    data = {f"role_{role.id}": given.get(role.id) for role in roles}
    form = _setup_form(roles)(formdata=None, data=data | {"quotation_days": setting("quotation_days")})
    return page("sales/setup.html", form=form, roles=roles)


@bp.post("/setup")
@allow(SETUP)
def save_setup() -> Response:
    roles = _roles()
    form = _setup_form(roles)()
    if not form.validate():
        return page("sales/setup.html", form=form, roles=roles, status=422)
    save_setting("quotation_days", form.quotation_days.data)
    for role in roles:
        services.set_allowance(role, form[f"role_{role.id}"].data)
    flash(_("Saved."), "success")
    return redirect_to(url_for("sales.setup"))


@bp.get("/price-lists/<int:id>/holders/new")
@allow(PRICES_EDIT)
def ask_holder(id: int) -> Response:
    found = load(PriceList, id, everyone)
    return page("sales/holder.html", parts=["dialog_body"], price_list=found, form=HolderForm(formdata=None))


@bp.post("/price-lists/<int:id>/holders/new")
@allow(PRICES_EDIT)
def give_list(id: int) -> Response:
    found, form = load(PriceList, id, everyone), HolderForm()
    valid = form.validate()
    if valid and (form.customer_id.data is None) == (form.customer_group.data is None):
        form.customer_id.errors = [_("Choose a customer or a group of customers.")]
        valid = False
    if not valid:
        return page("sales/holder.html", parts=["dialog_body"], price_list=found, form=form, status=422)
    services.give_list(found, customer_id=form.customer_id.data, customer_group=form.customer_group.data)
    return redirect_to(url_for("catalog.price_list", id=id))


@bp.post("/price-lists/<int:id>/holders/<int:holder_id>/remove")
@allow(PRICES_EDIT)
def take_list(id: int, holder_id: int) -> Response:
    services.take_list(id, holder_id)
    return redirect_to(url_for("catalog.price_list", id=id))
