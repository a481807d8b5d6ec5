"""Whose tickets a user sees."""

from functools import lru_cache

from sqlalchemy import ColumnElement, or_, true

from erpcrm.core.access import KEPT, owned
from erpcrm.core.actor import Actor, ScopeName
from erpcrm.customers.scopes import of_seen_customers

from .models import Ticket

OWNED = owned(Ticket.owner_id, Ticket.team_id)
AT_CUSTOMER = of_seen_customers(Ticket.customer_id)


@lru_cache(KEPT)
def _either(mine: ColumnElement[bool], theirs: ColumnElement[bool] | None, actor_id: int) -> ColumnElement[bool]:
    made = Ticket.created_by_id == actor_id
    return or_(mine, made, theirs) if theirs is not None else or_(mine, made)


def TICKET_SCOPE(actor: Actor, scope: ScopeName) -> ColumnElement[bool]:
    """Own tickets and those of the own customers; for the scope team also those of the team. Who opened one goes on seeing it."""
    if scope == "all":
        return true()
    sees = actor.may("customers.customer.view") and actor.scope("customer") != "all"
    return _either(OWNED(actor, scope), AT_CUSTOMER(actor, scope) if sees else None, actor.id)
