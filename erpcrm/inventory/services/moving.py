"""Moving goods: the one place where stock changes.

Whoever changes stock locks in this order, so that no two wait for each other: the document, the items (`lock_items`, sorted),
the costs. `move_goods` does the last two.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, or_, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite

from erpcrm.catalog.models import Product
from erpcrm.catalog.quantities import in_unit
from erpcrm.catalog.services import check_quantity, record_cost
from erpcrm.core.actor import Actor
from erpcrm.core.db import Record, remembered, session
from erpcrm.core.errors import Refused
from erpcrm.core.exact import AMOUNT, QUANTITY, round_price
from erpcrm.core.i18n import _, moment

from ..models import (
    OURS,
    STOCK,
    ZERO,
    CostLayer,
    Location,
    Lot,
    ProductCost,
    StockItem,
    StockLevel,
    StockMove,
    Warehouse,
)
from .costs import goods_in, goods_out, lock_costs, take_back_goods, usual_value
from .lots import is_tracked

Place = tuple[int, int]
"""A product in a warehouse: their ids."""


@dataclass(frozen=True)
class Going:
    """So much of a product, in its own unit, that is to go from one location to another.

    `value`: what goods that come from outside are worth in all, in the company's currency; None: what they usually are.
    """

    product: Product
    quantity: Decimal
    source: Location
    target: Location
    lot: Lot | None = None
    value: Decimal | None = None
    line_id: int | None = None
    takes_back: StockMove | None = None
    """Goods that leave take back this move, by which they came: at the very value that they came with"""

    @property
    def places(self) -> list[Place]:
        return [(self.product.id, end.warehouse_id) for end in (self.source, self.target) if end.warehouse_id]


def lock_items(places: Iterable[Place]) -> dict[Place, StockItem]:
    """The items of these places, made where there are none, each locked until the transaction ends, in one order."""
    known: dict[Place, StockItem] = remembered("stock items")
    asked = set(places)
    wanted = sorted(asked - known.keys())
    if not wanted:
        return {place: known[place] for place in asked}
    key = tuple_(StockItem.product_id, StockItem.warehouse_id)
    query = (
        select(StockItem)
        .where(key.in_(wanted))
        .order_by(StockItem.product_id, StockItem.warehouse_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    session.flush()
    found = {(item.product_id, item.warehouse_id): item for item in session.scalars(query)}
    missing = [place for place in wanted if place not in found]
    if missing:
        make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        blank = {"on_hand": ZERO, "reserved": ZERO, "incoming": ZERO, "version": 1}
        rows = [{"product_id": product, "warehouse_id": warehouse} | blank for product, warehouse in missing]
        session.execute(make(StockItem).on_conflict_do_nothing(), rows)
        found = {(item.product_id, item.warehouse_id): item for item in session.scalars(query)}
    known |= found
    return {place: known[place] for place in asked}


def move_goods(
    goings: Sequence[Going], document: Record, *, by: Actor | None, at: datetime | None = None
) -> list[StockMove]:
    """Move goods, for `document`, and return the moves in the order of `goings`.

    Refused, with what to do, when goods would leave that are not there or are promised to others (unless their warehouse
    allows stock below zero), for fractions where the unit has none, and when lots and serial numbers are not said or wrong.
    """
    for going in goings:
        check_going(going)
    items = lock_items(place for going in goings for place in going.places)
    with session.no_autoflush:  # what is let go of here and taken there is written in one step
        costs = lock_costs(going.product for going in goings if going.source.is_ours or going.target.is_ours)
        levels = _levels(goings)
    rows: list[dict[str, Any]] = []
    layers: list[tuple[int, CostLayer]] = []
    for number, going in enumerate(goings):
        _check_lot(going, levels)
        _change_levels(going, items, levels)
        value, difference, layer = _worth(going, costs)
        if layer is not None:
            layers.append((number, layer))
        rows.append(_row(going, document, by, at or moment()) | {"value": value, "difference": difference})
    moves = [StockMove(**row) for row in rows]
    session.add_all(moves)
    session.flush()
    for number, layer in layers:
        layer.move_id = moves[number].id
        session.add(layer)
    session.flush()
    for product in {going.product.id: going.product for going in goings}.values():
        cost = costs.get(product.id)
        if cost is not None and cost.quantity > 0:
            record_cost(product, round_price(cost.value / cost.quantity))
    return moves


def _row(going: Going, document: Record, by: Actor | None, at: datetime) -> dict[str, Any]:
    return {
        "product_id": going.product.id,
        "lot_id": going.lot.id if going.lot is not None else None,
        "from_id": going.source.id,
        "to_id": going.target.id,
        "quantity": going.quantity,
        "moved_at": at,
        "document_type": document.record_name,
        "document_id": document.id,
        "line_id": going.line_id,
        "created_by_id": by.id if by is not None else None,
        "version": 1,
    }


def check_going(going: Going) -> None:
    """Refused for what can't go at all, whatever lies where."""
    product = going.product
    if not product.stocked:
        raise Refused(_("“%(name)s” is not kept in stock.", name=product.name))
    check_quantity(going.quantity, product.unit)
    check_size(product, going.quantity, going.value or ZERO)
    if going.source.id == going.target.id:
        raise Refused(_("It lies there already. Choose another location."))
    if going.lot is not None and going.lot.product_id != product.id:
        raise Refused(_("“%(name)s” has no lot or serial number %(code)s.", name=product.name, code=going.lot.code))
    if going.lot is not None and going.lot.serial and going.quantity != 1:
        raise Refused(_("A serial number stands for one piece."))
    if is_tracked(product) and going.lot is None and not going.source.is_ours:
        raise Refused(_("“%(name)s” is tracked: say which lot or serial number.", name=product.name))


