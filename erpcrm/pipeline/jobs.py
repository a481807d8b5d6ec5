"""What the system does by itself: scores that change with time, the rules of the public pool, learning."""

from functools import partial
from typing import Any

from flask import Flask, current_app
from sqlalchemy import func, select

from erpcrm.core.db import session
from erpcrm.core.i18n import _l, today
from erpcrm.core.jobs import DONE, MORE, Failed, Job, Outside, Progress, handler
from erpcrm.core.jobs.steps import fresh_context
from erpcrm.core.lifecycle import transaction

from .models import POOLED, Lead
from .models.leads import OPEN_LEAD
from .services.forecast import count_stage_results, missing_days, take_picture
from .services.learned import LEARN, keep, learn_all
from .services.pool_nights import look_after
from .services.scores import RESCORE, rescore_open_leads

POOL = "pipeline.pool"
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


@handler(POOL, label=_l("Remind of the public pool, and take back"), quiet=True)
def keep_the_pool(job: Job) -> Progress:
    """Every night: tell holders what goes back soon, and take back what has come to its day. One kind after the other."""
    names = list(POOLED)
    name = job.state.get("kind", names[0])
    last, done = look_after(POOLED[name], job.state.get("after", 0))
    job.done += done
    if last is not None:
        job.state = {"kind": name, "after": last}
        return MORE
    following = names[names.index(name) + 1 :]
    if not following:
        return DONE
    job.state = {"kind": following[0], "after": 0}
    return MORE


@handler(LEARN, label=_l("Learn from won and lost deals"), quiet=True)
def learn_from_deals(job: Job) -> Outside | Failed | Progress:
    """Count outside of any writing transaction, for there may be many deals; then put what was learned in force."""
    if job.outcome is None:
        app: Any = current_app
        return Outside(partial(_learn, app._get_current_object()))
    if job.outcome.error is not None:
        return Failed(str(job.outcome.error))
    keep(job.outcome.value)
    return DONE


def _learn(app: Flask) -> dict[str, Any]:
    with fresh_context(app), transaction(writes=False):
        return learn_all()


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
