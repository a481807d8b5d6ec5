"""Which price holds: one documented order of precedence, and the reason in words' raw material.

1. The customer's own price lists, then those of its group, then those for everybody, then the product's list price.
2. Within one of these: a price for just this product before a reduction on everything.
3. Then a price in the unit asked for, before one in the product's own unit.
4. Then the highest quantity break that is reached.
5. Then what began last; of two that began on one day, what was entered last.

A price never mixes: the lowest is not looked for, since nobody could say afterwards why it was that one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

Tier = Literal["customer", "group", "everybody", "product"]
TIERS: tuple[Tier, ...] = ("customer", "group", "everybody", "product")


@dataclass(frozen=True)
class Offer:
    """A price that may hold. `price` is for one `unit`; `factor` says how many base units that is."""

    tier: Tier
    price: Decimal
    unit: str
    factor: Decimal = Decimal(1)
    min_quantity: Decimal = Decimal(0)
    """In `unit`"""
    starts_on: date | None = None
    ends_on: date | None = None
    general: bool = False
    """A reduction on everything, rather than a price for this product"""
    entered: int = 0
    """Grows with the order in which prices were entered"""
    list_id: int | None = None
    list_name: str | None = None

    def holds(self, quantity: Decimal, on: date) -> bool:
        """Whether it holds on a day for a quantity in base units."""
        begun = self.starts_on is None or self.starts_on <= on
        ended = self.ends_on is not None and self.ends_on < on
        return begun and not ended and quantity >= self.min_quantity * self.factor

    def rank(self, unit: str) -> tuple[int, bool, bool, Decimal, int, int]:
        """Lower comes first among those that hold."""
        began = (self.starts_on or date.min).toordinal()
        reached = self.min_quantity * self.factor
        return TIERS.index(self.tier), self.general, self.unit != unit, -reached, -began, -self.entered


def best(offers: Iterable[Offer], *, quantity: Decimal, unit: str, on: date) -> Offer | None:
    """The offer that holds for `quantity` base units, sold by `unit`, on a day; None when there is no price."""
    holding = [offer for offer in offers if offer.holds(quantity, on)]
    return min(holding, key=lambda offer: offer.rank(unit), default=None)
