"""Runs migrations on the application's own engine: all of them in one transaction, one server at a time."""

import warnings
from collections.abc import Iterator
from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.operations.ops import CreateForeignKeyOp, CreateTableOp, MigrateOperation, MigrationScript, ModifyTableOps
from flask import current_app
from sqlalchemy.engine import Connection
from sqlalchemy.schema import SchemaItem

from erpcrm.core.exact import Exact

NO_NEWS = (
    "Skipped unsupported reflection of expression-based index",
    "autogenerate skipping metadata-specified expression-based index",
    "Cannot correctly sort tables",
)
"""What SQLAlchemy warns of and tests look after: SQLite can't tell of such indexes, users and teams form a circle."""

ONE_AT_A_TIME = 0x65727063  # any number that nothing else in this database locks


def render_item(kind: str, item: Any, autogen_context: AutogenContext) -> str | Literal[False]:
    """Write our column types as what they are in the database: a migration must not change when the code does."""
    if kind != "type":
        return False
    if isinstance(item, Exact):
        return f'sa.Numeric(19, {item.places}).with_variant(sa.BigInteger(), "sqlite")'
    if isinstance(item, sa.types.TypeDecorator) and type(item).__module__.startswith("erpcrm."):
        return f"sa.{item.impl_instance!r}"
    return False


def finish(_migration: Any, _revision: Any, directives: list[MigrationScript]) -> None:
    """No file when nothing changed; foreign keys that point at tables made later come after all tables."""
    if not getattr(context.config.cmd_opts, "autogenerate", False):
        return
    script = directives[0]
    upgrade, downgrade = script.upgrade_ops, script.downgrade_ops
    if upgrade is None or downgrade is None or upgrade.is_empty():
        directives.clear()
        return
    for operation in upgrade.ops:
        if isinstance(operation, CreateTableOp):
            operation.info = {}  # what our code notes at a table is no business of the database
    late = list(late_foreign_keys([operation for operation in upgrade.ops if isinstance(operation, CreateTableOp)]))
    if late:
        upgrade.ops.extend(late)
        upgrade.reverse_into(downgrade)


def late_foreign_keys(tables: list[CreateTableOp]) -> Iterator[ModifyTableOps]:
    """Take out of `tables` the keys that can't be made at once: users belong to teams and teams have managers."""
    coming = {table.table_name for table in tables}
    for table in tables:
        coming.discard(table.table_name)
        at_once: list[SchemaItem] = []
        late: list[MigrateOperation] = []
        for part in table.columns:
            if isinstance(part, sa.ForeignKeyConstraint) and part.referred_table.name in coming:
                late.append(CreateForeignKeyOp.from_constraint(part))
            else:
                at_once.append(part)
        if late:
            table.columns = at_once
            yield ModifyTableOps(table.table_name, late)


def full_text_tables(connection: Connection) -> set[str]:
    """SQLite's full-text tables. Each keeps its content in more tables, whose names begin with its own."""
    if connection.dialect.name != "sqlite":
        return set()
    query = "SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%'"
    found = set(connection.scalars(sa.text(query)))
    connection.rollback()  # or Alembic would take the transaction that this has begun for one of its caller's
    return found


def is_ours(item: Any, name: str | None, kind: str, in_database: bool, model: Any) -> bool:
    """Leave alone the index that PostgreSQL searches text with: the search area makes it where it makes its table."""
    return not (
        kind == "index" and in_database and model is None and item.dialect_options["postgresql"].get("using") == "gin"
    )


def upgrade_with(connection: Connection) -> None:
    extension = current_app.extensions["migrate"]
    unspoken = full_text_tables(connection)

    def is_table_of_ours(name: str | None, kind: str, _parents: Any) -> bool:
        return kind != "table" or not any(f"{name}_".startswith(f"{table}_") for table in unspoken)

    context.configure(
        connection=connection,
        include_name=is_table_of_ours,
        include_object=is_ours,
        target_metadata=extension.db.metadata,
        render_item=render_item,
        transactional_ddl=True,
        **{"process_revision_directives": finish} | extension.configure_args,
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(ONE_AT_A_TIME)))
        context.run_migrations()
        if connection.dialect.name == "sqlite" and (
            broken := connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        ):
            raise RuntimeError(f"a migration left a row that points at nothing: {tuple(broken)}")


def run() -> None:
    for words in NO_NEWS:
        warnings.filterwarnings("ignore", words)
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect() as connection:
        if engine.dialect.name != "sqlite":
            upgrade_with(connection)
            return
        # SQLite changes a table by building it anew and dropping the old one. With foreign keys on, the drop would
        # delete every row that depends on it. The switch has no effect inside a transaction, so it comes first.
        driver = connection.connection.dbapi_connection
        driver.execute("PRAGMA foreign_keys=OFF")
        try:
            upgrade_with(connection)
        finally:
            connection.rollback()
            driver.execute("PRAGMA foreign_keys=ON")


if context.is_offline_mode():
    raise SystemExit("Migrations read the database, so they can't be written out as a script.")
with warnings.catch_warnings():
    run()
