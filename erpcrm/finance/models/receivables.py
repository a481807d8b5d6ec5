"""What customers owe: items that fall due, and the allocations that settle them; payments and write-offs."""

from datetime import date as Day
from decimal import Decimal

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, literal_column, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from erpcrm.core.db import Base, Record
from erpcrm.core.exact import AMOUNT, QUANTITY, RATE
from erpcrm.core.i18n import _l, lazy_pgettext
from erpcrm.core.records import Choice
from erpcrm.core.workflow import Move, State, Workflow
from erpcrm.customers.models import Customer

from .ledger import Account, Entry

RECEIVABLE_VIEW = "finance.receivable.view"
PAYMENT_EDIT = "finance.payment.edit"
PAYMENT_REFUND = "finance.payment.refund"
WRITE_OFF = "finance.receivable.write_off"

ITEM_KINDS = (
    Choice("invoice", _l("Invoice"), "blue"),
    Choice("credit_note", _l("Credit note"), "purple"),
    Choice("payment", _l("Payment"), "green"),
    Choice("refund", _l("Refund"), "orange"),
    Choice("opening", _l("Opening item"), "gray"),
    Choice("discount", _l("Early-payment discount"), "gray"),
    Choice("write_off", _l("Write-off"), "red"),
    Choice("reversal", _l("Reversal"), "red"),
)


class CustomerAccount(Base):
    """A customer's account with us. Its row is the lock: whoever allocates, dunns or checks credit holds it first."""

    __tablename__ = "customer_accounts"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), primary_key=True, autoincrement=False)
    dunning_stop: Mapped[bool] = mapped_column(default=False)
    dunning_note: Mapped[str | None]
    """Why this customer gets no reminders"""
    dunning_until: Mapped[Day | None]
    """Until when; None: until somebody lifts it"""


class PaymentTerm(Record):
    """When an amount on these terms falls due, and what is taken off when it comes early. Without a row the default holds."""

    __tablename__ = "payment_terms"
    record_name = "payment_term"

    value: Mapped[str] = mapped_column(
        unique=True, info={"label": _l("Payment terms"), "options": "customer.payment_terms"}
    )
    parts: Mapped[list[list[str | int]]] = mapped_column(JSON, info={"label": _l("Due")})
    """[[percent as text, "day" or "month_end", days], ...]: together 100 percent"""
    discount: Mapped[Decimal] = mapped_column(AMOUNT, default=Decimal(0), info={"label": _l("Early-payment discount")})
    """Percent"""
    discount_days: Mapped[int] = mapped_column(default=0, info={"label": _l("When paid within days")})
    lowers_tax: Mapped[bool | None] = mapped_column(info={"label": _l("Discount taken also lowers the tax")})
    """Where the law counts the discount as a lower price (§ 17 UStG), not as a cost of finance"""


