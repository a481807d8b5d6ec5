"""The verbs of sales orders."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from erpcrm.core.actor import Actor
from erpcrm.core.db import lock, session
from erpcrm.core.errors import Refused
from erpcrm.core.fields import fold_custom
from erpcrm.core.i18n import _, today
from erpcrm.core.moves import make_move
from erpcrm.core.numbers import next_number
from erpcrm.customers.models import Customer

from ..models import LINE_FLOW, ORDER_FLOW, Contract, OrderLine, Quotation, SalesOrder
from ..models.orders import NOTHING
from . import documents
from .contracts import agreed_line, check_call_off
from .discounts import agreed_in, check_order_discount
from .lines import Rules, copied_line, set_lines
from .progress import derive, hold_line, record_delivered
from .quotations import accept

FIELDS = ("ordered_on", "wanted_on", "contract_id")
FIXED = ("currency", "tax_included")
"""What stays once the order is confirmed: deliveries and invoices are valued by it"""
Lines = Sequence[Mapping[str, Any]]


def new_order(customer_id: int, by: Actor | None) -> SalesOrder:
    """An order that is not stored yet, filled with what its customer tells. Dated today."""
    order = SalesOrder(status=ORDER_FLOW.initial, discount=Decimal(0), delivery_state=NOTHING, invoice_state=NOTHING)
    with session.no_autoflush:
        documents.begin(order, customer_id, by)
    order.ordered_on = today()
    return order


def create_order(values: Mapping[str, Any], lines: Lines, by: Actor | None, rules: Rules | None = None) -> SalesOrder:
    """A new draft for `values["customer_id"]`, perhaps called off from `contract_id`. Lines and `rules` as `set_lines` takes
    them."""
    order = new_order(values["customer_id"], by)
    order.number = next_number("order")
    session.add(order)
    _fill(order, values, lines, rules)
    session.flush()
    documents.tell_owner(order, None, by)
    return order


def order_quotation(quotation: Quotation, by: Actor) -> SalesOrder:
    """Take an offer at its word: it is accepted, unless it is already, and what it offers becomes an order, confirmed.

    The order waits where a guard makes it wait. Refused when there is an order of it already.
    """
    lock(quotation)
    if (known := order_of(quotation)) is not None:
        raise Refused(
            _("%(quotation)s is ordered already: %(order)s.", quotation=quotation.number, order=known.number),
            url=documents.path_of(known),
        )
    if quotation.status != "accepted":
        accept(quotation, by)
    lines = [copied_line(line) for line in quotation.lines if line.counts]
    order = create_order(_header_of(quotation) | {"customer_id": quotation.customer_id}, lines, by)
    order.quotation_id = quotation.id
    session.flush()
    make_move(order, "confirm", by=by)
    return order


def order_of(quotation: Quotation) -> SalesOrder | None:
    """The order that was made of an offer, unless it was cancelled."""
    query = select(SalesOrder).where(SalesOrder.quotation_id == quotation.id, SalesOrder.status != "cancelled")
    return session.scalars(query.order_by(SalesOrder.id)).first()


def copy_order(order: SalesOrder, by: Actor) -> SalesOrder:
    """The same lines and prices for the same customer, as a draft of today. It passes all checks that a new one does."""
    lines = [copied_line(line) for line in order.lines]
    return create_order(_header_of(order) | {"customer_id": order.customer_id}, lines, by)


def _header_of(document: Any) -> dict[str, Any]:
    return {name: getattr(document, name) for name in documents.HEADER - {"custom", "tags", "note"}}


def update_order(
    order: SalesOrder, values: Mapping[str, Any], lines: Lines, by: Actor | None, version: int | None = None
) -> None:
    """Change an order, confirmed or not, in place.

    Refused below what was delivered or invoiced, and once it is closed or cancelled. A change of a confirmed order is the
    move `amend`: guards above see the order as it would be, and refuse what goes too far.
    """
    lock(order)
    documents.check_version(order, version)
    if order.status not in ("draft", "waiting", "confirmed"):
        raise Refused(
            _(
                "%(number)s is %(state)s. Reopen it before you change what is in it.",
                number=order.number,
                state=ORDER_FLOW.state_of(order).label,
            )
        )
    if order.status != "draft":
        given = fold_custom(values)
        if any(name in given and given[name] != getattr(order, name) for name in FIXED):
            raise Refused(_("Currency and taxes stay as they are once an order is confirmed."))
    owner, before = order.owner_id, agreed_in(order)
    _fill(order, values, lines)
    session.flush()
    documents.tell_owner(order, owner, by)
    if order.status == "confirmed":
        check_order_discount(order, by, before)
        make_move(order, "amend", by=by)
    elif order.status == "waiting":
        # What waits was asked for as it was: changed, it is asked for anew.
        make_move(order, "take_back", by=None)


def _fill(order: SalesOrder, values: Mapping[str, Any], lines: Lines, rules: Rules | None = None) -> None:
    with session.no_autoflush:
        begun = {line.id: _what_stays(line) for line in order.lines if line.id and (line.delivered or line.invoiced)}
        documents.fill_header(order, values, FIELDS)
        order.ordered_on = order.ordered_on or today()
        contract = session.get(Contract, order.contract_id) if order.contract_id is not None else None
        made = set_lines(order, lines, OrderLine, keep=_why_it_stays, rules=rules)
        for line, given in zip(made, lines, strict=True):
            _set_progress(line)
            if "wanted_on" in given:
                line.wanted_on = given["wanted_on"]
            line.contract_line_id = given.get("contract_line_id", line.contract_line_id)
            agreed = agreed_line(contract, line) if contract is not None else None
            line.contract_line_id = agreed.id if agreed is not None else None
            if line.id in begun and begun[line.id] != _what_stays(line):
                raise Refused(
                    _(
                        "“%(name)s” is delivered or invoiced in part: what it is, its unit and, once invoiced, its price stay. "
                        "Add a line for the rest.",
                        name=line.name,
                    )
                )
            if (least := max(line.delivered, line.invoiced)) > line.quantity:
                raise Refused(
                    _(
                        "“%(name)s”: %(least)s are delivered or invoiced already, so the order can't be for less.",
                        name=line.name,
                        least=f"{least.normalize():f}",
                    )
                )
        derive(order)


def _set_progress(line: OrderLine) -> None:
    """A new line has come nowhere yet."""
    for name in ("delivered", "returned", "invoiced"):
        if getattr(line, name) is None:
            setattr(line, name, Decimal(0))
    line.status = line.status or LINE_FLOW.initial


def _what_stays(line: OrderLine) -> tuple[Any, ...]:
    """What can't be changed any more of a line that was delivered, and of one that was invoiced."""
    priced = (line.price, line.discount, line.tax_id, line.order.discount) if line.invoiced else ()
    return (line.product_id, line.unit, line.factor, *priced)


