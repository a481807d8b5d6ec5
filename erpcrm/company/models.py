"""Holidays, exchange rates, taxes and the logo; the rest of the company's profile is settings."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from erpcrm.core.db import Base, Record
from erpcrm.core.exact import QUANTITY, RATE
from erpcrm.core.i18n import _l, locale_code
from erpcrm.core.records import Choice

COMPANY_MONEY: dict[Any, Any] = {"company_money": True}
"""`info` of a column with amounts in the company's currency: while there are any, that currency stays."""


class Holiday(Record):
    """A day on which nobody works."""

    __tablename__ = "holidays"
    record_name = "holiday"

    day: Mapped[date] = mapped_column(unique=True, info={"label": _l("Day")})
    name: Mapped[str] = mapped_column(default="", info={"label": _l("Name")})


class ExchangeRate(Record):
    """What one unit of `currency` is worth in the company's currency, from `day` until the next rate."""

    __tablename__ = "exchange_rates"
    __table_args__ = (UniqueConstraint("currency", "day"), CheckConstraint("rate > 0", name="rate_positive"))
    record_name = "exchange_rate"

    currency: Mapped[str] = mapped_column(info={"label": _l("Currency")})
    day: Mapped[date] = mapped_column(info={"label": _l("Valid from")})
    rate: Mapped[Decimal] = mapped_column(RATE, info={"label": _l("Rate")})


CHARGED, REVERSED, EXEMPT = "charged", "reversed", "exempt"
TAX_KINDS = (
    Choice(CHARGED, _l("Charged")),
    Choice(REVERSED, _l("Reverse charge: the customer pays it to the tax office")),
    Choice(EXEMPT, _l("Exempt")),
)
ANY = ""
"""Stands in a tax rule for every group"""


class Tax(Record):
    """A tax on sales. `rate` is a percentage; a reversed or exempt one charges nothing and says why on the document."""

    __tablename__ = "taxes"
    record_name = "tax"

    name: Mapped[str] = mapped_column(unique=True, info={"label": _l("Name")})
    name_zh: Mapped[str | None] = mapped_column(info={"label": _l("Chinese name")})
    kind: Mapped[str] = mapped_column(default=CHARGED, info={"label": _l("Kind"), "choices": TAX_KINDS})
    rate: Mapped[Decimal] = mapped_column(QUANTITY, info={"label": _l("Tax rate")})
    text: Mapped[str | None] = mapped_column(info={"label": _l("Text on documents")})
    active: Mapped[bool] = mapped_column(default=True, info={"label": _l("Offered")})

    __table_args__ = (
        CheckConstraint("rate >= 0 AND rate < 1000000000", name="rate_range"),
        CheckConstraint("kind IN ('charged', 'reversed', 'exempt')", name="kind"),
        CheckConstraint("kind = 'charged' OR rate = 0", name="only_charged_has_rate"),
    )

    @property
    def label(self) -> str:
        return self.name_zh if self.name_zh and locale_code() == "zh" else self.name


class TaxRule(Record):
    """Which tax holds for a group of customers and a group of products; the blank group is any."""

    __tablename__ = "tax_rules"
    record_name = "tax_rule"

    customer_group: Mapped[str] = mapped_column(
        default=ANY, info={"label": _l("Customers"), "options": "tax.customer_group"}
    )
    product_group: Mapped[str] = mapped_column(
        default=ANY, info={"label": _l("Products"), "options": "tax.product_group"}
    )
    tax_id: Mapped[int] = mapped_column(ForeignKey("taxes.id"), index=True, info={"label": _l("Tax")})

    tax: Mapped[Tax] = relationship(lazy="joined")

    __table_args__ = (UniqueConstraint("customer_group", "product_group"),)


class CompanyLogo(Base):
    """The picture itself, by the hash of its content. In the database, so that a backup of it is a backup of all."""

    __tablename__ = "company_logos"

    digest: Mapped[str] = mapped_column(primary_key=True)
    media_type: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)
