"""The demo company's quotas, and a success that two share."""

from decimal import Decimal
from typing import Any

from sqlalchemy import select

from erpcrm.core.db import session

from .models import Opportunity
from .services.people import Holder
from .services.quotas import fiscal_periods, fiscal_year, save_quotas
from .services.shares import set_shares

QUARTERLY: tuple[tuple[str, str, int], ...] = (
    # whose, who says so, amount in thousands
    ("manager", "admin", 450),
    ("seller", "manager", 400),
    ("colleague", "manager", 150),
    ("lin", "admin", 250),
    ("maria", "admin", 200),
)
TEAMS = {"north": 1000, "south": 500}
"""In thousands; that of the south is more than its people's"""
GROWTH = (80, 90, 100, 120)
"""Percent of the figure above, by quarter"""


def fill_performance(world: Any) -> None:
    year = fiscal_year(world.today)
    periods = fiscal_periods(year, "quarter")
    targets: dict[str, dict[Any, Any]] = {}
    for name, by, thousands in QUARTERLY:
        for period, percent in zip(periods, GROWTH, strict=True):
            holder = Holder("user", world.users[name].id)
            targets.setdefault(by, {})[holder, period.first] = Decimal(thousands * 10 * percent)
    for name, thousands in TEAMS.items():
        for period, percent in zip(periods, GROWTH, strict=True):
            holder = Holder("team", world.teams[name].id)
            targets.setdefault("admin", {})[holder, period.first] = Decimal(thousands * 10 * percent)
    for by, wanted in targets.items():
        save_quotas(year, "quarter", "amount", wanted, world.users[by])
    shared = session.scalars(select(Opportunity).where(Opportunity.name == "导轨磨床一台")).one()
    parts = {world.users["seller"].id: 70, world.users["colleague"].id: 30}
    set_shares(shared, parts, world.users["admin"])
