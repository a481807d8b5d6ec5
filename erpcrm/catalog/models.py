"""Products."""

from decimal import Decimal
from typing import ClassVar

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from erpcrm.core.db import Record
from erpcrm.core.exact import PRICE
from erpcrm.core.fields import HasCustom
from erpcrm.core.i18n import _l
from erpcrm.core.workflow import Move, State, Workflow

EDIT = "catalog.product.edit"

PRODUCT_FLOW = Workflow(
    "product",
    states=(State("active", _l("On sale"), "green"), State("discontinued", _l("Discontinued"), "gray")),
    moves=(
        Move("discontinue", _l("Discontinue"), ("active",), "discontinued", EDIT, reason="optional", icon="ban"),
        Move("reactivate", _l("Sell again"), ("discontinued",), "active", EDIT, icon="rotate-clockwise"),
    ),
)


class Product(HasCustom, Record):
    """What is sold, bought or made. Documents that name a product keep working when it is discontinued."""

    __tablename__ = "products"
    record_name = "product"
    unaudited: ClassVar[frozenset[str]] = Record.unaudited | {"status", "name_key"}

    code: Mapped[str] = mapped_column(unique=True, info={"label": _l("Code")})
    name: Mapped[str] = mapped_column(info={"label": _l("Name")})
    english_name: Mapped[str | None] = mapped_column(info={"label": _l("English name")})
    name_key: Mapped[str] = mapped_column(default="")
    """Sort key: pinyin for Chinese, lower case for the others."""
    unit: Mapped[str] = mapped_column(default="pcs", info={"label": _l("Unit"), "options": "product.unit"})
    category: Mapped[str | None] = mapped_column(
        index=True, info={"label": _l("Category"), "options": "product.category"}
    )
    price: Mapped[Decimal | None] = mapped_column(PRICE, info={"label": _l("List price")})
    """For one unit, in `currency`, without tax."""
    currency: Mapped[str] = mapped_column(info={"label": _l("Currency")})
    """ISO 4217"""
    note: Mapped[str | None] = mapped_column(info={"label": _l("Note")})
    status: Mapped[str] = mapped_column(default=PRODUCT_FLOW.initial, info={"label": _l("Status")})

    __table_args__ = (
        PRODUCT_FLOW.check(),
        CheckConstraint("price IS NULL OR price >= 0", name="price_not_negative"),
        Index(None, "name_key", "id"),
        Index(None, "price", "id"),
        Index(None, "status", "id"),
    )

    @property
    def is_active(self) -> bool:
        return self.status == "active"
