"""RFM without a database: scores 1 to 5 by rank or by cut-offs, and the cell that scores fall into.

Recency, frequency and monetary value as in Hughes, "Strategic Database Marketing" (1994): 5 is the best fifth. Customers with equal
figures have equal scores, so fifths may be uneven: where most have bought once, all of these have frequency 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any, Protocol

SCORES = (1, 2, 3, 4, 5)
CUTS = len(SCORES) - 1
MOST_MONTHS = 120
NAMES = ("r", "f", "m")


class Ranges(Protocol):
    """What a cell asks of scores."""

    key: str
    r_from: int
    r_to: int
    f_from: int
    f_to: int
    m_from: int
    m_to: int


@dataclass(frozen=True)
class StandardCell:
    """A cell that comes with the program: (from, to) of recency, frequency and monetary value."""

    key: str
    name: str
    name_zh: str
    tone: str
    r: tuple[int, int]
    f: tuple[int, int]
    m: tuple[int, int]


STANDARD_CELLS = (
    StandardCell("champions", "Champions", "重要价值客户", "green", (4, 5), (4, 5), (4, 5)),
    StandardCell("loyal", "Loyal", "忠诚客户", "blue", (3, 5), (4, 5), (1, 5)),
    StandardCell("big", "Big spenders to develop", "重要发展客户", "purple", (4, 5), (1, 3), (4, 5)),
    StandardCell("new", "New", "新客户", "blue", (4, 5), (1, 1), (1, 3)),
    StandardCell("potential", "Potential loyalists", "潜力客户", "blue", (4, 5), (2, 3), (1, 3)),
    StandardCell("attention", "Need attention", "需要关注客户", "yellow", (3, 3), (1, 3), (1, 5)),
    StandardCell("cant_lose", "Can’t lose them", "重要挽留客户", "red", (1, 2), (4, 5), (4, 5)),
    StandardCell("at_risk", "At risk", "流失风险客户", "orange", (1, 2), (3, 5), (1, 5)),
    StandardCell("big_quiet", "Big but quiet", "重要保持客户", "orange", (1, 2), (1, 2), (4, 5)),
    StandardCell("hibernating", "Hibernating", "沉睡客户", "gray", (2, 2), (1, 2), (1, 3)),
    StandardCell("lost", "Lost", "已流失客户", "gray", (1, 1), (1, 2), (1, 3)),
)
"""Every combination of scores has one: the first that fits"""

STANDARD_CUTS: dict[str, list[str]] = {
    "r": ["30", "90", "180", "365"],
    "f": ["2", "3", "5", "10"],
    "m": ["1000", "5000", "20000", "100000"],
}


def scores_by_rank(figures: Sequence[Any]) -> list[int]:
    """1 to 5 by fifths of the rank, the greatest figures 5; equal figures have the same score, that of the lowest of them."""
    ordered = sorted(figures)
    lowest: dict[Any, int] = {}
    for place, figure in enumerate(ordered):
        lowest.setdefault(figure, place)
    return [1 + lowest[figure] * len(SCORES) // len(figures) for figure in figures]


def score_of_days(days: int, cuts: Sequence[Decimal]) -> int:
    """Recency: 5 up to the first cut-off in days, 1 beyond the last."""
    return len(SCORES) - sum(1 for cut in cuts if days > cut)


def score_of(figure: Decimal, cuts: Sequence[Decimal]) -> int:
    """Frequency and monetary value: 1 below the first cut-off, 5 from the last on."""
    return 1 + sum(1 for cut in cuts if figure >= cut)


def wrong_cuts(cuts: Sequence[Decimal]) -> bool:
    """Whether cut-offs are not four, not above zero, or not rising."""
    return len(cuts) != CUTS or cuts[0] <= 0 or any(low >= high for low, high in pairwise(cuts))


def cell_of(r: int, f: int, m: int, cells: Sequence[Ranges]) -> str | None:
    """The key of the first cell that holds these scores."""
    for cell in cells:
        if cell.r_from <= r <= cell.r_to and cell.f_from <= f <= cell.f_to and cell.m_from <= m <= cell.m_to:
            return cell.key
    return None


def without_a_cell(cells: Sequence[Ranges]) -> list[tuple[int, int, int]]:
    """Combinations of scores that no cell holds."""
    return [(r, f, m) for r in SCORES for f in SCORES for m in SCORES if cell_of(r, f, m, cells) is None]


def never_reached(cells: Sequence[Ranges]) -> set[str]:
    """Cells whose every combination an earlier one takes."""
    reached = {cell_of(r, f, m, cells) for r in SCORES for f in SCORES for m in SCORES}
    return {cell.key for cell in cells} - {key for key in reached if key is not None}


def window_from(on: date, months: int) -> date:
    """The first day of the window of so many months that ends on `on`: the same day so many months before, then the next."""
    index = on.year * 12 + on.month - 1 - months
    year, month = divmod(index, 12)
    for day in range(on.day, 0, -1):
        try:
            return date(year, month + 1, day)
        except ValueError:
            continue
    raise ValueError("a month has a first day")
