"""What each scenario asks of the database: its statements and its commits, counted in one process on the database of a site.

python -m tests.benchmarks.traced SCALE    prints them as JSON: {scenario: [statements, commits]}
"""

import http.client
import json
import os
import subprocess
import sys
from collections import Counter
from statistics import median_low
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import event

from erpcrm import create_app
from erpcrm.core.db import db
from tests import server

from .browser import Answer, Browser, Unexpected
from .scenarios import SCENARIOS
from .sites import PASSWORD, Site

WARM, COUNTED = 2, 5
"""What the process keeps is there after the first; the median of the others counts, since orders differ a little: two lines
whose goods lie at one place are written in one statement"""
ENGINE = ("PRAGMA", "BEGIN", "SAVEPOINT", "RELEASE")


class InProcess(Browser):
    """The same user without a server between."""

    def __init__(self, client: FlaskClient) -> None:
        super().__init__(0)
        self.client = client

    def send(
        self, method: str, path: str, body: bytes | None = None, *, accept: str = "identity",
        expected: tuple[int, ...] = (200,), **headers: str,
    ) -> Answer:  # fmt: skip
        sent = {name.replace("_", "-"): value for name, value in headers.items()} | {"Accept-Language": "en"}
        answer = self.client.open(path, method=method, data=body, headers=sent)
        if answer.status_code not in expected:
            raise Unexpected(f"{method} {path} gave {answer.status_code}: {answer.data[:300]!r}")
        return Answer(answer.status_code, http.client.HTTPMessage(), answer.data, 0.0)


def count(scale: float, email: str) -> dict[str, list[int]]:
    """Statements and commits of one act of each scenario."""
    app = create_app()
    seen: Counter[str] = Counter()

    def executed(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        seen["statements"] += not statement.startswith(ENGINE)

    def committed(_connection: Any) -> None:
        seen["commits"] += 1

    found = {}
    with app.app_context():
        url = db.engine.url.render_as_string(hide_password=False)
        event.listen(db.engine, "before_cursor_execute", executed)
        event.listen(db.engine, "commit", committed)
    one = Site("traced", scale, 0, url, 0.0, None, {})
    one.count()
    one.browser = InProcess(app.test_client()).sign_in(email, PASSWORD)
    for scenario in SCENARIOS:
        act = scenario.make(one)
        asked = []
        for number in range(-WARM - COUNTED, 0):  # the last of those that wait for a write, which nobody has taken
            seen.clear()
            act(one.browser, number)
            asked.append((seen["statements"], seen["commits"]))
        found[scenario.name] = [median_low(figures) for figures in zip(*asked[WARM:], strict=True)]
    return found


def trace(one: Site, email: str) -> dict[str, list[int]]:
    """The same in a process of its own, beside the running server."""
    environment = os.environ | {
        "DATABASE_URL": one.database,
        "SECRET_KEY": "bench",
        "DEMO": "0",
        "PYTHONWARNINGS": "ignore",
    }
    command = [sys.executable, "-m", "tests.benchmarks.traced", str(one.scale), email]
    done = subprocess.run(command, cwd=server.ROOT, env=environment, check=True, stdout=subprocess.PIPE)
    found: dict[str, list[int]] = json.loads(done.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    sys.stdout.write(json.dumps(count(float(sys.argv[1]), sys.argv[2])) + "\n")
