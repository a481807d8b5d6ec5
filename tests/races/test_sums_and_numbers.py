"""What several do at the same moment comes out as if they had come one after the other."""

import io
import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm.exc import StaleDataError

from erpcrm.access.models import Team
from erpcrm.access.services import create_user, ensure_standard_roles
from erpcrm.core.db import db
from erpcrm.core.files import Attachment
from erpcrm.core.jobs import Job
from erpcrm.core.jobs.schedules import enqueue_due, schedules_on
from erpcrm.core.lifecycle import transaction
from erpcrm.core.numbers import declare_numbers, next_number

pytestmark = pytest.mark.races
declare_numbers("race", "Race", "R-", digits=4)


class ChangedMyMind(Exception):
    """Ends a transaction."""


def test_numbers_have_no_gaps_and_no_repeats_although_some_takers_give_up(at_once: Callable[..., list[Any]]) -> None:
    def take(place: int) -> list[str]:
        kept = []
        for n in range(10):
            try:
                with transaction():
                    number = next_number("race")
                    if (place + n) % 3 == 0:
                        raise ChangedMyMind
                    kept.append(number)
            except ChangedMyMind:
                continue
        return kept

    results = at_once(*(lambda place=place: take(place) for place in range(6)))
    numbers = sorted(number for kept in results for number in kept)
    assert numbers == [f"R-{n:04}" for n in range(1, 41)]


def test_two_taps_at_the_same_moment_do_it_once(app: Flask, session: Any, sign_in: Any, at_once: Any) -> None:
    ensure_standard_roles()
    admin = create_user("Ada", "ada@example.com", roles=["admin"])
    session.commit()
    clients = [sign_in(app.test_client(), admin) for _tap in range(4)]
    user_id = admin.id
    session.rollback()

    def tap(client: Any) -> int:
        data = {
            "record_type": "user",
            "record_id": user_id,
            "files": (io.BytesIO(b"contract"), "contract.txt"),
            "_key": "one form",
        }
        return client.post("/files", data=data).status_code

    assert at_once(*(lambda client=client: tap(client) for client in clients)) == [303] * 4
    assert session.scalar(select(func.count()).select_from(Attachment)) == 1


def test_of_two_edits_at_the_same_moment_one_is_told(session: Any, at_once: Callable[..., list[Any]]) -> None:
    team = Team(name="before")
    session.add(team)
    session.commit()
    team_id = team.id
    session.rollback()

    def edit(name: str) -> str:
        with transaction(writes=False):
            mine = db.session.get_one(Team, team_id)
        met.wait()
        with transaction():
            mine.name = name
        return name

    met = threading.Barrier(2)
    results = at_once(lambda: edit("mine"), lambda: edit("yours"))
    won = [result for result in results if isinstance(result, str)]
    lost = [result for result in results if isinstance(result, StaleDataError)]
    assert (len(won), len(lost)) == (1, 1)
    session.refresh(team)
    assert (team.name, team.version) == (won[0], 2)


def test_a_due_run_is_queued_once_by_several_workers(session: Any, at_once: Callable[..., list[Any]]) -> None:
    def look() -> None:
        with transaction():
            enqueue_due()

    assert at_once(*[look] * 5) == [None] * 5
    names = session.scalars(select(Job.name)).all()
    assert sorted(names) == sorted(schedule.job for schedule in schedules_on())
