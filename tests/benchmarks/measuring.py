"""Taking the times. Sites and scenarios take turns, so that whatever else the machine does hits all alike."""

import itertools
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import psutil

from .browser import Browser
from .scenarios import BUSY, Act


@dataclass
class Times:
    """Of one scenario on one site: seconds of each answer, by number of users, and how long each round took."""

    answers: dict[int, list[float]] = field(default_factory=dict)
    elapsed: dict[int, float] = field(default_factory=dict)
    size: int = 0
    """Bytes of one answer, as sent"""
    busy: int = 0
    """Answers that said to try again in a moment"""
    cpu: float = 0.0
    """Seconds that the server's processes worked for all answers: what else the machine does has no part in it"""

    def add(self, users: int, seconds: Sequence[float], elapsed: float) -> None:
        self.answers.setdefault(users, []).extend(seconds)
        self.elapsed[users] = self.elapsed.get(users, 0.0) + elapsed

    def median(self, users: int) -> float:
        return statistics.median(self.answers[users])

    def p95(self, users: int) -> float:
        return (
            statistics.quantiles(self.answers[users], n=20)[-1] if len(self.answers[users]) > 1 else self.median(users)
        )

    def work(self) -> float:
        """Seconds of the server's work an answer."""
        return self.cpu / sum(map(len, self.answers.values()))

    def rate(self, users: int) -> float:
        return len(self.answers[users]) / self.elapsed[users]


@dataclass
class Runner:
    """One scenario on one site, ready to be acted."""

    act: Act
    browser: Browser
    servers: Sequence[psutil.Process]
    """The processes that answer"""
    times: Times = field(default_factory=Times)
    number: Any = field(default_factory=itertools.count)

    def _worked(self) -> float:
        return sum(sum(server.cpu_times()[:2]) for server in self.servers)

    def once(self, users: int, each: int) -> None:
        """`users` at once, each acting `each` times on a connection of their own."""
        browsers = [self.browser] if users == 1 else [self.browser.twin() for _user in range(users)]
        results: list[list[float]] = [[] for _browser in browsers]
        problems: list[BaseException] = []
        ready = threading.Barrier(users + 1)

        def work(browser: Browser, seconds: list[float]) -> None:
            try:
                browser.connection.connect() if browser.connection.sock is None else None
                ready.wait()
                for _time in range(each):
                    answer = self.act(browser, next(self.number))
                    seconds.append(answer.seconds)
                    if answer.status == BUSY:
                        self.times.busy += 1
                    else:
                        self.times.size = len(answer.body)
            except BaseException as problem:  # handed to the thread that asked
                problems.append(problem)
                ready.abort()

        threads = [threading.Thread(target=work, args=pair) for pair in zip(browsers, results, strict=True)]
        for thread in threads:
            thread.start()
        try:
            ready.wait()
        except threading.BrokenBarrierError:
            pass
        began, worked = time.perf_counter(), self._worked()
        for thread in threads:
            thread.join()
        elapsed = time.perf_counter() - began
        self.times.cpu += self._worked() - worked
        if users > 1:
            for browser in browsers:
                browser.connection.close()
        if problems:
            raise problems[0]
        self.times.add(users, list(itertools.chain(*results)), elapsed)


def measure(
    runners: Sequence[Runner], rare: Sequence[Runner], rounds: int, say: Callable[[str], Any], many: int = 8
) -> None:
    """Every runner in every round: alone, then by `many` users at once."""
    for runner in runners:  # each of the eight threads opens its database connection and fills its caches
        runner.once(many, 3)
        runner.once(1, 2)
        runner.times.answers.clear()
        runner.times.elapsed.clear()
        runner.times.cpu = 0.0
    for number in range(1, rounds + 1):
        # Every other round the other way round: nobody always comes after the same neighbour.
        turn = runners if number % 2 else runners[::-1]
        for runner in turn:
            runner.once(1, 10)
        for runner in turn:
            runner.once(many, 4)
        say(f"  round {number} of {rounds}")
    for _time in range(3):
        for runner in rare:
            runner.once(1, 1)
