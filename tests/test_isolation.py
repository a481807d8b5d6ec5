"""The ground that all tests stand on: nothing of one test is left for the next."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from erpcrm.core.settings import Setting, save_setting, setting


@pytest.mark.parametrize("name", ["first", "second"])
def test_what_one_test_commits_the_next_does_not_see(session: Any, name: str) -> None:
    assert session.scalar(select(func.count()).select_from(Setting)) == 0
    save_setting("company_name", name)
    session.commit()
    assert setting("company_name") == name


def test_a_request_does_not_share_the_session_of_the_test(app: Flask, session: Any) -> None:
    seen: list[Any] = []
    app.view_functions["healthz"], healthz = lambda: seen.append(id(session())) or "ok", app.view_functions["healthz"]
    try:
        assert app.test_client().get("/healthz").status_code == 200
    finally:
        app.view_functions["healthz"] = healthz
    assert seen != [id(session())]


def test_a_request_sees_what_the_test_has_not_committed_yet(app: Flask, session: Any) -> None:
    seen: list[Any] = []
    app.view_functions["healthz"], healthz = (
        lambda: seen.append(session.get(Setting, "company_name").value) or "ok",
        app.view_functions["healthz"],
    )
    save_setting("company_name", "Hua")
    try:
        app.test_client().get("/healthz")
    finally:
        app.view_functions["healthz"] = healthz
    assert seen == ["Hua"]
