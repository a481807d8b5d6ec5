"""What analytics does by itself at night: scores of RFM, and who came into a segment or left it."""

from sqlalchemy import select

from erpcrm.core.db import session
from erpcrm.core.i18n import _, _l
from erpcrm.core.jobs import DONE, MORE, Job, Progress, handler

from .models import Segment
from .services import note_members
from .services.rfm import work_out

SCORE = "analytics.rfm"
COUNT = "analytics.count_segments"


@handler(SCORE, label=_l("Work out RFM scores"), quiet=True)
def score_customers(job: Job) -> Progress:
    job.done = job.total = work_out()
    job.result = {"text": _("%(count)s customers have scores.", count=job.done)}
    return DONE


@handler(COUNT, label=_l("Count segments, and note who came and left"), quiet=True)
def count_segments(job: Job) -> Progress:
    """One segment a step. What can't be used is left as it was."""
    query = select(Segment).where(Segment.active.is_(True), Segment.id > job.state.get("after", 0))
    segment = session.scalars(query.order_by(Segment.id).limit(1)).first()
    if segment is None:
        return DONE
    note_members(segment)
    job.state["after"], job.done = segment.id, job.done + 1
    return MORE
