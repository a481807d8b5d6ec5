"""The history of a record: activities, mails, changes and files in one stream, newest first."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select

from erpcrm.access.models import User
from erpcrm.core.access import everyone
from erpcrm.core.actor import current_actor
from erpcrm.core.audit import AuditEntry
from erpcrm.core.db import Record, session
from erpcrm.core.files import Attachment
from erpcrm.core.i18n import _l
from erpcrm.core.mail import Mail
from erpcrm.core.pointers import may_read_changes
from erpcrm.core.registry import record_type, registry
from erpcrm.core.trail import Line, in_words

from .agenda import names_seen
from .models import Activity, Contact, Customer
from .related import Statements, ids_about, statements_about
from .scopes import ACTIVITY_SCOPE

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
CHANGE_ICONS = {
    "created": "plus",
    "changed": "pencil",
    "deleted": "trash",
    "merged": "git-merge",
    "merged_into": "git-merge",
}


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


def own_values(record: Record) -> dict[str, Any]:
    """What stands for the record of the page in the statements."""
    return {"own_kind": record.record_name, "own_id": record.id}


@dataclass(frozen=True)
class Wanted:
    """What a page of the timeline reads: of the record and of what belongs to it, from a place on."""

    record: Record
    ids: Mapping[str, Sequence[int]]
    """Of what it tells, by record type"""
    show: str
    place: Position | None

    @property
    def statements(self) -> Statements:
        return statements_about(tuple(self.ids), PAGE + 1)

    @property
    def values(self) -> dict[str, Any]:
        return own_values(self.record) | {f"{kind}_ids": list(ids) for kind, ids in self.ids.items()}


def filters_for(record: Record) -> Mapping[str, tuple[Any, tuple[str, ...]]]:
    """What can be chosen on the timeline of `record`.

    What belongs to nobody (products, users, warehouses) is seen by many more than may change it: its changes are told to
    those alone who may, and to readers of the trail.
    """
    kind = record_type(record.record_name)
    if kind.scope is not everyone or may_read_changes(kind.name):
        return SHOWN
    untold = {name: (label, tuple(s for s in sources if s != "change")) for name, (label, sources) in SHOWN.items()}
    return {name: found for name, found in untold.items() if found[1]}


def stream_of(record: Record, show: str = "all", older: str | None = None) -> Stream:
    """A page of the history of `record`: five queries for what happened and one a kind for names, however long it is.

    On a customer it tells also of the customer's people, deals and whatever else names the customer.
    """
    filters = filters_for(record)
    show = show if show in filters else "all"
    place = Position.read(older)
    wanted = Wanted(record, {} if show == "activities" else ids_about(record), show, place)
    found: list[Entry] = []
    for source in filters[show][1]:
        found += READERS[source](wanted)
    found.sort(key=lambda entry: entry.place, reverse=True)
    entries, more = found[:PAGE], len(found) > PAGE
    named = _tell(record, [entry for entry in entries if entry.change is not None])
    planned = planned_on(record) if place is None and show in ("all", "activities") else []
    _complete(record, [*planned, *entries], named)
    return Stream(record, show, entries, planned, entries[-1].position if more else None, place is None)


OF_CUSTOMER = Activity.customer_id == bindparam("own_id")
ON_RECORD = and_(Activity.record_type == bindparam("own_kind"), Activity.record_id == bindparam("own_id"))


def belongs(record: Record) -> ColumnElement[bool]:
    """Activities of the record; of a customer also those on its contacts and deals; of a contact also where it took part,
    as far as the user may see that: a person may work for a customer that is somebody else's."""
    if isinstance(record, Customer):
        return OF_CUSTOMER
    if isinstance(record, Contact):
        took_part, actor = Activity.contact_id == bindparam("own_id"), current_actor()
        if actor is not None:
            took_part &= ACTIVITY_SCOPE(actor, actor.scope("activity"))
        return or_(ON_RECORD, took_part)
    return ON_RECORD


ACTIVITY = (
    Activity.id, Activity.kind, Activity.subject, Activity.body, Activity.outcome, Activity.record_type, Activity.record_id,
    Activity.contact_id, Activity.owner_id, Activity.due_on, Activity.starts_at, Activity.done_at, Activity.at,
    Activity.created_by_id, Activity.version, User.name.label("who"),
)  # fmt: skip
ACTIVITIES = select(*ACTIVITY).outerjoin(User, User.id == func.coalesce(Activity.owner_id, Activity.created_by_id))


@lru_cache(maxsize=64)
def _done(belonging: ColumnElement[bool]) -> Select[Any]:
    query: Any = ACTIVITIES.where(belonging, Activity.done_at.is_not(None))
    return query.order_by(Activity.at.desc(), Activity.id.desc()).limit(PAGE + 1)


@lru_cache(maxsize=64)
def _planned(belonging: ColumnElement[bool]) -> Select[Any]:
    query: Any = ACTIVITIES.where(belonging, Activity.done_at.is_(None))
    return query.order_by(Activity.due_on.is_(None), Activity.at, Activity.id).limit(50)


