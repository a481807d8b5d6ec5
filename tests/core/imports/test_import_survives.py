"""An import whose worker dies goes on where it was, and has its effect once."""

from typing import Any

import pytest
from sqlalchemy import func, select

from erpcrm.core.db import session
from erpcrm.core.imports import engine, handlers
from erpcrm.core.imports.models import ImportRow
from erpcrm.core.jobs import Job, run_pending
from tests.core.imports.toys import Toy
from tests.wizard import Wizard


class Killed(BaseException):
    """What a kill is to the code that runs: nothing after it happens."""


def test_a_run_that_dies_between_effect_and_commit_doubles_nothing(
    wizard: Wizard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine.run_step, "__defaults__", (100,))
    wizard.upload("name,part of\n" + "".join(f"Toy {n},Toy {(n + 1) % 350}\n" for n in range(350))).columns(
        mode="create", key=""
    )
    wizard.post("/start")
    calls = 0
    step = handlers.run_step

    def dying(*args: Any) -> bool:
        nonlocal calls
        calls += 1
        done = step(*args)
        if calls in (2, 5):
            raise Killed
        return done

    monkeypatch.setattr(handlers, "run_step", dying)
    for _life in range(3):
        try:
            run_pending()
        except Killed:
            session.expire_all()
            # What a new worker does with the job of a dead one.
            job = session.scalars(select(Job).order_by(Job.id.desc()).limit(1)).one()
            job.status, job.worker = "queued", None
            session.commit()
    assert wizard.counts() == (350, 0, 0, 0)
    assert session.scalar(select(func.count(Toy.id))) == 350
    assert session.scalar(select(func.count(func.distinct(Toy.name)))) == 350
    assert session.scalar(select(func.count(ImportRow.id))) == 350
    assert session.scalar(select(func.count(Toy.id)).where(Toy.parent_id.is_not(None))) == 350
    assert calls > 6
