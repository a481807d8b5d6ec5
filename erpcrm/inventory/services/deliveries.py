"""Deliveries: made ready of what is promised to an order, picked, packed, shipped, signed for."""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import or_, select

from erpcrm.core.actor import Actor
from erpcrm.core.db import lock, session
from erpcrm.core.errors import Refused, Stale
from erpcrm.core.files import Attachment
from erpcrm.core.i18n import _, _l, moment, today
from erpcrm.core.moves import make_move
from erpcrm.core.numbers import declare_numbers, next_number
from erpcrm.sales.models import ORDER_FLOW, SalesOrder
from erpcrm.sales.services import record_all_delivered

from ..models import (
    CUSTOMER,
    DELIVERY_FLOW,
    OPEN,
    STOCK,
    ZERO,
    Delivery,
    DeliveryLine,
    Location,
    Lot,
    Reservation,
    StockItem,
    StockLevel,
    Warehouse,
)
from .lots import Part, is_tracked, lot_of, propose, read_codes
from .moving import Going, lock_items, move_goods, with_unit
from .needs import Need, needs_of, under_way, units_of, wanted_of
from .places import main_location, outside, warehouses
from .reserving import Promises, fill_waiting, lock_all_of, reserve_order

declare_numbers("delivery", _l("Deliveries"), "D-")


def propose_deliveries(order: SalesOrder, by: Actor | None) -> list[Delivery]:
    """Make ready what can be delivered of an order now: one delivery for each warehouse that has something of it.

    What can't stays on the order. Refused when that is everything, and unless the order is confirmed.
    """
    lock(order)
    if order.status != "confirmed":
        raise Refused(_("%(number)s is %(state)s.", number=order.number, state=ORDER_FLOW.state_of(order).label))
    reserve_order(order)
    needs, places = needs_of(order.lines), warehouses()
    items = lock_items((product.id, place.id) for need in needs for product, _amount in need.parts for place in places)
    promises, in_deliveries = Promises([order.id]), under_way([order.id])
    left = {need.line.id: wanted_of(order, need, in_deliveries) for need in needs}
    made = []
    for place in places:
        chosen: list[tuple[Need, Decimal]] = []
        for need in needs:
            here = [(items[product.id, place.id], amount) for product, amount in need.parts]
            units = need.whole(min(promises.held(need.line.id, item) / amount for item, amount in here))
            if place.allow_negative and not any(is_tracked(product) for product, _amount in need.parts):
                units = left[need.line.id]
            units = min(units, left[need.line.id])
            if units > 0:
                chosen.append((need, units))
                left[need.line.id] -= units
        if chosen:
            made.append(_make(order, place, chosen, items, promises, by))
    if not made:
        raise Refused(_nothing_to_deliver(order, needs, left))
    return made


def _nothing_to_deliver(order: SalesOrder, needs: Sequence[Need], left: Mapping[int, Decimal]) -> str:
    if not needs:
        return _("Nothing of %(number)s leaves from stock. Record its lines as delivered.", number=order.number)
    if not any(left.values()):
        return _("Everything of %(number)s is delivered, on hold, or in a delivery already.", number=order.number)
    return _(
        "Nothing of what is open on %(number)s is free. It is promised as soon as goods come: plan a receipt.",
        number=order.number,
    )


def _make(
    order: SalesOrder,
    place: Warehouse,
    chosen: Sequence[tuple[Need, Decimal]],
    items: Mapping[tuple[int, int], StockItem],
    promises: Promises,
    by: Actor | None,
) -> Delivery:
    days = [need.line.wanted_on or order.wanted_on for need, _units in chosen]
    delivery = Delivery(
        number=next_number("delivery"),
        order=order,
        order_id=order.id,
        customer_id=order.customer_id,
        warehouse_id=place.id,
        warehouse=place,
        address=order.delivery_address or order.billing_address,
        ship_by=min((day for day in days if day is not None), default=today()),
        created_by_id=by.id if by is not None else None,
    )
    session.add(delivery)
    for need, units in chosen:
        for product, amount in need.parts:
            wanted = units * amount
            parts = propose(product, place.id, wanted)
            short = wanted - sum((part.quantity for part in parts), ZERO)
            for part in [*parts, *([Part(short)] if short else [])]:
                line = DeliveryLine(
                    order_line_id=need.line.id,
                    product_id=product.id,
                    product=product,
                    lot_id=part.lot.id if part.lot is not None else None,
                    quantity=part.quantity,
                    per_unit=amount,
                )
                delivery.lines.append(line)
    session.flush()
    # In one step from the order to the delivery, so that nothing of an item is written that comes to nothing.
    for need, units in chosen:
        for product, amount in need.parts:
            item = items[product.id, place.id]
            kept = max(promises.held(need.line.id, item) - units * amount, ZERO)
            promises.set(order.id, need.line.id, item, kept)
    for line in delivery.lines:
        _promise(delivery, line, items[line.product_id, place.id])
    session.flush()
    return delivery


