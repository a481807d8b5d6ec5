"""What changes a few times a year and is asked for on every page: kept in each process for as long as nobody changes it.

One of the settings, which every request reads anyway, is a token that a flush renews with each change of a watched table.
It is read in the same transaction as everything else, so that no process ever sees something old beside something new.
"""

from collections.abc import Callable
from secrets import token_hex
from typing import Any, TypeVar

from flask import current_app, g, has_app_context
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, UOWTransaction

from .db import may_write
from .settings import Setting, settings

TOKEN = "kept_token"  # noqa: S105 - a mark, not a secret
_watched: set[type[Any]] = set()
T = TypeVar("T")


def watch(model: type[Any]) -> None:
    """A flush that writes rows of `model` makes every process load anew what it keeps. Statements that go around the
    session must call `renew`."""
    _watched.add(model)


def kept(name: str, load: Callable[[], T]) -> T:
    """What `load` gave when something watched changed last. In a transaction that may write it is always loaded."""
    if may_write():
        return load()
    token = settings().get(TOKEN)
    store: dict[str, tuple[Any, Any]] = current_app.extensions.setdefault("erpcrm_kept", {})
    found = store.get(name)
    if found is None or found[0] != token:
        found = store[name] = token, load()
    return found[1]  # type: ignore[no-any-return]


def renew(session: Any) -> None:
    """From the end of this transaction on, nobody uses what was kept before."""
    insert = (postgresql if session.get_bind().dialect.name == "postgresql" else sqlite).insert(Setting)
    token = token_hex(8)
    session.execute(
        insert.values(name=TOKEN, value=token).on_conflict_do_update(index_elements=["name"], set_={"value": token})
    )
    if has_app_context():
        g.pop("settings", None)


@event.listens_for(Session, "after_flush")
def _notice(flushing: Session, _context: UOWTransaction) -> None:
    written = (*flushing.new, *flushing.dirty, *flushing.deleted)
    if any(type(record) in _watched for record in written):
        renew(flushing)
