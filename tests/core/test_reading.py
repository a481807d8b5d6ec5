"""Reads run on one read-only connection."""

from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from erpcrm.core.db import access_mode, db
from erpcrm.core.settings import Setting


def test_all_statements_of_a_read_share_one_connection(app: Any) -> None:
    db.session.rollback()
    with access_mode(writes=False):
        held = db.engine.pool.checkedout()  # type: ignore[attr-defined]
        for _statement in range(5):
            db.session.scalar(select(Setting.name))
        assert db.engine.pool.checkedout() == held + 1  # type: ignore[attr-defined]
        db.session.rollback()


def test_a_read_can_not_write(app: Any) -> None:
    db.session.rollback()
    with access_mode(writes=False):
        with pytest.raises(DBAPIError):
            db.session.execute(text("INSERT INTO settings (name, value) VALUES ('x', '1')"))
        db.session.rollback()
