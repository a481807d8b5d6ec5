"""Several processes and threads on one database."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextvars import Context
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import URL

from tests.races import working

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0


def eventually(condition: Callable[[], Any], what: str) -> Any:
    """Look again and again until it holds."""
    until = time.monotonic() + PATIENCE
    while not (value := condition()):
        assert time.monotonic() < until, f"not within {PATIENCE} seconds: {what}"
        time.sleep(0.02)
    return value


@pytest.fixture
def start_worker(app: Flask, database_url: URL) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """`start_worker()`: a worker in a process of its own."""
    assert working.make
    running: list[subprocess.Popen[bytes]] = []
    environment = os.environ | {
        "DATABASE_URL": database_url.render_as_string(hide_password=False),
        "FILES_FOLDER": app.config["FILES_FOLDER"],
        "SECRET_KEY": "tests only",
    }

    def start() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "flask", "--app", "tests.races.working:make", "worker"]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.wait()


@pytest.fixture
def at_once(app: Flask) -> Callable[..., list[Any]]:
    """`at_once(call, call, ...)`: run them in threads that start together; their results, or the exceptions they raised."""

    def run(*calls: Callable[[], Any]) -> list[Any]:
        barrier = threading.Barrier(len(calls))
        results: list[Any] = [None] * len(calls)

        def work(place: int, call: Callable[[], Any]) -> None:
            barrier.wait()
            try:
                with app.app_context():
                    results[place] = call()
            except Exception as error:
                results[place] = error

        threads = [threading.Thread(target=Context().run, args=(work, place, call)) for place, call in enumerate(calls)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        assert not any(thread.is_alive() for thread in threads)
        return results

    return run
