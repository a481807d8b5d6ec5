"""Invoices and credit notes."""

from datetime import date as Day
from decimal import Decimal
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, and_, literal_column, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from erpcrm.core.db import Record
from erpcrm.core.exact import AMOUNT, QUANTITY
from erpcrm.core.fields import HasCustom
from erpcrm.core.i18n import _l, lazy_pgettext
from erpcrm.core.records import Choice
from erpcrm.core.workflow import Move, State, Workflow
from erpcrm.sales.models import OrderLine, PricedLine, SalesOrder, SoldDocument, document_args, line_args

INVOICE_VIEW = "finance.invoice.view"
INVOICE_EDIT = "finance.invoice.edit"
INVOICE_POST = "finance.invoice.post"

INVOICE_FLOW = Workflow(
    "invoice",
    states=(State("draft", _l("Draft"), "yellow"), State("posted", _l("Posted"), "green")),
    moves=(
        Move("post", lazy_pgettext("ledger", "Post"), ("draft",), "posted", INVOICE_POST, icon="check", kind="primary"),
    ),
)
INVOICE_KINDS = (Choice("invoice", _l("Invoice"), "blue"), Choice("credit_note", _l("Credit note"), "purple"))
LINE_USES = ("sales", "advance", "deduction")
"""What a line is: something sold, money asked for in advance, or such money taken off a later invoice"""


class Invoice(SoldDocument, HasCustom, Record):
    """What a customer has to pay, or, as a credit note, what takes it back. It gets its number when it is posted, and is as
    fixed as its journal entry from then on: the database refuses, see `triggers`. Amounts of a credit note stand above zero too.

    A credit note need not credit an invoice of ours: goodwill, a bonus, an invoice of the time before the system.
    """

    __tablename__ = "invoices"
    record_name = "invoice"
    unaudited: ClassVar[frozenset[str]] = Record.unaudited | {
        "status",
        "rate",
        "base_gross",
        "base_net",
        "base_cost",
        "tax_rounding",
        "number",
        "entry_id",
    }

    kind: Mapped[str] = mapped_column(default="invoice", info={"label": _l("Kind"), "choices": INVOICE_KINDS})
    number: Mapped[str | None] = mapped_column(unique=True, info={"label": _l("Number")})
    """That of its journal entry"""
    status: Mapped[str] = mapped_column(default=INVOICE_FLOW.initial, info={"label": _l("Status")})
    date: Mapped[Day] = mapped_column(info={"label": _l("Date")})
    order_id: Mapped[int | None] = mapped_column(
        ForeignKey("sales_orders.id"), index=True, info={"label": _l("Sales order")}
    )
    contract_id: Mapped[int | None] = mapped_column(
        ForeignKey("contracts.id"), index=True, info={"label": _l("Contract")}
    )
    bill_id: Mapped[int | None] = mapped_column(
        ForeignKey("contract_bills.id", ondelete="SET NULL"), index=True, info={"label": _l("Planned invoice")}
    )
    credits_id: Mapped[int | None] = mapped_column(
        ForeignKey("invoices.id"), index=True, info={"label": _l("Credits invoice")}
    )
    reason: Mapped[str | None] = mapped_column(info={"label": _l("Reason")})
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("journal_entries.id"))
    sent_on: Mapped[Day | None] = mapped_column(info={"label": _l("Sent on")})

    order: Mapped[SalesOrder | None] = relationship()
    credits: Mapped["Invoice | None"] = relationship(remote_side="Invoice.id")
    lines: Mapped[list["InvoiceLine"]] = relationship(
        cascade="all, delete-orphan", order_by="InvoiceLine.position", back_populates="invoice"
    )

    __table_args__ = document_args(
        INVOICE_FLOW.check(),
        CheckConstraint("kind IN ('invoice', 'credit_note')", name="kind_known"),
        CheckConstraint("kind = 'credit_note' OR credits_id IS NULL", name="only_notes_credit"),
        CheckConstraint("kind = 'invoice' OR reason IS NOT NULL", name="note_says_why"),
        Index(None, "date", "id"),
        Index(None, "base_gross", "id"),
        # What customers have bought, without a look at the invoices themselves.
        Index(
            "ix_invoices_bought",
            *("customer_id", "date", "kind", "base_net", "base_cost"),
            sqlite_where=text("status = 'posted' AND base_net <> 0"),
            postgresql_where=text("status = 'posted' AND base_net <> 0"),
        ),
    )


class InvoiceLine(PricedLine, Record):
    """A line of an invoice. What it deducts of an advance stands below zero in `amount`."""

    __tablename__ = "invoice_lines"
    record_name = "invoice_line"
    record_label = _l("Line")
    audit_parent = ("invoice", "invoice_id")
    unaudited: ClassVar[frozenset[str]] = Record.unaudited | {
        "credited", "credited_amount", "base_net", "use", "origin_id", "order_line_id", "factor", "list_price", "position",
    }  # fmt: skip

    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id", ondelete="CASCADE"), index=True)
    order_line_id: Mapped[int | None] = mapped_column(ForeignKey("sales_order_lines.id"), index=True)
    origin_id: Mapped[int | None] = mapped_column(ForeignKey("invoice_lines.id"), index=True)
    """The line that this one credits, or the advance that it deducts"""
    use: Mapped[str] = mapped_column(default="sales")
    base_net: Mapped[Decimal] = mapped_column(AMOUNT, default=Decimal(0))
    """What was booked of it in the company's currency, without tax; set when it is posted"""
    credited: Mapped[Decimal] = mapped_column(QUANTITY, default=Decimal(0), info={"label": _l("Credited")})
    """So much of its quantity is on posted credit notes"""
    credited_amount: Mapped[Decimal] = mapped_column(AMOUNT, default=Decimal(0))
    """Of an advance: so much of its amount is deducted or credited on what was posted"""

    invoice: Mapped[Invoice] = relationship(back_populates="lines")
    order_line: Mapped[OrderLine | None] = relationship()
    origin: Mapped["InvoiceLine | None"] = relationship(remote_side="InvoiceLine.id")

    __table_args__ = line_args(
        CheckConstraint("use IN ('sales', 'advance', 'deduction')", name="use_known"),
        CheckConstraint("credited >= 0 AND credited <= quantity", name="credited_was_invoiced"),
        CheckConstraint("amount >= 0 OR use = 'deduction'", name="only_deductions_below_zero"),
        Index(
            "ix_invoice_lines_advances",
            "invoice_id",
            sqlite_where=text("use = 'advance' AND credited_amount < amount"),
            postgresql_where=text("use = 'advance' AND credited_amount < amount"),
        ),
    )

    @property
    def to_credit(self) -> Decimal:
        """What may still be credited of its quantity."""
        return self.quantity - self.credited


OPEN_ADVANCE = and_(InvoiceLine.use == literal_column("'advance'"), InvoiceLine.credited_amount < InvoiceLine.amount)
"""Asked for in advance and not taken off yet: few lines of many, and they have an index of their own."""
