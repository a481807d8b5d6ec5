"""Canned replies: kept, and filled in for a ticket."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from erpcrm.core.db import session
from erpcrm.core.errors import Refused, Stale
from erpcrm.core.i18n import _, _l, show_datetime
from erpcrm.core.settings import setting

from ..models import CannedReply, Ticket

FIELD = re.compile(r"\{\{\s*(\w+)\s*\}\}")
FIELDS: Mapping[str, Any] = {
    "contact": _l("Who asks"),
    "customer": _l("Customer"),
    "ticket": _l("Number of the ticket"),
    "subject": _l("Subject"),
    "agent": _l("Whoever answers"),
    "company": _l("Our company"),
    "due": _l("When it is due"),
}
VALUES: Mapping[str, Callable[[Ticket, Any], str]] = {
    "contact": lambda ticket, by: ticket.requester,
    "customer": lambda ticket, by: ticket.customer.name if ticket.customer is not None else ticket.requester,
    "ticket": lambda ticket, by: ticket.code,
    "subject": lambda ticket, by: ticket.subject,
    "agent": lambda ticket, by: by.name,
    "company": lambda ticket, by: str(setting("company_name") or ""),
    "due": lambda ticket, by: show_datetime(ticket.resolution_due_at),
}


def filled(text: str, ticket: Ticket, by: Any) -> str:
    """A text with its fields filled in for this ticket. What is no field stays as it was typed."""

    def value(match: re.Match[str]) -> str:
        make = VALUES.get(match.group(1))
        return make(ticket, by) if make is not None else match.group(0)

    return FIELD.sub(value, text)


def canned_replies(active: bool = True) -> Sequence[CannedReply]:
    """All of them by name; those in use alone unless `active` is False."""
    query = select(CannedReply).order_by(CannedReply.active.desc(), func.lower(CannedReply.name), CannedReply.id)
    return session.scalars(query.where(CannedReply.active) if active else query).all()


def save_canned(reply: CannedReply | None, values: Mapping[str, Any], version: int | None = None) -> CannedReply:
    """Make or change one. Refused without name or text, under a name that is taken, and with a field that there is not."""
    name, text = (values.get("name") or "").strip(), (values.get("text") or "").strip()
    if not name or not text:
        raise Refused(_("A canned reply needs a name and a text."))
    unknown = sorted(set(FIELD.findall(text)) - FIELDS.keys())
    if unknown:
        raise Refused(_("There is no field “%(name)s”.", name="{{" + unknown[0] + "}}"))
    same = select(CannedReply.id).where(
        func.lower(CannedReply.name) == name.lower(), CannedReply.id != (reply.id if reply is not None else 0)
    )
    if session.scalar(same) is not None:
        raise Refused(_("There is a canned reply “%(name)s” already.", name=name))
    if reply is None:
        reply = CannedReply(name=name, text=text)
        session.add(reply)
    elif version is not None and version != reply.version:
        raise Stale(reply)
    reply.name, reply.text = name, text
    reply.category = values.get("category") or None
    reply.active = bool(values.get("active", True))
    session.flush()
    return reply


def remove_canned(reply: CannedReply) -> None:
    session.delete(reply)
    session.flush()
