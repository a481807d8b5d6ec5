"""The verbs of contracts: agree, call off, watch the end, renew."""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from erpcrm.core.actor import Actor
from erpcrm.core.db import lock, session
from erpcrm.core.errors import Refused
from erpcrm.core.i18n import _, _l, show_date, show_number, today
from erpcrm.core.moves import make_move
from erpcrm.core.notifications import notify
from erpcrm.core.numbers import next_number
from erpcrm.customers.services import add_activity
from erpcrm.pipeline.services import create_opportunity

from ..models import CONTRACT_FLOW, Contract, ContractLine, OrderLine, SalesOrder
from ..models.contracts import APPROVE
from . import documents
from .lines import copied_line, set_lines

FIELDS = (
    "name", "starts_on", "ends_on", "signed_on", "value", "renewal", "renewal_months", "notice_days", "opportunity_id",
)  # fmt: skip
AHEAD = timedelta(days=90)
"""How long before the last day of notice a contract counts as ending soon"""
COUNTED = ("waiting", "confirmed", "closed")
"""States of orders that have called off from their contract"""
HOLDING = ("active", "renewed")
"""States of contracts that orders may call off within the term: one that is renewed already holds until its end"""
Lines = Sequence[Mapping[str, Any]]


def months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month: 31 January + 1 is 28 or 29 February."""
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def new_contract(customer_id: int, by: Actor | None) -> Contract:
    """A contract that is not stored yet, for a year from today."""
    contract = Contract(status=CONTRACT_FLOW.initial, discount=Decimal(0), renewal="decision")
    with session.no_autoflush:
        documents.begin(contract, customer_id, by)
    contract.starts_on = today()
    contract.ends_on = months_later(today(), 12) - timedelta(days=1)
    contract.renewal_months, contract.notice_days = 12, 30
    return contract


def create_contract(values: Mapping[str, Any], lines: Lines, by: Actor | None) -> Contract:
    """A new draft for `values["customer_id"]`, with a name, a term, and agreed lines."""
    contract = new_contract(values["customer_id"], by)
    contract.number = next_number("contract")
    session.add(contract)
    _fill(contract, values, lines)
    session.flush()
    documents.tell_owner(contract, None, by)
    return contract


def update_contract(
    contract: Contract, values: Mapping[str, Any], lines: Lines, by: Actor | None, version: int | None = None
) -> None:
    """Change a draft. What was agreed stays as it was: an active contract is renewed or terminated."""
    documents.check_version(contract, version)
    if contract.status != "draft":
        raise Refused(
            _("%(number)s is %(state)s and can't be changed.", number=contract.number, state=_state(contract))
        )
    owner = contract.owner_id
    _fill(contract, values, lines)
    session.flush()
    documents.tell_owner(contract, owner, by)


def _state(contract: Contract) -> Any:
    return CONTRACT_FLOW.state_of(contract).label


def _fill(contract: Contract, values: Mapping[str, Any], lines: Lines) -> None:
    with session.no_autoflush:
        documents.fill_header(contract, values, FIELDS)
        if contract.ends_on < contract.starts_on:
            raise Refused(_("A contract ends after it starts."))
        if contract.value is not None and contract.value < 0:
            raise Refused(_("A value can't be negative."))
        set_lines(contract, lines, ContractLine)
        documents.settle(contract, contract.lines)


# ------------------------------------------------------------------ calling off


@dataclass(frozen=True)
class Progress:
    """How far a contract has been called off: without tax, in its currency. `most` None: there is no limit."""

    called_off: Decimal
    most: Decimal | None

    @property
    def left(self) -> Decimal | None:
        return None if self.most is None else self.most - self.called_off


def limit_of(contract: Contract) -> Decimal | None:
    """The most that may be called off: its value, else what its lines come to; None when neither says."""
    if contract.value is not None:
        return contract.value
    return contract.net or None


def progress_of(contract: Contract, but: int | None = None) -> Progress:
    """What orders have called off, the order `but` apart."""
    query = select(func.sum(SalesOrder.net)).where(
        SalesOrder.contract_id == contract.id, SalesOrder.status.in_(COUNTED), SalesOrder.id != (but or 0)
    )
    return Progress(session.scalar(query) or Decimal(0), limit_of(contract))


def quantities_of(contract: Contract, but: int | None = None) -> dict[int, Decimal]:
    """{contract line: quantity that was called off, in that line's unit}, the order `but` apart."""
    query = (
        select(OrderLine.contract_line_id, OrderLine.factor, func.sum(OrderLine.quantity))
        .join(SalesOrder, SalesOrder.id == OrderLine.order_id)
        .where(SalesOrder.contract_id == contract.id, SalesOrder.status.in_(COUNTED), SalesOrder.id != (but or 0))
        .group_by(OrderLine.contract_line_id, OrderLine.factor)
    )
    agreed = {line.id: line for line in contract.lines}
    taken: dict[int, Decimal] = {}
    for line_id, factor, quantity in session.execute(query):
        if line_id in agreed:
            taken[line_id] = taken.get(line_id, Decimal(0)) + quantity * factor / agreed[line_id].factor
    return taken


def agreed_line(contract: Contract, line: OrderLine) -> ContractLine | None:
    """What the contract says of an order's line: the line that it was called off from, else the one of its product."""
    known = next((one for one in contract.lines if one.id == line.contract_line_id), None)
    if known is not None and known.product_id == line.product_id:
        return known
    if line.product_id is None:
        return None
    return next((one for one in contract.lines if one.product_id == line.product_id), None)


def check_call_off(order: SalesOrder, by: Actor | None) -> None:
    """Refused when the order goes beyond its contract, in value, quantity or time, unless `by` may approve contracts.

    The contract is locked: of two orders at once the second sees what the first has called off.
    """
    if order.contract_id is None:
        return
    contract = session.get_one(Contract, order.contract_id)
    lock(contract)
    if contract.customer_id != order.customer_id:
        raise Refused(_("%(number)s is a contract of another customer.", number=contract.number))
    if contract.currency != order.currency:
        raise Refused(_("%(number)s is in %(currency)s.", number=contract.number, currency=contract.currency))
    why = _beyond(contract, order)
    if why is not None and (by is None or not by.may(APPROVE)):
        raise Refused(_("%(why)s Somebody who approves contracts has to confirm this order.", why=why))


def _beyond(contract: Contract, order: SalesOrder) -> str | None:
    if contract.status not in HOLDING or not contract.starts_on <= order.ordered_on <= contract.ends_on:
        return _("%(number)s does not hold on the day of this order.", number=contract.number)
    progress = progress_of(contract, but=order.id)
    if progress.left is not None and order.net > progress.left:
        return _(
            "%(number)s leaves %(left)s %(currency)s, and this order is for %(net)s.",
            number=contract.number,
            left=show_number(max(progress.left, Decimal(0)), 2),
            currency=contract.currency,
            net=show_number(order.net, 2),
        )
    taken = quantities_of(contract, but=order.id)
    for line in order.lines:
        of = agreed_line(contract, line)
        if of is None:
            continue
        taken[of.id] = taken.get(of.id, Decimal(0)) + line.quantity * line.factor / of.factor
        if taken[of.id] > of.quantity:
            return _("“%(name)s”: more than the %(most)s agreed.", name=of.name, most=show_number(of.quantity))
    return None


def lines_to_call_off(contract: Contract) -> list[dict[str, Any]]:
    """The lines of an order that takes what is left of the contract, at the agreed prices."""
    taken = quantities_of(contract)
    found = []
    for line in contract.lines:
        left = line.quantity - taken.get(line.id, Decimal(0))
        if left > 0:
            found.append({**copied_line(line), "quantity": left, "contract_line_id": line.id})
    return found


# ------------------------------------------------------------ the end, and renewal


def notice_by(contract: Contract) -> date:
    """The last day on which notice can be given."""
    return contract.ends_on - timedelta(days=contract.notice_days)


def renew(contract: Contract, by: Actor | None) -> Contract:
    """The next term, right after this one, with the same lines: as a draft, or active when renewal is automatic."""
    make_move(contract, "renew", by=by)
    starts_on = contract.ends_on + timedelta(days=1)
    values = {name: getattr(contract, name) for name in documents.HEADER - {"custom"}}
    values |= {name: getattr(contract, name) for name in FIELDS if name not in ("signed_on", "opportunity_id")}
    values |= {
        "customer_id": contract.customer_id,
        "starts_on": starts_on,
        "ends_on": months_later(starts_on, contract.renewal_months) - timedelta(days=1),
    }
    made = create_contract(values, [copied_line(line) for line in contract.lines], by)
    made.custom = dict(contract.custom or {})
    contract.renewed_by_id = made.id
    session.flush()
    if contract.renewal == "automatic" and by is None:
        make_move(made, "submit", by=None)
        make_move(made, "activate", by=None, reason=_("Renewed automatically"))
    return made


def watch() -> int:
    """Once a day: open a deal for every contract whose notice comes near, renew or expire those that have ended.

    Returns how many contracts it has touched. A second run on the same day finds nothing left to do.
    """
    touched = 0
    active = select(Contract).where(Contract.status == "active", Contract.ends_on <= today() + timedelta(days=730))
    for contract in session.scalars(active.order_by(Contract.id)).all():
        if contract.ends_on < today():
            if contract.renewal != "automatic" or not _renewed(contract):
                make_move(contract, "expire", by=None)
            touched += 1
        elif contract.renewal != "none" and contract.opportunity_id is None and notice_by(contract) - AHEAD <= today():
            _open_renewal(contract)
            touched += 1
    return touched


def _renewed(contract: Contract) -> bool:
    """Renew a contract by itself. Its owner is told when that can't be, and the others go on."""
    try:
        with session.begin_nested():
            renew(contract, None)
    except Refused as refused:
        if contract.owner_id is not None:
            told = _l("%(number)s was not renewed: %(why)s", number=contract.number, why=refused.message)
            notify(contract.owner_id, "due", told, documents.path_of(contract), record=contract)
        return False
    return True


def _open_renewal(contract: Contract) -> None:
    """A deal about the next term, and a task for the contract's owner."""
    deal = create_opportunity(
        {
            "name": _("Renewal of %(name)s", name=contract.name),
            "customer_id": contract.customer_id,
            "amount": contract.value if contract.value is not None else contract.net,
            "currency": contract.currency,
            "expected_close": contract.ends_on,
            "owner_id": contract.owner_id,
        },
        None,
    )
    contract.opportunity_id = deal.id
    session.flush()
    if contract.owner_id is None:
        return
    told = _l("%(number)s ends on %(day)s", number=contract.number, day=contract.ends_on.isoformat())
    notify(contract.owner_id, "due", told, documents.path_of(contract), record=contract)
    add_activity(
        contract,
        "task",
        _("Renew %(name)s or give notice", name=contract.name),
        None,
        due_on=max(notice_by(contract), today()),
        owner_id=contract.owner_id,
    )


@CONTRACT_FLOW.on("submit")
def _submitted(contract: Contract, by: Actor | None, details: dict[str, Any]) -> None:
    if not contract.lines and contract.value is None:
        raise Refused(_("Say what is agreed: add a line, or a value."))


@CONTRACT_FLOW.on("activate")
def _activated(contract: Contract, by: Actor | None, details: dict[str, Any]) -> None:
    contract.signed_on = contract.signed_on or today()
    before = session.scalars(select(Contract).where(Contract.renewed_by_id == contract.id)).first()
    documents.win_deal(before.opportunity if before is not None else None, contract)
    if contract.owner_id is not None:
        told = _l("%(number)s is active", number=contract.number)
        notify(contract.owner_id, "decided", told, documents.path_of(contract), record=contract)


@CONTRACT_FLOW.on("give_notice")
def _notice_given(contract: Contract, by: Actor | None, details: dict[str, Any]) -> None:
    """Either side has told that the contract ends with its term. Refused when it does so anyway, or when it is too late."""
    if contract.renewal == "none":
        raise Refused(_("%(number)s ends with its term already.", number=contract.number))
    if contract.renewal == "automatic" and notice_by(contract) < today():
        raise Refused(_("Notice could be given until %(day)s.", day=show_date(notice_by(contract))))
    contract.renewal = "none"


@CONTRACT_FLOW.on("terminate")
def _terminated(contract: Contract, by: Actor | None, details: dict[str, Any]) -> None:
    contract.ends_on = min(contract.ends_on, max(today(), contract.starts_on))
