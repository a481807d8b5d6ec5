"""What the pool does by itself at night: reminds holders, and takes back what they have not looked after."""

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, or_, select

from erpcrm.core.audit import record_event
from erpcrm.core.db import now, session
from erpcrm.core.i18n import _l, today
from erpcrm.core.notifications import News, notify_all

from ..models import Pooled
from ..pooling import Rules, tonight
from .pool import holdings, note_place, reason_label, release, rules_of

BATCH = 200
"""Records that are looked at in one transaction"""


def look_after(kind: Pooled, after: int) -> tuple[int | None, int]:
    """Look at the next records that somebody holds: (id of the last one, or None at the end; how many were acted upon)."""
    rules = rules_of(kind)
    if not rules.returns:
        return None, 0
    records = session.scalars(_candidates(kind, rules, after)).all()
    ids = [record.id for record in records]
    states = holdings(kind, records) if records else {}
    reminders: dict[int, list[Any]] = defaultdict(list)
    returned: dict[int, list[Any]] = defaultdict(list)
    for record in records:
        holding = states[record.id]
        todo = tonight(holding.held, rules, today()) if holding.why_kept is None else None
        if todo is None:
            continue
        if todo.what == "remind":
            note_place(kind, record, {"told_for": todo.on})
            reminders[record.owner_id].append((record, todo.on))
        else:
            returned[record.owner_id].append((record, todo.why))
            release(record, "auto_returned", todo.why)
            record_event(record, "pool_auto_returned", reason=str(reason_label(todo.why)))
    _tell(kind, reminders, returned)
    done = sum(map(len, reminders.values())) + sum(map(len, returned.values()))
    return (ids[-1] if len(ids) == BATCH else None), done


def _candidates(kind: Pooled, rules: Rules, after: int) -> Any:
    """Those that could be due: without contact, or held, for so long that their reminder may come. They are locked, so that a
    call that is logged just now counts, or comes after."""
    model = kind.model
    long_ago = []
    if rules.contact_days is not None:
        before = now() - timedelta(days=max(0, rules.contact_days - rules.remind_days - 1))
        long_ago.append(func.coalesce(model.last_activity_at, model.created_at) <= before)
    if rules.deal_days is not None:
        long_ago.append(model.created_at <= now() - timedelta(days=max(0, rules.deal_days - rules.remind_days - 1)))
    query = select(model).where(model.id > after, model.owner_id.is_not(None), kind.open(), or_(*long_ago))
    return query.order_by(model.id).limit(BATCH).with_for_update(of=model).execution_options(populate_existing=True)


def _tell(kind: Pooled, reminders: dict[int, list[Any]], returned: dict[int, list[Any]]) -> None:
    path = "/pipeline/leads" if kind.name == "lead" else "/customers"
    for owner_id, theirs in reminders.items():
        news = [News(_reminder(record.name, day), f"{path}/{record.id}", record) for record, day in theirs]
        notify_all(owner_id, "due", news, title=_l("These go back to the public pool soon"))
    for owner_id, theirs in returned.items():
        news = [News(_farewell(record.name, why), f"/pipeline/pool?of={kind.name}") for record, why in theirs]
        notify_all(owner_id, "due", news, title=_l("These went back to the public pool"))


def _reminder(name: str, day: date) -> Any:
    return _l("%(name)s goes back to the public pool on %(day)s", name=name, day=day.isoformat())


def _farewell(name: str, why: str) -> Any:
    if why == "no_contact":
        return _l("%(name)s went back to the public pool: not contacted in time", name=name)
    return _l("%(name)s went back to the public pool: no deal in time", name=name)
