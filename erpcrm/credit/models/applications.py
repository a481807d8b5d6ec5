"""Credit applications, and who may decide them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from erpcrm.access.models import Role, User
from erpcrm.core.db import Record
from erpcrm.core.exact import AMOUNT
from erpcrm.core.i18n import _l, lazy_pgettext
from erpcrm.core.numbers import declare_numbers
from erpcrm.core.records import Choice
from erpcrm.core.workflow import Move, State, Workflow
from erpcrm.customers.models import Customer
from erpcrm.sales.models import SalesOrder

from .accounts import GRADES, money

VIEW = "credit.application.view"
APPLY = "credit.application.apply"
DECIDE = "credit.application.decide"
declare_numbers("credit_application", _l("Credit applications"), "CA-")

UNDECIDED = ("submitted", "in_review", "asked_back", "endorsed")
APPLICATION_FLOW = Workflow(
    "credit_application",
    states=(
        State("submitted", _l("Submitted"), "blue"),
        State("in_review", _l("In review"), "yellow"),
        State("asked_back", _l("Asked back"), "orange"),
        State("endorsed", _l("Endorsed"), "purple"),
        State("approved", lazy_pgettext("application", "Approved"), "green"),
        State("rejected", lazy_pgettext("application", "Rejected"), "red"),
        State("withdrawn", _l("Withdrawn"), "gray"),
        State("expired", lazy_pgettext("application", "Expired"), "gray"),
    ),
    moves=(
        Move("review", _l("Start the review"), ("submitted",), "in_review", DECIDE, icon="eye"),
        Move(
            "ask_back",
            _l("Ask back"),
            ("submitted", "in_review", "endorsed"),
            "asked_back",
            DECIDE,
            reason="required",
            icon="help",
        ),
        Move("answer", _l("Answer"), ("asked_back",), "in_review", APPLY, reason="required", icon="message"),
        Move("endorse", _l("Endorse"), ("submitted", "in_review"), "endorsed", DECIDE, icon="user-check"),
        Move(
            "approve",
            lazy_pgettext("application", "Approve"),
            ("submitted", "in_review", "endorsed"),
            "approved",
            DECIDE,
            icon="check",
            kind="primary",
        ),
        Move(
            "reject",
            lazy_pgettext("application", "Reject"),
            ("submitted", "in_review", "asked_back", "endorsed"),
            "rejected",
            DECIDE,
            reason="required",
            icon="x",
            kind="danger",
        ),
        Move("withdraw", _l("Withdraw"), UNDECIDED, "withdrawn", APPLY, reason="optional", icon="arrow-back-up"),
        Move("expire", _l("Let it expire"), UNDECIDED, "expired", DECIDE, icon="clock"),
    ),
)
KINDS = (
    Choice("limit", _l("New limit"), "blue"),
    Choice("raise", _l("Raise of the limit"), "purple"),
    Choice("temporary", _l("Temporary raise"), "orange"),
    Choice("release", _l("Release of one order"), "yellow"),
    Choice("terms", _l("Change of payment terms"), "gray"),
)
OF_LIMITS = ("limit", "raise", "temporary")


class CreditApplication(Record):
    """Somebody asks for more than the rules give. Amounts are in the company's currency."""

    __tablename__ = "credit_applications"
    record_name = "credit_application"
    unaudited: ClassVar[frozenset[str]] = Record.unaudited | {"status", "seen"}

    number: Mapped[str] = mapped_column(unique=True, info={"label": _l("Number")})
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), info={"label": _l("Customer")})
    kind: Mapped[str] = mapped_column(info={"label": _l("Kind"), "choices": KINDS})
    status: Mapped[str] = mapped_column(default=APPLICATION_FLOW.initial, info={"label": _l("Status")})
    order_id: Mapped[int | None] = mapped_column(
        ForeignKey("sales_orders.id", ondelete="SET NULL"), index=True, info={"label": _l("Sales order")}
    )
    """The order that waits for it"""
    amount: Mapped[Decimal] = mapped_column(AMOUNT, info=money(_l("Amount")))
    """The limit that is asked for; of a release what the order comes to"""
    wanted_until: Mapped[date | None] = mapped_column(info={"label": _l("Wanted until")})
    wanted_terms: Mapped[str | None] = mapped_column(
        info={"label": _l("Wanted payment terms"), "options": "customer.payment_terms"}
    )
    reason: Mapped[str] = mapped_column(info={"label": _l("Why")})
    expires_on: Mapped[date] = mapped_column(info={"label": _l("Expires on")})
    granted: Mapped[Decimal | None] = mapped_column(AMOUNT, info=money(_l("Granted")))
    granted_until: Mapped[date | None] = mapped_column(info={"label": _l("Granted until")})
    conditions: Mapped[str | None] = mapped_column(info={"label": _l("Conditions")})
    question: Mapped[str | None] = mapped_column(info={"label": _l("Question")})
    answer: Mapped[str | None] = mapped_column(info={"label": _l("Answer")})
    requested_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), info={"label": _l("Requested by")}
    )
    endorsed_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), info={"label": _l("Endorsed by")}
    )
    decided_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), info={"label": _l("Decided by")}
    )
    decided_for_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), info={"label": _l("Decided on behalf of")}
    )
    decided_at: Mapped[datetime | None]
    seen: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """The figures on which it was decided, as they were then"""

    customer: Mapped[Customer] = relationship()
    order: Mapped[SalesOrder | None] = relationship()
    requested_by: Mapped[User | None] = relationship(foreign_keys=[requested_by_id])
    endorsed_by: Mapped[User | None] = relationship(foreign_keys=[endorsed_by_id])
    decided_by: Mapped[User | None] = relationship(foreign_keys=[decided_by_id])
    decided_for: Mapped[User | None] = relationship(foreign_keys=[decided_for_id])

    __table_args__ = (
        APPLICATION_FLOW.check(),
        CheckConstraint("kind IN ('limit', 'raise', 'temporary', 'release', 'terms')", name="kind_known"),
        CheckConstraint("amount >= 0 AND granted >= 0", name="amount_not_negative"),
        Index(None, "status", "created_at", "id"),
        Index(None, "status", "expires_on"),
        Index(None, "customer_id", "id"),
        Index(None, "requested_by_id", "status"),
        Index(None, "created_at", "id"),
        Index(None, "amount", "id"),
    )


