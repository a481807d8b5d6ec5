"""The verbs of incoming mail: kept first, then made part of a ticket or a new one, or ignored with the reason.

A mail is kept in one transaction and taken in another. Whatever dies in between, it is there, and it is taken once.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from hashlib import sha256
from io import BytesIO

import structlog
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from erpcrm.access.models import User
from erpcrm.core.blobs import keep, path_of
from erpcrm.core.db import lock, now, session
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.files import Attachment, attach_content
from erpcrm.core.i18n import _, in_language
from erpcrm.core.mail import Mail, MailLink, sender_address
from erpcrm.core.settings import save_setting, setting
from erpcrm.customers.identity import FREE_MAIL
from erpcrm.customers.models import Contact, Customer

from ..mail_reading import File, ReadMail, head_of, read_mail
from ..mailbox import Fetched, News
from ..models import IncomingMail, Ticket, TicketMessage
from . import messages
from .tickets import open_ticket, ticket_by_code

log = structlog.get_logger()
HOUR = timedelta(hours=1)


def own_addresses() -> set[str]:
    """What comes from these is our own mail coming back."""
    return {messages.service_address().lower(), sender_address().lower()}


# ------------------------------------------------------------------------ keeping


def keep_news(news: News) -> int:
    """Keep the mails that the mailbox gave, and how far we have read. Those that are known already are left alone."""
    kept = sum(keep_mail(mail.content, mail) is not None for mail in news.mails)
    if news.mails:
        save_setting("service_mailbox", {"validity": news.validity, "uid": max(mail.uid for mail in news.mails)})
    return kept


def keep_mail(raw: bytes, fetched: Fetched | None = None) -> IncomingMail | None:
    """Keep a mail as it is, to be taken later; None when it was kept before. One without a Message-ID is known by its content."""
    read = read_mail(head_of(raw))
    message_id = read.message_id or f"<{sha256(raw).hexdigest()}@content>"
    if session.scalar(select(IncomingMail.id).where(IncomingMail.message_id == message_id)) is not None:
        return None
    whole = fetched is None or fetched.whole
    mail = IncomingMail(
        message_id=message_id,
        uid=fetched.uid if fetched is not None else None,
        sender=read.sender,
        sender_name=read.sender_name,
        subject=read.subject,
        received_at=now(),
        status="waiting" if whole else "failed",
        why=None if whole else "too_large",
        size=fetched.size if fetched is not None else len(raw),
        sha256=keep(BytesIO(raw), len(raw)).sha256 if whole else None,
    )
    session.add(mail)
    session.flush()
    return mail


# ------------------------------------------------------------------------- taking


def take_next() -> IncomingMail | None:
    """Take the oldest mail that waits. One that can't be taken is marked as failed, and the next ones go on."""
    query = select(IncomingMail).where(IncomingMail.status == "waiting").order_by(IncomingMail.id).limit(1)
    mail = session.scalars(query.with_for_update(skip_locked=True, of=IncomingMail)).one_or_none()
    if mail is None:
        return None
    try:
        with session.begin_nested():
            _take(mail)
    except OperationalError:
        raise  # the database, and not the mail: it is tried again
    except Exception as error:
        log.exception("a mail could not be taken", mail=mail.id)
        mail.status, mail.why, mail.error = "failed", "crashed", f"{type(error).__name__}: {error}"[:500]
    session.flush()
    return mail


def make_ticket(mail: IncomingMail, by: User) -> Ticket:
    """Take a mail after all that was ignored or failed. Refused for one that is a ticket already, or was left on the server."""
    lock(mail)
    if mail.status == "taken":
        raise Refused(_("This mail is on a ticket already."))
    read = content_of(mail)
    if read is None:
        raise Refused(_("This mail is too large to be fetched. Look at it in the mailbox."))
    return _into_ticket(mail, read)


def content_of(mail: IncomingMail) -> ReadMail | None:
    """What stands in it; None for one that was left on the server."""
    return read_mail(path_of(mail.sha256).read_bytes(), own_addresses()) if mail.sha256 else None


def _take(mail: IncomingMail) -> None:
    read = content_of(mail)
    if read is None:
        raise NotThere
    why = read.automatic or _known_as_ours(mail) or _too_many(mail)
    if why is not None:
        mail.status, mail.why = "ignored", why
        return
    _into_ticket(mail, read)


def _known_as_ours(mail: IncomingMail) -> str | None:
    """A mail that we have sent ourselves, whatever it says it is from: the sender would be answered by us for ever."""
    return "own" if session.scalar(select(Mail.id).where(Mail.message_id == mail.message_id)) is not None else None


def _too_many(mail: IncomingMail) -> str | None:
    """Two machines that answer each other stop here at the latest."""
    query = select(func.count()).where(
        IncomingMail.sender == mail.sender, IncomingMail.received_at > now() - HOUR, IncomingMail.status == "taken"
    )
    return "too_many" if (session.scalar(query) or 0) >= setting("service_mails_an_hour") else None


