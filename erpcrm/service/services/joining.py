"""Two tickets become one, one becomes two, one becomes part of another."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import update

from erpcrm.access.models import User
from erpcrm.core.actor import Actor
from erpcrm.core.audit import record_event
from erpcrm.core.db import lock, now, session
from erpcrm.core.errors import Refused
from erpcrm.core.files import Attachment
from erpcrm.core.i18n import _, in_language
from erpcrm.core.mail import send_mail
from erpcrm.core.moves import make_move

from ..models import TICKET_FLOW, Ticket, TicketMessage
from . import complaints, messages, sla
from .tickets import KEYS, PLAIN, open_ticket


def merge_tickets(loser: Ticket, winner: Ticket, by: User, version: int | None = None) -> None:
    """Two tickets about one thing: messages, files and watchers of `loser` go to `winner`, and `loser` points there.

    Who asked on `loser` is told once. Refused for one ticket with itself, and when either is part of another already.
    """
    for ticket in sorted((loser, winner), key=lambda one: one.id):
        lock(ticket)
    if loser.id == winner.id:
        raise Refused(_("A ticket can't be merged with itself."))
    for ticket in (loser, winner):
        if ticket.merged_into_id is not None:
            raise Refused(_("%(code)s is part of another ticket already.", code=ticket.code))
    if winner.status == "closed":
        raise Refused(_("%(code)s is closed. Reopen it first.", code=winner.code))
    make_move(loser, "merge", by=by, version=version, winner=winner)
    session.execute(update(TicketMessage).where(TicketMessage.ticket_id == loser.id).values(ticket_id=winner.id))
    session.execute(
        update(Attachment)
        .where(Attachment.record_type == Ticket.record_name, Attachment.record_id == loser.id)
        .values(record_id=winner.id)
    )
    session.execute(
        update(Ticket).where(Ticket.parent_id == loser.id, Ticket.id != winner.id).values(parent_id=winner.id)
    )
    if winner.parent_id == loser.id:
        winner.parent_id = None
    complaints.join(loser, winner)
    for user in messages.watchers_of(loser):
        messages.watch(winner, user)
        messages.unwatch(loser, user)
    winner.last_message_at = max(winner.last_message_at, loser.last_message_at)
    winner.last_from_customer = winner.last_from_customer or loser.last_from_customer
    session.flush()
    _tell_merged(loser, winner, by)


def _tell_merged(loser: Ticket, winner: Ticket, by: User) -> None:
    if not loser.address:
        return
    with in_language(None):
        subject = f"[{winner.code}] {loser.subject}"
        text = _(
            "Your request %(loser)s is handled together with %(winner)s from now on. You need not do anything.",
            loser=loser.code,
            winner=winner.code,
        )
    mail = send_mail(
        loser.address, subject, text, record=[loser, winner], by=by, reply_to=(by.name, messages.service_address())
    )
    told = TicketMessage(
        ticket_id=winner.id,
        kind="note",
        text=text,
        at=now(),
        user_id=by.id,
        message_id=mail.message_id,
        mail_id=mail.id,
    )
    session.add(told)
    session.flush()


def split_ticket(ticket: Ticket, message_ids: Sequence[int], subject: str, by: User) -> Ticket:
    """Make a ticket of its own of some of the messages. Refused when none is chosen, or all are."""
    lock(ticket)
    every = messages.messages_of(ticket)
    chosen = [one for one in every if one.id in set(message_ids)]
    if not chosen:
        raise Refused(_("Choose the messages that go to the new ticket."))
    if len(chosen) == len(every):
        raise Refused(_("At least one message stays: with all of them it is the same ticket."))
    first = chosen[0]
    values: dict[str, Any] = {name: getattr(ticket, name) for name in (*KEYS, *PLAIN)}
    values |= {"subject": subject, "channel": ticket.channel, "owner_id": None, "tags": ticket.tags}
    asked = next((one for one in chosen if one.kind == "incoming"), None)
    if asked is not None and (asked.contact_id or asked.author_mail):
        values |= {
            "contact_id": asked.contact_id,
            "requester_name": asked.author_name,
            "requester_mail": asked.author_mail,
        }
    made = open_ticket(values, by, at=first.at)
    for message in chosen:
        message.ticket_id, message.ticket = made.id, made
    moved = [number for message in chosen for number in message.file_ids]
    if moved:
        session.execute(update(Attachment).where(Attachment.id.in_(moved)).values(record_id=made.id))
    made.last_message_at = chosen[-1].at
    made.last_from_customer = chosen[-1].kind == "incoming"
    replied = next((one for one in chosen if one.kind == "reply"), None)
    if replied is not None:
        made.first_response_at = replied.at
        made.replies = sum(one.kind == "reply" for one in chosen)
        sla.stamp(made)
    record_event(ticket, "split", {"record.ticket": [None, made.id]})
    session.flush()
    return made


def set_parent(ticket: Ticket, parent: Ticket | None, by: Actor | None) -> None:
    """Make a ticket part of another, or of none. Refused where it would stand above itself."""
    lock(ticket)
    above, seen = parent, set()
    while above is not None and above.id not in seen:
        if above.id == ticket.id:
            raise Refused(_("%(code)s would belong to itself.", code=ticket.code))
        seen.add(above.id)
        above = above.parent
    ticket.parent_id, ticket.parent = (parent.id, parent) if parent is not None else (None, None)
    session.flush()


@TICKET_FLOW.on("merge")
def _merged(ticket: Ticket, by: Actor | None, details: dict[str, Any]) -> None:
    winner: Ticket = details["winner"]
    ticket.merged_into_id, ticket.merged_into = winner.id, winner
    record_event(winner, "took_in", {"record.ticket": [None, ticket.id]})
