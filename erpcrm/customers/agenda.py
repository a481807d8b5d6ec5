"""What stands on a user's My day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select

from erpcrm.access.models import User
from erpcrm.core.actor import Actor
from erpcrm.core.audit import AuditEntry
from erpcrm.core.db import session
from erpcrm.core.i18n import today
from erpcrm.core.pointers import address_of
from erpcrm.core.records import titles_of
from erpcrm.core.registry import record_type, record_types_on

from .models import Activity, Contact, Mention
from .scopes import visible_customers

MOST = 25
AHEAD = 7


@dataclass(frozen=True)
class Task:
    """An open activity of the user. `about` names the customer or record that it is on, if the user may see it."""

    id: int
    kind: str
    subject: str
    due_on: date | None
    starts_at: Any
    about: str | None
    about_url: str | None
    contact: str | None
    phone: str | None


@dataclass(frozen=True)
class Named:
    """An activity in which somebody named the user. `about` is the record that it is on, if the user may see it."""

    id: int
    subject: str
    who: str | None
    at: Any
    about: str | None
    about_url: str | None


@dataclass(frozen=True)
class Recent:
    """A record that the user last worked on."""

    title: str
    url: str
    icon: str
    label: Any
    at: Any


@dataclass(frozen=True)
class Day:
    """The lists of the page, each at most MOST long; `more` counts what is left out, by list."""

    today: date
    overdue: list[Task]
    due_today: list[Task]
    week: list[Task]
    undated: list[Task]
    more: dict[str, int]
    mentions: list["Named"]
    recent: list[Recent]
    begins: bool = False
    """The user sees no customer yet: the page shows what to begin with."""

    @property
    def clear(self) -> bool:
        return not (self.overdue or self.due_today or self.mentions)


def day_of(user: Actor, *, with_recent: bool = True) -> Day:
    """Everything on the user's My day: at most nine queries, however much there is.

    `with_recent` asks also what the user worked on last, where nobody knows what they have opened.
    """
    now_day = today()
    due = {
        "overdue": Activity.due_on < now_day,
        "due_today": Activity.due_on == now_day,
        "week": Activity.due_on.between(now_day + timedelta(days=1), now_day + timedelta(days=AHEAD)),
        "undated": Activity.due_on.is_(None),
    }
    mine = (Activity.owner_id == user.id, Activity.done_at.is_(None))
    counts = session.execute(select(*(func.count().filter(condition) for condition in due.values())).where(*mine)).one()
    rows = {
        name: session.execute(
            _tasks().where(*mine, condition).order_by(Activity.due_on, Activity.at, Activity.id).limit(MOST)
        ).all()
        for (name, condition), count in zip(due.items(), counts, strict=True)
        if count
    }
    mentions = _mentions(user)
    titles = _titles([*(row for some in rows.values() for row in some), *mentions], user)
    lists = {name: [_task(row, titles) for row in rows.get(name, ())] for name in due}
    more = {name: count - MOST for name, count in zip(due, counts, strict=True) if count > MOST}
    recent = _recent(user) if with_recent else []
    begins = not (any(rows.values()) or mentions or recent) and _sees_no_customer(user)
    return Day(
        today=now_day,
        more=more,
        mentions=[_named(row, titles) for row in mentions],
        recent=recent,
        begins=begins,
        **lists,
    )


def _sees_no_customer(user: Actor) -> bool:
    if not user.may("customers.customer.view"):
        return False
    return session.scalar(visible_customers(user).limit(1)) is None


def _tasks() -> Any:
    return select(
        Activity.id, Activity.kind, Activity.subject, Activity.due_on, Activity.starts_at, Activity.record_type,
        Activity.record_id, Contact.name.label("contact"), func.coalesce(Contact.mobile, Contact.phone).label("phone"),
    ).outerjoin(Contact, Contact.id == Activity.contact_id)  # fmt: skip


def _titles(rows: Sequence[Any], user: Actor) -> dict[tuple[str, int], str]:
    """The names of the records that tasks are on, within the user's scope: one query a kind."""
    wanted: dict[str, set[int]] = {}
    for row in rows:
        wanted.setdefault(row.record_type, set()).add(row.record_id)
    return names_seen(wanted, user)


def names_seen(wanted: dict[str, set[int]], user: Actor) -> dict[tuple[str, int], str]:
    """{(type, id): name} of those records that the user may see."""
    on = {kind.name for kind in record_types_on()}
    found: dict[tuple[str, int], str] = {}
    for name, ids in wanted.items():
        if name not in on or not user.may(record_type(name).view):
            continue
        titles = titles_of(record_type(name), ids, user)
        found |= {(name, record_id): title for record_id, title in titles.items()}
    return found


def _task(row: Any, titles: dict[tuple[str, int], str]) -> Task:
    key = (row.record_type, row.record_id)
    return Task(
        row.id, row.kind, row.subject, row.due_on, row.starts_at, titles.get(key),
        address_of(*key) if key in titles else None, row.contact, row.phone,
    )  # fmt: skip


def task_of(activity: Activity, user: Actor) -> Task:
    """One activity as a line of My day."""
    row = session.execute(_tasks().where(Activity.id == activity.id)).one()
    return _task(row, _titles([row], user))


def _mentions(user: Actor) -> Sequence[Any]:
    """Where somebody named the user, and the user has not said "seen"."""
    return session.execute(
        select(
            Activity.id, Activity.subject, Activity.record_type, Activity.record_id, Mention.at, User.name.label("who")
        )
        .join(Mention, Mention.activity_id == Activity.id)
        .outerjoin(User, User.id == Activity.created_by_id)
        .where(Mention.user_id == user.id, Mention.seen_at.is_(None))
        .order_by(Mention.at.desc())
        .limit(MOST)
    ).all()


def _named(row: Any, titles: dict[tuple[str, int], str]) -> Named:
    key = (row.record_type, row.record_id)
    return Named(row.id, row.subject, row.who, row.at, titles.get(key), address_of(*key) if key in titles else None)


def _recent(user: Actor) -> list[Recent]:
    """The records that the user changed or wrote about last, as the trail and the activities know them."""
    changed = session.execute(
        select(AuditEntry.record_type, AuditEntry.record_id, AuditEntry.at)
        .where(AuditEntry.actor_id == user.id)
        .order_by(AuditEntry.id.desc())
        .limit(60)
    ).all()
    spoken = session.execute(
        select(Activity.record_type, Activity.record_id, Activity.updated_at)
        .where(Activity.owner_id == user.id, Activity.done_at.is_not(None))
        .order_by(Activity.at.desc())
        .limit(20)
    ).all()
    latest: dict[tuple[str, int], Any] = {}
    for name, record_id, at in (*changed, *spoken):
        if name in ("customer", "contact", "lead", "opportunity"):
            latest[name, record_id] = max(at, latest.get((name, record_id), at))
    first = sorted(latest, key=lambda key: latest[key], reverse=True)[:8]
    wanted: dict[str, set[int]] = {}
    for name, record_id in first:
        wanted.setdefault(name, set()).add(record_id)
    names = names_seen(wanted, user)
    return [
        Recent(names[key], address_of(*key), record_type(key[0]).icon, record_type(key[0]).label, latest[key])
        for key in first
        if key in names
    ]
