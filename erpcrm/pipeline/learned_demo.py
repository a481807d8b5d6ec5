"""The demo company's deals of two years ago and before, and what is learned from them."""

from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

from sqlalchemy import select

from erpcrm.core.db import session

from .models import Opportunity, OpportunityContact
from .services import default_pipeline
from .services.importing import import_opportunity, prepare_opportunities, update_imported
from .services.learned import keep, learn_all, set_probability

THINGS = (
    "车床大修",
    "Tool cabinet, 6 pieces",
    "夹具改造",
    "Cooling unit",
    "检测平台",
    "Spindle repair",
    "刀柄年度采购",
    "Machine relocation",
    "排屑机更换",
    "Operator training",
)
SOURCES = {"referral": 75, "trade_fair": 55, "website": 40, "cold_call": 20}
"""Percent that were won"""
WON, LOST = 26, 30
LONG_AGO = 520
"""Days: before anything that forecasts and quotas of the demo look at"""


def fill(world: Any) -> None:
    chance = Random(2024)  # noqa: S311 - the same company every time
    stages, admin = default_pipeline().stages, world.users["admin"]
    rows: list[dict[str, Any]] = []
    ends: list[str] = []
    while len(ends) < WON + LOST:
        source = chance.choice(list(SOURCES))
        end = "won" if chance.randrange(100) < SOURCES[source] else "lost"
        if ends.count(end) == (WON if end == "won" else LOST):
            continue
        closed = world.today - timedelta(days=LONG_AGO + 7 * len(ends) + chance.randrange(7))
        life = chance.randrange(25, 80) + (30 if end == "lost" else 0)
        customer = world.customers[chance.randrange(len(world.customers))]
        rows.append(
            {
                "name": f"{THINGS[len(ends) % len(THINGS)]} {closed.year}",
                "customer_id": customer.id,
                "owner_id": world.users[chance.choice(("seller", "colleague", "manager"))].id,
                "stage": str(stages[-1 if end == "won" else chance.randrange(len(stages))].id),
                "amount": Decimal(chance.randrange(8, 120) * 1000),
                "currency": "CNY",
                "opened_on": closed - timedelta(days=life),
                "close_date": closed,
                "source": source,
            }
        )
        ends.append(end)
    prepare_opportunities(rows, admin)
    deals = [import_opportunity(row, admin) for row in rows]
    session.flush()
    for deal, end, row in zip(deals, ends, rows, strict=True):
        update_imported(deal, {"stage": end, "close_date": row["close_date"]}, admin)
        if end == "lost":
            deal.loss_reason = chance.choice(("price", "no_budget", "competitor", "no_decision"))
        if world.contacts and chance.randrange(100) < (80 if end == "won" else 35):
            session.add(OpportunityContact(opportunity=deal, contact=chance.choice(world.contacts)))
    session.flush()
    keep(learn_all())
    _own_figure(world)


def _own_figure(world: Any) -> None:
    """The seller knows better of one deal."""
    seller = world.users["seller"]
    mine = (Opportunity.status == "open", Opportunity.owner_id == seller.id, Opportunity.amount.is_not(None))
    deal = session.scalars(select(Opportunity).where(*mine).order_by(Opportunity.id.desc()).limit(1)).one()
    set_probability(deal, 85, seller)
