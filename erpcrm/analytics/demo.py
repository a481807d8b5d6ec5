"""The demo company's segments: by rule, by RFM, a fixed list; and scores of some months ago, so that somebody has moved."""

from datetime import timedelta
from typing import Any

from erpcrm.core.actor import acting_as

from . import services
from .rules import Condition, Group
from .services import policy, rfm
from .services.runs import calculate

RULES: tuple[tuple[str, str, Group], ...] = (
    (
        "Key buyers of the year 年度重点客户",
        "Bought for 50,000 or more in the last 365 days. 近一年采购五万以上。",
        Group("all", (Condition("purchases.revenue", "min", ("50000",), "365"),)),
    ),
    (
        "Quiet buyers 久未联系的客户",
        "Bought before, and nobody has been in touch for 30 days. 有采购记录但三十天未联系。",
        Group(
            "all",
            (Condition("purchases.count", "min", ("1",)), Condition("customer.last_activity", "before", ("30",))),
        ),
    ),
    (
        "Open to news 可接收营销信息",
        "A contact has agreed to marketing, or the customer is tagged VIP. 有联系人同意接收营销信息，或带有 VIP 标签。",
        Group(
            "any",
            (Condition("contact.consent", "any", ("granted",)), Condition("customer.tags", "any", ("VIP",))),
        ),
    ),
)


def fill(world: Any) -> None:
    marketer = world.users["marketer"]
    with acting_as(marketer):
        rfm.ensure_cells()
        made = [
            services.save_segment(None, {"name": name, "kind": "rule", "description": text, "rule": rule}, marketer)
            for name, text, rule in RULES
        ]
        made.append(
            services.save_segment(
                None,
                {
                    "name": "Win back 待挽回客户",
                    "kind": "rfm",
                    "description": "Bought often or much, and not lately. 曾经常买、买得多，近来没有。",
                    "cells": ["cant_lose", "at_risk", "big_quiet"],
                },
                marketer,
            )
        )
        fair = services.save_segment(
            None,
            {
                "name": "Guests of the open day 开放日嘉宾",
                "kind": "static",
                "description": "Invited by hand. 人工邀请。",
            },
            marketer,
        )
        living = [one.id for one in world.customers if one.status != "archived"]
        services.add_customers(fair, living[:6], marketer)
    for days in (60, 30, 0):
        rfm.work_out(world.today - timedelta(days=days))
    for segment in made:
        services.note_members(segment)
    policy.choose({"value_cost_document": "60", "value_cost_activity": "120"})
    calculate(world.today)
