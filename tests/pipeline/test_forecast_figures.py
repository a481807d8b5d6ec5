"""The figures of the forecast, the deals behind each, and what a seller may change there."""

import re
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import insert, select

from erpcrm.core.exact import Share, round_money
from erpcrm.core.i18n import today
from erpcrm.core.settings import save_setting
from erpcrm.pipeline import services
from erpcrm.pipeline.models import Opportunity, Quota, Stage, StageResult
from erpcrm.pipeline.services import forecast as forecasts
from erpcrm.pipeline.services.learned import set_probability
from tests.factories.opportunities import a_deal, a_pipeline, stage_called
from tests.pipeline.forecasts import day_of, deal_in, lose, now_view, win
from tests.pipeline.people import *  # noqa: F403


def some_deals(seller, colleague):
    """Of each category some, in two months of this quarter, and what no forecast of it counts."""
    quarter = forecasts.this_quarter()
    early, late, beyond = day_of(quarter), day_of(quarter, 2), day_of(quarter.step(1))
    deal_in(seller, "Prospecting", "100.01", early)
    deal_in(seller, "Proposal", "333.33", late)
    deal_in(seller, "Negotiation", "77.77", late)
    deal_in(colleague, "Negotiation", "1000.10", late)
    deal_in(colleague, "Negotiation", None, late)
    deal_in(seller, "Proposal", 5000, late, forecast_category="omitted")
    deal_in(seller, "Prospecting", 60, early, forecast_category="commit")
    deal_in(seller, "Proposal", 9000, beyond)
    won, lost = deal_in(seller, "Proposal", 450, beyond), deal_in(seller, "Proposal", 700, early)
    win(won, seller, early)
    lose(lost, seller)


def results(session, **stages):
    """What the last night counted: stage=(reached, won)."""
    rows = [
        {"stage_id": stage_called(name).id, "reached": reached, "won": won, "since": today(), "counted_on": today()}
        for name, (reached, won) in stages.items()
    ]
    session.execute(insert(StageResult), rows)


def test_open_deals_count_by_their_expected_close_and_won_ones_by_their_end(session, seller, colleague, pipeline):
    some_deals(seller, colleague)
    results(session, Negotiation=(30, 10), Proposal=(19, 19))
    found = forecasts.forecast(now_view(), None)
    amounts = found.total.amounts
    assert {name: amounts[name] for name in ("closed", "commit", "best_case", "pipeline")} == {
        "closed": Decimal(450),
        "commit": Decimal("1137.87"),
        "best_case": Decimal("333.33"),
        "pipeline": Decimal("100.01"),
    }
    assert amounts["total"] == sum(amounts[name] for name in ("closed", "commit", "best_case", "pipeline"))
    # 450 + 10.00 + 166.67 + 58.33 + 750.08 + 6.00, each rounded by itself
    assert amounts["weighted"] == Decimal("1441.08")
    # Negotiation 33.3 % by history: 25.90 and 333.03; Proposal too few, so its own 50 %
    assert amounts["history"] == Decimal("991.60")
    assert (found.total.deals["total"], found.total.unpriced) == (7, 1)
    months = [row.amounts["total"] for _month, row in found.by_month(forecasts.this_quarter().parts)]
    assert sum(months) == amounts["total"]
    assert months[1] == 0
    assert months[0] == Decimal("610.01")
    assert found.by_owner()[colleague.id].amounts["commit"] == Decimal("1000.10")


def test_each_figure_is_the_sum_of_the_deals_that_it_opens_to(session, seller, colleague, pipeline):
    some_deals(seller, colleague)
    results(session, Negotiation=(23, 7), Prospecting=(31, 3))
    views = [now_view(), now_view(owner_id=seller.id), now_view().of(period=forecasts.this_quarter().parts[2])]
    for view in views:
        row = forecasts.forecast(view, None).total
        for figure in forecasts.FIGURES:
            found = forecasts.explain(view, figure, None)
            assert found.total == row.amounts[figure] == sum(term.share or 0 for term in found.terms), figure
            assert found.count == row.deals[figure] == len(found.terms)
            for term in found.terms:
                share = None if term.amount is None else round_money(term.amount * term.per_mille / 1000, "CNY")
                assert term.share == share


def test_deals_that_are_not_listed_are_in_the_sum(session, seller, pipeline, monkeypatch):
    monkeypatch.setattr("erpcrm.pipeline.services.forecast.figures.LISTED", 2)
    for amount in (10, 20, 30, 40):
        deal_in(seller, "Proposal", amount, today())
    found = forecasts.explain(now_view(), "best_case", None)
    assert [term.amount for term in found.terms] == [40, 30]
    assert (found.count, found.total, found.rest, found.rest_sum) == (4, 100, 2, 30)


