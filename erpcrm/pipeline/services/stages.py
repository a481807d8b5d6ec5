"""Pipelines and stages."""

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from erpcrm.core.db import session
from erpcrm.core.errors import Refused
from erpcrm.core.i18n import _

from ..models import Pipeline, Stage

# Probabilities as other systems ship them: Frappe CRM and EspoCRM start near 10 and end near 90.
STANDARD: tuple[tuple[str, str, int, str, list[str], int], ...] = (
    ("Prospecting", "初步接洽", 10, "pipeline", [], 21),
    ("Qualification", "需求确认", 25, "pipeline", ["customer"], 21),
    ("Proposal", "方案报价", 50, "best_case", ["amount"], 14),
    ("Negotiation", "商务谈判", 75, "commit", ["amount", "expected_close"], 14),
)


def ensure_standard_pipeline() -> Pipeline:
    """The first pipeline of a new company, made when there is none."""
    first = session.scalars(select(Pipeline).order_by(Pipeline.position, Pipeline.id).limit(1)).one_or_none()
    if first is not None:
        return first
    pipeline = Pipeline(name="Sales", name_zh="销售")
    pipeline.stages = [
        Stage(
            name=name,
            name_zh=name_zh,
            position=place,
            probability=percent,
            forecast_category=category,
            required=required,
            stale_days=days,
        )
        for place, (name, name_zh, percent, category, required, days) in enumerate(STANDARD, 1)
    ]
    session.add(pipeline)
    session.flush()
    return pipeline


def default_pipeline() -> Pipeline:
    """The active pipeline that comes first. Refused when there is none."""
    pipeline = session.scalars(
        select(Pipeline).where(Pipeline.active).order_by(Pipeline.position, Pipeline.id).limit(1)
    ).one_or_none()
    if pipeline is None:
        raise Refused(_("There is no pipeline yet. Add one under Pipelines first."))
    return pipeline


def keep_one_in_use() -> None:
    """Refused when no pipeline is left on which a new deal could begin."""
    if not session.scalar(select(func.count(Pipeline.id)).where(Pipeline.active)):
        raise Refused(_("Keep at least one pipeline in use: new deals begin there."))


def active_pipelines() -> list[Pipeline]:
    """With their stages, in the order in which they are offered."""
    query = select(Pipeline).where(Pipeline.active).options(selectinload(Pipeline.stages))
    return list(session.scalars(query.order_by(Pipeline.position, Pipeline.id)))
