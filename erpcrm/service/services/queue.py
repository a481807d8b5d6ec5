"""The queue: which tickets somebody looks at, in the order in which they are due, and how many there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, false, func, select, true, tuple_

from erpcrm.access.models import User
from erpcrm.core.db import now, session
from erpcrm.core.i18n import _l, lazy_pgettext
from erpcrm.customers.models import Contact, Customer

from ..models import TICKET_FLOW, UNSOLVED, Ticket, TicketPresence
from ..scopes import TICKET_SCOPE

TABS: Mapping[str, Any] = {
    "mine": _l("Mine"),
    "unassigned": _l("Unassigned"),
    "team": _l("My team"),
    "due": _l("Due next"),
    "breached": _l("Breached"),
    "all": lazy_pgettext("queue", "All open"),
}
MOST_COUNTED = 1000
"""Beyond it a count says no more than that there are many"""
PAGE, COLUMN, RESOLVED = 40, 20, 10
MOST_AGENTS = 12
SOON = timedelta(hours=24)
HERE = timedelta(seconds=45)
"""Whoever was seen so long ago has the ticket open: pages ask every 15 seconds"""
NOBODY = "nobody"


@dataclass(frozen=True)
class Line:
    """A ticket as the queue shows it."""

    id: int
    version: int
    code: str
    subject: str
    status: str
    priority: str
    kind: str
    due_at: datetime | None
    breached_at: datetime | None
    last_message_at: datetime
    last_from_customer: bool
    owner_id: int | None
    customer: str | None
    contact: str | None
    requester_name: str | None
    requester_mail: str | None
    owner: str | None

    @property
    def who(self) -> str:
        return self.customer or self.contact or self.requester_name or self.requester_mail or ""

    @property
    def late(self) -> bool:
        return self.due_at is not None and self.due_at < now()


def _lines() -> Select[Any]:
    return (
        select(
            *(
                getattr(Ticket, name)
                for name in (
                    *("id", "version", "code", "subject", "status", "priority", "kind", "due_at", "breached_at"),
                    *("last_message_at", "last_from_customer", "owner_id"),
                )
            ),
            Customer.name,
            Contact.name,
            Ticket.requester_name,
            Ticket.requester_mail,
            User.name,
        )
        .outerjoin(Customer, Customer.id == Ticket.customer_id)
        .outerjoin(Contact, Contact.id == Ticket.contact_id)
        .outerjoin(User, User.id == Ticket.owner_id)
    )


def _of_tab(tab: str, user: User) -> ColumnElement[bool]:
    """The tickets of a tab. All are unsolved, and say so in the words of the indexes."""
    seen = and_(Ticket.resolved_at.is_(None), TICKET_SCOPE(user, user.scope("ticket")))
    if tab == "mine":
        return and_(seen, Ticket.owner_id == user.id)
    if tab == "unassigned":
        return and_(seen, Ticket.owner_id.is_(None))
    if tab == "team":
        return and_(seen, Ticket.team_id.in_(sorted(user.team_ids)) if user.team_ids else false())
    if tab == "due":
        return and_(seen, Ticket.queue_at < now() + SOON)
    if tab == "breached":
        return and_(seen, Ticket.breached_at.is_not(None))
    return seen


def counts(user: User) -> Mapping[str, int]:
    """How many tickets each tab holds, counted to a thousand at most: one query."""
    inner = {tab: select(Ticket.id).where(_of_tab(tab, user)).limit(MOST_COUNTED).subquery() for tab in TABS}
    row = session.execute(
        select(*(select(func.count()).select_from(part).scalar_subquery().label(tab) for tab, part in inner.items()))
    ).one()
    return dict(zip(TABS, row, strict=True))


def lines(tab: str, user: User, after: int | None = None, *where: ColumnElement[bool], limit: int = PAGE) -> list[Line]:
    """The tickets of a tab, what is due first on top, from the one behind `after` on."""
    query = _lines().where(_of_tab(tab, user), *where).order_by(Ticket.queue_at, Ticket.id).limit(limit)
    if after is not None:
        last = session.execute(select(Ticket.queue_at, Ticket.id).where(Ticket.id == after)).one_or_none()
        if last is None:
            return []
        query = query.where(tuple_(Ticket.queue_at, Ticket.id) > tuple_(*last))
    return [Line(*row) for row in session.execute(query)]


def line_of(ticket_id: int) -> Line:
    return Line(*session.execute(_lines().where(Ticket.id == ticket_id)).one())


@dataclass
class BoardColumn:
    """A column of the board: its key is a state, or an agent's id."""

    key: str
    label: Any
    tone: str
    cards: list[Line]
    count: int


