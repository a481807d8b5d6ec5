"""Segments, their members, RFM scores and cells, and who moved from where to where."""

from datetime import date as Day
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from erpcrm.access.models import User
from erpcrm.company.models import COMPANY_MONEY
from erpcrm.core.db import Base, Record
from erpcrm.core.exact import AMOUNT
from erpcrm.core.i18n import _l
from erpcrm.core.options import two_languages
from erpcrm.core.records import Choice

SEGMENT_VIEW = "analytics.segment.view"
SEGMENT_EDIT = "analytics.segment.edit"
RFM_SETUP = "analytics.rfm.setup"

SEGMENT_KINDS = (
    Choice("rule", _l("By rule"), "blue"),
    Choice("rfm", _l("By RFM"), "purple"),
    Choice("static", _l("Fixed list"), "gray"),
)
TONES = (
    Choice("green", _l("Green"), "green"),
    Choice("blue", _l("Blue"), "blue"),
    Choice("purple", _l("Purple"), "purple"),
    Choice("yellow", _l("Yellow"), "yellow"),
    Choice("orange", _l("Orange"), "orange"),
    Choice("red", _l("Red"), "red"),
    Choice("gray", _l("Gray"), "gray"),
)


class Segment(Record):
    """A named set of customers: by a rule, by cells of RFM, or a list that people keep."""

    __tablename__ = "segments"
    record_name = "segment"
    unaudited: ClassVar[frozenset[str]] = Record.unaudited | {"customers", "counted_at", "rule"}

    name: Mapped[str] = mapped_column(unique=True, info={"label": _l("Name")})
    kind: Mapped[str] = mapped_column(info={"label": _l("Kind"), "choices": SEGMENT_KINDS})
    rule: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """As `rules.plain` writes it; of the kind rfm {"cells": [keys]}"""
    description: Mapped[str | None] = mapped_column(info={"label": _l("Description")})
    owner_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), index=True, info={"label": _l("Owner")}
    )
    active: Mapped[bool] = mapped_column(default=True, info={"label": _l("In use")})
    customers: Mapped[int | None]
    """How many there were when they were counted last"""
    counted_at: Mapped[datetime | None]

    owner: Mapped[User | None] = relationship(foreign_keys=[owner_id])

    __table_args__ = (CheckConstraint("kind IN ('rule', 'rfm', 'static')", name="kind_known"),)


class SegmentMember(Base):
    """Who is in a segment: of a fixed list the truth, of the others as they were counted last."""

    __tablename__ = "segment_members"
    __table_args__ = (Index(None, "customer_id"), {"info": {"label": _l("Places in segments")}})

    segment_id: Mapped[int] = mapped_column(ForeignKey("segments.id", ondelete="CASCADE"), primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), primary_key=True)
    since: Mapped[Day]


class SegmentMove(Base):
    """A customer came into a segment, or left it."""

    __tablename__ = "segment_moves"
    __table_args__ = (
        Index(None, "segment_id", "on", "id"),
        Index(None, "customer_id"),
        {"info": {"label": _l("Moves between segments")}},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    segment_id: Mapped[int] = mapped_column(ForeignKey("segments.id", ondelete="CASCADE"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    joined: Mapped[bool]
    on: Mapped[Day]


class RfmCell(Record):
    """A named cell: scores from … to …. The first one in order that fits is a customer's."""

    __tablename__ = "rfm_cells"
    record_name = "rfm_cell"
    record_label = _l("RFM cell")

    key: Mapped[str] = mapped_column(unique=True)
    """By which rules and moves name it, whatever it is called"""
    name: Mapped[str] = mapped_column(info={"label": _l("Name")})
    name_zh: Mapped[str | None] = mapped_column(info={"label": _l("Name in Chinese")})
    tone: Mapped[str] = mapped_column(default="gray", info={"label": _l("Colour"), "choices": TONES})
    r_from: Mapped[int] = mapped_column(default=1, info={"label": _l("Recency from")})
    r_to: Mapped[int] = mapped_column(default=5, info={"label": _l("Recency to")})
    f_from: Mapped[int] = mapped_column(default=1, info={"label": _l("Frequency from")})
    f_to: Mapped[int] = mapped_column(default=5, info={"label": _l("Frequency to")})
    m_from: Mapped[int] = mapped_column(default=1, info={"label": _l("Monetary from")})
    m_to: Mapped[int] = mapped_column(default=5, info={"label": _l("Monetary to")})
    position: Mapped[int] = mapped_column(default=0, info={"label": _l("Order")})

    __table_args__ = (
        CheckConstraint("1 <= r_from AND r_from <= r_to AND r_to <= 5", name="recency_range"),
        CheckConstraint("1 <= f_from AND f_from <= f_to AND f_to <= 5", name="frequency_range"),
        CheckConstraint("1 <= m_from AND m_from <= m_to AND m_to <= 5", name="monetary_range"),
    )

    @property
    def label(self) -> Any:
        """Its name in the language of whoever reads it."""
        return two_languages(self.name, self.name_zh)


class CustomerRfm(Base):
    """The scores of a customer who bought within the window, as they were worked out last. Amounts in the company's currency."""

    __tablename__ = "customer_rfm"
    __table_args__ = (Index(None, "cell", "customer_id"), Index(None, "r", "f"), {"info": {"computed": True}})

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), primary_key=True)
    r: Mapped[int]
    f: Mapped[int]
    m: Mapped[int]
    cell: Mapped[str | None]
    last_on: Mapped[Day]
    purchases: Mapped[int]
    revenue: Mapped[Decimal] = mapped_column(AMOUNT, info=COMPANY_MONEY)
    as_of: Mapped[Day]


class RfmMove(Base):
    """A customer came from one cell into another. None: no cell, or nothing bought within the window."""

    __tablename__ = "rfm_moves"
    __table_args__ = (Index(None, "customer_id", "on", "id"), Index(None, "on"), {"info": {"computed": True}})

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    from_cell: Mapped[str | None]
    to_cell: Mapped[str | None]
    on: Mapped[Day]
