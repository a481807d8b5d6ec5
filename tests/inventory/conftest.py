"""The people and places of the inventory tests: a storekeeper, two warehouses, products."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from erpcrm.access.models import User
from erpcrm.catalog.models import Product
from erpcrm.catalog.services import create_product
from erpcrm.core.moves import make_move
from erpcrm.inventory.models import Warehouse
from erpcrm.inventory.services import Coming, ensure_first_warehouse, plan_receipt, receive, save_warehouse
from erpcrm.sales.models import SalesOrder
from erpcrm.sales.services import create_order
from tests.factories.customers import a_customer


@pytest.fixture
def keepers(client: FlaskClient, sign_in: Any, keeper: User) -> FlaskClient:
    return sign_in(client, keeper)


@pytest.fixture
def main(app: Flask) -> Warehouse:
    return ensure_first_warehouse()


@pytest.fixture
def depot(main: Warehouse) -> Warehouse:
    return save_warehouse(None, {"code": "DEPOT", "name": "Depot", "active": True}, by=None)


@pytest.fixture
def product(main: Warehouse) -> Callable[..., Product]:
    """`product("Blade", tracking="lot")`: goods that are kept in stock."""

    def make(name: str = "Blade", **values: Any) -> Product:
        return create_product({"name": name, **values}, by=None)

    return make


@pytest.fixture
def come(main: Warehouse) -> Callable[..., Any]:
    """`come(product, 10, cost="2.50")`: so many have come to the main warehouse, at that each; returns the moves."""

    def make(product: Product, quantity: Any, cost: Any = None, lots: str = "", at: Warehouse | None = None) -> Any:
        line = {"product": product, "quantity": Decimal(quantity), "unit_cost": None if cost is None else Decimal(cost)}
        receipt = plan_receipt({"warehouse_id": (at or main).id}, [line], by=None)
        return receive(receipt, [Coming(receipt.lines[0], Decimal(quantity), lots)], by=None)

    return make


@pytest.fixture
def order(seller: User) -> Callable[..., SalesOrder]:
    """`order(blade, 10)` or `order((blade, 10), (film, 2), wanted_on=day)`: a confirmed order of the seller's customer."""

    def make(*lines: Any, confirm: bool = True, **values: Any) -> SalesOrder:
        if not isinstance(lines[0], tuple):
            lines = ((lines[0], *lines[1:]),)
        given = [
            {"product_id": product.id, "quantity": Decimal(quantity), "price": Decimal(100), "unit": (*unit, None)[0]}
            for product, quantity, *unit in lines
        ]
        customer = a_customer(seller, currency="CNY")
        made = create_order({"customer_id": customer.id, **values}, given, seller)
        if confirm:
            make_move(made, "confirm", by=seller)
        return made

    return make
