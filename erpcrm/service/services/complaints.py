"""The verbs of complaints: examine, decide, prevent, count what it cost."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from erpcrm.access.models import User
from erpcrm.core.actor import Actor
from erpcrm.core.db import lock, now, session
from erpcrm.core.errors import NotThere, Refused, Stale
from erpcrm.core.exact import round_money
from erpcrm.core.i18n import _, _l
from erpcrm.core.moves import make_move
from erpcrm.core.notifications import notify
from erpcrm.core.numbers import next_number
from erpcrm.core.settings import setting
from erpcrm.finance.models import Invoice
from erpcrm.inventory.models import Return, ReturnLine, StockMove
from erpcrm.sales.models import OrderLine, SalesOrder

from ..models import COMPLAINT_FLOW, COMPLAINT_VIEW, MOST_WHYS, Complaint, ComplaintCost, Measure, Remedy, Ticket

ZERO = Decimal(0)
ORIGINS = ("order_id", "delivery_id", "invoice_id")
FIELDS = ("severity", "harm", "containment", "cause_category", "product_id", "lot_id", *ORIGINS)
SIMILAR = 10


def ensure(ticket: Ticket) -> Complaint | None:
    """The complaint of a ticket of that kind, made when it is not there yet; of other tickets the one that there may be."""
    found = complaint_of(ticket)
    if found is not None or ticket.kind != "complaint":
        return found
    found = Complaint(
        number=next_number("complaint"), status=COMPLAINT_FLOW.initial, ticket_id=ticket.id, ticket=ticket,
        customer_id=ticket.customer_id, product_id=ticket.product_id, lot_id=ticket.lot_id, order_id=ticket.order_id,
        delivery_id=ticket.delivery_id, severity="minor", harmed=[], whys=[], created_by_id=ticket.created_by_id,
    )  # fmt: skip
    if found.order_id is None and ticket.delivery is not None:
        found.order_id = ticket.delivery.order_id
    session.add(found)
    session.flush()
    return found


def complaint_of(ticket: Ticket) -> Complaint | None:
    return session.scalars(select(Complaint).where(Complaint.ticket_id == ticket.id)).one_or_none()


def follow(ticket: Ticket) -> None:
    """A ticket says something new: until the complaint is decided, its customer and what it is about go along."""
    found = ensure(ticket)
    if found is None or found.status != "open":
        return
    found.customer_id = ticket.customer_id
    for name in ("product_id", "lot_id", "order_id", "delivery_id"):
        if getattr(found, name) is None:
            setattr(found, name, getattr(ticket, name))
    session.flush()


def join(loser: Ticket, winner: Ticket) -> None:
    """Two tickets became one: the complaint goes along, unless there is one already."""
    found = complaint_of(loser)
    if found is not None and complaint_of(winner) is None:
        found.ticket_id, found.ticket = winner.id, winner
        session.flush()


def update_complaint(complaint: Complaint, values: Mapping[str, Any], version: int | None) -> None:
    """What was found out: severity, what was harmed, containment, kind of cause, the whys, and the document that it is about.

    Refused for a document of another customer, and once the complaint is closed.
    """
    lock(complaint)
    if version is not None and version != complaint.version:
        raise Stale(complaint)
    if complaint.status in ("rejected", "closed"):
        raise Refused(_("%(number)s is closed. Reopen it first.", number=complaint.number))
    for name in FIELDS:
        if name in values:
            setattr(complaint, name, values[name] or None)
    if "harmed" in values:
        complaint.harmed = list(dict.fromkeys(values["harmed"] or ()))
    if "whys" in values:
        complaint.whys = _whys(values["whys"])
    session.flush()
    session.refresh(complaint, ["order", "delivery", "invoice", "product", "lot"])
    _check_origin(complaint)


def _whys(given: Iterable[str | None]) -> list[str]:
    answers = [" ".join((one or "").split()) for one in given]
    while answers and not answers[-1]:
        answers.pop()
    if len(answers) > MOST_WHYS:
        raise Refused(_("At most %(most)s times.", most=MOST_WHYS))
    if not all(answers):
        raise Refused(_("Answer one why after the other: one in the middle is empty."))
    return answers


def _check_origin(complaint: Complaint) -> None:
    for document in (complaint.order, complaint.delivery, complaint.invoice):
        if document is not None and document.customer_id != complaint.customer_id:
            raise Refused(
                _("%(number)s is of another customer.", number=document.number or _("This draft")),
            )
    if complaint.delivery is not None and complaint.order_id not in (None, complaint.delivery.order_id):
        raise Refused(_("This delivery belongs to another order."))


def similar(complaint: Complaint) -> Sequence[Complaint]:
    """Other complaints about the same invoice, delivery, order or lot that were not turned down, newest first."""
    same = [
        getattr(Complaint, name) == getattr(complaint, name)
        for name in (*ORIGINS, "lot_id")
        if getattr(complaint, name) is not None
    ]
    if not same:
        return []
    query = (
        select(Complaint)
        .where(or_(*same), Complaint.id != complaint.id, Complaint.status != "rejected")
        .options(joinedload(Complaint.ticket))
    )
    return session.scalars(query.order_by(Complaint.id.desc()).limit(SIMILAR)).all()


# ------------------------------------------------------------------------ moves


def move_complaint(
    complaint: Complaint, name: str, by: Actor, *, version: int | None = None, reason: str | None = None
) -> None:
    """Decide, close or reopen. Closing is refused before the customer got something and prevention was seen to work."""
    make_move(complaint, name, by=by, version=version, reason=reason)


@COMPLAINT_FLOW.on("accept")
@COMPLAINT_FLOW.on("reject")
def _decided(complaint: Complaint, by: Actor | None, details: dict[str, Any]) -> None:
    complaint.decided_at, complaint.decided_by_id = now(), by.id if by is not None else None


@COMPLAINT_FLOW.on("close")
def _closing(complaint: Complaint, by: Actor | None, details: dict[str, Any]) -> None:
    if not complaint.remedies:
        raise Refused(_("Say first what the customer gets for it."))
    if not complaint.cause_category:
        raise Refused(_("Say first what the cause was."))
    waits = [one for one in complaint.measures if one.worked is None]
    if waits:
        raise Refused(_("“%(text)s” is not done and checked yet.", text=waits[0].text))
    if complaint.measures and not complaint.measures[-1].worked:
        raise Refused(_("What was done last did not work. Decide on something else first."))


# ------------------------------------------------------------------- prevention


def add_measure(complaint: Complaint, text: str, owner: User | None, due_on: date, by: Actor) -> Measure:
    """What shall keep it from happening again. Its owner is told. Refused without words, for somebody who may not see
    complaints, and once the complaint is closed."""
    _hold_live(complaint)
    if owner is not None and not owner.may(COMPLAINT_VIEW):
        raise Refused(_("%(name)s may not see complaints. Choose somebody who may.", name=owner.name))
    if not text.strip():
        raise Refused(_("Say what is to be done."))
    made = Measure(
        complaint=complaint, text=text.strip(), owner_id=owner.id if owner is not None else None, due_on=due_on
    )
    session.add(made)
    session.flush()
    if owner is not None:
        notify(
            owner.id,
            "assigned",
            _l("Prevention after complaint %(number)s: %(text)s", number=complaint.number, text=made.text),
            f"/service/complaints/{complaint.id}",
            complaint,
        )
    return made


def finish_measure(measure: Measure, by: Actor) -> None:
    """It was done. Refused when it was already."""
    lock(measure)
    if measure.done_at is not None:
        raise Refused(_("This is done already."))
    measure.done_at = now()
    session.flush()


def check_measure(measure: Measure, worked: bool, finding: str | None, by: Actor) -> None:
    """Somebody has looked whether it worked. Refused before it is done, and without a word where it did not."""
    lock(measure)
    if measure.done_at is None:
        raise Refused(_("It has to be done before one can see whether it worked."))
    if not worked and not (finding or "").strip():
        raise Refused(_("Say what was found."))
    measure.worked, measure.finding = worked, (finding or "").strip() or None
    measure.checked_at, measure.checked_by_id = now(), by.id
    session.flush()


def measures_due(user_id: int) -> Sequence[Measure]:
    """What a user has to do against complaints, most urgent first."""
    query = (
        select(Measure)
        .where(Measure.owner_id == user_id, Measure.done_at.is_(None))
        .options(joinedload(Measure.complaint))
    )
    return session.scalars(query.order_by(Measure.due_on, Measure.id).limit(SIMILAR)).all()


def _hold_live(complaint: Complaint) -> None:
    lock(complaint)
    if complaint.status in ("rejected", "closed"):
        raise Refused(_("%(number)s is closed. Reopen it first.", number=complaint.number))


# ------------------------------------------------------------------------ costs


@dataclass(frozen=True)
class Cost:
    """A term of what a complaint costs, in the company's currency, and the document that it is read from."""

    label: Any
    amount: Decimal
    document_type: str | None = None
    document_id: int | None = None
    number: str | None = None


