"""Notifications: what somebody should know, in the app (the bell) and by mail, as each user chose."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, Select, Text, bindparam, delete, func, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from .actor import Actor, current_actor
from .db import Base, Record, now, session
from .i18n import _, _l, in_language
from .jobs import DONE, MORE, Job, Progress, handler
from .mail import absolute, send_mail
from .registry import load_actor, record_type, types_off

MOST_COUNTED = 100
KEPT = timedelta(days=180)
SWEEP_BATCH = 2000


@dataclass(frozen=True)
class NoticeKind:
    """A kind of notification, as the settings name it."""

    name: str
    label: Any
    icon: str
    tone: str


KINDS: dict[str, NoticeKind] = {
    kind.name: kind
    for kind in (
        NoticeKind("assigned", _l("Something is assigned to me"), "user-check", "blue"),
        NoticeKind("mentioned", _l("Somebody mentions me"), "message", "purple"),
        NoticeKind("due", _l("A task of mine is due"), "clock", "orange"),
        NoticeKind("decided", _l("Something I asked for is decided"), "checks", "green"),
    )
}


class Notification(Base):
    """One thing that one user should know."""

    __tablename__ = "notifications"
    __table_args__ = (
        Index(None, "user_id", "id"),
        Index(None, "record_type", "record_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[str]
    text: Mapped[str] = mapped_column(Text)
    url: Mapped[str]
    record_type: Mapped[str | None]
    record_id: Mapped[int | None]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    at: Mapped[datetime] = mapped_column(default=now, index=True)
    read_at: Mapped[datetime | None]


Index(
    "ix_notifications_unread",
    Notification.user_id,
    Notification.id,
    sqlite_where=Notification.read_at.is_(None),
    postgresql_where=Notification.read_at.is_(None),
)


class NoticeChoice(Base):
    """How a user wants to learn of one kind; without a row: in the app and by mail."""

    __tablename__ = "notification_choices"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    in_app: Mapped[bool]
    mail: Mapped[bool]


def notify(
    user_id: int, kind: str, text: Any, url: str, record: Record | None = None, mail: bool = True
) -> Notification | None:
    """Tell a user something, in the user's language when `text` is a lazy translation.

    `url` is the path of the page where it is to be seen. Nobody is told of what they did themselves, and nobody who may not
    sign in any more is told anything. Returns None when no notification was made.
    """
    if kind not in KINDS:
        raise KeyError(kind)
    actor, receiver = current_actor(), load_actor(user_id)
    if receiver is None or not getattr(receiver, "is_active", True) or (actor is not None and actor.id == user_id):
        return None
    choice = session.get(NoticeChoice, (user_id, kind))
    with in_language(getattr(receiver, "language", None)):
        words = str(text)
        address = getattr(receiver, "email", None)
        if mail and address and (choice is None or choice.mail):
            send_mail(address, words, _body(receiver, words, url), record=record or (), by=actor)
    if choice is not None and not choice.in_app:
        return None
    notice = Notification(
        user_id=user_id,
        kind=kind,
        text=words,
        url=url,
        record_type=record.record_name if record else None,
        record_id=record.id if record else None,
        actor_id=actor.id if actor else None,
    )
    session.add(notice)
    session.flush()
    return notice


def _body(receiver: Actor, words: str, url: str) -> str:
    return "\n\n".join(
        (
            _("Hello %(name)s,", name=receiver.name),
            words,
            absolute(url),
            "-- \n" + _("Choose which mails you get: %(url)s", url=absolute("/notifications/settings")),
        )
    )


def _count_unread(*conditions: ColumnElement[bool]) -> Select[int]:
    table = Notification.__table__
    unread = select(table.c.id).where(table.c.user_id == bindparam("user_id"), table.c.read_at.is_(None), *conditions)
    return select(func.count()).select_from(unread.limit(MOST_COUNTED).subquery())


_UNREAD = _count_unread()


def still_told() -> list[ColumnElement[bool]]:
    """Conditions that leave out what is about records of areas that are off: it is told again when they are on."""
    off = types_off()
    return [or_(Notification.record_type.is_(None), Notification.record_type.not_in(off))] if off else []


def unread_count() -> int:
    """How many the signed-in user has not read, at most a hundred: for the bell on every page."""
    actor = current_actor()
    if actor is None:
        return 0
    told = still_told()
    return session.scalar(_count_unread(*told) if told else _UNREAD, {"user_id": actor.id}) or 0


def mark_read(user_id: int, ids: Iterable[int] | None = None) -> None:
    """Mark some notifications of a user as read, or all."""
    query = update(Notification).where(Notification.user_id == user_id, Notification.read_at.is_(None))
    if ids is not None:
        query = query.where(Notification.id.in_(list(ids)))
    session.execute(query.values(read_at=now()))


def choices_of(user_id: int) -> Mapping[str, tuple[bool, bool]]:
    """{kind: (in the app, by mail)} for every kind."""
    stored = session.execute(
        select(NoticeChoice.kind, NoticeChoice.in_app, NoticeChoice.mail).where(NoticeChoice.user_id == user_id)
    )
    chosen = {kind: (in_app, mail) for kind, in_app, mail in stored}
    return {name: chosen.get(name, (True, True)) for name in KINDS}


def choose(user_id: int, choices: Mapping[str, tuple[bool, bool]]) -> None:
    """Keep how a user wants to learn of each kind."""
    for kind, (in_app, mail) in choices.items():
        if kind not in KINDS:
            raise KeyError(kind)
        session.merge(NoticeChoice(user_id=user_id, kind=kind, in_app=in_app, mail=mail))
    session.flush()


AT = re.compile("[@＠]")
WORD = re.compile(r"[0-9A-Za-zÀ-ɏ_]")


def mentions(text: str) -> list[Actor]:
    """The users whose names stand in `text` after an @: "@Anna Berg", "@王芳请看一下". Each once, in order.

    Names may have blanks, and Chinese names no end that one could see, so the longest name that fits counts. A name that is
    borne by several users means all of them.
    """
    places = [match.end() for match in AT.finditer(text)]
    if not places:
        return []
    names = _names()
    found: dict[int, None] = {}
    for place in places:
        for user_id in _named_at(text, place, names):
            found[user_id] = None
    actors = (load_actor(user_id) for user_id in found)
    return [actor for actor in actors if actor is not None and getattr(actor, "is_active", True)]


def _names() -> list[tuple[str, int]]:
    kind = record_type("user")
    rows = session.execute(select(kind.title, kind.model.id).select_from(kind.model))
    known = [(name.casefold(), user_id) for name, user_id in rows if name]
    return sorted(known, key=lambda entry: -len(entry[0]))


def _named_at(text: str, place: int, names: Sequence[tuple[str, int]]) -> list[int]:
    rest = text[place : place + 200].casefold()
    best = ""
    found = []
    for name, user_id in names:
        if len(name) < len(best):
            break
        if rest.startswith(name) and not (WORD.match(name[-1]) and WORD.match(rest[len(name) : len(name) + 1])):
            best = name
            found.append(user_id)
    return found


@handler("notifications.sweep", label=_l("Forget old notifications"), quiet=True)
def sweep(job: Job) -> Progress:
    """Drop what is older than half a year."""
    ids = session.scalars(select(Notification.id).where(Notification.at < now() - KEPT).limit(SWEEP_BATCH)).all()
    if ids:
        session.execute(delete(Notification).where(Notification.id.in_(ids)))
        job.done += len(ids)
    return MORE if len(ids) == SWEEP_BATCH else DONE
