"""Contents of files, kept in the folder FILES_FOLDER under their hash: equal contents are kept once.

A content is on disk (written aside, synced, renamed) before the row that names it is committed. What no row names is moved
aside after a day and deleted a day later; a column that names contents says so with `info=BLOB`.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import IO, Any

from flask import current_app
from sqlalchemy import Column, select

from .db import Base, now, session
from .errors import NotThere, Refused
from .i18n import _, _l, show_number
from .jobs import DONE, MORE, Job, Progress, handler

BLOB: dict[Any, Any] = {"blob": True}
"""`info` of a column that holds the hash of a content."""
CHUNK = 1024 * 1024
SPARED = timedelta(days=1)
SWEEP_FOLDERS = 16
"""Of the 256 folders, so many a step."""


@dataclass(frozen=True)
class Blob:
    """A stored content."""

    sha256: str
    size: int


def _folder(name: str) -> Path:
    folder = Path(current_app.config["FILES_FOLDER"]) / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _place(digest: str) -> Path:
    return Path(current_app.config["FILES_FOLDER"]) / "contents" / digest[:2] / digest


def keep(stream: IO[bytes], most: int) -> Blob:
    """Store a content of at most `most` bytes. Refused when it is larger or empty; nothing is left behind then."""
    scratch = _folder("incoming") / token_hex(16)
    digest, size = sha256(), 0
    try:
        with scratch.open("xb") as target:
            while chunk := stream.read(CHUNK):
                size += len(chunk)
                if size > most:
                    raise Refused(_("A file may have at most %(limit)s MB.", limit=show_number(most // 1024**2)))
                digest.update(chunk)
                target.write(chunk)
            target.flush()
            os.fsync(target.fileno())
        if not size:
            raise Refused(_("This file is empty."))
        place = _place(digest.hexdigest())
        place.parent.mkdir(parents=True, exist_ok=True)
        scratch.replace(place)  # also over the same content: it is young again, so the sweep spares it
        _sync(place.parent)
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise
    return Blob(digest.hexdigest(), size)


def _sync(folder: Path) -> None:
    """A rename survives a power cut only when its folder was synced. Windows has no such thing."""
    with suppress(OSError, PermissionError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def path_of(digest: str) -> Path:
    """Where a content lies. NotThere when it is gone; one that was moved aside by mistake is brought back."""
    if not digest:  # forgotten on purpose: only the row is left
        raise NotThere
    place = _place(digest)
    if not place.exists():
        aside = _folder("aside") / digest
        if not aside.exists():
            raise NotThere
        _bring_back(aside)
    return place


def _bring_back(aside: Path) -> None:
    place = _place(aside.name)
    place.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileNotFoundError):
        os.utime(aside)
        aside.replace(place)


def _named(digests: set[str]) -> set[str]:
    """Those of the hashes that some row names."""
    columns: list[Column[Any]] = [
        column for table in Base.metadata.tables.values() for column in table.columns if column.info.get("blob")
    ]
    found: set[str] = set()
    for column in columns:
        found |= set(session.scalars(select(column).where(column.in_(sorted(digests))).distinct()))
    return found


def _old(folder: Path) -> Iterator[Path]:
    limit = (now() - SPARED).timestamp()
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        with suppress(FileNotFoundError):
            if path.is_file() and path.stat().st_mtime < limit:
                yield path


@handler("files.sweep", label=_l("Clear away files that nothing names"), quiet=True)
def sweep(job: Job) -> Progress:
    """First what lies aside and half-written uploads, then folder by folder."""
    at = int(job.state.get("folder", -1))
    if at < 0:
        _sweep_aside(job)
        for path in _old(_folder("incoming")):
            path.unlink(missing_ok=True)
        job.state = {"folder": 0}
        return MORE
    for number in range(at, min(at + SWEEP_FOLDERS, 256)):
        _sweep_folder(_folder("contents") / f"{number:02x}", job)
    job.state = {"folder": at + SWEEP_FOLDERS}
    return MORE if at + SWEEP_FOLDERS < 256 else DONE


def _sweep_aside(job: Job) -> None:
    paths = {path.name: path for path in _old(_folder("aside"))}
    named = _named(set(paths))
    for digest, path in paths.items():
        if digest in named:
            _bring_back(path)
        else:
            path.unlink(missing_ok=True)
            job.done += 1


def _sweep_folder(folder: Path, job: Job) -> None:
    paths = {path.name: path for path in _old(folder)}
    if not paths:
        return
    for digest in set(paths) - _named(set(paths)):
        # Not deleted yet: somebody may be storing the same content at this moment.
        aside = _folder("aside") / digest
        with suppress(FileNotFoundError):
            shutil.move(paths[digest], aside)
            os.utime(aside)
