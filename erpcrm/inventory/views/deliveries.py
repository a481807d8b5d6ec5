"""The pages of deliveries: made of an order, picked, packed, shipped, signed for."""

from typing import Any

from flask import Response, flash, request, url_for
from flask_login import current_user

from erpcrm.core.access import allow, load
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.i18n import _
from erpcrm.core.lists import list_page
from erpcrm.core.moves import make_move
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.pointers import may_see
from erpcrm.core.registry import record_type
from erpcrm.core.signatures import attach_signature
from erpcrm.core.whole import whole
from erpcrm.sales.models import SalesOrder
from erpcrm.sales.models.orders import EDIT as ORDER_EDIT
from erpcrm.sales.records import ORDER_SCOPE

from .. import outgoing, reading, services
from ..forms import ShipForm, SignForm, pick_form
from ..models import DELIVER, DELIVERY_FLOW, DELIVERY_VIEW, OPEN, SHIPPED, Delivery
from ..records import DELIVERY_SCOPE
from .blueprint import bp, dialog
from .stock import KINDS


def found(id: int) -> Delivery:
    return load(Delivery, id, DELIVERY_SCOPE)


def _to(delivery: Delivery) -> Response:
    return redirect_to(url_for("inventory.delivery", id=delivery.id))


@bp.get("/deliveries")
@allow(DELIVERY_VIEW)
def deliveries() -> Response:
    return list_page(record_type("delivery"))


@bp.get("/deliveries/<int:id>")
@allow(DELIVERY_VIEW)
def delivery(id: int) -> Response:
    record = found(id)
    return page(
        "inventory/delivery.html",
        delivery=record,
        state=DELIVERY_FLOW.state_of(record),
        moves=DELIVERY_FLOW.moves_for(record, current_user),
        groups=outgoing.groups_of(record),
        late=record.status in OPEN and reading.is_late(record.ship_by),
        shipped=record.status in SHIPPED,
        moved=reading.moves_of_document("delivery", record.id),
        returns=reading.returns_of(record),
        kinds=KINDS,
        customer_seen=may_see("customer", record.customer_id),
    )


@bp.post("/orders/<int:id>/deliver")
@allow(DELIVER)
def deliver_order(id: int) -> Response:
    """One click: what can leave now becomes a delivery; the rest stays on the order."""
    order = load(SalesOrder, id, ORDER_SCOPE)
    made = services.propose_deliveries(order, current_user)
    if len(made) > 1:
        numbers = ", ".join(one.number for one in made)
        flash(_("It lies in several warehouses: %(numbers)s.", numbers=numbers), "success")
    return _to(made[0])


@bp.post("/orders/<int:id>/lines/<int:line_id>/free")
@allow(ORDER_EDIT)
def free_line(id: int, line_id: int) -> Response:
    """Goods of a line on hold go to whoever waits for them."""
    order = load(SalesOrder, id, ORDER_SCOPE)
    line = next((one for one in order.lines if one.id == line_id), None)
    if line is None:
        raise NotThere
    services.let_go(line)
    flash(_("The goods of “%(name)s” are free for other orders.", name=line.name), "success")
    return redirect_to(url_for("sales.order", id=order.id))


@bp.post("/deliveries/<int:id>/<move>")
@allow(DELIVER)
def move_delivery(id: int, move: str) -> Response:
    record = found(id)
    version = request.form.get("version", type=whole)
    if move == "cancel":
        services.cancel(record, current_user, request.form.get("reason"), version)
        flash(_("Delivery %(number)s is cancelled.", number=record.number), "success")
        return redirect_to(url_for("sales.order", id=record.order_id))
    if move != "pack":
        raise NotThere  # the others are made on pages of their own
    make_move(record, move, by=current_user, version=version)
    return _to(record)


# ---------------------------------------------------------------------- picking


@bp.get("/deliveries/<int:id>/pick")
@allow(DELIVERY_VIEW)
def pick_form_page(id: int) -> Response:
    record = found(id)
    groups = outgoing.groups_of(record)
    return _picking(pick_form(groups)(formdata=None, data={"version": record.version}), record, groups)


def _picking(form: Any, delivery: Delivery, groups: Any, status: int = 200) -> Response:
    may = delivery.status in OPEN and current_user.may(DELIVER)
    return page("inventory/pick.html", form=form, delivery=delivery, groups=groups, may_pick=may, status=status)


@bp.post("/deliveries/<int:id>/pick")
@allow(DELIVER)
def pick(id: int) -> Response:
    record = found(id)
    groups = outgoing.groups_of(record)
    form = pick_form(groups)()
    if not form.validate():
        return _picking(form, record, groups, 422)
    values = form.values()
    chosen = {
        (group.order_line_id, group.product.id): values[f"lots_{place}"] or ""
        for place, group in enumerate(groups)
        if group.tracked
    }
    try:
        services.choose_lots(record, chosen, form.version.data)
    except Refused as no:
        form.form_errors = [*form.form_errors, no.message]
        return _picking(form, record, groups, 422)
    if record.status == OPEN[0]:
        make_move(record, "pick", by=current_user)
    return _to(record)


# --------------------------------------------------------------------- shipping


@bp.get("/deliveries/<int:id>/ship")
@allow(DELIVER)
def ship_form(id: int) -> Response:
    record = found(id)
    return dialog("inventory/ship.html", ShipForm(formdata=None, obj=record), delivery=record)


@bp.post("/deliveries/<int:id>/ship")
@allow(DELIVER)
def ship(id: int) -> Response:
    record, form = found(id), ShipForm()
    if not form.validate():
        return dialog("inventory/ship.html", form, 422, delivery=record)
    services.ship(
        record, carrier=form.carrier.data, tracking=form.tracking.data, version=form.version.data, by=current_user
    )
    flash(_("%(number)s has left.", number=record.number), "success")
    return _to(record)


@bp.get("/deliveries/<int:id>/sign")
@allow(DELIVER)
def sign_form(id: int) -> Response:
    record = found(id)
    return _signing(SignForm(formdata=None, data={"version": record.version}), record)


def _signing(form: Any, delivery: Delivery, status: int = 200) -> Response:
    return page("inventory/sign.html", form=form, delivery=delivery, groups=outgoing.groups_of(delivery), status=status)


@bp.post("/deliveries/<int:id>/sign")
@allow(DELIVER)
def sign(id: int) -> Response:
    record, form = found(id), SignForm()
    if not form.validate():
        return _signing(form, record, 422)
    signature = attach_signature(record, form.signature.data, current_user) if record.status == "shipped" else None
    services.sign(record, form.name.data, signature=signature, version=form.version.data, by=current_user)
    flash(_("%(number)s is delivered.", number=record.number), "success")
    return _to(record)
