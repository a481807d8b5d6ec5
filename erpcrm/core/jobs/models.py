"""Jobs and the schedule of what the system does by itself."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, now

STATUSES = ("queued", "running", "done", "failed", "cancelled")
UNFINISHED = ("queued", "running")


@dataclass(frozen=True)
class Outcome:
    """What came of a call made outside the transaction: its value, or the exception that it raised."""

    value: Any = None
    error: Exception | None = None


class Job(Base):
    """A piece of work for the worker. `state` is its own notebook: where it is, what it works on."""

    __tablename__ = "jobs"
    __allow_unmapped__ = True
    __table_args__ = (
        CheckConstraint("status IN ({})".format(", ".join(f"'{status}'" for status in STATUSES)), name="status_known"),
        Index(None, "status", "run_at", "id"),
        Index(None, "status", "id"),
        Index(None, "user_id", "id"),
        Index(None, "name", "status"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    label: Mapped[str | None]
    status: Mapped[str] = mapped_column(default="queued")
    state: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    result: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """For people: {"text": what came out, "url": where to see it}"""
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    """Whose rights it has; None for the system's own work. A job must not outlive its user and gain the system's rights."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    run_at: Mapped[datetime] = mapped_column(default=now)
    attempts: Mapped[int] = mapped_column(default=0)
    """Failed tries since the last step that went well."""
    worker: Mapped[str | None]
    started_at: Mapped[datetime | None]
    heartbeat_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(Text)
    traceback: Mapped[str | None] = mapped_column(Text)

    outcome: Outcome | None = None
    """Not stored: what came of the `Outside` call that the previous step asked for."""
    last_try: bool = False
    """Not stored: whether a failure now is final."""

    @property
    def is_finished(self) -> bool:
        return self.status not in UNFINISHED


class ScheduledWork(Base):
    """When each entry of the areas' schedules is due next."""

    __tablename__ = "job_schedules"

    name: Mapped[str] = mapped_column(primary_key=True)
    next_at: Mapped[datetime]
    last_at: Mapped[datetime | None]
