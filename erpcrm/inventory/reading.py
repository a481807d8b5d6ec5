"""What the pages of inventory show: the terms of each figure, where things lie, and what is to be done."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Integer, func, select
from sqlalchemy.orm import aliased, contains_eager

from erpcrm.catalog.models import Product
from erpcrm.core.actor import Actor, current_actor
from erpcrm.core.db import session
from erpcrm.core.i18n import today
from erpcrm.core.registry import registry
from erpcrm.customers.models import Customer
from erpcrm.customers.scopes import CUSTOMER_SCOPE

from .models import (
    RECEIPT_FLOW,
    Delivery,
    Location,
    Lot,
    Receipt,
    ReceiptLine,
    Reservation,
    Return,
    StockItem,
    StockLevel,
    StockMove,
    Warehouse,
)

SHOWN = 50
FEW = 8


def document_label(document_type: str) -> Any:
    """What people call the documents that move stock."""
    kind = registry().record_types.get(document_type)
    return kind.label if kind is not None else document_type


@dataclass(frozen=True)
class Moved:
    """A move as a line of an explanation: how it changed what lies in a warehouse."""

    id: int
    change: Decimal
    document_type: str
    document_id: int
    number: str | None
    at: Any
    lot: str | None
    source: str
    source_kind: str
    target: str
    target_kind: str


def moves_of(item: StockItem) -> list[Moved]:
    """The latest moves that changed what of a product lies in a warehouse's stock, newest first."""
    source, target = aliased(Location), aliased(Location)
    comes = (target.warehouse_id == item.warehouse_id) & (target.kind == "stock")
    leaves = (source.warehouse_id == item.warehouse_id) & (source.kind == "stock")
    move = StockMove
    query = (
        select(
            move.id, move.quantity, comes.label("comes"), move.document_type, move.document_id, move.moved_at,
            Lot.code.label("lot"), source.code.label("source"), source.kind.label("source_kind"),
            target.code.label("target"), target.kind.label("target_kind"),
        )
        .join(source, source.id == move.from_id)
        .join(target, target.id == move.to_id)
        .outerjoin(Lot, Lot.id == move.lot_id)
        .where(move.product_id == item.product_id, comes != leaves)
        .order_by(move.id.desc())
        .limit(SHOWN)
    )  # fmt: skip
    rows = session.execute(query).all()
    numbers = numbers_of(((row.document_type, row.document_id) for row in rows), current_actor())
    return [
        Moved(
            row.id, row.quantity if row.comes else -row.quantity, row.document_type, row.document_id,
            numbers.get((row.document_type, row.document_id)), row.moved_at, row.lot, row.source, row.source_kind,
            row.target, row.target_kind,
        )
        for row in rows
    ]  # fmt: skip


def numbers_of(pointers: Iterable[tuple[str, int]], actor: Actor | None = None) -> Mapping[tuple[str, int], str]:
    """{(type, id): the number of that document}, one query a type of document; for an actor, of those they may see."""
    wanted: dict[str, set[int]] = {}
    for document_type, document_id in pointers:
        wanted.setdefault(document_type, set()).add(document_id)
    found: dict[tuple[str, int], str] = {}
    for document_type, ids in wanted.items():
        kind = registry().record_types.get(document_type)
        if kind is None or (actor is not None and not actor.may(kind.view)):
            continue
        query = select(kind.model.id, kind.title).where(kind.model.id.in_(ids))
        if actor is not None:
            query = query.where(kind.scope(actor, actor.scope(kind.name)))
        found |= {(document_type, id): str(title) for id, title in session.execute(query)}
    return found


def coming_to(item: StockItem) -> Sequence[Any]:
    """The open receipts that still expect this product in this warehouse: (id, number, sender, expected_on, quantity)."""
    line = ReceiptLine
    query = (
        select(
            Receipt.id, Receipt.number, Receipt.sender, Receipt.expected_on, line.quantity, line.received, line.factor
        )
        .join(line, line.receipt_id == Receipt.id)
        .where(
            Receipt.status == RECEIPT_FLOW.initial,
            Receipt.warehouse_id == item.warehouse_id,
            line.product_id == item.product_id,
            line.received < line.quantity,
        )
        .order_by(Receipt.expected_on.is_(None), Receipt.expected_on, Receipt.id)
        .limit(SHOWN)
    )
    return session.execute(query).all()


@dataclass(frozen=True)
class Promise:
    """So much is promised to a document; without a number it is none that this reader may see."""

    document_type: str
    document_id: int
    number: str | None
    quantity: Decimal


