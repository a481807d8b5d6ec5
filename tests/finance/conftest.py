"""The people and books of finance's tests."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from erpcrm.company.services import set_rate
from erpcrm.finance import services
from erpcrm.finance.models import Account, ReceivableItem
from tests.factories.customers import a_customer
from tests.inventory.conftest import come, main, order, product  # noqa: F401 - goods, as inventory's tests have them

TODAY = date(2026, 3, 2)
"""What the fixture `clock` says."""


@pytest.fixture
def books(app: Flask, clock: Any, roles: Any) -> None:
    """A chart of accounts, reminders in three levels, and a rate for the dollar: 7.00 in January, 7.20 from February on."""
    services.choose_chart("cn")
    services.ensure_levels()
    set_rate("USD", date(2026, 1, 1), Decimal(7))
    set_rate("USD", date(2026, 2, 1), Decimal("7.2"))


@pytest.fixture
def account(books: None) -> Callable[[str], Account]:
    """`account("bank")`: the account with that role."""
    return services.account_for


@pytest.fixture
def owed(books: None) -> Callable[..., ReceivableItem]:
    """`owed(customer, "100", due=date(...))`: what a customer owes, out of an old invoice."""
    numbers = iter(range(1, 10_000))

    def make(
        customer: Any, amount: str, *, on: date = date(2026, 1, 15), due: date | None = None, **more: Any
    ) -> ReceivableItem:
        currency = more.pop("currency", "CNY")
        return services.add_opening_item(
            customer,
            number=more.pop("number", None) or f"OLD-{next(numbers)}",
            on=on,
            due_on=due or on,
            amount=Decimal(amount),
            currency=currency,
            rate=more.pop("rate", Decimal(7) if currency == "USD" else Decimal(1)),
            by=None,
        )

    return make


@pytest.fixture
def paid(books: None, account: Any, accountant: Any) -> Callable[..., Any]:
    """`paid(customer, "100", shares=[...])`: a payment of today."""

    def make(customer: Any, amount: str, *shares: Any, **more: Any) -> Any:
        values = {"amount": Decimal(amount), "account": account("bank"), "date": TODAY} | more
        return services.receive(customer, values, accountant, shares)

    return make


@pytest.fixture
def customer(app: Flask) -> Any:
    return a_customer(name="Blue Ocean Foods")


@pytest.fixture
def accountants(client: FlaskClient, sign_in: Any, accountant: Any, books: None) -> FlaskClient:
    """The accountant's browser."""
    return sign_in(client, accountant)  # type: ignore[no-any-return]
