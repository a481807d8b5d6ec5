"""docs/benchmarks.md: the figures of one run, and which of them are not what was wanted."""

import os
import platform
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psutil

from .measuring import Times
from .scenarios import SCENARIOS, Scenario
from .sites import Site

GROWTH = 1.3
FIRST_VISIT, LATER_PAGE = 200_000, 25_000
MEMORY = 250 * 1024 * 1024
NOTES = Path(__file__).with_name("notes.md")
"""What was found by looking closer, by hand: the end of the page."""


@dataclass
class Results:
    scale: float
    rounds: int
    database: str
    sites: Sequence[Site]
    times: dict[tuple[str, str], Times] = field(default_factory=dict)
    bare: dict[str, Times] = field(default_factory=dict)
    traced: dict[str, dict[str, list[int]]] = field(default_factory=dict)
    """{site: {scenario: [statements, commits]}}"""
    bytes: dict[str, int] = field(default_factory=dict)
    imports: dict[str, dict[str, float]] = field(default_factory=dict)
    memory: list[tuple[str, int]] = field(default_factory=list)
    fill_seconds: float = 0.0
    seconds: float = 0.0

    def multiple(self, scenario: Scenario, users: int) -> float:
        return self.times[scenario.name, "full"].median(users) / self.bare["one query"].median(users)

    def work(self, scenario: Scenario) -> float:
        """The same by what the server's processes work for one answer."""
        return self.times[scenario.name, "full"].work() / self.bare["one query"].work()

    def growth(self, scenario: Scenario, users: int = 1) -> float:
        return self.times[scenario.name, "full"].median(users) / self.times[scenario.name, "tenth"].median(users)


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    right = "|".join([":--", *("--:" for _head in heads[1:])])
    lines = [f"| {' | '.join(heads)} |", f"|{right}|", *(f"| {' | '.join(row)} |" for row in rows)]
    return "\n".join(lines)


def ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f}" if seconds < 1 else f"{seconds * 1000:,.0f}"


def figures(times: Times, users: int) -> list[str]:
    return [ms(times.median(users)), ms(times.p95(users)), f"{times.rate(users):,.0f}"]


def write(results: Results) -> str:
    parts = [_head(results), _speed(results), _targets(results), _asked(results), _rest(results)]
    if NOTES.exists():
        parts.append(NOTES.read_text().strip())
    return "\n\n".join(parts) + "\n"


def _head(results: Results) -> str:
    full, tenth = results.sites[-1].counts, results.sites[0].counts
    names = ("Flask", "SQLAlchemy", "Jinja2", "gunicorn")
    database = "PostgreSQL" if results.database.startswith("postgresql") else f"SQLite {sqlite3.sqlite_version}"
    versions = ", ".join(
        [f"Python {platform.python_version()}", database, *(f"{name} {version(name)}" for name in names)]
    )
    memory = psutil.virtual_memory().total / 1024**3
    rows = [[name, f"{full[name]:,}", f"{tenth[name]:,}"] for name in full]
    filled = results.fill_seconds / 60
    filling = f"{filled:.1f} of them to fill" if filled > 0.5 else "with databases that were kept from a run before"
    return f"""# Benchmarks

Written by `make bench`{"" if results.scale == 1 else f" with SCALE={results.scale:g}"}, which fills a database of its own, \
starts the server as `make run` does, and measures it from outside over kept-alive connections. It took \
{results.seconds / 60:.0f} minutes, {filling}.

- Date: {datetime.now(UTC).date().isoformat()}
- Machine: {_processor()}, {os.cpu_count()} cores (shared by server, load generator and whatever else runs), {memory:.0f} GiB
- Versions: {versions}
- Server: gunicorn, 2 processes of 4 threads, and the job worker; the bare pages likewise. The user is an administrator, \
who sees everything.

{table(["Rows", "all", "a tenth"], rows)}"""


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


