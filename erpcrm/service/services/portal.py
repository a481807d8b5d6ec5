"""What customers do themselves: ask by the public form, and see, answer and close their ticket behind a link."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from secrets import token_urlsafe
from typing import Any

from sqlalchemy import select

from erpcrm.core.db import now, session
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.files import attach
from erpcrm.core.i18n import _
from erpcrm.core.mail import absolute, send_mail
from erpcrm.core.moves import make_move
from erpcrm.core.settings import setting

from ..models import SOLVED, Ticket, TicketLink, TicketMessage
from . import messages
from .incoming import contact_of
from .tickets import open_ticket

MOST_FILES = 5


def ask(values: Mapping[str, Any], files: Sequence[Any] = ()) -> TicketLink:
    """Take what a visitor asks: a ticket, and a mail with the link to it in the language of this request.

    Who it is is known by the address alone. What the visitor says of that is kept as a name, and never shows more than the
    visitor has written: the link goes to the address and nowhere else.
    """
    contact = contact_of(values["email"].strip().lower())
    ticket = open_ticket(
        {
            "subject": values["subject"],
            "kind": values.get("kind") or "question",
            "channel": "form",
            "contact_id": contact.id if contact is not None else None,
            "requester_name": values["name"],
            "requester_mail": values["email"],
        },
        None,
        text=values["text"],
    )
    if files:
        messages.messages_of(ticket)[0].file_ids = [attach(ticket, file, None).id for file in files]
    link = link_for(ticket, values["email"], values["name"])
    send_mail(
        values["email"],
        f"[{ticket.code}] {ticket.subject}",
        _(
            "Hello %(name)s,\n\nwe have got your message. Its number is %(code)s.\n\nHere you see what becomes of it, and can"
            " add to it:\n%(url)s\n\nYou can also answer this mail.\n\n%(company)s",
            name=values["name"],
            code=ticket.code,
            url=absolute(path_of(link)),
            company=setting("company_name") or "",
        ),
        record=ticket,
        reply_to=(str(setting("company_name") or ""), messages.service_address()),
    )
    return link


def link_for(ticket: Ticket, email: str, name: str) -> TicketLink:
    """The link of this person to this ticket, good for its days from now on."""
    address = email.strip().lower()
    query = select(TicketLink).where(TicketLink.ticket_id == ticket.id, TicketLink.email == address)
    link = session.scalars(query.order_by(TicketLink.id.desc()).limit(1)).one_or_none()
    expires = now() + timedelta(days=setting("service_link_days"))
    if link is None or link.expires_at < now():
        link = TicketLink(ticket_id=ticket.id, token=token_urlsafe(24), email=address, name=name, expires_at=expires)
        session.add(link)
    else:
        link.expires_at = expires
    session.flush()
    return link


def path_of(link: TicketLink) -> str:
    return f"/service/t/{link.token}"


def by_link(token: str) -> TicketLink:
    """NotThere when there is none, or its time is over."""
    link = session.scalars(select(TicketLink).where(TicketLink.token == token)).one_or_none() if token else None
    if link is None or link.expires_at < now():
        raise NotThere
    return link


def ticket_behind(link: TicketLink) -> Ticket:
    """The ticket that this person may see: where theirs became part of another one, that one only if it is theirs too."""
    ticket = link.ticket
    while (winner := ticket.merged_into) is not None:
        same = winner.customer_id is not None and winner.customer_id == ticket.customer_id
        if not same and (winner.address or "").lower() != link.email:
            return ticket
        ticket = winner
    return ticket


def said_openly(ticket: Ticket) -> list[TicketMessage]:
    """The conversation without what colleagues say among themselves."""
    return [one for one in messages.messages_of(ticket) if one.kind != "note"]


def answer_by_link(link: TicketLink, text: str, files: Sequence[Any] = ()) -> TicketMessage:
    """What the customer adds. Refused without a word, and with too many files."""
    if not text.strip():
        raise Refused(_("Write something first."))
    if len(files) > MOST_FILES:
        raise Refused(_("At most %(most)s files at once.", most=MOST_FILES))
    ticket = ticket_behind(link)
    target = ticket
    while target.merged_into is not None:
        target = target.merged_into
    attachments = [attach(target, file, None) for file in files]
    return messages.receive(
        target, text, contact=contact_of(link.email), name=link.name, address=link.email, attachments=attachments
    )


def solve_by_link(link: TicketLink) -> None:
    """The customer says that it is solved. Nothing happens where it is already."""
    ticket = ticket_behind(link)
    if ticket.status not in SOLVED:
        with_name = _("%(name)s says that it is solved.", name=link.name or link.email)
        make_move(ticket, "resolve", by=None, reason=with_name)
        session.flush()
