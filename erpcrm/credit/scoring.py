"""From facts about a customer to points, a score and a grade. No database.

A scorecard weighs factors; each factor has bands, and a value earns the points of its band.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from erpcrm.core.i18n import _l

ZERO, HUNDRED = Decimal(0), Decimal(100)
GRADES = ("A", "B", "C", "D", "E")
WORST = GRADES[-1]
Value = Decimal | str | None


@dataclass(frozen=True)
class Factor:
    """Something that tells how a customer pays. `own`: the system knows it; the others are entered."""

    key: str
    label: Any
    own: bool
    unit: str = "number"
    """number, percent, money, months, days or choice"""
    choices: Sequence[tuple[str, Any]] = ()


FACTORS = (
    Factor("days_late", _l("Days late against terms, on average"), True, "days"),
    Factor("on_time", _l("Share paid on time"), True, "percent"),
    Factor("overdue_share", _l("Share of what is open that is overdue"), True, "percent"),
    Factor("turnover", _l("Turnover of twelve months"), True, "money"),
    Factor("trend", _l("Turnover against the twelve months before"), True, "percent"),
    Factor("age", _l("Age of the relationship"), True, "months"),
    Factor("returns", _l("Share of credit notes in turnover"), True, "percent"),
    Factor(
        "rating",
        _l("Outside rating"),
        False,
        "choice",
        (("a", "A"), ("b", "B"), ("c", "C"), ("d", "D"), ("e", "E")),
    ),
    Factor("equity", _l("Equity"), False, "money"),
    Factor(
        "bank_reference",
        _l("Bank reference"),
        False,
        "choice",
        (("good", _l("Good")), ("fair", _l("Fair")), ("poor", _l("Poor"))),
    ),
    Factor(
        "guarantee",
        _l("Guarantee"),
        False,
        "choice",
        (("bank", _l("Bank guarantee")), ("insured", _l("Credit insurance")), ("none", _l("None"))),
    ),
)
BY_KEY = {factor.key: factor for factor in FACTORS}


@dataclass(frozen=True)
class Band:
    """Values from `start` on (None: all below the next band; for a choice: that choice) earn `points`, 0 to 100."""

    start: str | None
    points: int


@dataclass(frozen=True)
class Weighted:
    """A factor in a scorecard: its share of the score in percent, its bands, and the points for what nobody knows."""

    key: str
    weight: int
    bands: Sequence[Band]
    unknown: int = 0


@dataclass(frozen=True)
class Earned:
    """What a factor has earned: its value, the band that it fell into, the points, and what they add to the score."""

    key: str
    value: Value
    band: str | None
    points: int
    weight: int

    @property
    def counts(self) -> Decimal:
        return Decimal(self.points * self.weight) / HUNDRED


def earn(factor: Weighted, value: Value) -> Earned:
    """The points of a value. The last band whose start it reaches counts, whatever the order of the points."""
    if value is None:
        return Earned(factor.key, None, None, factor.unknown, factor.weight)
    if isinstance(value, str):
        found = next((band for band in factor.bands if band.start == value), None)
        return Earned(factor.key, value, value, found.points if found else factor.unknown, factor.weight)
    reached: Band | None = None
    for band in factor.bands:
        if band.start is None or value >= Decimal(band.start):
            reached = band
    if reached is None:
        return Earned(factor.key, value, None, factor.unknown, factor.weight)
    return Earned(factor.key, value, reached.start, reached.points, factor.weight)


def score_of(earned: Sequence[Earned]) -> int:
    """0 to 100, rounded half up. The weights add up to 100."""
    return int(sum((one.counts for one in earned), ZERO).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def grade_of(score: int, starts: Mapping[str, int]) -> str:
    """The best grade whose least score is reached."""
    return next((grade for grade in GRADES if grade in starts and score >= starts[grade]), WORST)


def problem_of(factors: Sequence[Weighted]) -> str | None:
    """Why a scorecard can't be used: the name of what is wrong, or None."""
    if sum(factor.weight for factor in factors) != 100:
        return "weights"
    if any(factor.key not in BY_KEY or factor.weight < 0 for factor in factors):
        return "factor"
    points = [band.points for factor in factors for band in factor.bands] + [factor.unknown for factor in factors]
    if any(not 0 <= given <= 100 for given in points):
        return "points"
    for factor in factors:
        if BY_KEY[factor.key].unit == "choice":
            continue
        starts = [Decimal(band.start) for band in factor.bands[1:] if band.start is not None]
        if starts != sorted(set(starts)):
            return "bands"
    return None


def _bands(*pairs: tuple[str | None, int]) -> tuple[Band, ...]:
    return tuple(Band(start, points) for start, points in pairs)


STANDARD = (
    Weighted("days_late", 20, _bands((None, 100), ("1", 85), ("8", 60), ("31", 25), ("61", 0)), 40),
    Weighted("on_time", 15, _bands((None, 0), ("50", 40), ("75", 70), ("90", 100)), 40),
    Weighted("overdue_share", 15, _bands((None, 100), ("10", 70), ("25", 40), ("50", 0)), 50),
    Weighted("turnover", 10, _bands((None, 20), ("50000", 50), ("200000", 80), ("1000000", 100)), 0),
    Weighted("trend", 5, _bands((None, 0), ("-25", 40), ("0", 80), ("10", 100)), 50),
    Weighted("age", 10, _bands((None, 20), ("6", 40), ("12", 60), ("24", 80), ("60", 100)), 0),
    Weighted("returns", 5, _bands((None, 100), ("3", 70), ("8", 30), ("15", 0)), 50),
    Weighted("rating", 8, _bands(("a", 100), ("b", 80), ("c", 55), ("d", 25), ("e", 0)), 30),
    Weighted("equity", 4, _bands((None, 0), ("100000", 40), ("1000000", 75), ("10000000", 100)), 30),
    Weighted("bank_reference", 4, _bands(("good", 100), ("fair", 60), ("poor", 0)), 30),
    Weighted("guarantee", 4, _bands(("bank", 100), ("insured", 80), ("none", 20)), 20),
)
STANDARD_GRADES: Mapping[str, Mapping[str, Any]] = {
    "A": {"from": 75, "percent": 20, "months": 12, "terms": None},
    "B": {"from": 60, "percent": 15, "months": 12, "terms": None},
    "C": {"from": 45, "percent": 10, "months": 6, "terms": None},
    "D": {"from": 30, "percent": 5, "months": 3, "terms": None},
    "E": {"from": 0, "percent": 0, "months": 3, "terms": "prepaid"},
}
