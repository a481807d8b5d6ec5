"""The servers that are measured: erpcrm as `make run` starts it, on two databases, and the bare program."""

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import create_engine, make_url, text

from erpcrm.core.config import database_url
from erpcrm.core.serve import IN_MEMORY
from tests import postgres, server

from .browser import Browser

WORKERS, THREADS = 2, 4
PASSWORD = "demo-pass-1"
COUNTED = (
    "customers", "contacts", "opportunities", "activities", "products", "sales_orders", "sales_order_lines", "stock_moves",
    "invoices", "receivable_items", "entry_lines",
)  # fmt: skip
"""Tables whose rows the report tells"""


@dataclass
class Site:
    """A running server with its database."""

    name: str
    scale: float
    port: int
    database: str
    started_in: float
    process: Any
    counts: dict[str, int]
    browser: Browser = field(init=False)

    def rows(self, query: str, **values: Any) -> list[Any]:
        """What the generator wants to know of the database before it begins."""
        engine = create_engine(self.database)
        try:
            with engine.connect() as connection:
                return list(connection.execute(text(query), values))
        finally:
            engine.dispose()

    def count(self) -> None:
        self.counts = {table: self.rows(f"SELECT count(*) FROM {table}")[0][0] for table in COUNTED}

    def web_workers(self) -> list[psutil.Process]:
        """The processes that answer requests."""
        return [child for child in psutil.Process(self.process.pid).children() if "worker" not in child.cmdline()]

    def memory(self) -> list[tuple[str, int]]:
        """(what it is, resident bytes) of each process."""
        main = psutil.Process(self.process.pid)
        found = [("start and supervision", main.memory_info().rss)]
        for child in main.children(recursive=True):
            kind = "job worker" if "worker" in child.cmdline() else "web worker"
            found.append((kind, child.memory_info().rss))
        return found


@contextmanager
def filled_databases(folder: Path, scales: dict[str, float], say: Callable[[str], Any]) -> Iterator[dict[str, str]]:
    """{name: URL} of databases of so much each. Those in a folder that is kept are filled once and copied."""
    given = database_url(os.environ.get("DATABASE_URL", ""))
    with ExitStack() as stack:
        found = {}
        for name, scale in scales.items():
            if given.startswith("postgresql"):
                address = stack.enter_context(postgres.new_database(make_url(given), f"erpcrm_bench_{name}"))
                found[name] = address.render_as_string(hide_password=False)
                _fill(found[name], folder, scale, say)
                continue
            kept, used = folder / f"company-{scale:g}.db", folder / f"{name}.db"
            if not kept.exists():
                _fill(f"sqlite:///{folder / 'filling.db'}", folder, scale, say)
                _in_one_file(folder / "filling.db").rename(kept)
            for leftover in folder.glob(f"{name}.db*"):
                leftover.unlink()
            shutil.copyfile(kept, used)
            found[name] = f"sqlite:///{used}"
        yield found


def _in_one_file(database: Path) -> Path:
    """What its last writer has left in the log is in the database afterwards."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return database


def _fill(url: str, folder: Path, scale: float, say: Callable[[str], Any]) -> None:
    """In a process of its own, whose memory is then free again."""
    say(f"Filling a database at {scale:g} of full size ...")
    began = time.monotonic()
    environment = os.environ | {"DATABASE_URL": url, "SCALE": str(scale), "FILES_FOLDER": str(folder / "files")}
    subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.filling"],
        cwd=server.ROOT,
        env=environment | {"SECRET_KEY": "bench"},
        check=True,
    )
    say(f"  filled in {time.monotonic() - began:.0f} s")


@contextmanager
def site(name: str, scale: float, url: str, folder: Path, email: str) -> Iterator[Site]:
    """erpcrm, started for the second time on this database: the first start has brought it up to date."""
    port = server.free_port()
    began = time.monotonic()
    own = folder / f"{name}-files"
    own.mkdir(exist_ok=True)
    environment = {
        "DATABASE_URL": url, "WEB_CONCURRENCY": str(WORKERS), "FILES_FOLDER": str(own / "files"), "DEMO": "0",
        "SECRET_KEY": "bench", "PYTHONWARNINGS": "ignore",
    }  # fmt: skip
    running = server.start(own, port, environment)
    try:
        running.wait_until_it_answers()
        took = time.monotonic() - began
        found = Site(name, scale, port, url, took, running.process, {})
        found.count()
        found.browser = Browser(port).sign_in(email, PASSWORD)
        yield found
    finally:
        _end(running.process)


@contextmanager
def bare_site(url: str) -> Iterator[tuple[int, list[psutil.Process]]]:
    """The bare program with the same server settings; its port and its processes."""
    port = server.free_port()
    command = [
        sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", str(WORKERS), "--threads", str(THREADS),
        "--worker-class", "gthread", "--keep-alive", "30", *(["--worker-tmp-dir", IN_MEMORY] if Path(IN_MEMORY).exists() else []),
        "--log-level", "warning", "tests.benchmarks.bare:app",
    ]  # fmt: skip
    environment = os.environ | {"DATABASE_URL": url, "PYTHONWARNINGS": "ignore"}
    process = subprocess.Popen(command, cwd=server.ROOT, env=environment)
    try:
        for _try in range(200):
            try:
                Browser(port).page("/bare")
                break
            except OSError:
                time.sleep(0.1)
        yield port, psutil.Process(process.pid).children()
    finally:
        _end(process)


def _end(process: Any) -> None:
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
