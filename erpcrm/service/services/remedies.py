"""What a customer gets for a complaint that is justified: the complaint makes the document itself, whole or of single lines."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from erpcrm.access.models import User
from erpcrm.core.db import Record, lock, session
from erpcrm.core.errors import Refused
from erpcrm.core.i18n import _
from erpcrm.finance import services as finance
from erpcrm.finance.models import Invoice, InvoiceLine, ReceivableItem
from erpcrm.inventory import services as inventory
from erpcrm.inventory.models import SHIPPED, Delivery, DeliveryLine
from erpcrm.sales.models import OrderLine, SalesOrder
from erpcrm.sales.services import create_order
from erpcrm.sales.services.lines import copied_line

from ..models import Complaint, Remedy

ZERO = Decimal(0)
Quantities = Mapping[int, Decimal]
"""{line: how much of it}"""


@dataclass(frozen=True)
class Choosable:
    """A line that something can be given for: at most `most`; `whole` is what the document complained about comes to."""

    line: Any
    document: Any
    most: Decimal
    whole: Decimal


def lines_to_credit(complaint: Complaint) -> list[Choosable]:
    """What was invoiced and is not credited: of the invoice, or of all invoices of the order; of a delivery as much as it had."""
    query = select(Invoice).where(Invoice.status == "posted", Invoice.kind == "invoice")
    if complaint.invoice_id is not None:
        query = query.where(Invoice.id == complaint.invoice_id)
    elif complaint.order_id is not None:
        query = query.where(Invoice.order_id == complaint.order_id)
    else:
        return []
    sent = _sent(complaint.delivery) if complaint.delivery is not None else None
    found = []
    for invoice in session.scalars(query.options(selectinload(Invoice.lines)).order_by(Invoice.id)):
        for line in invoice.lines:
            if line.use != "sales" or line.to_credit <= 0:
                continue
            whole = line.to_credit
            if sent is not None:
                whole = min(whole, sent.get(line.order_line_id or 0, ZERO))
                sent[line.order_line_id or 0] = sent.get(line.order_line_id or 0, ZERO) - whole
            found.append(Choosable(line, invoice, line.to_credit, whole))
    return found


def _sent(delivery: Delivery) -> dict[int, Decimal]:
    """{line of the order: how much of it the delivery had}, in the order line's own unit, for lines that are no sets."""
    found: dict[int, Decimal] = defaultdict(Decimal)
    for line in delivery.lines:
        if line.order_line_id is not None and line.per_unit:
            found[line.order_line_id] += line.quantity / line.per_unit
    return found


def lines_to_take_back(complaint: Complaint) -> list[Choosable]:
    """What left and has not come back: of the delivery, or of all deliveries of the order."""
    query = select(Delivery).where(Delivery.status.in_(SHIPPED))
    if complaint.delivery_id is not None:
        query = query.where(Delivery.id == complaint.delivery_id)
    elif complaint.order_id is not None:
        query = query.where(Delivery.order_id == complaint.order_id)
    else:
        return []
    whole = selectinload(Delivery.lines).options(joinedload(DeliveryLine.product), joinedload(DeliveryLine.lot))
    deliveries = session.scalars(query.options(whole).order_by(Delivery.id)).all()
    came = inventory.returned_of([one.id for one in deliveries], with_announced=True)
    left = [
        (line, delivery, line.quantity - came.get(line.id, ZERO)) for delivery in deliveries for line in delivery.lines
    ]
    return [Choosable(line, delivery, most, most) for line, delivery, most in left if most > 0]


def lines_to_replace(complaint: Complaint) -> list[Choosable]:
    """What was ordered and delivered, line by line of the order."""
    if complaint.order is None:
        return []
    sent = _sent(complaint.delivery) if complaint.delivery is not None else None
    found = []
    for line in complaint.order.lines:
        if line.product_id is None or line.delivered <= 0:
            continue
        whole = line.delivered if sent is None else min(line.delivered, sent.get(line.id, ZERO))
        found.append(Choosable(line, complaint.order, line.delivered, whole))
    return found


def remedies_before(complaint: Complaint) -> Sequence[Remedy]:
    """What other complaints have given for the same invoice, delivery or order: the customer may be about to get it twice."""
    about = [
        (kind, id)
        for kind, id in (
            ("invoice", complaint.invoice_id),
            ("delivery", complaint.delivery_id),
            ("order", complaint.order_id),
        )
        if id is not None
    ]
    if not about:
        return []
    complaints = [getattr(Complaint, f"{kind}_id") == id for kind, id in about]
    found: dict[int, Remedy] = {}
    for same in complaints:
        query = (
            select(Remedy)
            .join(Complaint, Complaint.id == Remedy.complaint_id)
            .where(same, Complaint.id != complaint.id)
            .options(joinedload(Remedy.complaint))
        )
        found |= {one.id: one for one in session.scalars(query.order_by(Remedy.id).limit(10))}
    return [found[id] for id in sorted(found)]


# ------------------------------------------------------------------------ verbs


def credit(complaint: Complaint, quantities: Quantities, by: User, *, sure: bool = False) -> list[Invoice]:
    """Drafts of credit notes for so much of each invoiced line, one an invoice. They are posted by whoever may.

    Refused before the complaint is found justified, for more than is left to credit, and when another complaint has given
    something for the same unless `sure`.
    """
    chosen = _chosen(complaint, lines_to_credit(complaint), quantities, sure)
    made = []
    for invoice, parts in _by_document(chosen):
        note = finance.credit(invoice, by, _reason(complaint), {line.id: quantity for line, quantity in parts})
        _keep(complaint, "credit_note", ("invoice", note.id), ("invoice", invoice.id))
        made.append(note)
    return made


