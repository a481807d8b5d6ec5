"""What the scores of a survey say, and how sure that is. Pure.

Shares: the interval of Wilson (1927), which Newcombe ("Two-sided confidence intervals for the single proportion",
Statistics in Medicine 17, 1998, method 3) found to hold what it promises for small samples too. Net promoter score: its
variance is (share of promoters + share of detractors − score²) ÷ n (Rocks, "Interval estimation for the net promoter
score", The American Statistician 70, 2016). Means: Student's t.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, stdev

Z = 1.959963984540054
"""Standard normal: 95 % lie within"""
FEWEST = 5
"""Below so many answers the spread of a mean or of a net promoter score says nothing"""


@dataclass(frozen=True)
class Scale:
    """A kind of survey: lowest and highest answer, from where on one is good, up to where one is bad."""

    kind: str
    low: int
    high: int
    good: int
    bad: int

    @property
    def steps(self) -> range:
        return range(self.low, self.high + 1)


SCALES = {
    "csat": Scale("csat", 1, 5, 4, 2),
    "nps": Scale("nps", 0, 10, 9, 6),
    "ces": Scale("ces", 1, 7, 5, 3),
}


@dataclass(frozen=True)
class Figure:
    """A value with its 95 % confidence interval; None as bounds where too few have answered."""

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Result:
    """What came of a survey, or of a part of it."""

    answers: int
    score: Figure
    """CSAT: percent of answers 4 and 5. NPS: −100 to 100. CES: mean, 1 to 7"""
    mean: Figure
    counts: dict[int, int]


def wilson(hits: int, of: int) -> tuple[float, float]:
    """The interval of a share, from 0 to 1. 81 of 263: 0.2553 to 0.3662 (Newcombe's example)."""
    share, square = hits / of, Z * Z
    middle = share + square / (2 * of)
    half = Z * sqrt(share * (1 - share) / of + square / (4 * of * of))
    # Whoever has hit none or all touches the end exactly, whatever is rounded.
    low = 0.0 if hits == 0 else (middle - half) / (1 + square / of)
    high = 1.0 if hits == of else (middle + half) / (1 + square / of)
    return low, high


def share_of(hits: int, of: int) -> Figure:
    """Percent, with its interval."""
    if not of:
        return Figure(None)
    low, high = wilson(hits, of)
    return Figure(100 * hits / of, 100 * low, 100 * high)


def net_promoters(promoters: int, detractors: int, of: int) -> Figure:
    """Percent of promoters less percent of detractors."""
    if not of:
        return Figure(None)
    score = (promoters - detractors) / of
    spread = (promoters + detractors) / of - score * score
    if of < FEWEST or spread <= 0:
        return Figure(100 * score)
    half = Z * sqrt(spread / of)
    return Figure(100 * score, 100 * max(-1.0, score - half), 100 * min(1.0, score + half))


def student(freedom: int) -> float:
    """The t of 95 % with so many degrees of freedom, by the expansion of Fisher and Cornish (1960): 2.776 for 4, 2.228 for 10."""
    terms = (
        (Z**3 + Z) / 4,
        (5 * Z**5 + 16 * Z**3 + 3 * Z) / 96,
        (3 * Z**7 + 19 * Z**5 + 17 * Z**3 - 15 * Z) / 384,
        (79 * Z**9 + 776 * Z**7 + 1482 * Z**5 - 1920 * Z**3 - 945 * Z) / 92160,
    )
    return Z + sum(term / freedom ** (power + 1) for power, term in enumerate(terms))


def mean_of(values: Sequence[int], scale: Scale) -> Figure:
    """The mean, and within the scale its interval."""
    if not values:
        return Figure(None)
    mean = fmean(values)
    spread = stdev(values) if len(values) >= FEWEST else 0.0
    if spread == 0.0:
        return Figure(mean)
    half = student(len(values) - 1) * spread / sqrt(len(values))
    return Figure(mean, max(float(scale.low), mean - half), min(float(scale.high), mean + half))


def result(kind: str, counts: dict[int, int]) -> Result:
    """The result of answers given as {score: how many}."""
    scale = SCALES[kind]
    known = {step: counts.get(step, 0) for step in scale.steps}
    answers = sum(known.values())
    good = sum(count for step, count in known.items() if step >= scale.good)
    mean = mean_of([step for step, count in known.items() for _each in range(count)], scale)
    if kind == "csat":
        score = share_of(good, answers)
    elif kind == "nps":
        score = net_promoters(good, sum(count for step, count in known.items() if step <= scale.bad), answers)
    else:
        score = mean
    return Result(answers, score, mean, known)
