"""What the pages of deliveries and orders show: what is to be picked where, what waits, what is short."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Integer, cast, func, select

from erpcrm.catalog.models import Product
from erpcrm.core.actor import Actor
from erpcrm.core.db import session
from erpcrm.core.i18n import show_number, today
from erpcrm.customers.models import Customer
from erpcrm.sales.models import OrderLine, SalesOrder
from erpcrm.sales.records import ORDER_SCOPE

from .models import (
    OPEN,
    RECEIPT_FLOW,
    STOCK,
    ZERO,
    Delivery,
    DeliveryLine,
    Location,
    Receipt,
    ReceiptLine,
    Reservation,
    Return,
    StockItem,
    StockLevel,
)
from .records import DELIVERY_SCOPE
from .services import is_tracked, needs_of, under_way

FEW = 12
LOOKED_AT = 500


@dataclass(frozen=True)
class Group:
    """A product of a delivery, for one line of its order: what is picked together."""

    order_line_id: int | None
    product: Product
    quantity: Decimal
    parts: Sequence[DeliveryLine]
    lies: str
    """Where it lies: "A-01 (40), STOCK (12)" """

    @property
    def tracked(self) -> bool:
        return is_tracked(self.product)

    @property
    def lots(self) -> str:
        """The lots that are chosen, as they are typed."""
        if self.product.tracking == "serial":
            return "\n".join(line.lot.code for line in self.parts if line.lot is not None)
        several = len(self.parts) > 1
        return "\n".join(
            f"{line.lot.code} = {line.quantity.normalize():f}" if several else line.lot.code
            for line in self.parts
            if line.lot is not None
        )


def groups_of(delivery: Delivery) -> list[Group]:
    """What a delivery consists of, by product."""
    found: dict[tuple[int | None, int], list[DeliveryLine]] = {}
    for line in delivery.lines:
        found.setdefault((line.order_line_id, line.product_id), []).append(line)
    lies = _lies({line.product_id for line in delivery.lines}, delivery.warehouse_id)
    return [
        Group(
            order_line_id,
            parts[0].product,
            sum((part.quantity for part in parts), ZERO),
            parts,
            _where(lies.get(product_id, ()), {part.lot_id for part in parts}),
        )
        for (order_line_id, product_id), parts in found.items()
    ]


def _lies(product_ids: set[int], warehouse_id: int) -> Mapping[int, Sequence[Any]]:
    query = (
        select(StockLevel.product_id, StockLevel.lot_id, Location.code, StockLevel.on_hand)
        .join(Location, Location.id == StockLevel.location_id)
        .where(
            StockLevel.product_id.in_(product_ids),
            Location.warehouse_id == warehouse_id,
            Location.kind == STOCK,
            StockLevel.on_hand > 0,
        )
        .order_by(StockLevel.on_hand.desc())
    )
    found: dict[int, list[Any]] = {}
    for row in session.execute(query):
        found.setdefault(row.product_id, []).append(row)
    return found


def _where(rows: Sequence[Any], lot_ids: set[int | None]) -> str:
    at: dict[str, Decimal] = {}
    for row in rows:
        if row.lot_id is None or row.lot_id in lot_ids or lot_ids == {None}:
            at[row.code] = at.get(row.code, ZERO) + row.on_hand
    return ", ".join(f"{code} ({show_number(quantity)})" for code, quantity in at.items())


def deliveries_of(order_ids: Sequence[int]) -> Mapping[int, Sequence[Any]]:
    """The deliveries of each order, newest first: (id, order_id, number, status, ship_by, shipped_at)."""
    found: dict[int, list[Any]] = {id: [] for id in order_ids}
    query = (
        select(
            Delivery.id, Delivery.order_id, Delivery.number, Delivery.status, Delivery.ship_by, Delivery.shipped_at,
            Delivery.tracking,
        )
        .where(Delivery.order_id.in_(order_ids))
        .order_by(Delivery.id.desc())
    )  # fmt: skip
    for row in session.execute(query):
        found[row.order_id].append(row)
    return found


@dataclass(frozen=True)
class Standing:
    """What stock says of a line of an order: in the line's own unit where it can be, else of a set's scarcest component."""

    line: OrderLine
    open: Decimal
    preparing: Decimal
    reserved: Decimal
    free: Decimal
    coming: Any
    """The day of the next receipt, or None"""

    @property
    def short(self) -> Decimal:
        return max(self.open - self.preparing - self.reserved, ZERO)


def standing_of(order: SalesOrder) -> list[Standing]:
    """What is promised to the open lines of an order, what is free, and when more comes."""
    needs = [need for need in needs_of(order.lines) if need.line.to_deliver]
    products = {product.id for need in needs for product, _amount in need.parts}
    if not products:
        return []
    free: dict[int, Decimal] = {}
    items = select(StockItem.product_id, StockItem.on_hand, StockItem.reserved).where(
        StockItem.product_id.in_(products)
    )
    for product_id, on_hand, reserved in session.execute(items):
        free[product_id] = free.get(product_id, ZERO) + max(on_hand - reserved, ZERO)
    promised = {
        (line_id, product_id): quantity
        for line_id, product_id, quantity in session.execute(
            select(Reservation.line_id, StockItem.product_id, func.sum(Reservation.quantity))
            .join(StockItem, StockItem.id == Reservation.item_id)
            .where(Reservation.document_type == order.record_name, Reservation.document_id == order.id)
            .group_by(Reservation.line_id, StockItem.product_id)
        )
    }
    coming = dict(
        session.execute(
            select(ReceiptLine.product_id, func.min(Receipt.expected_on))
            .join(Receipt, Receipt.id == ReceiptLine.receipt_id)
            .where(
                ReceiptLine.product_id.in_(products),
                Receipt.status == RECEIPT_FLOW.initial,
                ReceiptLine.received < ReceiptLine.quantity,
            )
            .group_by(ReceiptLine.product_id)
        ).all()
    )
    preparing = under_way([order.id])
    return [
        Standing(
            need.line,
            need.line.to_deliver,
            preparing.get(need.line.id, ZERO),
            min(promised.get((need.line.id, product.id), ZERO) / amount for product, amount in need.parts),
            need.whole(min(free.get(product.id, ZERO) / amount for product, amount in need.parts)),
            _latest(coming.get(product.id) for product, _amount in need.parts),
        )
        for need in needs
    ]


def _latest(days: Iterable[date | None]) -> date | None:
    """The last of these days: a set is complete only with its last component."""
    return max((day for day in days if day is not None), default=None)


# ----------------------------------------------------------------- the home page


def count_to_ship(actor: Actor) -> tuple[int, int, int]:
    """How many deliveries have not left, how many of those should have before today, and how many are to leave today."""
    late = func.sum(func.coalesce(cast(Delivery.ship_by < today(), Integer), 0))
    due = func.sum(func.coalesce(cast(Delivery.ship_by == today(), Integer), 0))
    query = select(func.count(), late, due).where(
        Delivery.status.in_(OPEN), DELIVERY_SCOPE(actor, actor.scope("delivery"))
    )
    row = session.execute(query).one()
    return row[0], int(row[1] or 0), int(row[2] or 0)


def to_ship(actor: Actor) -> Sequence[Any]:
    """The next deliveries to ship: (id, number, status, ship_by, customer, lines)."""
    lines = select(func.count()).where(DeliveryLine.delivery_id == Delivery.id).scalar_subquery()
    query = (
        select(
            Delivery.id, Delivery.number, Delivery.status, Delivery.ship_by, Customer.name.label("customer"),
            lines.label("lines"),
        )
        .join(Customer, Customer.id == Delivery.customer_id)
        .where(Delivery.status.in_(OPEN), DELIVERY_SCOPE(actor, actor.scope("delivery")))
        .order_by(Delivery.ship_by.is_(None), Delivery.ship_by, Delivery.id)
        .limit(FEW)
    )  # fmt: skip
    return session.execute(query).all()


def to_prepare(actor: Actor) -> Sequence[Any]:
    """Confirmed orders to whose open lines something is promised that is in no delivery yet: (id, number, wanted_on, customer)."""
    promised = (
        select(Reservation.document_id)
        .join(OrderLine, OrderLine.id == Reservation.line_id)
        .where(Reservation.document_type == SalesOrder.record_name, OrderLine.status == "open")
    )
    query = (
        select(SalesOrder.id, SalesOrder.number, SalesOrder.wanted_on, Customer.name.label("customer"))
        .join(Customer, Customer.id == SalesOrder.customer_id)
        .where(SalesOrder.id.in_(promised), SalesOrder.status == "confirmed", ORDER_SCOPE(actor, actor.scope("order")))
        .order_by(SalesOrder.wanted_on.is_(None), SalesOrder.wanted_on, SalesOrder.id)
        .limit(FEW)
    )
    return session.execute(query).all()


@dataclass
class Short:
    """A product of which confirmed orders want more than is promised to them."""

    product_id: int
    product: str
    unit: str
    missing: Decimal
    orders: set[int]
    wanted_on: Any


def short_of(actor: Actor) -> list[Short]:
    """What is missing for open lines of confirmed orders, what is wanted first at the top."""
    reserved = (
        select(func.sum(Reservation.quantity))
        .where(Reservation.document_type == "order", Reservation.line_id == OrderLine.id)
        .correlate(OrderLine)
        .scalar_subquery()
    )
    preparing = (
        select(func.sum(DeliveryLine.quantity))
        .join(Delivery, Delivery.id == DeliveryLine.delivery_id)
        .where(DeliveryLine.order_line_id == OrderLine.id, Delivery.status.in_(OPEN))
        .correlate(OrderLine)
        .scalar_subquery()
    )
    # Found through their orders, of which few are open: nearly all lines that there are have been delivered.
    open_orders = (
        select(SalesOrder.id)
        .where(
            SalesOrder.status == "confirmed",
            SalesOrder.delivery_state.in_(("nothing", "partly")),
            ORDER_SCOPE(actor, actor.scope("order")),
        )
        .order_by(SalesOrder.wanted_on.is_(None), SalesOrder.wanted_on, SalesOrder.id)
        .limit(LOOKED_AT)
    )
    wanted = func.coalesce(OrderLine.wanted_on, SalesOrder.wanted_on)
    query = (
        select(
            Product.id, Product.name, Product.unit, OrderLine.order_id, OrderLine.quantity, OrderLine.delivered,
            OrderLine.factor, reserved.label("reserved"), preparing.label("preparing"), wanted.label("wanted_on"),
        )
        .join(OrderLine, OrderLine.product_id == Product.id)
        .join(SalesOrder, SalesOrder.id == OrderLine.order_id)
        .where(
            Product.stocked,
            OrderLine.status == "open",
            OrderLine.delivered < OrderLine.quantity,
            SalesOrder.id.in_(open_orders),
        )
        .order_by(wanted.is_(None), wanted, SalesOrder.id)
        .limit(LOOKED_AT)
    )  # fmt: skip
    found: dict[int, Short] = {}
    for row in session.execute(query):
        # Multiplied here: a product of two exact columns is none on every database.
        missing = (row.quantity - row.delivered) * row.factor - (row.reserved or ZERO) - (row.preparing or ZERO)
        if missing > 0:
            short = found.setdefault(row.id, Short(row.id, row.name, row.unit, ZERO, set(), row.wanted_on))
            short.missing += missing
            short.orders.add(row.order_id)
    return list(found.values())


def announced_returns() -> int:
    return session.scalar(select(func.count()).select_from(Return).where(Return.status == "planned")) or 0
