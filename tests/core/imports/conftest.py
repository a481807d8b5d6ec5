"""An application with toys, on a database of its own, and a user who walks through the wizard by HTTP."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import URL

from erpcrm.access.models import Role
from erpcrm.access.services import create_user
from erpcrm.core.db import db
from tests.conftest import application_on
from tests.core.imports import toys
from tests.isolation import Pristine
from tests.wizard import Wizard


@pytest.fixture(scope="package")
def database_url(new_database: Callable[[str], AbstractContextManager[URL]]) -> Iterator[URL]:
    with new_database("toys") as url:
        yield url


@pytest.fixture(scope="package")
def application(database_url: URL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, Pristine]]:
    with application_on(database_url, tmp_path_factory.mktemp("files"), toys.area) as found:
        yield found


@pytest.fixture(autouse=True)
def _colours() -> Iterator[None]:
    before = list(toys.COLOURS)
    toys.batches.clear()
    yield
    toys.COLOURS[:] = before


IMPORT = ("core.import.run", "toys.toy.import", "toys.toy.view", "toys.toy.create", "toys.maker.create")


@pytest.fixture
def person(app: Flask) -> Callable[..., Any]:
    """`person("Ann", *permissions, scope="own")`: somebody who holds exactly these permissions."""

    def make(name: str, *permissions: str, scope: str = "all") -> Any:
        role = Role(name=f"Role of {name}", permissions=list(permissions), scope=scope)
        db.session.add(role)
        db.session.flush()
        return create_user(name, f"{name.lower()}@test.example", roles=[role], language="en")

    return make


@pytest.fixture
def ann(person: Callable[..., Any]) -> Any:
    """May import everything there is."""
    return person("Ann", *IMPORT, "core.field.edit")


@pytest.fixture
def wizard(client: FlaskClient, app: Flask, ann: Any, sign_in: Callable[..., FlaskClient]) -> Wizard:
    """Ann at the wizard."""
    sign_in(client, ann)
    return Wizard(client, app)
