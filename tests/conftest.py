"""What every test stands on: a database of its own, the application, a client, a clock.

TEST_DATABASE chooses sqlite (default) or postgresql. The people of the tests are fixtures of the areas.
"""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from contextvars import Context
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST
from flask import Flask, g, has_app_context
from flask import session as cookie
from flask.testing import FlaskClient
from flask_babel import force_locale
from flask_login import login_user
from hypothesis import HealthCheck, settings
from sqlalchemy import URL, event, make_url

from erpcrm import create_app
from erpcrm.access import passwords
from erpcrm.areas import AREAS
from erpcrm.core.area import Area
from erpcrm.core.catalogues import compile_catalogues
from erpcrm.core.db import create_schema, db
from erpcrm.core.jobs import run_pending
from tests import postgres
from tests.cast import *  # noqa: F403 - the people of the tests are fixtures everywhere
from tests.cast import CAST, assemble
from tests.isolation import Pristine, pristine

ROOT = Path(__file__).parents[1]
SHARED_DATA = Path(os.environ.get("SHARED_DATA") or ROOT.parent / "shared" / "data")
MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""Nine in the morning in Shanghai."""
DATABASE = os.environ.get("TEST_DATABASE", "sqlite")
ON_POSTGRESQL = DATABASE == "postgresql"
REACH_THE_DATABASE = {"app", "application", "database_url", "new_database"}

settings.register_profile(
    "erpcrm",
    deadline=None,
    max_examples=25 if ON_POSTGRESQL else 50,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("erpcrm")

# Hashing is slow on purpose; a test that signs in needs the way, not the wait.
passwords.hasher = PasswordHasher.from_parameters(CHEAPEST)
passwords.NOBODY = passwords.hasher.hash("no account has this password")


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return
    if DATABASE not in ("sqlite", "postgresql"):
        pytest.exit(f"TEST_DATABASE={DATABASE} is neither sqlite nor postgresql", returncode=2)
    # Once, before there are several workers.
    compile_catalogues()
    if ON_POSTGRESQL:
        stack = ExitStack()
        address = stack.enter_context(postgres.server())
        os.environ["TEST_POSTGRES_URL"] = address.render_as_string(hide_password=False)
        config.add_cleanup(stack.close)


def pytest_report_header() -> str:
    without = " (without the tests that touch no database: they run on SQLite)" if ON_POSTGRESQL else ""
    return f"database: {DATABASE}{without}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest tests first, so that no worker is busy alone in the end.

    On PostgreSQL only what touches the database, which takes one of these fixtures: anything else can't come out differently;
    and nothing long: what it asks of the database is asked there by tests of its steps.
    """
    items.sort(key=lambda item: (item.get_closest_marker("long") is None, "stories" not in item.path.parts))
    if ON_POSTGRESQL:
        reach = [item for item in items if REACH_THE_DATABASE & {*getattr(item, "fixturenames", ())}]
        chosen = [item for item in reach if item.get_closest_marker("long") is None]
        config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
        items[:] = chosen


@pytest.fixture(scope="session")
def new_database(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], AbstractContextManager[URL]]:
    """`with new_database("name") as url`: the address of an empty database for this test process alone."""

    @contextmanager
    def on_sqlite(name: str) -> Iterator[URL]:
        yield make_url(f"sqlite:///{tmp_path_factory.mktemp('database') / name}.db")

    @contextmanager
    def on_postgresql(name: str) -> Iterator[URL]:
        with postgres.server() as server, postgres.new_database(server, f"erpcrm_{name}_{os.getpid()}") as url:
            yield url

    return on_postgresql if ON_POSTGRESQL else on_sqlite


@pytest.fixture(scope="session")
def database_url(new_database: Callable[[str], AbstractContextManager[URL]]) -> Iterator[URL]:
    """The address of the database that tests share."""
    with new_database("test") as url:
        yield url


@contextmanager
def application_on(url: URL, files: Path, *more_areas: Area) -> Iterator[tuple[Flask, Pristine]]:
    """The application with made-up areas above its own, on an empty database, and the states of that."""
    app = create_app(
        {
            "TESTING": True,
            "SECRET_KEY": "tests only",
            "SQLALCHEMY_DATABASE_URI": url,
            "FILES_FOLDER": str(files),
            "WTF_CSRF_ENABLED": False,
            "RATELIMIT_ENABLED": False,
        },
        areas=(*AREAS, *more_areas),
    )
    app.test_client_class = Client
    with app.app_context():
        create_schema()
        engine = db.engine
    with pristine(engine) as states:
        yield app, states
    engine.dispose()


@pytest.fixture(scope="session")
def application(database_url: URL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, Pristine]]:
    """The application and the states of its database. Tests take `app`."""
    with application_on(database_url, tmp_path_factory.mktemp("files")) as found:
        yield found


