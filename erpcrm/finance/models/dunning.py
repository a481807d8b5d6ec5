"""Reminders of what is overdue."""

from datetime import date as Day
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from erpcrm.core.db import Base, Record
from erpcrm.core.exact import AMOUNT
from erpcrm.core.i18n import _l
from erpcrm.customers.models import Customer

from .receivables import ReceivableItem

DUNNING_SEND = "finance.dunning.send"


class DunningLevel(Record):
    """How a reminder of this level reads, and from how many days overdue on an amount reaches it."""

    __tablename__ = "dunning_levels"
    record_name = "dunning_level"

    level: Mapped[int] = mapped_column(unique=True, info={"label": _l("Level")})
    days: Mapped[int] = mapped_column(info={"label": _l("Days overdue")})
    name: Mapped[str] = mapped_column(info={"label": _l("Name")})
    name_zh: Mapped[str | None] = mapped_column(info={"label": _l("Name in Chinese")})
    text: Mapped[str] = mapped_column(info={"label": _l("Text")})
    text_zh: Mapped[str | None] = mapped_column(info={"label": _l("Text in Chinese")})

    __table_args__ = (CheckConstraint("level > 0 AND days >= 0", name="level_above_zero"),)


class Dunning(Record):
    """One reminder to one customer about everything that is overdue."""

    __tablename__ = "dunnings"
    record_name = "dunning"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), info={"label": _l("Customer")})
    date: Mapped[Day] = mapped_column(info={"label": _l("Date")})
    level: Mapped[int] = mapped_column(info={"label": _l("Level")})
    """The highest of its items"""
    to: Mapped[str] = mapped_column(info={"label": _l("To")})
    subject: Mapped[str]
    text: Mapped[str] = mapped_column(info={"label": _l("Text")})
    amount: Mapped[Decimal] = mapped_column(AMOUNT, info={"label": _l("Amount")})
    """In the company's currency"""
    mail_id: Mapped[int | None] = mapped_column(ForeignKey("mails.id", ondelete="SET NULL"))

    customer: Mapped[Customer] = relationship()
    items: Mapped[list["DunningItem"]] = relationship(cascade="all, delete-orphan")

    __table_args__ = (Index(None, "customer_id", "id"), Index(None, "date", "id"))


class DunningItem(Base):
    """An overdue amount as it stood in a reminder."""

    __tablename__ = "dunning_items"

    dunning_id: Mapped[int] = mapped_column(ForeignKey("dunnings.id", ondelete="CASCADE"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("receivable_items.id"), primary_key=True)
    level: Mapped[int]
    open: Mapped[Decimal] = mapped_column(AMOUNT)

    item: Mapped[ReceivableItem] = relationship()
