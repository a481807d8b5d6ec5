"""The people and tickets of service's tests."""

from collections.abc import Callable
from typing import Any

import pytest

from erpcrm.service import services
from erpcrm.service.models import Ticket
from tests.factories.customers import a_contact, a_customer


@pytest.fixture
def customer(clock: Any, seller: Any) -> Any:
    return a_customer(seller, name="Bluewave Foods")


@pytest.fixture
def contact(customer: Any, seller: Any) -> Any:
    return a_contact(customer, seller, name="Lena Lake", email="lena@bluewave.example")


@pytest.fixture
def ticket(contact: Any, agent: Any) -> Callable[..., Ticket]:
    """`ticket("The pump leaks", kind="incident")`: of Lena of Bluewave, and nobody's."""

    def make(subject: str = "The pump leaks", text: str | None = "Since this morning.", **values: Any) -> Ticket:
        asked = {"subject": subject, "contact_id": contact.id, **values}
        return services.open_ticket(asked, values.pop("by", None), text=text, **values.pop("how", {}))

    return make
