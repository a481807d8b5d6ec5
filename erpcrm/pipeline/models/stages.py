"""Pipelines and their stages."""

from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from erpcrm.core.db import Record
from erpcrm.core.i18n import _l, lazy_pgettext, locale_code
from erpcrm.core.records import Choice

FORECAST_CATEGORIES = (
    Choice("pipeline", lazy_pgettext("forecast", "Pipeline")),
    Choice("best_case", lazy_pgettext("forecast", "Best case")),
    Choice("commit", lazy_pgettext("forecast", "Commit")),
    Choice("omitted", lazy_pgettext("forecast", "Left out")),
)
"""How sure an open deal is, in a forecast. What is won is closed, what is lost is left out, always."""
CATEGORY_KNOWN = "forecast_category IN ('pipeline', 'best_case', 'commit', 'omitted')"


class Named:
    """A name in both languages; the Chinese one may be empty."""

    name: Mapped[str] = mapped_column(info={"label": _l("Name")})
    name_zh: Mapped[str | None] = mapped_column(info={"label": _l("Chinese name")})

    @property
    def label(self) -> str:
        return self.name_zh if self.name_zh and locale_code() == "zh" else self.name


class Pipeline(Named, Record):
    """An ordered way of stages that opportunities take."""

    __tablename__ = "pipelines"
    record_name = "pipeline"

    active: Mapped[bool] = mapped_column(default=True, info={"label": _l("Active")})
    position: Mapped[int] = mapped_column(default=0, info={"label": _l("Order")})

    stages: Mapped[list["Stage"]] = relationship(back_populates="pipeline", order_by="Stage.position")


class Stage(Named, Record):
    """A step of a pipeline. `required` must be filled to leave it forwards; after `stale_days` a deal is stale."""

    __tablename__ = "stages"
    record_name = "stage"
    record_label = _l("Stage")
    audit_parent = ("pipeline", "pipeline_id")

    pipeline_id: Mapped[int] = mapped_column(ForeignKey("pipelines.id"))
    position: Mapped[int] = mapped_column(default=0, info={"label": _l("Order")})
    probability: Mapped[int] = mapped_column(info={"label": _l("Probability")})
    """Percent"""
    forecast_category: Mapped[str] = mapped_column(
        default="pipeline",
        server_default="pipeline",
        info={"label": _l("Forecast category"), "choices": FORECAST_CATEGORIES},
    )
    """Of its open deals, unless a seller says otherwise"""
    required: Mapped[list[Any]] = mapped_column(JSON, default=list, info={"label": _l("Required to leave")})
    stale_days: Mapped[int | None] = mapped_column(info={"label": _l("Stale after days")})

    pipeline: Mapped[Pipeline] = relationship(back_populates="stages")

    __table_args__ = (
        CheckConstraint("probability BETWEEN 0 AND 100", name="probability_range"),
        CheckConstraint(CATEGORY_KNOWN, name="category_known"),
        Index(None, "pipeline_id", "position"),
    )
