"""The storekeeper's start page; stock, and what each of its figures consists of; moves."""

from typing import Any

from flask import Response
from flask_login import current_user

from erpcrm.core.access import allow, everyone, load
from erpcrm.core.lists import list_page
from erpcrm.core.pages import page
from erpcrm.core.registry import record_type
from erpcrm.sales.models.orders import VIEW as ORDER_VIEW

from .. import outgoing, reading
from ..models import DELIVERY_FLOW, DELIVERY_VIEW, LOCATION_KINDS, VIEW, StockItem, StockMove
from .blueprint import bp, dialog

KINDS = {choice.value: choice.label for choice in LOCATION_KINDS}


@bp.get("/")
@allow(VIEW)
def home() -> Response:
    """What a storekeeper's hour begins with."""
    sees_deliveries = current_user.may(DELIVERY_VIEW)
    expected, late_receipts = reading.count_expected()
    to_ship, late, due = outgoing.count_to_ship(current_user) if sees_deliveries else (0, 0, 0)
    return page(
        "inventory/home.html",
        sees_deliveries=sees_deliveries,
        expected=expected,
        late_receipts=late_receipts,
        receipts=reading.expected_receipts(),
        to_ship=to_ship,
        late=late,
        due=due,
        deliveries=outgoing.to_ship(current_user) if sees_deliveries else (),
        orders=outgoing.to_prepare(current_user) if current_user.may(ORDER_VIEW) else (),
        short=outgoing.short_of(current_user) if current_user.may(ORDER_VIEW) else (),
        announced=outgoing.announced_returns() if sees_deliveries else 0,
        states=DELIVERY_FLOW.state,
        is_late=reading.is_late,
    )


@bp.get("/stock")
@allow(VIEW)
def stock() -> Response:
    return list_page(record_type("stock_item"), template="inventory/stock.html")


@bp.get("/stock/<int:id>")
@allow(VIEW)
def stock_item(id: int) -> Response:
    item = load(StockItem, id, everyone)
    return page(
        "inventory/stock_item.html",
        item=item,
        product=item.product,
        levels=reading.levels_of(item.product_id, item.warehouse_id),
        moves=reading.moves_of(item),
        kinds=KINDS,
        document_label=reading.document_label,
    )


def _explain(id: int, figure: str, **data: Any) -> Response:
    item = load(StockItem, id, everyone)
    return dialog("inventory/explained.html", item=item, product=item.product, figure=figure, kinds=KINDS, **data)


@bp.get("/stock/<int:id>/on-hand")
@allow(VIEW)
def on_hand_explained(id: int) -> Response:
    moves = reading.moves_of(load(StockItem, id, everyone))
    return _explain(id, "on_hand", moves=moves, shown=reading.SHOWN, document_label=reading.document_label)


@bp.get("/stock/<int:id>/reserved")
@allow(VIEW)
def reserved_explained(id: int) -> Response:
    return _explain(id, "reserved", promises=reading.promises_of(load(StockItem, id, everyone)))


@bp.get("/stock/<int:id>/free")
@allow(VIEW)
def free_explained(id: int) -> Response:
    return _explain(id, "free")


@bp.get("/stock/<int:id>/incoming")
@allow(VIEW)
def incoming_explained(id: int) -> Response:
    return _explain(id, "incoming", receipts=reading.coming_to(load(StockItem, id, everyone)), is_late=reading.is_late)


@bp.get("/moves")
@allow(VIEW)
def moves() -> Response:
    return list_page(record_type("stock_move"))


@bp.get("/moves/<int:id>")
@allow(VIEW)
def move(id: int) -> Response:
    found = load(StockMove, id, everyone)
    pointer = found.document_type, found.document_id
    return page(
        "inventory/move.html",
        move=found,
        kinds=KINDS,
        number=reading.numbers_of([pointer], current_user).get(pointer),
        document_label=reading.document_label,
    )
