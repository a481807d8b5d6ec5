"""A real Chromium against a real server: `flask serve` as users start it, with the demo company, in its own folder."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.error import URLError

import pytest
from playwright.sync_api import Page, expect

from tests.browser import chromium

ROOT = Path(__file__).parents[2]
STARTING = 120.0
"""Seconds that a first start may take on a busy machine: it migrates and fills the demo company."""
PASSWORD = "demo-pass-1"

expect.set_options(timeout=10_000)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Without a Chromium these tests are skipped by name, and fail where CI=true: there nobody would notice."""
    path = chromium.executable()
    if path is None and os.environ.get("CI") == "true":
        pytest.fail(chromium.ADVICE)
    if path is None:
        pytest.skip(chromium.ADVICE)
    return path


@pytest.fixture(scope="session")
def browser_type_launch_args(chromium_path: str) -> dict[str, Any]:
    # Containers have neither a sandbox for Chromium nor much shared memory.
    return {"executable_path": chromium_path, "args": ["--no-sandbox", "--disable-dev-shm-usage"]}


@pytest.fixture(scope="session")
def browser_context_args() -> dict[str, Any]:
    return {"viewport": {"width": 1280, "height": 800}, "locale": "en-GB", "timezone_id": "Asia/Shanghai"}


class LiveServer:
    """A running server: its address, and a way back to the demo company as it was."""

    def __init__(self, url: str, database: Path) -> None:
        self.url = url
        self.target = sqlite3.connect(database, isolation_level=None, timeout=15)
        self.template = sqlite3.connect(":memory:")
        self.target.backup(self.template)

    def restore(self) -> None:
        """Put all pages back under the running server: its connections see the old content from then on."""
        self.template.backup(self.target)

    def close(self) -> None:
        self.target.close()
        self.template.close()


@pytest.fixture(scope="session")
def live_server(chromium_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    folder = tmp_path_factory.mktemp("server")
    port = free_port()
    environment = os.environ | {
        "PORT": str(port),
        "DATABASE_URL": f"sqlite:///{folder / 'live.db'}",
        "FILES_FOLDER": str(folder / "files"),
        "SECRET_KEY": "tests only",
        "WEB_CONCURRENCY": "1",
    }
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "app", "serve"],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_until_it_answers(f"http://localhost:{port}/healthz", process, log)
        with closing(LiveServer(f"http://localhost:{port}", folder / "live.db")) as server:
            yield server
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_it_answers(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + STARTING
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.2)
    process.kill()
    pytest.fail(f"the server did not start:\n{log.read_text(errors='replace')}")


@pytest.fixture(scope="session")
def base_url(live_server: LiveServer) -> str:
    """So that tests write page.goto("/customers")."""
    return live_server.url


@pytest.fixture
def page(page: Page, live_server: LiveServer) -> Iterator[Page]:
    """A browser window. A script error or a broken content policy fails the test, whatever else it looks at."""
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    yield page
    live_server.restore()
    expected = "Failed to load resource: the server responded with a status of 4"
    serious = [trouble for trouble in troubles if not trouble.startswith(expected)]
    assert not serious, f"the browser complained: {serious}"


@pytest.fixture
def sign_in_as(page: Page) -> Callable[[str], Page]:
    """`sign_in_as("seller")`: through the sign-in page, as a person of the demo company."""

    def sign_in(name: str) -> Page:
        page.goto("/login")
        page.locator("[name=email]").fill(f"{name}@demo.example")
        page.locator("[name=password]").fill(PASSWORD)
        page.locator("[name=password]").press("Enter")
        expect(page).not_to_have_url(f"{page.url.split('/login')[0]}/login")
        return page

    return sign_in


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
