"""Which kinds of jobs exist, and what one step of a job may answer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from .models import Job

RETRIES = (10, 60, 300)
"""Seconds to wait before the first, second and third try after a crash."""


class Progress(Enum):
    """Whether a job wants to be called again."""

    MORE = "more"
    DONE = "done"


MORE, DONE = Progress.MORE, Progress.DONE


@dataclass(frozen=True)
class Outside:
    """Commit this step, then run `call` without any transaction, then call the handler again with `job.outcome`.

    For what must not hold the database while it waits: a mail server, a backup. `call` must take less than a minute. If the
    process ends before the next step has committed, the handler is called without an outcome and decides what to do.
    """

    call: Callable[[], Any]


@dataclass(frozen=True)
class Failed:
    """Commit this step and count it as a failed try: to be made again after a while, or `final`."""

    message: str
    final: bool = False


Answer = Progress | Outside | Failed | None
Step = Callable[[Job], Answer]


@dataclass(frozen=True)
class Handler:
    """A kind of job. A `quiet` one is routine: the page lists it only when it failed or when asked to."""

    name: str
    step: Step
    label: Any = ""
    quiet: bool = False
    retries: Sequence[int] = RETRIES
    tells: Callable[[Mapping[str, Any]], str] | None = None
    """What came out, from `job.result`, in the language of whoever asks; None where the job has put it into words itself."""

    @property
    def area(self) -> str:
        """The area that declares it: the job rests while that area is off."""
        return self.step.__module__.removeprefix("erpcrm.").partition(".")[0]


HANDLERS: dict[str, Handler] = {}


def handler(
    name: str,
    *,
    label: Any = "",
    quiet: bool = False,
    retries: Sequence[int] = RETRIES,
    tells: Callable[[Mapping[str, Any]], str] | None = None,
) -> Callable[[Step], Step]:
    """Declare how jobs called `name` are done.

    One call is one step is one transaction: it does a bounded piece (below a second or two), keeps its place in
    `job.state`, counts in `job.done` of `job.total`, and answers MORE, DONE (also None), `Outside` or `Failed`. Place and
    effect are committed together, so a job that is killed goes on where it was and has its effect once. A `Refused` ends
    the job with its message; any other exception is tried again after `retries` seconds, then ends it.
    """

    def declare(step: Step) -> Step:
        if name in HANDLERS and HANDLERS[name].step.__qualname__ != step.__qualname__:
            raise ValueError(f"two handlers are called {name}")
        HANDLERS[name] = Handler(name, step, label, quiet, retries, tells)
        return step

    return declare


def outcome_of(name: str, result: Mapping[str, Any] | None) -> dict[str, Any]:
    """What a job has put down for people: {"text", "url"}, the text in the reader's language where its kind can tell it."""
    kind, known = HANDLERS.get(name), dict(result or {})
    if known and kind is not None and kind.tells is not None:
        known["text"] = kind.tells(known)
    return known


def quiet_names() -> list[str]:
    return [kind.name for kind in HANDLERS.values() if kind.quiet]
