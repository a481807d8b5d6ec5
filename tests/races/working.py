"""The application with jobs that can be stopped at a known place: what the worker processes of these tests run."""

import signal
from pathlib import Path
from typing import Any

from erpcrm import create_app
from erpcrm.access.models import Team
from erpcrm.core.db import session
from erpcrm.core.jobs import DONE, MORE, Job, Outside, handler
from erpcrm.inventory.models import Delivery
from erpcrm.inventory.services import ship


def stand_still(marker: str | None) -> None:
    """The first time: tell the test that we are here, and wait for the end. Afterwards: go on."""
    if marker and not Path(marker).exists():
        Path(marker).touch()
        signal.pause()


@handler("races.count")
def count(job: Job) -> Any:
    """One team a step."""
    at = job.state.get("at", 0)
    session.add(Team(name=f"job {job.id} step {at}"))
    session.flush()
    job.state["at"] = at + 1
    job.done = at + 1
    if at == job.state.get("stop_at"):
        stand_still(job.state.get("marker"))
    return MORE if at + 1 < job.total else DONE


@handler("races.outside")
def outside(job: Job) -> Any:
    """Ask the world outside; note each asking and each answer."""
    if job.outcome is None:
        session.add(Team(name=f"asked {job.state.get('asked', 0)}"))
        job.state["asked"] = job.state.get("asked", 0) + 1
        marker = job.state["marker"]
        return Outside(lambda: stand_still(marker))
    session.add(Team(name="answered"))
    return DONE


@handler("races.ship")
def send(job: Job) -> Any:
    """A delivery leaves; before that is committed the process may be stopped."""
    ship(session.get_one(Delivery, job.state["delivery"]), by=None)
    session.flush()
    stand_still(job.state["marker"])
    return DONE


def make() -> Any:
    """For `flask --app tests.races.working:make`: settings come from the environment."""
    return create_app()
