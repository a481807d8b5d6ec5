"""Who sells what to whom, each with a browser of their own."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from erpcrm.catalog.models import Product
from erpcrm.company.services import take_standard_taxes
from erpcrm.customers.models import Customer
from erpcrm.pipeline.services import ensure_standard_pipeline
from tests.factories.customers import a_customer
from tests.factories.sales import a_product

SignIn = Callable[[FlaskClient, Any], FlaskClient]


@pytest.fixture(autouse=True)
def company(app: Flask) -> None:
    """Taxes of China (13 %, services 6 %, exports none) and the standard pipeline."""
    take_standard_taxes("china")
    ensure_standard_pipeline()


@pytest.fixture
def customer(seller: Any) -> Customer:
    return a_customer(seller, status="active", email="buyer@harbour.example")


@pytest.fixture
def valve(app: Flask) -> Product:
    """100.00 a piece."""
    return a_product("100")


@pytest.fixture
def as_seller(app: Flask, sign_in: SignIn, seller: Any) -> FlaskClient:
    return sign_in(app.test_client(), seller)


@pytest.fixture
def as_manager(app: Flask, sign_in: SignIn, manager: Any) -> FlaskClient:
    return sign_in(app.test_client(), manager)


@pytest.fixture
def as_outsider(app: Flask, sign_in: SignIn, outsider: Any) -> FlaskClient:
    return sign_in(app.test_client(), outsider)
