"""Counting stock: a sheet of what the books say lies at a place, what was counted, and posting what differs."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import joinedload

from erpcrm.catalog.models import Product
from erpcrm.catalog.services import check_quantity
from erpcrm.core.actor import Actor
from erpcrm.core.db import lock, now, session
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.i18n import _, _l, moment
from erpcrm.core.moves import make_move
from erpcrm.core.numbers import declare_numbers, next_number

from ..models import (
    ADJUSTMENT,
    COUNT_FLOW,
    FOUND,
    LOST,
    STOCK,
    ZERO,
    Location,
    StockAdjustment,
    StockCount,
    StockCountLine,
    StockItem,
    StockLevel,
    StockMove,
)
from .lots import LONGEST, is_tracked, lot_of
from .moving import Going, Place, lock_items, move_goods, with_unit
from .places import outside
from .reserving import fill_waiting, take_promises

declare_numbers("stock_count", _l("Stock counts"), "CNT-")

MOST_LINES = 5000
NAMES_TOLD = 3
Spot = tuple[int, int, int | None]
"""A product at a location, of a lot or not: their ids."""


def begin_count(values: Mapping[str, Any], *, by: Actor | None) -> StockCount:
    """A sheet of what the books say lies in a warehouse: all of it, at one `location_id`, or of one `category`.

    Refused for a location of another warehouse, and when there is too much for one sheet.
    """
    location = session.get(Location, values["location_id"]) if values.get("location_id") else None
    if location is not None and (location.warehouse_id != values["warehouse_id"] or location.kind != STOCK):
        raise Refused(_("%(location)s is no location for stock of this warehouse.", location=location.code))
    query = (
        select(StockLevel.product_id, StockLevel.location_id, StockLevel.lot_id, StockLevel.on_hand)
        .join(Location, Location.id == StockLevel.location_id)
        .join(Product, Product.id == StockLevel.product_id)
        .where(Location.warehouse_id == values["warehouse_id"], Location.kind == STOCK, StockLevel.on_hand != 0)
    )
    if location is not None:
        query = query.where(Location.id == location.id)
    if values.get("category"):
        query = query.where(Product.category == values["category"])
    rows = session.execute(query.order_by(StockLevel.id).limit(MOST_LINES + 1)).all()
    if len(rows) > MOST_LINES:
        raise Refused(
            _("That is more than %(most)s lines. Count one location or one category at a time.", most=MOST_LINES)
        )
    count = StockCount(
        number=next_number("stock_count"),
        warehouse_id=values["warehouse_id"],
        location_id=location.id if location is not None else None,
        category=values.get("category") or None,
        shows_expected=bool(values.get("shows_expected", True)),
        note=(values.get("note") or "").strip() or None,
        created_by_id=by.id if by is not None else None,
    )
    session.add(count)
    session.flush()
    if rows:
        blank = {"count_id": count.id, "version": 1, "created_at": now(), "updated_at": now(), "recount": False}
        lines = [{**blank, **row._asdict(), "expected": row.on_hand} for row in rows]
        for line in lines:
            line.pop("on_hand")
        session.execute(insert(StockCountLine), lines)
    return count


def _open(count: StockCount) -> None:
    lock(count)
    if count.status != COUNT_FLOW.initial:
        raise Refused(
            _(
                "%(number)s is %(state)s. Begin another count.",
                number=count.number,
                state=COUNT_FLOW.state_of(count).label,
            )
        )


def add_line(
    count: StockCount, product: Product, location: Location, lot: str = "", *, by: Actor | None
) -> StockCountLine:
    """A line for something that the sheet doesn't have: found where the books know of none. The line itself where it has it.

    Refused for another place than the one that is counted, and for a tracked product without a lot or serial number; a
    number that nobody knows is a new one.
    """
    _open(count)
    if not product.stocked:
        raise Refused(_("“%(name)s” is not kept in stock.", name=product.name))
    elsewhere = location.warehouse_id != count.warehouse_id or location.kind != STOCK
    if elsewhere or count.location_id not in (None, location.id):
        raise Refused(_("%(location)s is not counted on this sheet.", location=location.code))
    code = (lot or "").strip()
    if len(code) > LONGEST:
        raise Refused(_("“%(text)s” is no number of a lot.", text=code[:LONGEST]))
    if is_tracked(product) and not code:
        raise Refused(_("“%(name)s” is tracked: say which lot or serial number.", name=product.name))
    if code and not is_tracked(product):
        raise Refused(_("“%(name)s” is not tracked by lot or serial number.", name=product.name))
    found = lot_of(product, code, new=True) if code else None
    there = select(StockCountLine).where(
        StockCountLine.count_id == count.id,
        StockCountLine.product_id == product.id,
        StockCountLine.location_id == location.id,
        StockCountLine.lot_id == found.id if found is not None else StockCountLine.lot_id.is_(None),
    )
    line = session.scalars(there).one_or_none()
    if line is None:
        line = StockCountLine(
            count=count,
            count_id=count.id,
            product=product,
            product_id=product.id,
            location_id=location.id,
            lot_id=found.id if found is not None else None,
            created_by_id=by.id if by is not None else None,
            expected=ZERO,
        )
        line.expected = _booked(line)
        session.add(line)
        session.flush()
    return line


def record_counted(line: StockCountLine, quantity: Decimal | None, *, by: Actor | None) -> None:
    """So much lies there, in the product's own unit; None takes back what was said.

    Refused below zero, for fractions where the unit has none, for more than one piece of a serial number, and to who
    counted first when somebody else is to count again.
    """
    count, product = line.count, line.product
    _open(count)
    if quantity is not None and quantity:
        if quantity.is_finite() and quantity < 0:
            raise Refused(_("Nobody can count less than nothing. Enter 0 when none is there."))
        check_quantity(quantity, product.unit)
        if line.lot is not None and line.lot.serial and quantity != 1:
            raise Refused(_("A serial number stands for one piece."))
    if line.recount and by is not None and by.id == line.first_by_id:
        raise Refused(_("Somebody else is to count “%(name)s” again: you counted it first.", name=product.name))
    lock_items([(product.id, count.warehouse_id)])  # whoever moves it holds this, so the books stand still
    if quantity is None:
        line.counted = line.booked = line.mark = line.counted_at = line.counted_by_id = None
    else:
        last = select(func.max(StockMove.id)).where(StockMove.product_id == product.id)
        line.counted, line.booked, line.mark = quantity, _booked(line), session.scalar(last) or 0
        line.counted_at, line.counted_by_id = moment(), by.id if by is not None else None
    session.flush()


def _booked(line: StockCountLine) -> Decimal:
    query = select(StockLevel.on_hand).where(
        StockLevel.product_id == line.product_id,
        StockLevel.location_id == line.location_id,
        StockLevel.lot_id == line.lot_id if line.lot_id is not None else StockLevel.lot_id.is_(None),
    )
    return session.scalar(query) or ZERO


def ask_recount(count: StockCount, line_ids: Collection[int]) -> int:
    """Somebody else counts these lines again; returns how many. Nothing is posted before they have."""
    _open(count)
    lines = [line for line in lines_of(count) if line.id in set(line_ids) and line.counted is not None]
    if not lines:
        raise Refused(_("Choose the lines that are to be counted again."))
    for line in lines:
        line.recount, line.first_counted, line.first_by_id = True, line.counted, line.counted_by_id
        line.counted = None
    session.flush()
    return len(lines)


def keep_first_count(line: StockCountLine) -> None:
    """Nobody counts it again after all: what was counted first holds."""
    _open(line.count)
    if not line.waits_for_recount or line.booked is None:
        raise Refused(_("Nobody is asked to count this line again."))
    line.recount, line.counted = False, line.first_counted
    line.first_counted = line.first_by_id = None
    session.flush()


def lines_of(count: StockCount) -> Sequence[StockCountLine]:
    """All lines of a count, by product: in the order in which costs are locked."""
    line = StockCountLine
    query = (
        select(line)
        .where(line.count_id == count.id)
        .options(joinedload(line.product), joinedload(line.location), joinedload(line.lot))
    )
    return session.scalars(query.order_by(line.product_id, line.id)).all()


# ------------------------------------------------------------------- differences


@dataclass(frozen=True)
class Since:
    """What has happened to a spot since it was counted: `moved` in and out, and the documents that put the books right."""

    on_hand: Decimal
    moved: Decimal
    put_right_by: Sequence[str] = ()


def since_counted(lines: Sequence[StockCountLine]) -> dict[int, Since]:
    """{id of a line that is counted: what has happened since}. Three queries, however many lines."""
    counted = [line for line in lines if line.counted is not None]
    if not counted:
        return {}
    products = {line.product_id for line in counted}
    level = StockLevel
    rows = session.execute(
        select(level.product_id, level.location_id, level.lot_id, level.on_hand)
        .where(level.product_id.in_(products), level.location_id.in_({line.location_id for line in counted}))
        .execution_options(populate_existing=True)
    )
    there: dict[Spot, Decimal] = {(row[0], row[1], row[2]): row[3] for row in rows}
    righted = _put_right(products, min(line.mark or 0 for line in counted))
    found = {}
    for line in counted:
        spot = line.product_id, line.location_id, line.lot_id
        on_hand = there.get(spot, ZERO)
        numbers = [number for move_id, at, number in righted if at == spot and move_id > (line.mark or 0)]
        found[line.id] = Since(on_hand, on_hand - (line.booked or ZERO), tuple(dict.fromkeys(numbers)))
    return found


def _put_right(products: Collection[int], after: int) -> list[tuple[int, Spot, str]]:
    """Moves that brought no goods and took none but put the books right: found, missing, and other counts."""
    move, by_hand, other = StockMove, StockAdjustment, StockCount
    aside = session.scalar(select(Location.id).where(Location.kind == ADJUSTMENT))
    query = (
        select(
            move.id, move.product_id, move.from_id, move.to_id, move.lot_id,
            func.coalesce(by_hand.number, other.number).label("number"),
        )
        .outerjoin(
            by_hand,
            (move.document_type == by_hand.record_name)
            & (move.document_id == by_hand.id)
            & by_hand.kind.in_((FOUND, LOST)),
        )
        .outerjoin(other, (move.document_type == other.record_name) & (move.document_id == other.id))
        .where(move.product_id.in_(products), move.id > after, (by_hand.id.is_not(None)) | (other.id.is_not(None)))
        .order_by(move.id)
    )  # fmt: skip
    return [
        (row.id, (row.product_id, row.to_id if row.from_id == aside else row.from_id, row.lot_id), row.number)
        for row in session.execute(query)
    ]


def problem_of(line: StockCountLine, since: Since) -> str | None:
    """Why the difference of a line can't be posted as it is, and what to do; None when it can."""
    if since.put_right_by:
        return _(
            "%(number)s has put the books right since it was counted. Count it again.",
            number=", ".join(since.put_right_by),
        )
    if since.on_hand + line.found < 0 and line.found < 0:
        return _("More has left since than was counted. Count it again.")
    return None


