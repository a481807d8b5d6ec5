"""The pages of receipts: plan what is expected, receive what comes."""

from typing import Any

from flask import Response, flash, request, url_for
from flask_login import current_user

from erpcrm.catalog.models import COST_VIEW, Product
from erpcrm.core.access import allow, can, everyone, load
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.i18n import _, today
from erpcrm.core.lists import list_page
from erpcrm.core.moves import make_move
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.registry import record_type
from erpcrm.core.whole import whole

from .. import reading, services
from ..forms import ReceiptForm, ReceiptLineForm, location_choices, open_lines, receive_form
from ..models import RECEIPT_FLOW, RECEIVE, STOCK, VIEW, Location, Receipt, ReceiptLine
from ..services import Coming
from .blueprint import bp, dialog
from .stock import KINDS


@bp.get("/receipts")
@allow(VIEW)
def receipts() -> Response:
    return list_page(record_type("receipt"))


@bp.get("/receipts/<int:id>")
@allow(VIEW)
def receipt(id: int) -> Response:
    found = load(Receipt, id, everyone)
    moves = RECEIPT_FLOW.moves_for(found, current_user)
    return page(
        "inventory/receipt.html",
        receipt=found,
        state=RECEIPT_FLOW.state_of(found),
        moves=[move for move in moves if move.name != "receive_part" and (move.name != "receive" or found.lines)],
        kinds=KINDS,
        came=reading.moves_of_document("receipt", found.id),
        late=found.status == RECEIPT_FLOW.initial and reading.is_late(found.expected_on),
    )


def _form(form: Any, receipt: Receipt | None, status: int = 200) -> Response:
    return page("inventory/receipt_form.html", form=form, receipt=receipt, status=status)


@bp.get("/receipts/new")
@allow(RECEIVE)
def new_receipt() -> Response:
    return _form(ReceiptForm(formdata=None, data={"expected_on": today()}), None)


@bp.post("/receipts/new")
@allow(RECEIVE)
def create_receipt() -> Response:
    form = ReceiptForm()
    if not form.validate():
        return _form(form, None, 422)
    return _to(services.plan_receipt(form.values(), by=current_user))


@bp.get("/receipts/<int:id>/edit")
@allow(RECEIVE)
def edit_receipt(id: int) -> Response:
    found = load(Receipt, id, everyone)
    return _form(ReceiptForm(formdata=None, obj=found), found)


@bp.post("/receipts/<int:id>/edit")
@allow(RECEIVE)
def update_receipt(id: int) -> Response:
    found, form = load(Receipt, id, everyone), ReceiptForm()
    if not form.validate():
        return _form(form, found, 422)
    services.update_receipt(found, form.values(), version=form.version.data)
    return _to(found)


def _to(receipt: Receipt) -> Response:
    return redirect_to(url_for("inventory.receipt", id=receipt.id))


@bp.post("/receipts/<int:id>/<move>")
@allow(RECEIVE)
def move_receipt(id: int, move: str) -> Response:
    found = load(Receipt, id, everyone)
    if move in ("receive", "receive_part"):
        raise NotThere  # what has come is said on a page of its own
    version = request.form.get("version", type=whole)
    make_move(found, move, by=current_user, version=version, reason=request.form.get("reason"))
    return _to(found)


# --------------------------------------------------------------------- lines


def _line_form(form: Any, receipt: Receipt, line: ReceiptLine | None, status: int = 200) -> Response:
    if not can(COST_VIEW):
        del form.unit_cost
    return dialog("inventory/receipt_line.html", form, status, receipt=receipt, line=line)


def _line(receipt: Receipt, line_id: int) -> ReceiptLine:
    found = next((line for line in receipt.lines if line.id == line_id), None)
    if found is None:
        raise NotThere
    return found


def _save_line(receipt: Receipt, line: ReceiptLine | None) -> Response:
    form = ReceiptLineForm()
    if not form.validate():
        return _line_form(form, receipt, line, 422)
    values = form.values() | {"product": load(Product, form.product_id.data or 0, everyone)}
    if not can(COST_VIEW):
        values.pop("unit_cost")
    services.save_line(receipt, line, values)
    return _to(receipt)


@bp.get("/receipts/<int:id>/lines/new")
@allow(RECEIVE)
def new_receipt_line(id: int) -> Response:
    return _line_form(ReceiptLineForm(formdata=None), load(Receipt, id, everyone), None)


@bp.post("/receipts/<int:id>/lines/new")
@allow(RECEIVE)
def add_receipt_line(id: int) -> Response:
    return _save_line(load(Receipt, id, everyone), None)


@bp.get("/receipts/<int:id>/lines/<int:line_id>/edit")
@allow(RECEIVE)
def edit_receipt_line(id: int, line_id: int) -> Response:
    found = load(Receipt, id, everyone)
    line = _line(found, line_id)
    return _line_form(ReceiptLineForm(formdata=None, obj=line), found, line)


@bp.post("/receipts/<int:id>/lines/<int:line_id>/edit")
@allow(RECEIVE)
def update_receipt_line(id: int, line_id: int) -> Response:
    found = load(Receipt, id, everyone)
    return _save_line(found, _line(found, line_id))


@bp.post("/receipts/<int:id>/lines/<int:line_id>/remove")
@allow(RECEIVE)
def remove_receipt_line(id: int, line_id: int) -> Response:
    found = load(Receipt, id, everyone)
    services.remove_line(found, line_id)
    return _to(found)


# ------------------------------------------------------------------- receive


def _receiving(form: Any, receipt: Receipt, status: int = 200) -> Response:
    return page("inventory/receive.html", receipt=receipt, form=form, lines=open_lines(receipt), status=status)


def _receive_form(receipt: Receipt, **given: Any) -> Any:
    form = receive_form(receipt)(**given)
    form.location.choices = location_choices(services.locations_of(receipt.warehouse_id, STOCK))
    return form


@bp.get("/receipts/<int:id>/receive")
@allow(RECEIVE)
def receive_form_page(id: int) -> Response:
    found = load(Receipt, id, everyone)
    if found.status != RECEIPT_FLOW.initial:
        return _to(found)
    return _receiving(_receive_form(found, formdata=None, data={"version": found.version}), found)


@bp.post("/receipts/<int:id>/receive")
@allow(RECEIVE)
def receive_goods(id: int) -> Response:
    found = load(Receipt, id, everyone)
    form = _receive_form(found)
    if not form.validate():
        return _receiving(form, found, 422)
    values = form.values()
    coming = [
        Coming(
            line,
            values.get(f"quantity_{line.id}") or line.quantity * 0,
            values.get(f"lots_{line.id}") or "",
            values.get(f"expires_{line.id}"),
        )
        for line in open_lines(found)
    ]
    location = load(Location, form.location.data or 0, everyone)
    try:
        services.receive(found, coming, into=location, version=form.version.data, by=current_user)
    except Refused as no:
        form.form_errors = [*form.form_errors, no.message]
        return _receiving(form, found, 422)
    flash(_("Received: what came lies at %(location)s.", location=location.code), "success")
    return _to(found)
