"""A worker is killed while it sends a campaign: each address gets it at most once, and nobody is forgotten but those uncertain."""

import os
import signal
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, select

from erpcrm.marketing.models import CampaignMember
from tests.core.smtp_server import Letters, mail_server
from tests.marketing.conftest import campaign, customer  # noqa: F401 - a campaign that runs
from tests.races.conftest import eventually
from tests.races.test_jobs_survive import Start, looked_at

pytestmark = pytest.mark.races
PEOPLE = 120


@pytest.fixture
def letters(app: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Letters]:
    """The worker processes reach it too."""
    with mail_server() as letters:
        monkeypatch.setitem(app.config, "MAIL_URL", letters.url)
        monkeypatch.setenv("MAIL_URL", letters.url)
        yield letters


def test_a_worker_killed_in_the_middle_of_a_campaign_sends_nothing_twice(
    session: Any,
    letters: Letters,
    start_worker: Start,
    campaign: Any,  # noqa: F811
) -> None:
    campaign(PEOPLE, start=True)
    session.commit()
    letters.slow = 0.01
    worker = start_worker()
    eventually(lambda: len(letters.messages) >= 60, "the second step is under way")
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    letters.slow = 0
    start_worker()
    waiting = select(func.count()).where(CampaignMember.delivery.in_(("waiting", "sending")))
    eventually(lambda: looked_at(session, waiting) == [0], "all the others are sent")
    got = Counter(letters.recipients)
    assert set(got.values()) == {1}
    found = session.execute(select(CampaignMember.address, CampaignMember.delivery)).all()
    assert {delivery for _address, delivery in found} == {"sent", "uncertain"}
    uncertain = {address for address, delivery in found if delivery == "uncertain"}
    assert 0 < len(uncertain) <= 50
    assert {address for address, delivery in found if delivery == "sent"} <= set(got)
    assert set(got) | uncertain == {address for address, _delivery in found}
