"""Putting stock right: the dialog, the list of what was put right, and each of those."""

from typing import Any

from flask import Response, flash, request, url_for
from flask_login import current_user

from erpcrm.catalog.models import COST_VIEW, Product
from erpcrm.core.access import allow, can, everyone, load
from erpcrm.core.errors import Refused
from erpcrm.core.i18n import _
from erpcrm.core.lists import list_page
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.registry import record_type
from erpcrm.core.whole import whole

from .. import reading, services
from ..forms import AdjustForm
from ..models import ADJUSTMENT_FLOW, ADJUSTMENT_KINDS, EDIT, VIEW, Location, StockAdjustment, reason_words
from .blueprint import bp, dialog
from .stock import KINDS

LABELS = {choice.value: choice.label for choice in ADJUSTMENT_KINDS}


@bp.get("/adjustments")
@allow(VIEW)
def adjustments() -> Response:
    return list_page(record_type("stock_adjustment"))


@bp.get("/adjustments/<int:id>")
@allow(VIEW)
def adjustment(id: int) -> Response:
    found = load(StockAdjustment, id, everyone)
    return page(
        "inventory/adjustment.html",
        adjustment=found,
        product=found.product,
        state=ADJUSTMENT_FLOW.state_of(found),
        labels=LABELS,
        reason=reason_words(found.reason),
        kinds=KINDS,
        moves=reading.moves_of_document("stock_adjustment", found.id),
    )


def _form(product: Product, **given: Any) -> Any:
    form = AdjustForm(product, reading.all_locations(), **given)
    if not can(COST_VIEW):
        del form.unit_cost
    return form


def _dialog(form: Any, product: Product, status: int = 200) -> Response:
    return dialog("inventory/adjust.html", form, status, product=product)


@bp.get("/products/<int:id>/adjust")
@allow(EDIT)
def adjust_form(id: int) -> Response:
    """`kind` and `location` in the address are chosen already."""
    found = load(Product, id, everyone)
    chosen = {"kind": request.args.get("kind", "found"), "location": request.args.get("location", type=whole)}
    return _dialog(_form(found, formdata=None, data=chosen), found)


@bp.post("/products/<int:id>/adjust")
@allow(EDIT)
def adjust(id: int) -> Response:
    found = load(Product, id, everyone)
    form = _form(found)
    if not form.validate():
        return _dialog(form, found, 422)
    values = form.values()
    try:
        done = services.adjust(
            values["kind"],
            found,
            values["quantity"],
            load(Location, values["location"] or 0, everyone),
            values["reason"],
            target=load(Location, values["target"], everyone) if values["target"] else None,
            lot=values.get("lot"),
            unit_cost=values.get("unit_cost"),
            by=current_user,
        )
    except Refused as no:
        form.form_errors = [*form.form_errors, no.message]
        return _dialog(form, found, 422)
    flash(_("Stock is put right: %(number)s.", number=done.number), "success")
    return redirect_to(url_for("inventory.stock_item", id=reading.item_at(done)))
