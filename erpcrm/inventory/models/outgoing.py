"""Deliveries to customers, and what comes back of them."""

from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from erpcrm.catalog.models import Product
from erpcrm.core.db import Record
from erpcrm.core.exact import QUANTITY
from erpcrm.core.files import Attachment
from erpcrm.core.i18n import _l, lazy_pgettext
from erpcrm.core.records import Choice
from erpcrm.core.workflow import Move, State, Workflow
from erpcrm.customers.models import Customer
from erpcrm.sales.models import OrderLine, SalesOrder

from .places import Warehouse
from .stock import Lot

DELIVERY_VIEW = "inventory.delivery.view"
DELIVER = "inventory.delivery.edit"
TAKE_BACK = "inventory.return.edit"

DELIVERY_FLOW = Workflow(
    "delivery",
    states=(
        State("ready", _l("To pick"), "blue"),
        State("picked", lazy_pgettext("delivery", "Picked"), "purple"),
        State("packed", lazy_pgettext("delivery", "Packed"), "yellow"),
        State("shipped", lazy_pgettext("delivery", "Shipped"), "orange"),
        State("delivered", lazy_pgettext("delivery", "Delivered"), "green"),
        State("cancelled", lazy_pgettext("delivery", "Cancelled"), "gray"),
    ),
    moves=(
        Move("pick", _l("Picked"), ("ready",), "picked", DELIVER, icon="check", page="inventory.pick_form_page"),
        Move("pack", _l("Packed"), ("ready", "picked"), "packed", DELIVER, icon="package"),
        Move(
            "ship",
            _l("Ship"),
            ("ready", "picked", "packed"),
            "shipped",
            DELIVER,
            icon="truck-delivery",
            kind="primary",
            page="inventory.ship_form",
        ),
        Move(
            "sign",
            _l("Delivered and signed"),
            ("shipped",),
            "delivered",
            DELIVER,
            icon="edit",
            kind="primary",
            page="inventory.sign_form",
        ),
        Move(
            "cancel",
            _l("Cancel"),
            ("ready", "picked", "packed"),
            "cancelled",
            DELIVER,
            reason="optional",
            icon="ban",
            kind="danger",
        ),
    ),
)
"""`details["moves"]` of `ship` are the stock moves that were made."""
OPEN = ("ready", "picked", "packed")
"""Nothing has left yet."""
SHIPPED = ("shipped", "delivered")

RETURN_FLOW = Workflow(
    "return",
    states=(
        State("planned", _l("Announced"), "blue"),
        State("received", lazy_pgettext("return", "Received"), "green"),
        State("cancelled", lazy_pgettext("return", "Cancelled"), "gray"),
    ),
    moves=(
        Move(
            "receive",
            lazy_pgettext("return", "Received"),
            ("planned",),
            "received",
            TAKE_BACK,
            icon="package",
            kind="primary",
        ),
        Move(
            "cancel", _l("Cancel"), ("planned",), "cancelled", TAKE_BACK, reason="optional", icon="ban", kind="danger"
        ),
    ),
)
INTO = (Choice("stock", _l("Back into stock"), "green"), Choice("scrap", _l("Into scrap"), "orange"))


class Delivery(Record):
    """Goods leaving a warehouse for a customer, against a sales order. Shipped, it is not changed any more."""

    __tablename__ = "deliveries"
    record_name = "delivery"
    unaudited: ClassVar[frozenset[str]] = Record.unaudited | {"status", "signature_id"}

    number: Mapped[str] = mapped_column(unique=True, info={"label": _l("Number")})
    status: Mapped[str] = mapped_column(default=DELIVERY_FLOW.initial, info={"label": _l("Status")})
    order_id: Mapped[int] = mapped_column(ForeignKey("sales_orders.id"), index=True, info={"label": _l("Sales order")})
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True, info={"label": _l("Customer")})
    warehouse_id: Mapped[int] = mapped_column(ForeignKey("warehouses.id"), index=True, info={"label": _l("Warehouse")})
    address: Mapped[str | None] = mapped_column(info={"label": _l("Delivery address")})
    ship_by: Mapped[date | None] = mapped_column(info={"label": _l("Ship by")})
    carrier: Mapped[str | None] = mapped_column(info={"label": _l("Carrier")})
    tracking: Mapped[str | None] = mapped_column(info={"label": _l("Tracking number")})
    shipped_at: Mapped[datetime | None] = mapped_column(info={"label": _l("Shipped")})
    delivered_at: Mapped[datetime | None] = mapped_column(info={"label": lazy_pgettext("delivery", "Delivered")})
    signed_by: Mapped[str | None] = mapped_column(info={"label": _l("Received by")})
    signature_id: Mapped[int | None] = mapped_column(ForeignKey("attachments.id", ondelete="SET NULL"), index=True)
    note: Mapped[str | None] = mapped_column(info={"label": _l("Note")})

    order: Mapped[SalesOrder] = relationship()
    customer: Mapped[Customer] = relationship()
    warehouse: Mapped[Warehouse] = relationship()
    signature: Mapped[Attachment | None] = relationship()
    lines: Mapped[list["DeliveryLine"]] = relationship(
        cascade="all, delete-orphan", order_by="DeliveryLine.id", back_populates="delivery"
    )

    __table_args__ = (
        DELIVERY_FLOW.check(),
        Index(None, "status", "ship_by", "id"),
        Index(None, "ship_by", "id"),
        Index(None, "shipped_at", "id"),
    )


