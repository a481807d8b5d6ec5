"""Who is held out of a campaign, and who gets which variant: at random, and from the same seed always the same."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from random import Random


def control_size(count: int, percent: int) -> int:
    """How many of `count` are held out, rounded half up; never all of them."""
    size = int((Decimal(count) * percent / 100).to_integral_value(ROUND_HALF_UP))
    return min(size, count - 1) if count else 0


def drawn(keys: Sequence[str], percent: int, seed: int, *, halves: bool) -> dict[str, str]:
    """{key: "control", "a" or "b"}. Who stands where in `keys` means nothing: the draw is made of their sorted order."""
    mixed = sorted(keys)
    Random(seed).shuffle(mixed)  # noqa: S311 - fair and repeatable, not secret
    size = control_size(len(mixed), percent)
    held, rest = mixed[:size], mixed[size:]
    half = (len(rest) + 1) // 2 if halves else len(rest)
    return dict.fromkeys(held, "control") | dict.fromkeys(rest[:half], "a") | dict.fromkeys(rest[half:], "b")
