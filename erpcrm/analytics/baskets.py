"""What is bought together: support, confidence and lift (Agrawal, Imielinski and Swami 1993). No database."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from .cohorts import percent

TWO = Decimal("0.01")


@dataclass(frozen=True)
class Together:
    """Two products on `both` of `baskets` documents; the first is on `first`, the second on `second` of them."""

    both: int
    first: int
    second: int
    baskets: int

    @property
    def support(self) -> Decimal | None:
        """Percent of all documents that hold both"""
        return percent(self.both, self.baskets)

    @property
    def confidence(self) -> Decimal | None:
        """Percent of the documents with the first product that hold the second too"""
        return percent(self.both, self.first)

    @property
    def confidence_back(self) -> Decimal | None:
        return percent(self.both, self.second)

    @property
    def lift(self) -> Decimal:
        """How many times more often together than by chance; 1 is chance."""
        chance = Decimal(self.first) * self.second
        return (
            (Decimal(self.both) * self.baskets / chance).quantize(TWO, rounding=ROUND_HALF_UP) if chance else Decimal(0)
        )
