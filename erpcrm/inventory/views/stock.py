"""The storekeeper's start page; stock, and what each of its figures consists of; moves."""

from typing import Any

from flask import Response

from erpcrm.core.access import allow, everyone, load
from erpcrm.core.lists import list_page
from erpcrm.core.pages import page
from erpcrm.core.registry import record_type

from .. import reading
from ..models import LOCATION_KINDS, VIEW, StockItem, StockMove
from .blueprint import bp, dialog

KINDS = {choice.value: choice.label for choice in LOCATION_KINDS}


@bp.get("/")
@allow(VIEW)
def home() -> Response:
    """What a storekeeper's hour begins with."""
    expected, late = reading.count_expected()
    return page(
        "inventory/home.html",
        expected=expected,
        late_receipts=late,
        receipts=reading.expected_receipts(),
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
        number=reading.numbers_of([pointer]).get(pointer),
        document_label=reading.document_label,
    )
