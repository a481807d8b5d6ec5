"""Starting and ending: nothing is left behind, however it ends."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from tests.server import ROOT, Server, running

EMPTY = {"DEMO": "0"}


def job_worker(server: Server, other_than: int = 0) -> psutil.Process:
    """The process that runs jobs; it may take a moment to start."""
    return eventually(
        lambda: next((p for p in server.family() if "worker" in p.cmdline() and p.pid != other_than), None)
    )


def eventually(look: Callable[[], psutil.Process | None]) -> psutil.Process:
    for _ in range(200):
        if (found := look()) is not None:
            return found
        psutil.wait_procs([psutil.Process()], timeout=0.1)
    raise AssertionError("it never came")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("server"), EMPTY) as server:
        yield server


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGHUP])
def test_ctrl_c_and_a_closed_terminal_end_everything(tmp_path: Path, sent: signal.Signals) -> None:
    with running(tmp_path, EMPTY) as server:
        family = [*server.family(), job_worker(server)]
        server.process.send_signal(sent)
        assert server.process.wait(20) == 0
        assert psutil.wait_procs(family, timeout=5)[1] == []


def test_a_killed_server_leaves_no_process_behind(tmp_path: Path) -> None:
    with running(tmp_path, EMPTY) as server:
        family = [*server.family(), job_worker(server)]
        server.process.kill()
        server.process.wait(5)
        assert psutil.wait_procs(family, timeout=20)[1] == []


def test_a_job_worker_that_dies_is_started_again(server: Server) -> None:
    first = job_worker(server)
    first.kill()
    assert job_worker(server, other_than=first.pid).is_running()


def test_a_taken_port_is_named_before_anything_is_touched(tmp_path: Path) -> None:
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        database = tmp_path / "erpcrm.db"
        tried = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "app", "serve"],
            cwd=ROOT,
            env=os.environ | {"PORT": str(port), "DATABASE_URL": f"sqlite:///{database}"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert tried.returncode == 1
    assert f"Port {port} is in use" in tried.stderr
    assert not database.exists()


def test_an_empty_database_gets_the_demo_company_once(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        assert "Filling the empty database" in server.said()
        assert "seller@demo.example" in server.said()
    (tmp_path / "log").unlink()
    with running(tmp_path) as server:
        assert "Filling" not in server.said()
        assert "seller@demo.example" in server.said()


def test_without_the_demo_the_database_stays_empty(server: Server) -> None:
    assert "demo.example" not in server.said()
    assert "The database is empty" in server.said()
