"""What sellers call for themselves, and what their manager puts beside it."""

from decimal import Decimal

import pytest
from sqlalchemy import func, select

from erpcrm.core.errors import NotAllowed, NotThere, Refused
from erpcrm.pipeline.models import ForecastCall
from erpcrm.pipeline.services import forecast as forecasts
from tests.pipeline.forecasts import now_view
from tests.pipeline.people import *  # noqa: F403


def called(view, by):
    return {owner: (one.seller, one.manager, one.counts) for owner, one in forecasts.called_in(view, by).items()}


def test_the_latest_call_counts_and_all_are_kept(session, seller, manager, pipeline):
    period = forecasts.this_quarter()
    forecasts.call(seller, period, Decimal("1000.005"), "two deals", seller)
    forecasts.call(seller, period, Decimal(900), None, seller)
    forecasts.call(seller, period, Decimal(900), None, seller)
    ((own, override, counts),) = called(now_view(), manager).values()
    assert (own.amount, override, counts) == (900, None, 900)
    assert [one.amount for one in forecasts.calls_of(seller, period)] == [900, Decimal("1000.01")]
    forecasts.call(seller, period, Decimal(700), "no budget", manager)
    ((own, override, counts),) = called(now_view(), manager).values()
    assert (own.amount, override.amount, override.note, override.by_id, counts) == (
        900,
        700,
        "no budget",
        manager.id,
        700,
    )
    forecasts.call(seller, period, None, None, manager)
    ((own, override, counts),) = called(now_view(), manager).values()
    assert (own.amount, override, counts) == (900, None, 900)
    assert session.scalar(select(func.count(ForecastCall.id))) == 4


def test_month_and_quarter_are_called_apart(session, seller, pipeline):
    quarter = forecasts.this_quarter()
    month = quarter.parts[-1]
    forecasts.call(seller, quarter, Decimal(300), None, seller)
    forecasts.call(seller, month, Decimal(100), None, seller)
    assert forecasts.latest(quarter, [seller.id])[seller.id].counts == 300
    assert forecasts.latest(month, [seller.id])[seller.id].counts == 100


def test_who_may_call_for_whom(session, seller, colleague, manager, outsider, marketer, pipeline):
    period = forecasts.this_quarter()
    with pytest.raises(NotAllowed):
        forecasts.call(colleague, period, Decimal(1), None, seller)
    with pytest.raises(NotAllowed):
        forecasts.call(marketer, period, Decimal(1), None, marketer)
    with pytest.raises(NotThere):
        forecasts.call(outsider, period, Decimal(1), None, manager)
    over = period.step(-1)
    with pytest.raises(Refused, match="period is over"):
        forecasts.call(seller, over, Decimal(1), None, seller)
    assert forecasts.call(manager, period, Decimal(1), None, manager).kind == "seller", "the own figure is a call"
    forecasts.call(outsider, period, Decimal(9), None, outsider)
    assert called(now_view(), manager).keys() == {manager.id}
    assert called(now_view(), seller) == {}
    assert called(now_view(owner_id=seller.id), manager) == {}
    assert called(now_view(team_id=outsider.team_id), outsider).keys() == {outsider.id}


def test_the_override_stands_with_its_note_beside_the_call(as_seller, as_manager, session, seller, colleague):
    key = forecasts.this_quarter().key
    url = f"/pipeline/forecast/owners/{seller.id}/call?period={key}"
    assert "Call of" in as_seller.get(url).text
    answer = as_seller.post(url, data={"amount": "123,456", "note": "sure"})
    assert answer.status_code == 303
    assert f"period={key}" in answer.location
    assert as_manager.post(url, data={"amount": "x"}).status_code == 422
    assert as_manager.post(url, data={"amount": "-1"}).status_code == 422
    assert as_manager.post(url, data={"amount": "99,999", "note": "The budget is not named"}).status_code == 303
    for client in (as_seller, as_manager):
        text = client.get("/pipeline/forecast").text
        for shown in ("123,456", "99,999", "The budget is not named", "1 of"):
            assert shown in text
    history = as_seller.get(url).text
    assert "Manager’s override" in history
    assert "Seller’s call" in history
    assert as_seller.get(f"/pipeline/forecast/owners/{colleague.id}/call").status_code == 404
    assert as_seller.post(f"/pipeline/forecast/owners/{colleague.id}/call", data={"amount": "1"}).status_code == 404
