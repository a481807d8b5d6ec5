"""What inventory adds to pages of lower areas."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import and_, or_, select

from erpcrm.core.db import session
from erpcrm.sales.models import OrderLine, SalesOrder

from . import outgoing, reading
from .models import DELIVERY_FLOW, Reservation, Warehouse


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
        found[order_id] = {"lines": lines, "deliveries": deliveries[order_id], "states": DELIVERY_FLOW.state}
    return found


def deliver_orders(ids: Sequence[int]) -> Mapping[int, bool]:
    """Whether something of each order can be delivered now: stock is promised to it, or may go below zero."""
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
    return dict.fromkeys(session.scalars(open_ones), True)