def _into_ticket(mail: IncomingMail, read: ReadMail) -> Ticket:
    """Onto the ticket that it answers, else a new one."""
    with in_language(None):
        ticket = ticket_answered(read)
        contact = contact_of(read.sender)
        text = read.text or _("(no text)")
        message_id = read.message_id
        if ticket is None:
            customer = _customer_with(read.sender) if contact is None else None
            values = {
                "subject": read.subject or _("(no subject)"),
                "channel": "mail",
                "contact_id": contact.id if contact is not None else None,
                "customer_id": customer.id if customer is not None else None,
                "requester_name": read.sender_name or None,
                "requester_mail": read.sender or None,
            }
            ticket = open_ticket(values, None, text=text, message_id=message_id, quoted=read.quoted or None)
            attachments, left = _attached(ticket, read.files)
            messages.messages_of(ticket)[0].file_ids = [one.id for one in attachments]
            proposals = _proposals(read.sender) if ticket.customer_id is None else []
        else:
            attachments, left = _attached(ticket, read.files)
            messages.receive(
                ticket,
                text,
                contact=contact,
                name=read.sender_name or None,
                address=read.sender or None,
                message_id=message_id,
                in_reply_to=next(iter(read.in_reply_to), None),
                quoted=read.quoted or None,
                attachments=attachments,
            )
            proposals = []
        for words in (*left, *proposals):
            _remark(ticket, words)
    mail.status, mail.why, mail.error, mail.ticket_id = "taken", None, None, ticket.id
    mail.ticket, mail.quoted = ticket, read.quoted or None
    session.flush()
    return ticket


def ticket_answered(read: ReadMail) -> Ticket | None:
    """The ticket that a mail goes on with: by the message that it answers, else by the number in its subject, the latter only
    when it comes from somebody who takes part already."""
    found = _by_thread(read.in_reply_to)
    for code in read.ticket_numbers if found is None else ():
        try:
            named = ticket_by_code(code)
        except NotThere:
            continue
        if _takes_part(named, read.sender):
            found = named
            break
    while found is not None and found.merged_into is not None:
        found = found.merged_into
    return found


def _by_thread(ids: Sequence[str]) -> Ticket | None:
    """By the nearest message that we know: one of the ticket, or a mail of ours about it."""
    if not ids:
        return None
    tickets = {
        message_id: ticket_id
        for message_id, ticket_id in session.execute(
            select(Mail.message_id, MailLink.record_id)
            .join(MailLink, MailLink.mail_id == Mail.id)
            .where(Mail.message_id.in_(ids), MailLink.record_type == "ticket")
        )
    }
    said = select(TicketMessage.message_id, TicketMessage.ticket_id).where(TicketMessage.message_id.in_(ids))
    tickets |= {str(message_id): ticket_id for message_id, ticket_id in session.execute(said)}
    nearest = next((tickets[one] for one in ids if one in tickets), None)
    return session.get(Ticket, nearest) if nearest is not None else None


def _takes_part(ticket: Ticket, sender: str) -> bool:
    if not sender:
        return False
    if (ticket.address or "").lower() == sender:
        return True
    wrote = (TicketMessage.ticket_id == ticket.id) & (func.lower(TicketMessage.author_mail) == sender)
    return session.scalar(select(TicketMessage.id).where(wrote).limit(1)) is not None


def contact_of(address: str) -> Contact | None:
    """The person with this address; where several share it, the one who was entered first."""
    if not address:
        return None
    query = select(Contact).where(func.lower(Contact.email) == address, Contact.active).order_by(Contact.id)
    return session.scalars(query.limit(1)).one_or_none()


def _customer_with(address: str) -> Customer | None:
    if not address:
        return None
    query = select(Customer).where(func.lower(Customer.email) == address, Customer.status != "archived")
    return session.scalars(query.order_by(Customer.id).limit(1)).one_or_none()


def _proposals(address: str) -> list[str]:
    """Whose a stranger may be, by the domain: said, and never taken as known."""
    domain = address.rpartition("@")[2]
    if not domain or domain in FREE_MAIL:
        return []
    query = select(Customer.name).where(Customer.mail_domain == domain, Customer.status != "archived")
    names = session.scalars(query.order_by(Customer.id).limit(3)).all()
    return (
        [
            _(
                "Nobody is known by the address %(address)s. By its domain it may be of: %(names)s.",
                address=address,
                names=", ".join(names),
            )
        ]
        if names
        else []
    )


def _attached(ticket: Ticket, files: Iterable[File]) -> tuple[list[Attachment], list[str]]:
    """(what could be kept, what to say about the rest): nothing is left out silently, and the mail itself is kept whole."""
    kept, left = [], []
    for file in files:
        try:
            kept.append(attach_content(ticket, file.name, file.content, None))
        except Refused as no:
            left.append(
                _(
                    "Left out of the mail: “%(name)s”. %(why)s The mail is kept whole under Incoming mails.",
                    name=file.name,
                    why=no.message,
                )
            )
    return kept, left


def _remark(ticket: Ticket, words: str) -> None:
    """An internal note of the system's own."""
    session.add(
        TicketMessage(ticket_id=ticket.id, ticket=ticket, kind="note", text=words, at=now(), author_name=_("System"))
    )
    session.flush()