def promises_of(item: StockItem) -> list[Promise]:
    """To which documents stock of this item is promised, the oldest promise first; what the reader may not see as one."""
    query = (
        select(Reservation.document_type, Reservation.document_id, func.sum(Reservation.quantity))
        .where(Reservation.item_id == item.id)
        .group_by(Reservation.document_type, Reservation.document_id)
        .order_by(func.min(Reservation.id))
        .limit(SHOWN)
    )
    rows = session.execute(query).all()
    numbers = numbers_of(((row[0], row[1]) for row in rows), current_actor())
    seen = [Promise(kind, id, numbers[kind, id], quantity) for kind, id, quantity in rows if (kind, id) in numbers]
    hidden = item.reserved - sum((one.quantity for one in seen), Decimal(0))
    return [*seen, *([Promise("", 0, None, hidden)] if hidden else [])]


def levels_of(product_id: int, warehouse_id: int) -> Sequence[Any]:
    """Where it lies in a warehouse: (location_id, location, kind, lot_id, lot, expires_on, on_hand)."""
    query = (
        select(
            Location.id.label("location_id"), Location.code.label("location"), Location.kind, Lot.id.label("lot_id"),
            Lot.code.label("lot"), Lot.expires_on, StockLevel.on_hand,
        )
        .join(Location, Location.id == StockLevel.location_id)
        .outerjoin(Lot, Lot.id == StockLevel.lot_id)
        .where(
            StockLevel.product_id == product_id, Location.warehouse_id == warehouse_id, StockLevel.on_hand != 0
        )
        .order_by(Location.kind.desc(), Location.id, Lot.expires_on.is_(None), Lot.expires_on, Lot.id)
        .limit(200)
    )  # fmt: skip
    return session.execute(query).all()


def items_of(product_ids: Sequence[int]) -> Mapping[int, Sequence[Any]]:
    """For the product page: what lies in each warehouse; of products that are kept in stock."""
    item = StockItem
    query = (
        select(
            Product.id.label("product_id"), item.id, item.on_hand, item.reserved, item.incoming,
            Warehouse.name.label("warehouse"), Product.unit,
        )
        .outerjoin(item, item.product_id == Product.id)
        .outerjoin(Warehouse, Warehouse.id == item.warehouse_id)
        .where(Product.id.in_(product_ids), Product.stocked)
        .order_by(Warehouse.id)
    )  # fmt: skip
    found: dict[int, list[Any]] = {}
    for row in session.execute(query):
        found.setdefault(row.product_id, []).extend([row] if row.id is not None else [])
    return found


def expected_receipts(limit: int = FEW) -> Sequence[Any]:
    """The next open receipts, the most overdue first."""
    lines = select(func.count()).where(ReceiptLine.receipt_id == Receipt.id).scalar_subquery()
    query = (
        select(
            Receipt.id,
            Receipt.number,
            Receipt.sender,
            Receipt.expected_on,
            Warehouse.name.label("warehouse"),
            lines.label("lines"),
        )
        .join(Warehouse, Warehouse.id == Receipt.warehouse_id)
        .where(Receipt.status == RECEIPT_FLOW.initial)
        .order_by(Receipt.expected_on.is_(None), Receipt.expected_on, Receipt.id)
        .limit(limit)
    )
    return session.execute(query).all()


def count_expected() -> tuple[int, int]:
    """How many receipts are open, and how many of those should have come before today."""
    late = func.sum(func.coalesce((Receipt.expected_on < today()).cast(Integer), 0))
    row = session.execute(select(func.count(), late).where(Receipt.status == RECEIPT_FLOW.initial)).one()
    return row[0], int(row[1] or 0)


@dataclass(frozen=True)
class Step:
    """One step of a lot's way."""

    at: Any
    move_id: int
    quantity: Decimal
    source: str
    source_kind: str
    target: str
    target_kind: str
    document_type: str
    document_id: int
    number: str | None
    party: str | None
    """From whom it came, or to whom it went"""


def trace_of(lot: Lot) -> list[Step]:
    """Where a lot came from and where it went, the first step first."""
    source, target = aliased(Location), aliased(Location)
    move = StockMove
    query = (
        select(
            move.id, move.quantity, move.moved_at, move.document_type, move.document_id,
            source.code.label("source"), source.kind.label("source_kind"),
            target.code.label("target"), target.kind.label("target_kind"),
        )
        .join(source, source.id == move.from_id)
        .join(target, target.id == move.to_id)
        .where(move.lot_id == lot.id)
        .order_by(move.id)
        .limit(500)
    )  # fmt: skip
    rows = session.execute(query).all()
    pointers = {(row.document_type, row.document_id) for row in rows}
    numbers, parties = numbers_of(pointers, current_actor()), parties_of(pointers)
    return [
        Step(
            row.moved_at, row.id, row.quantity, row.source, row.source_kind, row.target, row.target_kind,
            row.document_type, row.document_id, numbers.get((row.document_type, row.document_id)),
            parties.get((row.document_type, row.document_id)),
        )
        for row in rows
    ]  # fmt: skip


