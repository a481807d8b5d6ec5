"""What inventory does, and where it says no, when sales moves an order or one of its lines."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import exists, or_, select

from erpcrm.core.db import session
from erpcrm.core.errors import Refused
from erpcrm.core.i18n import _

from .models import OPEN, ZERO, StockItem, StockLevel
from .services import cancel, is_from_stock, open_deliveries, reserve_order, under_way


def reserve_for_order(order: Any, by: Any, details: Mapping[str, Any]) -> None:
    """Promise what is free to what is open; let go what is not wanted any more."""
    reserve_order(order)


def reserve_for_line(line: Any, by: Any, details: Mapping[str, Any]) -> None:
    reserve_order(line.order)


def let_go_of_order(order: Any, by: Any, details: Mapping[str, Any]) -> None:
    """A cancelled or closed order takes nothing more: deliveries that nobody has begun go with it."""
    for delivery in open_deliveries(order):
        cancel(delivery, None)
    reserve_order(order)


def nothing_is_being_packed(order: Any, by: Any) -> None:
    """Refused while somebody has goods of the order in their hands."""
    for delivery in open_deliveries(order):
        if delivery.status != OPEN[0]:
            raise Refused(
                _("Delivery %(number)s is being made ready. Cancel that first.", number=delivery.number),
                url=f"/inventory/deliveries/{delivery.id}",
            )


def not_below_deliveries(order: Any, by: Any) -> None:
    """Refused when an open delivery holds more of a line than the order would have, or a line that it has no more."""
    in_deliveries = under_way([order.id])
    short = any(line.to_deliver < in_deliveries.get(line.id, ZERO) for line in order.lines)
    for delivery in open_deliveries(order):
        lost = any(line.order_line_id is None for line in delivery.lines)
        if lost or (short and any(in_deliveries.get(line.order_line_id or 0) for line in delivery.lines)):
            raise Refused(
                _(
                    "Delivery %(number)s is being made ready with more than that. Cancel it first, then change the order.",
                    number=delivery.number,
                ),
                url=f"/inventory/deliveries/{delivery.id}",
            )


def line_is_in_no_delivery(line: Any, by: Any) -> None:
    """Refused to close a line short while an open delivery takes some of it."""
    if under_way([line.order_id]).get(line.id):
        number = next(
            one.number
            for one in open_deliveries(line.order)
            if any(part.order_line_id == line.id for part in one.lines)
        )
        raise Refused(_("Delivery %(number)s is being made ready. Cancel that first.", number=number))


def no_stock_of_it(product: Any, by: Any) -> None:
    """Refused to count a product by another unit, or to track it in another way, while there is some of it."""
    lies = exists().where(StockLevel.product_id == product.id, StockLevel.on_hand != 0)
    moves = exists().where(StockItem.product_id == product.id, or_(StockItem.reserved != 0, StockItem.incoming != 0))
    if session.scalar(select(or_(lies, moves))):
        raise Refused(
            _(
                "There is stock of “%(name)s”, or some is expected or promised. Its unit, and how it is kept in stock and "
                "tracked, can change only when there is none.",
                name=product.name,
            )
        )


def leaves_with_a_delivery(line: Any, by: Any) -> None:
    """Goods from stock are not delivered by saying so."""
    if is_from_stock(line):
        raise Refused(_("“%(name)s” leaves from stock: make a delivery of it.", name=line.name))
