"""What goods are worth that come, lie and leave: moving average, and first in, first out. Pure arithmetic.

Quantities are in the product's own unit, values and costs in `currency`, the company's. Values are rounded half up to its
digits once a move, and the last piece takes what is left: so what leaves adds up to what came, to the cent.
Both methods are those of IAS 2, Inventories, paragraph 25.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from erpcrm.core.exact import round_money

ZERO = Decimal(0)


@dataclass(frozen=True)
class Held:
    """So much of a product, and what it is worth. Both are below zero where more has left than had come."""

    quantity: Decimal
    value: Decimal


@dataclass(frozen=True)
class Came:
    """What goods that come in add to the stock's value, and what was paid beyond that.

    There is a difference only where stock was below zero: the goods that are now covered had left at an estimated cost.
    `new` is the part that lies there now.
    """

    value: Decimal
    difference: Decimal
    new: Held


def share(value: Decimal, part: Decimal, whole: Decimal, currency: str) -> Decimal:
    """The value of `part` of `whole`, which is worth `value`; all of it for the whole."""
    return value if part == whole else round_money(value * part / whole, currency)


def come_in(held: Held, quantity: Decimal, paid: Decimal, currency: str) -> Came:
    """`quantity` comes in at `paid` in all."""
    covered = min(quantity, max(-held.quantity, ZERO))
    if not covered:
        return Came(paid, ZERO, Held(quantity, paid))
    estimated = share(-held.value, covered, -held.quantity, currency)
    rest = paid - share(paid, covered, quantity, currency)
    return Came(estimated + rest, paid - estimated - rest, Held(quantity - covered, rest))


def leave_at_average(held: Held, quantity: Decimal, last_cost: Decimal, currency: str) -> Decimal:
    """What `quantity` is worth that leaves at the moving average; what is not there, at what one cost last."""
    there = max(held.quantity, ZERO)
    if quantity < there:
        return round_money(held.value * quantity / held.quantity, currency)
    return (held.value if there else ZERO) + round_money((quantity - there) * last_cost, currency)


def leave_first_in(
    layers: Sequence[Held], quantity: Decimal, last_cost: Decimal, currency: str
) -> tuple[Decimal, list[Held]]:
    """What `quantity` is worth that leaves from the oldest of `layers`, and what is taken of each of those in turn.

    What is in no layer is taken at what one cost last.
    """
    taken: list[Held] = []
    left = quantity
    for layer in layers:
        if not left:
            break
        part = min(left, layer.quantity)
        taken.append(Held(part, share(layer.value, part, layer.quantity, currency)))
        left -= part
    return sum((one.value for one in taken), round_money(left * last_cost, currency)), taken


def come_back(original: Decimal, before: Decimal, quantity: Decimal, whole: Decimal, currency: str) -> Decimal:
    """What `quantity` is worth that comes back of `whole`, which left at `original` in all, when `before` came back already.

    Cumulative, so that the parts of a return add up to the original cost.
    """
    return share(original, before + quantity, whole, currency) - (
        share(original, before, whole, currency) if before else ZERO
    )
