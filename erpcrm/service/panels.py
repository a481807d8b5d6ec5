"""What service adds to pages of lower areas. Every loader gets all records of a page at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import url_for
from sqlalchemy import func, select

from erpcrm.core.actor import current_actor
from erpcrm.core.db import now, session
from erpcrm.core.i18n import today

from .models import PRIORITY_CHOICES, TICKET_FLOW, Ticket
from .scopes import TICKET_SCOPE
from .services.complaints import measures_due

SHOWN = 6


def _tickets(key: Any, parameter: str, ids: Sequence[int]) -> Mapping[int, Any]:
    """The last tickets of each record, those that are open first, and how many are."""
    actor = current_actor()
    assert actor is not None  # noqa: S101 - panels belong to pages of signed-in users
    place = func.row_number().over(
        partition_by=key, order_by=(Ticket.resolved_at.is_(None).desc(), Ticket.created_at.desc(), Ticket.id.desc())
    )
    rule = TICKET_SCOPE(actor, actor.scope("ticket"))
    ranked = select(Ticket.id, place.label("place")).where(key.in_(ids), rule).subquery()
    query = (
        select(key.label("of"), Ticket.id, Ticket.code, Ticket.subject, Ticket.status, Ticket.priority, Ticket.due_at)
        .join(ranked, ranked.c.id == Ticket.id)
        .where(ranked.c.place <= SHOWN)
        .order_by(ranked.c.place)
    )
    found: dict[int, list[Any]] = {id: [] for id in ids}
    for row in session.execute(query):
        found[row.of].append(row)
    counted = select(key, func.count()).where(key.in_(ids), Ticket.resolved_at.is_(None), rule).group_by(key)
    open_ones: dict[int, int] = {id: count for id, count in session.execute(counted)}
    return {
        id: {
            "rows": rows,
            "open": open_ones.get(id, 0),
            "states": TICKET_FLOW.state,
            "labels": {"priority": {choice.value: choice for choice in PRIORITY_CHOICES}},
            "all_url": f"{url_for('service.tickets')}?customer={id}" if parameter == "customer" else None,
            "new_url": f"{url_for('service.new_ticket')}?{parameter}={id}",
        }
        for id, rows in found.items()
    }


def of_customers(ids: Sequence[int]) -> Mapping[int, Any]:
    return _tickets(Ticket.customer_id, "customer", ids)


def of_orders(ids: Sequence[int]) -> Mapping[int, Any]:
    return _tickets(Ticket.order_id, "order", ids)


def of_deliveries(ids: Sequence[int]) -> Mapping[int, Any]:
    return _tickets(Ticket.delivery_id, "delivery", ids)


def due_of_mine(ids: Sequence[int]) -> Mapping[int, Any]:
    """What a user's own tickets owe next, and how many nobody has taken."""
    actor = current_actor()
    assert actor is not None  # noqa: S101 - panels belong to pages of signed-in users
    mine = (
        select(Ticket.id, Ticket.code, Ticket.subject, Ticket.priority, Ticket.due_at, Ticket.last_from_customer)
        .where(Ticket.resolved_at.is_(None), Ticket.owner_id == actor.id, Ticket.status != "waiting_customer")
        .order_by(Ticket.queue_at, Ticket.id)
        .limit(SHOWN)
    )
    waits = select(Ticket.id).where(Ticket.resolved_at.is_(None), Ticket.owner_id.is_(None))
    waits = waits.where(TICKET_SCOPE(actor, actor.scope("ticket"))).limit(100)
    data = {
        "rows": session.execute(mine).all(),
        "unassigned": session.scalar(select(func.count()).select_from(waits.subquery())),
        "labels": {"priority": {choice.value: choice for choice in PRIORITY_CHOICES}},
        "now": now(),
    }
    return dict.fromkeys(ids, data)


def measures_of_mine(ids: Sequence[int]) -> Mapping[int, Any]:
    """What a user has to do so that complaints do not come again."""
    actor = current_actor()
    assert actor is not None  # noqa: S101 - panels belong to pages of signed-in users
    data = {"rows": measures_due(actor.id), "today": today()}
    return dict.fromkeys(ids, data)