def check_size(product: Product, quantity: Decimal, value: Decimal = ZERO) -> None:
    """Refused for more than the books can hold."""
    if abs(quantity) >= QUANTITY.limit or abs(value) >= AMOUNT.limit:
        raise Refused(_("“%(name)s”: this is more than the books can hold. Check the figures.", name=product.name))


Levels = dict[tuple[int, int, int | None], StockLevel]


def _levels(goings: Sequence[Going]) -> Levels:
    """What lies where these goods come from and go to. The items are locked, so nobody else changes it."""
    locations = {end.id for going in goings for end in (going.source, going.target) if end.is_ours}
    products = {going.product.id for going in goings}
    lots = {going.lot.id for going in goings if going.lot is not None}
    query = select(StockLevel).where(
        StockLevel.product_id.in_(products),
        StockLevel.location_id.in_(locations),
        or_(StockLevel.lot_id.is_(None), StockLevel.lot_id.in_(lots)),
    )
    found = session.scalars(query.execution_options(populate_existing=True))
    return {(level.product_id, level.location_id, level.lot_id): level for level in found}


def _level(levels: Levels, going: Going, location: Location) -> StockLevel:
    key = going.product.id, location.id, going.lot.id if going.lot is not None else None
    level = levels.get(key)
    if level is None:
        level = levels[key] = StockLevel(product_id=key[0], location_id=key[1], lot_id=key[2], on_hand=ZERO)
        session.add(level)
    return level


def _check_lot(going: Going, levels: Levels) -> None:
    """A piece with a serial number that is here can't come from outside once more."""
    if going.lot is None or not going.lot.serial or going.source.is_ours or not going.target.is_ours:
        return
    here = select(func.sum(StockLevel.on_hand)).where(StockLevel.lot_id == going.lot.id)
    came = sum(level.on_hand for (_p, _l, lot_id), level in levels.items() if lot_id == going.lot.id)
    if came or session.scalar(here):
        raise Refused(_("%(code)s is in stock already: a serial number exists once.", code=going.lot.code))


def _change_levels(going: Going, items: dict[Place, StockItem], levels: Levels) -> None:
    source, target = going.source, going.target
    if source.is_ours:
        warehouse = source.warehouse
        assert warehouse is not None  # noqa: S101 - what is ours lies in a warehouse
        item = items[going.product.id, warehouse.id]
        level = _level(levels, going, source)
        below_zero = warehouse.allow_negative and not is_tracked(going.product) and source.kind == STOCK
        stays = target.kind == STOCK and target.warehouse_id == source.warehouse_id
        if not below_zero and level.on_hand < going.quantity:
            raise Refused(_not_there(going, level.on_hand, item, warehouse))
        if not below_zero and source.kind == STOCK and not stays and item.free < going.quantity:
            raise Refused(_promised(going, item, warehouse))
        level.on_hand -= going.quantity
        if source.kind == STOCK:
            item.on_hand -= going.quantity
    if target.is_ours:
        _level(levels, going, target).on_hand += going.quantity
        check_size(going.product, _level(levels, going, target).on_hand)
        if target.kind == STOCK and target.warehouse_id:
            item = items[going.product.id, target.warehouse_id]
            item.on_hand += going.quantity
            check_size(going.product, item.on_hand)


def with_unit(quantity: Decimal, product: Product) -> str:
    """ "12 pcs" """
    return in_unit(quantity, product.unit)


def _not_there(going: Going, there: Decimal, item: StockItem, warehouse: Warehouse) -> str:
    named = f"“{going.product.name}”" + (f" ({going.lot.code})" if going.lot is not None else "")
    return _(
        "%(what)s: %(there)s lie at %(location)s in %(warehouse)s, %(wanted)s are wanted. Receive or adjust stock first, "
        "or take less.",
        what=named,
        there=with_unit(max(there, ZERO), going.product),
        wanted=with_unit(going.quantity, going.product),
        location=going.source.code,
        warehouse=warehouse.name,
    )


def _promised(going: Going, item: StockItem, warehouse: Warehouse) -> str:
    return _(
        "“%(name)s”: only %(free)s are free in %(warehouse)s, %(reserved)s are promised to others. Receive stock first, or "
        "take less.",
        name=going.product.name,
        free=with_unit(max(item.free, ZERO), going.product),
        reserved=with_unit(item.reserved, going.product),
        warehouse=warehouse.name,
    )


def _worth(going: Going, costs: dict[int, ProductCost]) -> tuple[Decimal, Decimal, CostLayer | None]:
    """What the move is worth, what was paid beyond that, and the layer it makes."""
    comes, leaves = going.target.kind in OURS, going.source.kind in OURS
    cost = costs[going.product.id]
    usual = usual_value(cost, going.quantity, going.product) if going.value is None else going.value
    if comes and not leaves:
        check_size(going.product, cost.quantity + going.quantity, cost.value + usual)
        came, layer = goods_in(cost, going.quantity, usual)
        return came.value, came.difference, layer
    if leaves and not comes and going.takes_back is not None:
        take_back_goods(going.product, cost, going.takes_back)
        return going.takes_back.value, -going.takes_back.difference, None
    if leaves and not comes:
        return goods_out(cost, going.quantity), ZERO, None
    return usual, ZERO, None