@pytest.fixture
def app(application: tuple[Flask, Pristine], request: pytest.FixtureRequest) -> Iterator[Flask]:
    """The application, with an application context for the test, no files, and nobody in the database but those of the
    cast whom the test asks for."""
    app, states = application
    kept = Path(f"{app.config['FILES_FOLDER']}-kept")
    _begin_with([name for name in CAST if name in request.fixturenames], app, states, kept)
    with app.app_context():
        # Verbs that leave something for after the commit may be called by a test directly.
        db.session.info.update(after_commit=[], afterwards=[])
        # What a test calls directly speaks English; requests choose their language as ever.
        with force_locale("en"):
            yield app
        db.session.remove()
    for folder in Path(app.config["FILES_FOLDER"]).iterdir():
        shutil.rmtree(folder)


def _begin_with(names: list[str], app: Flask, states: Pristine, kept: Path) -> None:
    """Each selection of people is made once; from then on it is a state of the database and the files like the empty one."""
    state = " ".join(names)
    files = Path(app.config["FILES_FOLDER"])
    if not states.knows(state):
        states.restore()
        # The dates of the demo company are those of today, of which most of its tests know nothing else.
        with ExitStack() as stack:
            if "demo_company" not in names:
                stack.enter_context(time_machine.travel(MONDAY, tick=False))
            stack.enter_context(app.app_context())
            assemble(names)
            db.session.commit()
            db.session.remove()
        states.remember(state)
        shutil.copytree(files, kept / state)
    states.restore(state)
    if state:
        shutil.copytree(kept / state, files, dirs_exist_ok=True)


@pytest.fixture
def another_app() -> Iterator[Callable[[Mapping[str, Any]], Flask]]:
    """`another_app(config)`: an application of its own, whose connections are closed when the test is over."""
    made: list[Flask] = []

    def make(config: Mapping[str, Any]) -> Flask:
        made.append(create_app(dict(config)))
        return made[-1]

    yield make
    for other in made:
        with other.app_context():
            db.session.remove()
            db.engine.dispose()


class Client(FlaskClient):
    """A browser without JavaScript. Each request is on its own, as in production.

    What the test has changed through its session is committed first, and what it has loaded is read anew afterwards.
    The request runs in a context of its own: with the test's it would share session and identity map, and a view
    that forgot to store something would pass.
    """

    def open(self, *args: Any, **kwargs: Any) -> Any:
        if not has_app_context():  # the way on from a redirect, already in a context of its own
            return super().open(*args, **kwargs)
        db.session.commit()
        try:
            response = Context().run(super().open, *args, **kwargs)
            for answer in (response, *response.history):
                # A large upload is spooled to a file, which nobody else closes.
                answer.request.environ["wsgi.input"].close()
            return response
        finally:
            db.session.expire_all()
            for name in [
                name for name in g if name != "_flask_babel"
            ]:  # what the test calls afterwards speaks English too
                g.pop(name)


@pytest.fixture
def session(app: Flask) -> Any:
    """The database session of the test."""
    return db.session


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def sign_in() -> Callable[[FlaskClient, Any], FlaskClient]:
    """`sign_in(client, user)`: from now on this client is that user, without asking for a password."""

    def sign_in(client: FlaskClient, user: Any) -> FlaskClient:
        db.session.commit()
        with client.application.test_request_context(environ_base=client.environ_base):
            assert login_user(user), f"{user} is not active"
            signed = dict(cookie)
        with client.session_transaction() as stored:
            stored.clear()
            stored.update(signed)
        return client

    return sign_in


@pytest.fixture
def run_jobs(app: Flask) -> Callable[..., int]:
    """`run_jobs()`: what the worker would do now, in this process. What the test has changed is committed first."""

    def run(**options: Any) -> int:
        db.session.commit()

        def work() -> int:
            with app.app_context():
                return run_pending(**options)

        try:
            return Context().run(work)
        finally:
            db.session.expire_all()

    return run


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """A clock that stands still on a Monday morning: `clock.move_to(...)`, `clock.shift(timedelta(...))`."""
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str], Path]:
    """`shared_data("listed-companies")`: a folder of data that others made, beside the project; skips without it."""

    def folder(name: str) -> Path:
        path = SHARED_DATA / name
        if not path.is_dir():
            pytest.skip(f"the data set {name} is not there ({path})")
        return path

    return folder


@pytest.fixture
def count_queries(app: Any) -> Callable[[], AbstractContextManager[list[str]]]:
    """`with count_queries() as seen:` what is asked of the database within."""

    @contextmanager
    def watch() -> Iterator[list[str]]:
        seen: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
            seen.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(db.engine, "before_cursor_execute", note)

    return watch
