"""The verbs of tickets: open, change, assign, pick, move, merge, split."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_, select, true, update

from erpcrm.access.models import User
from erpcrm.core.actor import Actor
from erpcrm.core.audit import record_event
from erpcrm.core.db import lock, now, session
from erpcrm.core.errors import NotThere, Refused, Stale
from erpcrm.core.files import Attachment
from erpcrm.core.i18n import _, _l, in_language
from erpcrm.core.mail import send_mail
from erpcrm.core.moves import make_move
from erpcrm.core.notifications import notify
from erpcrm.core.numbers import next_number
from erpcrm.core.settings import setting
from erpcrm.customers.models import Contact, CustomerContact

from ..models import SOLVED, TICKET_FLOW, WORK, Ticket, TicketMessage
from ..priorities import priority
from . import messages, sla

LONGEST_SUBJECT = 200
KEYS = ("customer_id", "contact_id", "owner_id", "team_id", "product_id", "order_id", "delivery_id", "lot_id")
PLAIN = ("kind", "impact", "urgency", "category", "requester_name", "requester_mail")
CLOSED_AT_ONCE = 500
"""Tickets that one step of a job closes"""


def open_ticket(
    values: Mapping[str, Any],
    by: User | None,
    *,
    text: str | None = None,
    at: datetime | None = None,
    message_id: str | None = None,
    quoted: str | None = None,
) -> Ticket:
    """A new ticket: subject, kind, channel, impact, urgency, category, tags, who asks, and what it is about.

    `text` is what the customer says. The contact's customer is taken where none is given. Refused without a subject.
    """
    ticket = Ticket(
        code=next_number("ticket"),
        status=TICKET_FLOW.initial,
        channel=values.get("channel") or "staff",
        kind="question",
        impact="medium",
        urgency="medium",
        priority="normal",
        tags=[],
        replies=0,
        last_from_customer=False,
        created_by_id=by.id if by is not None else None,
        custom={},
    )
    moment = at or now()
    ticket.created_at = ticket.last_message_at = ticket.queue_at = moment
    _fill(ticket, values)
    if ticket.team_id is None:
        ticket.team_id = by.team_id if by is not None and ticket.owner_id == by.id else setting("service_team")
    session.add(ticket)
    session.flush()
    sla.tell(ticket, "state", None, ticket.status, moment)
    sla.stamp(ticket, moment)
    if (text or "").strip():
        _first_words(ticket, str(text), moment, message_id, quoted)
    _tell_owner(ticket, None)
    return ticket


def _first_words(ticket: Ticket, text: str, at: datetime, message_id: str | None, quoted: str | None) -> None:
    session.add(
        TicketMessage(
            ticket_id=ticket.id,
            ticket=ticket,
            kind="incoming",
            text=text.strip(),
            quoted=quoted,
            at=at,
            contact_id=ticket.contact_id,
            author_name=ticket.requester_name,
            author_mail=ticket.requester_mail,
            message_id=message_id,
        )
    )
    ticket.last_from_customer = True
    session.flush()


def update_ticket(ticket: Ticket, values: Mapping[str, Any], version: int | None, by: Actor | None) -> None:
    """Change what a ticket says. Stale when somebody else changed it since. What is promised follows from what it says now."""
    lock(ticket)
    if version is not None and version != ticket.version:
        raise Stale(ticket)
    before, owner = (ticket.priority, ticket.kind, ticket.customer_id), ticket.owner_id
    _fill(ticket, values)
    session.flush()
    if ticket.priority != before[0]:
        sla.tell(ticket, "priority", before[0], ticket.priority)
    if (ticket.priority, ticket.kind, ticket.customer_id) != before and ticket.status not in SOLVED:
        sla.stamp(ticket)
    _tell_owner(ticket, owner)


def _fill(ticket: Ticket, values: Mapping[str, Any]) -> None:
    if "subject" in values or ticket.subject is None:
        subject = " ".join(str(values.get("subject") or "").split())
        if not subject:
            raise Refused(_("Say in a few words what it is about."))
        ticket.subject = subject[: LONGEST_SUBJECT - 1] + "…" if len(subject) > LONGEST_SUBJECT else subject
    for name in PLAIN:
        if values.get(name) is not None or (
            name in values and name in ("category", "requester_name", "requester_mail")
        ):
            setattr(ticket, name, values[name] or None)
    for name in KEYS:
        if name in values:
            setattr(ticket, name, values[name] or None)
    if "tags" in values:
        ticket.tags = list(dict.fromkeys(values["tags"] or ()))
    if "custom" in values:
        ticket.custom = {**(ticket.custom or {}), **values["custom"]}
    if ticket.customer_id is None and ticket.contact_id is not None:
        query = select(CustomerContact.customer_id).where(CustomerContact.contact_id == ticket.contact_id)
        ticket.customer_id = session.scalar(query.order_by(CustomerContact.is_primary.desc(), CustomerContact.id))
    if ticket.contact_id is not None and not ticket.requester_mail:
        contact = session.get(Contact, ticket.contact_id)
        ticket.requester_mail = contact.email if contact is not None else None
    ticket.priority = priority(ticket.impact, ticket.urgency)


# ------------------------------------------------------------------ whose it is


def assign(ticket: Ticket, owner: User | None, by: Actor | None, version: int | None = None) -> None:
    """Give a ticket to an agent, or back to all. Refused for somebody who may not work on tickets."""
    lock(ticket)
    if version is not None and version != ticket.version:
        raise Stale(ticket)
    if owner is not None and not (owner.active and owner.may(WORK)):
        raise Refused(_("%(name)s can't work on tickets. Choose somebody who may.", name=owner.name))
    if ticket.owner_id == (owner.id if owner is not None else None):
        return
    before = ticket.owner_id
    ticket.owner_id, ticket.owner = (owner.id, owner) if owner is not None else (None, None)
    if owner is not None and owner.team_id is not None:
        ticket.team_id = owner.team_id
    session.flush()
    sla.tell(ticket, "owner", str(before) if before else None, str(ticket.owner_id) if ticket.owner_id else None)
    _tell_owner(ticket, before)


def _tell_owner(ticket: Ticket, before: int | None) -> None:
    if ticket.owner_id is not None and ticket.owner_id != before:
        notify(
            ticket.owner_id,
            "assigned",
            _l("Ticket %(code)s is yours now: %(subject)s", code=ticket.code, subject=ticket.subject),
            messages.path_of_ticket(ticket),
            ticket,
        )


def pick_next(by: User, seen: ColumnElement[bool] | None = None) -> Ticket:
    """Take the most urgent ticket that nobody has, of the own teams or of none. Two who pick at once get two tickets.

    Refused when there is none.
    """
    mine = or_(Ticket.team_id.is_(None), Ticket.team_id.in_(sorted(by.team_ids))) if by.team_ids else true()
    query = (
        select(Ticket)
        .where(Ticket.resolved_at.is_(None), Ticket.owner_id.is_(None), Ticket.status != "waiting_customer")
        .where(mine, true() if seen is None else seen)
        .order_by(Ticket.queue_at, Ticket.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=Ticket)
    )
    ticket = session.scalars(query).first()
    if ticket is None:
        raise Refused(_("Nothing waits: every ticket has somebody who works on it."))
    assign(ticket, by, by)
    if ticket.status == "new":
        make_move(ticket, "start", by=by)
    return ticket


def agents() -> Sequence[User]:
    """Who may work on tickets, by name."""
    users = session.scalars(select(User).where(User.active).order_by(User.name, User.id)).all()
    return [user for user in users if user.may(WORK)]


# ------------------------------------------------------------------ moves


def move_ticket(
    ticket: Ticket,
    name: str,
    by: Actor | None,
    *,
    version: int | None = None,
    reason: str | None = None,
    children: str | None = None,
    at: datetime | None = None,
) -> None:
    """Move a ticket; `at` an earlier moment, where it is only now written down. Who resolves or closes one with open parts says
    what becomes of them: `children` "too" or "leave"."""
    if ticket.merged_into_id is not None:
        raise Refused(_("%(code)s is part of another ticket already.", code=ticket.code))
    if name in ("resolve", "close"):
        parts = open_children(ticket)
        if parts and children not in ("too", "leave"):
            raise Refused(
                _(
                    "%(codes)s belong to it and are open. Say whether they are resolved too or stay open.",
                    codes=", ".join(part.code for part in parts),
                )
            )
        if parts and children == "too":
            for part in parts:
                make_move(part, "resolve", by=by, reason=reason or _("Resolved with %(code)s", code=ticket.code))
    make_move(ticket, name, by=by, version=version, reason=reason, at=at)


def open_children(ticket: Ticket) -> Sequence[Ticket]:
    """The tickets that belong to this one and are not solved."""
    query = select(Ticket).where(Ticket.parent_id == ticket.id, Ticket.resolved_at.is_(None))
    return session.scalars(query.order_by(Ticket.id)).all()


def _moved(ticket: Ticket, by: Actor | None, details: dict[str, Any]) -> None:
    """What every move does: what happened is noted, and the clock is read anew."""
    moment = details.get("at") or now()
    sla.tell(ticket, "state", details["before"], ticket.status, moment)
    if ticket.status in SOLVED:
        ticket.resolved_at = ticket.resolved_at or moment
        ticket.closed_at = moment if ticket.status == "closed" else None
    else:
        ticket.resolved_at = ticket.closed_at = None
    if ticket.status in ("waiting_customer", "resolved") and by is not None:
        messages.answered(ticket, moment)
    sla.stamp(ticket, moment)


for _move in TICKET_FLOW.moves:
    TICKET_FLOW.on(_move.name)(_moved)


@TICKET_FLOW.on("resolve")
def _resolved(ticket: Ticket, by: Actor | None, details: dict[str, Any]) -> None:
    ticket.solution = (details.get("reason") or "").strip() or None
    messages.tell_followers(
        ticket,
        _l("Ticket %(code)s is resolved: %(subject)s", code=ticket.code, subject=ticket.subject),
        "decided",
        but={ticket.owner_id} if ticket.owner_id is not None else (),
    )


@TICKET_FLOW.on("merge")
def _merged(ticket: Ticket, by: Actor | None, details: dict[str, Any]) -> None:
    winner: Ticket = details["winner"]
    ticket.merged_into_id, ticket.merged_into = winner.id, winner
    record_event(winner, "took_in", {"record.ticket": [None, ticket.id]})


def close_old(limit: int = CLOSED_AT_ONCE) -> int:
    """Close what was resolved so many days ago and not taken up again. Returns how many."""
    days = setting("service_close_days")
    if days is None:
        return 0
    query = select(Ticket).where(Ticket.status == "resolved", Ticket.resolved_at < now() - timedelta(days=days))
    due = session.scalars(query.order_by(Ticket.resolved_at).limit(limit)).all()
    for ticket in due:
        make_move(ticket, "close", by=None)
    return len(due)


# ------------------------------------------------------------------ merge, split, parent


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


def ticket_by_code(code: str) -> Ticket:
    """The ticket with this number. NotThere when there is none."""
    found = session.scalars(select(Ticket).where(Ticket.code == code.strip().upper())).one_or_none()
    if found is None:
        raise NotThere
    return found
