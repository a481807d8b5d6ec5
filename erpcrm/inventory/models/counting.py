"""Stock counts: what somebody has counted of what the books say lies at a place."""

from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, false, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from erpcrm.access.models import User
from erpcrm.catalog.models import Product
from erpcrm.core.db import Record
from erpcrm.core.exact import QUANTITY
from erpcrm.core.i18n import _l, lazy_pgettext
from erpcrm.core.workflow import Move, State, Workflow

from .incoming import EDIT
from .places import Location, Warehouse
from .stock import Lot

COUNT = "inventory.count.edit"

COUNT_FLOW = Workflow(
    "stock_count",
    states=(
        State("counting", lazy_pgettext("count", "Being counted"), "blue"),
        State("posted", lazy_pgettext("count", "Posted"), "green"),
        State("cancelled", lazy_pgettext("count", "Cancelled"), "gray"),
    ),
    moves=(
        Move(
            "post",
            _l("Post the differences"),
            ("counting",),
            "posted",
            EDIT,
            kind="primary",
            page="inventory.count_differences",
        ),
        Move("cancel", _l("Cancel"), ("counting",), "cancelled", COUNT, reason="optional", icon="ban", kind="danger"),
    ),
)


class StockCount(Record):
    """What lies in a warehouse, at one of its locations or of one category, is counted. Posted, the books say what was counted."""

    __tablename__ = "stock_counts"
    record_name = "stock_count"
    unaudited: ClassVar[frozenset[str]] = Record.unaudited | {"status"}

    number: Mapped[str] = mapped_column(unique=True, info={"label": _l("Number")})
    status: Mapped[str] = mapped_column(default=COUNT_FLOW.initial, info={"label": _l("Status")})
    warehouse_id: Mapped[int] = mapped_column(ForeignKey("warehouses.id"), index=True, info={"label": _l("Warehouse")})
    location_id: Mapped[int | None] = mapped_column(ForeignKey("locations.id"), info={"label": _l("Location")})
    """None: all of the warehouse"""
    category: Mapped[str | None] = mapped_column(info={"label": _l("Category"), "options": "product.category"})
    """None: of all categories"""
    shows_expected: Mapped[bool] = mapped_column(
        default=True, server_default=true(), info={"label": _l("Show what the books say")}
    )
    note: Mapped[str | None] = mapped_column(info={"label": _l("Note")})
    posted_at: Mapped[datetime | None] = mapped_column(info={"label": _l("Posted")})

    warehouse: Mapped[Warehouse] = relationship()
    location: Mapped[Location | None] = relationship()

    __table_args__ = (COUNT_FLOW.check(), Index(None, "status", "id"), Index(None, "created_at", "id"))


class StockCountLine(Record):
    """A product, and perhaps a lot, at a location. Quantities are in the product's own unit.

    What counts is what the books said in the moment in which somebody counted: goods that come or go afterwards change the
    books and the shelf alike. `mark` is the last stock move of the product until then.
    """

    __tablename__ = "stock_count_lines"
    record_name = "stock_count_line"
    record_label = _l("Line")
    audit_parent = ("stock_count", "count_id")
    told_when_created = False
    unaudited: ClassVar[frozenset[str]] = Record.unaudited | {"mark", "counted_at", "difference", "expected"}

    count_id: Mapped[int] = mapped_column(ForeignKey("stock_counts.id", ondelete="CASCADE"))
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), index=True, info={"label": _l("Product")})
    location_id: Mapped[int] = mapped_column(ForeignKey("locations.id"), index=True, info={"label": _l("Location")})
    lot_id: Mapped[int | None] = mapped_column(ForeignKey("lots.id"), index=True, info={"label": _l("Lot")})
    expected: Mapped[Decimal] = mapped_column(QUANTITY)
    """What the books said when the sheet was made"""
    counted: Mapped[Decimal | None] = mapped_column(QUANTITY, info={"label": _l("Counted")})
    booked: Mapped[Decimal | None] = mapped_column(QUANTITY, info={"label": lazy_pgettext("count", "In the books")})
    """What the books said when it was counted"""
    mark: Mapped[int | None]
    counted_at: Mapped[datetime | None]
    counted_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), info={"label": _l("Counted by")}
    )
    recount: Mapped[bool] = mapped_column(
        default=False, server_default=false(), info={"label": _l("To be counted again")}
    )
    """Somebody else than `first_by` is to count it again"""
    first_counted: Mapped[Decimal | None] = mapped_column(QUANTITY, info={"label": _l("First count")})
    first_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), info={"label": _l("First counted by")}
    )
    difference: Mapped[Decimal | None] = mapped_column(QUANTITY)
    """What was posted"""

    count: Mapped[StockCount] = relationship()
    product: Mapped[Product] = relationship()
    location: Mapped[Location] = relationship()
    lot: Mapped[Lot | None] = relationship()
    counted_by: Mapped[User | None] = relationship(foreign_keys=[counted_by_id])
    first_by: Mapped[User | None] = relationship(foreign_keys=[first_by_id])

    __table_args__ = (
        CheckConstraint("counted >= 0", name="counted_not_negative"),
        UniqueConstraint("count_id", "product_id", "location_id", "lot_id"),
        Index(
            "uq_stock_count_lines_without_lot",
            "count_id",
            "product_id",
            "location_id",
            unique=True,
            sqlite_where=text("lot_id IS NULL"),
            postgresql_where=text("lot_id IS NULL"),
        ),
    )

    @property
    def waits_for_recount(self) -> bool:
        return self.recount and self.counted is None

    @property
    def found(self) -> Decimal:
        """How much more is there than the books said when it was counted; below zero: how much is missing."""
        return (self.counted or Decimal(0)) - (self.booked or Decimal(0))
