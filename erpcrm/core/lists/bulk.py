"""A verb on many rows of a list at once, within the user's scope and permission."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, func, select

from ..access import require
from ..actor import Actor, current_actor
from ..audit import plain
from ..db import session
from ..errors import Refused
from ..i18n import _, _l, ngettext, show_number
from ..jobs import MORE, Job, Progress, enqueue, handler
from ..records import BulkAction, RecordType
from ..registry import record_type, require_on
from ..whole import whole_or_none
from .state import ListState

AT_ONCE = 500
"""Records that a bulk action changes within the request; more become a job, this many a step."""


def chosen_ids(texts: Sequence[str]) -> list[int]:
    return list(dict.fromkeys(number for text in texts if (number := whole_or_none(text)) is not None))


def matching(state: ListState, ids: Sequence[int], *, everything: bool) -> list[ColumnElement[bool]]:
    """Conditions for the chosen rows: those ticked, or all that the filters let pass. The scope holds for both."""
    if not everything:
        return [*state.scope_conditions(), state.kind.model.id.in_(ids)]
    state.check()
    return state.conditions()


def count_of(state: ListState, ids: Sequence[int], *, everything: bool) -> int:
    """How many of the chosen rows there are for this user."""
    conditions = matching(state, ids, everything=everything)
    return session.scalar(select(func.count()).select_from(state.kind.model).where(*conditions)) or 0


def run_bulk(
    state: ListState, action: BulkAction, ids: Sequence[int], values: Mapping[str, Any], *, everything: bool, by: Actor
) -> str:
    """Run the action on the chosen rows, or leave it to a job when there are many. Returns what to tell the user."""
    model = state.kind.model
    query = select(model.id).where(*matching(state, ids, everything=everything)).order_by(model.id)
    chosen = list(session.scalars(query))
    if not chosen:
        raise Refused(_("Select at least one row first."))
    if len(chosen) <= AT_ONCE:
        changed = action.run(_records(state.kind, chosen), values, by)
        return done_text(changed, len(chosen))
    # The ids are kept, not the filters: the action may change what they let pass.
    enqueue(
        "lists.bulk",
        state={
            "kind": state.kind.name,
            "action": action.name,
            "ids": chosen,
            "values": packed(values),
            "at": 0,
            "changed": 0,
        },
        label=f"{action.label}: {state.kind.plural}",
        by=by,
        total=len(chosen),
    )
    count = show_number(len(chosen))
    told: str = _("%(count)s rows are being worked on in the background. Follow it under Jobs.", count=count)
    return told


def done_text(changed: int, chosen: int) -> str:
    told: str = ngettext("%(num)s row is done.", "%(num)s rows are done.", changed)
    if changed != chosen:
        told = _(
            "%(changed)s of %(chosen)s rows are done; the others did not need it or did not allow it.",
            changed=show_number(changed),
            chosen=show_number(chosen),
        )
    return told


def _records(kind: RecordType, ids: Sequence[int]) -> Sequence[Any]:
    return session.scalars(select(kind.model).where(kind.model.id.in_(ids)).order_by(kind.model.id)).all()


def packed(values: Mapping[str, Any]) -> dict[str, Any]:
    """A form's values as JSON, each with its type where JSON has none for it."""
    return {name: [type(value).__name__, plain(value)] for name, value in values.items()}


def unpacked(stored: Mapping[str, Any]) -> dict[str, Any]:
    read: dict[str, Any] = {"Decimal": Decimal, "date": date.fromisoformat, "datetime": datetime.fromisoformat}
    return {name: read[kind](value) if kind in read else value for name, (kind, value) in stored.items()}


@handler("lists.bulk", label=_l("Change many records"))
def bulk_step(job: Job) -> Progress | None:
    """The next records of a bulk action, as far as the user may still see and change them."""
    state, actor = job.state, current_actor()
    kind = record_type(state["kind"])
    require_on(kind)
    action = next(action for action in kind.bulk if action.name == state["action"])
    require(action.permission, actor)
    ids = state["ids"][state["at"] : state["at"] + AT_ONCE]
    seen = ListState.read(kind, (), actor=actor)
    query = select(kind.model).where(*matching(seen, ids, everything=False)).order_by(kind.model.id)
    changed = state["changed"] + action.run(session.scalars(query).all(), unpacked(state["values"]), actor)
    job.state = state | {"at": state["at"] + len(ids), "changed": changed}
    job.done += len(ids)
    if job.done < (job.total or 0):
        return MORE
    job.result = {"text": done_text(changed, job.total or 0)}
    return None
