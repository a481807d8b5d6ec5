"""Notifications: what somebody should know, in the app (the bell) and by mail, as each user chose."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    Text,
    bindparam,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from .actor import Actor, current_actor
from .db import Base, Record, now, session
from .i18n import _, _l, in_language, said_again, spelled_out
from .jobs import DONE, MORE, Job, Progress, handler
from .mail import absolute, send_mail
from .registry import load_actor, record_type, registry, types_off

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
        NoticeKind("answered", _l("A customer answers me"), "message", "blue"),
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
    """In the language that the user had then; `words` says it in the one of the reader."""
    said: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """The untranslated text and its values, where there are such."""
    url: Mapped[str]
    record_type: Mapped[str | None]
    record_id: Mapped[int | None]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    at: Mapped[datetime] = mapped_column(default=now, index=True)
    read_at: Mapped[datetime | None]

    @property
    def words(self) -> str:
        return said_again(self.said) if self.said else self.text


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


_quiet: ContextVar[bool] = ContextVar("quiet", default=False)


@contextmanager
def quietly() -> Iterator[None]:
    """Within it nobody is told anything: ten thousand imported records are not ten thousand pieces of news."""
    token = _quiet.set(True)
    try:
        yield
    finally:
        _quiet.reset(token)


@dataclass(frozen=True)
class News:
    """One thing to tell. A lazy translation as `text` is put into the receiver's language; `url` is the path of its page."""

    text: Any
    url: str
    record: Record | None = None


def notify(
    user_id: int, kind: str, text: Any, url: str, record: Record | None = None, mail: bool = True
) -> Notification | None:
    """Tell a user something, in the user's language when `text` is a lazy translation.

    `url` is the path of the page where it is to be seen. Nobody is told of what they did themselves, nobody of a `record` that
    they may not see, and nobody who may not sign in any more is told anything. Returns None when no notification was made.
    """
    made = notify_all(user_id, kind, [News(text, url, record)], mail=mail)
    return made[0] if made else None


def notify_all(
    user_id: int, kind: str, news: Sequence[News], *, title: Any = None, mail: bool = True
) -> list[Notification]:
    """Tell a user several things: each by itself in the app, all of them in one mail, under `title` if they are several."""
    if kind not in KINDS:
        raise KeyError(kind)
    if _quiet.get():
        return []
    actor, receiver = current_actor(), load_actor(user_id)
    if receiver is None or not getattr(receiver, "is_active", True) or (actor is not None and actor.id == user_id):
        return []
    told = [one for one in news if one.record is None or may_be_told(receiver, one.record)]
    choice = session.get(NoticeChoice, (user_id, kind))
    with in_language(getattr(receiver, "language", None)):
        if told and mail and (choice is None or choice.mail):
            _mail_to(receiver, told, title, actor)
        made = [] if choice is not None and not choice.in_app else [_notice(user_id, kind, one, actor) for one in told]
    session.add_all(made)
    session.flush()
    return made


def _notice(user_id: int, kind: str, news: News, actor: Actor | None) -> Notification:
    return Notification(
        user_id=user_id,
        kind=kind,
        text=str(news.text),
        said=spelled_out(news.text),
        url=news.url,
        record_type=news.record.record_name if news.record else None,
        record_id=news.record.id if news.record else None,
        actor_id=actor.id if actor else None,
    )


def _mail_to(receiver: Actor, news: Sequence[News], title: Any, by: Actor | None) -> None:
    """Not linked to the records: what colleagues tell each other is no correspondence with a customer."""
    address = getattr(receiver, "email", None)
    if not address:
        return
    lines = [f"{one.text}\n{absolute(one.url)}" for one in news]
    subject = title if title is not None and len(news) > 1 else news[0].text
    body = (
        _("Hello %(name)s,", name=receiver.name),
        *lines,
        "-- \n" + _("Choose which mails you get: %(url)s", url=absolute("/notifications/settings")),
    )
    send_mail(address, str(subject), "\n\n".join(body), by=by)


def may_be_told(receiver: Actor, record: Record) -> bool:
    """Whether the user has the permission to see such records, and this one within the own scope."""
    kind = registry().record_types.get(record.record_name)
    if kind is None:
        return True
    if not receiver.may(kind.view):
        return False
    rule = kind.scope(receiver, receiver.scope(kind.name))
    return session.scalar(select(kind.model.id).where(kind.model.id == record.id, rule)) is not None


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
