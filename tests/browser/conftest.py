"""A real Chromium against a real server: `flask serve` as users start it, with the demo company, in its own folder."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser import chromium
from tests.server import running

PASSWORD = "demo-pass-1"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

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
def browser_context_args(base_url: str) -> dict[str, Any]:
    return {
        "base_url": base_url,
        "viewport": {"width": 1280, "height": 800},
        "locale": "en-GB",
        "timezone_id": "Asia/Shanghai",
    }


class LiveServer:
    """A running server with the demo company, and a way back to how that was."""

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
    with (
        running(tmp_path_factory.mktemp("server")) as server,
        closing(LiveServer(server.url, server.database)) as live,
    ):
        yield live


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


@pytest.fixture
def accessible(page: Page) -> Callable[[], None]:
    """`accessible()`: the page as it now is has no fault that axe can find (WCAG 2.2 A and AA)."""

    def check() -> None:
        answer = Axe().run(page, options={"runOnly": {"type": "tag", "values": WCAG}})
        assert answer.violations_count == 0, f"{page.url}\n{answer.generate_report()}"

    return check


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
