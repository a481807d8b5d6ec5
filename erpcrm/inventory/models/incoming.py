"""Receipts: what is expected and what came; and adjustments, by which stock is put right."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from erpcrm.catalog.models import Product
from erpcrm.company.models import COMPANY_MONEY
from erpcrm.core.db import Record
from erpcrm.core.exact import AMOUNT, PRICE, QUANTITY
from erpcrm.core.i18n import _l, lazy_pgettext
from erpcrm.core.records import Choice
from erpcrm.core.workflow import Move, State, Workflow

from .places import Location, Warehouse
from .stock import ZERO, Lot

VIEW = "inventory.stock.view"
EDIT = "inventory.stock.edit"
RECEIVE = "inventory.receipt.edit"
SETUP = "inventory.setup.edit"

RECEIPT_FLOW = Workflow(
    "receipt",
    states=(
        State("planned", lazy_pgettext("receipt", "Planned"), "blue"),
        State("received", lazy_pgettext("receipt", "Received"), "green"),
        State("cancelled", lazy_pgettext("receipt", "Cancelled"), "gray"),
    ),
    moves=(
        Move(
            "receive_part",
            _l("Received in part"),
            ("planned",),
            "planned",
            RECEIVE,
            icon="package",
            page="inventory.receive_form_page",
        ),
        Move(
            "receive",
            _l("Receive"),
            ("planned",),
            "received",
            RECEIVE,
            icon="package",
            kind="primary",
            page="inventory.receive_form_page",
        ),
        Move("close", _l("Nothing more comes"), ("planned",), "received", RECEIVE, reason="optional", icon="lock"),
        Move("cancel", _l("Cancel"), ("planned",), "cancelled", RECEIVE, reason="optional", icon="ban", kind="danger"),
        Move("plan_again", _l("Plan again"), ("cancelled",), "planned", RECEIVE, icon="rotate-clockwise"),
    ),
)
"""Every part that comes is a move, so that whoever keeps the books hears of it: `details["moves"]` are the stock moves."""

ADJUSTMENT_FLOW = Workflow(
    "stock_adjustment",
    states=(
        State("draft", lazy_pgettext("adjustment", "Draft"), "gray"),
        State("posted", lazy_pgettext("adjustment", "Posted"), "green"),
    ),
    moves=(Move("post", lazy_pgettext("adjustment", "Post"), ("draft",), "posted", EDIT),),
)
"""Posted in the moment in which it is written: the move is there for those who keep the books."""

FOUND, LOST, SCRAPPED, DISPOSED, CARRIED = "found", "lost", "scrapped", "disposed", "carried"
ADJUSTMENT_KINDS = (
    Choice(FOUND, _l("Found: stock goes up"), "green"),
    Choice(LOST, _l("Missing: stock goes down"), "red"),
    Choice(SCRAPPED, _l("Scrapped"), "orange"),
    Choice(DISPOSED, _l("Scrap disposed of"), "gray"),
    Choice(CARRIED, _l("Carried to another location"), "blue"),
)


OPENING, TAKEN_BACK = "Opening stock", "Opening stock taken back"
REASONS = {OPENING: _l("Opening stock"), TAKEN_BACK: _l("Opening stock taken back")}
"""Reasons that the program itself gives."""


def reason_words(reason: str) -> Any:
    """The reason of an adjustment as its reader calls it."""
    return REASONS.get(reason, reason)


class Receipt(Record):
    """Goods that are expected in a warehouse, and that come, all at once or in parts."""

    __tablename__ = "receipts"
    record_name = "receipt"
    unaudited: ClassVar[frozenset[str]] = Record.unaudited | {"status"}

    number: Mapped[str] = mapped_column(unique=True, info={"label": _l("Number")})
    status: Mapped[str] = mapped_column(default=RECEIPT_FLOW.initial, info={"label": _l("Status")})
    warehouse_id: Mapped[int] = mapped_column(ForeignKey("warehouses.id"), index=True, info={"label": _l("Warehouse")})
    sender: Mapped[str | None] = mapped_column(info={"label": _l("From whom")})
    reference: Mapped[str | None] = mapped_column(info={"label": _l("Their reference")})
    expected_on: Mapped[date | None] = mapped_column(info={"label": _l("Expected on")})
    received_at: Mapped[datetime | None] = mapped_column(info={"label": lazy_pgettext("day", "Received")})
    note: Mapped[str | None] = mapped_column(info={"label": _l("Note")})

    warehouse: Mapped[Warehouse] = relationship()
    lines: Mapped[list["ReceiptLine"]] = relationship(
        cascade="all, delete-orphan", order_by="ReceiptLine.id", back_populates="receipt"
    )

    __table_args__ = (
        RECEIPT_FLOW.check(),
        Index(None, "status", "expected_on", "id"),
        Index(None, "expected_on", "id"),
        Index(None, "received_at", "id"),
    )


class ReceiptLine(Record):
    """So many units of a product, at what one unit costs in the company's currency."""

    __tablename__ = "receipt_lines"
    record_name = "receipt_line"
    record_label = _l("Line")
    audit_parent = ("receipt", "receipt_id")
    unaudited: ClassVar[frozenset[str]] = Record.unaudited | {
        "received",
        "unit_cost",
    }  # costs are not everybody's to see

    receipt_id: Mapped[int] = mapped_column(ForeignKey("receipts.id", ondelete="CASCADE"), index=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), index=True, info={"label": _l("Product")})
    quantity: Mapped[Decimal] = mapped_column(QUANTITY, info={"label": _l("Quantity")})
    unit: Mapped[str] = mapped_column(info={"label": _l("Unit"), "options": "product.unit"})
    factor: Mapped[Decimal] = mapped_column(QUANTITY)
    """How many of the product's own unit are in one `unit`"""
    unit_cost: Mapped[Decimal | None] = mapped_column(PRICE, info={"label": _l("Unit cost")})
    """Of one `unit`; None: what the product costs anyway"""
    received: Mapped[Decimal] = mapped_column(QUANTITY, default=ZERO, info={"label": _l("Received")})

    receipt: Mapped[Receipt] = relationship(back_populates="lines")
    product: Mapped[Product] = relationship()

    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("received >= 0", name="received_not_negative"),
        CheckConstraint("unit_cost IS NULL OR unit_cost >= 0", name="cost_not_negative"),
    )

    @property
    def expected(self) -> Decimal:
        """What has not come yet, in `unit`."""
        return max(self.quantity - self.received, ZERO)