# ----------------------------------------------------------------------- posting


def post_count(count: StockCount, by: Actor | None, version: int | None = None) -> None:
    """The books say what was counted; what was not counted stays as it is.

    Refused while lines wait for a recount, when nothing is counted, and for lines that the books were put right of since.
    """
    make_move(count, "post", by=by, version=version)


@COUNT_FLOW.on("post")
def _posted(count: StockCount, by: Actor | None, details: dict[str, Any]) -> None:
    lines = lines_of(count)
    waiting = [line for line in lines if line.waits_for_recount]
    if waiting:
        raise Refused(_("To be counted again first: %(names)s.", names=_names(waiting)))
    counted = [line for line in lines if line.counted is not None]
    if not counted:
        raise Refused(_("Nothing is counted yet."))
    outside(ADJUSTMENT)
    items = lock_items((line.product_id, count.warehouse_id) for line in counted)
    since = since_counted(counted)
    for line in counted:
        why = problem_of(line, since[line.id])
        if why is not None:
            raise Refused(f"{_names([line])}: {why}")
    _let_promises_go(count, counted, items)
    goings = [_going(line) for line in counted if line.found]
    details["moves"] = move_goods(goings, count, by=by)
    for line in counted:
        line.difference = line.found
    count.posted_at = moment()
    session.flush()
    fill_waiting(list(items.values()))