def _why_it_stays(line: OrderLine) -> str | None:
    if line.delivered or line.invoiced:
        return _("“%(name)s” is delivered or invoiced in part, so the line stays. Close it instead.", name=line.name)
    return None


# ------------------------------------------------------------------------- moves


def check_order(order: SalesOrder, by: Actor | None) -> None:
    """Asked before an order is confirmed or waits: there is something in it, nothing is given away that `by` may not give,
    and its contract allows for it."""
    if not any(line.quantity for line in order.lines):
        raise Refused(_("There is nothing in it yet. Add a line."))
    if order.status == "draft":  # what waits was asked for by somebody who might, and is as it was
        check_order_discount(order, by)
    check_call_off(order, by)


@ORDER_FLOW.on("confirm")
def _confirmed(order: SalesOrder, by: Actor | None, details: dict[str, Any]) -> None:
    order.confirmed_on = today()
    if order.customer.status == "prospect":
        make_move(order.customer, "activate", by=None)
    derive(order)


@ORDER_FLOW.on("amend")
def _amended(order: SalesOrder, by: Actor | None, details: dict[str, Any]) -> None:
    check_call_off(order, by)
    derive(order)


@ORDER_FLOW.on("cancel")
def _cancelled(order: SalesOrder, by: Actor | None, details: dict[str, Any]) -> None:
    if any(line.kept or line.invoiced for line in order.lines):
        raise Refused(
            _(
                "Part of it is delivered or invoiced. Close the order instead, or take the goods and invoices back first."
            )
        )
    derive(order)