def add_cost(complaint: Complaint, kind: str, text: str, amount: Decimal, by: Actor) -> ComplaintCost:
    """Work, freight and the like. Refused without words, for an amount that is none, and once the complaint is closed."""
    _hold_live(complaint)
    if not text.strip():
        raise Refused(_("Say what it was spent for."))
    if amount is None or amount <= 0 or amount != round_money(amount, setting("currency")):
        raise Refused(
            _("Enter an amount above zero, with no more digits than %(currency)s has.", currency=setting("currency"))
        )
    made = ComplaintCost(complaint=complaint, kind=kind, text=text.strip(), amount=amount)
    session.add(made)
    session.flush()
    return made


def remove_cost(complaint: Complaint, cost_id: int) -> None:
    """A cost that was entered wrongly."""
    _hold_live(complaint)
    found = next((one for one in complaint.costs if one.id == cost_id), None)
    if found is None:
        raise NotThere
    complaint.costs.remove(found)
    session.flush()


def costs_of(complaint_ids: Sequence[int]) -> dict[int, list[Cost]]:
    """What complaints cost, term by term: what was entered, what posted credit notes took back without tax, what came back and
    was scrapped, and what replacements that were delivered had cost. The same few queries for one as for a hundred.
    """
    found: dict[int, list[Cost]] = {id: [] for id in complaint_ids}
    entered = select(ComplaintCost).where(ComplaintCost.complaint_id.in_(complaint_ids)).order_by(ComplaintCost.id)
    for one in session.scalars(entered):
        found[one.complaint_id].append(Cost(one.text, one.amount))
    for complaint_id, note in session.execute(
        _documents(complaint_ids, "invoice", Invoice).where(Invoice.status == "posted")
    ):
        found[complaint_id].append(Cost(_l("Credited, without tax"), note.base_net, "invoice", note.id, note.number))
    scrapped = (
        select(Remedy.complaint_id, Return.id, Return.number, func.sum(StockMove.value))
        .join(Return, Return.id == Remedy.document_id)
        .join(ReturnLine, ReturnLine.return_id == Return.id)
        .join(StockMove, (StockMove.document_type == "return") & (StockMove.line_id == ReturnLine.id))
        .where(
            Remedy.complaint_id.in_(complaint_ids),
            Remedy.document_type == "return",
            StockMove.document_id == Return.id,
            ReturnLine.becomes == "scrap",
        )
        .group_by(Remedy.complaint_id, Return.id, Return.number)
    )
    for complaint_id, id, number, value in session.execute(scrapped):
        if value:
            found[complaint_id].append(Cost(_l("Came back and was scrapped"), value, "return", id, number))
    for complaint_id, order in session.execute(
        _documents(complaint_ids, "order", SalesOrder).where(SalesOrder.status.in_(("confirmed", "closed")))
    ):
        value = _cost_of_goods(order)
        if value:
            found[complaint_id].append(Cost(_l("Replacement"), value, "order", order.id, order.number))
    return found


def _documents(complaint_ids: Sequence[int], kind: str, model: Any) -> Any:
    return (
        select(Remedy.complaint_id, model)
        .join(model, model.id == Remedy.document_id)
        .where(Remedy.complaint_id.in_(complaint_ids), Remedy.document_type == kind)
        .order_by(Remedy.id)
    )


def _cost_of_goods(order: SalesOrder) -> Decimal:
    """What the goods of a replacement cost, as far as they were delivered."""
    lines: Sequence[OrderLine] = order.lines
    return sum(((line.cost or ZERO) * line.delivered for line in lines), ZERO).quantize(Decimal("0.01"))
