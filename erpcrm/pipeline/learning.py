"""How likely a deal is to be won, learned from those that ended: naive Bayes with Laplace's smoothing. Pure arithmetic.

The odds of winning are multiplied by one factor for each fact that is known: how much more often it was true of deals that
were won than of those that were lost. Logarithms make a sum of it, so that each fact has its share. A fact that nobody
entered says nothing. (Domingos and Pazzani, On the Optimality of the Simple Bayesian Classifier, 1997; smoothing: Laplace's
rule of succession.)

Stage, age and number of activities only grow while a deal is open. Of them the question is how many of the deals came at
least as far: a young deal is not yet an old one, and what it will grow to is not known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log
from typing import Any

SMOOTHING = 1.0
ENOUGH = 30
"""So many won and so many lost deals it takes to learn anything"""
BANDS = 10
TELLING = 0.005
"""What moves the odds by less than half a percent speaks neither for a deal nor against it."""


@dataclass(frozen=True)
class Seen:
    """Of how many won and lost deals something was true; `of_won`, `of_lost`: among how many it was known."""

    won: int
    lost: int
    of_won: int
    of_lost: int
    kinds: int = 2
    """How many values the fact has"""

    @property
    def weight(self) -> float:
        """What it adds to the logarithm of the odds."""
        return log((self.won + SMOOTHING) / (self.of_won + SMOOTHING * self.kinds)) - log(
            (self.lost + SMOOTHING) / (self.of_lost + SMOOTHING * self.kinds)
        )


@dataclass(frozen=True)
class Term:
    """What one fact of a deal says."""

    fact: str
    value: str
    seen: Seen

    @property
    def weight(self) -> float:
        return self.seen.weight


@dataclass(frozen=True)
class Prediction:
    """`base` is the logarithm of the odds of any deal; with the weights of the terms it gives the probability."""

    base: float
    terms: Sequence[Term]

    @property
    def log_odds(self) -> float:
        return self.base + sum(term.weight for term in self.terms)

    @property
    def odds(self) -> float:
        return exp(self.log_odds)

    @property
    def probability(self) -> float:
        return 1 / (1 + exp(-self.log_odds))

    @property
    def speaks_for(self) -> list[Term]:
        return sorted((term for term in self.terms if term.weight >= TELLING), key=lambda term: -term.weight)

    @property
    def speaks_against(self) -> list[Term]:
        return sorted((term for term in self.terms if term.weight <= -TELLING), key=lambda term: term.weight)


Counts = Mapping[str, Mapping[str, tuple[int, int]]]
"""{fact: {value: (won, lost)}}"""


@dataclass(frozen=True)
class Learned:
    """All that was counted. `values`: facts that have one value at the end. `reached`: facts that grow; there
    {value: (won, lost, of won, of lost)} counts the deals that came at least so far."""

    won: int
    lost: int
    values: Counts
    reached: Mapping[str, Mapping[str, tuple[int, int, int, int]]]

    @property
    def enough(self) -> bool:
        return self.won >= ENOUGH and self.lost >= ENOUGH

    def predict(self, facts: Mapping[str, str | None]) -> Prediction:
        """From what is known of a deal: {fact: value}. What was never seen before says nothing."""
        terms = []
        for fact, value in facts.items():
            seen = self._seen(fact, value) if value is not None else None
            if seen is not None and value is not None:
                terms.append(Term(fact, value, seen))
        return Prediction(log((self.won + SMOOTHING) / (self.lost + SMOOTHING)), terms)

    def _seen(self, fact: str, value: str) -> Seen | None:
        if fact in self.reached:
            counted = self.reached[fact].get(value)
            return Seen(*counted) if counted and (counted[0] or counted[1]) else None
        known = self.values.get(fact, {})
        if value not in known or len(known) < 2:  # the same of all deals: it tells nothing apart
            return None
        won, lost = known[value]
        of_won, of_lost = (sum(pair[place] for pair in known.values()) for place in (0, 1))
        return Seen(won, lost, of_won, of_lost, len(known))

    def stored(self) -> dict[str, Any]:
        return {"values": self.values, "reached": self.reached}

    @classmethod
    def read(cls, won: int, lost: int, stored: Mapping[str, Any]) -> "Learned":
        values, reached = (
            {fact: {value: tuple(counts) for value, counts in some.items()} for fact, some in stored[part].items()}
            for part in ("values", "reached")
        )
        return cls(won, lost, values, reached)


def at_least(counts: Mapping[int, tuple[int, int]], steps: Sequence[int]) -> dict[str, tuple[int, int, int, int]]:
    """How many came at least to each step. `counts`: {how far: (won, lost)} of all deals for which that is known."""
    of_won, of_lost = (sum(pair[place] for pair in counts.values()) for place in (0, 1))
    return {
        str(step): (
            sum(won for far, (won, _lost) in counts.items() if far >= step),
            sum(lost for far, (_won, lost) in counts.items() if far >= step),
            of_won,
            of_lost,
        )
        for step in steps
    }


def step_of(far: int, steps: Sequence[int]) -> str | None:
    """The last step that was reached; None before the first one."""
    passed = [step for step in steps if far >= step]
    return str(passed[-1]) if passed else None


def median(counts: Mapping[int, int]) -> int | None:
    """The lower median of {value: how often}."""
    left = (sum(counts.values()) + 1) // 2
    for value in sorted(counts):
        left -= counts[value]
        if left <= 0:
            return value
    return None


@dataclass(frozen=True)
class Band:
    """Deals whose predicted probability lies from `low` to `high` percent: their mean, and how many were won."""

    low: int
    high: int
    count: int
    predicted: float
    won: int

    @property
    def real(self) -> float:
        return self.won / self.count


@dataclass(frozen=True)
class Calibration:
    """How far predictions and what came of deals agree: by tenths, and as the mean of squared errors (Brier, 1950)."""

    count: int
    won: int
    error: float
    """0 is perfect; that of always saying the same share is `plain_error`"""
    plain_error: float
    bands: Sequence[Band]


def calibrate(pairs: Sequence[tuple[float, bool]], share: float) -> Calibration | None:
    """From (predicted, was won). `share`: of the deals that were learned from, how many were won. None without pairs."""
    if not pairs:
        return None
    bands = []
    for place in range(BANDS):
        inside = [pair for pair in pairs if min(int(pair[0] * BANDS), BANDS - 1) == place]
        if inside:
            low, high = place * 100 // BANDS, (place + 1) * 100 // BANDS
            mean = sum(predicted for predicted, _won in inside) / len(inside)
            bands.append(Band(low, high, len(inside), mean, sum(won for _predicted, won in inside)))
    error = sum((predicted - won) ** 2 for predicted, won in pairs) / len(pairs)
    plain = sum((share - won) ** 2 for _predicted, won in pairs) / len(pairs)
    return Calibration(len(pairs), sum(won for _predicted, won in pairs), error, plain, bands)
