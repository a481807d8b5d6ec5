"""Whose customers, contacts and activities a user sees."""

from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select, true

from erpcrm.access.models import User
from erpcrm.core.access import owned
from erpcrm.core.actor import Actor, ScopeName
from erpcrm.core.registry import record_types_on

from .models import Activity, Contact, Customer, CustomerContact, Mention

CUSTOMER_SCOPE = owned(Customer.owner_id, Customer.team_id)


def visible_customers(actor: Actor) -> Any:
    """The ids of the customers that this user sees, as a subquery."""
    return select(Customer.id).where(CUSTOMER_SCOPE(actor, actor.scope("customer")))


def _colleagues(actor: Actor) -> Any:
    return select(User.id).where(User.team_id.in_(sorted(actor.team_ids)) if actor.team_ids else false())


def CONTACT_SCOPE(actor: Actor, scope: ScopeName) -> ColumnElement[bool]:
    """Own contacts, those of colleagues for the scope team, and everybody at a customer that the user sees."""
    if scope == "all":
        return true()
    at_my_customers = select(CustomerContact.contact_id).where(
        CustomerContact.customer_id.in_(visible_customers(actor))
    )
    mine = Contact.owner_id == actor.id
    if scope == "team":
        mine = or_(mine, Contact.owner_id.in_(_colleagues(actor)))
    return or_(mine, Contact.id.in_(at_my_customers))


def ACTIVITY_SCOPE(actor: Actor, scope: ScopeName) -> ColumnElement[bool]:
    """Own activities and those that mention the user, for the scope team also those of colleagues, and those on what one sees.

    Whoever sees a customer sees its whole history, also what was said about a colleague's deal with it.
    """
    if scope == "all":
        return true()
    mentioned = select(Mention.activity_id).where(Mention.user_id == actor.id)
    seen = [Activity.owner_id == actor.id, Activity.id.in_(mentioned)]
    if scope == "team":
        seen.append(Activity.owner_id.in_(_colleagues(actor)))
    if actor.may("customers.customer.view"):
        seen.append(Activity.customer_id.in_(visible_customers(actor)))
    for kind in record_types_on():
        if kind.model is Customer or not hasattr(kind.model, "last_activity_at") or not actor.may(kind.view):
            continue
        rows = select(kind.model.id).where(kind.scope(actor, actor.scope(kind.name)))
        seen.append(and_(Activity.record_type == kind.name, Activity.record_id.in_(rows)))
    return or_(*seen)
