"""Customers and their people for tests, made by the area's own verbs."""

from itertools import count
from typing import Any

from erpcrm.customers.models import Activity, Contact, Customer
from erpcrm.customers.services import add_activity, create_contact, create_customer

_numbers = count(1)


def a_customer(owner: Any = None, **values: Any) -> Customer:
    """A customer of `owner`."""
    number = next(_numbers)
    given = {"name": f"Quiet Harbour {number} Trading", "code": f"T-{number:06d}"} | values
    given.setdefault("owner_id", owner.id if owner is not None else None)
    return create_customer(given, owner)


def a_contact(customer: Customer | None = None, owner: Any = None, **values: Any) -> Contact:
    """A person at `customer`."""
    given = {"name": f"Person {next(_numbers)}"} | values
    return create_contact(given, owner, customer)


def a_task(record: Any, owner: Any, **more: Any) -> Activity:
    """An open task of `owner` on any record."""
    return add_activity(record, "task", more.pop("subject", "Send the offer"), owner, done=False, **more)
