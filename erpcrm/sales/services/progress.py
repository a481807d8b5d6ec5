"""How far orders have come. States of delivery and invoicing follow from the quantities of the lines, here and nowhere else."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import inspect, select

from erpcrm.catalog.services import check_quantity
from erpcrm.core.db import held, lock, session
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.exact import round_money
from erpcrm.core.i18n import _
from erpcrm.core.moves import make_move
from erpcrm.core.settings import setting

from .. import amounts
from ..models import ORDER_FLOW, OrderLine, SalesOrder
from ..models.orders import ALL, NOTHING, PARTLY
from . import documents

Quantities = Mapping[int, Decimal]
"""{line of an order: so many of its unit}"""


def derive(order: SalesOrder) -> None:
    """Sums, states of delivery and invoicing, and what is still to be delivered and invoiced, from the lines alone."""
    documents.settle(order, order.lines)
    _sum_up_sold(order)
    lines = [line for line in order.lines if line.quantity]
    order.delivery_state = _state(lines, lambda line: line.delivered, lambda line: line.to_deliver <= 0)
    order.invoice_state = _state(lines, lambda line: line.invoiced, lambda line: line.billable <= 0)
    live = order.status in ("confirmed", "closed")
    order.undelivered = worth(order, ((line, line.owed_goods) for line in lines)) if live else Decimal(0)
    order.uninvoiced = worth(order, ((line, line.to_invoice) for line in lines)) if live else Decimal(0)


def _sum_up_sold(order: SalesOrder) -> None:
    """What was sold, of the order and its lines, in the company's currency; lines add up to the order exactly."""
    base = setting("currency")
    order.base_net = order.base_gross - round_money(order.tax * order.rate, base)
    order.base_cost = amounts.sold_cost(order.lines, base)
    nets = [round_money(amounts.net_of(order, line) * order.rate, base) for line in order.lines]
    for line, net in zip(order.lines, amounts.shared_out(order.base_net, nets), strict=True):
        line.base_net = net


def _state(lines: Sequence[OrderLine], begun: Any, done: Any) -> str:
    if lines and all(done(line) for line in lines) and any(begun(line) for line in lines):
        return ALL
    return PARTLY if any(begun(line) for line in lines) else NOTHING


def worth(order: SalesOrder, parts: Iterable[tuple[OrderLine, Decimal]]) -> Decimal:
    """What quantities of lines come to with their tax, in the company's currency."""
    found = Decimal(0)
    for line, quantity in parts:
        if quantity:
            found += amounts.gross_of(order, line) * quantity / line.quantity
    return round_money(found * order.rate, setting("currency"))


def record_delivered(line: OrderLine, quantity: Decimal) -> None:
    """So many of the line's unit have left for the customer. Refused for more than are still to be delivered.

    The caller has locked nothing: the order is locked here, whoever else is delivering it waits.
    """
    record_all_delivered(line.order, {line.id: quantity})


def record_all_delivered(order: SalesOrder, quantities: Quantities) -> None:
    """The same of several lines {line: quantity}, at once."""
    _hold(order)
    if order.status != "confirmed":
        raise Refused(_("%(number)s is %(state)s.", number=order.number, state=ORDER_FLOW.state_of(order).label))
    for line, quantity in _chosen(order, quantities):
        if line.status == "held":
            raise Refused(_("“%(name)s” is on hold. Release the line first.", name=line.name))
        if quantity <= 0 or quantity > line.to_deliver:
            raise Refused(
                _(
                    "“%(name)s”: %(open)s are still to be delivered, not %(quantity)s.",
                    name=line.name,
                    open=f"{line.to_deliver.normalize():f}",
                    quantity=f"{quantity.normalize():f}",
                )
            )
        _check_whole(line, quantity)
        line.delivered += quantity
    _went_on(order)


def record_returned(line: OrderLine, quantity: Decimal) -> None:
    """So many of the line's unit have come back. Refused for more than the customer has kept."""
    record_all_returned(line.order, {line.id: quantity})


def record_all_returned(order: SalesOrder, quantities: Quantities) -> None:
    """The same of several lines {line: quantity}, at once."""
    _hold(order)
    for line, quantity in _chosen(order, quantities):
        if quantity <= 0 or quantity > line.kept:
            raise Refused(
                _(
                    "“%(name)s”: the customer has %(kept)s of them, so %(quantity)s can't come back.",
                    name=line.name,
                    kept=f"{line.kept.normalize():f}",
                    quantity=f"{quantity.normalize():f}",
                )
            )
        _check_whole(line, quantity)
        line.returned += quantity
    _went_on(order)


def record_invoiced(line: OrderLine, quantity: Decimal) -> None:
    """So many of the line's unit are on a posted invoice; below zero: on a credit note. Refused beyond what is ordered."""
    record_all_invoiced(line.order, {line.id: quantity})


def record_all_invoiced(order: SalesOrder, quantities: Quantities) -> None:
    """The same of several lines {line: quantity}, at once."""
    _hold(order)
    for line, quantity in _chosen(order, quantities):
        reached = line.invoiced + quantity
        if quantity > 0 and quantity > line.billable:
            raise Refused(
                _(
                    "“%(name)s”: %(open)s may still be invoiced, not %(quantity)s.",
                    name=line.name,
                    open=f"{max(line.billable, Decimal(0)).normalize():f}",
                    quantity=f"{quantity.normalize():f}",
                )
            )
        if reached < 0:
            raise Refused(_("“%(name)s”: more would be credited than was invoiced.", name=line.name))
        line.invoiced = reached
    _went_on(order)


def _check_whole(line: OrderLine, quantity: Decimal) -> None:
    """Half a piece neither leaves nor comes back."""
    if line.unit:
        check_quantity(quantity, line.unit)


def _hold(order: SalesOrder) -> None:
    """Lock the order and read its lines anew: whoever changes their quantities holds it. Held already, they are as read."""
    known = order in held()
    lock(order)
    if known and "lines" not in inspect(order).unloaded:
        return
    query = select(OrderLine).where(OrderLine.order_id == order.id)
    session.scalars(query.execution_options(populate_existing=True)).all()


def _chosen(order: SalesOrder, quantities: Quantities) -> list[tuple[OrderLine, Decimal]]:
    """The lines that are named. NotThere when one is not the order's."""
    lines = {line.id: line for line in order.lines}
    if quantities.keys() - lines.keys():
        raise NotThere
    return [(lines[line_id], quantity) for line_id, quantity in quantities.items()]


def hold_line(line: OrderLine) -> SalesOrder:
    """Lock the order of a line that is to be moved, and read the line anew."""
    order = line.order
    lock(order)
    session.refresh(line)
    return order


def _went_on(order: SalesOrder) -> None:
    """Derive anew; an order of which nothing is left to do closes itself, and opens again when something comes back."""
    derive(order)
    session.flush()
    done = (
        order.delivery_state == ALL and order.invoice_state == ALL and not any(line.to_invoice for line in order.lines)
    )
    if done and order.status == "confirmed":
        make_move(order, "close", by=None)
    elif (
        not done
        and order.status == "closed"
        and any(line.status != "closed" and line.to_deliver for line in order.lines)
    ):
        make_move(order, "reopen", by=None, reason=_("There is something left to do again"))