class Authority(Record):
    """How far a role may decide: up to what amount, and for customers of what grade."""

    __tablename__ = "credit_authorities"
    record_name = "credit_authority"
    record_label = _l("Credit authority")
    audit_parent = ("role", "role_id")

    role_id: Mapped[int] = mapped_column(
        ForeignKey("roles.id", ondelete="CASCADE"), unique=True, info={"label": _l("Role")}
    )
    most: Mapped[Decimal | None] = mapped_column(AMOUNT, info=money(_l("Decides up to")))
    """None: without end"""
    worst_grade: Mapped[str] = mapped_column(default="E", info={"label": _l("Down to grade"), "choices": GRADES})

    role: Mapped[Role] = relationship()

    __table_args__ = (
        CheckConstraint("most >= 0", name="most_not_negative"),
        CheckConstraint("worst_grade IN ('A', 'B', 'C', 'D', 'E')", name="grade_known"),
    )


class Deputy(Record):
    """Somebody who decides in place of somebody else, from one day to another."""

    __tablename__ = "credit_deputies"
    record_name = "credit_deputy"
    record_label = _l("Deputy")
    audit_parent = ("user", "user_id")

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), info={"label": _l("Who is away")})
    deputy_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), index=True, info={"label": _l("Deputy")}
    )
    starts_on: Mapped[date] = mapped_column(info={"label": _l("From")})
    ends_on: Mapped[date] = mapped_column(info={"label": _l("Until")})

    user: Mapped[User] = relationship(foreign_keys=[user_id])
    deputy: Mapped[User] = relationship(foreign_keys=[deputy_id])

    __table_args__ = (
        CheckConstraint("starts_on <= ends_on", name="ends_after_start"),
        CheckConstraint("user_id <> deputy_id", name="somebody_else"),
        Index(None, "user_id", "ends_on"),
    )
