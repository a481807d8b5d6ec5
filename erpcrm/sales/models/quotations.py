"""Quotations: offers with lines, in versions under one number."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from erpcrm.core.db import Record
from erpcrm.core.exact import QUANTITY
from erpcrm.core.fields import HasCustom
from erpcrm.core.files import Attachment
from erpcrm.core.i18n import _l, lazy_pgettext
from erpcrm.core.numbers import declare_numbers
from erpcrm.core.workflow import Move, State, Workflow
from erpcrm.pipeline.models import Opportunity

from .documents import PricedDocument, PricedLine, document_args, line_args

VIEW = "sales.quotation.view"
EDIT = "sales.quotation.edit"
APPROVE = "sales.discount.approve"
declare_numbers("quotation", _l("Quotations"), "Q-")

QUOTATION_FLOW = Workflow(
    "quotation",
    states=(
        State("draft", lazy_pgettext("quotation", "Draft"), "gray"),
        State("in_approval", _l("Waiting for approval"), "yellow"),
        State("sent", lazy_pgettext("quotation", "Sent"), "blue"),
        State("accepted", lazy_pgettext("quotation", "Accepted"), "green"),
        State("rejected", lazy_pgettext("quotation", "Rejected"), "red"),
        State("expired", lazy_pgettext("quotation", "Expired"), "orange"),
        State("superseded", lazy_pgettext("quotation", "Superseded"), "gray"),
    ),
    moves=(
        Move("submit", _l("Ask for approval"), ("draft",), "in_approval", EDIT, icon="send"),
        Move("approve", _l("Approve the discount"), ("in_approval",), "draft", APPROVE, icon="check", kind="primary"),
        Move("decline", _l("Decline the discount"), ("in_approval",), "draft", APPROVE, reason="required", icon="x"),
        Move("recall", _l("Take back"), ("in_approval",), "draft", EDIT, icon="arrow-back-up"),
        Move("send", _l("Send"), ("draft",), "sent", EDIT, icon="send", kind="primary", page="sales.send_quotation"),
        Move("accept", _l("Accepted"), ("sent",), "accepted", EDIT, icon="check"),
        Move(
            "reject",
            _l("Rejected"),
            ("draft", "sent", "expired"),
            "rejected",
            EDIT,
            icon="x",
            page="sales.reject_quotation",
        ),
        Move("expire", _l("Let it expire"), ("sent",), "expired", EDIT, icon="clock"),
        Move("supersede", _l("Replace"), ("sent", "rejected", "expired"), "superseded", EDIT, icon="copy"),
    ),
)
BY_VERB = frozenset({"expire", "supersede"})
"""Moves that a verb makes (the day, a new version), which therefore have no button of their own."""


class Quotation(PricedDocument, HasCustom, Record):
    """An offer. A version that was sent is not changed any more: the next version replaces it, under the same number."""

    __tablename__ = "quotations"
    record_name = "quotation"
    unaudited: ClassVar[frozenset[str]] = Record.unaudited | {
        "status",
        "series",
        "link_key",
        "rate",
        "base_gross",
        "tax_rounding",
    }

    number: Mapped[str] = mapped_column(unique=True, info={"label": _l("Number")})
    """The series, and the revision from the second on: "Q-00012", "Q-00012/2" """
    series: Mapped[str]
    revision: Mapped[int] = mapped_column(default=1, info={"label": lazy_pgettext("quotation", "Version")})
    status: Mapped[str] = mapped_column(default=QUOTATION_FLOW.initial, info={"label": _l("Status")})
    opportunity_id: Mapped[int | None] = mapped_column(
        ForeignKey("opportunities.id", ondelete="SET NULL"), index=True, info={"label": _l("Opportunity")}
    )
    issued_on: Mapped[date] = mapped_column(info={"label": lazy_pgettext("document", "Date")})
    valid_until: Mapped[date] = mapped_column(info={"label": _l("Valid until")})
    sent_at: Mapped[datetime | None] = mapped_column(info={"label": lazy_pgettext("quotation", "Sent")})
    approved_discount: Mapped[Decimal] = mapped_column(
        QUANTITY, default=Decimal(0), info={"label": _l("Approved discount")}
    )
    """Percent: up to it this version may be sent by anybody"""
    closed_on: Mapped[date | None] = mapped_column(info={"label": _l("Decided on")})
    decided_by: Mapped[str | None] = mapped_column(info={"label": _l("Accepted or rejected by")})
    """The name that was typed with the acceptance"""
    signature_id: Mapped[int | None] = mapped_column(
        ForeignKey("attachments.id", ondelete="SET NULL"), info={"label": _l("Signature")}
    )
    reject_reason: Mapped[str | None] = mapped_column(
        info={"label": _l("Reason for rejecting"), "options": "quotation.reject_reason"}
    )
    link_key: Mapped[str | None] = mapped_column(unique=True)
    """The unguessable part of the customer's link"""
    seen_at: Mapped[datetime | None] = mapped_column(info={"label": _l("Opened by the customer")})
    tags: Mapped[list[Any]] = mapped_column(JSON, default=list, info={"label": _l("Tags")})

    opportunity: Mapped[Opportunity | None] = relationship()
    signature: Mapped[Attachment | None] = relationship()
    lines: Mapped[list["QuotationLine"]] = relationship(
        cascade="all, delete-orphan", order_by="QuotationLine.position", back_populates="quotation"
    )

    __table_args__ = document_args(
        QUOTATION_FLOW.check(),
        UniqueConstraint("series", "revision"),
        CheckConstraint("language IN ('en', 'zh')", name="language_known"),
        Index(None, "status", "valid_until"),
        Index(None, "issued_on", "id"),
        Index(None, "base_gross", "id"),
    )

    @property
    def is_open(self) -> bool:
        """Whether the customer may still decide."""
        return self.status == "sent"


class QuotationLine(PricedLine, Record):
    """A line of an offer; an optional one counts only when the customer chooses it."""

    __tablename__ = "quotation_lines"
    record_name = "quotation_line"
    record_label = _l("Line")
    audit_parent = ("quotation", "quotation_id")

    quotation_id: Mapped[int] = mapped_column(ForeignKey("quotations.id", ondelete="CASCADE"), index=True)
    optional: Mapped[bool] = mapped_column(default=False, info={"label": lazy_pgettext("line", "Optional")})
    chosen: Mapped[bool] = mapped_column(default=False, info={"label": _l("Chosen by the customer")})

    quotation: Mapped[Quotation] = relationship(back_populates="lines")

    __table_args__ = line_args()

    @property
    def counts(self) -> bool:
        """Whether it is part of the total."""
        return not self.optional or self.chosen
