"""The history of a record: activities, mails, changes and files in one stream, newest first."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import render_template
from flask_login import current_user
from markupsafe import Markup
from sqlalchemy import ColumnElement, Select, and_, func, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute

from erpcrm.access.models import User
from erpcrm.core.audit import AuditEntry
from erpcrm.core.db import Record, session
from erpcrm.core.files import Attachment
from erpcrm.core.i18n import _l, today
from erpcrm.core.mail import Mail, MailLink
from erpcrm.core.registry import record_type, registry
from erpcrm.core.trail import Line, in_words

from .models import KINDS, Activity, Contact, Customer, CustomerContact
from .related import points_at, related

PAGE = 15
EPOCH, MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
SOURCES = ("activity", "mail", "change", "file")
"""In this order where two things happened in the same moment."""
SHOWN: Mapping[str, tuple[Any, tuple[str, ...]]] = {
    "all": (_l("Everything"), SOURCES),
    "activities": (_l("Activities"), ("activity",)),
    "mails": (_l("E-mails"), ("activity", "mail")),
    "changes": (_l("Changes"), ("change",)),
    "files": (_l("Files"), ("file",)),
}
ICONS = {"call": "phone", "meeting": "users", "email": "mail", "note": "note", "task": "checkbox"}
CHANGE_ICONS = {
    "created": "plus",
    "changed": "pencil",
    "deleted": "trash",
    "merged": "git-merge",
    "merged_into": "git-merge",
}
LABELS = {kind.value: kind.label for kind in KINDS}
KEYS = {"note": "n", "call": "c", "meeting": "m", "task": "t"}


@dataclass
class Entry:
    """One thing that happened. `about` is the record that it belongs to, where that is not the record of the page."""

    source: str
    id: int
    at: datetime
    who: str | None = None
    activity: Any = None
    change: AuditEntry | None = None
    told: Line | None = None
    """The change in words"""
    mail: Any = None
    file: Any = None
    about: tuple[Any, str, int] | None = None
    pointer: tuple[str, int] | None = None
    """The type and id of the record that it hangs on."""
    contact: tuple[int, str] | None = None
    icon: str = "history"

    @property
    def place(self) -> tuple[datetime, int, int]:
        return self.at, -SOURCES.index(self.source), self.id

    @property
    def position(self) -> str:
        return f"{(self.at - EPOCH) // MICROSECOND}~{self.source}~{self.id}"


@dataclass
class Stream:
    """A page of a timeline. `planned` is what is still to do, the next first; it stands above the first page only."""

    record: Record
    show: str
    entries: list[Entry]
    planned: list[Entry] = field(default_factory=list)
    older: str | None = None
    first: bool = True


@dataclass(frozen=True)
class Position:
    """Where the page before ended."""

    at: datetime
    source: str
    id: int

    @classmethod
    def read(cls, text: str | None) -> "Position | None":
        try:
            moment, source, record_id = (text or "").split("~")
            return cls(EPOCH + int(moment) * MICROSECOND, cls._known(source), int(record_id))
        except (ValueError, OverflowError):
            return None

    @staticmethod
    def _known(source: str) -> str:
        if source not in SOURCES:
            raise ValueError(source)
        return source

    def before(self, source: str, at: Any, record_id: Any) -> ColumnElement[bool]:
        """Rows of `source` that come after this place, reading downwards."""
        mine, theirs = SOURCES.index(self.source), SOURCES.index(source)
        if theirs > mine:
            return at <= self.at  # type: ignore[no-any-return]
        if theirs < mine:
            return at < self.at  # type: ignore[no-any-return]
        return or_(at < self.at, and_(at == self.at, record_id < self.id))


@dataclass(frozen=True)
class Wanted:
    """What a page of the timeline reads: of the record and of what belongs to it, from a place on."""

    record: Record
    others: Sequence[tuple[str, Select[Any]]]
    show: str
    place: Position | None


def stream_of(record: Record, show: str = "all", older: str | None = None) -> Stream:
    """A page of the history of `record`: at most five queries for what happened and one a kind for names, however long it is.

    On a customer it tells also of the customer's people, deals and whatever else names the customer.
    """
    show = show if show in SHOWN else "all"
    place = Position.read(older)
    wanted = Wanted(record, related(record), show, place)
    found: list[Entry] = []
    for source in SHOWN[show][1]:
        found += READERS[source](wanted)
    found.sort(key=lambda entry: entry.place, reverse=True)
    entries, more = found[:PAGE], len(found) > PAGE
    _tell(record, [entry for entry in entries if entry.change is not None])
    planned = planned_on(record) if place is None and show in ("all", "activities") else []
    _complete(record, [*planned, *entries])
    return Stream(record, show, entries, planned, entries[-1].position if more else None, place is None)


def belongs(record: Record) -> ColumnElement[bool]:
    """Activities of the record; of a customer also those on its contacts and deals; of a contact also where it took part."""
    on_it = and_(Activity.record_type == record.record_name, Activity.record_id == record.id)
    if isinstance(record, Customer):
        return Activity.customer_id == record.id
    if isinstance(record, Contact):
        return or_(on_it, Activity.contact_id == record.id)
    return on_it


ACTIVITY = (
    Activity.id, Activity.kind, Activity.subject, Activity.body, Activity.outcome, Activity.record_type, Activity.record_id,
    Activity.contact_id, Activity.owner_id, Activity.due_on, Activity.starts_at, Activity.done_at, Activity.at,
    Activity.created_by_id, Activity.version, User.name.label("who"),
)  # fmt: skip
ACTIVITIES = select(*ACTIVITY).outerjoin(User, User.id == func.coalesce(Activity.owner_id, Activity.created_by_id))


def _activities(wanted: Wanted) -> list[Entry]:
    query = ACTIVITIES.where(belongs(wanted.record), Activity.done_at.is_not(None))
    if wanted.show == "mails":
        query = query.where(Activity.kind == "email")
    return [
        Entry("activity", row.id, row.at, who=row.who, activity=row)
        for row in _page(query, "activity", Activity.at, Activity.id, wanted.place)
    ]


def planned_on(record: Record) -> list[Entry]:
    """What is open on the record, the next due first."""
    query = ACTIVITIES.where(belongs(record), Activity.done_at.is_(None))
    rows = session.execute(query.order_by(Activity.due_on.is_(None), Activity.at, Activity.id).limit(50))
    return [Entry("activity", row.id, row.at, who=row.who, activity=row) for row in rows]


def _mails(wanted: Wanted) -> list[Entry]:
    linked = points_at(wanted.record, wanted.others, MailLink.record_type, MailLink.record_id)
    query = select(
        Mail.id, Mail.to, Mail.subject, Mail.text, Mail.secret, Mail.status, Mail.user_id, Mail.created_at
    ).where(Mail.id.in_(select(MailLink.mail_id).where(linked)))
    return [
        Entry("mail", row.id, row.created_at, mail=row)
        for row in _page(query, "mail", Mail.created_at, Mail.id, wanted.place)
    ]


def _changes(wanted: Wanted) -> list[Entry]:
    record, place = wanted.record, wanted.place
    # Files have entries of their own in the stream.
    where: list[ColumnElement[bool]] = [AuditEntry.action.not_in(("file_added", "file_removed"))]
    if place is not None:
        where.append(place.before("change", AuditEntry.at, AuditEntry.id))
    own = (AuditEntry.record_type == record.record_name, AuditEntry.record_id == record.id)
    # Ids are given in the order of time; the index is on (record_type, record_id, id).
    latest = AuditEntry.id.desc()
    query = select(AuditEntry).where(*own, *where)
    if wanted.others:
        points = [(AuditEntry.record_type == name, AuditEntry.record_id.in_(ids)) for name, ids in wanted.others]
        theirs = or_(*(and_(*point) for point in points))
        # Every edit of every deal would drown the rest: beside everything else, what began and what moved is enough.
        steps = where if wanted.show == "changes" else [*where, AuditEntry.action != "changed"]
        mine = select(AuditEntry.id).where(*own, *where).order_by(latest).limit(PAGE + 1).subquery()
        both = union_all(select(mine.c.id), select(AuditEntry.id).where(theirs, *steps))
        # By ids, so that the database begins with the records and not with the end of a long trail.
        query = select(AuditEntry).where(AuditEntry.id.in_(both))
    rows = session.scalars(query.order_by(latest).limit(PAGE + 1))
    return [Entry("change", row.id, row.at, change=row, icon=_icon_of(row)) for row in rows]


def _tell(record: Record, entries: Sequence[Entry]) -> None:
    """Put changes into words: those alone that are shown."""
    title = getattr(record, "name", None)
    known = {(record.record_name, record.id): title} if title else None
    own = (record.record_name, record.id)
    rows = [_briefly(entry.change, own) for entry in entries if entry.change is not None]
    for entry, row, line in zip(entries, rows, in_words(rows, known), strict=True):
        entry.told, entry.who = line, line.who
        if (row.record_type, row.record_id) != own and line.name:
            entry.about = (record_type(row.record_type), line.name, row.record_id)


def _briefly(row: AuditEntry, own: tuple[str, int]) -> AuditEntry:
    """That something else came to be is news; with which values is told on its own page."""
    if row.action != "created" or (row.record_type, row.record_id) == own:
        return row
    return AuditEntry(
        id=row.id, at=row.at, actor_id=row.actor_id, record_type=row.record_type, record_id=row.record_id, part=row.part,
        action=row.action, changes={}, reason=row.reason,
    )  # fmt: skip


def _icon_of(row: AuditEntry) -> str:
    flow = registry().workflows.get(row.record_type)
    move = flow.move.get(row.action) if flow is not None else None
    return move.icon if move is not None else CHANGE_ICONS.get(row.action, "history")


def _files(wanted: Wanted) -> list[Entry]:
    on_it = points_at(wanted.record, wanted.others, Attachment.record_type, Attachment.record_id)
    query = select(Attachment).where(
        Attachment.id.in_(select(Attachment.id).where(on_it)), Attachment.deleted_at.is_(None)
    )
    if wanted.place is not None:
        query = query.where(wanted.place.before("file", Attachment.at, Attachment.id))
    rows = session.scalars(query.order_by(Attachment.id.desc()).limit(PAGE + 1))
    return [Entry("file", file.id, file.at, file=file, pointer=(file.record_type, file.record_id)) for file in rows]


def _page(
    query: Any, source: str, at: Any, record_id: InstrumentedAttribute[int], place: Position | None
) -> Sequence[Any]:
    if place is not None:
        query = query.where(place.before(source, at, record_id))
    return session.execute(query.order_by(at.desc(), record_id.desc()).limit(PAGE + 1)).all()  # type: ignore[no-any-return]


READERS: Mapping[str, Callable[[Wanted], list[Entry]]] = {
    "activity": _activities,
    "mail": _mails,
    "change": _changes,
    "file": _files,
}


def _complete(record: Record, entries: Sequence[Entry]) -> None:
    """Put names where the rows have ids."""
    people = {_actor_id(entry) for entry in entries if entry.who is None} - {None}
    names = _names(User.id, User.name, people)
    for entry in entries:
        if entry.activity is not None:
            entry.pointer = (entry.activity.record_type, entry.activity.record_id)
    elsewhere = {entry.pointer for entry in entries if entry.pointer} - {(record.record_name, record.id)}
    people_here = {entry.activity.contact_id for entry in entries if entry.activity is not None} - {None}
    on_contacts = {record_id for kind, record_id in elsewhere if kind == "contact"}
    titles = {"contact": _names(Contact.id, Contact.name, people_here | on_contacts)}
    for kind_name in {kind for kind, _record_id in elsewhere} - {"contact"}:
        kind = record_type(kind_name)
        ids = {record_id for name, record_id in elsewhere if name == kind_name}
        titles[kind_name] = _names(kind.model.id, kind.title, ids)
    for entry in entries:
        entry.who = entry.who or names.get(_actor_id(entry) or 0)
        contact_id = entry.activity.contact_id if entry.activity is not None else None
        if contact_id in titles["contact"] and (record.record_name, record.id) != ("contact", contact_id):
            entry.contact = (contact_id, titles["contact"][contact_id])
        if entry.pointer not in elsewhere or entry.pointer == ("contact", contact_id):
            continue
        kind_name, record_id = entry.pointer  # type: ignore[misc]
        title = titles.get(kind_name, {}).get(record_id)
        if title is not None:
            entry.about = (record_type(kind_name), title, record_id)


def _actor_id(entry: Entry) -> int | None:
    if entry.mail is not None:
        return entry.mail.user_id  # type: ignore[no-any-return]
    return entry.file.user_id if entry.file is not None else None


def _names(key: Any, title: Any, ids: set[Any]) -> dict[int, str]:
    if not ids:
        return {}
    return dict(session.execute(select(key, title).where(key.in_(ids))).all())


def entry_of(activity: Activity, record: Record) -> Entry:
    """One activity as its timeline shows it."""
    row = session.execute(ACTIVITIES.where(Activity.id == activity.id)).one()
    entry = Entry("activity", row.id, row.at, who=row.who, activity=row)
    _complete(record, [entry])
    return entry


def quick_kinds() -> list[dict[str, Any]]:
    """The kinds that the bar offers, each with its key."""
    return [{"value": value, "label": LABELS[value], "icon": ICONS[value], "key": key} for value, key in KEYS.items()]


def contacts_for(record: Record) -> Sequence[tuple[int, str]]:
    """The people whom an activity on `record` may be with."""
    customer_id = record.id if isinstance(record, Customer) else getattr(record, "customer_id", None)
    if customer_id is None:
        return ()
    query = (
        select(Contact.id, Contact.name)
        .join(CustomerContact)
        .where(CustomerContact.customer_id == customer_id, Contact.active)
        .order_by(CustomerContact.is_main.desc(), Contact.name_key)
        .limit(100)
    )
    return [(contact_id, name) for contact_id, name in session.execute(query)]


def shown_data(stream: Stream) -> dict[str, Any]:
    """What the template of a timeline needs."""
    record = stream.record
    may_add = current_user.may("customers.activity.edit")
    return {
        "stream": stream,
        "record": record,
        "kind": record_type(record.record_name),
        "filters": SHOWN,
        "may_add": may_add,
        "me": current_user.id,
        "may_change_all": current_user.scope("activity") != "own",
        "quick": quick_kinds(),
        "people": contacts_for(record) if may_add and stream.first else (),
        "icons": ICONS,
        "labels": LABELS,
        "today": today(),
    }


def timeline_of(record: Record) -> Markup:
    """For the page of any record: its timeline with the bar that adds to it. Empty for who may not see activities."""
    if not current_user.may("customers.activity.view"):
        return Markup("")
    return Markup(render_template("customers/timeline.html", alone=False, **shown_data(stream_of(record))))  # noqa: S704


def is_overdue(due_on: date | None) -> bool:
    return due_on is not None and due_on < today()
