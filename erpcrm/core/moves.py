"""Making a move: check, lock, guards, change, consequences, effects and the audit entry, in one call."""

from typing import Any

from .actor import Actor
from .audit import record_event
from .db import Record, lock, session
from .errors import NotAllowed, NotThere, Refused, Stale
from .i18n import _
from .registry import effects_of, guards_of, workflow
from .workflow import Move, Workflow


def make_move(
    record: Record,
    name: str,
    *,
    by: Actor | None,
    version: int | None = None,
    reason: str | None = None,
    **details: Any,
) -> None:
    """Move `record` along its workflow (named like its record type).

    Refused when the move does not start from the state it is in, when the reason it asks for is missing, or when a
    guard says no. Stale when `version` is given and somebody changed the record since. `by=None` is the system itself.
    """
    flow = workflow(record.record_name)
    move = flow.move.get(name)
    if move is None:
        raise NotThere
    if by is not None and not by.may(move.permission):
        raise NotAllowed(move.permission)
    lock(record)
    if version is not None and version != record.version:
        raise Stale(record)
    _check(flow, move, record, reason)
    before = getattr(record, flow.column)
    waits = [guard.check(record, by) for guard in guards_of(f"{flow.name}.{name}")]
    if any(waits) and move.waits_in is None:
        raise LookupError(f"{flow.name}.{name} has no state to wait in")
    after = move.waits_in if any(waits) else move.target
    setattr(record, flow.column, after)
    session.flush()
    record_event(record, name, {flow.column: [before, after]}, reason)
    if any(waits):
        return
    told = {"reason": reason, "before": before, **details}
    for consequence in flow.consequences.get(name, ()):
        consequence(record, by, told)
    for effect in effects_of(f"{flow.name}.{name}"):
        effect.run(record, by, told)
    session.flush()


def _check(flow: Workflow, move: Move, record: Record, reason: str | None) -> None:
    if getattr(record, flow.column) not in move.sources:
        raise Refused(
            _(
                "This is %(state)s now, so “%(move)s” is not possible any more. Reload to see what changed.",
                state=flow.state_of(record).label,
                move=move.label,
            )
        )
    if move.reason == "required" and not (reason or "").strip():
        raise Refused(_("“%(move)s” needs a reason.", move=move.label))
