"""Maximum likelihood without a library: two special functions, and a search for the highest point. No database, no money.

Floats are right here: these are estimates from statistics, and what comes of them is rounded to money by whoever uses it.
"""

from collections.abc import Callable, Sequence
from math import exp, inf, isfinite, log

Point = tuple[float, ...]
Slope = Callable[[Point], tuple[float, Point]]
"""A function that gives a value and its derivative by each coordinate."""

SERIES = 1e-15
LONGEST = 100_000
STILL = 1e-7
"""At a slope this flat, relative to the value, a top is a top."""
STEPS = 300
BORDER = 9.0
"""Of the logarithms of parameters: beyond one to eight thousand a search has run off"""


def digamma(x: float) -> float:
    """The derivative of log-gamma, x > 0: by recurrence up to 10, then by its asymptotic series (Abramowitz and Stegun 6.3.18).

    Exact to about 1e-13.
    """
    below = 0.0
    while x < 10:
        below -= 1 / x
        x += 1
    y = 1 / (x * x)
    tail = y * (1 / 12 - y * (1 / 120 - y * (1 / 252 - y * (1 / 240 - y * (1 / 132 - y * 691 / 32760)))))
    return below + log(x) - 0.5 / x - tail


def hyp2f1(a: float, b: float, c: float, z: float) -> float:
    """Gauss's hypergeometric function for 0 <= z < 1 and c > 0, by its series, to about 1e-12 of its value.

    Whoever calls it brings it into a shape whose terms fall soon (Euler's transformation: Abramowitz and Stegun 15.3.3).
    """
    term = total = 1.0
    for n in range(LONGEST):
        term *= (a + n) * (b + n) / ((c + n) * (n + 1)) * z
        total += term
        if abs(term) <= SERIES * abs(total):
            return total
    raise ArithmeticError("the series does not end")


def highest(slope: Slope, start: Sequence[float]) -> tuple[Point, float, bool]:
    """(where, how high, whether it is a top) by the quasi-Newton way of Broyden, Fletcher, Goldfarb and Shanno.

    All coordinates are above zero; the search walks in their logarithms. False means that the data have no clear top: the
    search ran off to a border, or did not come to rest.
    """

    def downhill(at: Sequence[float]) -> tuple[float, list[float]]:
        point = tuple(exp(value) for value in at)
        try:
            value, by = slope(point)
        except (ArithmeticError, ValueError):
            return inf, []
        return -value, [-part * coordinate for part, coordinate in zip(by, point, strict=True)]

    here = [log(value) for value in start]
    value, by = downhill(here)
    size = len(here)
    turned = _identity(size, 1 / max(1.0, *(abs(part) for part in by)))
    fresh = True
    for _step in range(STEPS):
        if max(abs(part) for part in by) <= STILL * max(1.0, abs(value)):
            return tuple(exp(one) for one in here), -value, all(abs(one) < BORDER for one in here)
        way = [-sum(row[j] * by[j] for j in range(size)) for row in turned]
        fall = sum(one * two for one, two in zip(way, by, strict=True))
        if fall >= 0:
            turned, fresh = _identity(size, 1 / max(1.0, *(abs(part) for part in by))), True
            continue
        longest = max(abs(part) for part in way)
        stride = min(1.0, 2.0 / longest)
        while True:
            there = [one + stride * part for one, part in zip(here, way, strict=True)]
            new, new_by = downhill(there)
            if isfinite(new) and new <= value + 1e-4 * stride * fall:
                break
            stride /= 2
            if stride * longest < 1e-12:
                break
        if stride * longest < 1e-12:
            if fresh:
                # No way leads further down: as high as the digits of a float let one see.
                flat = max(abs(part) for part in by) <= 1e-4 * max(1.0, abs(value))
                return tuple(exp(one) for one in here), -value, flat and all(abs(one) < BORDER for one in here)
            turned, fresh = _identity(size, 1 / max(1.0, *(abs(part) for part in by))), True
            continue
        moved = [one - two for one, two in zip(there, here, strict=True)]
        bent = [one - two for one, two in zip(new_by, by, strict=True)]
        turned, fresh = _learned(turned, moved, bent), False
        here, value, by = there, new, new_by
    return tuple(exp(one) for one in here), -value, False


def _identity(size: int, scale: float) -> list[list[float]]:
    return [[scale if i == j else 0.0 for j in range(size)] for i in range(size)]


def _learned(turned: list[list[float]], moved: list[float], bent: list[float]) -> list[list[float]]:
    """What the search knows of the curvature, after one more step."""
    size = len(moved)
    along = sum(one * two for one, two in zip(moved, bent, strict=True))
    if along <= 1e-14:
        return turned
    through = [sum(row[j] * bent[j] for j in range(size)) for row in turned]
    weight = (1 + sum(one * two for one, two in zip(bent, through, strict=True)) / along) / along
    return [
        [
            turned[i][j] + weight * moved[i] * moved[j] - (through[i] * moved[j] + moved[i] * through[j]) / along
            for j in range(size)
        ]
        for i in range(size)
    ]
