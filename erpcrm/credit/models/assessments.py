"""Scorecards in versions, and the assessments that were made by them."""

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from erpcrm.access.models import User
from erpcrm.core.db import Record
from erpcrm.core.exact import AMOUNT
from erpcrm.core.i18n import _l, lazy_pgettext
from erpcrm.customers.models import Customer

from ..scoring import Band, Weighted
from .accounts import GRADES, money

ASSESSMENT_VIEW = "credit.assessment.view"
ASSESS = "credit.assessment.create"
SETUP = "credit.setup.edit"


class Scorecard(Record):
    """One version of how customers are scored. Once it has been used it is never changed: a new version replaces it."""

    __tablename__ = "scorecards"
    record_name = "scorecard"
    unaudited: ClassVar[frozenset[str]] = Record.unaudited

    revision: Mapped[int] = mapped_column(unique=True, info={"label": lazy_pgettext("scorecard", "Version")})
    name: Mapped[str] = mapped_column(info={"label": _l("Name")})
    active: Mapped[bool] = mapped_column(default=False, info={"label": _l("In use")})
    factors: Mapped[list[Any]] = mapped_column(JSON, info={"label": _l("Factors")})
    """[{key, weight, unknown, bands: [[start, points], ...]}, ...]"""
    grades: Mapped[dict[str, Any]] = mapped_column(JSON, info={"label": _l("Grades")})
    """{grade: {from: least score, percent: of turnover as limit, months: until the next assessment, terms}}"""

    __table_args__ = (Index(None, "active", "revision"), Index(None, "created_at", "id"))

    @property
    def weighted(self) -> list[Weighted]:
        return [
            Weighted(
                one["key"],
                one["weight"],
                tuple(Band(start, points) for start, points in one["bands"]),
                one.get("unknown", 0),
            )
            for one in self.factors
        ]


class Assessment(Record):
    """What a customer was scored on a day, factor by factor. Never changed: the next one replaces it."""

    __tablename__ = "credit_assessments"
    record_name = "credit_assessment"

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), info={"label": _l("Customer")})
    scorecard_id: Mapped[int] = mapped_column(ForeignKey("scorecards.id"), index=True, info={"label": _l("Scorecard")})
    assessed_on: Mapped[date] = mapped_column(info={"label": _l("Assessed on")})
    values: Mapped[list[Any]] = mapped_column("earned", JSON, info={"label": _l("Factors")})
    """[{key, value, band, points, weight}, ...] as they were"""
    score: Mapped[int] = mapped_column(info={"label": _l("Score")})
    grade: Mapped[str] = mapped_column(info={"label": _l("Grade"), "choices": GRADES})
    turnover: Mapped[Decimal] = mapped_column(AMOUNT, default=Decimal(0), info=money(_l("Turnover of twelve months")))
    suggested_limit: Mapped[Decimal] = mapped_column(AMOUNT, info=money(_l("Suggested limit")))
    suggested_terms: Mapped[str | None] = mapped_column(
        info={"label": _l("Suggested payment terms"), "options": "customer.payment_terms"}
    )
    valid_until: Mapped[date] = mapped_column(info={"label": _l("Valid until")})
    note: Mapped[str | None] = mapped_column(info={"label": _l("Note")})

    customer: Mapped[Customer] = relationship()
    scorecard: Mapped[Scorecard] = relationship()
    created_by: Mapped[User | None] = relationship(foreign_keys="Assessment.created_by_id")

    __table_args__ = (
        CheckConstraint("score BETWEEN 0 AND 100", name="score_within"),
        CheckConstraint("grade IN ('A', 'B', 'C', 'D', 'E')", name="grade_known"),
        Index(None, "customer_id", "assessed_on", "id"),
        Index(None, "assessed_on", "id"),
        Index(None, "score", "id"),
    )
