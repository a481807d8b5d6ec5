"""Views and deals of forecasts, for tests."""

from datetime import date
from decimal import Decimal
from typing import Any

from erpcrm.core.actor import acting_as
from erpcrm.core.db import session
from erpcrm.core.moves import make_move
from erpcrm.pipeline.forecasting import Period
from erpcrm.pipeline.models import Opportunity
from erpcrm.pipeline.services.forecast import View, this_quarter
from tests.factories.opportunities import a_deal


def now_view(**filters: Any) -> View:
    """This quarter."""
    return View(this_quarter(), **filters)


def day_of(period: Period, place: int = 0) -> date:
    """A day in the middle of one of its months."""
    return period.parts[place].first.replace(day=15)


def deal_in(owner: Any, stage: str, amount: Any, close: date | None, **values: Any) -> Opportunity:
    return a_deal(
        owner, stage, amount=None if amount is None else Decimal(amount), expected_close=close, currency="CNY", **values
    )


def win(deal: Opportunity, by: Any, on: date) -> None:
    """Won on a day, whatever its stages ask for."""
    for stage in deal.pipeline.stages:
        stage.required = []
    with acting_as(by):
        make_move(deal, "win", by=by, closed_on=on)
    session.flush()


def lose(deal: Opportunity, by: Any) -> None:
    with acting_as(by):
        make_move(deal, "lose", by=by, loss_reason="price")
