"""What the system does by itself: scores that change with time, and the rules of the public pool."""

from sqlalchemy import func, select

from erpcrm.core.db import session
from erpcrm.core.i18n import _l
from erpcrm.core.jobs import DONE, MORE, Job, Progress, handler

from .models import POOLED, Lead
from .models.leads import OPEN_LEAD
from .services.pool_nights import look_after
from .services.scores import RESCORE, rescore_open_leads

POOL = "pipeline.pool"
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
