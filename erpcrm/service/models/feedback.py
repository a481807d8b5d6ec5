"""Feedback: what customers wish, praise or find wrong, how many say so, and what was decided."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from erpcrm.catalog.models import Product
from erpcrm.core.db import Record, now
from erpcrm.core.i18n import _l, lazy_pgettext
from erpcrm.core.records import Choice
from erpcrm.core.workflow import Move, State, Workflow
from erpcrm.customers.models import Contact, Customer

from .tickets import Ticket

FEEDBACK_VIEW = "service.feedback.view"
FEEDBACK_EDIT = "service.feedback.edit"
FEEDBACK_DECIDE = "service.feedback.decide"

FEEDBACK_FLOW = Workflow(
    "feedback",
    states=(
        State("new", lazy_pgettext("feedback", "New"), "blue"),
        State("planned", lazy_pgettext("feedback", "Planned"), "purple"),
        State("done", lazy_pgettext("feedback", "Done"), "green"),
        State("declined", lazy_pgettext("feedback", "Declined"), "gray"),
    ),
    moves=(
        Move("plan", _l("Plan it"), ("new",), "planned", FEEDBACK_DECIDE, reason="optional", icon="calendar"),
        Move("finish", _l("It is done"), ("new", "planned"), "done", FEEDBACK_DECIDE, reason="optional", icon="check"),
        Move("decline", _l("Decline"), ("new", "planned"), "declined", FEEDBACK_DECIDE, reason="required", icon="x"),
        Move("reopen", _l("Reopen"), ("done", "declined"), "new", FEEDBACK_DECIDE, reason="optional", icon="refresh"),
    ),
)
FEEDBACK_KINDS = (
    Choice("idea", _l("Idea"), "purple"),
    Choice("praise", _l("Praise"), "green"),
    Choice("problem", _l("Problem"), "orange"),
)


class Feedback(Record):
    """One thing that customers say, however many of them."""

    __tablename__ = "feedback"
    record_name = "feedback"
    unaudited: ClassVar[frozenset[str]] = Record.unaudited | {"status", "decision", "votes"}

    title: Mapped[str] = mapped_column(info={"label": _l("Title")})
    kind: Mapped[str] = mapped_column(info={"label": _l("Kind"), "choices": FEEDBACK_KINDS})
    status: Mapped[str] = mapped_column(default=FEEDBACK_FLOW.initial, info={"label": _l("Status")})
    text: Mapped[str | None] = mapped_column(Text, info={"label": lazy_pgettext("line", "Text")})
    theme: Mapped[str | None] = mapped_column(info={"label": _l("Theme"), "options": "feedback.theme"})
    product_id: Mapped[int | None] = mapped_column(
        ForeignKey("products.id", ondelete="SET NULL"), index=True, info={"label": _l("Product")}
    )
    decision: Mapped[str | None] = mapped_column(Text, info={"label": _l("Decision")})
    votes: Mapped[int] = mapped_column(default=0, info={"label": _l("Votes")})
    """How many customers say it: kept beside the voices, changed under the lock of this row alone"""
    answered_at: Mapped[datetime | None] = mapped_column(info={"label": _l("Answered")})

    product: Mapped[Product | None] = relationship()
    voices: Mapped[list["Voice"]] = relationship(order_by="Voice.id.desc()", back_populates="feedback")

    __table_args__ = (
        FEEDBACK_FLOW.check(),
        CheckConstraint("kind IN ('idea', 'praise', 'problem')", name="kind_known"),
        Index(None, "created_at", "id"),
        Index(None, "votes", "id"),
    )


class Voice(Record):
    """One customer, or one person whom we know by an address, who says it."""

    __tablename__ = "feedback_voices"
    record_name = "feedback_voice"
    record_label = _l("Voice")
    audit_parent = ("feedback", "feedback_id")
    unaudited: ClassVar[frozenset[str]] = Record.unaudited | {"answered_at", "voter"}

    feedback_id: Mapped[int] = mapped_column(ForeignKey("feedback.id"))
    voter: Mapped[str]
    """Who counts as one: the customer, else the address, else the ticket"""
    customer_id: Mapped[int | None] = mapped_column(
        ForeignKey("customers.id"), index=True, info={"label": _l("Customer")}
    )
    contact_id: Mapped[int | None] = mapped_column(
        ForeignKey("contacts.id", ondelete="SET NULL"), index=True, info={"label": _l("Contact")}
    )
    ticket_id: Mapped[int | None] = mapped_column(
        ForeignKey("tickets.id", ondelete="SET NULL"), index=True, info={"label": _l("Ticket")}
    )
    mail: Mapped[str | None] = mapped_column(info={"label": _l("E-mail")})
    words: Mapped[str | None] = mapped_column(Text, info={"label": _l("In their words")})
    at: Mapped[datetime] = mapped_column(default=now)
    answered_at: Mapped[datetime | None]

    feedback: Mapped[Feedback] = relationship(back_populates="voices")
    customer: Mapped[Customer | None] = relationship()
    contact: Mapped[Contact | None] = relationship()
    ticket: Mapped[Ticket | None] = relationship()

    __table_args__ = (UniqueConstraint("feedback_id", "voter"),)
