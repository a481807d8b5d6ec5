"""The pages of price lists."""

from decimal import Decimal
from typing import Any

from flask import Response, flash, request, url_for
from flask_login import current_user

from erpcrm.core.access import allow, everyone, load
from erpcrm.core.db import session
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.i18n import _
from erpcrm.core.lists import list_page
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.registry import panels_of, record_type
from erpcrm.core.settings import setting
from erpcrm.core.whole import whole

from .. import services
from ..forms import CopyForm, PriceForm, PriceListForm
from ..models import PRICES_EDIT, PRICES_VIEW, PriceList, PriceListItem, Product
from .blueprint import bp

SHOWN = 100


@bp.get("/price-lists")
@allow(PRICES_VIEW)
def price_lists() -> Response:
    return list_page(record_type("price_list"))


@bp.get("/prices")
@allow(PRICES_VIEW)
def prices() -> Response:
    """The prices of all lists."""
    return list_page(record_type("price_list_item"))


@bp.get("/price-lists/<int:id>")
@allow(PRICES_VIEW)
def price_list(id: int) -> Response:
    found = load(PriceList, id, everyone)
    items = services.prices_of(found, limit=SHOWN + 1)
    panels = [(panel, panel.load([found.id])) for panel in panels_of("price_list.page", current_user)]
    return page(
        "catalog/price_list.html", price_list=found, items=items[:SHOWN], more=len(items) > SHOWN, panels=panels
    )


@bp.get("/prices/<int:id>")
@allow(PRICES_VIEW)
def price(id: int) -> Response:
    """A price is shown on its list."""
    return redirect_to(url_for("catalog.price_list", id=load(PriceListItem, id, everyone).price_list_id))


def _form_page(form: PriceListForm, price_list: PriceList | None, status: int = 200) -> Response:
    return page("catalog/price_list_form.html", form=form, price_list=price_list, status=status)


@bp.get("/price-lists/new")
@allow(PRICES_EDIT)
def new_price_list() -> Response:
    return _form_page(PriceListForm(formdata=None, data={"currency": setting("currency"), "active": True}), None)


@bp.post("/price-lists/new")
@allow(PRICES_EDIT)
def create_price_list() -> Response:
    return _save(None)


@bp.get("/price-lists/<int:id>/edit")
@allow(PRICES_EDIT)
def edit_price_list(id: int) -> Response:
    found = load(PriceList, id, everyone)
    return _form_page(PriceListForm(formdata=None, obj=found), found)


@bp.post("/price-lists/<int:id>/edit")
@allow(PRICES_EDIT)
def update_price_list(id: int) -> Response:
    return _save(load(PriceList, id, everyone))


def _save(price_list: PriceList | None) -> Response:
    form = PriceListForm()
    if not form.validate():
        return _form_page(form, price_list, 422)
    saved = services.save_price_list(price_list, form.values(), form.version.data)
    flash(_("“%(name)s” is saved.", name=saved.name), "success")
    return redirect_to(url_for("catalog.price_list", id=saved.id))


@bp.route("/price-lists/<int:id>/copy", methods=["GET", "POST"])
@allow(PRICES_EDIT)
def copy_price_list(id: int) -> Response:
    found = load(PriceList, id, everyone)
    form = CopyForm(formdata=None) if request.method == "GET" else CopyForm()
    if request.method == "GET" or not form.validate():
        status = 422 if request.method == "POST" else 200
        return page("catalog/price_list_copy.html", parts=["dialog_body"], price_list=found, form=form, status=status)
    made = services.copy_price_list(found, form.name.data or "", form.percent.data or Decimal(0))
    flash(_("Copied. The new list is not in use yet."), "success")
    return redirect_to(url_for("catalog.price_list", id=made.id))


# ---------------------------------------------------------------------- prices


def _price_dialog(price_list: PriceList, form: PriceForm, item: PriceListItem | None, status: int = 200) -> Response:
    return page("catalog/price.html", parts=["dialog_body"], price_list=price_list, form=form, item=item, status=status)


@bp.get("/price-lists/<int:id>/prices/new")
@allow(PRICES_EDIT)
def new_price(id: int) -> Response:
    product_id = request.args.get("product", type=whole)
    return _price_dialog(load(PriceList, id, everyone), PriceForm(formdata=None, data={"product_id": product_id}), None)


@bp.post("/price-lists/<int:id>/prices/new")
@allow(PRICES_EDIT)
def create_price(id: int) -> Response:
    return _save_price(load(PriceList, id, everyone), None)


def _item(price_list: PriceList, item_id: int) -> PriceListItem:
    item = session.get(PriceListItem, item_id)
    if item is None or item.price_list_id != price_list.id:
        raise NotThere
    return item


@bp.get("/price-lists/<int:id>/prices/<int:item_id>/edit")
@allow(PRICES_EDIT)
def edit_price(id: int, item_id: int) -> Response:
    found = load(PriceList, id, everyone)
    item = _item(found, item_id)
    return _price_dialog(found, PriceForm(formdata=None, obj=item), item)


@bp.post("/price-lists/<int:id>/prices/<int:item_id>/edit")
@allow(PRICES_EDIT)
def update_price(id: int, item_id: int) -> Response:
    found = load(PriceList, id, everyone)
    return _save_price(found, _item(found, item_id))


def _save_price(price_list: PriceList, item: PriceListItem | None) -> Response:
    form = PriceForm()
    if not form.validate():
        return _price_dialog(price_list, form, item, 422)
    values: dict[str, Any] = form.values()
    values["product"] = load(Product, values.pop("product_id"), everyone)
    try:
        services.save_price(price_list, item.id if item else None, values)
    except Refused as no:
        form.price.errors = [no.message]
        return _price_dialog(price_list, form, item, 422)
    return redirect_to(url_for("catalog.price_list", id=price_list.id))


@bp.post("/price-lists/<int:id>/prices/<int:item_id>/remove")
@allow(PRICES_EDIT)
def remove_price(id: int, item_id: int) -> Response:
    found = load(PriceList, id, everyone)
    services.remove_price(found, item_id)
    return redirect_to(url_for("catalog.price_list", id=found.id))
