"""Bank statements and their lines."""

from datetime import date as Day
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from erpcrm.core.db import Record
from erpcrm.core.exact import AMOUNT
from erpcrm.core.i18n import _l, lazy_pgettext
from erpcrm.core.records import Choice

from .ledger import Account, Entry
from .receivables import Payment

LINE_STATES = (
    Choice("open", lazy_pgettext("bank line", "To match"), "yellow"),
    Choice("matched", lazy_pgettext("bank line", "Matched"), "green"),
    Choice("ignored", lazy_pgettext("bank line", "Ignored"), "gray"),
)


class BankStatement(Record):
    """A file from the bank."""

    __tablename__ = "bank_statements"
    record_name = "bank_statement"

    account_id: Mapped[int] = mapped_column(
        ForeignKey("ledger_accounts.id"), info={"label": _l("Bank account or cash")}
    )
    name: Mapped[str] = mapped_column(info={"label": _l("File")})
    first_on: Mapped[Day | None] = mapped_column(info={"label": _l("From")})
    last_on: Mapped[Day | None] = mapped_column(info={"label": _l("Until")})
    new_lines: Mapped[int] = mapped_column(default=0, info={"label": _l("New lines")})
    known_lines: Mapped[int] = mapped_column(default=0, info={"label": _l("Lines that were there already")})

    account: Mapped[Account] = relationship()


class BankLine(Record):
    """A movement on a bank account, as the bank tells it. The same movement comes once, whatever file it stands in."""

    __tablename__ = "bank_lines"
    record_name = "bank_line"
    told_when_created = False  # its statement tells

    statement_id: Mapped[int] = mapped_column(ForeignKey("bank_statements.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("ledger_accounts.id"))
    mark: Mapped[str]
    """A digest of all that the bank says of it"""
    date: Mapped[Day] = mapped_column(info={"label": _l("Date")})
    amount: Mapped[Decimal] = mapped_column(AMOUNT, info={"label": _l("Amount")})
    """Above zero: received"""
    counterparty: Mapped[str | None] = mapped_column(info={"label": _l("Counterparty")})
    text: Mapped[str | None] = mapped_column(info={"label": lazy_pgettext("entry", "Text")})
    reference: Mapped[str | None] = mapped_column(info={"label": _l("Reference")})
    status: Mapped[str] = mapped_column(default="open", info={"label": _l("Status"), "choices": LINE_STATES})
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payments.id"), unique=True)
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("journal_entries.id"))

    statement: Mapped[BankStatement] = relationship()
    account: Mapped[Account] = relationship()
    payment: Mapped[Payment | None] = relationship()
    entry: Mapped[Entry | None] = relationship()

    __table_args__ = (
        CheckConstraint("status IN ('open', 'matched', 'ignored')", name="status_known"),
        UniqueConstraint("account_id", "mark"),
        Index(None, "status", "date", "id"),
        Index(None, "date", "id"),
    )
