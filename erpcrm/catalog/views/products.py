"""The pages of products."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from flask import Response, flash, request, url_for
from flask_login import current_user
from sqlalchemy import select

from erpcrm.core.access import allow, everyone, load
from erpcrm.core.db import session
from erpcrm.core.errors import Refused
from erpcrm.core.fields import add_fields, custom_facts
from erpcrm.core.files import Attachment, files_of
from erpcrm.core.i18n import _, today
from erpcrm.core.lists import list_page
from erpcrm.core.moves import make_move
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.registry import panels_of, record_type
from erpcrm.core.settings import setting
from erpcrm.core.whole import whole

from .. import services
from ..forms import ComponentForm, PriceCheckForm, ProductForm, UnitForm
from ..models import (
    COST_VIEW,
    EDIT,
    KINDS,
    PRICES_VIEW,
    PRODUCT_FLOW,
    TRACKING,
    VIEW,
    PriceList,
    PriceListItem,
    Product,
)
from ..reasons import reason_in_words
from .blueprint import bp

LABELS = {choice.value: choice.label for choice in (*KINDS, *TRACKING)}
SHOWN_PRICES = 50


@bp.get("/products")
@allow(VIEW)
def products() -> Response:
    return list_page(record_type("product"))


@bp.get("/products/<int:id>")
@allow(VIEW)
def product(id: int) -> Response:
    found = load(Product, id, everyone)
    pictures = [file for file in files_of("product", found.id) if file.inline]
    return page(
        "catalog/product.html",
        product=found,
        state=PRODUCT_FLOW.state_of(found),
        moves=PRODUCT_FLOW.moves_for(found, current_user),
        labels=LABELS,
        pictures=pictures,
        picture=next((file for file in pictures if file.id == found.picture_id), None),
        custom=custom_facts(found),
        panels=_panels(found),
        prices=_prices(found) if current_user.may(PRICES_VIEW) else None,
        **_price_check(found),
    )


def _panels(product: Product) -> list[tuple[Any, Any]]:
    """What other areas add; nothing where they have nothing to say of this product."""
    loaded = [(panel, panel.load([product.id]).get(product.id)) for panel in panels_of("product.page", current_user)]
    return [(panel, data) for panel, data in loaded if data is not None]


def _prices(product: Product) -> list[PriceListItem]:
    query = (
        select(PriceListItem)
        .join(PriceListItem.price_list)
        .where(PriceListItem.product_id == product.id)
        .order_by(PriceList.active.desc(), PriceList.name, PriceListItem.unit, PriceListItem.min_quantity)
    )
    return list(session.scalars(query.limit(SHOWN_PRICES)))


def _price_check(product: Product) -> dict[str, Any]:
    """The form that asks for a price, and the answer."""
    form = PriceCheckForm(
        product,
        request.args if "quantity" in request.args else None,
        data={"currency": product.currency, "unit": product.unit, "on": today(), "quantity": Decimal(1)},
    )
    if "quantity" in request.args and not form.validate():
        return {"check": form, "price": None}
    price = services.find_price(
        product, form.quantity.data or Decimal(1), form.unit.data, form.currency.data, on=form.on.data or today()
    )
    why = reason_in_words(price.reason) if price is not None else ""
    return {"check": form, "price": price, "why": why}


@bp.get("/products/<int:id>/price")
@allow(VIEW)
def product_price(id: int) -> Response:
    """What it costs: quantity, unit, currency and day come with the address."""
    found = load(Product, id, everyone)
    return page("catalog/price_check.html", parts=["price_check"], product=found, **_price_check(found))


def _form(**given: Any) -> Any:
    """The form of a product, without its cost for whoever may not see that."""
    form = add_fields(ProductForm, record_type("product"))(**given)
    if not current_user.may(COST_VIEW):
        del form.cost
    return form


def _form_page(form: Any, product: Product | None, status: int = 200) -> Response:
    return page("catalog/product_form.html", form=form, product=product, status=status)


@bp.get("/products/new")
@allow(EDIT)
def new_product() -> Response:
    defaults: dict[str, Any] = {"currency": setting("currency"), "unit": "pcs", "name": request.args.get("name", "")}
    return _form_page(_form(formdata=None, data=defaults), None)


@bp.post("/products/new")
@allow(EDIT)
def create_product() -> Response:
    form = _form()
    if not _valid(form, None):
        return _form_page(form, None, status=422)
    created = services.create_product(form.values(), by=current_user)
    flash(_("“%(name)s” is created.", name=created.name), "success")
    return redirect_to(url_for("catalog.product", id=created.id))


@bp.get("/products/<int:id>/edit")
@allow(EDIT)
def edit_product(id: int) -> Response:
    found = load(Product, id, everyone)
    return _form_page(_form(formdata=None, obj=found), found)


@bp.post("/products/<int:id>/edit")
@allow(EDIT)
def update_product(id: int) -> Response:
    found, form = load(Product, id, everyone), _form()
    if not _valid(form, found):
        return _form_page(form, found, status=422)
    services.update_product(found, form.values(), version=form.version.data, by=current_user)
    flash(_("“%(name)s” is saved.", name=found.name), "success")
    return redirect_to(url_for("catalog.product", id=found.id))


def _valid(form: Any, product: Product | None) -> bool:
    """The form's own rules, and a code and barcode that are free: said beside the field, not as a refusal of the whole."""
    if not form.validate():
        return False
    taken = (
        services.product_with_code(form.code.data, other_than=product.id if product else None)
        if form.code.data
        else None
    )
    if taken is not None:
        form.code.errors = [_("The code belongs to “%(name)s”.", name=taken.name)]
    valid = taken is None
    if form.barcode.data:
        valid = _said_beside(form.barcode, lambda: services.free_barcode(form.barcode.data, product=product)) and valid
    return valid


