"""Who gets which price list, and how much a role may take off."""

from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from erpcrm.access.models import Role
from erpcrm.catalog.models import PriceList
from erpcrm.core.db import Record
from erpcrm.core.exact import QUANTITY
from erpcrm.core.i18n import _l
from erpcrm.customers.models import Customer


class PriceListHolder(Record):
    """A customer, or a group of customers, that buys by a price list."""

    __tablename__ = "price_list_holders"
    record_name = "price_list_holder"
    record_label = _l("Customers of this list")
    audit_parent = ("price_list", "price_list_id")

    price_list_id: Mapped[int] = mapped_column(ForeignKey("price_lists.id", ondelete="CASCADE"))
    customer_id: Mapped[int | None] = mapped_column(
        ForeignKey("customers.id", ondelete="CASCADE"), index=True, info={"label": _l("Customer")}
    )
    customer_group: Mapped[str | None] = mapped_column(
        index=True, info={"label": _l("Customer group"), "options": "customer.group"}
    )

    price_list: Mapped[PriceList] = relationship()
    customer: Mapped[Customer | None] = relationship()

    __table_args__ = (
        CheckConstraint("(customer_id IS NULL) <> (customer_group IS NULL)", name="one_of_both"),
        UniqueConstraint("price_list_id", "customer_id"),
        Index(None, "price_list_id", "customer_group", unique=True),
    )


class DiscountAllowance(Record):
    """The most that a role may take off a price without asking, in percent."""

    __tablename__ = "discount_allowances"
    record_name = "discount_allowance"

    role_id: Mapped[int] = mapped_column(
        ForeignKey("roles.id", ondelete="CASCADE"), unique=True, info={"label": _l("Role")}
    )
    percent: Mapped[Decimal] = mapped_column(QUANTITY, info={"label": _l("Discount without approval")})

    role: Mapped[Role] = relationship()

    __table_args__ = (CheckConstraint("percent >= 0", name="percent_not_negative"),)
