"""Receipts: planned, received all at once or in parts, cancelled."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from erpcrm.catalog.models import Product
from erpcrm.catalog.services import check_quantity, unit_factor
from erpcrm.core.actor import Actor
from erpcrm.core.db import lock, session
from erpcrm.core.errors import NotThere, Refused, Stale
from erpcrm.core.exact import round_money
from erpcrm.core.i18n import _, _l, moment
from erpcrm.core.moves import make_move
from erpcrm.core.numbers import declare_numbers, next_number
from erpcrm.core.settings import setting

from ..models import RECEIPT_FLOW, STOCK, SUPPLIER, Location, Receipt, ReceiptLine, StockMove, Warehouse
from .lots import is_tracked, lot_of, read_codes
from .moving import Going, check_size, lock_items, move_goods
from .places import main_location, outside
from .reserving import fill_waiting

declare_numbers("receipt", _l("Receipts"), "RC-")
HEADER = ("sender", "reference", "expected_on", "note")
MOST_LINES = 500


@dataclass(frozen=True)
class Coming:
    """What came of a line, in the line's unit; `lots` is what was typed of lots or serial numbers, in the product's own."""

    line: ReceiptLine
    quantity: Decimal
    lots: str = ""
    expires_on: date | None = None


def plan_receipt(values: Mapping[str, Any], lines: Sequence[Mapping[str, Any]] = (), *, by: Actor | None) -> Receipt:
    """Goods are expected: in which warehouse, from whom, when, and what (`product`, `quantity`, `unit`, `unit_cost`).

    `unit_cost` is for one `unit`, in the company's currency.
    """
    warehouse = session.get(Warehouse, values["warehouse_id"])
    if warehouse is None or not warehouse.active:
        raise Refused(_("Choose a warehouse that is in use."))
    receipt = Receipt(number=next_number("receipt"), created_by_id=by.id if by else None, warehouse_id=warehouse.id)
    receipt.warehouse = warehouse
    for name in HEADER:
        setattr(receipt, name, values.get(name) or None)
    session.add(receipt)
    session.flush()
    for line in lines:
        _add_line(receipt, line)
    count_incoming(receipt)
    return receipt


def update_receipt(receipt: Receipt, values: Mapping[str, Any], *, version: int | None = None) -> None:
    """Change from whom, when and the rest; the warehouse only while nothing has come yet."""
    _open(receipt, version)
    for name in HEADER:
        if name in values:
            setattr(receipt, name, values[name] or None)
    warehouse_id = values.get("warehouse_id")
    if warehouse_id is not None and warehouse_id != receipt.warehouse_id:
        if any(line.received for line in receipt.lines):
            raise Refused(_("Some of it lies in %(warehouse)s already.", warehouse=receipt.warehouse.name))
        before = receipt.warehouse_id
        receipt.warehouse = session.get_one(Warehouse, warehouse_id)
        receipt.warehouse_id = warehouse_id
        session.flush()
        count_incoming(receipt, besides=before)
    session.flush()


def _open(receipt: Receipt, version: int | None = None) -> None:
    """Hold it. Refused unless goods are still expected."""
    if version is not None and version != receipt.version:
        raise Stale(receipt)
    lock(receipt)
    if receipt.status != RECEIPT_FLOW.initial:
        state = RECEIPT_FLOW.state_of(receipt).label
        raise Refused(_("Receipt %(number)s is %(state)s and can't be changed.", number=receipt.number, state=state))


def save_line(receipt: Receipt, line: ReceiptLine | None, values: Mapping[str, Any]) -> ReceiptLine:
    """A line, new or changed. Refused for quantities that don't fit the unit, and below what has come already."""
    _open(receipt)
    if line is None:
        line = _add_line(receipt, values)
    else:
        _fill_line(line, values)
    session.flush()
    count_incoming(receipt)
    return line


def remove_line(receipt: Receipt, line_id: int) -> None:
    _open(receipt)
    line = next((one for one in receipt.lines if one.id == line_id), None)
    if line is None:
        raise NotThere
    if line.received:
        raise Refused(_("Some of it has come already. Close the receipt when nothing more comes."))
    product_id = line.product_id
    receipt.lines.remove(line)
    session.flush()
    count_incoming(receipt, products=[product_id])


def _add_line(receipt: Receipt, values: Mapping[str, Any]) -> ReceiptLine:
    if len(receipt.lines) >= MOST_LINES:
        raise Refused(_("A document has at most %(most)s lines.", most=MOST_LINES))
    line = ReceiptLine(received=Decimal(0))
    _fill_line(line, values)
    receipt.lines.append(line)
    session.flush()
    return line


