"""An application with one made-up area more, on a database of its own."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import URL

from erpcrm.access.models import Role
from erpcrm.access.services import create_user
from erpcrm.core.db import db
from tests.conftest import application_on
from tests.core.records import gadgets
from tests.isolation import Pristine


@pytest.fixture(scope="package")
def database_url(new_database: Callable[[str], AbstractContextManager[URL]]) -> Iterator[URL]:
    with new_database("gadgets") as url:
        yield url


@pytest.fixture(scope="package")
def application(database_url: URL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, Pristine]]:
    with application_on(database_url, tmp_path_factory.mktemp("files"), gadgets.area) as found:
        yield found


@pytest.fixture
def person(app: Flask) -> Callable[..., Any]:
    """`person("gadgets.gadget.view", scope="own")`: somebody who holds exactly these permissions."""

    def make(*permissions: str, scope: str = "all", name: str = "Person") -> Any:
        role = Role(name=name, permissions=list(permissions), scope=scope)
        db.session.add(role)
        db.session.flush()
        return create_user(name, f"{name.lower()}@test.example", roles=[role])

    return make
