"""Tickets, what was written on them, and what happened to them."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from erpcrm.access.models import Team, User
from erpcrm.catalog.models import Product
from erpcrm.core.db import Base, Record, now
from erpcrm.core.fields import HasCustom
from erpcrm.core.i18n import _l, lazy_pgettext
from erpcrm.core.numbers import declare_numbers
from erpcrm.core.records import Choice
from erpcrm.core.workflow import Move, State, Workflow
from erpcrm.customers.models import Contact, Customer
from erpcrm.inventory.models import Delivery, Lot
from erpcrm.sales.models import SalesOrder

from .sla import SlaPolicy

VIEW = "service.ticket.view"
OPEN = "service.ticket.open"
WORK = "service.ticket.work"
SETUP = "service.setup.edit"
declare_numbers("ticket", _l("Tickets"), "T-")

IN_HAND = ("new", "open", "waiting_third")
"""States in which it is ours to do something"""
UNSOLVED = (*IN_HAND, "waiting_customer")
SOLVED = ("resolved", "closed")

TICKET_FLOW = Workflow(
    "ticket",
    states=(
        State("new", lazy_pgettext("ticket", "New"), "blue"),
        State("open", lazy_pgettext("ticket", "Open"), "yellow"),
        State("waiting_customer", _l("Waiting for customer"), "gray"),
        State("waiting_third", _l("Waiting for third party"), "purple"),
        State("resolved", _l("Resolved"), "green"),
        State("closed", lazy_pgettext("ticket", "Closed"), "gray"),
    ),
    moves=(
        Move("start", _l("Start work"), ("new",), "open", WORK, icon="player-play"),
        Move(
            "wait_customer",
            _l("Wait for customer"),
            ("new", "open", "waiting_third"),
            "waiting_customer",
            WORK,
            icon="clock",
        ),
        Move(
            "wait_third",
            _l("Wait for third party"),
            ("new", "open", "waiting_customer"),
            "waiting_third",
            WORK,
            icon="clock",
        ),
        Move("go_on", _l("Go on"), ("waiting_customer", "waiting_third"), "open", WORK, icon="player-play"),
        Move(
            "resolve",
            _l("Resolve"),
            UNSOLVED,
            "resolved",
            WORK,
            reason="required",
            icon="check",
            kind="primary",
        ),
        Move("close", lazy_pgettext("ticket", "Close"), ("resolved",), "closed", WORK, icon="archive"),
        Move("reopen", _l("Reopen"), SOLVED, "open", WORK, reason="optional", icon="refresh"),
        Move(
            "merge",
            _l("Merge into another"),
            (*UNSOLVED, "resolved"),
            "closed",
            WORK,
            icon="git-merge",
            page="service.merge_ticket",
        ),
    ),
)
KINDS = (
    Choice("question", _l("Question"), "blue"),
    Choice("incident", _l("Incident"), "orange"),
    Choice("request", _l("Service request"), "purple"),
    Choice("return", lazy_pgettext("ticket", "Return"), "yellow"),
    Choice("complaint", _l("Complaint"), "red"),
    Choice("feedback", _l("Feedback"), "green"),
)
CHANNELS = (
    Choice("staff", _l("Colleague")),
    Choice("form", _l("Public form")),
    Choice("portal", _l("Customer portal")),
    Choice("mail", _l("E-mail")),
    Choice("order", _l("Order or delivery")),
)
LEVEL_CHOICES = (
    Choice("high", lazy_pgettext("level", "High"), "red"),
    Choice("medium", lazy_pgettext("level", "Medium"), "yellow"),
    Choice("low", lazy_pgettext("level", "Low"), "gray"),
)
PRIORITY_CHOICES = (
    Choice("urgent", lazy_pgettext("priority", "Urgent"), "red"),
    Choice("high", lazy_pgettext("priority", "High"), "orange"),
    Choice("normal", lazy_pgettext("priority", "Normal"), "blue"),
    Choice("low", lazy_pgettext("priority", "Low"), "gray"),
)


def _key(target: str, label: Any = None, *, ondelete: str | None = "SET NULL", index: bool = True) -> Any:
    info = {"label": label} if label is not None else {}
    return mapped_column(ForeignKey(target, ondelete=ondelete), index=index, info=info)


class Ticket(HasCustom, Record):
    """A unit of customer service work. Who asks may be known (contact, customer) or only a name and an address."""

    __tablename__ = "tickets"
    record_name = "ticket"
    unaudited: ClassVar[frozenset[str]] = Record.unaudited | {
        *("status", "solution", "resolved_at", "closed_at", "last_message_at", "last_from_customer", "replies"),
        *(
            "due_at",
            "queue_at",
            "response_due_at",
            "resolution_due_at",
            "first_response_at",
            "paused_at",
            "breached_at",
        ),
        *("response_warn_at", "resolution_warn_at", "response_breached_at", "resolution_breached_at"),
        *("escalate_at", "escalated_at", "policy_id", "merged_into_id"),
    }

    code: Mapped[str] = mapped_column(unique=True, info={"label": _l("Number")})
    subject: Mapped[str] = mapped_column(info={"label": _l("Subject")})
    kind: Mapped[str] = mapped_column(default="question", info={"label": _l("Kind"), "choices": KINDS})
    status: Mapped[str] = mapped_column(default=TICKET_FLOW.initial, info={"label": _l("Status")})
    channel: Mapped[str] = mapped_column(default="staff", info={"label": _l("Channel"), "choices": CHANNELS})
    impact: Mapped[str] = mapped_column(default="medium", info={"label": _l("Impact"), "choices": LEVEL_CHOICES})
    urgency: Mapped[str] = mapped_column(default="medium", info={"label": _l("Urgency"), "choices": LEVEL_CHOICES})
    priority: Mapped[str] = mapped_column(default="normal", info={"label": _l("Priority"), "choices": PRIORITY_CHOICES})
    category: Mapped[str | None] = mapped_column(info={"label": _l("Category"), "options": "ticket.category"})
    tags: Mapped[list[Any]] = mapped_column(JSON, default=list, info={"label": _l("Tags")})

    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"), info={"label": _l("Customer")})
    contact_id: Mapped[int | None] = _key("contacts.id", _l("Contact"))
    requester_name: Mapped[str | None] = mapped_column(info={"label": _l("Name of who asks")})
    requester_mail: Mapped[str | None] = mapped_column(index=True, info={"label": _l("E-mail of who asks")})
    owner_id: Mapped[int | None] = _key("users.id", _l("Agent"), index=False)
    team_id: Mapped[int | None] = _key("teams.id", _l("Team"), index=False)

    product_id: Mapped[int | None] = _key("products.id", _l("Product"))
    order_id: Mapped[int | None] = _key("sales_orders.id", _l("Sales order"))
    delivery_id: Mapped[int | None] = _key("deliveries.id", _l("Delivery"))
    lot_id: Mapped[int | None] = _key("lots.id", _l("Lot"))
    parent_id: Mapped[int | None] = _key("tickets.id", _l("Belongs to"), ondelete=None)
    merged_into_id: Mapped[int | None] = _key("tickets.id", _l("Merged into"), ondelete=None)

    solution: Mapped[str | None] = mapped_column(Text, info={"label": _l("What solved it")})
    resolved_at: Mapped[datetime | None] = mapped_column(info={"label": _l("Resolved")})
    """None while it is unsolved: what all queues ask"""
    closed_at: Mapped[datetime | None]
    last_message_at: Mapped[datetime] = mapped_column(default=now, info={"label": _l("Last message")})
    last_from_customer: Mapped[bool] = mapped_column(default=False)
    """The last word is the customer's"""
    replies: Mapped[int] = mapped_column(default=0)

    policy_id: Mapped[int | None] = _key("sla_policies.id", _l("SLA policy"))
    response_due_at: Mapped[datetime | None] = mapped_column(info={"label": _l("First response due")})
    first_response_at: Mapped[datetime | None] = mapped_column(info={"label": _l("First response")})
    resolution_due_at: Mapped[datetime | None] = mapped_column(info={"label": _l("Resolution due")})
    paused_at: Mapped[datetime | None]
    """Since when the time to resolution stands still; `resolution_due_at` is then no promise"""
    response_breached_at: Mapped[datetime | None]
    resolution_breached_at: Mapped[datetime | None]
    """When the promise was broken: kept for ever"""
    breached_at: Mapped[datetime | None] = mapped_column(info={"label": _l("SLA breached")})
    """The first of them"""
    response_warn_at: Mapped[datetime | None]
    resolution_warn_at: Mapped[datetime | None]
    """When to warn of it; None when that is done or past"""
    escalate_at: Mapped[datetime | None]
    escalated_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None] = mapped_column(info={"label": _l("Due")})
    """What comes first of those that are still owed; None while nothing is"""
    queue_at: Mapped[datetime] = mapped_column(default=now)
    """Where it stands in the queue: `due_at`, and after all others what owes nothing now"""

    customer: Mapped[Customer | None] = relationship()
    contact: Mapped[Contact | None] = relationship()
    owner: Mapped[User | None] = relationship(foreign_keys=[owner_id])
    team: Mapped[Team | None] = relationship(foreign_keys=[team_id])
    product: Mapped[Product | None] = relationship()
    order: Mapped[SalesOrder | None] = relationship()
    delivery: Mapped[Delivery | None] = relationship()
    lot: Mapped[Lot | None] = relationship()
    policy: Mapped[SlaPolicy | None] = relationship()
    parent: Mapped["Ticket | None"] = relationship(remote_side="Ticket.id", foreign_keys=[parent_id])
    merged_into: Mapped["Ticket | None"] = relationship(remote_side="Ticket.id", foreign_keys=[merged_into_id])

    @property
    def requester(self) -> str:
        """Who asks, by the best name that is known."""
        return (self.contact.name if self.contact is not None else None) or self.requester_name or self.address or ""

    @property
    def address(self) -> str | None:
        """Where answers go."""
        return self.requester_mail or (self.contact.email if self.contact is not None else None)

    @property
    def is_open(self) -> bool:
        return self.resolved_at is None

    __table_args__ = (
        TICKET_FLOW.check(),
        CheckConstraint(
            "kind IN ('question', 'incident', 'request', 'return', 'complaint', 'feedback')", name="kind_known"
        ),
        CheckConstraint("channel IN ('staff', 'form', 'portal', 'mail', 'order')", name="channel_known"),
        CheckConstraint("priority IN ('urgent', 'high', 'normal', 'low')", name="priority_known"),
        CheckConstraint("merged_into_id IS NULL OR (status = 'closed' AND merged_into_id <> id)", name="merged_closed"),
        CheckConstraint("parent_id <> id", name="not_its_own_parent"),
        Index(None, "customer_id", "id"),
        Index(None, "created_at", "id"),
        Index(None, "owner_id", "id"),
        Index(None, "status", "resolved_at"),
        *(
            Index(f"ix_tickets_{name}", *columns, sqlite_where=text(where), postgresql_where=text(where))
            for name, columns, where in (
                ("queue", ("queue_at", "id"), "resolved_at IS NULL"),
                ("queue_of_owner", ("owner_id", "queue_at", "id"), "resolved_at IS NULL"),
                ("queue_of_team", ("team_id", "queue_at", "id"), "resolved_at IS NULL"),
                ("queue_by_status", ("status", "queue_at", "id"), "resolved_at IS NULL"),
                ("breached", ("queue_at", "id"), "resolved_at IS NULL AND breached_at IS NOT NULL"),
                ("due", ("due_at", "id"), "due_at IS NOT NULL"),
                (
                    "response_breach",
                    ("response_due_at",),
                    "first_response_at IS NULL AND response_breached_at IS NULL AND resolved_at IS NULL",
                ),
                (
                    "resolution_breach",
                    ("resolution_due_at",),
                    "resolution_breached_at IS NULL AND paused_at IS NULL AND resolved_at IS NULL",
                ),
                ("response_warning", ("response_warn_at",), "response_warn_at IS NOT NULL"),
                ("resolution_warning", ("resolution_warn_at",), "resolution_warn_at IS NOT NULL"),
                ("escalation", ("escalate_at",), "escalate_at IS NOT NULL"),
            )
        ),
    )


