"""Mails that came in, each kept whole, and the links by which customers see their tickets."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from erpcrm.core.blobs import BLOB
from erpcrm.core.db import Base, Record, now
from erpcrm.core.i18n import _l, lazy_pgettext
from erpcrm.core.records import Choice

from .tickets import Ticket

MAIL_VIEW = "service.mail.view"
MAIL_TAKE = "service.mail.take"

MAIL_STATES = (
    Choice("waiting", _l("Waiting"), "yellow"),
    Choice("taken", _l("Taken"), "green"),
    Choice("ignored", _l("Ignored"), "gray"),
    Choice("failed", _l("Failed"), "red"),
)
REASONS = (
    Choice("auto_submitted", _l("Written by a machine")),
    Choice("auto_reply", _l("Automatic reply")),
    Choice("bulk", _l("Sent to many")),
    Choice("null_sender", _l("Returned by a mail server")),
    Choice("list", _l("From a mailing list")),
    Choice("own", _l("Our own mail")),
    Choice("too_many", _l("Too many from this address within an hour")),
    Choice("too_large", _l("Too large: it was left on the mail server")),
    Choice("crashed", _l("It could not be read")),
)


class IncomingMail(Record):
    """A mail as it came, by its Message-ID: taken once, whatever is killed when."""

    __tablename__ = "incoming_mails"
    record_name = "incoming_mail"
    told_when_created = False
    unaudited: ClassVar[frozenset[str]] = Record.unaudited | {"uid", "sha256", "size", "quoted"}

    message_id: Mapped[str] = mapped_column(unique=True, info={"label": _l("Message-ID")})
    """Its own, or one made of its content where it has none"""
    uid: Mapped[int | None]
    """Its number in the mailbox"""
    sender: Mapped[str] = mapped_column(info={"label": _l("From")})
    sender_name: Mapped[str] = mapped_column(info={"label": _l("Name")})
    subject: Mapped[str] = mapped_column(info={"label": _l("Subject")})
    received_at: Mapped[datetime] = mapped_column(default=now, info={"label": lazy_pgettext("mail", "Received")})
    status: Mapped[str] = mapped_column(default="waiting", info={"label": _l("Status"), "choices": MAIL_STATES})
    why: Mapped[str | None] = mapped_column(info={"label": _l("Why"), "choices": REASONS})
    error: Mapped[str | None]
    """What went wrong, for whoever looks after the system"""
    quoted: Mapped[str | None]
    """What it quotes of earlier mails"""
    size: Mapped[int]
    sha256: Mapped[str | None] = mapped_column(info=BLOB, index=True)
    """The mail itself; None for one that is too large"""
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"), index=True, info={"label": _l("Ticket")})

    ticket: Mapped[Ticket | None] = relationship()

    __table_args__ = (
        CheckConstraint("status IN ('waiting', 'taken', 'ignored', 'failed')", name="status_known"),
        CheckConstraint("(status = 'taken') = (ticket_id IS NOT NULL)", name="taken_into_a_ticket"),
        Index(None, "status", "id"),
        Index(None, "sender", "received_at"),
        Index(None, "received_at", "id"),
        Index(None, "created_at", "id"),
    )


class TicketLink(Base):
    """The address under which a customer sees a ticket without an account. It can't be guessed, and ends one day."""

    __tablename__ = "ticket_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), index=True)
    token: Mapped[str] = mapped_column(unique=True)
    email: Mapped[str]
    """Whose link it is"""
    name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]

    ticket: Mapped[Ticket] = relationship()
