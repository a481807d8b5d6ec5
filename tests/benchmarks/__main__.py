"""make bench: fill, start, measure, write docs/benchmarks.md.

SCALE=0.1 for a tenth; ROUNDS=10; FOLDER=... keeps the filled databases for the next run; DATABASE_URL=postgresql://...
measures on that server, in two databases of its own; REPORT=... writes somewhere else.
"""

import os
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from tests.server import ROOT

from .browser import Browser
from .importing import import_rows
from .measuring import Runner, measure
from .report import Results, write
from .scenarios import SCENARIOS
from .sites import bare_site, filled_databases, site
from .traced import trace
from .visits import moved

USER = "admin@demo.example"


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> None:
    scale, rounds = float(os.environ.get("SCALE", "1")), int(os.environ.get("ROUNDS", "10"))
    target = Path(os.environ.get("REPORT") or ROOT / "docs" / "benchmarks.md")
    began = time.monotonic()
    with ExitStack() as stack:
        folder = Path(
            os.environ.get("FOLDER") or stack.enter_context(tempfile.TemporaryDirectory(prefix="erpcrm-bench-"))
        )
        folder.mkdir(parents=True, exist_ok=True)
        scales = {"tenth": scale / 10, "full": scale}
        databases = stack.enter_context(filled_databases(folder, scales, say))
        filled = time.monotonic() - began
        say("Starting the servers ...")
        sites = [stack.enter_context(site(name, scales[name], url, folder, USER)) for name, url in databases.items()]
        port, bare_workers = stack.enter_context(bare_site(databases["full"]))
        last = sites[-1].counts["customers"]
        bare = {
            "bare": Runner(lambda browser, _number: browser.page("/bare"), Browser(port), bare_workers),
            "one query": Runner(
                lambda browser, number: browser.page(f"/one-query/{last - number * 7919 % (last - 50)}"),
                Browser(port),
                bare_workers,
            ),
        }
        results = Results(scale, rounds, databases["full"], sites)
        results.bare = {name: runner.times for name, runner in bare.items()}
        often = list(bare.values())
        rare: list[Runner] = []
        for scenario in SCENARIOS:
            for one in sites:
                runner = Runner(scenario.make(one), one.browser.twin(), one.web_workers())
                results.times[scenario.name, one.name] = runner.times
                (rare if scenario.rare else often).append(runner)
        say("Measuring ...")
        measure(often, rare, rounds, say)
        for one in sites:
            say(f"Counting statements ({one.name}) ...")
            results.traced[one.name] = trace(one, USER)
        results.bytes = moved(sites[-1])
        for one in sites:
            say(f"Importing 10,000 rows ({one.name}) ...")
            results.imports[one.name] = import_rows(one)
        results.memory = sites[-1].memory()
        results.fill_seconds, results.seconds = filled, time.monotonic() - began
        text = write(results)
    target.write_text(text)
    say(text)


if __name__ == "__main__":
    main()
