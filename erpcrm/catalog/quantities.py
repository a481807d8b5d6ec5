"""Quantities as people read them."""

from decimal import Decimal

from erpcrm.core.i18n import show_number
from erpcrm.core.options import option_label

PLURALS = {"set": "sets", "roll": "rolls", "box": "boxes", "hour": "hours", "day": "days", "year": "years"}
"""Of the English names that the shipped units have. A name that a company gave stays as it was typed: nobody guesses."""


def in_unit(quantity: Decimal | None, unit: str | None) -> str:
    """ "12 pcs", "1 roll", "6 rolls", "6 卷"; without a unit the number alone, without a quantity a dash."""
    if quantity is None:
        return "–"
    if not unit:
        return show_number(quantity)
    name = str(option_label("product.unit", unit))
    return f"{show_number(quantity)} {name if quantity == 1 else PLURALS.get(name, name)}"
