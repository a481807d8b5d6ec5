"""What the system does by itself: applications expire, who is long overdue is put on hold, who has paid is let go."""

from erpcrm.core.i18n import _l
from erpcrm.core.jobs import DONE, Job, Progress, handler

from . import services

EXPIRE = "credit.expire_applications"
HOLD = "credit.hold_overdue"


@handler(EXPIRE, label=_l("Let credit applications expire"), quiet=True)
def expire_applications(job: Job) -> Progress:
    """Applications that nobody has decided in time; and orders from before credit was on are noted."""
    job.done = services.expire_due() + services.note_orders_before()
    return DONE


@handler(HOLD, label=_l("Hold customers who are long overdue, and let go who has paid"), quiet=True)
def hold_overdue(job: Job) -> Progress:
    held, lifted = services.hold_overdue()
    job.done = held + lifted
    return DONE
