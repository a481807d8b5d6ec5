"""erpcrm as users start it, in a process and a folder of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError

import psutil

ROOT = Path(__file__).parents[1]
STARTING = 120.0
"""Seconds that a first start may take on a busy machine: it migrates and fills the demo company."""


@dataclass
class Server:
    """A running `flask serve`."""

    process: subprocess.Popen[bytes]
    url: str
    database: Path
    log: Path

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def family(self) -> list[psutil.Process]:
        """Its web workers and its job worker."""
        return list(psutil.Process(self.process.pid).children(recursive=True))

    def wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + STARTING
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=5):
                    return
            except (URLError, OSError):
                time.sleep(0.1)
        raise AssertionError(f"the server did not start:\n{self.said()}")


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(folder: Path, port: int, environment: dict[str, str]) -> Server:
    database, log = folder / "erpcrm.db", folder / "log"
    given = {
        "PORT": str(port),
        "DATABASE_URL": f"sqlite:///{database}",
        "FILES_FOLDER": str(folder / "files"),
        "SECRET_KEY": "tests only",
        "WEB_CONCURRENCY": "1",
    }
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "app", "serve"],
            cwd=ROOT,
            env=os.environ | given | environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Server(process, f"http://localhost:{port}", database, log)


@contextmanager
def running(folder: Path, environment: dict[str, str] | None = None) -> Iterator[Server]:
    """A server that answers; in the end it and all that it started are gone."""
    server = start(folder, free_port(), environment or {})
    family: list[psutil.Process] = []
    try:
        server.wait_until_it_answers()
        yield server
    finally:
        if server.process.poll() is None:
            family = server.family()
            server.process.send_signal(signal.SIGTERM)
            assert server.process.wait(30) == 0, server.said()
        for process in psutil.wait_procs(family, timeout=10)[1]:
            process.kill()
