"""Migrations lead to exactly the tables that the models describe, and lose nothing on the way."""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import Connection, Engine, inspect, text

from erpcrm import create_app
from erpcrm.access.services import create_user, ensure_standard_roles
from erpcrm.core.db import Base, db

ROOT = Path(__file__).parents[1]
pytestmark = [
    # Tables that point at each other can't be sorted; Alembic says so whenever it looks at all of them.
    pytest.mark.filterwarnings("ignore:Cannot correctly sort tables"),
    # On SQLite an index on an expression is compared by its text instead.
    pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index"),
]


@pytest.fixture
def new_app(new_database: Callable[[str], Any]) -> Callable[[str], Any]:
    """`with new_app("name") as app`: an application on a new, empty database, within its context."""

    @contextmanager
    def make(name: str) -> Iterator[Flask]:
        with new_database(name) as url:
            app = create_app({"TESTING": True, "SQLALCHEMY_DATABASE_URI": url, "SECRET_KEY": "tests only"})
            with app.app_context():
                yield app
                db.session.remove()
                db.engine.dispose()

    return make


def description(engine: Engine) -> dict[str, Any]:
    """Every table with its columns, keys, constraints and indexes, in a form that can be compared."""
    inspector = inspect(engine)
    tables = {}
    with engine.connect() as connection:
        unspoken = full_text_tables(connection)
    for table in inspector.get_table_names():
        if table == "alembic_version" or any(f"{table}_".startswith(f"{name}_") for name in unspoken):
            continue
        keys = inspector.get_foreign_keys(table)
        tables[table] = {
            "columns": {
                column["name"]: (str(column["type"].compile(engine.dialect)), column["nullable"], column["default"])
                for column in inspector.get_columns(table)
            },
            "primary key": inspector.get_pk_constraint(table)["constrained_columns"],
            "foreign keys": sorted(
                (key["name"], key["constrained_columns"], key["referred_table"], key["options"]) for key in keys
            ),
            "unique": sorted((key["name"], key["column_names"]) for key in inspector.get_unique_constraints(table)),
            "checks": sorted((check["name"], check["sqltext"]) for check in inspector.get_check_constraints(table)),
        }
    return {"tables": tables, "indexes": indexes(engine)}


def full_text_tables(connection: Connection) -> list[str]:
    """SQLite keeps each in several tables of its own making."""
    if connection.dialect.name != "sqlite":
        return []
    return list(connection.scalars(text("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%'")))


def indexes(engine: Engine) -> list[str]:
    """The statements that make indexes, triggers and full-text tables, as the database itself tells them."""
    statements = {
        "sqlite": "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND (type <> 'table' OR sql LIKE '%VIRTUAL%')",
        "postgresql": "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'",
    }
    with engine.connect() as connection:
        found = connection.scalars(text(statements[engine.dialect.name])).all()
    return sorted(re.sub(r"\s+", " ", statement.replace('"', "")) for statement in found)


def test_migrations_lead_to_the_tables_of_the_models(new_app: Callable[[str], Any]) -> None:
    with new_app("models"):
        # Tables that other tests of this process have declared for themselves are none of the program's.
        own = {
            mapper.local_table.name for mapper in Base.registry.mappers if mapper.class_.__module__.startswith("tests.")
        }
        Base.metadata.create_all(db.engine, [table for name, table in Base.metadata.tables.items() if name not in own])
        wanted = description(db.engine)
    with new_app("migrated"):
        flask_migrate.upgrade()
        found = description(db.engine)
    assert sorted(found["tables"]) == sorted(wanted["tables"])
    for table in wanted["tables"]:
        assert found["tables"][table] == wanted["tables"][table], table
    assert found["indexes"] == wanted["indexes"]


def test_migrations_can_be_taken_back_and_made_again(new_app: Callable[[str], Any]) -> None:
    with new_app("back"):
        flask_migrate.upgrade()
        before = description(db.engine)
        flask_migrate.downgrade(revision="base")
        assert description(db.engine)["tables"] == {}
        flask_migrate.upgrade()
        assert description(db.engine) == before


CHANGE = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "rebuild", "{head}", None, None

def upgrade():
    with op.batch_alter_table("users", recreate="{recreate}") as batch:
        batch.add_column(sa.Column("nickname", sa.String()))

def downgrade():
    with op.batch_alter_table("users") as batch:
        batch.drop_column("nickname")
"""


def test_a_table_that_is_rebuilt_keeps_the_rows_that_depend_on_it(
    new_app: Callable[[str], Any], tmp_path: Path
) -> None:
    folder = tmp_path / "migrations"
    shutil.copytree(ROOT / "migrations", folder)
    with new_app("rebuilt"):
        flask_migrate.upgrade()
        ensure_standard_roles()
        create_user("Ann", roles=["admin"])
        head = db.session.scalar(text("SELECT version_num FROM alembic_version"))
        db.session.commit()
        recreate = "always" if db.engine.dialect.name == "sqlite" else "auto"
        (folder / "versions" / "rebuild.py").write_text(CHANGE.format(head=head, recreate=recreate))
        flask_migrate.upgrade(directory=str(folder))
        with db.engine.begin() as connection:
            # On SQLite the table of users was dropped; with foreign keys on, that takes the roles of all users along.
            assert connection.scalar(text("SELECT count(*) FROM user_roles")) == 1
            assert connection.execute(text("SELECT nickname FROM users")).all() == [(None,)]
