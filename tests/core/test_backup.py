"""A backup is worth what can be restored from it."""

import os
import sqlite3
import subprocess
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import create_engine, text

from erpcrm.core.backup import back_up
from erpcrm.core.blobs import keep
from erpcrm.core.db import db
from erpcrm.core.settings import save_setting
from tests import postgres

PROGRAMS = postgres.PROGRAMS


@pytest.fixture(autouse=True)
def company(app: Flask, session: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Something to lose, and the programs of PostgreSQL within reach."""
    monkeypatch.setenv("PATH", f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}")
    save_setting("company_name", "华远机械")
    session.commit()


NAME = text("SELECT value FROM settings WHERE name = 'company_name'")


def company_name_in(backup: Path) -> Any:
    """The company's name after a restore of `backup` to a new place."""
    if backup.suffix == ".db":
        with closing(sqlite3.connect(f"file:{backup}?mode=ro", uri=True)) as connection:
            return connection.execute(str(NAME)).fetchone()[0]
    with postgres.server() as server, postgres.new_database(server, f"erpcrm_restored_{os.getpid()}") as url:
        address = url.set(drivername="postgresql").render_as_string(hide_password=False)
        subprocess.run([PROGRAMS / "pg_restore", "--no-owner", f"--dbname={address}", backup], check=True)
        engine = create_engine(url)
        with engine.connect() as connection:
            name = connection.scalar(NAME)
        engine.dispose()
        return name


def test_a_restored_backup_holds_the_company(tmp_path: Path) -> None:
    backup = back_up(tmp_path, keep=3)
    assert company_name_in(backup) in ("华远机械", '"\\u534e\\u8fdc\\u673a\\u68b0"')


def test_attachments_and_their_content_are_in_the_backup(tmp_path: Path) -> None:
    blob = keep(BytesIO(b"contract"), most=100)
    back_up(tmp_path, keep=3)
    copy = tmp_path / "files" / "contents" / blob.sha256[:2] / blob.sha256
    assert copy.read_bytes() == b"contract"


def test_only_the_newest_copies_are_kept(tmp_path: Path, clock: time_machine.Traveller) -> None:
    copies = []
    for _ in range(4):
        copies.append(back_up(tmp_path, keep=2))
        clock.shift(60)
    assert [copy for copy in copies if copy.exists()] == copies[-2:]


def test_nobody_else_may_read_a_backup(tmp_path: Path) -> None:
    backup = back_up(tmp_path / "new", keep=1)
    assert backup.stat().st_mode & 0o077 == 0
    assert backup.parent.stat().st_mode & 0o077 == 0


def test_a_backup_that_fails_says_why_and_leaves_the_older_ones(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = back_up(tmp_path, keep=1)
    if db.engine.dialect.name == "sqlite":
        arguments = [str(good)]
    else:
        monkeypatch.setenv("PATH", "")
        arguments = [str(tmp_path)]
    answer = app.test_cli_runner().invoke(args=["backup", *arguments])
    assert answer.exit_code != 0
    assert "pg_dump was not found" in answer.output or "is a file" in answer.output
    assert good.exists()
