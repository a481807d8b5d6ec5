"""What the system does by itself: warnings, broken promises and escalation of tickets, and closing what stays resolved."""

from erpcrm.core.i18n import _l
from erpcrm.core.jobs import DONE, MORE, Job, Progress, handler

from . import services

SWEEP = "service.sweep_tickets"
CLOSE = "service.close_tickets"


@handler(SWEEP, label=_l("Watch what is promised for tickets"), quiet=True)
def sweep_tickets(job: Job) -> Progress:
    """Warn first, then note what is broken, then escalate."""
    looked = [services.warn_in_time(), services.refresh_breaches(), services.escalate()]
    job.done += sum(looked)
    return MORE if max(looked) >= services.PART else DONE


@handler(CLOSE, label=_l("Close tickets that stay resolved"), quiet=True)
def close_tickets(job: Job) -> Progress:
    services.forget_presences()
    closed = services.close_old()
    job.done += closed
    return MORE if closed == services.CLOSED_AT_ONCE else DONE