MESSAGE_KINDS = (
    Choice("incoming", _l("From the customer"), "blue"),
    Choice("reply", _l("Reply"), "green"),
    Choice("note", _l("Internal note"), "yellow"),
)


class TicketMessage(Base):
    """What was written on a ticket. An incoming one is by a contact, or by whoever name and address say."""

    __tablename__ = "ticket_messages"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    kind: Mapped[str]
    text: Mapped[str] = mapped_column(Text)
    quoted: Mapped[str | None] = mapped_column(Text)
    """What an incoming mail repeats of what was written before"""
    at: Mapped[datetime] = mapped_column(default=now)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id", ondelete="SET NULL"), index=True)
    author_name: Mapped[str | None]
    author_mail: Mapped[str | None]
    message_id: Mapped[str | None] = mapped_column(unique=True)
    """Of the mail that it came in or went out with"""
    in_reply_to: Mapped[str | None]
    mail_id: Mapped[int | None] = mapped_column(ForeignKey("mails.id", ondelete="SET NULL"), index=True)
    """The mail of ours that it went out with"""
    file_ids: Mapped[list[Any]] = mapped_column(JSON, default=list)
    """Which attachments of the ticket came with it"""

    ticket: Mapped[Ticket] = relationship()
    user: Mapped[User | None] = relationship()
    contact: Mapped[Contact | None] = relationship()

    __table_args__ = (
        CheckConstraint("kind IN ('incoming', 'reply', 'note')", name="kind_known"),
        Index(None, "ticket_id", "at", "id"),
        {"info": {"label": _l("Messages on tickets")}},
    )

    @property
    def author(self) -> str:
        """Who wrote it, by the best name that is known."""
        by = self.user or self.contact
        return (by.name if by is not None else None) or self.author_name or self.author_mail or ""


class TicketWatcher(Base):
    """A colleague who is told what happens on a ticket."""

    __tablename__ = "ticket_watchers"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)


class TicketEvent(Base):
    """What the clock reads: rows are only ever added."""

    __tablename__ = "ticket_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    at: Mapped[datetime] = mapped_column(default=now)
    kind: Mapped[str]
    """state, priority, policy, owner, response_breached, resolution_breached, escalated"""
    before: Mapped[str | None]
    after: Mapped[str | None]

    __table_args__ = (Index(None, "ticket_id", "id"), Index(None, "kind", "at"))


class TicketPresence(Base):
    """Who has a ticket open right now, and whether they are writing."""

    __tablename__ = "ticket_presences"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    seen_at: Mapped[datetime] = mapped_column(default=now)
    writing: Mapped[bool] = mapped_column(default=False)

    user: Mapped[User] = relationship()
