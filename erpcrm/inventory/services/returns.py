"""Returns: what comes back of a delivery, into stock or scrap, at what it cost when it left."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Any

from sqlalchemy import func, select

from erpcrm.catalog.services import check_quantity
from erpcrm.core.actor import Actor
from erpcrm.core.db import lock, session
from erpcrm.core.errors import Refused
from erpcrm.core.i18n import _, _l, moment
from erpcrm.core.moves import make_move
from erpcrm.core.numbers import declare_numbers, next_number
from erpcrm.core.options import option_digits
from erpcrm.core.settings import setting
from erpcrm.sales.models import OrderLine
from erpcrm.sales.services import record_all_returned

from ..costing import come_back
from ..models import (
    CUSTOMER,
    RETURN_FLOW,
    SHIPPED,
    ZERO,
    Delivery,
    DeliveryLine,
    Return,
    ReturnLine,
    StockMove,
    Warehouse,
)
from .moving import Going, lock_items, move_goods, with_unit
from .needs import units_of
from .places import main_location, outside
from .reserving import fill_waiting

declare_numbers("return", _l("Returns"), "R-")


@dataclass(frozen=True)
class Back:
    """So much of a line of a delivery, in the product's own unit, into "stock" or "scrap"."""

    line: DeliveryLine
    quantity: Decimal
    becomes: str = "stock"


def announce_return(
    delivery: Delivery, back: Sequence[Back], reason: str, *, warehouse: Warehouse | None = None, by: Actor | None
) -> Return:
    """Something of a delivery is to come back. Refused without a reason, before it has left, and for more than is left."""
    lock(delivery)
    if delivery.status not in SHIPPED:
        raise Refused(_("Delivery %(number)s has not left yet. Cancel it instead.", number=delivery.number))
    if not (reason or "").strip():
        raise Refused(_("Say why it comes back."))
    wanted = [one for one in back if one.quantity]
    if not wanted:
        raise Refused(_("Enter what comes back."))
    came = returned_of([delivery.id], with_announced=True)
    for one in wanted:
        check_quantity(one.quantity, one.line.product.unit)
        left = one.line.quantity - came.get(one.line.id, ZERO)
        if one.line.delivery_id != delivery.id or one.quantity > left:
            raise Refused(
                _(
                    "“%(name)s”: at most %(left)s can come back.",
                    name=one.line.product.name,
                    left=with_unit(max(left, ZERO), one.line.product),
                )
            )
        came[one.line.id] = came.get(one.line.id, ZERO) + one.quantity
    found = Return(
        number=next_number("return"),
        delivery=delivery,
        delivery_id=delivery.id,
        customer_id=delivery.customer_id,
        warehouse_id=warehouse.id if warehouse is not None else delivery.warehouse_id,
        reason=reason.strip(),
        created_by_id=by.id if by is not None else None,
    )
    found.lines = [
        ReturnLine(delivery_line_id=one.line.id, delivery_line=one.line, quantity=one.quantity, becomes=one.becomes)
        for one in wanted
    ]
    session.add(found)
    session.flush()
    return found


def returned_of(delivery_ids: Iterable[int], *, with_announced: bool = False) -> dict[int, Decimal]:
    """{line of a delivery: how much of it has come back}, in the product's own unit."""
    states = ("received", "planned") if with_announced else ("received",)
    query = (
        select(ReturnLine.delivery_line_id, func.sum(ReturnLine.quantity))
        .join(Return, Return.id == ReturnLine.return_id)
        .where(Return.delivery_id.in_(list(delivery_ids)), Return.status.in_(states))
        .group_by(ReturnLine.delivery_line_id)
    )
    return dict(session.execute(query).all())


def take_back(found: Return, by: Actor | None, version: int | None = None) -> None:
    """What was announced has come: it lies in stock or scrap, at what it cost when it left."""
    lock(found.delivery.order)
    lock(found.delivery)
    make_move(found, "receive", by=by, version=version)


@RETURN_FLOW.on("receive")
def _received(found: Return, by: Actor | None, details: dict[str, Any]) -> None:
    delivery = found.delivery
    lock(delivery.order)
    lock(delivery)
    found.received_at = moment()
    before = returned_of([delivery.id])
    here = {line.delivery_line_id: line.quantity for line in found.lines}
    for line_id, quantity in here.items():  # this return counts as received by now
        before[line_id] -= quantity
    customers, ends = outside(CUSTOMER), {}
    for kind in {line.becomes for line in found.lines}:
        ends[kind] = main_location(found.warehouse_id, kind)
    cost = _original_costs(delivery)
    goings = []
    for line in found.lines:
        sent = line.delivery_line
        value = come_back(cost[sent.id], before[sent.id], line.quantity, sent.quantity, setting("currency"))
        before[sent.id] += line.quantity
        goings.append(Going(sent.product, line.quantity, customers, ends[line.becomes], sent.lot, value, line.id))
    details["moves"] = move_goods(goings, found, by=by)
    _record(delivery, here)
    fill_waiting(list(lock_items((going.product.id, found.warehouse_id) for going in goings).values()))


def _original_costs(delivery: Delivery) -> Mapping[int, Decimal]:
    query = (
        select(StockMove.line_id, func.sum(StockMove.value))
        .where(StockMove.document_type == delivery.record_name, StockMove.document_id == delivery.id)
        .group_by(StockMove.line_id)
    )
    return {line_id: value for line_id, value in session.execute(query) if line_id is not None}


def _record(delivery: Delivery, here: Mapping[int, Decimal]) -> None:
    """Tell the order what has come back. Of a set: as many as all its components make up; a single one counts for none."""
    now_back, lines = returned_of([delivery.id]), {line.id: line for line in delivery.order.lines}
    earlier = {line_id: quantity - here.get(line_id, ZERO) for line_id, quantity in now_back.items()}
    before, after = _units(delivery, earlier), _units(delivery, now_back)
    back: dict[int, Decimal] = {}
    for line_id, units in sorted(after.items()):
        line: OrderLine | None = lines.get(line_id)
        if line is None:
            continue
        came = _counted(units, line) - _counted(before.get(line_id, ZERO), line)
        if came > 0:
            back[line_id] = came
    if back:
        record_all_returned(delivery.order, back)


def _units(delivery: Delivery, back: Mapping[int, Decimal]) -> Mapping[int, Decimal]:
    rows = [(line.order_line_id, line.product_id, back.get(line.id, ZERO), line.per_unit) for line in delivery.lines]
    return units_of(rows)


def _counted(units: Decimal, line: OrderLine) -> Decimal:
    digits = option_digits("product.unit", line.unit)
    return units.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_DOWN)