def test_a_share_is_rounded_in_the_database_as_money_is(session, seller, pipeline):
    amounts = [Decimal(text) for text in ("0.01", "0.05", "1.15", "33.33", "9999999999999.99", "12345678901.23")]
    for amount in amounts:
        deal_in(seller, "Proposal", amount, None)
    for per_mille in (0, 1, 333, 500, 675, 999, 1000):
        for digits, currency in ((2, "CNY"), (0, "JPY")):
            share = Share(Opportunity.base_amount, per_mille + Stage.probability - Stage.probability, digits)
            query = select(share).join(Stage, Stage.id == Opportunity.stage_id).order_by(Opportunity.id)
            expected = [round_money(amount * per_mille / 1000, currency) for amount in amounts]
            assert session.scalars(query).all() == expected, (per_mille, currency)


def test_history_shows_what_came_of_the_deals_that_reached_a_stage(session, seller, pipeline, clock):
    for name, end in (("Negotiation", "won"), ("Proposal", "won"), ("Negotiation", "lost"), ("Qualification", "lost")):
        deal = deal_in(seller, name, 10, today())
        if name == "Negotiation" and end == "lost":
            services.move_to_stage(deal, stage_called("Prospecting"), seller)  # it fell back, but it was there
        win(deal, seller, today()) if end == "won" else lose(deal, seller)
    deal_in(seller, "Negotiation", 10, today())  # still open
    old = deal_in(seller, "Negotiation", 10, today())
    win(old, seller, today() - timedelta(days=800))
    forecasts.count_stage_results(today())
    rates = forecasts.stage_rates()
    counted = {stage.name: (rates[stage.id].reached, rates[stage.id].won) for stage in pipeline.stages}
    assert counted == {"Prospecting": (4, 2), "Qualification": (4, 2), "Proposal": (3, 2), "Negotiation": (3, 2)}
    forecasts.count_stage_results(today())
    assert forecasts.stage_rates() == rates, "counted once more it is the same"
    assert forecasts.counted_results()[1] == today()


def test_the_page_shows_a_seller_their_own_deals_only(as_seller, as_colleague, session, seller, colleague, outsider):
    deal_in(seller, "Negotiation", 1111, today(), name="Mine")
    deal_in(colleague, "Negotiation", 2222, today(), name="Theirs")
    session.commit()
    text = as_seller.get("/pipeline/forecast").text
    assert "1,111" in text
    assert "2,222" not in text
    assert colleague.name not in text
    deals = as_seller.get(f"/pipeline/forecast/deals?figure=commit&owner={colleague.id}").text
    assert "Theirs" not in deals
    assert "Mine" in as_seller.get("/pipeline/forecast/deals?figure=commit").text


def test_a_manager_filters_by_owner_and_pipeline(as_manager, session, seller, colleague, outsider, pipeline):
    other = a_pipeline("Service", ("Begin", 40, ()))
    deal_in(seller, "Negotiation", 1111, today())
    deal_in(colleague, "Negotiation", 2222, today())
    a_deal(seller, other.stages[0], amount=Decimal(4444), expected_close=today())
    deal_in(outsider, "Negotiation", 8888, today())
    session.commit()
    everything = as_manager.get("/pipeline/forecast").text
    assert "3,333" in everything
    assert "4,444" in everything
    assert "8,888" not in everything
    only = as_manager.get(f"/pipeline/forecast?owner={seller.id}&pipeline={pipeline.id}").text
    assert "1,111" in only
    assert "2,222" not in only
    assert "4,444" not in only
    assert as_manager.get("/pipeline/forecast?period=1999-01-3&owner=x&team=99999999999").status_code == 200


def test_deals_whose_day_has_passed_before_the_quarter_are_told(as_seller, session, seller, pipeline):
    begin = forecasts.this_quarter().first
    deal_in(seller, "Proposal", 500, begin - timedelta(days=1))
    deal_in(seller, "Proposal", 700, None)
    deal_in(seller, "Proposal", 900, begin)
    session.commit()
    found = forecasts.beyond(now_view(), None)
    assert (found.late, found.late_sum, found.undated, found.undated_sum) == (1, 500, 1, 700)
    text = as_seller.get("/pipeline/forecast").text
    assert "should have closed before this quarter" in text
    assert "without an expected close" in text


def test_a_figure_opens_as_the_list_of_the_same_deals(as_manager, session, seller, pipeline):
    deal_in(seller, "Negotiation", 10, today(), name="Sure thing")
    deal_in(seller, "Negotiation", 20, today(), name="Doubtful", forecast_category="best_case")
    win(deal_in(seller, "Proposal", 30, today(), name="Done deal"), seller, today())
    session.commit()
    for figure, named in (("commit", "Sure thing"), ("best_case", "Doubtful"), ("closed", "Done deal")):
        dialog = as_manager.get(f"/pipeline/forecast/deals?figure={figure}").text
        link = re.search(r'href="(/pipeline/opportunities\?[^"]+)"', dialog).group(1).replace("&amp;", "&")
        listed = as_manager.get(link).text
        shown = [name for name in ("Sure thing", "Doubtful", "Done deal") if name in listed]
        assert shown == [named]
    assert as_manager.get("/pipeline/forecast/deals?figure=wrong").status_code == 404


