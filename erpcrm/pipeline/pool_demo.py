"""The demo company's public pool: what sellers gave back, what went back by itself, what is due soon."""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, update

from erpcrm.core.actor import acting_as
from erpcrm.core.db import now, session
from erpcrm.core.settings import save_setting
from erpcrm.customers.models import Customer
from erpcrm.customers.services import create_customer

from .models import POOLED, Lead, PoolMove, PoolPlace
from .services.leads import create_lead
from .services.pool import give_back, note_place, release

LEADS: tuple[tuple[Any, ...], ...] = (
    # company, person, phone, source, region, industry, former owner, days in the pool, reason, note
    ("宁波甬航轴承有限公司", "陈国栋", "0574 87302218", "trade_fair", "east_china", "manufacturing", "colleague", 2, "no_answer", "换微信"),
    ("Lindqvist Hydraulik", "Maja Lind", "+46 31 700 1182", "website", "europe", "manufacturing", "seller", 6, "no_need", "In summer"),
    ("东莞市精卓五金有限公司", "梁志明", "0769 2281 6630", "cold_call", "south_china", "manufacturing", "seller", 11, None, None),
    ("Cascade Drone Works", "Ethan Brooks", "+1 206 555 0177", "website", "americas", "technology", "colleague", 19, None, None),
    ("西安秦岭泵业股份有限公司", "郭建军", "029 8832 5501", "referral", "northwest_china", "energy", None, 1, None, None),
)  # fmt: skip
CUSTOMERS: tuple[tuple[Any, ...], ...] = (
    # name, phone, region, industry, former owner, days in the pool, reason, note
    ("嘉兴嘉禾食品机械有限公司", "0573 8209 7716", "east_china", "food", "colleague", 4, "no_time", "样机已试，等对方二季度预算"),
    ("Baltic Cannery OÜ", "+372 612 3344", "europe", "food", "seller", 9, None, None),
    ("长沙星拓包装有限公司", "0731 8456 1290", "south_china", "manufacturing", None, 3, None, None),
)  # fmt: skip


def fill(world: Any) -> None:
    for name, days in (("pool_leads", 21), ("pool_customers", 60)):
        save_setting(name, {"on": True, "claims_a_day": 5, "most_held": 60, "contact_days": days, "remind_days": 5})
    for company, person, phone, source, region, industry, former, days, reason, note in LEADS:
        values = {"company": company, "person": person, "phone": phone, "source": source, "region": region}
        owner = world.users[former or "seller"]
        lead = create_lead(values | {"industry": industry, "owner_id": owner.id}, world.users["admin"])
        _give_back(world, "lead", lead, former and owner, days, reason, note)
    for name, phone, region, industry, former, days, reason, note in CUSTOMERS:
        owner = world.users[former or "seller"]
        values = {"name": name, "phone": phone, "region": region, "industry": industry, "owner_id": owner.id}
        customer = create_customer(values, world.users["admin"])
        _give_back(world, "customer", customer, former and owner, days, reason, note)
    _due_soon(world)


def _give_back(world: Any, kind: str, record: Lead | Customer, owner: Any, days: int, reason: Any, note: Any) -> None:
    """By hand with a reason, by itself without one; without an owner it simply never had one."""
    if reason is not None:
        with acting_as(owner):
            give_back(POOLED[kind], record, owner, reason, note)
    elif owner is not None:
        release(record, "auto_returned", "no_contact")
    else:
        record.owner_id = record.team_id = None
    at = now() - timedelta(days=days, hours=3)
    record.created_at = at - timedelta(days=40)
    record.last_activity_at = None if owner is None else at - timedelta(days=20)
    session.flush()
    for model, column in ((PoolPlace, "since"), (PoolMove, "at")):
        rows = (model.record_type == kind, model.record_id == record.id)
        change: Any = update(model).values({column: at}) if owner is not None else delete(model)
        session.execute(change.where(*rows).execution_options(synchronize_session=False))


def _due_soon(world: Any) -> None:
    """One lead of the seller's has been told of: it goes back in three days."""
    seller = world.users["seller"]
    values = {"company": "无锡太湖传动设备厂", "person": "蒋丽华", "phone": "0510 8520 4471", "source": "website"}
    lead = create_lead(values | {"region": "east_china", "owner_id": seller.id}, world.users["admin"])
    lead.created_at = now() - timedelta(days=30)
    lead.last_activity_at = now() - timedelta(days=18)
    session.flush()
    note_place(POOLED["lead"], lead, {"told_for": world.today + timedelta(days=3)})
