"""Customers by their part of the revenue: A, B and C. No database."""

from collections.abc import Sequence
from decimal import Decimal

from erpcrm.core.records import Choice

CLASSES = (Choice("A", "A", "green"), Choice("B", "B", "blue"), Choice("C", "C", "gray"))
CUTS = (80, 95)
"""Percent of the revenue: who stands in front of the first is A, in front of the second B, the rest are C."""


def class_of(before: Decimal, total: Decimal, cuts: Sequence[int] = CUTS) -> str:
    """The class of a customer, when those who bring more make `before` of `total`. The one who crosses a line is still above
    it, so that a single customer who brings everything is an A. Who brought nothing is a C."""
    for name, cut in zip("AB", cuts, strict=True):
        if total > 0 and before * 100 < total * cut:
            return name
    return "C"
