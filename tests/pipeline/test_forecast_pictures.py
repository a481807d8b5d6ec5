"""Every night's picture, and how good forecasts turn out to have been."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from erpcrm.core.i18n import on_day, today
from erpcrm.core.jobs import enqueue
from erpcrm.pipeline import services
from erpcrm.pipeline.forecasting import COUNTED, ZERO, Outcome
from erpcrm.pipeline.jobs import KEEP_FORECAST
from erpcrm.pipeline.models import ForecastPicture
from erpcrm.pipeline.services import forecast as forecasts
from erpcrm.pipeline.services.forecast import View
from tests.pipeline.forecasts import day_of, deal_in, lose, win
from tests.pipeline.people import *  # noqa: F403


def pictured(session, day, period):
    """What a picture says of a period, by category."""
    picture = ForecastPicture
    query = (
        select(picture.category, func.sum(picture.amount), func.sum(picture.weighted), func.sum(picture.deals))
        .where(picture.day == day, picture.month.between(period.first, period.last))
        .group_by(picture.category)
    )
    return {category: tuple(sums) for category, *sums in session.execute(query)}


def test_a_picture_is_what_the_forecast_was_at_the_end_of_its_day(session, seller, colleague, pipeline, clock):
    quarter = forecasts.this_quarter()
    here, there = day_of(quarter, 2), day_of(quarter.step(2))
    deal = deal_in(seller, "Proposal", "333.33", here)
    deal_in(colleague, "Negotiation", 200, here, forecast_category="best_case")
    deal_in(seller, "Prospecting", 40, there)
    deal_in(seller, "Prospecting", 70, here, forecast_category="omitted")
    win(deal_in(seller, "Proposal", 90, there), seller, today())
    lose(deal_in(seller, "Proposal", 55, here), seller)
    day, then = today(), forecasts.forecast(View(quarter), None).total
    clock.shift(timedelta(days=3))
    services.update_opportunity(deal, {"amount": Decimal(999), "forecast_category": "commit"}, seller)
    lose(deal_in(seller, "Proposal", 10, here), seller)
    kept = forecasts.take_picture(day)
    assert pictured(session, day, quarter) == {
        category: (then.amounts[category], weighted, then.deals[category])
        for category, weighted in (("closed", 90), ("best_case", Decimal("316.67")))
    }
    assert pictured(session, day, quarter.step(2)) == {"pipeline": (40, 4, 1)}
    assert sum(then.amounts[name] for name in COUNTED) == then.amounts["total"]
    before = session.execute(select(ForecastPicture.amount).order_by(ForecastPicture.amount)).all()
    assert forecasts.take_picture(day) == kept
    assert session.execute(select(ForecastPicture.amount).order_by(ForecastPicture.amount)).all() == before
    forecasts.take_picture(today())
    assert pictured(session, today(), quarter)["commit"] == (999, Decimal("499.50"), 1)
    assert forecasts.take_picture(day - timedelta(days=1)) == 0, "there was no deal yet"


def test_every_night_takes_the_pictures_that_are_missing(session, seller, pipeline, clock, run_jobs):
    def nightly():
        enqueue(KEEP_FORECAST)
        run_jobs()

    deal_in(seller, "Proposal", 100, today() + timedelta(days=20))
    first = today()
    session.commit()
    clock.shift(timedelta(days=3))
    assert forecasts.missing_days(10) == [first, first + timedelta(days=1), first + timedelta(days=2)]
    nightly()
    days = select(ForecastPicture.day).distinct().order_by(ForecastPicture.day)
    assert session.scalars(days).all() == [first + timedelta(days=place) for place in range(3)]
    assert forecasts.counted_results()[1] == today()
    clock.shift(timedelta(days=1))
    nightly()
    nightly()
    assert len(session.scalars(days).all()) == 4
    assert session.scalar(select(func.count(ForecastPicture.id))) == 4


@pytest.fixture
def last_quarter(session, seller, colleague, pipeline):
    """It began with 400 weighted of the seller and 150 of the colleague; 300 and 250 came. 30 days before its end
    another deal of the seller's was expected, too."""
    period = forecasts.this_quarter().step(-1)
    begin = period.first - timedelta(days=1)
    with on_day(begin - timedelta(days=5)):
        lost = deal_in(seller, "Proposal", 200, day_of(period, 2))
        won = deal_in(seller, "Proposal", 300, day_of(period))
        deal_in(seller, "Negotiation", 200, day_of(period, 1))
        theirs = deal_in(colleague, "Proposal", 300, day_of(period, 1))
        forecasts.call(seller, period, Decimal(280), None, seller)
    with on_day(period.first + timedelta(days=3)):
        late = deal_in(seller, "Proposal", 100, period.last)
    with on_day(period.last):
        win(won, seller, day_of(period))
        services.update_opportunity(theirs, {"amount": Decimal(250)}, colleague)
        win(theirs, colleague, period.last)
        lose(lost, seller)
        lose(late, seller)
    for day in (begin, period.last - timedelta(days=30), period.last):
        forecasts.take_picture(day)
    return period


def of(review, period):
    return next(one for at, _day, one in review.periods if at == period)


def test_what_was_forecast_is_compared_with_what_came(session, seller, colleague, outsider, last_quarter):
    view = View(forecasts.this_quarter())
    found = forecasts.review(view, "start", "weighted", "owner", None)
    assert of(found, last_quarter).outcome == Outcome(Decimal(550), Decimal(550))
    assert {group: one.outcome for group, one in found.groups.items()} == {
        seller.id: Outcome(Decimal(400), Decimal(300)),
        colleague.id: Outcome(Decimal(150), Decimal(250)),
    }
    assert (of(found, last_quarter).accuracy, of(found, last_quarter).bias) == (100, 0)
    assert (found.groups[seller.id].accuracy, found.groups[seller.id].bias) == (Decimal("66.7"), Decimal("33.3"))
    later = forecasts.review(view, "30", "weighted", "owner", None)
    assert later.groups[seller.id].outcome == Outcome(Decimal(450), Decimal(300))
    committed = forecasts.review(view, "start", "commit", "team", None)
    assert committed.groups == {seller.team_id: of(committed, last_quarter)}
    assert committed.all.outcome == Outcome(Decimal(200), Decimal(550))
    called = forecasts.review(view, "start", "call", "owner", None)
    assert called.groups[seller.id].outcome == Outcome(Decimal(280), Decimal(300))
    assert of(forecasts.review(view, "60", "weighted", "owner", None), last_quarter).outcome is None, "no picture then"
    months = forecasts.review(View(last_quarter.parts[0]), "start", "weighted", "owner", None)
    assert of(months, last_quarter.parts[0]).outcome == Outcome(Decimal(150), Decimal(300))


def test_accuracy_shows_within_the_scope_only(
    as_seller, as_manager, session, seller, colleague, outsider, last_quarter
):
    session.commit()
    mine = forecasts.review(View(forecasts.this_quarter()), "start", "weighted", "owner", seller)
    assert mine.groups.keys() == {seller.id}
    nothing = forecasts.review(View(forecasts.this_quarter()), "start", "weighted", "owner", outsider)
    assert nothing.all.outcome == Outcome(ZERO, ZERO)
    assert colleague.name not in as_seller.get("/pipeline/forecast/accuracy").text
    text = as_manager.get("/pipeline/forecast/accuracy").text
    assert colleague.name in text
    assert "66.7%" in text
    assert as_manager.get("/pipeline/forecast/accuracy?per=x&before=5&measure=x&by=x").status_code == 200
