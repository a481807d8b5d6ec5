"""What the system does by itself: scores that change with time."""

from sqlalchemy import func, select

from erpcrm.core.db import session
from erpcrm.core.i18n import _l
from erpcrm.core.jobs import DONE, MORE, Job, Progress, handler

from .models import Lead
from .models.leads import OPEN_LEAD
from .services.scores import RESCORE, rescore_open_leads

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
