"""What quotations, orders, contracts and invoices have in common: whom they are for, what they cost, and their lines."""

from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from erpcrm.access.models import Team, User
from erpcrm.catalog.models import Product
from erpcrm.catalog.reasons import reason_in_words
from erpcrm.company.models import COMPANY_MONEY, Tax
from erpcrm.core.exact import AMOUNT, PRICE, QUANTITY, RATE
from erpcrm.core.i18n import _l, lazy_pgettext
from erpcrm.core.records import Choice
from erpcrm.customers.models import Contact, Customer

MARGIN = "sales.margin.view"
LANGUAGES = (Choice("en", "English"), Choice("zh", "简体中文"))


class PricedDocument:
    """Columns of a document with prices. Amounts are in its own `currency`, `base_gross` in the company's.

    Addresses are texts: what the document said stays when the customer moves.
    """

    currency: Mapped[str] = mapped_column(info={"label": _l("Currency")})
    """ISO 4217"""
    rate: Mapped[Decimal] = mapped_column(RATE, default=Decimal(1), info={"label": _l("Exchange rate")})
    """Company currency for one unit of `currency`, on the document's day"""
    tax_included: Mapped[bool] = mapped_column(default=False, info={"label": _l("Prices include tax")})
    tax_rounding: Mapped[str] = mapped_column(default="line")
    """"line" or "document": what the company had chosen when the document was begun"""
    discount: Mapped[Decimal] = mapped_column(
        QUANTITY, default=Decimal(0), info={"label": _l("Discount on everything")}
    )
    """Percent, on every line"""
    language: Mapped[str] = mapped_column(default="en", info={"label": _l("Language"), "choices": LANGUAGES})
    payment_terms: Mapped[str | None] = mapped_column(
        info={"label": _l("Payment terms"), "options": "customer.payment_terms"}
    )
    reference: Mapped[str | None] = mapped_column(info={"label": _l("Customer’s reference")})
    billing_address: Mapped[str | None] = mapped_column(info={"label": _l("Billing address")})
    delivery_address: Mapped[str | None] = mapped_column(info={"label": _l("Delivery address")})
    introduction: Mapped[str | None] = mapped_column(info={"label": _l("Opening text")})
    closing: Mapped[str | None] = mapped_column(info={"label": _l("Closing text")})
    note: Mapped[str | None] = mapped_column(info={"label": _l("Internal note")})
    net: Mapped[Decimal] = mapped_column(AMOUNT, default=Decimal(0), info={"label": _l("Net")})
    tax: Mapped[Decimal] = mapped_column(AMOUNT, default=Decimal(0), info={"label": _l("Tax")})
    gross: Mapped[Decimal] = mapped_column(AMOUNT, default=Decimal(0), info={"label": _l("Total")})
    base_gross: Mapped[Decimal] = mapped_column(AMOUNT, default=Decimal(0), info=COMPANY_MONEY)

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), info={"label": _l("Customer")})
    contact_id: Mapped[int | None] = mapped_column(
        ForeignKey("contacts.id", ondelete="SET NULL"), index=True, info={"label": _l("Contact")}
    )
    owner_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), info={"label": _l("Owner")}
    )
    team_id: Mapped[int | None] = mapped_column(
        ForeignKey("teams.id", ondelete="SET NULL"), index=True, info={"label": _l("Team")}
    )

    @declared_attr
    def customer(cls) -> Mapped[Customer]:
        return relationship()

    @declared_attr
    def contact(cls) -> Mapped[Contact | None]:
        return relationship()

    @declared_attr
    def owner(cls) -> Mapped[User | None]:
        return relationship(foreign_keys=f"{cls.__name__}.owner_id")  # type: ignore[attr-defined]

    @declared_attr
    def team(cls) -> Mapped[Team | None]:
        return relationship()


