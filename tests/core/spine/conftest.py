"""An application with two made-up areas more, on a database of its own."""

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
from tests.core.spine import papers
from tests.isolation import Pristine


@pytest.fixture(scope="package")
def database_url(new_database: Callable[[str], AbstractContextManager[URL]]) -> Iterator[URL]:
    with new_database("papers") as url:
        yield url


@pytest.fixture(scope="package")
def application(database_url: URL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, Pristine]]:
    with application_on(database_url, tmp_path_factory.mktemp("files"), papers.papers, papers.checks) as found:
        yield found


@pytest.fixture(autouse=True)
def nothing_told() -> None:
    papers.told.clear()


@pytest.fixture
def person(app: Flask) -> Callable[..., Any]:
    """`person("papers.paper.view", scope="own")`: somebody who holds exactly these permissions."""

    def make(*permissions: str, scope: str = "all", name: str = "Person", **more: Any) -> Any:
        role = Role(name=name, permissions=list(permissions), scope=scope)
        db.session.add(role)
        db.session.flush()
        user = create_user(name, f"{name.lower()}@test.example", roles=[role], **more)
        db.session.commit()
        return user

    return make


@pytest.fixture
def writer(person: Callable[..., Any]) -> Any:
    return person("papers.paper.view", "papers.paper.edit", "papers.paper.sign", name="Writer", language="en")
