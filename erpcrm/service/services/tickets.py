"""The verbs of tickets: open, change, assign, pick, move, merge, split."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_, select, true

from erpcrm.access.models import User
from erpcrm.core.actor import Actor
from erpcrm.core.db import lock, now, session
from erpcrm.core.errors import NotThere, Refused, Stale
from erpcrm.core.i18n import _, _l
from erpcrm.core.moves import make_move
from erpcrm.core.notifications import notify
from erpcrm.core.numbers import next_number
from erpcrm.core.settings import setting
from erpcrm.customers.models import Contact, CustomerContact

from ..models import SOLVED, TICKET_FLOW, WORK, Ticket, TicketMessage
from ..priorities import priority
from . import complaints, messages, sla

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
        owner = session.get(User, ticket.owner_id) if ticket.owner_id is not None else None
        ticket.team_id = owner.team_id if owner is not None else setting("service_team")
    session.add(ticket)
    session.flush()
    sla.tell(ticket, "state", None, ticket.status, moment)
    sla.stamp(ticket, moment)
    complaints.ensure(ticket)
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
    complaints.follow(ticket)
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


def ticket_by_code(code: str) -> Ticket:
    """The ticket with this number. NotThere when there is none."""
    found = session.scalars(select(Ticket).where(Ticket.code == code.strip().upper())).one_or_none()
    if found is None:
        raise NotThere
    return found
