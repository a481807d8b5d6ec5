"""What must always hold of stock, whatever has happened to it."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from erpcrm.core.exact import round_money
from erpcrm.finance.services import account_for, balance_of, has_chart
from erpcrm.inventory.models import (
    OURS,
    CostLayer,
    Delivery,
    DeliveryLine,
    Location,
    ProductCost,
    Reservation,
    Return,
    ReturnLine,
    StockItem,
    StockLevel,
    StockMove,
)
from erpcrm.inventory.models.outgoing import OPEN
from erpcrm.sales.models import OrderLine, SalesOrder

ZERO = Decimal(0)


def stock(session: Any, product: Any, warehouse: Any) -> tuple[Any, Any, Any]:
    """On hand, reserved and incoming."""
    query = select(StockItem).where(StockItem.product_id == product.id, StockItem.warehouse_id == warehouse.id)
    item = session.scalars(query.execution_options(populate_existing=True)).one()
    return item.on_hand, item.reserved, item.incoming


def check_books(session: Any) -> None:
    """What is kept of moves is what they come to: levels, items, costs, layers, reservations, documents, and the ledger."""
    session.flush()
    session.expire_all()  # other threads and processes may have changed what this session has read
    check_documents(session)
    if has_chart():
        worth_of_all = session.scalar(select(func.sum(ProductCost.value))) or ZERO
        assert balance_of(account_for("inventory"), date(2099, 1, 1)) == worth_of_all
    kinds = {one.id: one for one in session.scalars(select(Location))}
    levels: dict[Any, Decimal] = {}
    items: dict[Any, Decimal] = {}
    worth: dict[int, list[Decimal]] = {}
    for move in session.scalars(select(StockMove).order_by(StockMove.id)):
        source, target = kinds[move.from_id], kinds[move.to_id]
        for place, sign in ((source, -1), (target, 1)):
            if place.kind in OURS:
                key = move.product_id, place.id, move.lot_id
                levels[key] = levels.get(key, ZERO) + sign * move.quantity
            if place.kind == "stock":
                items[move.product_id, place.warehouse_id] = (
                    items.get((move.product_id, place.warehouse_id), ZERO) + sign * move.quantity
                )
        sign = (target.kind in OURS) - (source.kind in OURS)
        if sign:
            held = worth.setdefault(move.product_id, [ZERO, ZERO])
            held[0] += sign * move.quantity
            held[1] += sign * move.value
    kept = session.execute(select(StockLevel.product_id, StockLevel.location_id, StockLevel.lot_id, StockLevel.on_hand))
    assert {key: v for key, v in levels.items() if v} == {
        (product, place, lot): v for product, place, lot, v in kept if v
    }
    rows = session.execute(select(StockItem.product_id, StockItem.warehouse_id, StockItem.on_hand))
    assert {key: v for key, v in items.items() if v} == {(p, w): v for p, w, v in rows if v}
    costs = session.execute(select(ProductCost.product_id, ProductCost.quantity, ProductCost.value, ProductCost.method))
    for product_id, quantity, value, method in costs:
        assert [quantity, value] == worth.get(product_id, [ZERO, ZERO])
        if method == "fifo" and quantity >= 0:
            query = select(func.sum(CostLayer.quantity), func.sum(CostLayer.value))
            layers = session.execute(query.where(CostLayer.product_id == product_id)).one()
            assert [layers[0] or 0, layers[1] or 0] == [quantity, value]
    reserved = dict(
        session.execute(select(Reservation.item_id, func.sum(Reservation.quantity)).group_by(Reservation.item_id)).all()
    )
    for item in session.scalars(select(StockItem)):
        assert item.reserved == reserved.get(item.id, 0)
        assert item.reserved <= item.on_hand or item.warehouse.allow_negative or item.reserved == 0


def check_documents(session: Any) -> None:
    """What deliveries and returns say is what has moved, lot by lot; what comes back is worth its share of what it left at; and
    nothing is promised to what has left, or will not leave."""
    moves: dict[tuple[str, int | None], list[StockMove]] = {}
    for move in session.scalars(select(StockMove).where(StockMove.document_type.in_(("delivery", "return")))):
        moves.setdefault((move.document_type, move.line_id), []).append(move)
    back: dict[int, list[Decimal]] = {}
    for line in session.scalars(select(ReturnLine).join(Return).where(Return.status == "received")):
        mine = moves.pop(("return", line.id))
        assert sum(move.quantity for move in mine) == line.quantity
        assert {move.lot_id for move in mine} == {line.delivery_line.lot_id}
        known = back.setdefault(line.delivery_line_id, [ZERO, ZERO])
        known[0] += line.quantity
        known[1] += sum(move.value for move in mine)
    for line in session.scalars(
        select(DeliveryLine).join(Delivery).where(Delivery.status.in_(("shipped", "delivered")))
    ):
        mine = moves.pop(("delivery", line.id))
        assert sum(move.quantity for move in mine) == line.quantity
        assert {move.lot_id for move in mine} == {line.lot_id}
        quantity, value = back.get(line.id, [ZERO, ZERO])
        assert value == round_money(sum(move.value for move in mine) * quantity / line.quantity, "CNY")
    assert moves == {}, "no goods leave or come back without a document that says so"
    for one in session.scalars(select(Reservation)):
        if one.document_type == "delivery":
            assert session.get(Delivery, one.document_id).status in OPEN
            line = session.get(DeliveryLine, one.line_id)
            assert (one.quantity, one.lot_id) == (line.quantity, line.lot_id)
        else:
            assert session.get(SalesOrder, one.document_id).status == "confirmed"
            assert session.get(OrderLine, one.line_id).to_deliver > 0
