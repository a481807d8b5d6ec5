"""What the system does by itself: reminders of tasks, and the search for duplicates."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update

from erpcrm.core.db import session
from erpcrm.core.i18n import _l, ngettext, today
from erpcrm.core.jobs import DONE, MORE, Job, Progress, handler
from erpcrm.core.notifications import News, notify_all

from .links import DUPLICATES, activity_path
from .models import Activity, Contact, Customer
from .services.scan import contact_pairs, customer_pairs

REMIND, SCAN = "customers.remind", "customers.scan"
BATCH = 200
COMPARED = 100
"""Customers in one step: nobody else writes while it runs."""


@handler(REMIND, label=_l("Remind of tasks that are due"), quiet=True)
def remind(job: Job) -> Progress:
    """Tell the owners of open tasks that are due today or were due before, once for each due date and in one mail."""
    due = (
        select(Activity)
        .where(Activity.done_at.is_(None), Activity.due_on <= today(), Activity.owner_id.is_not(None))
        .where(Activity.reminded_on.is_(None) | (Activity.reminded_on != Activity.due_on))
        .order_by(Activity.owner_id, Activity.due_on, Activity.id)
        .limit(BATCH)
    )
    found = session.scalars(due).all()
    by_owner: dict[int, list[Activity]] = {}
    for activity in found:
        by_owner.setdefault(activity.owner_id or 0, []).append(activity)
    for owner_id, tasks in by_owner.items():
        title = _l("%(count)s tasks are due", count=len(tasks))
        notify_all(owner_id, "due", [_news_of(task) for task in tasks], title=title)
    # Not through the records' own version: a reminder must not make a form that is being filled in stale.
    session.execute(
        update(Activity)
        .where(Activity.id.in_([activity.id for activity in found]))
        .values(reminded_on=Activity.due_on, updated_at=Activity.updated_at)
        .execution_options(synchronize_session=False)
    )
    job.done += len(found)
    return MORE if len(found) == BATCH else DONE


def _news_of(activity: Activity) -> News:
    late = activity.due_on is not None and activity.due_on < today()
    text = _l("Overdue: %(text)s", text=activity.subject) if late else _l("Due today: %(text)s", text=activity.subject)
    return News(text, activity_path(activity.id), activity)


def _found(result: Mapping[str, Any]) -> str:
    return ngettext("%(num)s new pair found", "%(num)s new pairs found", result.get("found", 0))


@handler(SCAN, label=_l("Look for duplicates"), tells=_found)
def scan(job: Job) -> Progress:
    """Go through customers, then contacts, a bounded number at a time, and keep the pairs that look like one."""
    kind = job.state.get("kind", "customer")
    model, compare = (Customer, customer_pairs) if kind == "customer" else (Contact, contact_pairs)
    after = job.state.get("after", 0)
    ids = session.scalars(select(model.id).where(model.id > after).order_by(model.id).limit(COMPARED)).all()
    found = job.state.get("found", 0) + (compare(ids) if ids else 0)
    job.done += len(ids)
    if len(ids) == COMPARED:
        job.state = {"kind": kind, "after": ids[-1], "found": found}
        return MORE
    if kind == "customer":
        job.state = {"kind": "contact", "after": 0, "found": found}
        return MORE
    job.state = {"kind": kind, "after": after, "found": found}
    job.result = {"found": found, "url": DUPLICATES}
    return DONE
