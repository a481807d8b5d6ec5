"""The verbs of addresses."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from erpcrm.core.actor import Actor
from erpcrm.core.db import session
from erpcrm.core.errors import Refused, Stale
from erpcrm.core.i18n import _

from .. import identity
from ..models import Address, Customer
from .customers import home_region

NAMES = ("use", "is_default", "recipient", "phone", "street", "city", "state", "postcode", "country")


def add_address(customer: Customer, values: Mapping[str, Any], by: Actor | None) -> Address:
    """A new address. The first one of a customer is its default."""
    address = Address(customer_id=customer.id, created_by_id=by.id if by else None)
    first = session.scalar(select(Address.id).where(Address.customer_id == customer.id).limit(1)) is None
    _fill(address, {**values, "is_default": first or bool(values.get("is_default"))})
    session.add(address)
    session.flush()
    return address


def update_address(address: Address, values: Mapping[str, Any], version: int | None) -> None:
    if version is not None and version != address.version:
        raise Stale(address)
    _fill(address, values)
    session.flush()


def remove_address(address: Address) -> None:
    session.delete(address)
    session.flush()


def _fill(address: Address, values: Mapping[str, Any]) -> None:
    for name in NAMES:
        if name in values:
            value = values[name]
            setattr(address, name, identity.clean(value) if isinstance(value, str) else value)
    if not address.street:
        raise Refused(_("An address needs a street."))
    address.phone = identity.any_phone(address.phone, address.country or home_region())
    if address.is_default:
        others = select(Address).where(Address.customer_id == address.customer_id, Address.is_default)
        with session.no_autoflush:
            for other in session.scalars(others):
                if other is not address and overlap(other.use, address.use or "both"):
                    other.is_default = False


def overlap(one: str, other: str) -> bool:
    """Whether two uses ask for the same default."""
    return one == other or "both" in (one, other)
