"""Waking the worker at once instead of at its next look: a file whose time stamp it watches.

Only a hint: a worker on another machine, or one that missed it, looks into the queue every second anyway.
"""

from contextlib import suppress
from pathlib import Path

from flask import current_app


def wake_file() -> Path:
    return Path(current_app.instance_path) / "jobs.wake"


def wake_worker() -> None:
    with suppress(OSError):
        wake_file().touch()


def last_wake(path: Path) -> int:
    """The moment of the last hint, in nanoseconds; 0 when there was none."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
