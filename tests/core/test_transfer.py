"""A company that has outgrown SQLite moves to PostgreSQL and finds everything there."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, Table, func, select, text
from sqlalchemy.exc import DBAPIError

from erpcrm import create_app, demo
from erpcrm.access.models import User
from erpcrm.access.services import create_user
from erpcrm.core.db import Base, create_schema, db
from erpcrm.core.lifecycle import transaction
from erpcrm.core.transfer import DERIVED, NotPossible, copy_database


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The demo company on SQLite, which all tests only read."""
    address = f"sqlite:///{tmp_path_factory.mktemp('old') / 'old.db'}"
    app = create_app({"SQLALCHEMY_DATABASE_URI": address, "SECRET_KEY": "tests only"})
    with app.app_context():
        create_schema()
        demo.fill()
        db.session.remove()
        engine = db.engine
    yield engine
    engine.dispose()


@pytest.fixture
def target(new_database: Callable[[str], Any]) -> Iterator[Engine]:
    """An empty PostgreSQL with the same tables."""
    with new_database("moved") as url:
        if url.get_backend_name() != "postgresql":
            pytest.skip("needs both databases: runs beside the tests on PostgreSQL")
        app = create_app({"SQLALCHEMY_DATABASE_URI": url, "SECRET_KEY": "tests only"})
        with app.app_context():
            create_schema()
            yield db.engine
            db.engine.dispose()


def rows(connection: Connection, table: Table) -> list[tuple[object, ...]]:
    return [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]


def test_every_row_arrives_as_it_was(source: Engine, target: Engine) -> None:
    counts = copy_database(source, target)
    assert counts["users"] > 3
    with source.connect() as old, target.connect() as new:
        for name, table in Base.metadata.tables.items():
            if name not in DERIVED:
                assert rows(new, table) == rows(old, table), name


def test_new_records_get_numbers_of_their_own_after_the_move(source: Engine, target: Engine) -> None:
    copy_database(source, target)
    with target.connect() as connection:
        last = connection.scalar(select(func.max(User.id)))
    with transaction():
        assert create_user("Nina New").id == last + 1


def test_foreign_keys_hold_again_after_the_move(source: Engine, target: Engine) -> None:
    query = text("SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' ORDER BY 1")
    with target.connect() as connection:
        before = connection.execute(query).all()
    copy_database(source, target)
    with target.connect() as connection:
        assert connection.execute(query).all() == before


def test_what_is_posted_stays_as_it_is_after_the_move(source: Engine, target: Engine) -> None:
    copy_database(source, target)
    with target.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM journal_entries WHERE status = 'posted'"))
        with pytest.raises(DBAPIError, match="never changed"):
            connection.execute(text("UPDATE journal_entries SET text = 'other' WHERE status = 'posted'"))
    for table in ("invoices", "payments", "allocations", "receivable_items"):
        with target.connect() as connection, pytest.raises(DBAPIError, match="never"):
            connection.execute(text(f"UPDATE {table} SET date = '2020-01-01'"))


def test_a_database_in_use_is_never_overwritten(source: Engine, target: Engine) -> None:
    copy_database(source, target)
    with pytest.raises(NotPossible, match="has users"):
        copy_database(source, target)


def test_sqlite_is_no_place_to_move_to(source: Engine) -> None:
    with pytest.raises(NotPossible, match="PostgreSQL"):
        copy_database(source, source)
