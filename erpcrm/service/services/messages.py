"""What is written on tickets: answers by mail, internal notes, and what customers write."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select

from erpcrm.access.models import User
from erpcrm.core.actor import Actor
from erpcrm.core.blobs import path_of
from erpcrm.core.db import Record, lock, now, session
from erpcrm.core.errors import Refused, Stale
from erpcrm.core.files import Attachment, Upload, attach
from erpcrm.core.i18n import _, _l
from erpcrm.core.mail import send_mail, sender_address
from erpcrm.core.moves import make_move
from erpcrm.core.notifications import mentions, notify
from erpcrm.core.settings import setting
from erpcrm.customers.models import Contact

from ..models import SOLVED, Ticket, TicketMessage, TicketWatcher
from . import sla

LONGEST_THREAD = 20
"""Mails that an answer names as those before it"""


def path_of_ticket(ticket: Ticket) -> str:
    return f"/service/tickets/{ticket.id}"


def service_address() -> str:
    """The address to which customers write, and answers go."""
    return str(setting("service_mail") or sender_address())


def reply(
    ticket: Ticket,
    text: str,
    by: User,
    *,
    files: Sequence[Upload] = (),
    version: int | None = None,
    at: datetime | None = None,
) -> TicketMessage:
    """Answer who asks, by mail: its subject carries the ticket's number, and answers to it find their ticket.

    Starts work on a new ticket and makes it that of `by` when nobody has it. Refused without text, without an address, and on
    a ticket that is part of another. Stale when `version` is not that of the ticket: somebody else was quicker.
    """
    body = _checked(ticket, text, version)
    if not ticket.address:
        raise Refused(_("Nobody can be written to: enter the e-mail address of who asks, or write an internal note."))
    attachments = [attach(ticket, file, by) for file in files]
    thread = message_ids(ticket)
    about: list[Record] = [ticket, *(one for one in (ticket.customer, ticket.contact) if one is not None)]
    mail = send_mail(
        ticket.address,
        f"[{ticket.code}] {ticket.subject}",
        body,
        record=about,
        by=by,
        reply_to=(by.name, service_address()),
        files=[(one.name, one.media_type, path_of(one.sha256).read_bytes()) for one in attachments],
        thread=thread,
    )
    message = _add(ticket, "reply", body, at, user_id=by.id, message_id=mail.message_id, mail_id=mail.id)
    message.in_reply_to = mail.in_reply_to
    message.file_ids = [one.id for one in attachments]
    ticket.replies += 1
    if ticket.owner_id is None:
        ticket.owner_id, ticket.owner = by.id, by
        ticket.team_id = ticket.team_id or by.team_id
    answered(ticket, message.at)
    if ticket.status == "new":
        make_move(ticket, "start", by=by, at=at)
    sla.stamp(ticket, at)
    return message


def note(
    ticket: Ticket,
    text: str,
    by: User,
    *,
    files: Sequence[Upload] = (),
    version: int | None = None,
    at: datetime | None = None,
) -> TicketMessage:
    """Write something that the customer never sees. Who is named after an @ is told, and watches the ticket from now on."""
    body = _checked(ticket, text, version)
    attachments = [attach(ticket, file, by) for file in files]
    message = _add(ticket, "note", body, at, user_id=by.id)
    message.file_ids = [one.id for one in attachments]
    session.flush()
    for user in mentions(body):
        watch(ticket, user)
        notify(
            user.id,
            "mentioned",
            _l(
                "%(name)s mentions you on ticket %(code)s: %(subject)s",
                name=by.name,
                code=ticket.code,
                subject=ticket.subject,
            ),
            path_of_ticket(ticket),
            ticket,
        )
    return message


def receive(
    ticket: Ticket,
    text: str,
    *,
    contact: Contact | None = None,
    name: str | None = None,
    address: str | None = None,
    at: datetime | None = None,
    message_id: str | None = None,
    in_reply_to: str | None = None,
    quoted: str | None = None,
    attachments: Sequence[Attachment] = (),
) -> TicketMessage:
    """Take what a customer writes: on the ticket that goes on for `ticket` (the one that it was merged into). It takes up again
    what waited for the customer and what was called resolved or closed. Owner and watchers are told."""
    while ticket.merged_into is not None:
        ticket = ticket.merged_into
    lock(ticket)
    message = _add(ticket, "incoming", text.strip(), at, contact_id=contact.id if contact is not None else None)
    message.author_name, message.author_mail = name, address
    message.message_id, message.in_reply_to, message.quoted = message_id, in_reply_to, quoted
    message.file_ids = [one.id for one in attachments]
    ticket.last_from_customer = True
    session.flush()
    if ticket.status == "waiting_customer":
        make_move(ticket, "go_on", by=None)
    elif ticket.status in SOLVED:
        make_move(ticket, "reopen", by=None)
    tell_followers(
        ticket,
        _l(
            "%(name)s wrote on ticket %(code)s: %(subject)s",
            name=message.author,
            code=ticket.code,
            subject=ticket.subject,
        ),
        "answered",
    )
    return message


def _checked(ticket: Ticket, text: str, version: int | None) -> str:
    lock(ticket)
    if ticket.merged_into_id is not None:
        raise Refused(_("This ticket is part of another now. Write there."))
    if version is not None and version != ticket.version:
        raise Stale(ticket)
    body = text.strip()
    if not body:
        raise Refused(_("Write something first."))
    return body


def _add(ticket: Ticket, kind: str, text: str, at: datetime | None, **values: object) -> TicketMessage:
    message = TicketMessage(ticket_id=ticket.id, ticket=ticket, kind=kind, text=text, at=at or now(), **values)
    session.add(message)
    ticket.last_message_at = message.at
    if kind == "reply":
        ticket.last_from_customer = False
    session.flush()
    return message


def answered(ticket: Ticket, at: datetime) -> None:
    """The first response is given: to a person, by a person."""
    if ticket.first_response_at is None:
        ticket.first_response_at = at


def message_ids(ticket: Ticket) -> list[str]:
    """The mails of a conversation so far, the last one last."""
    query = (
        select(TicketMessage.message_id)
        .where(TicketMessage.ticket_id == ticket.id, TicketMessage.message_id.is_not(None))
        .order_by(TicketMessage.at.desc(), TicketMessage.id.desc())
        .limit(LONGEST_THREAD)
    )
    return [one for one in reversed(session.scalars(query).all()) if one is not None]


def messages_of(ticket: Ticket) -> Sequence[TicketMessage]:
    """The whole conversation, notes included, the oldest first."""
    query = select(TicketMessage).where(TicketMessage.ticket_id == ticket.id)
    return session.scalars(query.order_by(TicketMessage.at, TicketMessage.id)).all()


def watch(ticket: Ticket, user: Actor) -> None:
    """Tell this user what happens on the ticket."""
    if session.get(TicketWatcher, (ticket.id, user.id)) is None:
        session.add(TicketWatcher(ticket_id=ticket.id, user_id=user.id))
        session.flush()


def unwatch(ticket: Ticket, user: Actor) -> None:
    if (row := session.get(TicketWatcher, (ticket.id, user.id))) is not None:
        session.delete(row)
        session.flush()


def watchers_of(ticket: Ticket) -> Sequence[User]:
    query = select(User).join(TicketWatcher, TicketWatcher.user_id == User.id)
    return session.scalars(query.where(TicketWatcher.ticket_id == ticket.id).order_by(User.name, User.id)).all()


def tell_followers(ticket: Ticket, text: object, kind: str, but: Iterable[int] = ()) -> None:
    """Tell the owner and the watchers of a ticket."""
    ids = {user.id for user in watchers_of(ticket)} | ({ticket.owner_id} if ticket.owner_id is not None else set())
    for user_id in sorted(ids - set(but)):
        notify(user_id, kind, text, path_of_ticket(ticket), ticket)
