"""The standard roles of a new company. Which permissions each holds is declared beside the permissions, by their areas."""

from dataclasses import dataclass
from typing import Any

from erpcrm.core.i18n import _l


@dataclass(frozen=True)
class StandardRole:
    """`scope` is how far its permissions reach at first; `lens` how the customer page opens."""

    key: str
    label: Any
    scope: str
    lens: str


STANDARD_ROLES = (
    StandardRole("admin", _l("Administrator"), "all", "relationship"),
    StandardRole("seller", _l("Seller"), "own", "relationship"),
    StandardRole("manager", _l("Sales manager"), "team", "relationship"),
    StandardRole("marketer", _l("Marketer"), "all", "relationship"),
    StandardRole("agent", _l("Service agent"), "all", "relationship"),
    StandardRole("controller", _l("Credit controller"), "all", "operations"),
    StandardRole("accountant", _l("Accountant"), "all", "operations"),
    StandardRole("buyer", _l("Buyer"), "all", "operations"),
    StandardRole("storekeeper", _l("Storekeeper"), "all", "operations"),
    StandardRole("planner", _l("Production planner"), "all", "operations"),
    StandardRole("operator", _l("Operator"), "own", "operations"),
    StandardRole("hr", _l("Human resources"), "all", "operations"),
)
