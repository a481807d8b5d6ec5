"""The demo company's credit: limits, assessments, orders that wait and applications at every stage."""

from typing import Any


def fill(world: Any) -> None:
    """Filled in below."""