def test_a_seller_says_in_place_how_sure_a_deal_is(as_seller, as_colleague, session, seller, pipeline):
    deal = deal_in(seller, "Proposal", 321, today())
    session.commit()
    url = f"/pipeline/opportunities/{deal.id}/category?figure=best_case"
    ask = {"HX-Request": "true", "HX-Target": "div#dialog_body"}
    answer = as_seller.post(url, data={"forecast_category": "commit", "version": deal.version}, headers=ask)
    assert answer.status_code == 200
    assert "forecast-changed" in answer.headers["HX-Trigger"]
    assert "321" not in answer.text, "it is in another figure now"
    session.expire_all()
    assert (deal.forecast_category, services.history_of(deal)[0].changed) == ("commit", ["forecast_category"])
    assert forecasts.forecast(now_view(), None).total.amounts["commit"] == 321
    stale = as_seller.post(url, data={"forecast_category": "pipeline", "version": deal.version - 1}, headers=ask)
    assert stale.status_code == 409
    assert as_seller.post(url, data={"forecast_category": "sure"}, headers=ask).status_code == 409
    assert as_colleague.post(url, data={"forecast_category": "pipeline"}).status_code == 404
    back = as_seller.post(url, data={"forecast_category": ""})
    assert back.status_code == 303
    session.expire_all()
    assert deal.forecast_category is None, "its stage decides again"
    lose(deal, seller)
    session.commit()
    assert as_seller.post(url, data={"forecast_category": "commit"}, headers=ask).status_code == 409


def test_form_and_stage_set_up_keep_the_category(as_manager, session, seller, pipeline):
    stage = stage_called("Qualification")
    values = {"name": stage.name, "probability": 25, "forecast_category": "commit", "version": stage.version}
    assert as_manager.post(f"/pipeline/setup/stages/{stage.id}", data=values).status_code == 303
    deal = deal_in(seller, "Qualification", 44, today())
    session.commit()
    assert forecasts.forecast(now_view(), None).total.amounts["commit"] == 44
    sent = {"name": "Named", "stage_id": deal.stage_id, "currency": "CNY", "amount": 44, "version": deal.version}
    sent |= {"expected_close": today().isoformat(), "owner_id": seller.id, "forecast_category": "best_case"}
    assert as_manager.post(f"/pipeline/opportunities/{deal.id}", data=sent).status_code == 303
    assert forecasts.forecast(now_view(), None).total.amounts["best_case"] == 44
    assert "Best case" in as_manager.get(f"/pipeline/opportunities/{deal.id}").text


def test_periods_follow_the_fiscal_year(as_manager, session, seller, pipeline):
    save_setting("fiscal_year_start", 4)
    session.commit()
    quarter = forecasts.this_quarter()
    text = as_manager.get("/pipeline/forecast").text
    assert f"{quarter.first.year - (quarter.first.month < 4)}/" in text
    for steps, there in ((-8, True), (-9, False), (4, True), (5, False)):
        asked = quarter.step(steps)
        assert (forecasts.asked_period(asked.key) == asked) is there, steps


def test_a_sellers_own_probability_weighs_instead_of_the_stages(session, seller, pipeline):
    deal = deal_in(seller, "Proposal", 200, today())
    set_probability(deal, 90, seller)
    amounts = forecasts.forecast(now_view(), None).total.amounts
    assert (amounts["weighted"], amounts["history"], amounts["best_case"]) == (180, 100, 200)
    assert forecasts.explain(now_view(), "weighted", None).terms[0].percent == 90


def test_what_is_sure_stands_against_the_quota(as_seller, as_manager, session, seller, colleague, manager, pipeline):
    quarter = forecasts.this_quarter()
    session.add(
        Quota(user_id=seller.id, period="quarter", starts_on=quarter.first, measure="amount", target=Decimal(5000))
    )
    win(deal_in(seller, "Proposal", 1000, today()), seller, today())
    deal_in(seller, "Negotiation", 500, today())
    deal_in(seller, "Proposal", 9000, today())
    deal_in(colleague, "Negotiation", 700, today())
    session.commit()
    for client in (as_seller, as_manager):
        text = client.get("/pipeline/forecast").text
        assert "5,000" in text
        assert "3,500 short" in text
    assert "3,500 short" not in as_manager.get(f"/pipeline/forecast?pipeline={pipeline.id}").text
    deal_in(seller, "Negotiation", 3500, today())
    session.commit()
    assert "covered" in as_seller.get("/pipeline/forecast").text
