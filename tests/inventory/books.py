"""What must always hold of stock, whatever has happened to it."""

from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from erpcrm.inventory.models import (
    OURS,
    CostLayer,
    Location,
    ProductCost,
    Reservation,
    StockItem,
    StockLevel,
    StockMove,
)

ZERO = Decimal(0)


def stock(session: Any, product: Any, warehouse: Any) -> tuple[Any, Any, Any]:
    """On hand, reserved and incoming."""
    query = select(StockItem).where(StockItem.product_id == product.id, StockItem.warehouse_id == warehouse.id)
    item = session.scalars(query.execution_options(populate_existing=True)).one()
    return item.on_hand, item.reserved, item.incoming


def check_books(session: Any) -> None:
    """What is kept of moves is what they come to: levels, items, costs, layers, and reservations."""
    session.flush()
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
