"""When somebody leaves: what they still own, who takes it over, and the end of their access."""

from typing import Any

from sqlalchemy import ColumnElement, func, select

from erpcrm.core.access import require
from erpcrm.core.actor import acting_as, current_actor
from erpcrm.core.audit import record_event
from erpcrm.core.db import session
from erpcrm.core.errors import Refused
from erpcrm.core.i18n import _, _l
from erpcrm.core.jobs import DONE, MORE, Job, Progress, enqueue, handler
from erpcrm.core.notifications import notify
from erpcrm.core.records import RecordType
from erpcrm.core.registry import record_types_on

from ..models import User
from .rank import keep_an_administrator, may_touch
from .users import load_user

BATCH = 200
"""Records that change hands in one transaction."""


def _owned(kind: RecordType, user: User) -> ColumnElement[bool] | None:
    """The condition of this user's records that still need somebody; None for types without an owner."""
    owner = getattr(kind.model, "owner_id", None)
    if owner is None:
        return None
    mine: ColumnElement[bool] = owner == user.id
    return mine if kind.open is None else mine & kind.open()


def possessions(user: User) -> list[tuple[RecordType, int]]:
    """How many open records of each type the user owns."""
    found = []
    for kind in record_types_on():
        condition = _owned(kind, user)
        if condition is not None:
            count = session.scalar(select(func.count()).select_from(kind.model).where(condition)) or 0
            if count:
                found.append((kind, count))
    return found


def deactivate(user: User, *, by: User | None = None) -> None:
    """End a user's access at once, everywhere. What they own stays theirs until it is handed over.

    Refused for oneself, for a user who holds more than `by`, and for the last administrator.
    """
    if by is not None and by.id == user.id:
        raise Refused(_("You can't deactivate yourself. Ask another administrator."))
    may_touch(by, user)
    user.active = False
    user.session_epoch += 1
    keep_an_administrator()


def reactivate(user: User, *, by: User | None = None) -> None:
    may_touch(by, user)
    user.active = True
    session.flush()


def hand_over(user: User, to: User, *, by: User | None = None) -> Job:
    """Give the open records of `user` to `to`: a job, because they may be thousands. Refused for a user who may do more."""
    may_touch(by, user)
    if to.id == user.id:
        raise Refused(_("Choose a colleague, not the same person."))
    if not to.active:
        raise Refused(_("%(name)s is not active.", name=to.name))
    total = sum(count for _kind, count in possessions(user))
    if not total:
        raise Refused(_("%(name)s owns nothing that is open.", name=user.name))
    record_event(user, "handed_over", {"owner_id": [user.id, to.id]})
    return enqueue(
        "access.hand_over",
        state={"from": user.id, "to": to.id},
        label=_("Hand over from %(name)s to %(to)s", name=user.name, to=to.name),
        by=by,
        total=total,
    )


def hand_over_some(user: User, to: User, limit: int = BATCH) -> int:
    """Give up to `limit` open records to `to`, and with them to that colleague's team. Returns how many."""
    done = 0
    for kind in record_types_on():
        condition = _owned(kind, user)
        if condition is None or done >= limit:
            continue
        query = select(kind.model).where(condition).order_by(kind.model.id).limit(limit - done).with_for_update()
        for record in session.scalars(query):
            _give(record, to)
            done += 1
    session.flush()
    return done


def _give(record: Any, to: User) -> None:
    record.owner_id = to.id
    if hasattr(record, "team_id"):
        record.team_id = to.team_id


@handler("access.hand_over", label=_l("Hand over records"))
def run_hand_over(job: Job) -> Progress:
    if (by := current_actor()) is not None:
        require("access.user.edit", by)  # asked anew: a job that was stopped may be run again much later
    user, to = load_user(job.state["from"]), load_user(job.state["to"])
    if user is None or to is None:
        raise Refused(_("One of the two users is not there any more."))
    done = hand_over_some(user, to)
    job.done += done
    if done:
        return MORE
    with acting_as(None):
        text = _l("You have taken over %(count)s records from %(name)s.", count=job.done, name=user.name)
        notify(to.id, "assigned", text, "/")
    return DONE
