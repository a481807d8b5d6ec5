"""Whose a lead or customer was and is: each change of hands adds a row, whoever makes it. It is written by the flush itself,
so that a form, a handover or the rules of assignment can't forget it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, event, insert, inspect, select
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import UOWTransaction, aliased

from erpcrm.access.models import User
from erpcrm.core.actor import current_actor
from erpcrm.core.db import Record, now, session
from erpcrm.customers.models import Customer

from ..models import Lead, PoolMove, PoolPlace

SHOWN = 20


@dataclass(frozen=True)
class Why:
    """What the verb that is at work says of the changes of hands that it makes."""

    kind: str
    reason: str | None = None
    note: str | None = None


_why: ContextVar[Why | None] = ContextVar("why_it_moves", default=None)


@contextmanager
def moving(kind: str, reason: str | None = None, note: str | None = None) -> Iterator[None]:
    """Within it a change of hands is told as `kind`, and with the reason; anywhere else as assigned, or as given back."""
    token = _why.set(Why(kind, reason, note))
    try:
        yield
        session.flush()
    finally:
        _why.reset(token)


@event.listens_for(OrmSession, "after_flush")
def keep_moves(flushing: OrmSession, _context: UOWTransaction) -> None:
    """Note each lead and customer that changed hands; forget where deleted ones stood."""
    moved = [
        (record, before)
        for record in flushing.dirty
        if isinstance(record, Lead | Customer) and (before := _owner_before(record)) is not NOT_CHANGED
    ]
    gone = [record for record in flushing.deleted if isinstance(record, Lead | Customer)]
    if not moved and not gone:
        return
    _forget(flushing, [*(record for record, _before in moved), *gone])
    if not moved:
        return
    actor, at, told = current_actor(), now(), _why.get()
    moves, places = [], []
    for record, before in moved:
        why = told or Why("returned" if record.owner_id is None else "assigned")
        key = {"record_type": record.record_name, "record_id": record.id}
        said = {"kind": why.kind, "reason": why.reason, "note": why.note}
        moves.append(
            key | said | {"from_id": before, "to_id": record.owner_id, "by_id": actor.id if actor else None, "at": at}
        )
        places.append(key | said | {"since": at, "former_id": before, "extensions": 0})
    flushing.connection().execute(insert(PoolMove), moves)
    flushing.connection().execute(insert(PoolPlace), places)


NOT_CHANGED = object()


def _owner_before(record: Any) -> Any:
    """The owner until now; NOT_CHANGED when it is the same."""
    added, _unchanged, deleted = inspect(record).attrs.owner_id.history
    if not added:
        return NOT_CHANGED
    before = deleted[0] if deleted else None
    return NOT_CHANGED if before == added[0] else before


def _forget(flushing: OrmSession, records: Sequence[Record]) -> None:
    for kind in {record.record_name for record in records}:
        ids = [record.id for record in records if record.record_name == kind]
        where = (PoolPlace.record_type == kind, PoolPlace.record_id.in_(ids))
        flushing.connection().execute(delete(PoolPlace).where(*where))


def moves_of(record: Record) -> list[Any]:
    """Rows (move, from, to, by) of a record, the names of people beside them, newest first."""
    giver, taker, doer = aliased(User), aliased(User), aliased(User)
    query = (
        select(PoolMove, giver.name, taker.name, doer.name)
        .outerjoin(giver, giver.id == PoolMove.from_id)
        .outerjoin(taker, taker.id == PoolMove.to_id)
        .outerjoin(doer, doer.id == PoolMove.by_id)
        .where(PoolMove.record_type == record.record_name, PoolMove.record_id == record.id)
        .order_by(PoolMove.id.desc())
        .limit(SHOWN)
    )
    return list(session.execute(query))