class ReceivableItem(Record):
    """One amount that a customer owes us (above zero) or that we owe them (below): a due row of an invoice, a payment.

    `open` and `base_open` are what allocations have left of `amount` and of `base_amount`, its worth in the company's
    currency: a sum kept beside them, changed under the lock of the customer's account alone.
    """

    __tablename__ = "receivable_items"
    record_name = "receivable_item"
    unaudited = Record.unaudited | {"open", "base_open", "closed_on", "dunning_level", "dunned_on"}
    told_when_created = False  # its document tells

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), info={"label": _l("Customer")})
    kind: Mapped[str] = mapped_column(info={"label": _l("Kind"), "choices": ITEM_KINDS})
    number: Mapped[str] = mapped_column(info={"label": _l("Number")})
    document_type: Mapped[str | None]
    document_id: Mapped[int | None]
    entry_id: Mapped[int] = mapped_column(ForeignKey("journal_entries.id"), index=True)
    date: Mapped[Day] = mapped_column(info={"label": _l("Date")})
    due_on: Mapped[Day] = mapped_column(info={"label": _l("Due on")})
    currency: Mapped[str] = mapped_column(info={"label": _l("Currency")})
    rate: Mapped[Decimal] = mapped_column(RATE, info={"label": _l("Rate")})
    amount: Mapped[Decimal] = mapped_column(AMOUNT, info={"label": _l("Amount")})
    open: Mapped[Decimal] = mapped_column(AMOUNT, default=Decimal(0))
    base_amount: Mapped[Decimal] = mapped_column(AMOUNT)
    base_open: Mapped[Decimal] = mapped_column(AMOUNT, default=Decimal(0))
    discount_until: Mapped[Day | None] = mapped_column(info={"label": _l("Discount until")})
    discount: Mapped[Decimal] = mapped_column(AMOUNT, default=Decimal(0), info={"label": _l("Discount")})
    """What may be taken off when it is paid until then"""
    lowers_tax: Mapped[bool | None]
    """Whether the discount lowers the tax too: what its terms said when it was posted"""
    closed_on: Mapped[Day | None]
    """The day on which nothing was left open"""
    dunning_level: Mapped[int] = mapped_column(default=0, info={"label": _l("Dunning level")})
    dunned_on: Mapped[Day | None] = mapped_column(info={"label": _l("Reminded on")})
    disputed: Mapped[bool] = mapped_column(default=False, info={"label": _l("Disputed")})
    """The customer disputes it: it is left out of reminders"""

    customer: Mapped[Customer] = relationship()
    entry: Mapped[Entry] = relationship()

    __table_args__ = (
        CheckConstraint("amount <> 0", name="amount_not_zero"),
        # Between nothing and the whole amount, on the amount's own side: nothing is ever allocated beyond what there is.
        CheckConstraint(
            "(amount > 0 AND open >= 0 AND open <= amount) OR (amount < 0 AND open <= 0 AND open >= amount)",
            name="open_within_amount",
        ),
        CheckConstraint("open <> 0 OR base_open = 0", name="closed_in_both"),
        Index(None, "customer_id", "date"),
        Index(None, "due_on", "id"),
        Index(None, "date", "id"),
        Index(None, "document_type", "document_id"),
        Index(None, "number"),
        Index(
            "ix_receivable_items_open",
            "customer_id",
            "due_on",
            "date",
            "amount",
            "open",
            "base_open",
            sqlite_where=text("open <> 0"),
            postgresql_where=text("open <> 0"),
        ),
        Index("ix_receivable_items_closed_on", "closed_on", "date"),
    )


class DiscountShare(Base):
    """One tax's share of an early-payment discount that was given, in the invoice's currency and the company's.

    `item_id` is the item that stands for the discount. A discount that leaves the tax as it is has one share, without tax.
    """

    __tablename__ = "discount_shares"

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("receivable_items.id"), index=True)
    payment_item_id: Mapped[int | None] = mapped_column(ForeignKey("receivable_items.id"), index=True)
    """The payment that earned it: cancelled, it takes the discount along"""
    tax_id: Mapped[int | None] = mapped_column(ForeignKey("taxes.id"), index=True)
    tax_rate: Mapped[Decimal] = mapped_column(QUANTITY, default=Decimal(0))
    net: Mapped[Decimal] = mapped_column(AMOUNT)
    tax: Mapped[Decimal] = mapped_column(AMOUNT, default=Decimal(0))
    base_net: Mapped[Decimal] = mapped_column(AMOUNT)
    base_tax: Mapped[Decimal] = mapped_column(AMOUNT, default=Decimal(0))

    item: Mapped[ReceivableItem] = relationship(foreign_keys=[item_id])

    __table_args__ = ({"info": {"label": _l("Early-payment discounts")}},)


STILL_OPEN = ReceivableItem.open != literal_column("0")
"""Said with the number itself: a database takes the index of what is open only where it reads the same condition."""


class Allocation(Base):
    """So much of a credit (payment, credit note) settles so much of a debit (invoice), on a day. Taken back by another one
    with the amounts below zero, never deleted."""

    __tablename__ = "allocations"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    debit_id: Mapped[int] = mapped_column(ForeignKey("receivable_items.id"), index=True)
    credit_id: Mapped[int] = mapped_column(ForeignKey("receivable_items.id"), index=True)
    date: Mapped[Day]
    amount: Mapped[Decimal] = mapped_column(AMOUNT)
    """In the currency of both"""
    debit_base: Mapped[Decimal] = mapped_column(AMOUNT)
    """What that was worth in the company's currency when it was invoiced"""
    credit_base: Mapped[Decimal] = mapped_column(AMOUNT)
    """And when it was paid; the difference is booked by `entry_id`"""
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("journal_entries.id"))
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("allocations.id"), unique=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))

    debit: Mapped[ReceivableItem] = relationship(foreign_keys=[debit_id])
    credit: Mapped[ReceivableItem] = relationship(foreign_keys=[credit_id])

    __table_args__ = (
        CheckConstraint("amount <> 0 AND (amount > 0 OR reverses_id IS NOT NULL)", name="amount_of_one_side"),
        # Days before today are told by what was allocated since: all of it is read from the index.
        Index("ix_allocations_date", "date", "debit_id", "credit_id", "amount", "debit_base", "credit_base"),
        {"info": {"label": _l("Allocations")}},
    )


