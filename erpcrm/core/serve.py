"""`flask --app app serve`: bring the database up to date, then run web server and job worker until told to stop."""

import contextvars
import errno
import gc
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import click
import flask_migrate
from alembic.migration import MigrationContext
from flask import Flask, current_app
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from sqlalchemy import text
from whitenoise import WhiteNoise
from whitenoise.compress import Compressor

from .catalogues import compile_catalogues
from .db import db, session
from .lifecycle import transaction
from .registry import registry

ROOT = Path(__file__).parents[2]
THREADS = 4
GARBAGE = 20_000
"""New objects between two looks for garbage: about ten pages. Python's 700 are less than a tenth of one."""
PATIENCE = 10
"""Seconds that requests and jobs get to finish before they are cut off. What was cut off is rolled back."""
RESTART_PAUSE = 5.0
"""Seconds between two starts of a job worker that keeps ending."""
IN_MEMORY = "/dev/shm"  # noqa: S108  the web workers' signs of life cost no disk access there
COMPRESSED = frozenset({".css", ".js", ".svg"})
DEMO_SIGN_INS = text("SELECT email FROM users WHERE email LIKE '%@demo.example' AND active ORDER BY id")
DEMO_PASSWORD = "demo-pass-1"  # noqa: S105  of the demo company only


class JobWorker:
    """The process that runs jobs: started again when it ends, ended when we do.

    It watches its parent and ends by itself when that is gone, so that even a kill -9 leaves nothing behind.
    """

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.started = 0.0

    def keep_running(self) -> None:
        """Start it when it does not run. Called about once a second."""
        if self.process is not None:
            if self.process.poll() is None or time.monotonic() - self.started < RESTART_PAUSE:
                return
            if self.process.returncode:
                click.echo("The job worker ended and is started again.", err=True)
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "app", "worker"],
            cwd=ROOT,
            env=os.environ | {"PARENT_PID": str(os.getpid())},
            # Ctrl+C reaches every process of a terminal; this one ends when we say so.
            start_new_session=True,
        )

    def ask_to_end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            with suppress(ProcessLookupError):
                self.process.terminate()

    def end(self) -> None:
        """Wait for the running job, not for ever: one that is cut off runs again after the next start."""
        if self.process is None:
            return
        self.ask_to_end()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Keeper(Arbiter):  # type: ignore[misc]
    """Gunicorn's own loop over its web workers, which looks after the job worker too."""

    def __init__(self, server: BaseApplication, *, outlives_terminal: bool) -> None:
        super().__init__(server)
        self.jobs = JobWorker()
        self.outlives_terminal = outlives_terminal

    def manage_workers(self) -> None:
        super().manage_workers()
        self.jobs.keep_running()

    def handle_hup(self) -> None:
        """The terminal was closed: end, unless started with nohup."""
        if not self.outlives_terminal:
            raise StopIteration

    def stop(self, graceful: bool = True) -> None:
        self.jobs.ask_to_end()
        super().stop(graceful)
        self.jobs.end()


class WebServer(BaseApplication):  # type: ignore[misc]
    """Gunicorn inside this process, with the application that is already loaded."""

    def __init__(self, app: Flask, address: str, when_ready: Callable[[], None]) -> None:
        self.app = app
        self.settings = {
            "bind": address,
            "worker_class": "gthread",
            "workers": int(os.environ.get("WEB_CONCURRENCY", "2")),
            "threads": THREADS,
            "preload_app": True,
            "limit_request_line": 8190,  # a rule that is being edited is asked for by address, and Chinese takes nine signs a character
            "timeout": 120,
            "graceful_timeout": PATIENCE,
            "keepalive": 30,
            "loglevel": "warning",
            "worker_tmp_dir": IN_MEMORY if os.access(IN_MEMORY, os.W_OK) else None,
            "control_socket_disable": True,
            "when_ready": lambda _server: when_ready(),
            "post_fork": lambda _server, _worker: self.begin_worker(),
        }
        super().__init__()

    def load_config(self) -> None:
        for name, value in self.settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self.app

    def begin_worker(self) -> None:
        """Two processes can't share a database connection: each web worker opens its own."""
        with self.app.app_context():
            db.engine.dispose(close=False)
        gc.set_threshold(GARBAGE, 20, 50)

    def run(self) -> None:
        # The program itself is no garbage: what is loaded by now is not looked through again and again, and stays shared
        # between the workers.
        gc.collect()
        gc.freeze()
        outlives_terminal = signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
        Keeper(self, outlives_terminal=outlives_terminal).run()


