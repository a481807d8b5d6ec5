"""What is kept of forecasts: what sellers and managers called, every night's picture, what became of stages."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from erpcrm.access.models import User
from erpcrm.company.models import COMPANY_MONEY
from erpcrm.core.db import Base
from erpcrm.core.exact import AMOUNT
from erpcrm.core.i18n import moment

FORECAST_VIEW = "pipeline.forecast.view"
FORECAST_CALL = "pipeline.forecast.call"
FORECAST_OVERRIDE = "pipeline.forecast.override"


class ForecastCall(Base):
    """What somebody expects an owner to sell in a period. Never changed: a new call is a new row, the latest counts."""

    __tablename__ = "forecast_calls"
    id: Mapped[int] = mapped_column(primary_key=True)
    first: Mapped[date]
    months: Mapped[int]
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[str]
    """`seller` for the own figure, `manager` for what somebody else puts in its place"""
    amount: Mapped[Decimal | None] = mapped_column(AMOUNT, info=COMPANY_MONEY)
    """In the company's currency; None takes the call back"""
    note: Mapped[str | None]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    at: Mapped[datetime] = mapped_column(default=moment)

    owner: Mapped[User] = relationship(foreign_keys=[owner_id])
    by: Mapped[User | None] = relationship(foreign_keys=[by_id])

    __table_args__ = (
        CheckConstraint("kind IN ('seller', 'manager')", name="kind_known"),
        CheckConstraint("months IN (1, 3)", name="months_known"),
        CheckConstraint("amount IS NULL OR amount >= 0", name="amount_positive"),
        Index(None, "first", "months", "owner_id", "kind", "id"),
        Index(None, "owner_id"),
    )


class ForecastPicture(Base):
    """What the deals of a month looked like at the end of a day: sums by owner, team, pipeline and category."""

    __tablename__ = "forecast_pictures"

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date]
    month: Mapped[date]
    """The first day of the month of the expected close; of won deals, of their close"""
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id", ondelete="SET NULL"))
    pipeline_id: Mapped[int] = mapped_column(ForeignKey("pipelines.id", ondelete="CASCADE"))
    category: Mapped[str]
    deals: Mapped[int]
    amount: Mapped[Decimal] = mapped_column(AMOUNT, info=COMPANY_MONEY)
    weighted: Mapped[Decimal] = mapped_column(AMOUNT, info=COMPANY_MONEY)
    """By the probabilities that the stages had when the picture was taken; closed deals whole"""

    __table_args__ = (
        CheckConstraint("category IN ('closed', 'commit', 'best_case', 'pipeline')", name="category_known"),
        UniqueConstraint("day", "month", "owner_id", "team_id", "pipeline_id", "category"),
        Index(None, "month", "day"),
    )


class StageResult(Base):
    """What became of the deals of the last two years that had reached a stage, as the last night counted it."""

    __tablename__ = "stage_results"

    stage_id: Mapped[int] = mapped_column(ForeignKey("stages.id", ondelete="CASCADE"), primary_key=True)
    reached: Mapped[int]
    won: Mapped[int]
    since: Mapped[date]
    """Deals that ended earlier are not counted"""
    counted_on: Mapped[date]
