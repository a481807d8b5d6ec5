"""Complaints and feedback of the demo company: one examined, one made good, one closed, and what customers wish."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from erpcrm.core.db import session
from erpcrm.core.i18n import today
from erpcrm.core.moves import make_move
from erpcrm.finance.models import Invoice
from erpcrm.inventory.models import SHIPPED, Delivery

from . import services
from .models import Complaint, Feedback, Ticket
from .services import complaints, remedies
from .services import feedback as wishes

WISHES = (
    ("触摸屏支持中英文切换 Screen in two languages", "idea", "product", "plan", "下一版本控制器支持", 3),
    ("Smaller packs of spare seals", "idea", "delivery", None, None, 2),
    ("调试工程师非常专业 The fitter knew his trade", "praise", "service", None, None, 2),
    ("Manual has no wiring diagram", "problem", "documents", "finish", "Diagram added to all manuals", 1),
)


def fill(world: Any) -> None:
    agent, manager = world.users["agent"], world.users["manager"]
    _of_the_ticket(agent)
    query = select(Invoice).where(Invoice.status == "posted", Invoice.kind == "invoice", Invoice.order_id.is_not(None))
    invoices = session.scalars(query.order_by(Invoice.id)).all()
    if invoices:
        _made_good(invoices[0], agent, manager)
    if len(invoices) > 1:
        _closed(invoices[-1], agent, manager)
    for number, (title, kind, theme, move, reason, voices) in enumerate(WISHES):
        made = wishes.create_feedback({"title": title, "kind": kind, "theme": theme}, agent)
        for customer in world.customers[number * 2 : number * 2 + voices]:
            wishes.add_voice(made, agent, customer_id=customer.id)
        if move is not None:
            wishes.decide(made, move, manager, reason=reason)
    asked = session.scalars(select(Ticket).where(Ticket.kind == "feedback").order_by(Ticket.id)).first()
    first = session.scalars(select(Feedback).order_by(Feedback.id)).first()
    if asked is not None and first is not None:
        wishes.add_voice(first, agent, ticket=asked, words="我们有外籍操作工，希望触摸屏可以切换语言。")


def _of_the_ticket(agent: Any) -> None:
    """What came by mail and is being examined."""
    found = session.scalars(select(Complaint).order_by(Complaint.id)).first()
    if found is not None:
        complaints.update_complaint(
            found,
            {
                "severity": "major",
                "harmed": ["production", "trust"],
                "harm": "订单为 M12 加热管，实际发出 M10，客户产线只能再坚持两天。",
                "containment": "当天由杭州仓库加急补发两根 M12。",
            },
            None,
        )


def _complaint(invoice: Invoice, subject: str, agent: Any, **values: Any) -> Complaint:
    order = invoice.order
    query = select(Delivery).where(Delivery.order_id == invoice.order_id, Delivery.status.in_(SHIPPED))
    sent = session.scalars(query.order_by(Delivery.id)).first()
    about = {
        "subject": subject, "kind": "complaint", "category": "delivery", "channel": "staff",
        "customer_id": invoice.customer_id, "contact_id": order.contact_id if order is not None else None,
        "order_id": invoice.order_id, "delivery_id": sent.id if sent is not None else None, "owner_id": agent.id,
        "product_id": invoice.lines[0].product_id,
    }  # fmt: skip
    found = complaints.complaint_of(services.open_ticket(about, agent))
    assert found is not None  # noqa: S101 - it is of that kind
    complaints.update_complaint(found, {"invoice_id": invoice.id, **values}, None)
    return found


def _made_good(invoice: Invoice, agent: Any, manager: Any) -> None:
    """Justified, credited by a draft that the accountant has still to post, and somebody has to see that it does not come again."""
    found = _complaint(
        invoice,
        "包装破损，部分货物划伤 Goods scratched in transport",
        agent,
        severity="minor",
        harmed=["goods"],
        harm="到货时外箱破损，表面有划痕，仍可使用。",
        containment="已请承运商拍照确认。",
        cause_category="transport",
        whys=["外箱在装卸时变形", "纸箱承重不足", "新供应商纸箱只有三层"],
    )
    make_move(found, "accept", by=manager)
    offered = remedies.lines_to_credit(found)
    if offered:
        first = offered[0]
        remedies.credit(found, {first.line.id: min(Decimal(1), first.most)}, manager)
    complaints.add_cost(found, "work", "现场检查与返修 Inspection and repair", Decimal(360), agent)
    complaints.add_measure(found, "改用五层纸箱并加护角 Five-layer boxes", manager, today() + timedelta(days=10), agent)
    done = complaints.add_measure(
        found, "装车前检查外箱 Check boxes before loading", agent, today() - timedelta(days=3), agent
    )
    complaints.finish_measure(done, agent)


def _closed(invoice: Invoice, agent: Any, manager: Any) -> None:
    found = _complaint(
        invoice,
        "Delivered two days late",
        agent,
        severity="minor",
        harmed=["date"],
        harm="Promised for Monday, came on Wednesday.",
        cause_category="picking",
        whys=[
            "The picking list was printed late",
            "The order came after the cut-off",
            "The cut-off is not on the confirmation",
        ],
    )
    make_move(found, "accept", by=manager)
    remedies.note_remedy(found, "Apology, and free freight for the next order", manager)
    complaints.add_cost(found, "freight", "Free freight", Decimal(180), agent)
    told = complaints.add_measure(found, "Print the cut-off on order confirmations", manager, today(), agent)
    complaints.finish_measure(told, manager)
    complaints.check_measure(told, True, "No late delivery for this reason since.", manager)
    complaints.move_complaint(found, "close", manager)
    services.move_ticket(found.ticket, "resolve", agent, reason="Closed with the complaint.")
