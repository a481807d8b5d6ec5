"""A second tap, or a retry after a lost answer, gets the first one's answer and does nothing twice."""

from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Any

from flask import Response, g, request
from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from .actor import current_actor
from .db import Base, now, session

KEPT = timedelta(days=2)
FIELD = "_key"


class IdempotencyKey(Base):
    """The answer that was given to the form with this key."""

    __tablename__ = "idempotency_keys"

    key: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now, index=True)
    status: Mapped[int | None]
    headers: Mapped[list[Any] | None]
    body: Mapped[str | None]


def new_key() -> str:
    """A key for a form that is about to be shown."""
    return token_urlsafe(12)


def _posted_key() -> str | None:
    key = request.headers.get("Idempotency-Key") or request.form.get(FIELD)
    if not key:
        return None
    actor = current_actor()
    # Bound to who sent it and where to, so that nobody can read another's answer.
    return f"{actor.id if actor else '-'}:{request.path}:{key[:64]}"


def claim() -> tuple[str | None, Response | None]:
    """Take the posted key for this transaction: (key, None), or (key, the first answer) when it was used before.

    A second request with the same key waits here until the first has ended: on PostgreSQL at the unique index, on
    SQLite already at BEGIN IMMEDIATE. If the first failed its row is gone, and the second does the work.
    """
    key = _posted_key()
    if key is None:
        return None, None
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    taken = session.execute(
        insert(IdempotencyKey).values(key=key, at=now()).on_conflict_do_nothing().returning(IdempotencyKey.key)
    ).first()
    if taken is not None:
        return key, None
    first = session.get_one(IdempotencyKey, key)
    answer = Response(first.body or "", status=first.status or 200)
    for name, value in first.headers or ():
        answer.headers[name] = value
    return key, answer


def keep_instead(url: str) -> None:
    """What this request answers holds a secret and is not to be kept: a second try is led to `url`."""
    g.kept_instead = url


def keep_nothing() -> None:
    """What this request answers is worth nothing without its cookies, which are not kept: a second try does it anew."""
    g.kept_not_at_all = True


def remember(key: str, response: Response) -> None:
    """Keep the answer in the same transaction as what was done."""
    row = session.get_one(IdempotencyKey, key)
    if g.pop("kept_not_at_all", False) or response.is_streamed:
        session.delete(row)  # a file is no answer to be kept: a second try would get an empty one
        return
    if (url := g.pop("kept_instead", None)) is not None:
        row.status, row.headers, row.body = 303, [["Location", url]], ""
        return
    row.status = response.status_code
    row.headers = [
        [n, v] for n, v in response.headers if n.lower() in ("location", "content-type") or n.startswith("HX-")
    ]
    row.body = response.get_data(as_text=True)


def forget_old() -> None:
    """Drop keys that no retry will come for any more."""
    session.execute(delete(IdempotencyKey).where(IdempotencyKey.at < now() - KEPT))
