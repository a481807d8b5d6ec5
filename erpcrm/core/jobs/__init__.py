"""Work outside a request: rows in our own database, done by a worker step by step, each step a transaction.

An area declares `@handler("area.verb")` and calls `enqueue("area.verb", ...)` in the transaction that causes the work.
See docs/jobs.md.
"""

from .handlers import DONE, MORE, Failed, Outside, Progress, handler
from .models import Job, Outcome
from .services import enqueue
from .worker import run_pending

__all__ = ["DONE", "MORE", "Failed", "Job", "Outcome", "Outside", "Progress", "enqueue", "handler", "run_pending"]
