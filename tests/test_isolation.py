"""The ground that all tests stand on: nothing of one test is left for the next."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from erpcrm.core.settings import Setting, save_setting, setting


def during_a_request(app: Flask, look: Callable[[], Any]) -> Any:
    """What `look` returns when a view of the application calls it."""
    seen: list[Any] = []
    ordinary = app.view_functions["healthz"]

    def view() -> str:
        seen.append(look())
        return "ok"

    app.view_functions["healthz"] = view
    try:
        assert app.test_client().get("/healthz").status_code == 200
    finally:
        app.view_functions["healthz"] = ordinary
    return seen[0]


@pytest.mark.parametrize("name", ["first", "second"])
def test_what_one_test_commits_the_next_does_not_see(session: Any, name: str) -> None:
    assert session.scalar(select(func.count()).select_from(Setting)) == 0
    save_setting("company_name", name)
    session.commit()
    assert setting("company_name") == name


def test_a_request_does_not_share_the_session_of_the_test(app: Flask, session: Any) -> None:
    assert during_a_request(app, session) is not session()


def test_a_request_sees_what_the_test_has_prepared(app: Flask, session: Any) -> None:
    save_setting("company_name", "Hua")
    assert during_a_request(app, lambda: session.get(Setting, "company_name").value) == "Hua"


def test_the_test_sees_what_a_request_has_changed(app: Flask, session: Any) -> None:
    def rename() -> None:
        save_setting("company_name", "Ming")
        session.commit()

    save_setting("company_name", "Hua")
    row = session.get(Setting, "company_name")
    during_a_request(app, rename)
    assert row.value == "Ming"
    assert setting("company_name") == "Ming"


def test_whoever_reaches_the_database_is_known_to() -> None:
    """What is left out on PostgreSQL is told by fixtures: a file that chose its database by itself would be missed there."""
    words = re.compile(r"TEST_DATABASE|postgres\.server\(")
    tests = Path(__file__).parent
    found = {
        path.relative_to(tests).as_posix() for path in tests.rglob("*.py") if words.search(path.read_text("utf-8"))
    }
    assert found == {
        "books/__main__.py",  # no test: `make books`
        "conftest.py",
        "core/test_backup.py",  # a backup is restored beside the database
        "test_isolation.py",
    }
