"""The customers of the demo company, their people, and what was said to them over the last months."""

from typing import Any

from .activities import fill_activities
from .customers import fill_customers

__all__ = ["fill"]


def fill(world: Any) -> None:
    """24 customers, Chinese and international, some of them in groups; contacts; activities around the world's today."""
    people = fill_customers(world)
    fill_activities(world, people)
