"""The demo company's quotations, orders and contracts: for the customers and deals that lower areas have built."""

from typing import Any


def fill(world: Any) -> None:
    """Nothing yet."""
