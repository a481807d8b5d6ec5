"""Service level agreements: what is promised to whom."""

from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from erpcrm.access.models import User
from erpcrm.core.db import Record
from erpcrm.core.i18n import _l


class SlaPolicy(Record):
    """Targets for the tickets that meet its conditions. The first active one that fits holds; the default fits always."""

    __tablename__ = "sla_policies"
    record_name = "sla_policy"

    name: Mapped[str] = mapped_column(unique=True, info={"label": _l("Name")})
    active: Mapped[bool] = mapped_column(default=True, info={"label": _l("In use")})
    position: Mapped[int] = mapped_column(default=0, info={"label": _l("Order")})
    is_default: Mapped[bool] = mapped_column(default=False, info={"label": _l("Holds for all others")})
    priorities: Mapped[list[Any]] = mapped_column(JSON, default=list, info={"label": _l("Priorities")})
    kinds: Mapped[list[Any]] = mapped_column(JSON, default=list, info={"label": _l("Kinds")})
    customer_groups: Mapped[list[Any]] = mapped_column(
        JSON, default=list, info={"label": _l("Customer groups"), "options_of_each": "customer.group"}
    )
    with_contract: Mapped[bool] = mapped_column(default=False, info={"label": _l("Only customers with a contract")})
    around_the_clock: Mapped[bool] = mapped_column(default=False, info={"label": _l("Around the clock")})
    targets: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, info={"label": _l("Targets")})
    """{priority: [minutes to the first response, minutes to the resolution]}; None: no promise"""
    warn_percent: Mapped[int] = mapped_column(default=75, info={"label": _l("Warn after percent of the time")})
    escalate_minutes: Mapped[int] = mapped_column(default=0, info={"label": _l("Escalate so many minutes after")})
    escalate_to_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), info={"label": _l("Escalate to")}
    )
    reassign: Mapped[bool] = mapped_column(default=False, info={"label": _l("Reassign when escalated")})

    escalate_to: Mapped[User | None] = relationship(foreign_keys=[escalate_to_id])

    __table_args__ = (
        CheckConstraint("warn_percent BETWEEN 1 AND 100", name="warn_percent_range"),
        CheckConstraint("escalate_minutes >= 0", name="escalates_later"),
        CheckConstraint("NOT is_default OR active", name="default_active"),
        Index(
            "uq_sla_policies_default",
            "is_default",
            unique=True,
            sqlite_where=text("is_default"),
            postgresql_where=text("is_default"),
        ),
    )
