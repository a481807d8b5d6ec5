"""The people of the catalog's tests: somebody who keeps the products, and a seller who reads them."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from erpcrm.access.services import create_user, ensure_standard_roles
from erpcrm.catalog.models import Product
from erpcrm.catalog.services import create_product


@pytest.fixture
def buyer(app: Flask) -> Any:
    ensure_standard_roles()
    return create_user("Bea", "bea@test.example", roles=["buyer"], language="en")


@pytest.fixture
def buyers(client: FlaskClient, sign_in: Any, buyer: Any) -> FlaskClient:
    return sign_in(client, buyer)


@pytest.fixture
def sellers(app: Flask, sign_in: Any, seller: Any) -> FlaskClient:
    return sign_in(app.test_client(), seller)


@pytest.fixture
def product(buyer: Any) -> Callable[..., Product]:
    """`product("GTX Pro", price=Decimal(5))`: a product."""

    def make(name: str, **values: Any) -> Product:
        return create_product({"name": name, **values}, by=buyer)

    return make
