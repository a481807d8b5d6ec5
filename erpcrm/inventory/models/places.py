"""Warehouses and the locations in them; and the places outside, from which goods come and to which they go."""

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from erpcrm.core.db import Record
from erpcrm.core.i18n import _l
from erpcrm.core.records import Choice

STOCK, SCRAP, CUSTOMER, SUPPLIER, ADJUSTMENT = "stock", "scrap", "customer", "supplier", "adjustment"
LOCATION_KINDS = (
    Choice(STOCK, _l("Stock"), "green"),
    Choice(SCRAP, _l("Scrap"), "orange"),
    Choice(CUSTOMER, _l("Customers"), "blue"),
    Choice(SUPPLIER, _l("Suppliers"), "purple"),
    Choice(ADJUSTMENT, _l("Adjustments"), "gray"),
)
OURS = (STOCK, SCRAP)
"""Kinds of locations whose goods belong to the company; only those in stock can be promised to somebody."""
OUTSIDE = (CUSTOMER, SUPPLIER, ADJUSTMENT)

PLACES = {
    "Stock": _l("Stock"),
    "Scrap": _l("Scrap"),
    "Customers": _l("Customers"),
    "Suppliers": _l("Suppliers"),
    "Adjustments": _l("Adjustments"),
}
"""Names of locations that come with the program."""


def place_name(name: str) -> Any:
    """The name of a location as its reader calls it."""
    return PLACES.get(name, name)


class Warehouse(Record):
    """A place with stock."""

    __tablename__ = "warehouses"
    record_name = "warehouse"

    code: Mapped[str] = mapped_column(unique=True, info={"label": _l("Code")})
    name: Mapped[str] = mapped_column(info={"label": _l("Name")})
    address: Mapped[str | None] = mapped_column(info={"label": _l("Address")})
    allow_negative: Mapped[bool] = mapped_column(
        default=False, server_default=false(), info={"label": _l("Stock may go below zero")}
    )
    active: Mapped[bool] = mapped_column(default=True, info={"label": _l("In use")})


class Location(Record):
    """Where in a warehouse goods lie; or, without a warehouse, all that lies outside: customers, suppliers, adjustments."""

    __tablename__ = "locations"
    record_name = "location"
    record_label = _l("Location")
    audit_parent = ("warehouse", "warehouse_id")

    warehouse_id: Mapped[int | None] = mapped_column(ForeignKey("warehouses.id"), info={"label": _l("Warehouse")})
    code: Mapped[str] = mapped_column(info={"label": _l("Code")})
    name: Mapped[str] = mapped_column(info={"label": _l("Name")})
    kind: Mapped[str] = mapped_column(info={"label": _l("Kind"), "choices": LOCATION_KINDS})
    active: Mapped[bool] = mapped_column(default=True, info={"label": _l("In use")})

    warehouse: Mapped[Warehouse | None] = relationship()

    __table_args__ = (
        CheckConstraint("kind IN ('stock', 'scrap', 'customer', 'supplier', 'adjustment')", name="kind_known"),
        CheckConstraint("(kind IN ('stock', 'scrap')) = (warehouse_id IS NOT NULL)", name="inside_or_outside"),
        UniqueConstraint("warehouse_id", "code"),
        Index(
            "uq_locations_outside",
            "kind",
            unique=True,
            sqlite_where=text("warehouse_id IS NULL"),
            postgresql_where=text("warehouse_id IS NULL"),
        ),
    )

    @property
    def is_ours(self) -> bool:
        return self.kind in OURS
