"""The mail outbox: a mail is a row, written in the transaction that causes it and delivered by a job afterwards.

A mail server can't take part in our transaction. So "sending" is committed before the server is asked; if the process dies
between the server's answer and our note of it, the mail goes out a second time, with the same Message-ID, by which mail
systems recognise a repeat. No mail is ever lost.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, formataddr, getaddresses, make_msgid, parseaddr
from functools import partial
from io import BytesIO

from flask import current_app
from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .actor import Actor
from .blobs import BLOB, keep, path_of
from .db import Base, Record, lock, now, session
from .errors import Refused
from .i18n import _, _l
from .jobs import DONE, Failed, Job, Outcome, Outside, Progress, enqueue, handler
from .mail_server import is_final, mail_server, reason_of
from .settings import setting

STATUSES = ("queued", "sending", "sent", "failed", "kept")
RETRIES = (10, 60, 300, 1800, 7200, 21600)
"""A mail server that is down for the night must not lose the mails of the evening."""
ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[^\s@<>,;:\"()\[\]\\]+")


class Mail(Base):
    """A mail that goes out, or went. "kept": no mail server is configured, so it can be read here only."""

    __tablename__ = "mails"
    __table_args__ = (
        CheckConstraint("status IN ({})".format(", ".join(f"'{status}'" for status in STATUSES)), name="status_known"),
        Index(None, "status", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    to: Mapped[str]
    cc: Mapped[str | None]
    subject: Mapped[str]
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str | None] = mapped_column(Text)
    reply_to: Mapped[str | None]
    """Who wrote it, where a person did: answers go there."""
    in_reply_to: Mapped[str | None]
    thread: Mapped[str | None] = mapped_column(Text)
    """Message ids of the conversation that it goes on with, the last one last (RFC 5322, 3.6.4)"""
    secret: Mapped[bool] = mapped_column(default=False)
    """Holds a link that signs somebody in: wiped once it is sent."""
    status: Mapped[str] = mapped_column(default="queued")
    message_id: Mapped[str] = mapped_column(unique=True)
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(Text)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    """Who caused it."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    sent_at: Mapped[datetime | None]
    job_id: Mapped[int | None]

    links: Mapped[list["MailLink"]] = relationship(cascade="all, delete-orphan", passive_deletes=True)
    files: Mapped[list["MailFile"]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, order_by="MailFile.id"
    )