def board_by_state(tab: str, user: User) -> list[BoardColumn]:
    """The unsolved ones of a tab by state, and beside them what was resolved last: where solved ones are dropped."""
    found = dict.fromkeys(UNSOLVED, 0) | _counted(Ticket.status, tab, user)
    columns = []
    for state in TICKET_FLOW.states:
        if state.value in UNSOLVED:
            cards = lines(tab, user, None, Ticket.status == state.value, limit=COLUMN)
            columns.append(BoardColumn(state.value, state.label, state.tone, cards, found[state.value]))
        elif state.value == "resolved":
            columns.append(BoardColumn(state.value, state.label, state.tone, _last_resolved(tab, user), 0))
    return columns


def _last_resolved(tab: str, user: User) -> list[Line]:
    rule = TICKET_SCOPE(user, user.scope("ticket"))
    whose = Ticket.owner_id == user.id if tab == "mine" else true()
    query = _lines().where(Ticket.status == "resolved", Ticket.resolved_at > now() - SOON, rule, whose)
    return [Line(*row) for row in session.execute(query.order_by(Ticket.resolved_at.desc()).limit(RESOLVED))]


def board_by_agent(tab: str, user: User, agents: Sequence[User]) -> list[BoardColumn]:
    """The unsolved ones of a tab by who works on them, those of nobody first."""
    found = _counted(Ticket.owner_id, tab, user)
    columns = [
        BoardColumn(
            NOBODY,
            _l("Unassigned"),
            "orange",
            lines(tab, user, None, Ticket.owner_id.is_(None), limit=COLUMN),
            found.get(None, 0),
        )
    ]
    for agent in agents[:MOST_AGENTS]:
        cards = lines(tab, user, None, Ticket.owner_id == agent.id, limit=COLUMN) if found.get(agent.id) else []
        columns.append(BoardColumn(str(agent.id), agent.name, "blue", cards, found.get(agent.id, 0)))
    return columns


def _counted(column: Any, tab: str, user: User) -> dict[Any, int]:
    """How many of a tab there are by a column, among the first thousand."""
    part = (
        select(column.label("key")).where(_of_tab(tab, user)).order_by(Ticket.queue_at).limit(MOST_COUNTED).subquery()
    )
    return {key: count for key, count in session.execute(select(part.c.key, func.count()).group_by(part.c.key))}


# ------------------------------------------------------------------ who is here


def be_here(ticket: Ticket, user: User, writing: bool) -> None:
    """Note that this user has the ticket open."""
    row = session.get(TicketPresence, (ticket.id, user.id))
    if row is None:
        row = TicketPresence(ticket_id=ticket.id, user_id=user.id)
        session.add(row)
    row.seen_at, row.writing = now(), writing
    session.flush()


def forget_presences() -> None:
    """Drop who had which ticket open days ago."""
    session.execute(delete(TicketPresence).where(TicketPresence.seen_at < now() - SOON))


def others_here(ticket: Ticket, user: User) -> Sequence[tuple[str, bool]]:
    """(name, whether they are writing) of the colleagues who have the ticket open too."""
    query = (
        select(User.name, TicketPresence.writing)
        .join(User, User.id == TicketPresence.user_id)
        .where(
            TicketPresence.ticket_id == ticket.id,
            TicketPresence.user_id != user.id,
            TicketPresence.seen_at > now() - HERE,
        )
        .order_by(User.name)
    )
    return [(name, writing) for name, writing in session.execute(query)]
