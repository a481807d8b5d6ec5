"""Logs are read by more people than passwords are meant for."""

import json

import pytest
import structlog

from erpcrm.core.logs import configure_logs


def crash(password: str) -> None:
    raise ValueError(f"{len(password)} letters")


def test_a_crash_is_logged_without_the_values_of_variables(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs()
    secret = "open sesame"
    try:
        crash(secret)
    except ValueError:
        structlog.get_logger().exception("crash", path="/login")
    entry = json.loads(capsys.readouterr().out)
    assert entry["event"] == "crash"
    assert "ValueError: 11 letters" in entry["exception"]
    assert secret not in str(entry)