class SoldDocument(PricedDocument):
    """What customers have bought by it, kept so that a million lines need not be added up: company currency, without tax."""

    base_net: Mapped[Decimal] = mapped_column(AMOUNT, default=Decimal(0), server_default=sql("0"), info=COMPANY_MONEY)
    """Without what is asked for in advance or taken off again"""
    base_cost: Mapped[Decimal | None] = mapped_column(AMOUNT, info=COMPANY_MONEY)
    """What that cost the company; None where the cost of a line is not known"""


def document_args(*more: Any) -> tuple[Any, ...]:
    """`__table_args__` of a table of documents."""
    return (
        CheckConstraint("discount >= 0", name="discount_not_negative"),
        Index(None, "customer_id", "status"),
        Index(None, "owner_id", "status", "id"),
        Index(None, "status", "id"),
        Index(None, "created_at", "id"),
        *more,
    )


class PricedLine:
    """A line: so many units of a product, or of something that a text describes, at a price. A text alone costs nothing.

    `amount` is what the line comes to after both discounts, with tax or without as its document says.
    """

    position: Mapped[int] = mapped_column(default=0, info={"label": _l("Order")})
    text: Mapped[str | None] = mapped_column(info={"label": lazy_pgettext("line", "Text")})
    quantity: Mapped[Decimal] = mapped_column(QUANTITY, info={"label": _l("Quantity")})
    unit: Mapped[str | None] = mapped_column(String, info={"label": _l("Unit"), "options": "product.unit"})
    factor: Mapped[Decimal] = mapped_column(QUANTITY, default=Decimal(1), info={"label": _l("In the product’s unit")})
    """How many of the product's own unit are in one `unit`"""
    price: Mapped[Decimal] = mapped_column(PRICE, info={"label": _l("Price")})
    """For one `unit`, in the document's currency, before discounts"""
    list_price: Mapped[Decimal | None] = mapped_column(PRICE, info={"label": _l("Price by rule")})
    """What the price rules found, when they found something: a lower `price` is a discount too"""
    price_reason: Mapped[str | None] = mapped_column(
        info={"label": _l("Reason of the price"), "words": reason_in_words}
    )
    """What it was found from: `reason_in_words` says it to whoever reads it"""
    discount: Mapped[Decimal] = mapped_column(QUANTITY, default=Decimal(0), info={"label": _l("Discount")})
    """Percent"""
    tax_rate: Mapped[Decimal] = mapped_column(QUANTITY, default=Decimal(0), info={"label": _l("Tax rate")})
    """Percent, as it was when the line was written"""
    amount: Mapped[Decimal] = mapped_column(AMOUNT, default=Decimal(0), info={"label": _l("Amount")})
    cost: Mapped[Decimal | None] = mapped_column(PRICE, info={"label": _l("Cost"), "permission": MARGIN})
    """What one `unit` costs the company, in its own currency, as far as it was known"""

    product_id: Mapped[int | None] = mapped_column(ForeignKey("products.id"), index=True, info={"label": _l("Product")})
    tax_id: Mapped[int | None] = mapped_column(ForeignKey("taxes.id"), index=True, info={"label": _l("Tax")})

    @declared_attr
    def product(cls) -> Mapped[Product | None]:
        return relationship()

    @declared_attr
    def tax(cls) -> Mapped[Tax | None]:
        return relationship()

    @property
    def why_this_price(self) -> str:
        """Where the price by rule comes from, in the reader's words."""
        return reason_in_words(self.price_reason)

    @property
    def name(self) -> str:
        """What the line is about, in one line."""
        return (self.text or "").partition("\n")[0] or (self.product.name if self.product is not None else "")


def line_args(*more: Any) -> tuple[Any, ...]:
    """`__table_args__` of a table of lines."""
    return (
        CheckConstraint("product_id IS NOT NULL OR text IS NOT NULL", name="says_what"),
        CheckConstraint("quantity >= 0", name="quantity_not_negative"),
        CheckConstraint("price >= 0", name="price_not_negative"),
        CheckConstraint("discount >= 0", name="discount_not_negative"),
        *more,
    )