def parties_of(pointers: Iterable[tuple[str, int]]) -> Mapping[tuple[str, int], str]:
    """{(type, id): from whom or to whom}, as far as this reader may know."""
    found: dict[tuple[str, int], str] = {}
    actor = current_actor()
    senders = [id for kind, id in pointers if kind == "receipt"]
    if senders:
        query = select(Receipt.id, Receipt.sender).where(Receipt.id.in_(senders))
        found |= {("receipt", id): sender for id, sender in session.execute(query) if sender}
    for document_type, model in (("delivery", Delivery), ("return", Return)):
        ids = [id for kind, id in pointers if kind == document_type]
        if ids and (actor is None or actor.may("customers.customer.view")):
            named = select(model.id, Customer.name).join(Customer, Customer.id == model.customer_id)
            named = named.where(model.id.in_(ids))
            if actor is not None:
                named = named.where(CUSTOMER_SCOPE(actor, actor.scope("customer")))
            found |= {(document_type, id): name for id, name in session.execute(named)}
    return found


def returns_of(delivery: Delivery) -> Sequence[Any]:
    """What comes back of a delivery: (id, number, status, reason)."""
    query = select(Return.id, Return.number, Return.status, Return.reason).where(Return.delivery_id == delivery.id)
    return session.execute(query.order_by(Return.id)).all()


def lies_at(lot: Lot) -> Sequence[Any]:
    """Where a lot lies now: (warehouse, location, kind, on_hand, item_id)."""
    query = (
        select(Warehouse.name.label("warehouse"), Location.code.label("location"), Location.kind, StockLevel.on_hand)
        .join(Location, Location.id == StockLevel.location_id)
        .join(Warehouse, Warehouse.id == Location.warehouse_id)
        .where(StockLevel.lot_id == lot.id, StockLevel.on_hand != 0)
        .order_by(Warehouse.id, Location.id)
    )
    return session.execute(query).all()


def is_late(day: date | None) -> bool:
    return day is not None and day < today()


def locations_of(warehouse: Warehouse) -> Sequence[Location]:
    """Those of a warehouse, in use or not."""
    query = select(Location).where(Location.warehouse_id == warehouse.id)
    return session.scalars(query.order_by(Location.active.desc(), Location.id)).all()


def all_locations() -> Sequence[Location]:
    """Those in use of all warehouses in use."""
    query = (
        select(Location)
        .join(Warehouse, Warehouse.id == Location.warehouse_id)
        .where(Location.active, Warehouse.active)
        .options(contains_eager(Location.warehouse))
    )
    return session.scalars(query.order_by(Warehouse.id, Location.id)).all()


def moves_of_document(document_type: str, document_id: int) -> Sequence[Any]:
    """What a document has moved: (id, product_id, product, unit, quantity, lot_id, lot, source, target, value, moved_at)."""
    source, target = aliased(Location), aliased(Location)
    query = (
        select(
            StockMove.id, StockMove.product_id, Product.name.label("product"), Product.unit, StockMove.quantity,
            StockMove.lot_id, Lot.code.label("lot"), source.code.label("source"), source.kind.label("source_kind"),
            target.code.label("target"), target.kind.label("target_kind"), StockMove.value, StockMove.moved_at,
        )
        .join(Product, Product.id == StockMove.product_id)
        .join(source, source.id == StockMove.from_id)
        .join(target, target.id == StockMove.to_id)
        .outerjoin(Lot, Lot.id == StockMove.lot_id)
        .where(StockMove.document_type == document_type, StockMove.document_id == document_id)
        .order_by(StockMove.id)
        .limit(1000)
    )  # fmt: skip
    return session.execute(query).all()


def item_at(adjustment: Any) -> int:
    """The item that an adjustment has changed: where its goods lie now, or where they lay."""
    at = adjustment.target if adjustment.target.is_ours else adjustment.source
    query = select(StockItem.id).where(
        StockItem.product_id == adjustment.product_id, StockItem.warehouse_id == at.warehouse_id
    )
    return session.scalars(query).one()
