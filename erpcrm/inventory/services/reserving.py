"""Promising stock: to the open lines of confirmed orders, and to deliveries that are being made ready.

A line gets whole units of its own (full boxes, complete sets), from the warehouses in their order. Whoever changes a
promise has locked the items; who delivers or changes an order has locked that before.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from sqlalchemy import func, select

from erpcrm.core.db import lock, session
from erpcrm.core.errors import Refused
from erpcrm.core.i18n import _
from erpcrm.sales.models import OrderLine, SalesOrder

from ..models import ZERO, Reservation, StockItem, Warehouse
from .moving import Place, lock_items
from .needs import Need, kept_of, needs_of, under_way, wanted_of
from .places import warehouses

MOST_WAITING = 200


class Promises:
    """The reservations of some orders' lines, read under the lock of the items."""

    def __init__(self, order_ids: Iterable[int]) -> None:
        query = select(Reservation).where(
            Reservation.document_type == SalesOrder.record_name, Reservation.document_id.in_(list(order_ids))
        )
        found = session.scalars(query.execution_options(populate_existing=True))
        self.rows = {(row.line_id, row.item_id): row for row in found}

    def held(self, line_id: int, item: StockItem) -> Decimal:
        row = self.rows.get((line_id, item.id))
        return row.quantity if row is not None else ZERO

    def set(self, order_id: int, line_id: int, item: StockItem, quantity: Decimal) -> None:
        """Promise exactly so much of an item to a line."""
        row = self.rows.get((line_id, item.id))
        item.reserved += quantity - (row.quantity if row is not None else ZERO)
        if row is not None and not quantity:
            session.delete(self.rows.pop((line_id, item.id)))
        elif row is not None:
            row.quantity = quantity
        elif quantity:
            row = Reservation(
                item_id=item.id,
                quantity=quantity,
                document_type=SalesOrder.record_name,
                document_id=order_id,
                line_id=line_id,
            )
            session.add(row)
            self.rows[line_id, item.id] = row


def reserve_order(order: SalesOrder, back: Mapping[int, Decimal] | None = None) -> None:
    """Bring what is promised to an order up to date: what is open is promised as far as it is free, the rest let go. What is
    on hold keeps what is promised to it.

    `back`: {line: so many of its unit were in a delivery that is cancelled}. The caller has locked the order.
    """
    session.flush()
    needs = needs_of(order.lines)
    places = warehouses()
    items = lock_items(_places(order, needs, places))
    promises = Promises([order.id])
    before = {item.id: item.free for item in items.values()}
    _let_go_of_lost_lines(order, needs, items, promises)
    in_deliveries = under_way([order.id])
    for need in needs:
        reserve_line(order, need, places, items, promises, in_deliveries, (back or {}).get(need.line.id, ZERO))
    session.flush()
    fill_waiting([item for item in items.values() if item.free > before[item.id]], besides=order)


def let_go(line: OrderLine) -> None:
    """Goods that are promised to a line on hold become free for others; when it is released it takes what is free then.

    Refused unless it is on hold, and something is promised to it.
    """
    order = line.order
    lock(order)
    session.refresh(line)
    if line.status != "held":
        raise Refused(_("“%(name)s” is not on hold. Put the line on hold first.", name=line.name))
    items = lock_items(_places(order, needs_of([line]), warehouses()))
    promises = Promises([order.id])
    mine = [item for item in items.values() if promises.held(line.id, item)]
    if not mine:
        raise Refused(_("Nothing is promised to “%(name)s”.", name=line.name))
    for item in mine:
        promises.set(order.id, line.id, item, ZERO)
    session.flush()
    fill_waiting(mine)


def take_promises(item: StockItem, quantity: Decimal) -> Decimal:
    """Take back `quantity` of what is promised of an item to orders, the newest promise first and whole units of the line;
    returns what is promised to deliveries and stays so. The item is locked. Goods that are not there can't be promised.
    """
    query = (
        select(Reservation, OrderLine)
        .join(OrderLine, OrderLine.id == Reservation.line_id)
        .where(Reservation.item_id == item.id, Reservation.document_type == SalesOrder.record_name)
        .order_by(Reservation.id.desc())
        .execution_options(populate_existing=True)
    )
    left = quantity
    for row, line in session.execute(query).all():
        if left <= 0:
            break
        # A set needs all of its components: what is left of one is promised anew when its order is looked at next.
        own = line.product_id == item.product_id
        keeps = (row.quantity - left) // line.factor * line.factor if own and row.quantity > left else ZERO
        item.reserved -= row.quantity - keeps
        left -= row.quantity - keeps
        if keeps:
            row.quantity = keeps
        else:
            session.delete(row)
    session.flush()
    return left


def lock_all_of(order: SalesOrder, more: Iterable[Place] = ()) -> None:
    """Lock at once all items that the order may touch, and `more`: whoever locked one after the other might wait for
    somebody who waits for them."""
    lock_items(_places(order, needs_of(order.lines), warehouses()) | set(more))


