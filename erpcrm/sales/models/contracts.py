"""Contracts: agreements with a term and a value, which orders call off."""

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from erpcrm.core.db import Record
from erpcrm.core.exact import AMOUNT
from erpcrm.core.fields import HasCustom
from erpcrm.core.i18n import _l, lazy_pgettext
from erpcrm.core.numbers import declare_numbers
from erpcrm.core.records import Choice
from erpcrm.core.workflow import Move, State, Workflow
from erpcrm.pipeline.models import Opportunity

from .documents import PricedDocument, PricedLine, document_args, line_args

VIEW = "sales.contract.view"
EDIT = "sales.contract.edit"
APPROVE = "sales.contract.approve"
declare_numbers("contract", _l("Contracts"), "CT-")

CONTRACT_FLOW = Workflow(
    "contract",
    states=(
        State("draft", lazy_pgettext("contract", "Draft"), "gray"),
        State("in_review", _l("In review"), "yellow"),
        State("active", lazy_pgettext("contract", "Active"), "green"),
        State("expired", lazy_pgettext("contract", "Expired"), "orange"),
        State("terminated", _l("Terminated"), "red"),
        State("renewed", _l("Renewed"), "blue"),
    ),
    moves=(
        Move("submit", _l("Send to review"), ("draft",), "in_review", EDIT, icon="send"),
        Move("send_back", _l("Send back"), ("in_review",), "draft", APPROVE, reason="required", icon="arrow-back-up"),
        Move("activate", _l("Activate"), ("in_review",), "active", APPROVE, icon="check", kind="primary"),
        Move("expire", _l("Let it expire"), ("active",), "expired", EDIT, icon="clock"),
        Move("give_notice", _l("Give notice"), ("active",), "active", EDIT, reason="required", icon="bell"),
        Move(
            "terminate",
            _l("Terminate"),
            ("active",),
            "terminated",
            APPROVE,
            reason="required",
            icon="ban",
            kind="danger",
        ),
        Move("renew", _l("Renew"), ("active", "expired"), "renewed", EDIT, icon="refresh"),
    ),
)
BY_VERB = frozenset({"expire", "renew"})
RENEWALS = (
    Choice("none", _l("Ends with its term")),
    Choice("decision", _l("By decision")),
    Choice("automatic", _l("Automatically")),
)


class Contract(PricedDocument, HasCustom, Record):
    """An agreement about prices and quantities for a term. Net, tax and gross are what its lines come to."""

    __tablename__ = "contracts"
    record_name = "contract"
    unaudited: ClassVar[frozenset[str]] = Record.unaudited | {"status", "rate", "base_gross", "tax_rounding"}

    number: Mapped[str] = mapped_column(unique=True, info={"label": _l("Number")})
    name: Mapped[str] = mapped_column(info={"label": _l("Name")})
    status: Mapped[str] = mapped_column(default=CONTRACT_FLOW.initial, info={"label": _l("Status")})
    starts_on: Mapped[date] = mapped_column(info={"label": _l("Starts on")})
    ends_on: Mapped[date] = mapped_column(info={"label": _l("Ends on")})
    """The last day on which it holds"""
    signed_on: Mapped[date | None] = mapped_column(info={"label": _l("Signed on")})
    value: Mapped[Decimal | None] = mapped_column(AMOUNT, info={"label": _l("Value")})
    """The most that may be called off, without tax, in its currency; None: as much as its lines come to"""
    renewal: Mapped[str] = mapped_column(default="decision", info={"label": _l("Renewal"), "choices": RENEWALS})
    renewal_months: Mapped[int] = mapped_column(default=12, info={"label": _l("Renewed for months")})
    notice_days: Mapped[int] = mapped_column(default=30, info={"label": _l("Notice in days")})
    renewed_by_id: Mapped[int | None] = mapped_column(ForeignKey("contracts.id"), info={"label": _l("Renewed by")})
    opportunity_id: Mapped[int | None] = mapped_column(
        ForeignKey("opportunities.id", ondelete="SET NULL"), index=True, info={"label": _l("Opportunity")}
    )
    """The deal about its renewal"""
    tags: Mapped[list[Any]] = mapped_column(JSON, default=list, info={"label": _l("Tags")})

    opportunity: Mapped[Opportunity | None] = relationship()
    renewed_by: Mapped["Contract | None"] = relationship(remote_side="Contract.id")
    lines: Mapped[list["ContractLine"]] = relationship(
        cascade="all, delete-orphan", order_by="ContractLine.position", back_populates="contract"
    )
    obligations: Mapped[list["Obligation"]] = relationship(
        cascade="all, delete-orphan", order_by="Obligation.due_on", back_populates="contract"
    )
    bills: Mapped[list["PlannedBill"]] = relationship(
        cascade="all, delete-orphan", order_by="PlannedBill.due_on", back_populates="contract"
    )

    __table_args__ = document_args(
        CONTRACT_FLOW.check(),
        CheckConstraint("starts_on <= ends_on", name="ends_after_start"),
        CheckConstraint("renewal IN ('none', 'decision', 'automatic')", name="renewal_known"),
        CheckConstraint("notice_days >= 0 AND renewal_months > 0", name="notice_and_renewal"),
        Index(None, "status", "ends_on"),
        Index(None, "renewed_by_id"),
    )


class ContractLine(PricedLine, Record):
    """An agreed price, for an agreed quantity."""

    __tablename__ = "contract_lines"
    record_name = "contract_line"
    record_label = _l("Line")
    audit_parent = ("contract", "contract_id")

    contract_id: Mapped[int] = mapped_column(ForeignKey("contracts.id", ondelete="CASCADE"), index=True)
    contract: Mapped[Contract] = relationship(back_populates="lines")

    __table_args__ = line_args()


class Obligation(Record):
    """Something that one side has promised to do by a day."""

    __tablename__ = "contract_obligations"
    record_name = "obligation"
    record_label = _l("Obligation")
    audit_parent = ("contract", "contract_id")

    contract_id: Mapped[int] = mapped_column(ForeignKey("contracts.id", ondelete="CASCADE"), index=True)
    text: Mapped[str] = mapped_column(info={"label": _l("Obligation")})
    ours: Mapped[bool] = mapped_column(default=True, info={"label": _l("Ours")})
    due_on: Mapped[date] = mapped_column(info={"label": _l("Due")})
    done_on: Mapped[date | None] = mapped_column(info={"label": _l("Done on")})

    contract: Mapped[Contract] = relationship(back_populates="obligations")

    __table_args__ = (Index(None, "done_on", "due_on"),)


class PlannedBill(Record):
    """When how much of the contract is to be invoiced. Whoever invoices it says so in `billed_on`."""

    __tablename__ = "contract_bills"
    record_name = "planned_bill"
    record_label = _l("Planned invoice")
    audit_parent = ("contract", "contract_id")

    contract_id: Mapped[int] = mapped_column(ForeignKey("contracts.id", ondelete="CASCADE"), index=True)
    due_on: Mapped[date] = mapped_column(info={"label": _l("Due")})
    text: Mapped[str] = mapped_column(info={"label": lazy_pgettext("line", "Text")})
    amount: Mapped[Decimal] = mapped_column(AMOUNT, info={"label": _l("Amount")})
    """Without tax, in the contract's currency"""
    billed_on: Mapped[date | None] = mapped_column(info={"label": _l("Invoiced on")})

    contract: Mapped[Contract] = relationship(back_populates="bills")

    __table_args__ = (CheckConstraint("amount > 0", name="amount_positive"), Index(None, "billed_on", "due_on"))
