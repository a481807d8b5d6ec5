"""Complaints: what was wrong, why, what is done about it for the customer and against its coming again, and what it costs."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from erpcrm.access.models import User
from erpcrm.catalog.models import Product
from erpcrm.company.models import COMPANY_MONEY
from erpcrm.core.db import Record, now
from erpcrm.core.exact import AMOUNT
from erpcrm.core.i18n import _l, lazy_pgettext
from erpcrm.core.numbers import declare_numbers
from erpcrm.core.records import Choice
from erpcrm.core.workflow import Move, State, Workflow
from erpcrm.customers.models import Customer
from erpcrm.finance.models import Invoice
from erpcrm.inventory.models import Delivery, Lot
from erpcrm.sales.models import SalesOrder

from .tickets import Ticket

COMPLAINT_VIEW = "service.complaint.view"
COMPLAINT_WORK = "service.complaint.work"
COMPLAINT_DECIDE = "service.complaint.decide"
declare_numbers("complaint", _l("Complaints"), "CL-")

COMPLAINT_FLOW = Workflow(
    "complaint",
    states=(
        State("open", lazy_pgettext("complaint", "To be examined"), "blue"),
        State("justified", _l("Justified"), "orange"),
        State("rejected", _l("Not justified"), "gray"),
        State("closed", lazy_pgettext("complaint", "Closed"), "green"),
    ),
    moves=(
        Move("accept", _l("Justified"), ("open",), "justified", COMPLAINT_DECIDE, icon="check", kind="primary"),
        Move("reject", _l("Not justified"), ("open",), "rejected", COMPLAINT_DECIDE, reason="required", icon="x"),
        Move("close", lazy_pgettext("complaint", "Close"), ("justified",), "closed", COMPLAINT_DECIDE, icon="archive"),
        Move(
            "reopen", _l("Reopen"), ("rejected", "closed"), "open", COMPLAINT_DECIDE, reason="required", icon="refresh"
        ),
    ),
)
SEVERITIES = (
    Choice("critical", _l("Critical: people or the law"), "red"),
    Choice("major", _l("Major: can't be used"), "orange"),
    Choice("minor", _l("Minor: can be used"), "yellow"),
)
REMEDIES = (
    Choice("credit_note", _l("Credit note"), "blue"),
    Choice("refund", _l("Refund"), "blue"),
    Choice("return", _l("Return"), "yellow"),
    Choice("replacement", _l("Replacement"), "purple"),
    Choice("other", _l("Something else"), "gray"),
)
COSTS = (
    Choice("work", _l("Work")),
    Choice("freight", _l("Freight")),
    Choice("goods", _l("Goods")),
    Choice("goodwill", _l("Goodwill")),
    Choice("other", lazy_pgettext("cost", "Other")),
)
MOST_WHYS = 5


def _about(target: str, label: Any) -> Any:
    return mapped_column(ForeignKey(target, ondelete="SET NULL"), index=True, info={"label": label})


class Complaint(Record):
    """What a ticket of the kind complaint leads to. One a ticket; what the customer and we write stands there."""

    __tablename__ = "complaints"
    record_name = "complaint"
    unaudited: ClassVar[frozenset[str]] = Record.unaudited | {"status", "ticket_id", "decided_at", "decided_by_id"}

    number: Mapped[str] = mapped_column(unique=True, info={"label": _l("Number")})
    status: Mapped[str] = mapped_column(default=COMPLAINT_FLOW.initial, info={"label": _l("Status")})
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), unique=True)
    customer_id: Mapped[int | None] = mapped_column(
        ForeignKey("customers.id"), index=True, info={"label": _l("Customer")}
    )
    severity: Mapped[str] = mapped_column(default="minor", info={"label": _l("Severity"), "choices": SEVERITIES})
    product_id: Mapped[int | None] = _about("products.id", _l("Product"))
    lot_id: Mapped[int | None] = _about("lots.id", _l("Lot"))
    order_id: Mapped[int | None] = _about("sales_orders.id", _l("Sales order"))
    delivery_id: Mapped[int | None] = _about("deliveries.id", lazy_pgettext("document", "Delivery"))
    invoice_id: Mapped[int | None] = _about("invoices.id", _l("Invoice"))
    harmed: Mapped[list[Any]] = mapped_column(
        JSON, default=list, info={"label": _l("What was harmed"), "options_of_each": "complaint.harm"}
    )
    harm: Mapped[str | None] = mapped_column(Text, info={"label": lazy_pgettext("complaint", "What happened")})
    containment: Mapped[str | None] = mapped_column(Text, info={"label": _l("Containment")})
    """What was done at once, so that it gets no worse"""
    cause_category: Mapped[str | None] = mapped_column(
        info={"label": _l("Kind of cause"), "options": "complaint.cause"}
    )
    whys: Mapped[list[Any]] = mapped_column(JSON, default=list, info={"label": _l("Why, asked again and again")})
    """Up to five answers, each the reason of the one before; the last is the cause"""
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)

    ticket: Mapped[Ticket] = relationship()
    customer: Mapped[Customer | None] = relationship()
    product: Mapped[Product | None] = relationship()
    lot: Mapped[Lot | None] = relationship()
    order: Mapped[SalesOrder | None] = relationship()
    delivery: Mapped[Delivery | None] = relationship()
    invoice: Mapped[Invoice | None] = relationship()
    remedies: Mapped[list["Remedy"]] = relationship(order_by="Remedy.id", back_populates="complaint")
    measures: Mapped[list["Measure"]] = relationship(order_by="Measure.id", back_populates="complaint")
    costs: Mapped[list["ComplaintCost"]] = relationship(
        order_by="ComplaintCost.id", back_populates="complaint", cascade="all, delete-orphan"
    )

    __table_args__ = (
        COMPLAINT_FLOW.check(),
        CheckConstraint("severity IN ('critical', 'major', 'minor')", name="severity_known"),
        Index(None, "created_at", "id"),
        Index(None, "status", "id"),
    )


class Remedy(Record):
    """What the customer gets for it: a document that the complaint made, or something else in words."""

    __tablename__ = "complaint_remedies"
    record_name = "complaint_remedy"
    record_label = _l("Remedy")
    audit_parent = ("complaint", "complaint_id")

    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaints.id"), index=True)
    kind: Mapped[str] = mapped_column(info={"label": _l("Kind"), "choices": REMEDIES})
    note: Mapped[str | None] = mapped_column(Text, info={"label": _l("Note")})
    document_type: Mapped[str | None]
    document_id: Mapped[int | None]
    origin_type: Mapped[str | None]
    """What it makes good: the invoice, delivery or order of ours"""
    origin_id: Mapped[int | None]

    complaint: Mapped[Complaint] = relationship(back_populates="remedies")

    __table_args__ = (
        CheckConstraint("kind IN ('credit_note', 'refund', 'return', 'replacement', 'other')", name="kind_known"),
        CheckConstraint("(document_type IS NULL) = (document_id IS NULL)", name="document_whole"),
        CheckConstraint("document_id IS NOT NULL OR note IS NOT NULL", name="says_what"),
        Index(None, "document_type", "document_id"),
        Index(None, "origin_type", "origin_id"),
    )


class Measure(Record):
    """What shall keep it from happening again: who does it until when, and whether it worked."""

    __tablename__ = "complaint_measures"
    record_name = "complaint_measure"
    record_label = _l("Prevention")
    audit_parent = ("complaint", "complaint_id")

    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaints.id"), index=True)
    text: Mapped[str] = mapped_column(Text, info={"label": _l("What is done")})
    owner_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), info={"label": _l("Owner")}
    )
    due_on: Mapped[date] = mapped_column(info={"label": _l("Due")})
    done_at: Mapped[datetime | None] = mapped_column(info={"label": _l("Done")})
    worked: Mapped[bool | None] = mapped_column(info={"label": _l("It worked")})
    """None until somebody has looked"""
    checked_at: Mapped[datetime | None] = mapped_column(info={"label": _l("Checked")})
    checked_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), index=True, info={"label": _l("Checked by")}
    )
    finding: Mapped[str | None] = mapped_column(Text, info={"label": _l("What was found")})

    complaint: Mapped[Complaint] = relationship(back_populates="measures")
    owner: Mapped[User | None] = relationship(foreign_keys=[owner_id])
    checked_by: Mapped[User | None] = relationship(foreign_keys=[checked_by_id])

    __table_args__ = (
        CheckConstraint("worked IS NULL OR done_at IS NOT NULL", name="done_before_checked"),
        Index(None, "owner_id", "done_at", "due_on"),
    )


class ComplaintCost(Record):
    """What a complaint costs beyond its documents: work, freight. In the company's currency."""

    __tablename__ = "complaint_costs"
    record_name = "complaint_cost"
    record_label = _l("Cost")
    audit_parent = ("complaint", "complaint_id")

    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaints.id"), index=True)
    kind: Mapped[str] = mapped_column(info={"label": _l("Kind"), "choices": COSTS})
    text: Mapped[str] = mapped_column(info={"label": lazy_pgettext("cost", "What for")})
    amount: Mapped[Decimal] = mapped_column(AMOUNT, info={"label": _l("Amount")} | COMPANY_MONEY)
    at: Mapped[datetime] = mapped_column(default=now)

    complaint: Mapped[Complaint] = relationship(back_populates="costs")

    __table_args__ = (CheckConstraint("amount > 0", name="amount_positive"),)