def take_back(
    complaint: Complaint, quantities: Quantities, by: User, *, becomes: str = "stock", sure: bool = False
) -> list[Any]:
    """Announced returns of so much of each delivered line, one a delivery. Refused as `credit` is."""
    chosen = _chosen(complaint, lines_to_take_back(complaint), quantities, sure)
    made = []
    for delivery, parts in _by_document(chosen):
        back = [inventory.Back(line, quantity, becomes) for line, quantity in parts]
        found = inventory.announce_return(delivery, back, _reason(complaint), by=by)
        _keep(complaint, "return", ("return", found.id), ("delivery", delivery.id))
        made.append(found)
    return made


def replace(complaint: Complaint, quantities: Quantities, by: User, *, sure: bool = False) -> SalesOrder:
    """An order over so much of each line that costs the customer nothing, as a draft. Refused as `credit` is.

    Confirming it takes somebody who may give all of a price away, as with any other order.
    """
    chosen = _chosen(complaint, lines_to_replace(complaint), quantities, sure)
    order: SalesOrder = complaint.order  # type: ignore[assignment]
    lines = [copied_line(line) | {"quantity": quantity, "price": ZERO, "discount": ZERO} for line, quantity in chosen]
    head = {
        "customer_id": order.customer_id, "contact_id": order.contact_id, "currency": order.currency,
        "delivery_address": order.delivery_address, "billing_address": order.billing_address, "language": order.language,
        "reference": complaint.number,
    }  # fmt: skip
    made = create_order(head, lines, by)
    _keep(complaint, "replacement", ("order", made.id), ("order", order.id))
    return made


def refund(complaint: Complaint, item: ReceivableItem, values: Mapping[str, Any], by: User) -> Any:
    """Pay back what a credit note of this complaint has left open. `values` as `finance.refund` takes them."""
    _hold_justified(complaint)
    if item.id not in {one.id for one in open_credits(complaint)}:
        raise Refused(_("This complaint has no such credit note, or nothing of it is open."))
    payment = finance.refund(item.customer, item, values, by)
    _keep(complaint, "refund", ("payment", payment.id), ("invoice", item.document_id or 0))
    return payment


def open_credits(complaint: Complaint) -> Sequence[ReceivableItem]:
    """What is open of the credit notes that this complaint has made."""
    notes = [one.document_id for one in complaint.remedies if one.kind == "credit_note" and one.document_id is not None]
    query = select(ReceivableItem).where(
        ReceivableItem.document_type == "invoice", ReceivableItem.document_id.in_(notes), ReceivableItem.open < 0
    )
    return session.scalars(query.order_by(ReceivableItem.id)).all()


def note_remedy(complaint: Complaint, note: str, by: User) -> Remedy:
    """Something that needs no document: a repair, an apology, a visit. Refused without words."""
    _hold_justified(complaint)
    if not note.strip():
        raise Refused(_("Say what the customer gets."))
    return _keep(complaint, "other", None, None, note.strip())


def _chosen(
    complaint: Complaint, offered: Sequence[Choosable], quantities: Quantities, sure: bool
) -> list[tuple[Any, Decimal]]:
    _hold_justified(complaint)
    if not sure and (before := remedies_before(complaint)):
        raise Refused(
            _(
                "Complaint %(number)s has given something for the same already. Look at it, and say that you are sure.",
                number=before[-1].complaint.number,
            )
        )
    found = [(one.line, quantities[one.line.id]) for one in offered if quantities.get(one.line.id)]
    if not found or len(found) != sum(1 for quantity in quantities.values() if quantity):
        raise Refused(_("Choose lines of what the complaint is about."))
    for one in offered:
        if not 0 <= quantities.get(one.line.id, ZERO) <= one.most:
            raise Refused(_("“%(name)s”: at most %(most)s.", name=_name(one.line), most=f"{one.most.normalize():f}"))
    return found


def _hold_justified(complaint: Complaint) -> None:
    lock(complaint)
    if complaint.status != "justified":
        raise Refused(_("Decide first that the complaint is justified."))


def _by_document(chosen: Sequence[tuple[Any, Decimal]]) -> list[tuple[Any, list[tuple[Any, Decimal]]]]:
    found: dict[int, tuple[Any, list[tuple[Any, Decimal]]]] = {}
    for line, quantity in chosen:
        document = _document_of(line)
        found.setdefault(document.id, (document, []))[1].append((line, quantity))
    return list(found.values())


def _document_of(line: InvoiceLine | DeliveryLine | OrderLine) -> Record:
    if isinstance(line, InvoiceLine):
        return line.invoice
    return line.delivery if isinstance(line, DeliveryLine) else line.order


def _name(line: Any) -> str:
    return str(line.product.name if line.product is not None else line.text)


def _reason(complaint: Complaint) -> str:
    return _("Complaint %(number)s", number=complaint.number)


def _keep(
    complaint: Complaint,
    kind: str,
    document: tuple[str, int] | None,
    origin: tuple[str, int] | None,
    note: str | None = None,
) -> Remedy:
    made = Remedy(complaint=complaint, kind=kind, note=note)
    made.document_type, made.document_id = document or (None, None)
    made.origin_type, made.origin_id = origin or (None, None)
    session.add(made)
    session.flush()
    return made