def compress_static(app: Flask) -> None:
    """Keep compressed copies beside each static file, so that it is sent without work."""
    folder = Path(app.static_folder or ROOT / "static")
    compressor = Compressor(quiet=True)
    for path in sorted(path for path in folder.rglob("*") if path.suffix in COMPRESSED):
        copies = [path.with_name(f"{path.name}{suffix}") for suffix in (".br", ".gz")]
        if any(not copy.exists() or copy.stat().st_mtime + 1 < path.stat().st_mtime for copy in copies):
            compressor.compress(str(path))
    if isinstance(app.wsgi_app, WhiteNoise):
        app.wsgi_app.add_files(str(folder), prefix="static/")


def prepare_files(app: Flask) -> None:
    """Translations and static files in the form in which they are used. Does nothing when they are up to date."""
    try:
        compile_catalogues()
        compress_static(app)
    except OSError as error:
        # The program's folder may be closed to us. Then whoever installs it does this: `make install`.
        click.echo(f"Translations or static files are not up to date: {error}", err=True)


def database_version() -> str | None:
    """The migration at which the database is; None for a new one."""
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def bring_up_to_date() -> None:
    """Run the migrations that are missing."""
    before = database_version()
    flask_migrate.upgrade()
    if (after := database_version()) != before:
        click.echo(f"The database is now at version {after}.")
    with transaction():
        for area in registry().areas:
            if area.after_upgrade is not None:
                area.after_upgrade()


def is_empty() -> bool:
    """Whether nobody ever worked with this database: there is no user yet."""
    return session.execute(text("SELECT 1 FROM users")).first() is None


def fill_with_demo(app: Flask) -> None:
    """Give an empty database the demo company, unless DEMO=0 asks for a company of one's own."""
    fill = app.extensions.get("erpcrm_demo")
    if fill is None or os.environ.get("DEMO") == "0" or not is_empty():
        return
    click.echo("Filling the empty database with a demo company (DEMO=0 starts without) ...")
    fill()


def greeting(url: str) -> str:
    """What the person who started us wants to know."""
    lines = ["", f"erpcrm runs at {url}   (Ctrl+C ends it)", ""]
    emails = list(session.scalars(DEMO_SIGN_INS))
    if emails:
        lines.append(f"Demo company: sign in with password {DEMO_PASSWORD} as")
        lines += [f"  {email}" for email in emails]
    elif is_empty():
        lines.append("The database is empty. Open the address to name your company and its first administrator.")
    return "\n".join([*lines, ""])


def is_taken(host: str, port: int) -> bool:
    """Whether somebody else listens there: asked first, for nobody wants to wait for a database to learn it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            return True
    return False


@click.command()
def prepare() -> None:
    """Compile translations and compress static files: once, where the program is installed."""
    prepare_files(current_app._get_current_object())  # type: ignore[attr-defined]


@click.command()
def serve() -> None:
    """Run the web server and the job worker, on a database that is up to date."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    host, port = os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8000"))
    if is_taken(host, port):
        raise click.ClickException(f"Port {port} is in use. Choose another one: PORT={port + 1} make run")
    prepare_files(app)
    bring_up_to_date()
    fill_with_demo(app)
    shown = "localhost" if host in ("127.0.0.1", "0.0.0.0", "::", "::1") else host  # noqa: S104  compared, not bound
    words = greeting(f"http://{shown}:{port}")
    session.remove()
    db.engine.dispose()
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    server = WebServer(app, address, lambda: click.echo(words))
    # In a context of its own, so that no web worker inherits the application context of this command.
    contextvars.Context().run(server.run)