def _said_beside(field: Any, check: Callable[[], Any]) -> bool:
    try:
        check()
    except Refused as no:
        field.errors = [no.message]
        return False
    return True


@bp.post("/products/<int:id>/<move>")
@allow(EDIT)
def move_product(id: int, move: str) -> Response:
    found = load(Product, id, everyone)
    version = request.form.get("version", type=whole)
    make_move(found, move, by=current_user, version=version, reason=request.form.get("reason"))
    return _back(found)


def _back(product: Product) -> Response:
    return redirect_to(url_for("catalog.product", id=product.id))


@bp.post("/products/<int:id>/picture")
@allow(EDIT)
def choose_picture(id: int) -> Response:
    """Which of its files is shown as the product's picture; none when the choice is blank."""
    found = load(Product, id, everyone)
    chosen = request.form.get("picture", type=whole)
    services.choose_picture(found, session.get(Attachment, chosen) if chosen is not None else None)
    return _back(found)


# -------------------------------------------------- units of trade, components


def _dialog(template: str, product: Product, form: Any, status: int = 200, **data: Any) -> Response:
    return page(template, parts=["dialog_body"], product=product, form=form, status=status, **data)


@bp.get("/products/<int:id>/units/new")
@allow(EDIT)
def new_unit(id: int) -> Response:
    return _dialog("catalog/unit.html", load(Product, id, everyone), UnitForm(formdata=None))


@bp.post("/products/<int:id>/units/new")
@allow(EDIT)
def save_unit(id: int) -> Response:
    found, form = load(Product, id, everyone), UnitForm()
    if not form.validate():
        return _dialog("catalog/unit.html", found, form, 422)
    services.save_unit(found, form.unit.data, form.factor.data or Decimal(0), form.barcode.data)
    return _back(found)


@bp.post("/products/<int:id>/units/<int:unit_id>/remove")
@allow(EDIT)
def remove_unit(id: int, unit_id: int) -> Response:
    found = load(Product, id, everyone)
    services.remove_unit(found, unit_id)
    return _back(found)


@bp.get("/products/<int:id>/components/new")
@allow(EDIT)
def new_component(id: int) -> Response:
    return _dialog("catalog/component.html", load(Product, id, everyone), ComponentForm(formdata=None))


@bp.post("/products/<int:id>/components/new")
@allow(EDIT)
def add_component(id: int) -> Response:
    found, form = load(Product, id, everyone), ComponentForm()
    if not form.validate():
        return _dialog("catalog/component.html", found, form, 422)
    services.add_component(found, load(Product, form.product_id.data or 0, everyone), form.quantity.data or Decimal(0))
    return _back(found)


@bp.post("/products/<int:id>/components/<int:component_id>/remove")
@allow(EDIT)
def remove_component(id: int, component_id: int) -> Response:
    found = load(Product, id, everyone)
    services.remove_component(found, component_id)
    return _back(found)
