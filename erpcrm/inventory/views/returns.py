"""The pages of returns."""

from decimal import Decimal
from typing import Any

from flask import Response, flash, request, url_for
from flask_login import current_user

from erpcrm.access.steps import next_steps
from erpcrm.core.access import allow, everyone, load
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.i18n import _
from erpcrm.core.lists import list_page
from erpcrm.core.moves import make_move
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.pointers import may_see
from erpcrm.core.registry import panels_of, record_type
from erpcrm.core.whole import whole

from .. import reading, services
from ..forms import return_form
from ..models import (
    DELIVERY_VIEW,
    INTO,
    RETURN_FLOW,
    SHIPPED,
    TAKE_BACK,
    ZERO,
    Delivery,
    DeliveryLine,
    Return,
    Warehouse,
)
from ..records import RETURN_SCOPE
from .blueprint import bp
from .deliveries import found as found_delivery
from .stock import KINDS

LABELS = {choice.value: choice for choice in INTO}


@bp.get("/returns")
@allow(DELIVERY_VIEW)
def returns() -> Response:
    return list_page(record_type("return"))


@bp.get("/returns/<int:id>")
@allow(DELIVERY_VIEW)
def return_page(id: int) -> Response:
    record = load(Return, id, RETURN_SCOPE)
    return page(
        "inventory/return.html",
        found=record,
        state=RETURN_FLOW.state_of(record),
        moves=RETURN_FLOW.moves_for(record, current_user),
        labels=LABELS,
        moved=reading.moves_of_document("return", record.id),
        kinds=KINDS,
        order=record.delivery.order,
        customer_seen=may_see("customer", record.customer_id),
        next=next_steps("return.next", record.id, current_user),
        panels=[(panel, panel.load([record.id])) for panel in panels_of("return.page", current_user)],
    )


@bp.post("/returns/<int:id>/<move>")
@allow(TAKE_BACK)
def move_return(id: int, move: str) -> Response:
    record = load(Return, id, RETURN_SCOPE)
    version = request.form.get("version", type=whole)
    if move == "receive":
        services.take_back(record, current_user, version)
    elif move in RETURN_FLOW.move:
        make_move(record, move, by=current_user, version=version, reason=request.form.get("reason"))
    else:
        raise NotThere
    return redirect_to(url_for("inventory.return_page", id=record.id))


def _lines(delivery: Delivery) -> list[tuple[DeliveryLine, Decimal]]:
    """The lines of a delivery of which something can still come back, and how much."""
    back = services.returned_of([delivery.id], with_announced=True)
    left = [(line, line.quantity - back.get(line.id, ZERO)) for line in delivery.lines]
    return [(line, quantity) for line, quantity in left if quantity > 0]


def _form_page(form: Any, delivery: Delivery, lines: Any, status: int = 200) -> Response:
    return page("inventory/return_form.html", form=form, delivery=delivery, lines=lines, status=status)


@bp.get("/deliveries/<int:id>/return")
@allow(TAKE_BACK)
def new_return(id: int) -> Response:
    record = found_delivery(id)
    if record.status not in SHIPPED:
        return redirect_to(url_for("inventory.delivery", id=record.id))
    lines = _lines(record)
    data = {"warehouse_id": record.warehouse_id, "at_once": True}
    return _form_page(return_form(lines)(formdata=None, data=data), record, lines)


@bp.post("/deliveries/<int:id>/return")
@allow(TAKE_BACK)
def create_return(id: int) -> Response:
    record = found_delivery(id)
    lines = _lines(record)
    form = return_form(lines)()
    if not form.validate():
        return _form_page(form, record, lines, 422)
    values = form.values()
    back = [
        services.Back(line, values[f"quantity_{line.id}"] or ZERO, values[f"becomes_{line.id}"])
        for line, _left in lines
    ]
    warehouse = load(Warehouse, values["warehouse_id"] or 0, everyone)
    try:
        made = services.announce_return(record, back, values["reason"], warehouse=warehouse, by=current_user)
    except Refused as no:
        form.form_errors = [*form.form_errors, no.message]
        return _form_page(form, record, lines, 422)
    if values["at_once"]:
        services.take_back(made, current_user)
    flash(_("Return %(number)s is written.", number=made.number), "success")
    return redirect_to(url_for("inventory.return_page", id=made.id))
