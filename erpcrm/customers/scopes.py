"""Whose customers, contacts and activities a user sees."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select, true

from erpcrm.access.models import User
from erpcrm.core.access import owned, through
from erpcrm.core.actor import Actor, ScopeName
from erpcrm.core.db import session
from erpcrm.core.registry import record_types_on

from .models import Activity, Contact, Customer, CustomerContact, Mention

CUSTOMER_SCOPE = owned(Customer.owner_id, Customer.team_id)


def of_seen_customers(key: Any) -> Any:
    """The scope of records that are seen by whoever sees their customer; `key` is their foreign key."""
    return through(key, Customer.id, "customer", CUSTOMER_SCOPE)


def visible_customers(actor: Actor) -> Any:
    """The ids of the customers that this user sees, as a subquery."""
    return select(Customer.id).where(CUSTOMER_SCOPE(actor, actor.scope("customer")))


def seen_customers(contact_ids: Sequence[int], actor: Actor) -> Mapping[int, tuple[int, str]]:
    """{contact: (id, name) of its customer}: the primary one where this user sees it, else another that the user sees."""
    if not actor.may("customers.customer.view"):
        return {}
    query = (
        select(CustomerContact.contact_id, Customer.id, Customer.name)
        .join(Customer, Customer.id == CustomerContact.customer_id)
        .where(CustomerContact.contact_id.in_(contact_ids), CUSTOMER_SCOPE(actor, actor.scope("customer")))
        .order_by(CustomerContact.is_primary, CustomerContact.id.desc())
    )
    # The last one of each contact stays.
    return {contact_id: (customer_id, name) for contact_id, customer_id, name in session.execute(query)}


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
