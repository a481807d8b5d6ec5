"""Writing to the people of a record."""

from collections.abc import Sequence

from sqlalchemy import false, select

from erpcrm.access.models import User
from erpcrm.core.actor import current_actor
from erpcrm.core.db import Record, now, session
from erpcrm.core.errors import Refused
from erpcrm.core.i18n import _
from erpcrm.core.mail import Mail, send_mail

from .. import identity
from ..models import Contact, Customer, CustomerContact
from ..scopes import CONTACT_SCOPE
from .activities import customer_of, touch_records

MOST, SEE_CONTACTS = 100, "customers.contact.view"


def people_to_write_to(record: Record) -> list[tuple[str, str, str]]:
    """[(address, name, consent)] of whom one may mean: the record itself, then the people at its customer, the main one first. A company's
    own mailbox comes last."""
    found: dict[str, tuple[str, str, str]] = {}
    own: str | None = getattr(record, "email", None)
    entry: tuple[str, str, str] | None = None
    if own:
        name = str(getattr(record, "person", None) or getattr(record, "name", ""))
        entry = own, name, str(getattr(record, "consent", ""))
    if entry and not isinstance(record, Customer):
        found[entry[0]] = entry
    customer_id, actor = customer_of(record), current_actor()
    query = (
        select(Contact.email, Contact.name, Contact.consent)
        .join(CustomerContact, CustomerContact.contact_id == Contact.id)
        .where(CustomerContact.customer_id == customer_id, Contact.active, Contact.email.is_not(None))
        .order_by(CustomerContact.is_main.desc(), Contact.name_key, Contact.id)
        .limit(MOST)
    )
    if actor is not None:
        query = query.where(CONTACT_SCOPE(actor, actor.scope("contact")) if actor.may(SEE_CONTACTS) else false())
    for email, name, consent in session.execute(query) if customer_id is not None else ():
        if email:
            found.setdefault(email, (email, name, consent))
    if entry:
        found.setdefault(entry[0], entry)
    return list(found.values())


def write_mail(record: Record, to: Sequence[str], subject: str, text: str, by: User) -> Mail:
    """Send a mail about `record` in the name of `by`, to whom answers go. It stands in the history of the record, its customer
    and the people it goes to.

    Refused without address, subject or text, and when `by` has no e-mail address to answer to.
    """
    title, body = identity.clean(subject), identity.clean(text)
    if not to or not title or not body:
        raise Refused(_("A mail needs an address, a subject and a text."))
    if not by.email:
        raise Refused(_("Your account has no e-mail address to which answers could go."))
    about = [record, *_involved(record, to)]
    mail = send_mail(list(to), title, body, record=about, by=by, reply_to=(by.name, by.email))
    touch_records({(one.record_name, one.id) for one in about}, now())
    return mail


def _involved(record: Record, to: Sequence[str]) -> list[Record]:
    """The customer of the record, and those of its people who are written to."""
    customer_id = customer_of(record)
    customer = session.get(Customer, customer_id) if customer_id is not None else None
    if customer is None:
        return []
    people = session.scalars(
        select(Contact)
        .join(CustomerContact, CustomerContact.contact_id == Contact.id)
        .where(CustomerContact.customer_id == customer.id, Contact.email.in_(to))
    )
    return [one for one in (customer, *people) if one is not record]
