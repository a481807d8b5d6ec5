"""What the company has chosen for its figures: costs, classes, discount, and from how many customers on it believes a model."""

from decimal import Decimal
from typing import Any

from erpcrm.core.settings import save_setting, setting

from .summing import Costs

DEFAULTS: dict[str, Any] = {
    "value_cost_document": "0",
    "value_cost_activity": "0",
    "value_cuts": [80, 95],
    "value_discount": "10",
    "value_years": 3,
    "value_least": [100, 50],
    "basket_products": 200,
    "basket_least": 3,
}


def costs() -> Costs:
    return Costs(Decimal(setting("value_cost_document")), Decimal(setting("value_cost_activity")))


def cuts() -> tuple[int, int]:
    first, second = setting("value_cuts")
    return first, second


def least() -> tuple[tuple[int, int], tuple[int, int]]:
    """(customers and repeaters for the models), (products and documents for pairs)."""
    customers, repeaters = setting("value_least")
    return (customers, repeaters), (setting("basket_products"), setting("basket_least"))


def chosen() -> dict[str, Any]:
    """What a run keeps beside its figures, so that they can be explained later."""
    return {
        "discount": setting("value_discount"),
        "years": setting("value_years"),
        "cost_document": setting("value_cost_document"),
        "cost_activity": setting("value_cost_activity"),
        "cuts": list(cuts()),
        "least": list(setting("value_least")),
    }


def choose(values: dict[str, Any]) -> None:
    """Store what the company has decided; it holds from the next working out on."""
    for name, value in values.items():
        save_setting(name, value)
