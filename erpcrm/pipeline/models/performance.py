"""Who shares a deal's success, what winning it leaves, and what each should sell in a period."""

from datetime import date
from decimal import Decimal
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from erpcrm.access.models import Team, User
from erpcrm.company.models import COMPANY_MONEY
from erpcrm.core.db import Base, Record
from erpcrm.core.exact import AMOUNT
from erpcrm.core.i18n import _l
from erpcrm.core.records import Choice

from .opportunities import Opportunity

PERIOD_KINDS = (Choice("month", _l("Month")), Choice("quarter", _l("Quarter")), Choice("year", _l("Year")))
MEASURES = (
    Choice("amount", _l("Won amount")),
    Choice("number", _l("Won deals")),
    Choice("margin", _l("Won margin")),
)


class OpportunityShare(Record):
    """So much of a deal's success is this user's. The shares of a deal make 100 percent; without any its owner has all."""

    __tablename__ = "opportunity_shares"
    record_name = "opportunity_share"
    record_label = _l("Share of the success")
    audit_parent = ("opportunity", "opportunity_id")
    unaudited: ClassVar[frozenset[str]] = Record.unaudited | {"position", "base_amount", "team_id"}

    opportunity_id: Mapped[int] = mapped_column(ForeignKey("opportunities.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True, info={"label": _l("User")})
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id", ondelete="SET NULL"), index=True)
    """Whose success it is too: the user's team when the share was given"""
    position: Mapped[int] = mapped_column(default=0)
    percent: Mapped[int] = mapped_column(info={"label": _l("Percent")})
    base_amount: Mapped[Decimal | None] = mapped_column(AMOUNT, info=COMPANY_MONEY)
    """The part of the deal's amount in the company's currency; kept in step by the flush"""

    opportunity: Mapped[Opportunity] = relationship()
    user: Mapped[User] = relationship(foreign_keys=[user_id])

    __table_args__ = (
        CheckConstraint("percent BETWEEN 1 AND 100", name="percent_range"),
        UniqueConstraint("opportunity_id", "user_id"),
    )


class OpportunityMargin(Base):
    """What winning a deal leaves after the cost of its products, as costs were on that day, in the company's currency.

    Only for deals whose lines are all products with a known cost.
    """

    __tablename__ = "opportunity_margins"

    opportunity_id: Mapped[int] = mapped_column(ForeignKey("opportunities.id", ondelete="CASCADE"), primary_key=True)
    base_margin: Mapped[Decimal] = mapped_column(AMOUNT, info=COMPANY_MONEY)

    opportunity: Mapped[Opportunity] = relationship()


class Quota(Record):
    """What a user or a team should sell in a period."""

    __tablename__ = "quotas"
    record_name = "quota"
    record_label = _l("Quota")

    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), info={"label": _l("User")})
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"), info={"label": _l("Team")})
    period: Mapped[str] = mapped_column(info={"label": _l("Period"), "choices": PERIOD_KINDS})
    starts_on: Mapped[date] = mapped_column(info={"label": _l("From")})
    measure: Mapped[str] = mapped_column(info={"label": _l("Measure"), "choices": MEASURES})
    target: Mapped[Decimal] = mapped_column(AMOUNT, info={"label": _l("Quota")} | COMPANY_MONEY)
    """In the company's currency, or a number of deals"""
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    """Who said so last: whoever is below them leaves it"""

    user: Mapped[User | None] = relationship(foreign_keys=[user_id])
    team: Mapped[Team | None] = relationship(foreign_keys=[team_id])
    set_by: Mapped[User | None] = relationship(foreign_keys=[set_by_id])

    __table_args__ = (
        CheckConstraint("(user_id IS NULL) <> (team_id IS NULL)", name="one_holder"),
        CheckConstraint("period IN ('month', 'quarter', 'year')", name="period_known"),
        CheckConstraint("measure IN ('amount', 'number', 'margin')", name="measure_known"),
        CheckConstraint("target > 0", name="target_positive"),
        UniqueConstraint("user_id", "period", "starts_on", "measure"),
        UniqueConstraint("team_id", "period", "starts_on", "measure"),
        Index(None, "starts_on", "measure", "id"),
    )
