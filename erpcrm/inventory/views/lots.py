"""The pages of lots and serial numbers: where they came from and where they went."""

from flask import Response, url_for

from erpcrm.core.access import allow, everyone, load
from erpcrm.core.errors import Stale
from erpcrm.core.lists import list_page
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.registry import record_type

from .. import reading
from ..forms import LotForm
from ..models import EDIT, VIEW, Lot
from .blueprint import bp, dialog
from .stock import KINDS


@bp.get("/lots")
@allow(VIEW)
def lots() -> Response:
    return list_page(record_type("lot"))


@bp.get("/lots/<int:id>")
@allow(VIEW)
def lot(id: int) -> Response:
    found = load(Lot, id, everyone)
    return page(
        "inventory/lot.html",
        lot=found,
        product=found.product,
        steps=reading.trace_of(found),
        lies=reading.lies_at(found),
        kinds=KINDS,
        document_label=reading.document_label,
    )


@bp.get("/lots/<int:id>/edit")
@allow(EDIT)
def edit_lot(id: int) -> Response:
    found = load(Lot, id, everyone)
    return dialog("inventory/lot_form.html", LotForm(formdata=None, obj=found), lot=found)


@bp.post("/lots/<int:id>/edit")
@allow(EDIT)
def update_lot(id: int) -> Response:
    found, form = load(Lot, id, everyone), LotForm()
    if not form.validate():
        return dialog("inventory/lot_form.html", form, 422, lot=found)
    if form.version.data is not None and form.version.data != found.version:
        raise Stale(found)
    found.expires_on, found.note = form.expires_on.data, form.note.data or None
    return redirect_to(url_for("inventory.lot", id=found.id))
