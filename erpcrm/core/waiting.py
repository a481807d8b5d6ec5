"""Records that wait because a guard of an area sent them to wait, and letting them go on when that area is switched off."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement, func, select

from .actor import current_actor
from .area import Area
from .db import Record, session
from .errors import Refused
from .i18n import _
from .moves import make_move
from .records import RecordType
from .registry import is_on, registry
from .workflow import Move, Workflow

SHOWN = 20
"""Records of one kind that the page names; it counts them all."""


@dataclass(frozen=True)
class Waiting:
    """The records of one kind that wait for `move`. `shown` are (name, url) of those that the reader may see."""

    kind: RecordType
    state: Any
    move: Any
    count: int
    shown: Sequence[tuple[str, str]]


def _guarded(area: Area) -> Iterator[tuple[RecordType, Workflow, Move]]:
    """The moves that guards of `area` may let wait, of areas that are on."""
    for name in dict.fromkeys(guard.move for guard in area.guards):
        flow_name, _dot, move_name = name.partition(".")
        flow = registry().workflows[flow_name]
        move = flow.move.get(move_name)  # a guard may also stand before a verb that is no move
        if move is not None and move.waits_in is not None and is_on(registry().area_of_type[flow_name]):
            yield registry().record_types[flow_name], flow, move


def _waits(kind: RecordType, flow: Workflow, move: Move) -> ColumnElement[bool]:
    return getattr(kind.model, flow.column) == move.waits_in  # type: ignore[no-any-return]


def waiting_for(area: Area) -> list[Waiting]:
    """What waits because of `area`: nothing when none of its guards lets records wait."""
    actor, found = current_actor(), []
    for kind, flow, move in _guarded(area):
        waits = _waits(kind, flow, move)
        count = session.scalar(select(func.count()).select_from(kind.model).where(waits)) or 0
        if not count:
            continue
        query = select(kind.model.id, kind.title).where(waits).order_by(kind.model.id).limit(SHOWN)
        if actor is not None:
            query = query.where(kind.scope(actor, actor.scope(kind.name)))
        visible = actor is None or actor.may(kind.view)
        shown = [(str(title), url_for(kind.endpoint, id=id)) for id, title in session.execute(query)] if visible else []
        found.append(Waiting(kind, flow.state[move.waits_in or ""].label, move.label, count, shown))
    return found


def let_go(area: Area) -> int:
    """Make the move of everything that waited for `area`, which is off by now; return how many went on.

    The system itself makes it, in the transaction that switches the area off. What a guard of another area lets wait goes
    on waiting for that one. Refused as a whole, with the record's name, when one of them can't go on.
    """
    gone = 0
    for kind, flow, move in _guarded(area):
        for record in session.scalars(select(kind.model).where(_waits(kind, flow, move)).order_by(kind.model.id)).all():
            _go_on(record, kind, move, area)
            gone += getattr(record, flow.column) != move.waits_in
    return gone


def _go_on(record: Record, kind: RecordType, move: Move, area: Area) -> None:
    try:
        make_move(record, move.name, by=None, reason=_("%(area)s was switched off", area=area.label))
    except Refused as refused:
        title = session.scalar(select(kind.title).select_from(kind.model).where(kind.model.id == record.id))
        raise Refused(
            _(
                "%(area)s stays on: “%(record)s” waits for it and can't go on. %(why)s",
                area=area.label,
                record=title,
                why=refused.message,
            ),
            url=url_for(kind.endpoint, id=record.id),
        ) from refused