def _fill_line(line: ReceiptLine, values: Mapping[str, Any]) -> None:
    product: Product = values["product"]
    if not product.stocked:
        raise Refused(_("“%(name)s” is not kept in stock.", name=product.name))
    if line.received and product.id != line.product_id:
        raise Refused(_("Some of it has come already. Close the receipt when nothing more comes."))
    unit = values.get("unit") or product.unit
    quantity = values["quantity"]
    check_quantity(quantity, unit)
    factor = unit_factor(product, unit)
    check_quantity(quantity * factor, product.unit)
    check_size(product, quantity * factor, (values.get("unit_cost") or Decimal(0)) * quantity)
    if line.received and (quantity < line.received or unit != line.unit):
        raise Refused(_("Some of it has come already. Close the receipt when nothing more comes."))
    line.product, line.product_id, line.unit, line.factor, line.quantity = product, product.id, unit, factor, quantity
    if "unit_cost" in values:
        line.unit_cost = values["unit_cost"]


def count_incoming(receipt: Receipt, *, products: Sequence[int] = (), besides: int | None = None) -> None:
    """Bring what is expected of the products of a receipt up to date in its warehouse."""
    ids = {line.product_id for line in receipt.lines} | set(products)
    warehouses = {receipt.warehouse_id, *([besides] if besides else [])}
    items = lock_items((product, warehouse) for product in ids for warehouse in warehouses)
    _recount(items)


def _recount(items: Mapping[Any, Any]) -> None:
    expected = expected_of([item.product_id for item in items.values()])
    for item in items.values():
        coming = expected.get((item.product_id, item.warehouse_id), Decimal(0))
        check_size(item.product, coming)
        item.incoming = coming
    session.flush()


def expected_of(product_ids: Sequence[int]) -> dict[tuple[int, int], Decimal]:
    """{(product, warehouse): what open receipts still expect, in the product's own unit}."""
    found: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    line = ReceiptLine
    query = (
        select(line.product_id, Receipt.warehouse_id, line.quantity, line.received, line.factor)
        .join(Receipt, Receipt.id == line.receipt_id)
        .where(Receipt.status == RECEIPT_FLOW.initial, line.product_id.in_(product_ids), line.received < line.quantity)
    )
    for product_id, warehouse_id, quantity, received, factor in session.execute(query):
        found[product_id, warehouse_id] += (quantity - received) * factor
    return found


def receive(
    receipt: Receipt,
    coming: Sequence[Coming],
    *,
    into: Location | None = None,
    version: int | None = None,
    by: Actor | None,
    at: datetime | None = None,
) -> list[StockMove]:
    """Goods have come: they lie in stock from now on, worth what their line says. What has not come stays expected.

    More than was expected may come. Refused when nothing is said to have come, and when lots are missing or wrong.
    """
    _open(receipt, version)
    location = into or main_location(receipt.warehouse_id)
    if location.warehouse_id != receipt.warehouse_id or location.kind != STOCK:
        raise Refused(_("Choose a location for stock in %(warehouse)s.", warehouse=receipt.warehouse.name))
    came = [one for one in coming if one.quantity]
    if not came:
        raise Refused(_("Enter what has come."))
    # Of all lines, for what they expect is counted below: items come before costs.
    lock_items((line.product_id, receipt.warehouse_id) for line in receipt.lines)
    supplier = outside(SUPPLIER)
    goings = [going for one in came for going in _goings(one, supplier, location)]
    moves = move_goods(goings, receipt, by=by, at=at)
    for one in came:
        one.line.received += one.quantity
    done = all(not line.expected for line in receipt.lines)
    if done:
        receipt.received_at = at or moment()
    session.flush()
    make_move(receipt, "receive" if done else "receive_part", by=by, moves=moves)
    count_incoming(receipt)
    fill_waiting(list(lock_items((going.product.id, receipt.warehouse_id) for going in goings).values()))
    return moves


def _goings(coming: Coming, supplier: Location, location: Location) -> list[Going]:
    line, product = coming.line, coming.line.product
    check_quantity(coming.quantity, line.unit)
    own = coming.quantity * line.factor
    check_quantity(own, product.unit)
    paid = None if line.unit_cost is None else round_money(line.unit_cost * coming.quantity, setting("currency"))
    if not is_tracked(product):
        return [Going(product, own, supplier, location, None, paid, line.id)]
    goings: list[Going] = []
    before, spent = Decimal(0), Decimal(0)
    for code, quantity in read_codes(coming.lots, product, own):
        lot = lot_of(product, code, new=True, expires_on=coming.expires_on)
        before += quantity
        # Cumulative, so that the lots together are worth what was paid.
        part = None if paid is None else round_money(paid * before / own, setting("currency")) - spent
        spent += part or Decimal(0)
        goings.append(Going(product, quantity, supplier, location, lot, part, line.id))
    return goings


def nothing_came(receipt: Receipt, by: Any) -> None:
    """Refused for a receipt of which something lies in stock: it can be closed, not cancelled."""
    if any(line.received for line in receipt.lines):
        raise Refused(_("Some of it has come already. Close the receipt when nothing more comes."))


@RECEIPT_FLOW.on("cancel")
@RECEIPT_FLOW.on("close")
@RECEIPT_FLOW.on("plan_again")
def _expect_anew(receipt: Receipt, by: Any, details: dict[str, Any]) -> None:
    count_incoming(receipt)
