"""Products, the units they are traded in, and what a set consists of."""

from decimal import Decimal
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from erpcrm.core.db import Record
from erpcrm.core.exact import PRICE, QUANTITY
from erpcrm.core.fields import HasCustom
from erpcrm.core.files import Attachment
from erpcrm.core.i18n import _l
from erpcrm.core.records import Choice
from erpcrm.core.workflow import Move, State, Workflow

VIEW = "catalog.product.view"
EDIT = "catalog.product.edit"
COST_VIEW = "catalog.cost.view"

PRODUCT_FLOW = Workflow(
    "product",
    states=(State("active", _l("On sale"), "green"), State("discontinued", _l("Discontinued"), "gray")),
    moves=(
        Move("discontinue", _l("Discontinue"), ("active",), "discontinued", EDIT, reason="optional", icon="ban"),
        Move("reactivate", _l("Sell again"), ("discontinued",), "active", EDIT, icon="rotate-clockwise"),
    ),
)

GOODS, SERVICE, SET = "goods", "service", "set"
KINDS = (
    Choice(GOODS, _l("Goods"), "blue"),
    Choice(SERVICE, _l("Service"), "purple"),
    Choice(SET, _l("Set of products"), "yellow"),
)
UNTRACKED = "none"
TRACKING = (
    Choice(UNTRACKED, _l("Not tracked")),
    Choice("lot", _l("By lot")),
    Choice("serial", _l("By serial number")),
)


class Product(HasCustom, Record):
    """What is sold, bought or made. Documents that name a product keep working when it is discontinued.

    Goods may be kept in stock, and told apart there by lot or serial number. A service is not; nor is a set: it is sold
    under one name and delivered as its components.
    """

    __tablename__ = "products"
    record_name = "product"
    unaudited: ClassVar[frozenset[str]] = Record.unaudited | {"status", "name_key"}

    code: Mapped[str] = mapped_column(unique=True, info={"label": _l("Code")})
    name: Mapped[str] = mapped_column(info={"label": _l("Name")})
    english_name: Mapped[str | None] = mapped_column(info={"label": _l("English name")})
    name_key: Mapped[str] = mapped_column(default="")
    """Sort key: pinyin for Chinese, lower case for the others."""
    kind: Mapped[str] = mapped_column(default=GOODS, server_default=GOODS, info={"label": _l("Kind"), "choices": KINDS})
    unit: Mapped[str] = mapped_column(default="pcs", info={"label": _l("Unit"), "options": "product.unit"})
    """In which stock is counted, and which the list price is for"""
    category: Mapped[str | None] = mapped_column(
        index=True, info={"label": _l("Category"), "options": "product.category"}
    )
    price: Mapped[Decimal | None] = mapped_column(PRICE, info={"label": _l("List price")})
    """For one unit, in `currency`, without tax."""
    currency: Mapped[str] = mapped_column(info={"label": _l("Currency")})
    """ISO 4217"""
    cost: Mapped[Decimal | None] = mapped_column(PRICE, info={"label": _l("Cost")})
    """What one unit costs, in the company's currency: entered by hand, or kept by whoever keeps the stock"""
    tax_group: Mapped[str | None] = mapped_column(info={"label": _l("Tax group"), "options": "tax.product_group"})
    barcode: Mapped[str | None] = mapped_column(unique=True, info={"label": _l("Barcode")})
    weight: Mapped[Decimal | None] = mapped_column(QUANTITY, info={"label": _l("Weight")})
    """Kilograms of one unit"""
    stocked: Mapped[bool] = mapped_column(default=False, server_default=false(), info={"label": _l("Kept in stock")})
    tracking: Mapped[str] = mapped_column(
        default=UNTRACKED, server_default=UNTRACKED, info={"label": _l("Tracked"), "choices": TRACKING}
    )
    picture_id: Mapped[int | None] = mapped_column(
        ForeignKey("attachments.id", ondelete="SET NULL"), info={"label": _l("Picture")}
    )
    note: Mapped[str | None] = mapped_column(info={"label": _l("Note")})
    status: Mapped[str] = mapped_column(default=PRODUCT_FLOW.initial, info={"label": _l("Status")})

    picture: Mapped[Attachment | None] = relationship()
    units: Mapped[list["ProductUnit"]] = relationship(
        cascade="all, delete-orphan", order_by="ProductUnit.factor", back_populates="product"
    )
    components: Mapped[list["SetComponent"]] = relationship(
        cascade="all, delete-orphan",
        order_by="SetComponent.id",
        foreign_keys="SetComponent.set_id",
        back_populates="whole",
    )

    __table_args__ = (
        PRODUCT_FLOW.check(),
        CheckConstraint("price IS NULL OR price >= 0", name="price_not_negative"),
        CheckConstraint("cost IS NULL OR cost >= 0", name="cost_not_negative"),
        CheckConstraint("weight IS NULL OR weight >= 0", name="weight_not_negative"),
        CheckConstraint("kind IN ('goods', 'service', 'set')", name="kind"),
        CheckConstraint("tracking IN ('none', 'lot', 'serial')", name="tracking"),
        CheckConstraint("kind = 'goods' OR NOT stocked", name="only_goods_in_stock"),
        CheckConstraint("stocked OR tracking = 'none'", name="only_stock_is_tracked"),
        Index(None, "name_key", "id"),
        Index(None, "price", "id"),
        Index(None, "status", "id"),
    )

    @property
    def is_active(self) -> bool:
        return self.status == "active"


class ProductUnit(Record):
    """Another unit that a product is traded in: a box of 12, a pallet of 480."""

    __tablename__ = "product_units"
    record_name = "product_unit"
    record_label = _l("Unit of trade")
    audit_parent = ("product", "product_id")

    product_id: Mapped[int] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"))
    unit: Mapped[str] = mapped_column(info={"label": _l("Unit"), "options": "product.unit"})
    factor: Mapped[Decimal] = mapped_column(QUANTITY, info={"label": _l("Holds")})
    """How many of the product's own unit are in one"""
    barcode: Mapped[str | None] = mapped_column(unique=True, info={"label": _l("Barcode")})

    product: Mapped[Product] = relationship(back_populates="units")

    __table_args__ = (UniqueConstraint("product_id", "unit"), CheckConstraint("factor > 0", name="factor_positive"))


class SetComponent(Record):
    """So many of a product in one set."""

    __tablename__ = "set_components"
    record_name = "set_component"
    record_label = _l("Component")
    audit_parent = ("product", "set_id")

    set_id: Mapped[int] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"))
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), index=True, info={"label": _l("Product")})
    quantity: Mapped[Decimal] = mapped_column(QUANTITY, info={"label": _l("Quantity")})
    """In the component's own unit"""

    whole: Mapped[Product] = relationship(foreign_keys=[set_id], back_populates="components")
    product: Mapped[Product] = relationship(foreign_keys=[product_id])

    __table_args__ = (
        UniqueConstraint("set_id", "product_id"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("set_id <> product_id", name="not_itself"),
    )
