"""The people, books and orders of credit's tests."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from erpcrm.core.moves import make_move
from erpcrm.core.settings import save_setting
from erpcrm.credit import services
from erpcrm.finance import services as finance
from erpcrm.finance.models import ReceivableItem
from erpcrm.sales.models import SalesOrder
from erpcrm.sales.services import create_order
from tests.factories.customers import a_customer

TODAY = date(2026, 3, 2)
"""What the fixture `clock` says."""


@pytest.fixture
def books(app: Flask, clock: Any, roles: Any) -> None:
    finance.choose_chart("generic")


@pytest.fixture
def policy(app: Flask) -> Callable[..., None]:
    """`policy(overdue="stop")`: what the company has chosen, the rest as it comes."""

    def choose(**actions: str) -> None:
        save_setting("credit_policy", {**services.actions(), **actions})

    return choose


@pytest.fixture
def owed(books: None) -> Callable[..., ReceivableItem]:
    """`owed(customer, "100", due=date(...))`: what a customer owes, out of an old invoice; below zero: has with us."""
    numbers = iter(range(1, 10_000))

    def make(customer: Any, amount: str, due: date = date(2026, 3, 20), on: date = date(2026, 1, 15)) -> ReceivableItem:
        return finance.add_opening_item(
            customer,
            number=f"OLD-{next(numbers)}",
            on=min(on, due),
            due_on=due,
            amount=Decimal(amount),
            currency="CNY",
            rate=Decimal(1),
            by=None,
        )

    return make


@pytest.fixture
def customer(books: None, seller: Any) -> Any:
    return a_customer(seller, name="Blue Ocean Foods")


def an_order(customer: Any, amount: str, by: Any, *, quantity: str = "1", **values: Any) -> SalesOrder:
    """A draft for so much in all, of something that no stock is kept of, without tax."""
    line = {"text": "Machine", "quantity": Decimal(quantity), "price": Decimal(amount) / Decimal(quantity)}
    return create_order({"customer_id": customer.id, **values}, [line], by)


@pytest.fixture
def order(customer: Any, seller: Any) -> Callable[..., SalesOrder]:
    """`order("3000")`: a draft; `order("3000", confirm=True)`: and asked to be confirmed."""

    def make(amount: str, *, confirm: bool = False, of: Any = None, **more: Any) -> SalesOrder:
        made = an_order(of or customer, amount, seller, **more)
        if confirm:
            make_move(made, "confirm", by=seller)
        return made

    return make


@pytest.fixture
def limited(customer: Any) -> Callable[..., Any]:
    """`limited("10000")`: the customer's limit, in place of none."""

    def set_limit(amount: str | None, of: Any = None, **more: Any) -> Any:
        values = {"limit": Decimal(amount) if amount is not None else None, **more}
        return services.update_account(of or customer, values)

    return set_limit


@pytest.fixture
def example(customer: Any, owed: Any, order: Any, limited: Any, seller: Any) -> Any:
    """The customer of the worked example: 4,000 invoiced, 1,000 shipped, 2,500 confirmed, 500 paid and not allocated."""
    owed(customer, "4000")
    owed(customer, "-500")
    shipped = order("3500", confirm=True, quantity="7")
    make_move(shipped.lines[0], "deliver", by=seller, quantity=Decimal(2))
    limited("10000")
    return customer
