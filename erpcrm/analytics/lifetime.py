"""How often customers will buy again, whether they still buy at all, and for how much. No database.

BG/NBD: P. S. Fader, B. G. S. Hardie, K. L. Lee (2005), "Counting your customers" the easy way, Marketing Science 24(2), in the
form of their note of 2013 that does not overflow. Gamma-Gamma: P. S. Fader, B. G. S. Hardie (2013), The Gamma-Gamma model of
monetary value.

A customer is (x, t_x, T): how often it came back, when it came last and until when it was watched, in weeks since its first
purchase. Customers with equal figures are counted together, so that a hundred thousand are fitted in seconds.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import exp, inf, lgamma, log, log1p
from typing import Generic, NamedTuple, TypeVar

from .fitting import Point, digamma, highest, hyp2f1

M = TypeVar("M")
YEAR = 365.25 / 7
"""Weeks"""
NEAR_ONE = 1e-5


class History(NamedTuple):
    """What one customer has done: repeat purchases, weeks from the first to the last, weeks from the first until today."""

    repeats: int
    last: float
    watched: float


@dataclass(frozen=True)
class Frequency:
    """The parameters of a BG/NBD model. While a customer is alive it buys at a rate that is gamma distributed over all
    customers (shape `r`, rate `alpha` in weeks); after each purchase it stops with a probability that is beta distributed (`a`, `b`)."""

    r: float
    alpha: float
    a: float
    b: float

    def _gone(self, known: History) -> float:
        """The odds that the customer has stopped, against that it goes on."""
        x, last, watched = known
        if not x:
            return 0.0
        odds = log(self.a / (self.b + x - 1)) + (self.r + x) * log((self.alpha + watched) / (self.alpha + last))
        return exp(odds) if odds < 700 else inf

    def alive(self, known: History) -> float:
        """The probability that the customer still buys (it is 1 for whoever has bought once only: the model stops after a
        purchase, and a first purchase has not been observed to be one)."""
        return 1 / (1 + self._gone(known))

    def expected(self, known: History, weeks: float) -> float:
        """How often the customer will buy in so many weeks from now (equation 10 of the paper, by Euler's transformation)."""
        a = self.a if abs(self.a - 1) >= NEAR_ONE else 1 + NEAR_ONE
        r, alpha, b, (x, _last, watched) = self.r, self.alpha, self.b, known
        z = weeks / (alpha + watched + weeks)
        inner = hyp2f1(a + b - 1 - r, a - 1, a + b + x - 1, z) * (1 - z) ** (a - 1)
        return max(0.0, (a + b + x - 1) / (a - 1) * (1 - inner) / (1 + self._gone(known)))


@dataclass(frozen=True)
class Spend:
    """The parameters of a Gamma-Gamma model: what a customer spends varies around an average of its own (shape `p`), and the
    averages vary over the customers (shape `q`, rate `gamma`)."""

    p: float
    q: float
    gamma: float

    def expected(self, purchases: int, average: float) -> float:
        """The average purchase to expect of a customer, from so many and their average. It lies between the customer's own
        average and that of all, nearer to its own the more purchases there were."""
        return self.p * (self.gamma + average * purchases) / (self.p * purchases + self.q - 1)

    @property
    def of_all(self) -> float:
        return self.p * self.gamma / (self.q - 1) if self.q > 1 else inf


@dataclass(frozen=True)
class Fitted(Generic[M]):
    """A model, how likely it makes what was seen (natural logarithm), and whether it is a clear top."""

    model: M
    log_likelihood: float
    clear: bool


def grouped(customers: Iterable[History]) -> Counter[History]:
    return Counter(customers)


def fit_frequency(customers: Mapping[History, int]) -> Fitted[Frequency]:
    """The BG/NBD model under which these customers ({history: how many}) are likeliest."""
    slope = _Slope(customers)
    point, value, clear = highest(slope.at, (0.5, max(1.0, slope.mean / 4), 0.7, 2.0))
    return Fitted(Frequency(*point), value, clear)


class _Slope:
    """The log-likelihood of a BG/NBD model and its derivatives.

    What depends on x, T or t_x alone is computed once for each value of it; only the mixture is left for each group.
    """

    def __init__(self, customers: Mapping[History, int]) -> None:
        self.by_repeats: dict[int, int] = defaultdict(int)
        self.by_watched: dict[float, tuple[int, int]] = {}
        """{T: (customers, repeat purchases of them)}"""
        groups: dict[int, list[tuple[float, float, int]]] = defaultdict(list)
        for (x, last, watched), many in customers.items():
            self.by_repeats[x] += many
            count, repeats = self.by_watched.get(watched, (0, 0))
            self.by_watched[watched] = (count + many, repeats + many * x)
            if x:
                groups[x].append((last, watched, many))
        self.groups = dict(groups)
        self.moments = sorted({one for rows in groups.values() for last, watched, _ in rows for one in (last, watched)})
        total = sum(self.by_repeats.values())
        self.mean = sum(watched * count for watched, (count, _) in self.by_watched.items()) / max(1, total)

    def at(self, point: Point) -> tuple[float, Point]:
        r, alpha, a, b = point
        value = by_r = by_alpha = by_a = by_b = 0.0
        at_r, at_b, at_ab = digamma(r), digamma(b), digamma(a + b)
        constant = r * log(alpha) - lgamma(r) + lgamma(a + b) - lgamma(b)
        for x, many in self.by_repeats.items():
            value += many * (constant + lgamma(r + x) + lgamma(b + x) - lgamma(a + b + x))
            beyond = at_ab - digamma(a + b + x)
            by_r += many * (digamma(r + x) - at_r + log(alpha))
            by_a += many * beyond
            by_b += many * (digamma(b + x) - at_b + beyond)
            by_alpha += many * r / alpha
        for watched, (many, repeats) in self.by_watched.items():
            ends = log(alpha + watched)
            value -= (many * r + repeats) * ends
            by_r -= many * ends
            by_alpha -= (many * r + repeats) / (alpha + watched)
        logs = {moment: log(alpha + moment) for moment in self.moments}
        for x, rows in self.groups.items():
            power, base, gone_all = r + x, log(a / (b + x - 1)), 0.0
            for last, watched, many in rows:
                gap = logs[watched] - logs[last]
                odds = base + power * gap
                if odds > 30:
                    value += many * odds
                    gone = float(many)
                else:
                    grown = exp(odds)
                    value += many * log1p(grown)
                    gone = many * grown / (1 + grown)
                gone_all += gone
                by_r += gone * gap
                by_alpha += gone * power * (1 / (alpha + watched) - 1 / (alpha + last))
            by_a += gone_all / a
            by_b -= gone_all / (b + x - 1)
        return value, (by_r, by_alpha, by_a, by_b)


def fit_spend(customers: Iterable[tuple[int, float]]) -> Fitted[Spend]:
    """The Gamma-Gamma model under which these customers are likeliest: (purchases, their average above zero) of each."""
    rows = [(purchases, average, log(average)) for purchases, average in customers]
    by_count = Counter(purchases for purchases, _average, _log in rows)
    mean = sum(average for _purchases, average, _log in rows) / len(rows)
    of_logs = sum(part for _purchases, _average, part in rows)
    weighted_logs = sum(purchases * part for purchases, _average, part in rows)

    def slope(point: Point) -> tuple[float, Point]:
        # In units of the mean, so that the search does not depend on the currency.
        p, q, gamma = point
        value = by_p = by_q = by_gamma = 0.0
        at_q = digamma(q)
        for x, many in by_count.items():
            value += many * (lgamma(p * x + q) - lgamma(p * x) - lgamma(q) + q * log(gamma) + p * x * log(x))
            both = digamma(p * x + q)
            by_p += many * x * (both - digamma(p * x) + log(x))
            by_q += many * (both - at_q + log(gamma))
            by_gamma += many * q / gamma
        scale = log(mean)
        value += p * (weighted_logs - scale * sum(x * many for x, many in by_count.items())) - of_logs
        by_p += weighted_logs - scale * sum(x * many for x, many in by_count.items())
        for x, average, _part in rows:
            inside = gamma + x * average / mean
            shape, size = p * x + q, log(inside)
            value -= shape * size
            by_p -= x * size
            by_q -= size
            by_gamma -= shape / inside
        return value, (by_p, by_q, by_gamma)

    (p, q, gamma), value, clear = highest(slope, (2.0, 3.0, 1.0))
    return Fitted(Spend(p, q, gamma * mean), value, clear and q > 1)
