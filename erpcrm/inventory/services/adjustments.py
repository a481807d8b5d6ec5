"""Putting stock right by hand: found, missing, scrapped, disposed of, carried elsewhere. Each with its reason."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import aliased

from erpcrm.catalog.models import Product
from erpcrm.core.actor import Actor
from erpcrm.core.db import session
from erpcrm.core.errors import Refused
from erpcrm.core.exact import round_money
from erpcrm.core.i18n import _, _l
from erpcrm.core.moves import make_move
from erpcrm.core.numbers import declare_numbers, next_number
from erpcrm.core.settings import setting

from ..models import (
    ADJUSTMENT,
    CARRIED,
    DISPOSED,
    FOUND,
    LOST,
    SCRAP,
    SCRAPPED,
    STOCK,
    TAKEN_BACK,
    Location,
    Lot,
    StockAdjustment,
    StockMove,
)
from .lots import is_tracked, lot_of
from .moving import Going, check_going, lock_items, move_goods
from .places import main_location, outside
from .reserving import fill_waiting

declare_numbers("stock_adjustment", _l("Stock adjustments"), "ADJ-")


def adjust(
    kind: str,
    product: Product,
    quantity: Decimal,
    location: Location,
    reason: str,
    *,
    target: Location | None = None,
    lot: str | Lot | None = None,
    unit_cost: Decimal | None = None,
    value: Decimal | None = None,
    by: Actor | None,
    at: datetime | None = None,
) -> StockAdjustment:
    """Change stock at `location` by `quantity`, in the product's own unit, and return the document that says why.

    `found` goods are worth `unit_cost` each in the company's currency, or `value` in all, or what they usually are;
    `scrapped` ones lie in the warehouse's scrap, `disposed` ones leave it; `carried` ones go to `target`. Refused without a
    reason, and for goods that are not there or are promised.
    """
    if not (reason or "").strip():
        raise Refused(_("Say why: somebody will ask one day."))
    source, goes_to = _ends(kind, location, target)
    found_lot = _lot(product, lot, new=kind == FOUND)
    if unit_cost is not None:
        value = round_money(unit_cost * quantity, setting("currency"))
    going = Going(product, quantity, source, goes_to, found_lot, value if kind == FOUND else None)
    return _post(kind, going, reason, by, at)


def _post(
    kind: str,
    going: Going,
    reason: str,
    by: Actor | None,
    at: datetime | None = None,
    takes_back: StockAdjustment | None = None,
) -> StockAdjustment:
    check_going(going)
    items = lock_items(going.places)
    adjustment = StockAdjustment(
        number=next_number("stock_adjustment"),
        kind=kind,
        product=going.product,
        product_id=going.product.id,
        lot_id=going.lot.id if going.lot is not None else None,
        from_id=going.source.id,
        to_id=going.target.id,
        quantity=going.quantity,
        reason=reason.strip(),
        takes_back_id=takes_back.id if takes_back is not None else None,
        created_by_id=by.id if by is not None else None,
    )
    session.add(adjustment)
    session.flush()
    moves = move_goods([going], adjustment, by=by, at=at)
    adjustment.value = moves[0].value
    session.flush()
    make_move(adjustment, "post", by=by, moves=moves)  # so that those who keep the books hear of it
    fill_waiting(list(items.values()))
    return adjustment


def take_back_adjustment(adjustment: StockAdjustment, by: Actor | None) -> StockAdjustment:
    """Post the other way what was found, at the value that it came with: as if it had never come.

    Refused when it was taken back already, and once anything else of the product has moved: what was paid for it could not
    be told from the rest any more.
    """
    move = session.scalars(
        select(StockMove).where(
            StockMove.document_type == adjustment.record_name, StockMove.document_id == adjustment.id
        )
    ).one()
    lock_items([(adjustment.product_id, end.warehouse_id) for end in (adjustment.target,) if end.warehouse_id])
    again = select(StockAdjustment.number).where(StockAdjustment.takes_back_id == adjustment.id)
    if adjustment.kind != FOUND or session.scalar(again):
        raise Refused(_("%(number)s can't be taken back.", number=adjustment.number))
    if session.scalar(select(StockMove.id).where(*moved_after(move.product_id, move.id)).limit(1)):
        raise Refused(_("“%(name)s” has moved since.", name=adjustment.product.name))
    going = Going(
        adjustment.product,
        adjustment.quantity,
        adjustment.target,
        adjustment.source,
        adjustment.lot,
        takes_back=move,
    )
    return _post(LOST, going, TAKEN_BACK, by, takes_back=adjustment)


def moved_after(product_id: Any, move_id: Any) -> tuple[ColumnElement[bool], ...]:
    """Conditions for the moves of a product after another one, but for what was taken back, and the taking back itself."""
    back, gone = aliased(StockAdjustment), aliased(StockAdjustment)
    by_hand = StockMove.document_type == StockAdjustment.record_name
    undone = exists().where(by_hand, back.id == StockMove.document_id, back.takes_back_id.is_not(None))
    taken = exists().where(by_hand, gone.takes_back_id == StockMove.document_id)
    return StockMove.product_id == product_id, StockMove.id > move_id, ~undone, ~taken


def _ends(kind: str, location: Location, target: Location | None) -> tuple[Location, Location]:
    needed = SCRAP if kind == DISPOSED else STOCK
    if kind != CARRIED and location.kind != needed:
        no_scrap = _("%(location)s is no location for scrap.", location=location.code)
        no_stock = _("%(location)s is no location for stock.", location=location.code)
        raise Refused(no_scrap if needed == SCRAP else no_stock)
    match kind:
        case "found":
            return outside(ADJUSTMENT), location
        case "lost" | "disposed":
            return location, outside(ADJUSTMENT)
        case "scrapped":
            return location, main_location(location.warehouse_id or 0, SCRAP)
        case "carried":
            if target is None or not target.is_ours:
                raise Refused(_("Choose where it goes."))
            return location, target
    raise LookupError(kind)


def _lot(product: Product, lot: str | Lot | None, *, new: bool) -> Lot | None:
    if not isinstance(lot, str):
        return lot
    if not lot.strip():
        return None
    if not is_tracked(product):
        raise Refused(_("“%(name)s” is not tracked by lot or serial number.", name=product.name))
    return lot_of(product, lot, new=new)


__all__ = ["CARRIED", "DISPOSED", "FOUND", "LOST", "SCRAPPED", "adjust"]