PAYMENT_FLOW = Workflow(
    "payment",
    states=(State("posted", _l("Posted"), "green"), State("cancelled", _l("Cancelled"), "gray")),
    moves=(
        Move(
            "cancel", _l("Cancel"), ("posted",), "cancelled", PAYMENT_EDIT, reason="required", icon="ban", kind="danger"
        ),
    ),
)
DIRECTIONS = (Choice("in", lazy_pgettext("payment", "Received"), "green"), Choice("out", _l("Paid back"), "orange"))


class Payment(Record):
    """Money received from a customer, or paid back to one. Posted at once; a mistake is cancelled, which reverses it."""

    __tablename__ = "payments"
    record_name = "payment"
    unaudited = Record.unaudited | {"item_id"}  # what the program makes of it, the moment after

    number: Mapped[str] = mapped_column(unique=True, info={"label": _l("Number")})
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), info={"label": _l("Customer")})
    direction: Mapped[str] = mapped_column(default="in", info={"label": _l("Direction"), "choices": DIRECTIONS})
    date: Mapped[Day] = mapped_column(info={"label": _l("Date")})
    amount: Mapped[Decimal] = mapped_column(AMOUNT, info={"label": _l("Amount")})
    currency: Mapped[str] = mapped_column(info={"label": _l("Currency")})
    rate: Mapped[Decimal] = mapped_column(RATE, info={"label": _l("Rate")})
    base_amount: Mapped[Decimal] = mapped_column(AMOUNT, info={"label": _l("In the company’s currency")})
    account_id: Mapped[int] = mapped_column(
        ForeignKey("ledger_accounts.id"), info={"label": _l("Bank account or cash")}
    )
    bank_amount: Mapped[Decimal | None] = mapped_column(AMOUNT, info={"label": _l("On the account")})
    """What came to the account, or left it, in the account's own currency"""
    reference: Mapped[str | None] = mapped_column(info={"label": _l("Reference")})
    note: Mapped[str | None] = mapped_column(info={"label": _l("Note")})
    status: Mapped[str] = mapped_column(default=PAYMENT_FLOW.initial, info={"label": _l("Status")})
    entry_id: Mapped[int] = mapped_column(ForeignKey("journal_entries.id"))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("receivable_items.id"))

    customer: Mapped[Customer] = relationship()
    account: Mapped[Account] = relationship()
    item: Mapped[ReceivableItem | None] = relationship()

    __table_args__ = (
        PAYMENT_FLOW.check(),
        CheckConstraint("direction IN ('in', 'out')", name="direction_known"),
        CheckConstraint("amount > 0 AND base_amount > 0", name="amount_above_zero"),
        Index(None, "customer_id", "id"),
        Index(None, "date", "id"),
        Index(None, "status", "id"),
        Index(None, "account_id", "date"),
        Index(None, "item_id"),
    )


class Revaluation(Record):
    """What open amounts in other currencies were worth on a day: booked then, and taken back on the day after."""

    __tablename__ = "revaluations"
    record_name = "revaluation"

    date: Mapped[Day] = mapped_column(unique=True, info={"label": _l("Date")})
    difference: Mapped[Decimal] = mapped_column(AMOUNT, info={"label": _l("Difference")})
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("journal_entries.id"))
    reversal_id: Mapped[int | None] = mapped_column(ForeignKey("journal_entries.id"))
    rates: Mapped[list[list[str]]] = mapped_column(JSON, default=list)
    """[[currency, rate, open amount, worth in the books, worth on the day], ...]"""
