"""Who works on leads, each with a browser of their own."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from erpcrm.access.models import User

SignIn = Callable[[FlaskClient, Any], FlaskClient]


@pytest.fixture
def as_seller(app: Flask, sign_in: SignIn, seller: User) -> FlaskClient:
    return sign_in(app.test_client(), seller)


@pytest.fixture
def as_outsider(app: Flask, sign_in: SignIn, outsider: User) -> FlaskClient:
    return sign_in(app.test_client(), outsider)


@pytest.fixture
def as_manager(app: Flask, sign_in: SignIn, manager: User) -> FlaskClient:
    return sign_in(app.test_client(), manager)


@pytest.fixture
def as_marketer(app: Flask, sign_in: SignIn, marketer: User) -> FlaskClient:
    return sign_in(app.test_client(), marketer)
