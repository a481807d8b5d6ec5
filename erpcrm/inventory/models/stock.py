"""What stock is made of: moves, and the sums that are kept of them.

All quantities are in the product's own unit, all values in the company's currency.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, event, text
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, mapped_column, relationship

from erpcrm.catalog.models import Product
from erpcrm.company.models import COMPANY_MONEY
from erpcrm.core.db import Base, Record
from erpcrm.core.exact import AMOUNT, PRICE, QUANTITY
from erpcrm.core.i18n import _l, lazy_pgettext

from .places import Location, Warehouse

ZERO = Decimal(0)
AVERAGE, FIFO = "average", "fifo"


class Lot(Record):
    """A lot of a product, or the one piece with a serial number."""

    __tablename__ = "lots"
    record_name = "lot"

    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), info={"label": _l("Product")})
    code: Mapped[str] = mapped_column(info={"label": _l("Number")})
    serial: Mapped[bool] = mapped_column(default=False, info={"label": _l("Serial number")})
    expires_on: Mapped[date | None] = mapped_column(info={"label": _l("Best before")})
    note: Mapped[str | None] = mapped_column(info={"label": _l("Note")})

    product: Mapped[Product] = relationship()

    __table_args__ = (
        UniqueConstraint("product_id", "code"),
        Index(None, "code", "id"),
        Index(None, "expires_on", "id"),
    )


class StockMove(Record):
    """A quantity of a product going from one location to another. Never changed and never deleted, in the database either:
    a mistake is moved back.

    `value` is what it is worth; `difference` what was paid beyond that, for goods that had left below zero at a cost that
    turned out to be another.
    """

    __tablename__ = "stock_moves"
    record_name = "stock_move"

    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), info={"label": _l("Product")})
    lot_id: Mapped[int | None] = mapped_column(ForeignKey("lots.id"), info={"label": _l("Lot")})
    from_id: Mapped[int] = mapped_column(ForeignKey("locations.id"), info={"label": lazy_pgettext("move", "From")})
    to_id: Mapped[int] = mapped_column(ForeignKey("locations.id"), info={"label": lazy_pgettext("move", "To")})
    quantity: Mapped[Decimal] = mapped_column(QUANTITY, info={"label": _l("Quantity")})
    value: Mapped[Decimal] = mapped_column(AMOUNT, info=COMPANY_MONEY | {"label": lazy_pgettext("goods", "Value")})
    difference: Mapped[Decimal] = mapped_column(AMOUNT, default=ZERO, info=COMPANY_MONEY)
    moved_at: Mapped[datetime] = mapped_column(info={"label": _l("Moved")})
    document_type: Mapped[str] = mapped_column(info={"label": _l("Document")})
    document_id: Mapped[int]
    line_id: Mapped[int | None]
    """The line of the document, where it has lines"""

    product: Mapped[Product] = relationship()
    lot: Mapped[Lot | None] = relationship()
    source: Mapped[Location] = relationship(foreign_keys=[from_id])
    target: Mapped[Location] = relationship(foreign_keys=[to_id])

    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("from_id <> to_id", name="goes_somewhere"),
        Index(None, "product_id", "id"),
        Index(None, "lot_id", "id"),
        Index(None, "document_type", "document_id"),
        Index(None, "from_id", "id"),
        Index(None, "to_id", "id"),
        Index(None, "moved_at", "id"),
    )


class StockItem(Record):
    """A product in a warehouse: the sums of its stock, and the row that is locked before any of them changes.

    `on_hand` is what lies in the warehouse's stock locations, `reserved` what of it is promised, `incoming` what open
    receipts still expect.
    """

    __tablename__ = "stock_items"
    record_name = "stock_item"
    unaudited: ClassVar[frozenset[str]] = Record.unaudited | {"on_hand", "reserved", "incoming"}

    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), info={"label": _l("Product")})
    warehouse_id: Mapped[int] = mapped_column(ForeignKey("warehouses.id"), info={"label": _l("Warehouse")})
    on_hand: Mapped[Decimal] = mapped_column(QUANTITY, default=ZERO, info={"label": _l("On hand")})
    reserved: Mapped[Decimal] = mapped_column(QUANTITY, default=ZERO, info={"label": _l("Reserved")})
    incoming: Mapped[Decimal] = mapped_column(QUANTITY, default=ZERO, info={"label": _l("Incoming")})

    product: Mapped[Product] = relationship()
    warehouse: Mapped[Warehouse] = relationship()

    __table_args__ = (
        UniqueConstraint("product_id", "warehouse_id"),
        CheckConstraint("reserved >= 0", name="reserved_not_negative"),
        CheckConstraint("incoming >= 0", name="incoming_not_negative"),
        Index(None, "warehouse_id", "product_id"),
        Index(None, "on_hand", "id"),
    )

    @property
    def free(self) -> Decimal:
        return self.on_hand - self.reserved


class StockLevel(Base):
    """How much of a product, and of which lot, lies at a location. Changed only by whoever has locked the product's item."""

    __tablename__ = "stock_levels"

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    location_id: Mapped[int] = mapped_column(ForeignKey("locations.id"), index=True)
    lot_id: Mapped[int | None] = mapped_column(ForeignKey("lots.id"), index=True)
    on_hand: Mapped[Decimal] = mapped_column(QUANTITY, default=ZERO)

    location: Mapped[Location] = relationship()
    lot: Mapped[Lot | None] = relationship()

    __table_args__ = (
        UniqueConstraint("product_id", "location_id", "lot_id"),
        Index(
            "uq_stock_levels_without_lot",
            "product_id",
            "location_id",
            unique=True,
            sqlite_where=text("lot_id IS NULL"),
            postgresql_where=text("lot_id IS NULL"),
        ),
    )


