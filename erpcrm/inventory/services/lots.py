"""Lots and serial numbers: what is typed of them, and which are there."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from sqlalchemy import func, select

from erpcrm.catalog.models import UNTRACKED, Product
from erpcrm.catalog.services import check_quantity
from erpcrm.core.db import session
from erpcrm.core.errors import Refused
from erpcrm.core.i18n import _, show_number

from ..models import STOCK, Location, Lot, Reservation, StockItem, StockLevel

LONGEST = 60
LOOKED_AT = 1000
SPLIT = re.compile(r"[\n\r,，;；、]+")
AMOUNT = re.compile(r"^(?P<code>.*?)\s*[=＝×*]\s*(?P<quantity>[\d.]+)$")


@dataclass(frozen=True)
class Part:
    """So much of a lot; `lot` None for goods that are not told apart."""

    quantity: Decimal
    lot: Lot | None = None


def is_tracked(product: Product) -> bool:
    return product.tracking != UNTRACKED


def read_codes(text: str, product: Product, quantity: Decimal) -> list[tuple[str, Decimal]]:
    """What somebody has typed of lots: one a line, or separated by commas; "A-17 = 40" for a part of the quantity.

    Serial numbers are one each. Refused unless they come to `quantity`, or when one stands there twice.
    """
    serial = product.tracking == "serial"
    words = [word.strip() for word in SPLIT.split(text or "") if word.strip()]
    found: list[tuple[str, Decimal]] = []
    for word in words:
        match = None if serial else AMOUNT.match(word)
        try:
            amount = Decimal(match["quantity"]) if match else Decimal(1) if serial else None
        except InvalidOperation as error:
            raise Refused(_("“%(text)s” is not a quantity.", text=word)) from error
        code = match["code"].strip() if match else word
        if not code or len(code) > LONGEST:
            raise Refused(_("“%(text)s” is no number of a lot.", text=word[:LONGEST]))
        if amount is None and len(words) > 1:
            raise Refused(_("Say how much of each lot: “%(text)s = 5”.", text=code))
        amount = quantity if amount is None else amount
        check_quantity(amount, product.unit)
        found.append((code, amount))
    if len({code.lower() for code, _amount in found}) < len(found):
        raise Refused(_("A number stands there twice."))
    total = sum((amount for _code, amount in found), Decimal(0))
    if not found or total != quantity:
        ask = (
            _("“%(name)s”: %(wanted)s serial numbers are needed, %(given)s are given.")
            if serial
            else _("“%(name)s”: lots for %(wanted)s are needed, for %(given)s are given.")
        )
        raise Refused(ask % {"name": product.name, "wanted": show_number(quantity), "given": show_number(total)})
    return found


def lot_of(product: Product, code: str, *, new: bool = False, expires_on: date | None = None) -> Lot:
    """The lot or serial number with this code, capitals apart; with `new` it is made when there is none.

    Refused when it is not there.
    """
    query = select(Lot).where(Lot.product_id == product.id, func.lower(Lot.code) == code.strip().lower())
    with session.no_autoflush:
        found = session.scalars(query).first()
    if found is None and not new:
        raise Refused(_("“%(name)s” has no lot or serial number %(code)s.", name=product.name, code=code))
    if found is None:
        found = Lot(product_id=product.id, code=code.strip(), serial=product.tracking == "serial")
        session.add(found)
    if expires_on is not None:
        found.expires_on = expires_on
    session.flush()
    return found


def propose(product: Product, warehouse_id: int, quantity: Decimal) -> list[Part]:
    """Which lots to take: what expires first, else what came first, but for what is promised already.

    Less than `quantity` where not so much is there in lots; one part without a lot for goods that are not tracked.
    """
    if not is_tracked(product):
        return [Part(quantity)]
    promised = dict(_promised(product.id, warehouse_id))
    parts: list[Part] = []
    left = quantity
    for lot, there in _in_lots(product.id, warehouse_id):
        part = min(left, there - promised.get(lot.id, Decimal(0)))
        if part > 0:
            parts.append(Part(part, lot))
            left -= part
        if not left:
            break
    return parts


def _in_lots(product_id: int, warehouse_id: int) -> Sequence[tuple[Lot, Decimal]]:
    query = (
        select(Lot, func.sum(StockLevel.on_hand))
        .join(StockLevel, StockLevel.lot_id == Lot.id)
        .join(Location, Location.id == StockLevel.location_id)
        .where(
            StockLevel.product_id == product_id,
            StockLevel.on_hand > 0,
            Location.warehouse_id == warehouse_id,
            Location.kind == STOCK,
        )
        .group_by(Lot.id)
        .order_by(Lot.expires_on.is_(None), Lot.expires_on, Lot.id)
        .limit(LOOKED_AT)
    )
    return [(lot, there) for lot, there in session.execute(query)]


def _promised(product_id: int, warehouse_id: int) -> Sequence[tuple[int, Decimal]]:
    query = (
        select(Reservation.lot_id, func.sum(Reservation.quantity))
        .join(StockItem, StockItem.id == Reservation.item_id)
        .where(
            StockItem.product_id == product_id,
            StockItem.warehouse_id == warehouse_id,
            Reservation.lot_id.is_not(None),
        )
        .group_by(Reservation.lot_id)
    )
    return [(lot_id, quantity) for lot_id, quantity in session.execute(query) if lot_id is not None]
