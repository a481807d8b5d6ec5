"""The demo company: small, bilingual, the same at every start but for its dates, which lie around today."""

from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any

from erpcrm.areas import AREAS
from erpcrm.core.i18n import today
from erpcrm.core.lifecycle import transaction
from erpcrm.core.registry import is_on

PASSWORD = "demo-pass-1"  # noqa: S105 - the published password of the demo company


@dataclass
class World:
    """What the areas have built so far, bottom to top: each adds its own and uses what stands below."""

    today: date
    random: Random = field(default_factory=lambda: Random(20261124))  # noqa: S311 - the same company every time
    password: str = PASSWORD
    users: dict[str, Any] = field(default_factory=dict)
    """By the name before the @ of their sign-in: seller, manager ..."""
    teams: dict[str, Any] = field(default_factory=dict)
    products: list[Any] = field(default_factory=list)
    customers: list[Any] = field(default_factory=list)
    contacts: list[Any] = field(default_factory=list)


def fill() -> World:
    """Fill an empty database with the demo company, through the same verbs that users call."""
    with transaction():
        world = World(today=today())
        for area in AREAS:
            if area.demo is not None and is_on(area):
                area.demo(world)
    return world
