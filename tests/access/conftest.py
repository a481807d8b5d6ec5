"""What the tests of access share: passwords, and the codes of an authenticator app."""

from collections.abc import Callable
from typing import Any

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient

from erpcrm.access.models import User
from erpcrm.access.services import set_password
from erpcrm.core.db import now

PASSWORD = "correct horse battery"


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser that asks for English."""
    client = app.test_client()
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.fixture
def with_password() -> Callable[[User], User]:
    """`with_password(user)`: from now on PASSWORD lets the user in."""

    def give(user: User) -> User:
        set_password(user, PASSWORD)
        return user

    return give


@pytest.fixture
def log_in(client: FlaskClient) -> Callable[..., Any]:
    """`log_in(email, password)`: what the sign-in page answers."""

    def post(email: str, password: str = PASSWORD, **more: Any) -> Any:
        return client.post("/login", data={"email": email, "password": password}, **more)

    return post


@pytest.fixture
def app_code() -> Callable[..., str]:
    """The code that the authenticator app shows now for a secret."""
    return lambda secret: pyotp.TOTP(secret).at(now())
