"""What the system does by itself: offers expire, contracts come to their end."""

from erpcrm.core.i18n import _l
from erpcrm.core.jobs import DONE, Job, Progress, handler

from .services import expire_due, watch

EXPIRE = "sales.expire_quotations"
WATCH = "sales.watch_contracts"


@handler(EXPIRE, label=_l("Let quotations expire"), quiet=True)
def expire_quotations(job: Job) -> Progress:
    """Quotations that were sent and whose last day has passed."""
    job.done = expire_due()
    return DONE


@handler(WATCH, label=_l("Look after contracts that end"), quiet=True)
def watch_contracts(job: Job) -> Progress:
    """Open deals for renewals, renew what renews itself, let expire what has ended."""
    job.done = watch()
    return DONE
