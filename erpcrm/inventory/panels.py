"""What inventory adds to pages of lower areas."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import url_for
from sqlalchemy import and_, or_, select

from erpcrm.access.steps import Step
from erpcrm.core.db import session
from erpcrm.core.i18n import _
from erpcrm.sales.models import OrderLine, SalesOrder

from . import outgoing, reading
from .models import DELIVER, DELIVERY_FLOW, OPEN, RECEIVE, Delivery, Reservation, Warehouse

SHIPPING, DELIVERING, MISSING = 20, 25, 28


def stock_of_products(ids: Sequence[int]) -> Mapping[int, Any]:
    """What lies in each warehouse, and what is on its way; of products that are kept in stock."""
    return reading.items_of(ids)


def stock_of_orders(ids: Sequence[int]) -> Mapping[int, Any]:
    """What is promised to the open lines of each order, what is free, when more comes; and its deliveries."""
    deliveries = outgoing.deliveries_of(ids)
    found = {}
    for order_id in ids:
        order = session.get_one(SalesOrder, order_id)
        lines = outgoing.standing_of(order) if order.status == "confirmed" else []
        if lines or deliveries[order_id]:
            found[order_id] = {"lines": lines, "deliveries": deliveries[order_id], "states": DELIVERY_FLOW.state}
    return found


def next_of_orders(ids: Sequence[int]) -> Mapping[int, Sequence[Step]]:
    """What the warehouse does next with each order: ship what is ready, deliver what can leave, get what is missing."""
    ready = select(Delivery.order_id, Delivery.id, Delivery.number).where(
        Delivery.order_id.in_(ids), Delivery.status.in_(OPEN)
    )
    first = {row.order_id: row for row in session.execute(ready.order_by(Delivery.id.desc()))}
    may_leave = _can_leave(ids)
    found: dict[int, list[Step]] = {id: [] for id in ids}
    for order_id, delivery in first.items():
        url = url_for("inventory.delivery", id=delivery.id)
        label = _("Ship %(number)s", number=delivery.number)
        found[order_id].append(Step(SHIPPING, label, url, "truck-delivery", DELIVER))
    for order_id in may_leave:
        url = url_for("inventory.deliver_order", id=order_id)
        found[order_id].append(Step(DELIVERING, _("Deliver"), url, "truck-delivery", DELIVER, "post", shortcut="d"))
    for order_id in ids:
        if not found[order_id] and _misses_goods(order_id):
            url = url_for("inventory.new_receipt")
            found[order_id].append(Step(MISSING, _("Plan a receipt"), url, "truck", RECEIVE))
    return found


def _misses_goods(order_id: int) -> bool:
    """Whether an order waits for goods of which none are announced."""
    order = session.get_one(SalesOrder, order_id)
    if order.status != "confirmed":
        return False
    return any(one.short and not one.coming and one.line.status == "open" for one in outgoing.standing_of(order))


def _can_leave(ids: Sequence[int]) -> Sequence[int]:
    """The orders of which something can be delivered now: stock is promised to them, or may go below zero."""
    promised = (
        select(Reservation.document_id)
        .join(OrderLine, OrderLine.id == Reservation.line_id)
        .where(
            Reservation.document_type == SalesOrder.record_name,
            Reservation.document_id.in_(ids),
            OrderLine.status == "open",
        )
    )
    below_zero = select(Warehouse.id).where(Warehouse.active, Warehouse.allow_negative).exists()
    open_ones = select(SalesOrder.id).where(
        SalesOrder.id.in_(ids),
        SalesOrder.status == "confirmed",
        or_(SalesOrder.id.in_(promised), and_(below_zero, SalesOrder.delivery_state != "all")),
    )
    return session.scalars(open_ones).all()
