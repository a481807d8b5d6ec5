"""The worker: takes jobs from the queue and does them step by step, several of them in turn."""

import os
import signal
import sys
import time
from collections import Counter, deque
from dataclasses import dataclass
from pathlib import Path

import structlog
from flask import Flask, current_app
from sqlalchemy.exc import DBAPIError

from ..db import db
from ..lifecycle import transaction
from .claims import anything_due, claim, forget_worker, new_worker_name, release, resting_names
from .handlers import Outside, Progress
from .models import Outcome
from .schedules import anything_scheduled, enqueue_due
from .steps import fresh_context, take_step
from .wake import last_wake, wake_file

RING = 8
"""So many jobs are held at once and get a step each in turn, so that a mail does not wait for a long import."""
ALIKE = 2
"""At most so many of one kind, so that ten thousand mails don't keep an import waiting."""
LOOK_EVERY = 0.25
IDLE_LOOK_EVERY = 1.0
SCHEDULE_EVERY = 5.0

log = structlog.get_logger()


@dataclass
class Held:
    """A job that this worker has claimed."""

    job_id: int
    name: str
    outside: Outside | None = None


GROWN = 24 * 1024**2
"""Bytes that a worker may hold beyond what it began with. Python gives little back after a file of ten thousand rows."""
PAUSE = 0.12
"""Seconds between two steps. SQLite lets one write at a time, and whoever waits for a step to end looks every tenth of a second:
without a pause users would wait for a whole job."""


def memory() -> int:
    """Resident bytes of this process; 0 where the system does not tell it as Linux does."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


class Worker:
    """`run()` works until told to stop; `turn()` does one round."""

    def __init__(self, app: Flask, *, schedules: bool = True) -> None:
        self.app, self.schedules = app, schedules
        self.name = new_worker_name()
        self.ring: deque[Held] = deque()
        self.stopping = False
        self._looked = self._scheduled = -1e9

    def turn(self) -> bool:
        """Look for due work and do one step of one job. False when there was nothing to do."""
        self._enqueue_due()
        self._claim()
        if not self.ring:
            return False
        held = self.ring.popleft()
        outcome = _call(held.outside) if held.outside else None
        answer = take_step(self.app, held.job_id, self.name, outcome)
        if answer is not Progress.DONE:
            held.outside = answer if isinstance(answer, Outside) else None
            self.ring.append(held)
        return True

    def _enqueue_due(self) -> None:
        if not self.schedules or time.monotonic() - self._scheduled < SCHEDULE_EVERY:
            return
        self._scheduled = time.monotonic()
        with fresh_context(self.app):
            with transaction(writes=False):
                due = anything_scheduled()
            if due:
                with transaction():
                    enqueue_due()

    def _claim(self) -> None:
        """While it has work this is a look now and then; without work at every turn."""
        if len(self.ring) >= RING or (self.ring and time.monotonic() - self._looked < LOOK_EVERY):
            return
        self._looked = time.monotonic()
        with fresh_context(self.app):
            with transaction(writes=False):
                skip = resting_names() | {
                    name for name, n in Counter(held.name for held in self.ring).items() if n >= ALIKE
                }
                if not anything_due(self.name, skip):
                    return
            with transaction():
                taken = claim(self.name, skip)
            if taken is not None:
                self.ring.append(Held(*taken))
                self._looked = -1e9  # there may be more

    def run(self) -> None:
        """Work until SIGTERM, SIGINT or the end of the parent process; then give back what is held."""
        kept = os.environ.get("PARENT_PID")
        parent, began = int(kept or os.getppid()), memory()
        wake = wake_file()
        log.info("worker started", worker=self.name)
        while not self.stopping and os.getppid() == parent:
            seen = last_wake(wake)
            try:
                busy = self.turn()
            except DBAPIError:
                # The database went away or is busy. What was held is left behind and claimed anew.
                log.exception("worker waits for the database")
                self.ring.clear()
                forget_worker(self.name)
                self.name = new_worker_name()
                with self.app.app_context():
                    db.engine.dispose()
                busy = False
            if busy:
                time.sleep(PAUSE)
            elif kept and memory() > began + GROWN:
                break  # whoever keeps it starts it anew, small
            else:
                self._idle(seen)
        self._give_back()
        log.info("worker ended", worker=self.name)

    def _idle(self, seen: int) -> None:
        until = time.monotonic() + IDLE_LOOK_EVERY
        while time.monotonic() < until and not self.stopping and last_wake(wake_file()) == seen:
            time.sleep(0.1)

    def _give_back(self) -> None:
        try:
            with fresh_context(self.app), transaction():
                release(self.name)
        except DBAPIError:
            log.exception("worker could not give back its jobs")  # the heartbeat will tell
        forget_worker(self.name)

    def stop(self, *_signal: object) -> None:
        self.stopping = True


def _call(outside: Outside) -> Outcome:
    try:
        return Outcome(value=outside.call())
    except Exception as error:
        return Outcome(error=error)


def work(app: Flask) -> None:
    """Run a worker in this process until it is told to end."""
    worker = Worker(app)
    signal.signal(signal.SIGTERM, worker.stop)
    signal.signal(signal.SIGINT, worker.stop)
    if sys.platform == "win32":
        signal.signal(signal.SIGBREAK, worker.stop)
    with app.app_context():
        worker.run()


def run_pending(*, schedules: bool = False, most: int = 10_000) -> int:
    """Do in this process everything that is due now; returns the number of steps. For tests, commands and the demo."""
    worker = Worker(current_app._get_current_object(), schedules=schedules)  # type: ignore[attr-defined]
    steps = 0
    while worker.turn():
        steps += 1
        if steps >= most:
            raise RuntimeError(f"jobs did not come to an end within {most} steps")
    return steps
