"""What will not come: expected losses that were booked, and debts that were given up."""

from datetime import date as Day
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from erpcrm.access.models import User
from erpcrm.core.db import Record
from erpcrm.core.exact import AMOUNT
from erpcrm.core.i18n import _l, lazy_pgettext
from erpcrm.core.numbers import declare_numbers
from erpcrm.core.workflow import Move, State, Workflow
from erpcrm.customers.models import Customer
from erpcrm.finance.models import Entry, ReceivableItem

from .accounts import money

RISK_VIEW = "credit.risk.view"
LOSS_POST = "credit.loss.post"
DEBT_PROPOSE = "credit.debt.propose"
DEBT_APPROVE = "credit.debt.approve"
declare_numbers("bad_debt", _l("Bad debts"), "BD-")

DEBT_FLOW = Workflow(
    "bad_debt",
    states=(
        State("proposed", _l("Proposed"), "yellow"),
        State("written_off", _l("Written off"), "red"),
        State("refused", lazy_pgettext("bad debt", "Refused"), "gray"),
        State("recovered", _l("Recovered"), "green"),
    ),
    moves=(
        Move("approve", _l("Write off"), ("proposed",), "written_off", DEBT_APPROVE, icon="check", kind="primary"),
        Move(
            "refuse",
            lazy_pgettext("bad debt", "Refuse"),
            ("proposed",),
            "refused",
            DEBT_APPROVE,
            reason="required",
            icon="x",
        ),
        Move("recover", _l("All is recovered"), ("written_off",), "recovered", DEBT_APPROVE, icon="coin"),
    ),
)
BY_VERB = frozenset({"recover"})


class BadDebt(Record):
    """An open amount that somebody wants to give up, and somebody else approves. What comes later after all is recovered."""

    __tablename__ = "bad_debts"
    record_name = "bad_debt"
    unaudited: ClassVar[frozenset[str]] = Record.unaudited | {"status"}

    number: Mapped[str] = mapped_column(unique=True, info={"label": _l("Number")})
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), info={"label": _l("Customer")})
    item_id: Mapped[int] = mapped_column(
        ForeignKey("receivable_items.id"), index=True, info={"label": _l("Receivable item")}
    )
    status: Mapped[str] = mapped_column(default=DEBT_FLOW.initial, info={"label": _l("Status")})
    amount: Mapped[Decimal] = mapped_column(AMOUNT, info={"label": _l("Amount")})
    """In the item's currency"""
    base_amount: Mapped[Decimal] = mapped_column(AMOUNT, info=money(_l("In the company’s currency")))
    recovered: Mapped[Decimal] = mapped_column(AMOUNT, default=Decimal(0), info=money(_l("Recovered")))
    """In the company's currency"""
    reason: Mapped[str] = mapped_column(info={"label": _l("Why")})
    allocation_id: Mapped[int | None] = mapped_column(ForeignKey("allocations.id"))
    approved_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), info={"label": _l("Decided by")}
    )

    customer: Mapped[Customer] = relationship()
    item: Mapped[ReceivableItem] = relationship()
    created_by: Mapped[User | None] = relationship(foreign_keys="BadDebt.created_by_id")
    approved_by: Mapped[User | None] = relationship(foreign_keys=[approved_by_id])

    __table_args__ = (
        DEBT_FLOW.check(),
        CheckConstraint("amount > 0 AND recovered >= 0", name="amount_above_zero"),
        Index(None, "customer_id", "id"),
        Index(None, "status", "id"),
        Index(None, "created_at", "id"),
    )


class ExpectedLoss(Record):
    """The losses that were expected at the end of a day, by age band and grade, and the entry that booked the difference."""

    __tablename__ = "expected_losses"
    record_name = "expected_loss"

    date: Mapped[Day] = mapped_column(unique=True, info={"label": _l("Date")})
    open: Mapped[Decimal] = mapped_column(AMOUNT, info=money(_l("Open")))
    amount: Mapped[Decimal] = mapped_column(AMOUNT, info=money(_l("Expected loss")))
    difference: Mapped[Decimal] = mapped_column(AMOUNT, info=money(_l("Booked")))
    lines: Mapped[list[Any]] = mapped_column(JSON, default=list)
    """[{band, grade, open, rate, loss}, ...]"""
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("journal_entries.id"), info={"label": _l("Entry")})

    entry: Mapped[Entry | None] = relationship()

    __table_args__ = (Index(None, "created_at", "id"),)
