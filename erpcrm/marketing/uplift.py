"""What a campaign has really brought: the share of buyers among those who got it less that of the control group.

The interval is Newcombe's for the difference of two independent proportions, made of two Wilson intervals (R. G. Newcombe,
"Interval estimation for the difference between independent proportions", Statistics in Medicine 17, 1998, method 10): unlike
the usual one it stays true for small groups and for shares near 0 and 1. How many are needed comes from the usual formula
for two proportions (J. L. Fleiss, Statistical Methods for Rates and Proportions, 3rd ed., 2003, 4.3, without correction).
"""

from dataclasses import dataclass
from math import ceil, sqrt
from statistics import NormalDist

CONFIDENCE = 0.95
POWER = 0.8
SMALLEST = 30
"""Members of a group below which nothing is said: chance would speak, not the campaign"""


@dataclass(frozen=True)
class Group:
    """So many people, and how many of them did it."""

    size: int
    hits: int

    def __post_init__(self) -> None:
        if not 0 <= self.hits <= self.size:
            raise ValueError("hits lie between 0 and the size of the group")

    @property
    def share(self) -> float:
        return self.hits / self.size if self.size else 0.0


@dataclass(frozen=True)
class Uplift:
    """The difference of shares, its interval, and whether it tells anything. Shares are between 0 and 1."""

    difference: float
    low: float
    high: float
    enough: bool
    """False: too few people to tell anything"""
    needed: int | None
    """So many people in each group would show a difference as large as this; None where there is none"""

    @property
    def tells(self) -> str:
        """ "too_small", "none" where the interval holds zero, else "more" or "less"."""
        if not self.enough:
            return "too_small"
        if self.low <= 0 <= self.high:
            return "none"
        return "more" if self.difference > 0 else "less"


def z_of(confidence: float = CONFIDENCE) -> float:
    return NormalDist().inv_cdf((1 + confidence) / 2)


def wilson(group: Group, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Wilson's interval of a share."""
    if not group.size:
        return 0.0, 1.0
    z, n, p = z_of(confidence), group.size, group.share
    middle = p + z * z / (2 * n)
    half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return max((middle - half) / (1 + z * z / n), 0.0), min((middle + half) / (1 + z * z / n), 1.0)


def uplift(treated: Group, control: Group, confidence: float = CONFIDENCE) -> Uplift:
    """What the treated did more often than the control group."""
    difference = treated.share - control.share
    low_t, high_t = wilson(treated, confidence)
    low_c, high_c = wilson(control, confidence)
    low = difference - sqrt((treated.share - low_t) ** 2 + (high_c - control.share) ** 2)
    high = difference + sqrt((high_t - treated.share) ** 2 + (control.share - low_c) ** 2)
    enough = min(treated.size, control.size) >= SMALLEST and bool(treated.hits + control.hits)
    return Uplift(difference, low, high, enough, needed_each(treated.share, control.share, confidence))


def needed_each(one: float, other: float, confidence: float = CONFIDENCE, power: float = POWER) -> int | None:
    """People in each of two groups of the same size, for a difference of these shares to be seen with this power."""
    if one == other:
        return None
    z, beta = z_of(confidence), NormalDist().inv_cdf(power)
    mean = (one + other) / 2
    root = z * sqrt(2 * mean * (1 - mean)) + beta * sqrt(one * (1 - one) + other * (1 - other))
    return ceil((root / (one - other)) ** 2)
