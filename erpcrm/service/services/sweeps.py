"""What time alone does to tickets: warnings, broken promises, escalation. In sets, by the indexes of what is still to come."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, insert, select, update

from erpcrm.access.models import Team, User
from erpcrm.core.db import now, session
from erpcrm.core.i18n import _l
from erpcrm.core.notifications import News, notify, notify_all

from ..models import SlaPolicy, Ticket, TicketEvent
from .messages import path_of_ticket
from .tickets import assign

PART = 1000
"""Tickets of a kind that one step looks at"""
SINGLY = 5
"""Somebody whom more tickets concern at once is told their number and not each of them"""

RESPONSE = (
    Ticket.first_response_at.is_(None),
    Ticket.response_breached_at.is_(None),
    Ticket.resolved_at.is_(None),
)
RESOLUTION = (
    Ticket.resolution_breached_at.is_(None),
    Ticket.paused_at.is_(None),
    Ticket.resolved_at.is_(None),
)
PROMISES: tuple[tuple[str, Any, Any, Any, tuple[ColumnElement[bool], ...]], ...] = (
    ("response", Ticket.response_due_at, Ticket.response_breached_at, Ticket.response_warn_at, RESPONSE),
    ("resolution", Ticket.resolution_due_at, Ticket.resolution_breached_at, Ticket.resolution_warn_at, RESOLUTION),
)


def refresh_breaches() -> int:
    """Note which promises are broken by now. Returns how many were looked at: PART or more says that there may be more."""
    moment, most = now(), 0
    for name, due, breached, _warn, still in PROMISES:
        found, bound = _due_by(due, moment, *still)
        if not found:
            continue
        most = max(most, len(found))
        session.execute(
            update(Ticket)
            .where(due <= bound, *still)
            .values({breached: due, Ticket.breached_at: func.coalesce(Ticket.breached_at, due)})
        )
        _note(found, f"{name}_breached", moment)
        _tell(
            found,
            lambda row: _l("Ticket %(code)s is late: %(subject)s", code=row.code, subject=row.subject),
            lambda count: _l("%(count)s tickets are late.", count=count),
        )
    return most


def warn_in_time() -> int:
    """Tell owners and managers of teams what is due soon: once for each promise."""
    moment, most = now(), 0
    for name, due, _breached, warn, _still in PROMISES:
        found, bound = _due_by(warn, moment)
        if not found:
            continue
        most = max(most, len(found))
        session.execute(update(Ticket).where(warn <= bound).values({warn: None}))
        _note(found, f"{name}_warned", moment)
        _tell(
            [row for row in found if (getattr(row, due.key) or moment) > moment],
            lambda row: _l("Ticket %(code)s is due soon: %(subject)s", code=row.code, subject=row.subject),
            lambda count: _l("%(count)s tickets are due soon.", count=count),
        )
    return most


def escalate() -> int:
    """Tell those above of what stays late, and give it to them where the policy says so."""
    moment = now()
    found, bound = _due_by(Ticket.escalate_at, moment)
    if not found:
        return 0
    session.execute(update(Ticket).where(Ticket.escalate_at <= bound).values(escalated_at=moment, escalate_at=None))
    _note(found, "escalated", moment)
    policies = {one.id: one for one in session.scalars(select(SlaPolicy))}
    above: dict[int, list[Any]] = {}
    for row in found:
        policy = policies.get(row.policy_id)
        receiver = (policy.escalate_to_id if policy is not None else None) or row.manager_id
        if receiver is not None:
            above.setdefault(receiver, []).append(row)
        if policy is not None and policy.reassign and policy.escalate_to is not None and policy.escalate_to.active:
            ticket = session.get_one(Ticket, row.id)
            session.refresh(ticket)
            assign(ticket, policy.escalate_to, None)
    for user_id, rows in above.items():
        _tell_one(
            user_id,
            rows,
            lambda row: _l("Ticket %(code)s is escalated to you: %(subject)s", code=row.code, subject=row.subject),
            lambda count: _l("%(count)s tickets are escalated to you.", count=count),
        )
    return len(found)


def _due_by(column: Any, moment: datetime, *still: ColumnElement[bool]) -> tuple[Sequence[Any], datetime]:
    """The tickets whose `column` has come, the earliest first, in a part of a bounded size; and up to which moment it goes."""
    here = (column <= moment, *still)
    bound = session.scalar(select(column).where(*here).order_by(column).offset(PART - 1).limit(1)) or moment
    query = (
        select(
            *(Ticket.id, Ticket.code, Ticket.subject, Ticket.owner_id, Ticket.policy_id, Ticket.response_due_at),
            *(Ticket.resolution_due_at, Team.manager_id),
        )
        .outerjoin(Team, Team.id == Ticket.team_id)
        .where(column <= bound, *still)
        .order_by(column)
    )
    return session.execute(query).all(), bound


def _note(rows: Sequence[Any], kind: str, moment: datetime) -> None:
    session.execute(insert(TicketEvent), [{"ticket_id": row.id, "kind": kind, "at": moment} for row in rows])


def _tell(rows: Sequence[Any], one: Callable[[Any], Any], many: Callable[[int], Any]) -> None:
    """Owners and managers of the teams."""
    concerned: dict[int, list[Any]] = {}
    for row in rows:
        for user_id in {row.owner_id, row.manager_id} - {None}:
            concerned.setdefault(user_id, []).append(row)
    for user_id, theirs in concerned.items():
        _tell_one(user_id, theirs, one, many)


def _tell_one(user_id: int, rows: Sequence[Any], one: Callable[[Any], Any], many: Callable[[int], Any]) -> None:
    if len(rows) > SINGLY:
        user = session.get(User, user_id)
        if user is not None:
            notify(user_id, "due", many(len(rows)), "/service/queue?tab=breached")
        return
    news = []
    for row in rows:
        ticket = session.get_one(Ticket, row.id)
        news.append(News(one(row), path_of_ticket(ticket), ticket))
    notify_all(user_id, "due", news, title=many(len(rows)))
