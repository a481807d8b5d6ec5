"""Activities: what was said and done, and what is still to do."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from erpcrm.access.models import User
from erpcrm.core.db import Base, Record, now
from erpcrm.core.i18n import _l
from erpcrm.core.records import Choice

from .contacts import Contact
from .customers import Customer

KINDS = (
    Choice("call", _l("Call"), "blue"),
    Choice("meeting", _l("Meeting"), "purple"),
    Choice("email", _l("E-mail"), "yellow"),
    Choice("note", _l("Note"), "gray"),
    Choice("task", _l("Task"), "green"),
)


class Activity(Record):
    """A call, meeting, e-mail, note or task on a record, done or planned.

    It points at its record by (type, id) and, where there is one, at the customer, whose timeline is one query.
    """

    __tablename__ = "activities"
    record_name = "activity"
    unaudited: ClassVar[frozenset[str]] = Record.unaudited | {"at", "reminded_on", "record_type", "record_id"}

    kind: Mapped[str] = mapped_column(info={"label": _l("Kind"), "choices": KINDS})
    subject: Mapped[str] = mapped_column(info={"label": _l("Subject")})
    body: Mapped[str | None] = mapped_column(info={"label": _l("Text")})
    record_type: Mapped[str]
    record_id: Mapped[int]
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"), info={"label": _l("Customer")})
    contact_id: Mapped[int | None] = mapped_column(
        ForeignKey("contacts.id", ondelete="SET NULL"), index=True, info={"label": _l("Contact")}
    )
    owner_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), info={"label": _l("Owner")}
    )
    due_on: Mapped[date | None] = mapped_column(info={"label": _l("Due")})
    starts_at: Mapped[datetime | None] = mapped_column(info={"label": _l("Starts")})
    done_at: Mapped[datetime | None] = mapped_column(info={"label": _l("Done")})
    at: Mapped[datetime]
    """Where it stands in the timeline: when it happened, or was planned."""
    outcome: Mapped[str | None] = mapped_column(info={"label": _l("Outcome")})
    reminded_on: Mapped[date | None]
    """The due date of which its owner has been reminded."""

    owner: Mapped[User | None] = relationship(foreign_keys=[owner_id])
    customer: Mapped[Customer | None] = relationship()
    contact: Mapped[Contact | None] = relationship()

    @property
    def is_open(self) -> bool:
        return self.done_at is None

    __table_args__ = (
        CheckConstraint("kind IN ('call', 'meeting', 'email', 'note', 'task')", name="kind_known"),
        Index(None, "record_type", "record_id", "at"),
        Index(None, "customer_id", "at"),
        Index(None, "at", "id"),
        Index(None, "owner_id", "at"),
        Index(
            "ix_activities_open",
            "owner_id",
            "due_on",
            "at",
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
        Index(
            "ix_activities_due",
            "due_on",
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
    )


class Mention(Base):
    """Somebody was named in an activity: it stands on their My day until they have seen it."""

    __tablename__ = "activity_mentions"

    activity_id: Mapped[int] = mapped_column(ForeignKey("activities.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now)
    seen_at: Mapped[datetime | None]

    __table_args__ = (Index(None, "user_id", "at"),)
