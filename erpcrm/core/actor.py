"""Who acts. Core knows users only by this shape; the access area provides them."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Literal, Protocol

from flask import has_request_context
from flask_login import current_user

ScopeName = Literal["own", "team", "all"]


class Actor(Protocol):
    """A user as core sees one."""

    id: int
    name: str

    def may(self, permission: str) -> bool:
        """True when one of the user's roles holds `permission`."""
        ...

    def scope(self, record_name: str) -> ScopeName:
        """The widest scope that the user's roles give on records of this type."""
        ...

    @property
    def team_ids(self) -> frozenset[int]: ...


_acting: ContextVar[Actor | None] = ContextVar("acting", default=None)


def current_actor() -> Actor | None:
    """The user whose request or job this is; None for the system itself (schedules, commands)."""
    acting = _acting.get()
    if acting is not None:
        return acting
    if not has_request_context():
        return None
    user: Any = current_user._get_current_object()
    return user if user.is_authenticated else None  # type: ignore[no-any-return]


@contextmanager
def acting_as(actor: Actor | None) -> Iterator[None]:
    """Within it `current_actor()` is `actor`: used by jobs, commands and tests."""
    token = _acting.set(actor)
    try:
        yield
    finally:
        _acting.reset(token)