def _speed(results: Results) -> str:
    heads = ["", "median ms", "p95 ms", "a second", "median ms, 8 users", "p95 ms", "a second", "CPU ms", "KB"]
    rows = [
        [f"Bare page: {name}", *figures(times, 1), *figures(times, 8), ms(times.work()), f"{times.size / 1000:.1f}"]
        for name, times in results.bare.items()
    ]
    for scenario in SCENARIOS:
        times = results.times[scenario.name, "full"]
        many = ["", "", ""] if scenario.rare else figures(times, 8)
        rows.append([scenario.name, *figures(times, 1), *many, ms(times.work()), f"{times.size / 1000:.1f}"])
    busy = sum(times.busy for times in results.times.values())
    told = f"\n\n{busy} answers asked the user to try again in a moment." if busy else ""
    return f"## Speed, with all of the data\n\n{table(heads, rows)}{told}"


def _targets(results: Results) -> str:
    heads = ["", "x one-query page", "8 users", "by CPU", "wanted", "reached", "growth from a tenth", "< 1.3"]
    rows = []
    for scenario in SCENARIOS:
        growth = results.growth(scenario)
        many = "" if scenario.rare else f"{results.multiple(scenario, 8):.1f}"
        wanted = f"{scenario.target:g}" if scenario.target else ""
        reached = "" if scenario.target is None else _yes(results.multiple(scenario, 1) <= scenario.target)
        rows.append([
            scenario.name, f"{results.multiple(scenario, 1):.1f}", many, f"{results.work(scenario):.1f}", wanted, reached,
            f"{growth:.2f}", _yes(growth < GROWTH),
        ])  # fmt: skip
    return f"""## Against the one-query page, and against a tenth of the data

Medians with one user, and by the processor time of the server's processes, which other programs on the machine disturb less.

{table(heads, rows)}"""


def _asked(results: Results) -> str:
    """Writes commit once, and ask no more because there is more."""
    heads = ["", "statements, a tenth", "all", "flat", "commits, a tenth", "all", "as wanted"]
    rows = []
    for scenario in SCENARIOS:
        (few, once), (many, commits) = (results.traced[name][scenario.name] for name in ("tenth", "full"))
        rows.append([
            scenario.name, str(few), str(many), "" if scenario.reads else _yes(many <= few), str(once), str(commits),
            _yes(commits == once == 1),
        ])  # fmt: skip
    return f"""## What is asked of the database

Statements and commits of one act, counted in one process. A read is one transaction, too, which can write nothing; what it asks
depends on what there is to show of the record.

{table(heads, rows)}"""


def _yes(reached: bool) -> str:
    return "yes" if reached else "**no**"


def _rest(results: Results) -> str:
    return "\n\n".join(_sections(results))


def _sections(results: Results) -> Iterator[str]:
    legs = list(next(iter(results.imports.values())))
    rows = [[leg, *(f"{results.imports[one.name][leg]:.1f}" for one in results.sites)] for leg in legs]
    yield f"## Import of 10,000 customers, in seconds\n\n{table(['', 'a tenth of the data', 'all'], rows)}"
    sizes = []
    for label, size in results.bytes.items():
        most = FIRST_VISIT if "nothing cached" in label else LATER_PAGE
        sizes.append([label, f"{size / 1000:.1f}", f"{most // 1000}", _yes(size < most)])
    yield f"## Bytes moved\n\n{table(['', 'KB', 'wanted below', 'reached'], sizes)}"
    used = [[kind, f"{size / 1024**2:.0f}", "250", _yes(size < MEMORY)] for kind, size in results.memory]
    yield f"## Memory after the run\n\n{table(['process', 'MB resident', 'wanted below', 'reached'], used)}"
    starts = ", ".join(f"{one.started_in:.1f} s with {one.counts['customers']:,} customers" for one in results.sites)
    yield f"A later start, until the first answer: {starts}."
