"""The verbs of contacts."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import inspect, select

from erpcrm.core.actor import Actor
from erpcrm.core.db import session
from erpcrm.core.errors import Refused, Stale
from erpcrm.core.i18n import _, today
from erpcrm.core.merging import forget, pointing_at
from erpcrm.core.pinyin import pinyin_key

from .. import identity
from ..models import Contact, Customer, CustomerContact
from .customers import home_region

FILLABLE = frozenset(inspect(Contact).column_attrs.keys()) - frozenset(
    {"id", "version", "created_at", "updated_at", "created_by_id", "name_key", "last_activity_at", "custom"}
)
PHONES = ("phone", "mobile", "other_phone")


def create_contact(
    values: Mapping[str, Any], by: Actor | None, customer: Customer | None = None, role: str | None = None
) -> Contact:
    """A new contact, at `customer` where one is given. Belongs to `by` unless `values` names an owner.

    Refused when the name is missing.
    """
    contact = Contact(created_by_id=by.id if by else None, custom={}, consent="unknown", active=True)
    given = dict(values)
    given.setdefault("owner_id", by.id if by else None)
    _fill(contact, given)
    session.add(contact)
    session.flush()
    if customer is not None:
        link_contact(contact, customer, role)
    return contact


def update_contact(contact: Contact, values: Mapping[str, Any], version: int | None, by: Actor | None) -> None:
    """Change what `values` names. Stale when somebody else changed the contact since `version` (None: not asked)."""
    if version is not None and version != contact.version:
        raise Stale(contact)
    _fill(contact, values)
    session.flush()


def _fill(contact: Contact, values: Mapping[str, Any]) -> None:
    before = contact.consent
    for name, value in values.items():
        if name in FILLABLE:
            setattr(contact, name, _read(name, value))
    if not contact.name:
        raise Refused(_("A contact needs a name."))
    contact.name_key = pinyin_key(contact.name, contact.reading)
    contact.consent = contact.consent or "unknown"
    # Consent counts only with its date; whoever changes it without naming one means today.
    if contact.consent == "unknown":
        contact.consent_on = contact.consent_source = None
    elif contact.consent != before and not values.get("consent_on"):
        contact.consent_on = today()
    if contact.consent == "granted" and contact.consent != before and not contact.consent_source:
        raise Refused(_("Say where the consent was given: without its source it proves nothing."))
    if contact.consent_on is not None and contact.consent_on > today():
        raise Refused(_("A consent can't be given in the future."))
    if values.get("custom"):
        contact.custom = values["custom"]


def _read(name: str, value: Any) -> Any:
    if name in PHONES:
        return identity.any_phone(value, home_region())
    if name == "email":
        return identity.any_email(value)
    return identity.clean(value) if isinstance(value, str) else value


def place_of(contact: Contact, customer: Customer) -> CustomerContact | None:
    return session.scalars(
        select(CustomerContact).where(
            CustomerContact.contact_id == contact.id, CustomerContact.customer_id == customer.id
        )
    ).one_or_none()


def link_contact(contact: Contact, customer: Customer, role: str | None = None) -> CustomerContact:
    """Say that the contact works for the customer too. Nothing new happens where that is known; a given role is kept.

    A contact's first customer is its primary one; a customer's first contact is its main one.
    """
    place = place_of(contact, customer)
    if place is not None:
        if role:
            place.role = role
            session.flush()
        return place
    has_primary = session.scalar(
        select(CustomerContact.id).where(CustomerContact.contact_id == contact.id, CustomerContact.is_primary)
    )
    has_main = session.scalar(
        select(CustomerContact.id).where(CustomerContact.customer_id == customer.id, CustomerContact.is_main)
    )
    place = CustomerContact(
        customer_id=customer.id,
        contact_id=contact.id,
        role=role or None,
        is_primary=has_primary is None,
        is_main=has_main is None,
    )
    session.add(place)
    session.flush()
    session.expire(contact, ["places"])
    return place


def update_place(place: CustomerContact, role: str | None) -> None:
    """Change in which role a contact works for a customer."""
    place.role = role or None
    session.flush()


def make_primary(place: CustomerContact) -> None:
    """This customer is the contact's primary one from now on."""
    _only(place, CustomerContact.contact_id == place.contact_id, "is_primary")


def make_main(place: CustomerContact) -> None:
    """This contact is the customer's main one from now on."""
    _only(place, CustomerContact.customer_id == place.customer_id, "is_main")


def _only(place: CustomerContact, among: Any, flag: str) -> None:
    for other in session.scalars(select(CustomerContact).where(among, getattr(CustomerContact, flag))):
        setattr(other, flag, other is place)
    session.flush()  # the old one first: the database allows no two at any moment
    setattr(place, flag, True)
    session.flush()


def unlink_contact(place: CustomerContact) -> None:
    """The contact does not work for the customer any more. Its next customer becomes the primary one."""
    contact_id, customer_id = place.contact_id, place.customer_id
    was_primary, was_main = place.is_primary, place.is_main
    session.delete(place)
    session.flush()
    session.expire(session.get_one(Contact, contact_id), ["places"])
    if was_primary:
        _promote(CustomerContact.contact_id == contact_id, "is_primary")
    if was_main:
        _promote(CustomerContact.customer_id == customer_id, "is_main")


def _promote(among: Any, flag: str) -> None:
    heir = session.scalars(select(CustomerContact).where(among).order_by(CustomerContact.id).limit(1)).one_or_none()
    if heir is not None:
        setattr(heir, flag, True)
        session.flush()


def delete_contact(contact: Contact, by: Actor) -> None:
    """Delete a contact for good. Refused, with what it is, when anything but its customers points at it."""
    found = pointing_at(contact, besides=("customer_contacts",))
    if found:
        raise Refused(
            _(
                "%(name)s can't be deleted: %(what)s still belong to this contact. Mark it as not active instead.",
                name=contact.name,
                what=", ".join(f"{count} × {label}" for count, label in found),
            )
        )
    mains = [place.customer_id for place in contact.places if place.is_main]
    forget(contact, with_parts=("customer_contacts",))
    for customer_id in mains:
        _promote(CustomerContact.customer_id == customer_id, "is_main")
