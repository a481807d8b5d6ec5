"""The few ways in which a call may end without success. `lifecycle` turns each into its HTTP answer."""

from typing import Any


class Refused(Exception):
    """A rule of the business says no. The message tells the user what to do. HTTP 409."""

    def __init__(self, message: Any, *, url: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.url = url


class Stale(Exception):
    """The record was changed by somebody else since this user opened it. HTTP 409 with both versions."""

    def __init__(self, record: Any) -> None:
        super().__init__(f"{record!r} was changed meanwhile")
        self.record = record


class NotAllowed(Exception):
    """The signed-in user lacks the permission. HTTP 403."""

    def __init__(self, permission: str) -> None:
        super().__init__(permission)
        self.permission = permission


class NotThere(Exception):
    """The record does not exist, or lies outside the user's scope: the two are not told apart. HTTP 404."""