class StockAdjustment(Record):
    """Why stock was changed by hand, and by how much."""

    __tablename__ = "stock_adjustments"
    record_name = "stock_adjustment"
    unaudited: ClassVar[frozenset[str]] = Record.unaudited | {"status", "value"}

    number: Mapped[str] = mapped_column(unique=True, info={"label": _l("Number")})
    status: Mapped[str] = mapped_column(default=ADJUSTMENT_FLOW.initial, info={"label": _l("Status")})
    kind: Mapped[str] = mapped_column(info={"label": _l("Kind"), "choices": ADJUSTMENT_KINDS})
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), index=True, info={"label": _l("Product")})
    lot_id: Mapped[int | None] = mapped_column(ForeignKey("lots.id"), index=True, info={"label": _l("Lot")})
    from_id: Mapped[int] = mapped_column(
        ForeignKey("locations.id"), index=True, info={"label": lazy_pgettext("move", "From")}
    )
    to_id: Mapped[int] = mapped_column(
        ForeignKey("locations.id"), index=True, info={"label": lazy_pgettext("move", "To")}
    )
    quantity: Mapped[Decimal] = mapped_column(QUANTITY, info={"label": _l("Quantity")})
    reason: Mapped[str] = mapped_column(info={"label": _l("Reason"), "words": reason_words})
    value: Mapped[Decimal] = mapped_column(
        AMOUNT, default=ZERO, info=COMPANY_MONEY | {"label": lazy_pgettext("goods", "Value")}
    )

    takes_back_id: Mapped[int | None] = mapped_column(
        ForeignKey("stock_adjustments.id"), unique=True, info={"label": _l("Takes back the adjustment")}
    )

    product: Mapped[Product] = relationship()
    lot: Mapped[Lot | None] = relationship()
    source: Mapped[Location] = relationship(foreign_keys=[from_id])
    target: Mapped[Location] = relationship(foreign_keys=[to_id])

    __table_args__ = (
        ADJUSTMENT_FLOW.check(),
        CheckConstraint("kind IN ('found', 'lost', 'scrapped', 'disposed', 'carried')", name="kind_known"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
    )
