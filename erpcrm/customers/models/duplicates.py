"""Records that may be the same, and records that were merged."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from erpcrm.core.db import Base, now


class DuplicatePair(Base):
    """Two customers, or two contacts, that look like one. Kept when dismissed, so that nobody is asked twice."""

    __tablename__ = "duplicate_pairs"

    id: Mapped[int] = mapped_column(primary_key=True)
    record_type: Mapped[str]
    """customer or contact"""
    first_id: Mapped[int]
    """The smaller id of the two"""
    second_id: Mapped[int] = mapped_column(index=True)
    score: Mapped[int]
    """0 to 100"""
    reasons: Mapped[list[Any]] = mapped_column(JSON)
    found_at: Mapped[datetime] = mapped_column(default=now)
    dismissed_at: Mapped[datetime | None]
    dismissed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))

    __table_args__ = (
        UniqueConstraint("record_type", "first_id", "second_id"),
        CheckConstraint("first_id < second_id", name="ordered"),
        Index(None, "record_type", "score", "id"),
    )


class MergedRecord(Base):
    """A record that was merged into another of its type: old links lead to the winner."""

    __tablename__ = "merged_records"

    record_type: Mapped[str] = mapped_column(primary_key=True)
    loser_id: Mapped[int] = mapped_column(primary_key=True)
    loser_title: Mapped[str]
    winner_id: Mapped[int]
    at: Mapped[datetime] = mapped_column(default=now)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))

    __table_args__ = (Index(None, "record_type", "winner_id"),)
