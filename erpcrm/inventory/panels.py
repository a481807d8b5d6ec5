"""What inventory adds to pages of lower areas."""

from collections.abc import Mapping, Sequence
from typing import Any

from . import reading


def stock_of_products(ids: Sequence[int]) -> Mapping[int, Any]:
    """What lies in each warehouse, and what is on its way; of products that are kept in stock."""
    return reading.items_of(ids)
