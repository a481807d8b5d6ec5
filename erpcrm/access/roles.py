"""The standard roles of a new company. Which permissions each holds is declared by the areas."""

from dataclasses import dataclass
from typing import Any

from erpcrm.core.i18n import _, _l
from erpcrm.core.records import Choice
from erpcrm.core.registry import registry

EVERYTHING = "*"
"""In a role's permissions: all of them, also those that later areas bring."""
SCOPES = (Choice("own", _l("Own records")), Choice("team", _l("Records of the team")), Choice("all", _l("All records")))
LENSES = (Choice("relationship", _l("Relationship")), Choice("operations", _l("Operations")))


@dataclass(frozen=True)
class StandardRole:
    """`name` is what is stored, `scope` how far its permissions reach at first, `lens` how the customer page opens."""

    key: str
    name: str
    label: Any
    scope: str
    lens: str


STANDARD_ROLES = (
    StandardRole("admin", "Administrator", _l("Administrator"), "all", "relationship"),
    StandardRole("seller", "Seller", _l("Seller"), "own", "relationship"),
    StandardRole("manager", "Sales manager", _l("Sales manager"), "team", "relationship"),
    StandardRole("marketer", "Marketer", _l("Marketer"), "all", "relationship"),
    StandardRole("agent", "Service agent", _l("Service agent"), "all", "relationship"),
    StandardRole("controller", "Credit controller", _l("Credit controller"), "all", "operations"),
    StandardRole("accountant", "Accountant", _l("Accountant"), "all", "operations"),
    StandardRole("buyer", "Buyer", _l("Buyer"), "all", "operations"),
    StandardRole("storekeeper", "Storekeeper", _l("Storekeeper"), "all", "operations"),
    StandardRole("planner", "Production planner", _l("Production planner"), "all", "operations"),
    StandardRole("operator", "Operator", _l("Operator"), "own", "operations"),
    StandardRole("hr", "Human resources", _l("Human resources"), "all", "operations"),
)
STANDARD = {role.key: role for role in STANDARD_ROLES}


def permission_label(code: Any) -> str:
    """A permission in words; the code of one that no area knows any more."""
    if code == EVERYTHING:
        return str(_("Everything, also what later versions bring"))
    known = registry().permissions.get(str(code))
    return str(known.label) if known is not None else str(code)


def scope_label(scope: Any) -> str:
    return next((str(choice.label) for choice in SCOPES if choice.value == scope), str(scope))