def _places(order: SalesOrder, needs: Sequence[Need], places: Sequence[Warehouse]) -> set[Place]:
    """Where the order may get something from, and where something is promised to it."""
    query = (
        select(StockItem.product_id, StockItem.warehouse_id)
        .join(Reservation, Reservation.item_id == StockItem.id)
        .where(Reservation.document_type == order.record_name, Reservation.document_id == order.id)
    )
    there = {(product_id, warehouse_id) for product_id, warehouse_id in session.execute(query)}
    return there | {(product.id, place.id) for need in needs for product, _amount in need.parts for place in places}


def _let_go_of_lost_lines(
    order: SalesOrder, needs: Sequence[Need], items: dict[Place, StockItem], promises: Promises
) -> None:
    """Promises to lines that are gone, or of products that a line does not need any more."""
    by_id = {item.id: item for item in items.values()}
    needed = {(need.line.id, product.id) for need in needs for product, _amount in need.parts}
    for line_id, item_id in list(promises.rows):
        item = by_id[item_id]
        if (line_id, item.product_id) not in needed:
            promises.set(order.id, line_id, item, ZERO)


def reserve_line(
    order: SalesOrder,
    need: Need,
    places: Sequence[Warehouse],
    items: dict[Place, StockItem],
    promises: Promises,
    in_deliveries: dict[int, Decimal],
    back: Decimal = ZERO,
) -> None:
    """Promise a line what it should have, first where something is promised to it already."""
    line_id = need.line.id

    def has(place: Warehouse) -> Decimal:
        return min(promises.held(line_id, items[product.id, place.id]) / amount for product, amount in need.parts)

    def has_some(place: Warehouse) -> bool:
        return any(promises.held(line_id, items[product.id, place.id]) for product, _amount in need.parts)

    left = kept_of(order, need, in_deliveries, back + sum(map(has, places), ZERO))
    for place in sorted(places, key=lambda place: (not has_some(place), place.id)):
        here = [(items[product.id, place.id], amount) for product, amount in need.parts]
        there = min((promises.held(line_id, item) + max(item.free, ZERO)) / amount for item, amount in here)
        units = min(left, need.whole(there))
        for item, amount in here:
            promises.set(order.id, line_id, item, units * amount)
        left -= units


def fill_waiting(items: Sequence[StockItem], *, besides: SalesOrder | None = None) -> None:
    """Promise what has become free to the orders that wait for it, the one that is wanted first before others.

    The items are locked. Sets are left to their own orders: their components may lie under locks that others hold.
    """
    free = {item.product_id for item in items if item.free > 0}
    waiting = _waiting(free, besides) if free else []
    if not waiting:
        return
    by_product: dict[int, list[StockItem]] = {}
    for item in sorted(items, key=lambda item: item.warehouse_id):
        by_product.setdefault(item.product_id, []).append(item)
    ids = {line.order_id for line, _order in waiting}
    promises, in_deliveries = Promises(ids), under_way(ids)
    promised = _promised(line.id for line, _order in waiting)
    for line, order in waiting:
        for need in needs_of([line]):
            left = wanted_of(order, need, in_deliveries) - promised.get(line.id, ZERO) / line.factor
            for item in by_product[line.product_id or 0]:
                units = min(left, need.whole(item.free / line.factor))
                if units > 0:
                    held = promises.held(line.id, item)
                    promises.set(order.id, line.id, item, held + units * line.factor)
                    left -= units
    session.flush()


def _waiting(product_ids: Iterable[int], besides: SalesOrder | None) -> Sequence[tuple[OrderLine, SalesOrder]]:
    wanted = func.coalesce(OrderLine.wanted_on, SalesOrder.wanted_on)
    query = (
        select(OrderLine, SalesOrder)
        .join(SalesOrder, SalesOrder.id == OrderLine.order_id)
        .where(
            OrderLine.product_id.in_(sorted(product_ids)),
            OrderLine.status == "open",
            OrderLine.delivered < OrderLine.quantity,
            SalesOrder.status == "confirmed",
        )
        .order_by(wanted.is_(None), wanted, SalesOrder.id, OrderLine.position)
        .limit(MOST_WAITING)
    )
    if besides is not None:
        query = query.where(SalesOrder.id != besides.id)
    return list(session.execute(query).all())


def _promised(line_ids: Iterable[int]) -> dict[int, Decimal]:
    """{line of an order: what is promised to it everywhere}, in the product's own unit."""
    query = (
        select(Reservation.line_id, func.sum(Reservation.quantity))
        .where(Reservation.document_type == SalesOrder.record_name, Reservation.line_id.in_(list(line_ids)))
        .group_by(Reservation.line_id)
    )
    return dict(session.execute(query).all())
