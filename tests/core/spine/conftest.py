"""An application with two made-up areas more, on a database of its own."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import URL

from erpcrm import create_app
from erpcrm.access.models import Role
from erpcrm.access.services import create_user
from erpcrm.areas import AREAS
from erpcrm.core.db import create_schema, db
from tests.conftest import Client
from tests.core.spine import papers
from tests.isolation import Restore, pristine


@pytest.fixture(scope="package")
def database_url(new_database: Callable[[str], AbstractContextManager[URL]]) -> Iterator[URL]:
    with new_database("papers") as url:
        yield url


@pytest.fixture(scope="package")
def application(database_url: URL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, Restore]]:
    app = create_app(
        {
            "TESTING": True,
            "SECRET_KEY": "tests only",
            "SQLALCHEMY_DATABASE_URI": database_url,
            "FILES_FOLDER": str(tmp_path_factory.mktemp("files")),
            "WTF_CSRF_ENABLED": False,
            "RATELIMIT_ENABLED": False,
        },
        areas=(*AREAS, papers.papers, papers.checks),
    )
    app.test_client_class = Client
    for name in ("company_name", "company_logo_url", "unread_count"):
        app.jinja_env.globals.setdefault(name, lambda: None)
    with app.app_context():
        create_schema()
        engine = db.engine
    with pristine(engine) as restore:
        yield app, restore
    engine.dispose()


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