def _promise(delivery: Delivery, line: DeliveryLine, item: StockItem) -> None:
    """Promise to a line of a delivery what is free of it; where stock may go below zero that may be less than it is."""
    quantity = min(line.quantity, max(item.free, ZERO))
    if quantity:
        item.reserved += quantity
        session.add(
            Reservation(
                item_id=item.id,
                lot_id=line.lot_id,
                quantity=quantity,
                document_type=delivery.record_name,
                document_id=delivery.id,
                line_id=line.id,
            )
        )


def _items_of(delivery: Delivery) -> list[tuple[int, int]]:
    return [(line.product_id, delivery.warehouse_id) for line in delivery.lines]


def _let_go(delivery: Delivery, line_ids: Sequence[int] | None = None) -> dict[tuple[int, int], StockItem]:
    """Take back what is promised to a delivery, or to some of its lines; returns the items, locked."""
    items = lock_items(_items_of(delivery))
    by_id = {item.id: item for item in items.values()}
    query = select(Reservation).where(
        Reservation.document_type == delivery.record_name, Reservation.document_id == delivery.id
    )
    if line_ids is not None:
        query = query.where(Reservation.line_id.in_(line_ids))
    for row in session.scalars(query.execution_options(populate_existing=True)):
        by_id[row.item_id].reserved -= row.quantity
        session.delete(row)
    return items


def _hold(delivery: Delivery, version: int | None = None) -> None:
    """Lock the order and then the delivery, as everybody does who needs both."""
    if version is not None and version != delivery.version:
        raise Stale(delivery)
    lock(delivery.order)
    lock(delivery)


def _check_open(delivery: Delivery) -> None:
    if delivery.status not in OPEN:
        state = DELIVERY_FLOW.state_of(delivery).label
        raise Refused(_("Delivery %(number)s is %(state)s and can't be changed.", number=delivery.number, state=state))


def choose_lots(delivery: Delivery, chosen: Mapping[tuple[int | None, int], str], version: int | None = None) -> None:
    """Take these lots or serial numbers: {(line of the order, product): what was typed}. Refused unless they come to what
    is delivered, for lots that are not there, and for pieces that another delivery takes."""
    _hold(delivery, version)
    _check_open(delivery)
    for (order_line_id, product_id), text in chosen.items():
        lines = [
            line for line in delivery.lines if (line.order_line_id, line.product_id) == (order_line_id, product_id)
        ]
        if not lines or not is_tracked(lines[0].product):
            continue
        product, total = lines[0].product, sum((line.quantity for line in lines), ZERO)
        wanted = [(lot_of(product, code), quantity) for code, quantity in read_codes(text, product, total)]
        if sorted((lot.id, quantity) for lot, quantity in wanted) == sorted(
            (line.lot_id or 0, line.quantity) for line in lines
        ):
            continue
        items = _let_go(delivery, [line.id for line in lines])
        per_unit = lines[0].per_unit
        for line in lines:
            delivery.lines.remove(line)
        session.flush()
        for lot, quantity in wanted:
            _check_free(lot, quantity, delivery)
            line = DeliveryLine(
                order_line_id=order_line_id,
                product_id=product.id,
                product=product,
                lot_id=lot.id,
                lot=lot,
                quantity=quantity,
                per_unit=per_unit,
            )
            delivery.lines.append(line)
            session.flush()
            _promise(delivery, line, items[product.id, delivery.warehouse_id])
            session.flush()


def _check_free(lot: Lot, quantity: Decimal, delivery: Delivery) -> None:
    levels = _levels([lot.product_id], delivery.warehouse_id, [lot.id])
    there = sum((level.on_hand for level in levels if level.lot_id == lot.id), ZERO)
    promised = select(Reservation.quantity).where(Reservation.lot_id == lot.id).join(Reservation.item)
    promised = promised.where(StockItem.warehouse_id == delivery.warehouse_id)
    free = there - sum(session.scalars(promised), ZERO)
    if quantity > free:
        raise Refused(
            _(
                "%(code)s: %(free)s are free in %(warehouse)s, %(wanted)s are wanted. Choose another one.",
                code=lot.code,
                free=with_unit(max(free, ZERO), lot.product),
                wanted=with_unit(quantity, lot.product),
                warehouse=delivery.warehouse.name,
            )
        )


def ship(
    delivery: Delivery,
    *,
    carrier: str | None = None,
    tracking: str | None = None,
    version: int | None = None,
    by: Actor | None,
) -> None:
    """The goods have left.

    Refused when they have left already, when goods or lots are not there, or when the order says no.
    """
    _hold(delivery, version)
    if delivery.status in OPEN:
        delivery.carrier, delivery.tracking = (carrier or "").strip() or None, (tracking or "").strip() or None
        session.flush()
    make_move(delivery, "ship", by=by)


