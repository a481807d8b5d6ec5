"""Price lists."""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from erpcrm.core.db import Record
from erpcrm.core.exact import PRICE, QUANTITY
from erpcrm.core.i18n import _l

from .products import Product

PRICES_VIEW = "catalog.price.view"
PRICES_EDIT = "catalog.price.edit"


class PriceList(Record):
    """Prices in one currency, for everybody or for those customers whom sales gives it to, for a time or without end."""

    __tablename__ = "price_lists"
    record_name = "price_list"

    name: Mapped[str] = mapped_column(unique=True, info={"label": _l("Name")})
    currency: Mapped[str] = mapped_column(info={"label": _l("Currency")})
    """ISO 4217"""
    tax_included: Mapped[bool] = mapped_column(default=False, info={"label": _l("Prices include tax")})
    for_everybody: Mapped[bool] = mapped_column(default=False, info={"label": _l("For everybody")})
    reduction: Mapped[Decimal | None] = mapped_column(QUANTITY, info={"label": _l("Reduction on everything else")})
    """Percent off the product's list price, where the list has no price for the product itself"""
    starts_on: Mapped[date | None] = mapped_column(info={"label": _l("Valid from")})
    ends_on: Mapped[date | None] = mapped_column(info={"label": _l("Valid until")})
    active: Mapped[bool] = mapped_column(default=True, info={"label": _l("In use")})
    note: Mapped[str | None] = mapped_column(info={"label": _l("Note")})

    __table_args__ = (
        CheckConstraint("starts_on IS NULL OR ends_on IS NULL OR starts_on <= ends_on", name="ends_after_start"),
        CheckConstraint("reduction IS NULL OR (reduction >= 0 AND NOT tax_included)", name="reduction_without_tax"),
        Index(None, "active", "for_everybody"),
    )


class PriceListItem(Record):
    """What a product costs by this list, from a quantity on."""

    __tablename__ = "price_list_items"
    record_name = "price_list_item"
    record_label = _l("Price")
    audit_parent = ("price_list", "price_list_id")

    price_list_id: Mapped[int] = mapped_column(
        ForeignKey("price_lists.id", ondelete="CASCADE"), info={"label": _l("Price list")}
    )
    product_id: Mapped[int] = mapped_column(
        ForeignKey("products.id", ondelete="CASCADE"), info={"label": _l("Product")}
    )
    unit: Mapped[str] = mapped_column(info={"label": _l("Unit"), "options": "product.unit"})
    min_quantity: Mapped[Decimal] = mapped_column(QUANTITY, default=Decimal(0), info={"label": _l("From quantity")})
    """In `unit`"""
    price: Mapped[Decimal] = mapped_column(PRICE, info={"label": _l("Price")})
    """For one `unit`, in the list's currency"""
    starts_on: Mapped[date | None] = mapped_column(info={"label": _l("Valid from")})
    ends_on: Mapped[date | None] = mapped_column(info={"label": _l("Valid until")})

    price_list: Mapped[PriceList] = relationship()
    product: Mapped[Product] = relationship()

    __table_args__ = (
        CheckConstraint("price >= 0", name="price_not_negative"),
        CheckConstraint("min_quantity >= 0", name="quantity_not_negative"),
        CheckConstraint("starts_on IS NULL OR ends_on IS NULL OR starts_on <= ends_on", name="ends_after_start"),
        Index(None, "price_list_id", "product_id"),
        Index(None, "product_id", "price_list_id"),
    )
