"""Which share of a sale each touch before it is credited with. A way of looking, chosen by report; never kept as truth.

All weights are Decimal and sum to exactly 1: what rounding leaves over goes to the last touch.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

PLACES = Decimal("0.000001")
ONE, ZERO = Decimal(1), Decimal(0)
HALF_LIFE = timedelta(days=7)
ENDS = Decimal("0.4")
"""Position-based: the first touch and the last get 40 % each, those between share the rest"""


def first_touch(touches: Sequence[datetime], at: datetime) -> list[Decimal]:
    return [ONE if place == 0 else ZERO for place in range(len(touches))]


def last_touch(touches: Sequence[datetime], at: datetime) -> list[Decimal]:
    return [ONE if place == len(touches) - 1 else ZERO for place in range(len(touches))]


def linear(touches: Sequence[datetime], at: datetime) -> list[Decimal]:
    return _shared([ONE] * len(touches))


def position_based(touches: Sequence[datetime], at: datetime) -> list[Decimal]:
    """40/20/40; of two touches each gets half, a single one gets all."""
    count = len(touches)
    if count <= 2:
        return linear(touches, at)
    between = (ONE - 2 * ENDS) / (count - 2)
    return _shared([ENDS, *[between] * (count - 2), ENDS])


def time_decay(touches: Sequence[datetime], at: datetime, half_life: timedelta = HALF_LIFE) -> list[Decimal]:
    """A touch that is a half-life older weighs half as much."""
    day = Decimal(86_400)
    life = Decimal(int(half_life.total_seconds())) / day
    ages = [max(Decimal(int((at - touch).total_seconds())), ZERO) / day for touch in touches]
    youngest = min(
        ages, default=ZERO
    )  # only differences count; so that the oldest history does not vanish into nothing
    return _shared([Decimal(2) ** (-(age - youngest) / life) for age in ages])


MODELS: Mapping[str, Callable[[Sequence[datetime], datetime], list[Decimal]]] = {
    "first": first_touch,
    "last": last_touch,
    "linear": linear,
    "position": position_based,
    "decay": time_decay,
}
"""The weights of touches, given oldest first, before a sale at a moment"""


def _shared(parts: Sequence[Decimal]) -> list[Decimal]:
    """The parts as weights that sum to exactly 1."""
    total = sum(parts, ZERO)
    if not total:
        return []
    weights = [(part / total).quantize(PLACES, ROUND_HALF_UP) for part in parts]
    weights[-1] += ONE - sum(weights, ZERO)
    return weights


def credited(amount: Decimal, weights: Sequence[Decimal], digits: int = 2) -> list[Decimal]:
    """The amount shared out by the weights, to the currency's digits; the shares sum to exactly the amount."""
    if not weights:
        return []
    unit = ONE.scaleb(-digits)
    shares = [(amount * weight).quantize(unit, ROUND_HALF_UP) for weight in weights]
    # To the heaviest: it hardly feels the cent, and a weight of zero stays zero.
    heaviest = max(range(len(weights)), key=lambda place: (weights[place], place))
    shares[heaviest] += amount - sum(shares, ZERO)
    return shares


def roi(margin: Decimal, cost: Decimal) -> Decimal | None:
    """(credited margin - cost) / cost, as a ratio with four digits. None where nothing was spent: that has no return on it."""
    return ((margin - cost) / cost).quantize(Decimal("0.0001"), ROUND_HALF_UP) if cost else None
