"""The public pool: leads and customers without an owner, how they came there, and how long their holders keep them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from erpcrm.core.db import Base, now
from erpcrm.core.i18n import _l
from erpcrm.core.records import Choice
from erpcrm.customers.models import Customer

from .leads import OPEN_LEAD, Lead

VIEW = "pipeline.pool.view"
CLAIM = "pipeline.pool.claim"
SETUP = "pipeline.pool.setup"
REASONS = "pool.return_reason"

MOVES = (
    Choice("claimed", _l("Claimed"), "green"),
    Choice("returned", _l("Given back"), "yellow"),
    Choice("auto_returned", _l("Went back by itself"), "orange"),
    Choice("assigned", _l("Assigned"), "blue"),
    Choice("protected", _l("Protected"), "purple"),
)


class PoolMove(Base):
    """One change of hands of a lead or customer, or one extension of its protection. Rows are only ever added."""

    __tablename__ = "pool_moves"

    id: Mapped[int] = mapped_column(primary_key=True)
    record_type: Mapped[str]
    record_id: Mapped[int]
    kind: Mapped[str]
    from_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    to_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    """None: the system itself"""
    reason: Mapped[str | None]
    """A value of the list of reasons, or why the system took it back"""
    note: Mapped[str | None]
    at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (
        CheckConstraint("kind IN ('claimed', 'returned', 'auto_returned', 'assigned', 'protected')", name="kind_known"),
        Index(None, "record_type", "record_id", "id"),
        Index(None, "to_id", "at"),
        # What a customer went through before it was merged, or a lead before it was converted, stays its own.
        {"info": {"on_merge": "keep"}},
    )


class PoolPlace(Base):
    """How a lead or customer stands towards the pool since it last changed hands. Without a row: as it was created."""

    __tablename__ = "pool_places"

    record_type: Mapped[str] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(primary_key=True)
    since: Mapped[datetime] = mapped_column(default=now)
    kind: Mapped[str]
    """The move that brought it here"""
    former_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    reason: Mapped[str | None]
    note: Mapped[str | None]
    protected_until: Mapped[date | None]
    extensions: Mapped[int] = mapped_column(default=0)
    """How often this holder has extended the protection"""
    told_for: Mapped[date | None]
    """The day of going back of which the holder has been told"""

    __table_args__ = ({"info": {"on_merge": "keep"}},)


@dataclass(frozen=True)
class Pooled:
    """A kind of record that the pool takes."""

    name: str
    model: type[Any]
    setting: str
    view: str
    edit: str
    assign: str
    endpoint: str
    open: Callable[[], ColumnElement[bool]]

    def is_open(self, record: Any) -> bool:
        """Whether somebody still works on it: what has ended is in nobody's pool."""
        return record.status in OPEN_LEAD if self.name == "lead" else record.status != "archived"


POOLED = {
    kind.name: kind
    for kind in (
        Pooled(
            "lead",
            Lead,
            "pool_leads",
            "pipeline.lead.view",
            "pipeline.lead.edit",
            "pipeline.lead.assign",
            "pipeline.lead",
            lambda: Lead.status.in_(OPEN_LEAD),
        ),
        Pooled(
            "customer",
            Customer,
            "pool_customers",
            "customers.customer.view",
            "customers.customer.edit",
            "customers.customer.assign",
            "customers.customer",
            lambda: Customer.status != "archived",
        ),
    )
}
