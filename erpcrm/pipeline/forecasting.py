"""Arithmetic of forecasts, without a database: periods of the fiscal year, rates of stages, what changed, how good it was."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

OPEN_CATEGORIES = ("commit", "best_case", "pipeline")
"""Of open deals, the surest first."""
COUNTED = ("closed", *OPEN_CATEGORIES)
"""What a forecast adds up. `omitted` is what it leaves out: lost deals, and those that a stage or a seller takes out."""
MONTH, QUARTER = 1, 3
BACK, FORTH = 8, 4
"""Quarters that the page goes back and forth."""
ENOUGH = 20
"""Deals that must have reached a stage before their end is taken for a rate."""
ZERO = Decimal(0)


@dataclass(frozen=True, order=True)
class Period:
    """A month or a quarter of the fiscal year, from its first day on."""

    first: date
    months: int = QUARTER

    @property
    def last(self) -> date:
        return month_after(self.first, self.months) - timedelta(days=1)

    def step(self, by: int) -> "Period":
        """The period so many of its kind later; earlier where negative."""
        return Period(month_after(self.first, by * self.months), self.months)

    @property
    def parts(self) -> list["Period"]:
        """Its months."""
        return [Period(month_after(self.first, place), MONTH) for place in range(self.months)]

    def holds(self, day: date | None) -> bool:
        return day is not None and self.first <= day <= self.last

    @property
    def key(self) -> str:
        """As addresses name it: 2026-10-3 is the quarter from October on."""
        return f"{self.first:%Y-%m}-{self.months}"


def month_after(first: date, months: int) -> date:
    """The first day of the month so many months later."""
    count = first.year * 12 + first.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def month_of(day: date) -> Period:
    return Period(day.replace(day=1), MONTH)


def quarter_of(day: date, fiscal_start: int) -> Period:
    """The quarter of a fiscal year that begins in the month `fiscal_start` (1 to 12)."""
    return Period(month_after(day.replace(day=1), -((day.month - fiscal_start) % 12 % QUARTER)), QUARTER)


def quarter_number(period: Period, fiscal_start: int) -> int:
    return (period.first.month - fiscal_start) % 12 // QUARTER + 1


def fiscal_year(period: Period, fiscal_start: int) -> int:
    """The calendar year in which the fiscal year of a period begins."""
    return period.first.year - (period.first.month < fiscal_start)


def read_period(key: str, fiscal_start: int) -> Period | None:
    """What `Period.key` wrote; None for anything else, and for a quarter that begins within one of this company."""
    year, _dash, rest = key.partition("-")
    month, _dash, months = rest.partition("-")
    if not (year.isdecimal() and month.isdecimal() and months in ("1", "3") and len(year) == 4 and len(month) == 2):
        return None
    if not (1900 <= int(year) <= 2199 and 1 <= int(month) <= 12):
        return None
    period = Period(date(int(year), int(month), 1), int(months))
    if period.months == QUARTER and quarter_of(period.first, fiscal_start) != period:
        return None
    return period


# What a stage is worth


@dataclass(frozen=True)
class Rate:
    """What became of the deals that ever reached a stage, and what its own probability says (percent)."""

    probability: int
    reached: int = 0
    won: int = 0

    @property
    def enough(self) -> bool:
        return self.reached >= ENOUGH

    @property
    def per_mille(self) -> int:
        """The share that was won, in thousandths; the stage's probability while too few have ended."""
        if not self.enough:
            return self.probability * 10
        return int((Decimal(self.won * 1000) / self.reached).quantize(Decimal(1), ROUND_HALF_UP))

    @property
    def percent(self) -> Decimal:
        return Decimal(self.per_mille) / 10


def reached_and_won(places: Mapping[int, int], ends: Iterable[tuple[int, bool, int]]) -> dict[int, tuple[int, int]]:
    """{stage: (how many deals reached it, how many of these were won)} within one pipeline.

    `places` says where each stage stands; `ends` counts deals by the furthest place they came to and whether they were won.
    Whoever came further has passed the stage, also by a jump. A deal that was won has come to the end.
    """
    counted = list(ends)
    found = {}
    for stage, place in places.items():
        won = sum(count for _place, is_won, count in counted if is_won)
        lost = sum(count for furthest, is_won, count in counted if not is_won and furthest >= place)
        found[stage] = (won + lost, won)
    return found


# What changed


@dataclass(frozen=True)
class State:
    """A deal at a moment, as a forecast sees it. `in_view`: it is one of those that the page is about (period, filters)."""

    status: str
    category: str
    amount: Decimal
    close: date | None
    owner_id: int | None
    in_view: bool

    @property
    def counted(self) -> Decimal:
        """What the forecast counts of it, in company currency."""
        return self.amount if self.in_view and self.category in COUNTED else ZERO

    @property
    def counts(self) -> bool:
        return self.in_view and self.category in COUNTED


KINDS = (
    "won", "new", "reopened", "pulled_in", "grown", "category", "owner", "shrunk", "slipped", "moved", "lost",
)  # fmt: skip
"""What may have become of a deal, in the order in which it is shown."""


def kind_of_change(before: State | None, after: State) -> str | None:
    """The one word for what happened to a deal between two moments; None where the forecast knows no difference.

    `before` is None for a deal that was not there yet. Ends weigh more than dates, dates more than amounts.
    """
    if before is None:
        return _new(after)
    if not before.counts and not after.counts:
        return None
    if after.status != before.status:
        if after.status == "won":
            return "won" if after.in_view else "moved"
        return "lost" if after.status == "lost" else "reopened"
    if before.in_view != after.in_view:
        return _came_or_went(before, after)
    if before.category != after.category:
        return "category"
    if before.amount != after.amount:
        return "grown" if after.amount > before.amount else "shrunk"
    return "owner" if before.owner_id != after.owner_id else None


def _new(after: State) -> str | None:
    if not after.counts:
        return None
    return "won" if after.status == "won" else "new"


def _came_or_went(before: State, after: State) -> str:
    if before.owner_id != after.owner_id and before.close == after.close:
        return "owner"
    if before.close == after.close:
        return "moved"
    return "pulled_in" if after.in_view else "slipped"


# How good it was


@dataclass(frozen=True)
class Outcome:
    """What was forecast and what came, in company currency."""

    forecast: Decimal
    came: Decimal

    @property
    def difference(self) -> Decimal:
        return self.forecast - self.came


def _percent(part: Decimal, whole: Decimal) -> Decimal | None:
    return (part * 100 / whole).quantize(Decimal("0.1"), ROUND_HALF_UP) if whole else None


def accuracy(outcomes: Sequence[Outcome]) -> Decimal | None:
    """100 % less the sum of all misses over the sum of what came (weighted absolute percentage error), at least 0.

    Misses in both directions count: two errors that cancel out are two errors. None where nothing came.
    """
    came = sum((one.came for one in outcomes), ZERO)
    missed = _percent(sum((abs(one.difference) for one in outcomes), ZERO), came)
    return None if missed is None else max(ZERO, 100 - missed)


def bias(outcomes: Sequence[Outcome]) -> Decimal | None:
    """By how many percent too much was forecast, all in all; negative: too little. None where nothing came."""
    return _percent(sum((one.difference for one in outcomes), ZERO), sum((one.came for one in outcomes), ZERO))
