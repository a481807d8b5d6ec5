"""Where the uploaded files of imports lie: below FILES_FOLDER, under names of our own."""

import os
from datetime import timedelta
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO

from flask import current_app
from sqlalchemy import select

from erpcrm.core.db import now, session

from .models import Import

CHUNK = 1024 * 1024
ORPHAN_AGE = timedelta(days=1)
TYPES = {".csv", ".txt", ".tsv", ".xlsx", ".xls", ".xlsm", ".ods"}


def folder() -> Path:
    path = Path(current_app.config["FILES_FOLDER"]) / "imports"
    path.mkdir(parents=True, exist_ok=True)
    return path


def path_of(name: str) -> Path:
    return folder() / name


def keep(stream: BinaryIO) -> str:
    """Write an upload safely to disk and return the name that it lies under."""
    name = token_hex(16)
    part = folder() / f"{name}.part"
    with part.open("wb") as file:
        while chunk := stream.read(CHUNK):
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    part.rename(folder() / name)
    return name


def drop(name: str) -> None:
    path_of(name).unlink(missing_ok=True)


def sweep() -> int:
    """Remove files that no import knows: uploads whose request failed after the file was written."""
    oldest = (now() - ORPHAN_AGE).timestamp()
    known = set(session.scalars(select(Import.stored_as)))
    lost = [path for path in folder().iterdir() if path.name not in known and path.stat().st_mtime < oldest]
    for path in lost:
        path.unlink(missing_ok=True)
    return len(lost)
