"""What the pages of customers and contacts show: bounded reads, within the user's scope."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, case, func, select

from erpcrm.core.access import KEPT
from erpcrm.core.actor import Actor
from erpcrm.core.db import session
from erpcrm.core.options import options

from .forms import locale
from .models import CHANNELS, CONSENTS, CUSTOMER_KINDS, USES, Address, Contact, Customer, CustomerContact
from .scopes import CUSTOMER_SCOPE

MOST = 50
"""People, addresses and companies shown on a page; the list has them all."""


# Statements of the customer page are put together once: that takes longer than running them.
_CUSTOMER: Any = bindparam("customer")
_PEOPLE = (
    select(
        Contact.id, Contact.name, Contact.job_title, Contact.phone, Contact.mobile, Contact.email, Contact.wechat,
        Contact.consent, Contact.active, CustomerContact.id.label("place_id"), CustomerContact.role,
        CustomerContact.is_main,
    )
    .join(CustomerContact, CustomerContact.contact_id == Contact.id)
    .where(CustomerContact.customer_id == _CUSTOMER)
    .order_by(Contact.active.desc(), CustomerContact.is_main.desc(), Contact.name_key, Contact.id)
    .limit(MOST + 1)
)  # fmt: skip
_ADDRESSES = (
    select(Address).where(Address.customer_id == _CUSTOMER).order_by(Address.is_default.desc(), Address.id).limit(MOST)
)


def people_at(customer: Customer) -> Sequence[Any]:
    """The contacts of a customer, the main one first, those not active last."""
    return session.execute(_PEOPLE, {"customer": customer.id}).all()


@dataclass(frozen=True)
class ShownAddress:
    address: Address
    lines: list[str]
    use: Any


def addresses_of(customer: Customer) -> list[ShownAddress]:
    """The addresses of a customer, the default ones first, each written the way its country does."""
    found = session.scalars(_ADDRESSES, {"customer": customer.id})
    uses = {choice.value: choice.label for choice in USES}
    return [ShownAddress(address, address_lines(address), uses[address.use]) for address in found]


def address_lines(address: Address) -> list[str]:
    """Chinese addresses go from the country down, others from the street up."""
    country = locale().territories.get(address.country, address.country)
    if address.country in ("CN", "TW", "HK", "MO") and any("\u4e00" <= char <= "\u9fff" for char in address.street):
        city = address.city or ""
        place = f"{address.state or ''}{city if city != address.state else ''}"
        lines = [address.recipient, f"{place}{address.street}", " ".join(filter(None, (country, address.postcode)))]
    else:
        town = " ".join(filter(None, (address.postcode, address.city)))
        lines = [
            address.recipient,
            *address.street.splitlines(),
            ", ".join(filter(None, (town, address.state))),
            country,
        ]
    return [line for line in lines if line]


@dataclass(frozen=True)
class Group:
    """The companies above and below a customer, as far as the user sees them; `hidden` counts the others below."""

    parent: Customer | None
    parent_visible: bool
    children: Sequence[Any]
    hidden: int

    def __bool__(self) -> bool:
        return self.parent is not None or bool(self.children) or self.hidden > 0


@lru_cache(KEPT)
def _below(seen: ColumnElement[bool]) -> Select[Any]:
    query: Any = select(Customer.id, Customer.name, Customer.code, Customer.status)
    return query.where(Customer.parent_id == _CUSTOMER, seen).order_by(Customer.name_key, Customer.id).limit(MOST)


def group_of(customer: Customer, actor: Actor) -> Group:
    rule = CUSTOMER_SCOPE(actor, actor.scope("customer"))
    below = Customer.parent_id == customer.id
    children = session.execute(_below(rule), {"customer": customer.id}).all()
    every, parent_id, hidden = actor.scope("customer") == "all", customer.parent_id, 0
    if not every:
        total, seen = session.execute(select(func.count(), func.count(case((rule, 1)))).where(below)).one()
        hidden = total - seen
    visible = parent_id is not None and (
        every or session.scalar(select(Customer.id).where(Customer.id == parent_id, rule)) is not None
    )
    return Group(customer.parent, visible, children, hidden)


def label(option_list: str, value: str | None) -> Any:
    """The word for a stored value of an editable list."""
    if not value:
        return None
    return next((choice.label for choice in options(option_list) if choice.value == value), value)


def labels_of(customer: Customer) -> Mapping[str, Any]:
    names = ("industry", "size", "region", "source", "payment_terms")
    found = {name: label(f"customer.{name}", getattr(customer, name)) for name in names}
    found["customer_group"] = label("customer.group", customer.customer_group)
    found["tax_group"] = label("tax.customer_group", customer.tax_group)
    found["kind"] = next(choice.label for choice in CUSTOMER_KINDS if choice.value == customer.kind)
    if customer.currency:
        found["currency"] = f"{customer.currency} – {locale().currencies.get(customer.currency, customer.currency)}"
    return found


def consent_of(contact: Any) -> Any:
    return next(choice for choice in CONSENTS if choice.value == contact.consent)


def channel_of(contact: Any) -> Any:
    return next((choice.label for choice in CHANNELS if choice.value == contact.channel), None)


@dataclass(frozen=True)
class ShownPlace:
    """A customer that a contact works for. One that the user does not see is only counted."""

    place: CustomerContact
    customer: Customer
    role: Any


def places_of(contact: Contact, actor: Actor) -> tuple[list[ShownPlace], int]:
    """The customers of a contact that the user sees, the primary one first, and how many others there are."""
    query = (
        select(CustomerContact, Customer)
        .join(Customer, Customer.id == CustomerContact.customer_id)
        .where(CustomerContact.contact_id == contact.id)
    )
    rule = CUSTOMER_SCOPE(actor, actor.scope("customer"))
    rows = session.execute(query.where(rule).order_by(CustomerContact.is_primary.desc(), Customer.name_key).limit(MOST))
    shown = [ShownPlace(place, customer, label("contact.role", place.role)) for place, customer in rows]
    every = session.scalar(
        select(func.count()).select_from(CustomerContact).where(CustomerContact.contact_id == contact.id)
    )
    return shown, max((every or 0) - len(shown), 0)
