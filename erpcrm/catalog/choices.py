"""Units and categories of products."""

from collections.abc import Sequence

from erpcrm.core.i18n import _l
from erpcrm.core.records import Choice

LISTS: dict[str, Sequence[Choice]] = {
    "product.unit": (
        Choice("pcs", _l("pcs")),
        Choice("set", _l("set")),
        Choice("roll", _l("roll")),
        Choice("m", _l("m")),
        Choice("kg", _l("kg")),
        Choice("hour", _l("hour")),
        Choice("day", _l("day")),
        Choice("year", _l("year")),
    ),
    "product.category": (
        Choice("machine", _l("Machines")),
        Choice("part", _l("Spare parts")),
        Choice("consumable", _l("Consumables")),
        Choice("service", _l("Services")),
    ),
}


def options(name: str) -> Sequence[Choice]:
    return LISTS[name]