class DeliveryLine(Record):
    """So much of a product, and of which lot, in its own unit."""

    __tablename__ = "delivery_lines"
    record_name = "delivery_line"
    record_label = _l("Line")
    audit_parent = ("delivery", "delivery_id")

    delivery_id: Mapped[int] = mapped_column(ForeignKey("deliveries.id", ondelete="CASCADE"), index=True)
    order_line_id: Mapped[int | None] = mapped_column(
        ForeignKey("sales_order_lines.id", ondelete="SET NULL"), index=True, info={"label": _l("Order line")}
    )
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), index=True, info={"label": _l("Product")})
    lot_id: Mapped[int | None] = mapped_column(ForeignKey("lots.id"), index=True, info={"label": _l("Lot")})
    quantity: Mapped[Decimal] = mapped_column(QUANTITY, info={"label": _l("Quantity")})
    per_unit: Mapped[Decimal] = mapped_column(QUANTITY, info={"label": _l("In one unit of the order")})
    """How many of the product's own unit make one unit of the order's line: of a box its pieces, of a set the component's"""

    delivery: Mapped[Delivery] = relationship(back_populates="lines")
    order_line: Mapped[OrderLine | None] = relationship()
    product: Mapped[Product] = relationship()
    lot: Mapped[Lot | None] = relationship()

    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("per_unit > 0", name="per_unit_positive"),
    )


class Return(Record):
    """Goods coming back of a delivery."""

    __tablename__ = "stock_returns"
    record_name = "return"
    unaudited: ClassVar[frozenset[str]] = Record.unaudited | {"status"}

    number: Mapped[str] = mapped_column(unique=True, info={"label": _l("Number")})
    status: Mapped[str] = mapped_column(default=RETURN_FLOW.initial, info={"label": _l("Status")})
    delivery_id: Mapped[int] = mapped_column(
        ForeignKey("deliveries.id"), index=True, info={"label": lazy_pgettext("document", "Delivery")}
    )
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True, info={"label": _l("Customer")})
    warehouse_id: Mapped[int] = mapped_column(ForeignKey("warehouses.id"), index=True, info={"label": _l("Warehouse")})
    reason: Mapped[str] = mapped_column(info={"label": _l("Reason")})
    received_at: Mapped[datetime | None] = mapped_column(info={"label": lazy_pgettext("day", "Received")})

    delivery: Mapped[Delivery] = relationship()
    customer: Mapped[Customer] = relationship()
    warehouse: Mapped[Warehouse] = relationship()
    lines: Mapped[list["ReturnLine"]] = relationship(
        cascade="all, delete-orphan", order_by="ReturnLine.id", back_populates="parent"
    )

    __table_args__ = (RETURN_FLOW.check(), Index(None, "status", "id"))


class ReturnLine(Record):
    """So much of a line of the delivery, in the product's own unit, and what becomes of it."""

    __tablename__ = "return_lines"
    record_name = "return_line"
    record_label = _l("Line")
    audit_parent = ("return", "return_id")

    return_id: Mapped[int] = mapped_column(ForeignKey("stock_returns.id", ondelete="CASCADE"), index=True)
    delivery_line_id: Mapped[int] = mapped_column(
        ForeignKey("delivery_lines.id"), index=True, info={"label": _l("Line of the delivery")}
    )
    quantity: Mapped[Decimal] = mapped_column(QUANTITY, info={"label": _l("Quantity")})
    becomes: Mapped[str] = mapped_column(default="stock", info={"label": _l("What becomes of it"), "choices": INTO})

    parent: Mapped[Return] = relationship(back_populates="lines")
    delivery_line: Mapped[DeliveryLine] = relationship()

    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("becomes IN ('stock', 'scrap')", name="becomes_known"),
    )
