"""The demo company's past deals, quotas, and a success that two share."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from erpcrm.core.actor import acting_as
from erpcrm.core.db import session
from erpcrm.core.i18n import moment, on_day
from erpcrm.core.moves import make_move
from erpcrm.core.settings import setting
from erpcrm.customers.services import add_activity

from . import services
from .models import Opportunity
from .services.people import Holder
from .services.quotas import fiscal_periods, fiscal_year, save_quotas
from .services.shares import set_shares

PAST: tuple[tuple[str, str, int, int, int, str], ...] = (
    # name, owner, amount in thousands, opened days ago, closed days ago, why lost
    ("龙门加工中心", "seller", 980, 330, 262, ""),
    ("Hydraulic test bench", "lin", 410, 325, 270, ""),
    ("车削中心两台", "colleague", 560, 310, 240, ""),
    ("Palletising cell", "maria", 350, 300, 251, "price"),
    ("冷却系统年度维保", "seller", 240, 290, 236, ""),
    ("Gear hobbing machine", "manager", 870, 280, 205, "competitor"),
    ("夹具套装 40 套", "colleague", 130, 260, 214, ""),
    ("激光打标机", "lin", 190, 240, 196, "no_decision"),
    ("Retrofit of a boring mill", "seller", 620, 235, 171, ""),
    ("自动检测线", "maria", 540, 215, 150, ""),
    ("Spindle exchange programme", "colleague", 310, 200, 158, "no_budget"),
    ("焊接机器人工作站", "seller", 760, 190, 122, ""),
    ("Deburring station", "lin", 280, 170, 118, ""),
    ("数控系统升级", "colleague", 205, 160, 126, ""),
    ("Chip conveyor line", "maria", 95, 150, 112, "fit"),
    ("立式车床", "manager", 690, 145, 98, ""),
)
QUARTERLY: tuple[tuple[str, str, int], ...] = (
    # whose, who says so, amount in thousands
    ("manager", "admin", 500),
    ("seller", "manager", 1600),
    ("colleague", "manager", 600),
    ("lin", "admin", 300),
    ("maria", "admin", 350),
)
TEAMS = {"north": 2700, "south": 750}
"""In thousands; that of the south is more than its people's"""
GROWTH = (80, 90, 100, 120)
"""Percent of the figure above, by quarter"""


def fill_performance(world: Any) -> None:
    _past_deals(world)
    year = fiscal_year(world.today)
    periods = fiscal_periods(year, "quarter")
    targets: dict[str, dict[Any, Any]] = {}
    whose = [(Holder("user", world.users[name].id), by, amount) for name, by, amount in QUARTERLY]
    whose += [(Holder("team", world.teams[name].id), "admin", amount) for name, amount in TEAMS.items()]
    for holder, by, thousands in whose:
        for period, percent in zip(periods, GROWTH, strict=True):
            targets.setdefault(by, {})[holder, period.first] = Decimal(thousands * 10 * percent)
    for by, wanted in targets.items():
        save_quotas(year, "quarter", "amount", wanted, world.users[by])
    shared = session.scalars(select(Opportunity).where(Opportunity.name == "导轨磨床一台")).one()
    parts = {world.users["seller"].id: 70, world.users["colleague"].id: 30}
    set_shares(shared, parts, world.users["admin"])


def _past_deals(world: Any) -> None:
    """Closed deals of the last eleven months, each with its way through the stages and a few talks."""
    stages = services.ensure_standard_pipeline().stages
    for place, (name, owner, thousands, opened, closed, why) in enumerate(PAST):
        user = world.users[owner]
        mine = [customer for customer in world.customers if customer.owner_id == user.id] or world.customers
        customer = mine[place % len(mine)]
        start, end = (world.today - timedelta(days=days) for days in (opened, closed))
        reached = stages if not why else stages[: 2 + place % 3]
        with acting_as(user):
            with on_day(start):
                values = {
                    "name": name, "customer_id": customer.id, "owner_id": user.id, "source": customer.source,
                    "amount": Decimal(thousands * 1000), "currency": setting("currency"), "expected_close": end,
                }  # fmt: skip
                deal = services.create_opportunity(values, user)
                add_activity(deal, "call", name, user, at=moment())
            for number, stage in enumerate(reached[1:], 1):
                with on_day(start + (end - start) * number // len(reached)):
                    services.move_to_stage(deal, stage, user)
                    add_activity(deal, ("meeting", "email", "call")[(place + number) % 3], name, user, at=moment())
            with on_day(end):
                if why:
                    make_move(deal, "lose", by=user, loss_reason=why)
                else:
                    make_move(deal, "win", by=user)
