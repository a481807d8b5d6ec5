"""Holidays, exchange rates and the logo; the rest of the company's profile is settings."""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from erpcrm.core.db import Base, Record
from erpcrm.core.exact import RATE
from erpcrm.core.i18n import _l


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


class CompanyLogo(Base):
    """The picture itself, by the hash of its content. In the database, so that a backup of it is a backup of all."""

    __tablename__ = "company_logos"

    digest: Mapped[str] = mapped_column(primary_key=True)
    media_type: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)