def _going(line: StockCountLine) -> Going:
    aside, here = outside(ADJUSTMENT), line.location
    source, target = (aside, here) if line.found > 0 else (here, aside)
    return Going(line.product, abs(line.found), source, target, line.lot, line_id=line.id)


def _let_promises_go(count: StockCount, lines: Sequence[StockCountLine], items: Mapping[Place, StockItem]) -> None:
    """What is not there can't stay promised: orders let go of it, the newest promise first. Deliveries that are being made
    ready don't: somebody has these goods in their hands."""
    change: dict[int, Decimal] = {}
    for line in lines:
        change[line.product_id] = change.get(line.product_id, ZERO) + line.found
    products = {line.product_id: line.product for line in lines}
    for product_id, found in change.items():
        item = items[product_id, count.warehouse_id]
        missing = item.reserved - (item.on_hand + found) if found < 0 else ZERO
        left = take_promises(item, missing) if missing > 0 else ZERO
        if left > 0:
            raise Refused(
                _(
                    "“%(name)s”: %(missing)s of what is missing are in deliveries that are being made ready. Cancel these "
                    "first, or count again.",
                    name=products[product_id].name,
                    missing=with_unit(left, products[product_id]),
                )
            )


def _names(lines: Sequence[StockCountLine]) -> str:
    named = [
        f"“{line.product.name}”" + (f" ({line.lot.code})" if line.lot is not None else "") + f" {line.location.code}"
        for line in lines[:NAMES_TOLD]
    ]
    return ", ".join([*named, *(["…"] if len(lines) > NAMES_TOLD else [])])


def line_of(count: StockCount, line_id: int) -> StockCountLine:
    found = session.get(StockCountLine, line_id)
    if found is None or found.count_id != count.id:
        raise NotThere
    return found
