"""The ledger: accounts, journals, periods, entries and their lines."""

from datetime import date as Day
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from erpcrm.core.db import Base, Record
from erpcrm.core.exact import AMOUNT
from erpcrm.core.i18n import _l, lazy_pgettext
from erpcrm.core.options import two_languages
from erpcrm.core.records import Choice
from erpcrm.core.workflow import Move, State, Workflow

LEDGER_VIEW = "finance.ledger.view"
ENTRY_EDIT = "finance.entry.edit"
ENTRY_POST = "finance.entry.post"
PERIOD_CLOSE = "finance.period.close"
PERIOD_REOPEN = "finance.period.reopen"
SETUP = "finance.setup.edit"

ACCOUNT_KINDS = (
    Choice("asset", _l("Asset"), "blue"),
    Choice("liability", _l("Liability"), "orange"),
    Choice("equity", _l("Equity"), "purple"),
    Choice("income", _l("Income"), "green"),
    Choice("expense", _l("Expense"), "red"),
)
MANY = ("bank", "cash")
"""Roles that several accounts may have; every other one belongs to one account at most."""
ACCOUNT_ROLES = (
    Choice("bank", _l("Bank account")),
    Choice("cash", _l("Cash")),
    Choice("receivable", _l("Receivables from customers")),
    Choice("receivable_valuation", _l("Currency valuation of receivables")),
    Choice("advance_received", _l("Advances received")),
    Choice("inventory", _l("Goods in stock")),
    Choice("uninvoiced_receipts", _l("Goods received, not invoiced")),
    Choice("stock_difference", _l("Stock differences")),
    Choice("cogs", _l("Cost of goods sold")),
    Choice("sales", _l("Sales")),
    Choice("tax_payable", _l("Tax on sales")),
    Choice("fx_gain", _l("Exchange gains")),
    Choice("fx_loss", _l("Exchange losses")),
    Choice("discount_given", _l("Early-payment discounts given")),
    Choice("write_off", _l("Small differences written off")),
    Choice("bad_debt", _l("Bad debts")),
    Choice("bad_debt_recovered", _l("Bad debts recovered")),
    Choice("allowance", _l("Allowance for credit losses")),
    Choice("allowance_expense", _l("Expected credit losses")),
    Choice("opening", _l("Opening balances")),
)
JOURNAL_KINDS = (
    Choice("sales", _l("Sales")),
    Choice("bank", lazy_pgettext("journal", "Bank")),
    Choice("cash", _l("Cash")),
    Choice("inventory", _l("Stock")),
    Choice("general", _l("General")),
)


class Account(Record):
    """An account of the chart. `role` says for which automatic postings it serves."""

    __tablename__ = "ledger_accounts"
    record_name = "account"

    code: Mapped[str] = mapped_column(unique=True, info={"label": _l("Account number")})
    name: Mapped[str] = mapped_column(info={"label": _l("Name")})
    name_zh: Mapped[str | None] = mapped_column(info={"label": _l("Name in Chinese")})
    kind: Mapped[str] = mapped_column(info={"label": _l("Kind"), "choices": ACCOUNT_KINDS})
    role: Mapped[str | None] = mapped_column(info={"label": _l("Used for"), "choices": ACCOUNT_ROLES})
    currency: Mapped[str | None] = mapped_column(info={"label": _l("Kept in")})
    """Of a bank account or cash: its own currency, when that is not the company's. Every line on it then has an amount in it."""
    active: Mapped[bool] = mapped_column(default=True, info={"label": _l("In use")})
    note: Mapped[str | None] = mapped_column(info={"label": _l("Note")})

    __table_args__ = (
        CheckConstraint("kind IN ('asset', 'liability', 'equity', 'income', 'expense')", name="kind_known"),
        Index(
            "uq_ledger_accounts_role",
            "role",
            unique=True,
            sqlite_where=text("role NOT IN ('bank', 'cash')"),
            postgresql_where=text("role NOT IN ('bank', 'cash')"),
        ),
    )

    @property
    def label(self) -> Any:
        """Its name in the language of whoever reads it."""
        return two_languages(self.name, self.name_zh)


class Journal(Record):
    """A book of entries of one kind, numbered by year without gaps."""

    __tablename__ = "journals"
    record_name = "journal"

    code: Mapped[str] = mapped_column(unique=True, info={"label": _l("Code")})
    name: Mapped[str] = mapped_column(info={"label": _l("Name")})
    name_zh: Mapped[str | None] = mapped_column(info={"label": _l("Name in Chinese")})
    kind: Mapped[str] = mapped_column(info={"label": _l("Kind"), "choices": JOURNAL_KINDS})
    purpose: Mapped[str | None] = mapped_column(unique=True)
    """invoice, credit_note, payment, stock, general: which documents are booked here"""

    __table_args__ = (CheckConstraint("kind IN ('sales', 'bank', 'cash', 'inventory', 'general')", name="kind_known"),)

    @property
    def label(self) -> Any:
        return two_languages(self.name, self.name_zh)