@DELIVERY_FLOW.on("ship")
def _shipped(delivery: Delivery, by: Actor | None, details: dict[str, Any]) -> None:
    lock(delivery.order)
    lock_all_of(delivery.order, _items_of(delivery))
    goings = _goings(delivery)
    delivery.shipped_at = moment()
    with session.no_autoflush:
        _let_go(delivery)
        details["moves"] = move_goods(goings, delivery, by=by)
    _record(delivery)


def _goings(delivery: Delivery) -> list[Going]:
    """From where each line is taken: where most of it lies first, so that it is picked in few places."""
    customers, rest = outside(CUSTOMER), main_location(delivery.warehouse_id)
    there: dict[tuple[int, int | None], list[StockLevel]] = {}
    lots = {line.lot_id for line in delivery.lines if line.lot_id is not None}
    for level in _levels({line.product_id for line in delivery.lines}, delivery.warehouse_id, lots):
        there.setdefault((level.product_id, level.lot_id), []).append(level)
    # Lines of the same product take from the same places: what one takes is not there for the next.
    taken: dict[int, Decimal] = {}
    goings: list[Going] = []
    for line in delivery.lines:
        left, mine = line.quantity, []
        levels = there.get((line.product_id, line.lot_id), [])
        for level in sorted(levels, key=lambda level: taken.get(level.id, ZERO) - level.on_hand):
            part = min(left, level.on_hand - taken.get(level.id, ZERO))
            if part > 0:
                mine.append(Going(line.product, part, level.location, customers, line.lot, line_id=line.id))
                taken[level.id] = taken.get(level.id, ZERO) + part
                left -= part
        if left:  # it is not there: the move says so, or takes stock below zero
            same = next((one for one in mine if one.source.id == rest.id), None)
            if same is not None:
                mine.remove(same)
                left += same.quantity
            mine.append(Going(line.product, left, rest, customers, line.lot, line_id=line.id))
        goings += mine
    return goings


def _levels(product_ids: Collection[int], warehouse_id: int, lot_ids: Collection[int]) -> Sequence[StockLevel]:
    """What lies where in a warehouse: of these lots, and what is not told apart."""
    query = (
        select(StockLevel)
        .join(Location, Location.id == StockLevel.location_id)
        .where(
            StockLevel.product_id.in_(product_ids),
            or_(StockLevel.lot_id.is_(None), StockLevel.lot_id.in_(lot_ids)),
            Location.warehouse_id == warehouse_id,
            Location.kind == STOCK,
        )
        .order_by(StockLevel.location_id, StockLevel.id)
    )
    return session.scalars(query.execution_options(populate_existing=True)).all()


def _record(delivery: Delivery) -> None:
    """Tell the order what has left: of a set, what its components make up."""
    units = units_of((line.order_line_id, line.product_id, line.quantity, line.per_unit) for line in delivery.lines)
    if any(line.order_line_id is None for line in delivery.lines):
        raise Refused(
            _("A line of this delivery is not on the order any more. Cancel the delivery and make a new one.")
        )
    record_all_delivered(delivery.order, dict(sorted(units.items())))


def sign(
    delivery: Delivery, name: str, *, signature: Attachment | None = None, version: int | None = None, by: Actor | None
) -> None:
    """The customer has got it: who took it, and their signature if there is one. Refused without a name."""
    _hold(delivery, version)
    if not (name or "").strip():
        raise Refused(_("Who has taken it?"))
    if delivery.status == "shipped":
        delivery.signed_by, delivery.delivered_at = name.strip(), moment()
        delivery.signature_id = signature.id if signature is not None else None
        session.flush()
    make_move(delivery, "sign", by=by)


def cancel(delivery: Delivery, by: Actor | None, reason: str | None = None, version: int | None = None) -> None:
    """It won't leave: what was promised to it goes back to its order, or to others."""
    _hold(delivery, version)
    make_move(delivery, "cancel", by=by, reason=reason)


@DELIVERY_FLOW.on("cancel")
def _cancelled(delivery: Delivery, by: Actor | None, details: dict[str, Any]) -> None:
    lock_all_of(delivery.order, _items_of(delivery))
    items = _let_go(delivery)
    rows = [(line.order_line_id, line.product_id, line.quantity, line.per_unit) for line in delivery.lines]
    reserve_order(delivery.order, back=units_of(rows))
    fill_waiting(list(items.values()), besides=delivery.order)


def open_deliveries(order: SalesOrder) -> Sequence[Delivery]:
    """Those of an order that have not left."""
    query = select(Delivery).where(Delivery.order_id == order.id, Delivery.status.in_(OPEN))
    return session.scalars(query.order_by(Delivery.id)).all()