class Reservation(Base):
    """Stock that is promised to a line of a document and not free for another."""

    __tablename__ = "reservations"

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("stock_items.id"), index=True)
    lot_id: Mapped[int | None] = mapped_column(ForeignKey("lots.id"), index=True)
    """Where a certain lot was chosen already"""
    quantity: Mapped[Decimal] = mapped_column(QUANTITY)
    document_type: Mapped[str]
    document_id: Mapped[int]
    line_id: Mapped[int]

    item: Mapped[StockItem] = relationship()

    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        Index(None, "document_type", "document_id"),
        Index(None, "document_type", "line_id"),
    )


class ProductCost(Base):
    """What the company's whole stock of a product is worth, in all warehouses: the row that is locked before it changes."""

    __tablename__ = "product_costs"

    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), primary_key=True, autoincrement=False)
    method: Mapped[str] = mapped_column(default=AVERAGE)
    quantity: Mapped[Decimal] = mapped_column(QUANTITY, default=ZERO)
    value: Mapped[Decimal] = mapped_column(AMOUNT, default=ZERO, info=COMPANY_MONEY)
    last_cost: Mapped[Decimal] = mapped_column(PRICE, default=ZERO)
    """Of one unit, when goods came or left last: what they are taken to cost while there are none"""

    __table_args__ = (CheckConstraint("method IN ('average', 'fifo')", name="method_known"),)


class CostLayer(Base):
    """First in, first out: what is left of what came in with one move, and what that is worth."""

    __tablename__ = "cost_layers"

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    move_id: Mapped[int | None] = mapped_column(ForeignKey("stock_moves.id"), index=True)
    """None: all that was there when the method was chosen"""
    quantity: Mapped[Decimal] = mapped_column(QUANTITY)
    value: Mapped[Decimal] = mapped_column(AMOUNT, info=COMPANY_MONEY)

    __table_args__ = (CheckConstraint("quantity > 0", name="quantity_positive"), Index(None, "product_id", "id"))


# ------------------------------------------------------------ never changed

SAID = "stock moves are never changed or deleted"
ON_SQLITE = tuple(
    f"CREATE TRIGGER IF NOT EXISTS stock_moves_{name}_refused BEFORE {name.upper()} ON stock_moves"
    f" BEGIN SELECT RAISE(ABORT, '{SAID}'); END"
    for name in ("update", "delete")
)
ON_POSTGRESQL = (
    "CREATE OR REPLACE FUNCTION stock_moves_refused() RETURNS trigger LANGUAGE plpgsql AS"
    f" $$ BEGIN RAISE EXCEPTION '{SAID}'; END $$",
    "CREATE OR REPLACE TRIGGER stock_moves_refused BEFORE UPDATE OR DELETE ON stock_moves"
    " FOR EACH ROW EXECUTE FUNCTION stock_moves_refused()",
)


def keep_moves(connection: Connection) -> None:
    """Let the database itself refuse to change moves. The migration that makes the table calls it too."""
    for statement in ON_SQLITE if connection.dialect.name == "sqlite" else ON_POSTGRESQL:
        connection.exec_driver_sql(statement)


def let_moves_go(connection: Connection) -> None:
    """Triggers go with their table, the function that one of them calls does not."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("DROP FUNCTION IF EXISTS stock_moves_refused()")


@event.listens_for(StockMove.__table__, "after_create")
def _created(_table: Any, connection: Connection, **_options: Any) -> None:
    keep_moves(connection)


@event.listens_for(StockMove.__table__, "after_drop")
def _dropped(_table: Any, connection: Connection, **_options: Any) -> None:
    let_moves_go(connection)
