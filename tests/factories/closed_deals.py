"""Deals that have come to an end, on a pipeline that asks nothing."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from erpcrm.core.actor import acting_as
from erpcrm.core.db import session
from erpcrm.core.moves import make_move
from erpcrm.pipeline.models import Opportunity, Pipeline
from erpcrm.pipeline.services import set_lines
from tests.factories.opportunities import a_deal, a_pipeline

STAGES = ("First", "Second", "Third")


def free_pipeline() -> Pipeline:
    """Three stages without gates; made once."""
    found = session.scalars(select(Pipeline).where(Pipeline.name == "Free")).first()
    return found or a_pipeline("Free", *((name, 20 + 30 * place, ()) for place, name in enumerate(STAGES)))


def a_free_deal(owner: Any, amount: int | str = 1000, stage: str = "First", **values: Any) -> Opportunity:
    """An open one, in the company's currency."""
    where = next(one for one in free_pipeline().stages if one.name == stage)
    given = {"amount": Decimal(amount), "currency": "CNY", "opened_on": date(2026, 1, 5)} | values
    lines = given.pop("lines", None)
    deal = a_deal(owner, where, **given)
    if lines:
        set_lines(deal, lines, owner)
    return deal


def a_won_deal(owner: Any, amount: int | str = 1000, on: date = date(2026, 2, 2), **values: Any) -> Opportunity:
    deal = a_free_deal(owner, amount, **values)
    with acting_as(owner):
        make_move(deal, "win", by=owner, closed_on=on)
    return deal


def a_lost_deal(
    owner: Any, amount: int | str = 1000, on: date = date(2026, 2, 2), why: str = "price", **values: Any
) -> Opportunity:
    deal = a_free_deal(owner, amount, **values)
    with acting_as(owner):
        make_move(deal, "lose", by=owner, closed_on=on, loss_reason=why)
    return deal
