"""What is learned from won and lost deals, on a deal's page and in the sums; the seller's own figure."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from erpcrm.core.db import now
from erpcrm.core.errors import NotAllowed, Refused, Stale
from erpcrm.core.i18n import today
from erpcrm.core.jobs import Job, enqueue, run_pending
from erpcrm.core.moves import make_move
from erpcrm.customers.services import add_activity, create_contact, create_customer
from erpcrm.pipeline.learning import Learned
from erpcrm.pipeline.models import Opportunity, OpportunityContact, OpportunityHistory
from erpcrm.pipeline.probability import probability_of
from erpcrm.pipeline.services import learned, set_lines
from erpcrm.pipeline.services.board import by_close_month, sums
from erpcrm.pipeline.services.importing import import_opportunity, prepare_opportunities
from tests.factories.opportunities import a_deal, stage_called
from tests.pipeline.people import *  # noqa: F403


def ended(session: Any, by: Any, end: str, count: int, **values: Any) -> list[Opportunity]:
    """Deals as a file brings them, that ended like this, each a day after the other."""
    rows = [
        {"name": f"{end} {n}", "stage": end, "amount": Decimal(1000 + n), "currency": "CNY", "source": "website"}
        | {"opened_on": today() - timedelta(days=100 + n), "close_date": today() - timedelta(days=60 + n)}
        | values
        for n in range(count)
    ]
    prepare_opportunities(rows, by)
    deals = [import_opportunity(row, by) for row in rows]
    session.flush()
    return deals


def finish(deal: Opportunity, end: str, by: Any) -> Opportunity:
    make_move(deal, end, by=by, loss_reason="price")
    return deal


def test_each_fact_is_counted_by_how_deals_ended(session, seller, pipeline):
    customer = create_customer({"name": "Mill", "industry": "food", "region": "asia"}, None)
    won = ended(session, seller, "won", 3, source="referral", customer_id=customer.id)
    lost = ended(session, seller, "lost", 2)
    ended(session, seller, "lost", 1, source=None, amount=None)
    session.add(OpportunityContact(opportunity=won[0], contact=create_contact({"name": "Ida"}, None, customer)))
    lost[0].next_step = "Ring again"
    add_activity(won[1], "call", "One", seller, at=learned._middle(won[1])[1])
    add_activity(won[1], "call", "After the end", seller)
    session.flush()
    counts = learned.learn().learned
    assert (counts.won, counts.lost, counts.enough) == (3, 3, False)
    assert counts.values["source"] == {"referral": (3, 0), "website": (0, 2)}, "what nobody entered is not counted"
    assert counts.values["industry"] == {"food": (3, 0)}
    assert counts.values["region"] == {"asia": (3, 0)}
    assert counts.values["team"] == {str(seller.team_id): (3, 3)}
    assert counts.values["contact"] == {"yes": (1, 0), "no": (2, 3)}
    assert counts.values["next_step"] == {"yes": (0, 1), "no": (3, 2)}
    assert sum(won + lost for won, lost in counts.values["amount"].values()) == 5
    assert counts.reached["activities"]["1"] == (1, 0, 3, 3), "what came after the end tells nothing"
    assert counts.reached["age"]["100"] == (3, 3, 3, 3), "all lived forty days, the usual cycle"
    assert counts.reached["age"]["150"] == (0, 0, 3, 3)


def test_stages_count_how_far_deals_came_and_files_do_not_pretend_to_know(session, seller, pipeline):
    ended(session, seller, "lost", 5)
    finish(a_deal(seller, "Prospecting"), "lose", seller)
    finish(a_deal(seller, "Proposal"), "lose", seller)
    customer = create_customer({"name": "Mill"}, None)
    known = {"customer_id": customer.id, "amount": Decimal(5), "expected_close": today()}
    finish(a_deal(seller, "Negotiation", **known), "win", seller)
    reached = learned.learn().learned.reached["stage"]
    by_name = {stage.name: reached[str(stage.id)] for stage in pipeline.stages}
    assert by_name == {
        "Prospecting": (1, 2, 1, 2),
        "Qualification": (1, 1, 1, 2),
        "Proposal": (1, 1, 1, 2),
        "Negotiation": (1, 0, 1, 2),
    }


def test_amounts_are_banded_by_fifths_and_the_category_is_that_of_the_first_line(session, seller, pipeline):
    from_files = ended(session, seller, "won", 10)
    assert [str(bound) for bound in learned.learn().bounds] == ["1001.0000", "1003.0000", "1005.0000", "1007.0000"]
    assert learned.learn().learned.values["amount"] == {str(band): (2, 0) for band in range(5)}
    same = ended(session, seller, "lost", 40, amount=Decimal(500))
    assert len(learned.learn().bounds) < 4, "equal amounts make no bands"
    assert len(from_files) + len(same) == 50
    set_lines(from_files[0], [{"text": "Advice", "quantity": Decimal(1), "price": None}], seller)
    assert learned.learn().learned.values["category"] == {}, "a line without a product has none"


def test_below_thirty_of_each_it_says_that_there_is_too_little(as_seller, session, seller, pipeline):
    deal = a_deal(seller)
    ended(session, seller, "won", 29)
    ended(session, seller, "lost", 40)
    session.commit()
    page = as_seller.get(f"/pipeline/opportunities/{deal.id}").text
    assert "Nothing has been learned yet" in page
    learned.keep(learned.learn_all())
    session.commit()
    page = as_seller.get(f"/pipeline/opportunities/{deal.id}").text
    assert "too little to learn from: 29 won and 40 lost" in page
    assert "too little" in as_seller.get(f"/pipeline/opportunities/{deal.id}/learned").text
    assert "29 won and 40 lost" in as_seller.get("/pipeline/learned").text


def test_the_page_shows_the_learned_beside_the_stages_own_with_what_speaks_for_it(as_seller, session, seller, pipeline):
    for end, source, count in (("won", "referral", 30), ("won", "website", 10), ("lost", "website", 40)):
        ended(session, seller, end, count, source=source)
    deal, other = a_deal(seller, source="referral"), a_deal(seller, source="website")
    enqueue(learned.LEARN)
    session.commit()
    run_pending()
    model = learned.in_force()
    assert (model.won, model.lost) == (40, 40)
    known = learned.known_of(model)
    said = learned.predict(known, deal)
    # 41/41 x (31/42) / (1/42) for the source; that no next step is planned and nobody named was true of all
    assert {term.fact: round(term.seen.won) for term in said.terms} == {"source": 30}
    assert said.probability == pytest.approx(31 / 32)
    assert learned.predict(known, other).probability == pytest.approx((11 / 42) / (11 / 42 + 41 / 42))
    page = as_seller.get(f"/pipeline/opportunities/{deal.id}").text
    assert "97%" in page
    assert "from 80 deals" in page
    assert "30 of 30 won" in page
    assert "+3.43" in as_seller.get(f"/pipeline/opportunities/{deal.id}/learned").text
    page = as_seller.get("/pipeline/learned").text
    assert "Predicted and real" in page
    assert learned.calibration_of(model).count == 16, "every fifth was held out"


def test_a_deal_is_not_told_from_its_own_former_end(session, seller, manager, pipeline):
    before = session.scalars(select(Job).where(Job.name == learned.LEARN)).all()
    deal = finish(a_deal(seller, source="fair"), "lose", seller)
    assert learned.learn().learned.values["source"] == {"fair": (0, 1)}
    make_move(deal, "reopen", by=manager, reason="They called")
    assert learned.learn().learned.values["source"] == {}
    assert len(session.scalars(select(Job).where(Job.name == learned.LEARN)).all()) == len(before) + 1
    assert learned.predict(learned.learn(), deal).terms == []


def test_the_sellers_own_figure_holds_until_it_is_given_back(as_seller, as_colleague, session, seller, pipeline):
    deal = a_deal(seller, amount=Decimal(1000), currency="CNY")
    a_deal(seller, amount=Decimal(500), currency="CNY")
    stage = stage_called("Prospecting")
    session.commit()
    path = f"/pipeline/opportunities/{deal.id}/probability"
    assert as_seller.post(path, data={"percent": "101", "version": deal.version}).status_code == 422
    assert as_colleague.post(path, data={"percent": "5"}).status_code == 404, "not theirs to see"
    as_seller.post(path, data={"percent": "80", "version": deal.version})
    session.expire_all()
    assert probability_of(deal) == 80
    page = as_seller.get(f"/pipeline/opportunities/{deal.id}").text
    assert "the seller’s own figure" in page
    assert "switched off for this deal" in page
    expected = Decimal(800) + Decimal(500) * stage.probability / 100
    assert sums(pipeline, [])[str(stage.id)].weighted == expected
    assert by_close_month(pipeline, [])[0].weighted == expected
    as_seller.post(f"{path}/back", data={"version": deal.version})
    session.expire_all()
    assert (deal.own_probability, probability_of(deal)) == (None, stage.probability)


def test_a_figure_of_ones_own_needs_the_right_an_open_deal_and_the_version_seen(session, seller, marketer, pipeline):
    deal = a_deal(seller)
    with pytest.raises(NotAllowed):
        learned.set_probability(deal, 50, marketer)
    with pytest.raises(Stale):
        learned.set_probability(deal, 50, seller, version=deal.version - 1)
    with pytest.raises(Refused, match="between 0 and 100"):
        learned.set_probability(deal, 120, seller)
    finish(deal, "lose", seller)
    with pytest.raises(Refused, match="has ended"):
        learned.set_probability(deal, 50, seller)


def test_held_out_deals_are_seen_at_half_of_their_life(session, seller, pipeline):
    deal = a_deal(seller, "Prospecting", opened_on=today() - timedelta(days=40))
    for stage, days in (("Qualification", 30), ("Proposal", 5)):
        deal.stage_id = stage_called(stage).id
        session.flush()
        newest = session.scalars(select(OpportunityHistory).order_by(OpportunityHistory.id.desc())).first()
        newest.at = now() - timedelta(days=days)
        session.flush()
    finish(deal, "lose", seller)
    stages = {stage.name: str(stage.id) for stage in pipeline.stages}
    telling = {stages["Qualification"]: (29, 9, 38, 38), stages["Proposal"]: (1, 29, 38, 38)}
    known = learned.Known(Learned(39, 39, {}, {"stage": telling}), [], None)
    ((predicted, won),) = learned.check(known, [deal.id])
    assert won is False
    assert predicted == pytest.approx((30 / 40) / (30 / 40 + 10 / 40)), "as it stood twenty days ago"
