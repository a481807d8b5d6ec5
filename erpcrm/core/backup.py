"""`flask --app app backup FOLDER`: copy database, attachments and key while everything runs."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import click
from flask import current_app
from sqlalchemy import URL

from .db import db, now

NAME = "erpcrm-"


class BackupFailed(Exception):
    """Why there is no backup."""


def back_up(folder: Path, keep: int) -> Path:
    """Write a copy of the database to `folder`, mirror the attachments beside it, keep the newest `keep` copies.

    The copy is what the database held at one moment. It gets its name only once it is whole and, on SQLite, checked.
    Attachments are copied after the database, so that each one that it names is there; they are never taken away.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    url = db.engine.url
    write, ending = (copy_sqlite, "db") if url.get_backend_name() == "sqlite" else (dump_postgresql, "dump")
    target = folder / f"{NAME}{now():%Y%m%dT%H%M%SZ}.{ending}"
    part = target.with_suffix(".part")
    part.unlink(missing_ok=True)
    write(url, part)
    part.chmod(0o600)
    part.replace(target)
    mirror(Path(current_app.config["FILES_FOLDER"]) / "contents", folder / "files" / "contents")
    key = Path(current_app.instance_path) / "secret_key"
    if key.exists():
        shutil.copy2(key, folder / key.name)
    for old in sorted(folder.glob(f"{NAME}*.{ending}"))[:-keep]:
        old.unlink()
    return target


def copy_sqlite(url: URL, target: Path) -> None:
    """SQLite's own way to copy a database that is being written to."""
    with closing(sqlite3.connect(url.database or "")) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
        found = copy.execute("PRAGMA quick_check").fetchone()[0]
    if found != "ok":
        raise BackupFailed(f"The copy is damaged: {found}")


def dump_postgresql(url: URL, target: Path) -> None:
    """pg_dump, which has to be of the server's version or newer. The password stays out of the list of processes."""
    program = shutil.which("pg_dump")
    if program is None:
        raise BackupFailed("pg_dump was not found: install the PostgreSQL client programs.")
    address = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
    done = subprocess.run(
        [program, "--format=custom", f"--file={target}", f"--dbname={address.render_as_string()}"],
        env=os.environ | ({"PGPASSWORD": str(url.password)} if url.password else {}),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise BackupFailed(done.stderr.strip())


def mirror(source: Path, target: Path) -> None:
    """Copy the files that `target` does not have. A content never changes: its name is its hash."""
    for path in source.rglob("*"):
        copy = target / path.relative_to(source)
        if path.is_file() and not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            part = copy.with_suffix(".part")
            shutil.copy2(path, part)
            part.replace(copy)


@click.command("backup")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--keep", type=click.IntRange(min=1), default=14, show_default=True, help="So many copies stay.")
def backup(folder: Path, keep: int) -> None:
    """Copy database, attachments and key to FOLDER while everything runs."""
    try:
        target = back_up(folder, keep)
    except (BackupFailed, OSError, sqlite3.Error) as reason:
        raise click.ClickException(f"No backup was made. {reason}") from reason
    click.echo(target)
