"""A small company in which every kind of record is there."""

from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from erpcrm.customers.services import add_address
from tests.factories.customers import a_contact, a_customer, a_task


@pytest.fixture
def mine(seller: Any, session: Any) -> Any:
    """A customer of the seller."""
    customer = a_customer(seller, name="深圳市蓝海食品有限公司", english_name="Blue Sea Foods")
    session.commit()
    return customer


@pytest.fixture
def theirs(outsider: Any, session: Any) -> SimpleNamespace:
    """A customer of somebody in another team, with a contact, an address and a task."""
    customer = a_customer(outsider, name="Hidden Harbour Holdings", code="HID-1")
    contact = a_contact(customer, outsider, name="Hidden Person", mobile="+86 139 1111 2222")
    address = add_address(customer, {"street": "Secret Street 1", "country": "CN"}, outsider)
    task = a_task(customer, outsider, subject="Secret task")
    session.commit()
    return SimpleNamespace(customer=customer, contact=contact, address=address, task=task)


__all__ = ["Flask", "mine", "theirs"]
