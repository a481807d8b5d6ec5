"""Browsers of the cast, and a customer each of the seller and the colleague."""

from typing import Any

import pytest
from flask import Flask

from tests.factories.customers import a_customer


@pytest.fixture
def as_seller(client: Any, sign_in: Any, seller: Any) -> Any:
    return sign_in(client, seller)


@pytest.fixture
def as_manager(app: Flask, sign_in: Any, manager: Any) -> Any:
    return sign_in(app.test_client(), manager)


@pytest.fixture
def mine(seller: Any, session: Any) -> Any:
    """A customer of the seller."""
    customer = a_customer(seller, name="深圳市蓝海食品有限公司", english_name="Blue Sea Foods", phone="0755-86530012")
    session.commit()
    return customer


@pytest.fixture
def theirs(colleague: Any, session: Any) -> Any:
    """A customer of the colleague."""
    customer = a_customer(colleague, name="上海申达医药包装有限公司")
    session.commit()
    return customer
