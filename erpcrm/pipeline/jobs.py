"""What the system does by itself: scores that change with time."""

from sqlalchemy import func, select

from erpcrm.core.db import session
from erpcrm.core.i18n import _l, today
from erpcrm.core.jobs import DONE, MORE, Job, Progress, handler

from .models import Lead
from .models.leads import OPEN_LEAD
from .services.forecast import count_stage_results, missing_days, take_picture
from .services.scores import RESCORE, rescore_open_leads

KEEP_FORECAST = "pipeline.keep_forecast"
BATCH = 500
"""Leads that are in memory at once."""


@handler(RESCORE, label=_l("Score leads anew"), quiet=True)
def rescore_leads(job: Job) -> Progress:
    """Score all open leads: every night, for what was recent yesterday may not be today, and after a rule has changed."""
    if job.total is None:
        job.total = session.scalar(select(func.count()).select_from(Lead).where(Lead.status.in_(OPEN_LEAD)))
    ids = rescore_open_leads(job.state.get("after", 0), BATCH)
    job.done += len(ids)
    if len(ids) < BATCH:
        return DONE
    job.state = {"after": ids[-1]}
    return MORE


@handler(KEEP_FORECAST, label=_l("Keep the picture of the forecast"), quiet=True)
def keep_forecast(job: Job) -> Progress:
    """Count what became of stages, then take the picture of each day that is over and has none yet, one a step."""
    if not job.state.get("counted"):
        count_stage_results(today())
        job.state = {"counted": True}
        return MORE
    days = missing_days(limit=2)
    if not days:
        return DONE
    take_picture(days[0])
    job.done += 1
    return MORE if len(days) > 1 else DONE