class MailFile(Base):
    """A file that goes with a mail: the very document that the receiver got."""

    __tablename__ = "mail_files"

    id: Mapped[int] = mapped_column(primary_key=True)
    mail_id: Mapped[int] = mapped_column(ForeignKey("mails.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    media_type: Mapped[str]
    sha256: Mapped[str] = mapped_column(info=BLOB, index=True)


class MailLink(Base):
    """A record that a mail is about: its timeline shows the mail. A mail about a deal is also about its customer."""

    __tablename__ = "mail_links"
    __table_args__ = (Index(None, "record_type", "record_id", "mail_id"),)

    mail_id: Mapped[int] = mapped_column(ForeignKey("mails.id", ondelete="CASCADE"), primary_key=True)
    record_type: Mapped[str] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(primary_key=True)


def send_mail(
    to: str | Sequence[str],
    subject: str,
    text: str,
    html: str | None = None,
    *,
    cc: str | Sequence[str] = (),
    record: Record | Sequence[Record] = (),
    by: Actor | None = None,
    secret: bool = False,
    reply_to: tuple[str, str] | None = None,
    files: Sequence[tuple[str, str, bytes]] = (),
    thread: Sequence[str] = (),
) -> Mail:
    """Put a mail into the outbox; it leaves after the commit, and not at all when the transaction is rolled back.

    `record` is what it is about, one or several. Subject and text are in the language of whoever gets it: the caller sees to
    that (`in_language`). `reply_to` is the name and address of the person whose mail it is. `secret` hides the text from the
    pages and wipes it after sending. `files` go with it: name, media type, content. `thread` names the mails before it in the
    conversation, the one that it answers last. Refused when an address is none.
    """
    mail = Mail(
        to=_addresses(to),
        cc=_addresses(cc) or None,
        subject=" ".join(str(subject).split()),
        text=str(text),
        html=html,
        reply_to=formataddr(reply_to, charset="utf-8") if reply_to else None,
        secret=secret,
        message_id=new_message_id(),
        in_reply_to=thread[-1] if thread else None,
        thread=" ".join(thread) or None,
        user_id=by.id if by else None,
    )
    for about in [record] if isinstance(record, Record) else record:
        mail.links.append(MailLink(record_type=about.record_name, record_id=about.id))
    for name, media_type, content in files:
        stored = keep(BytesIO(content), len(content))
        mail.files.append(MailFile(name=name, media_type=media_type, sha256=stored.sha256))
    session.add(mail)
    session.flush()
    _enqueue(mail)
    return mail


def _enqueue(mail: Mail) -> None:
    mail.job_id = enqueue("mail.deliver", state={"mail": mail.id}, label=mail.to).id
    session.flush()


def _addresses(given: str | Sequence[str]) -> str:
    found = []
    for one in [given] if isinstance(given, str) else given:
        name, address = parseaddr(one)
        if len(getaddresses([one])) != 1 or not ADDRESS.fullmatch(address) or "\n" in one or "\r" in one:
            raise Refused(_("“%(text)s” is not an e-mail address.", text=one))
        found.append(formataddr((name, address), charset="utf-8") if name else address)
    return ", ".join(found)


def sender_address() -> str:
    """The address that all mails come from."""
    return parseaddr(current_app.config["MAIL_FROM"])[1]


def _sender_domain() -> str:
    return sender_address().rpartition("@")[2] or "localhost"


def absolute(path: str) -> str:
    """The address of a page for a mail: made of PUBLIC_URL, never of what a request says its host is."""
    return f"{current_app.config['PUBLIC_URL']}{path}"


def send_again(mail: Mail) -> None:
    """Try a mail that failed or was kept once more. Refused in other states, or when its text was wiped."""
    lock(mail)
    if mail.status not in ("failed", "kept"):
        raise Refused(_("This mail is on its way or was sent already."))
    mail.status, mail.error, mail.attempts = "queued", None, 0
    _enqueue(mail)


def letter(
    to: str,
    subject: str,
    text: str,
    html: str | None = None,
    *,
    message_id: str,
    cc: str | None = None,
    reply_to: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> EmailMessage:
    """A message from the company, in the name of whom answers go to, ready to be handed over."""
    message = EmailMessage()
    name, address = parseaddr(current_app.config["MAIL_FROM"])
    company = name or setting("company_name") or "erpcrm"
    writer = parseaddr(reply_to)[0] if reply_to else ""
    sender = " ".join((f"{writer} ({company})" if writer else company).split())  # no line ends in a header
    message["From"] = formataddr((sender, address), charset="utf-8")
    message["To"] = to
    if cc:
        message["Cc"] = cc
    message["Subject"] = subject
    message["Date"] = format_datetime(now())
    message["Message-ID"] = message_id
    if reply_to:
        message["Reply-To"] = reply_to
    for header, value in (headers or {}).items():
        message[header] = value
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    return message


def new_message_id() -> str:
    """At the domain that we send from."""
    return make_msgid(domain=_sender_domain())


def compose(mail: Mail) -> EmailMessage:
    """A mail of the outbox as it goes out, with its files."""
    # An absence note must not answer a machine (RFC 3834).
    headers = {} if mail.reply_to else {"Auto-Submitted": "auto-generated"}
    if mail.in_reply_to:
        headers |= {"In-Reply-To": mail.in_reply_to, "References": mail.thread or ""}
    message = letter(
        mail.to,
        mail.subject,
        mail.text,
        mail.html,
        message_id=mail.message_id,
        cc=mail.cc,
        reply_to=mail.reply_to,
        headers=headers,
    )
    for file in mail.files:
        kind, _slash, subtype = file.media_type.partition("/")
        content = path_of(file.sha256).read_bytes()
        message.add_attachment(content, maintype=kind, subtype=subtype, filename=file.name)
    return message


@handler("mail.deliver", label=_l("Send a mail"), quiet=True, retries=RETRIES)
def deliver(job: Job) -> Progress | Outside | Failed:
    """Two steps: mark as sending and commit, ask the server, note what it said."""
    mail = session.get(Mail, job.state["mail"], with_for_update=True)
    if mail is None or mail.status == "sent" or mail.job_id != job.id:
        return DONE  # sent, or another job has taken it over: two that ask the server would send it twice
    server = mail_server()
    if job.outcome is not None:
        return _note(mail, job, job.outcome)
    if server is None:
        mail.status, mail.error = "kept", None
        return DONE
    mail.status = "sending"
    mail.attempts += 1
    return Outside(partial(server.send, compose(mail)))


def _note(mail: Mail, job: Job, outcome: Outcome) -> Progress | Failed:
    if outcome.error is None:
        mail.status, mail.sent_at, mail.error = "sent", now(), None
        if mail.secret:
            mail.text, mail.html = "", None
        return DONE
    final = is_final(outcome.error)
    mail.error = reason_of(outcome.error)
    mail.status = "failed" if final or job.last_try else "queued"
    return Failed(mail.error, final=final)


def mails_about(record_type: str, record_id: int) -> Sequence[Mail]:
    """The mails of a record's timeline, newest first."""
    query = select(Mail).join(MailLink).where(MailLink.record_type == record_type, MailLink.record_id == record_id)
    return session.scalars(query.order_by(Mail.id.desc())).all()