@ORDER_FLOW.on("close")
def _closed(order: SalesOrder, by: Actor | None, details: dict[str, Any]) -> None:
    """What is still open will not come any more."""
    for line in order.lines:
        if line.status != "closed" and line.to_deliver:
            make_move(line, "close", by=None, reason=details.get("reason"))
    derive(order)


@ORDER_FLOW.on("restore")
def _restored(order: SalesOrder, by: Actor | None, details: dict[str, Any]) -> None:
    """An offer is ordered once: its cancelled order stays cancelled when there is another meanwhile."""
    if order.quotation is None:
        return
    lock(order.quotation)
    others = select(SalesOrder).where(
        SalesOrder.quotation_id == order.quotation_id, SalesOrder.status != "cancelled", SalesOrder.id != order.id
    )
    if (other := session.scalars(others).first()) is not None:
        raise Refused(
            _("%(quotation)s is ordered already: %(order)s.", quotation=order.quotation.number, order=other.number),
            url=documents.path_of(other),
        )


@ORDER_FLOW.on("reopen")
@ORDER_FLOW.on("take_back")
@ORDER_FLOW.on("restore")
def _open_again(order: SalesOrder, by: Actor | None, details: dict[str, Any]) -> None:
    derive(order)


@LINE_FLOW.on("hold")
@LINE_FLOW.on("release")
@LINE_FLOW.on("close")
def _line_moved(line: OrderLine, by: Actor | None, details: dict[str, Any]) -> None:
    derive(line.order)


@LINE_FLOW.on("reopen")
def _line_reopened(line: OrderLine, by: Actor | None, details: dict[str, Any]) -> None:
    """A rise of what the customer may owe, so guards are asked as for any other change."""
    derive(line.order)
    session.flush()
    if line.order.status == "confirmed":
        make_move(line.order, "amend", by=None)


@LINE_FLOW.on("deliver")
def _line_delivered(line: OrderLine, by: Actor | None, details: dict[str, Any]) -> None:
    record_delivered(line, details.get("quantity") or line.to_deliver)


def move_line(line: OrderLine, name: str, by: Actor, *, reason: str | None = None, **details: Any) -> None:
    """Hold, release, close, reopen or deliver one line of an order that is confirmed. The order is locked first."""
    order = hold_line(line)
    if order.status != "confirmed":
        raise Refused(_("%(number)s is %(state)s.", number=order.number, state=ORDER_FLOW.state_of(order).label))
    make_move(line, name, by=by, reason=reason, **details)
    session.flush()


def hold_all(order: SalesOrder, by: Actor, *, reason: str | None = None) -> None:
    """Put every open line on hold: nothing of the order is delivered until they are released."""
    for line in order.lines:
        if line.status == "open" and line.to_deliver:
            move_line(line, "hold", by, reason=reason)


def release_all(order: SalesOrder, by: Actor) -> None:
    """Release every line that is on hold."""
    for line in order.lines:
        if line.status == "held":
            move_line(line, "release", by)


# ------------------------------------------------------------------------ reading


def orders_of(customer: Customer) -> Sequence[SalesOrder]:
    """The orders of a customer that are confirmed and not closed, the oldest first."""
    query = select(SalesOrder).where(SalesOrder.customer_id == customer.id, SalesOrder.status == "confirmed")
    return session.scalars(query.order_by(SalesOrder.id)).all()


def call_off(contract: Contract, lines: Lines, by: Actor) -> SalesOrder:
    """An order against a contract, as a draft: its lines at the agreed prices."""
    header = _header_of(contract) | {"customer_id": contract.customer_id, "contract_id": contract.id}
    return create_order(header, lines, by)