def _activities(wanted: Wanted) -> list[Entry]:
    query, place = _done(belongs(wanted.record)), wanted.place
    if wanted.show == "mails":
        query = query.where(Activity.kind == "email")
    if place is not None:
        query = query.where(place.before("activity", Activity.at, Activity.id))
    rows = session.execute(query, own_values(wanted.record))
    return [Entry("activity", row.id, row.at, who=row.who, activity=row) for row in rows]


def planned_on(record: Record) -> list[Entry]:
    """What is open on the record, the next due first."""
    rows = session.execute(_planned(belongs(record)), own_values(record))
    return [Entry("activity", row.id, row.at, who=row.who, activity=row) for row in rows]


def _mails(wanted: Wanted) -> list[Entry]:
    query = wanted.statements.mails
    if wanted.place is not None:
        query = query.where(wanted.place.before("mail", Mail.created_at, Mail.id))
    return [Entry("mail", row.id, row.created_at, mail=row) for row in session.execute(query, wanted.values)]


def _changes(wanted: Wanted) -> list[Entry]:
    query = wanted.statements.changes if wanted.show == "changes" else wanted.statements.steps
    if wanted.place is not None:
        query = query.where(wanted.place.before("change", AuditEntry.at, AuditEntry.id))
    rows = session.scalars(query, wanted.values)
    return [Entry("change", row.id, row.at, change=row, icon=_icon_of(row)) for row in rows]


def _tell(record: Record, entries: Sequence[Entry]) -> dict[tuple[str, int], str]:
    """Put changes into words: those alone that are shown. Returns the names of the records that they are of."""
    title, own = getattr(record, "name", None), (record.record_name, record.id)
    named = {own: title} if title else {}
    rows = [_briefly(entry.change, own) for entry in entries if entry.change is not None]
    for entry, row, line in zip(entries, rows, in_words(rows, named), strict=True):
        entry.told, entry.who, entry.pointer = line, line.who, (row.record_type, row.record_id)
        if line.url is not None:
            named[entry.pointer] = line.name
    return named


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
    query = wanted.statements.files
    if wanted.place is not None:
        query = query.where(wanted.place.before("file", Attachment.at, Attachment.id))
    rows = session.scalars(query, wanted.values)
    return [Entry("file", file.id, file.at, file=file, pointer=(file.record_type, file.record_id)) for file in rows]


READERS: Mapping[str, Callable[[Wanted], list[Entry]]] = {
    "activity": _activities,
    "mail": _mails,
    "change": _changes,
    "file": _files,
}


def _complete(record: Record, entries: Sequence[Entry], named: Mapping[tuple[str, int], str]) -> None:
    """Put names where the rows have ids. `named` are those that are known already."""
    people = {_actor_id(entry) for entry in entries if entry.who is None} - {None}
    names = _names(User.id, User.name, people)
    for entry in entries:
        if entry.activity is not None:
            entry.pointer = (entry.activity.record_type, entry.activity.record_id)
    contacts = _names(Contact.id, Contact.name, {_contact_id(entry) for entry in entries} - {None})
    elsewhere: dict[str, set[int]] = {}
    for entry in entries:
        kind, record_id = entry.pointer or ("", 0)
        if kind and kind != record.record_name and entry.pointer not in named and (kind != "contact" or entry.file):
            elsewhere.setdefault(kind, set()).add(record_id)
    actor = current_actor()
    titles = dict(named) | (names_seen(elsewhere, actor) if elsewhere and actor is not None else {})
    for entry in entries:
        entry.who = entry.who or names.get(_actor_id(entry) or 0)
        contact_id = _contact_id(entry)
        if contact_id in contacts and (record.record_name, record.id) != ("contact", contact_id):
            entry.contact = (contact_id, contacts[contact_id])
        on_person = entry.activity is not None and entry.pointer is not None and entry.pointer[0] == "contact"
        if entry.pointer in titles and entry.pointer != (record.record_name, record.id) and not on_person:
            entry.about = (record_type(entry.pointer[0]), titles[entry.pointer], entry.pointer[1])


def _contact_id(entry: Entry) -> int | None:
    return entry.activity.contact_id if entry.activity is not None else None


def _actor_id(entry: Entry) -> int | None:
    if entry.mail is not None:
        return entry.mail.user_id  # type: ignore[no-any-return]
    return entry.file.user_id if entry.file is not None else None


def _names(key: Any, title: Any, ids: set[Any]) -> dict[int, str]:
    if not ids:
        return {}
    return dict(session.execute(_named(key, title), {"ids": list(ids)}).all())


@lru_cache(maxsize=8)
def _named(key: Any, title: Any) -> Select[Any]:
    return select(key, title).where(key.in_(bindparam("ids", expanding=True)))


def entry_of(activity: Activity, record: Record) -> Entry:
    """One activity as its timeline shows it."""
    row = session.execute(ACTIVITIES.where(Activity.id == activity.id)).one()
    entry = Entry("activity", row.id, row.at, who=row.who, activity=row)
    _complete(record, [entry], {})
    return entry