class JournalNumber(Base):
    """How far the numbers of a journal have come in a year. The row is the lock of whoever takes one."""

    __tablename__ = "journal_numbers"

    journal_id: Mapped[int] = mapped_column(ForeignKey("journals.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    next: Mapped[int] = mapped_column(default=1)


PERIOD_FLOW = Workflow(
    "accounting_period",
    states=(
        State("open", lazy_pgettext("period", "Open"), "green"),
        State("closed", lazy_pgettext("period", "Closed"), "gray"),
    ),
    moves=(
        Move("close", _l("Close the month"), ("open",), "closed", PERIOD_CLOSE, icon="lock"),
        Move("reopen", _l("Open again"), ("closed",), "open", PERIOD_REOPEN, reason="required", icon="lock-open"),
    ),
)


class Period(Record):
    """A month of the books. A month without a row is open."""

    __tablename__ = "accounting_periods"
    record_name = "accounting_period"
    unaudited = Record.unaudited | {"status"}

    year: Mapped[int] = mapped_column(info={"label": _l("Year")})
    month: Mapped[int] = mapped_column(info={"label": _l("Month")})
    status: Mapped[str] = mapped_column(default=PERIOD_FLOW.initial, info={"label": _l("Status")})

    __table_args__ = (
        PERIOD_FLOW.check(),
        CheckConstraint("month BETWEEN 1 AND 12", name="month_known"),
        UniqueConstraint("year", "month"),
    )

    @property
    def first(self) -> Day:
        return Day(self.year, self.month, 1)


ENTRY_FLOW = Workflow(
    "journal_entry",
    states=(State("draft", _l("Draft"), "yellow"), State("posted", _l("Posted"), "green")),
    moves=(
        Move("post", lazy_pgettext("ledger", "Post"), ("draft",), "posted", ENTRY_POST, icon="check", kind="primary"),
    ),
)


class Entry(Record):
    """An entry in a journal. Once posted neither it nor its lines change any more: the database refuses, see `triggers`."""

    __tablename__ = "journal_entries"
    record_name = "journal_entry"
    unaudited = Record.unaudited | {"status", "number", "posted_at", "posted_by_id", "total"}

    journal_id: Mapped[int] = mapped_column(ForeignKey("journals.id"), info={"label": _l("Journal")})
    number: Mapped[str | None] = mapped_column(unique=True, info={"label": _l("Number")})
    date: Mapped[Day] = mapped_column(info={"label": _l("Date")})
    text: Mapped[str] = mapped_column(info={"label": lazy_pgettext("entry", "Text")})
    status: Mapped[str] = mapped_column(default=ENTRY_FLOW.initial, info={"label": _l("Status")})
    total: Mapped[Decimal] = mapped_column(AMOUNT, default=Decimal(0), info={"label": _l("Amount")})
    """Of either side, in the company's currency"""
    document_type: Mapped[str | None]
    document_id: Mapped[int | None]
    """What is booked: (invoice, 7)"""
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("journal_entries.id"), unique=True)
    posted_at: Mapped[datetime | None]
    posted_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))

    journal: Mapped[Journal] = relationship()
    reverses: Mapped["Entry | None"] = relationship(remote_side="Entry.id")
    lines: Mapped[list["EntryLine"]] = relationship(
        back_populates="entry", cascade="all, delete-orphan", order_by="EntryLine.position", passive_deletes=True
    )

    __table_args__ = (
        ENTRY_FLOW.check(),
        Index(None, "date", "id"),
        Index(None, "journal_id", "id"),
        Index(None, "status", "date"),
        Index(None, "document_type", "document_id"),
    )


class EntryLine(Base):
    """One side of an entry: debit or credit in the company's currency, never both.

    In another currency `amount_currency` is what was booked, with the sign of the debit. `customer_id` is the one thing that
    may still change on a posted line, for merging two records of one customer leads everything to the one that stays.
    """

    __tablename__ = "entry_lines"

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("journal_entries.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(default=0)
    account_id: Mapped[int] = mapped_column(ForeignKey("ledger_accounts.id"))
    date: Mapped[Day]
    """That of its entry, so that an account's balance on a day is read from one index"""
    posted: Mapped[bool] = mapped_column(default=False)
    """As its entry: only posted lines count"""
    debit: Mapped[Decimal] = mapped_column(AMOUNT, default=Decimal(0))
    credit: Mapped[Decimal] = mapped_column(AMOUNT, default=Decimal(0))
    currency: Mapped[str | None]
    amount_currency: Mapped[Decimal | None] = mapped_column(AMOUNT)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"), index=True)
    text: Mapped[str | None]

    entry: Mapped[Entry] = relationship(back_populates="lines")
    account: Mapped[Account] = relationship()

    __table_args__ = (
        CheckConstraint("debit >= 0 AND credit >= 0 AND (debit = 0 OR credit = 0)", name="one_side"),
        Index(None, "entry_id"),
        Index("ix_entry_lines_account", "account_id", "posted", "date", "debit", "credit"),
        {"info": {"label": _l("Lines of journal entries")}},
    )

    @property
    def amount(self) -> Decimal:
        """Debit above zero, credit below."""
        return self.debit - self.credit
