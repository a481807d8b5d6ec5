"""A deal's success is shared: who may say so, that it makes a whole, and that it follows the amount."""

from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from erpcrm.access.models import User
from erpcrm.core.errors import NotAllowed, Refused, Stale
from erpcrm.core.moves import make_move
from erpcrm.pipeline.models import Opportunity, OpportunityMargin, OpportunityShare
from erpcrm.pipeline.services import set_lines, update_opportunity
from erpcrm.pipeline.services.shares import CREDITED, CREDITED_AMOUNT, CREDITED_USER, may_share, set_shares, shares_of
from tests.factories.closed_deals import a_free_deal
from tests.factories.sales import a_product
from tests.forms import fields_of
from tests.pipeline.people import *  # noqa: F403 - the people of the deals

D = Decimal


@pytest.fixture
def worth(seller: User, session: Any) -> Opportunity:
    deal = a_free_deal(seller, "1000.01")
    session.commit()
    return deal


def parts(session: Any, deal: Opportunity) -> dict[int, Decimal]:
    query = select(CREDITED_USER, CREDITED_AMOUNT).select_from(CREDITED).where(Opportunity.id == deal.id)
    return {user: amount for user, amount in session.execute(query)}


def test_without_shares_the_owner_has_all_of_it(session: Any, worth: Opportunity, seller: User) -> None:
    assert parts(session, worth) == {seller.id: D("1000.01")}


def test_shares_make_the_whole_amount_and_follow_it(
    session: Any, worth: Opportunity, seller: User, colleague: User, outsider: User, trail: Any
) -> None:
    set_shares(worth, {seller.id: 33, colleague.id: 33, outsider.id: 34}, seller)
    assert parts(session, worth) == {seller.id: D("330.00"), colleague.id: D("330.00"), outsider.id: D("340.01")}
    assert [share.team_id for share in shares_of(worth)] == [seller.team_id, seller.team_id, outsider.team_id]
    update_opportunity(worth, {"amount": D("500.00")}, seller)
    assert sum(parts(session, worth).values()) == D("500.00")
    assert parts(session, worth)[outsider.id] == D("170.00")
    session.commit()
    assert any(line.part and "Share of the success" in line.part for line in trail(worth))
    # The owner alone is the same as nobody.
    set_shares(worth, {seller.id: 100}, seller)
    assert session.scalar(select(func.count(OpportunityShare.id))) == 0
    assert parts(session, worth) == {seller.id: D("500.00")}


@pytest.mark.parametrize(
    ("percents", "says"),
    [((50, 40), "make 90"), ((60, 60), "make 120"), ((100, 0), "from 1 to 100"), ((101, -1), "from 1 to 100")],
)
def test_shares_that_make_no_whole_are_refused(
    worth: Opportunity, seller: User, colleague: User, percents: tuple[int, int], says: str
) -> None:
    with pytest.raises(Refused, match=says):
        set_shares(worth, dict(zip((seller.id, colleague.id), percents, strict=True)), seller)
    assert shares_of(worth) == []


def test_who_may_share_a_deal(
    session: Any, worth: Opportunity, seller: User, colleague: User, manager: User, marketer: User
) -> None:
    assert [may_share(worth, one) for one in (seller, manager, colleague, marketer)] == [True, True, False, False]
    with pytest.raises(NotAllowed):
        set_shares(worth, {colleague.id: 100}, colleague)
    make_move(worth, "win", by=manager)
    assert not may_share(worth, seller), "quotas count on a closed deal"
    set_shares(worth, {seller.id: 40, colleague.id: 60}, manager)
    assert parts(session, worth) == {seller.id: D("400.00"), colleague.id: D("600.01")}


def test_somebody_who_has_left_gets_no_new_share_but_keeps_the_old_one(
    session: Any, worth: Opportunity, seller: User, colleague: User, outsider: User
) -> None:
    set_shares(worth, {seller.id: 50, colleague.id: 50}, seller)
    colleague.active = outsider.active = False
    session.flush()
    set_shares(worth, {seller.id: 70, colleague.id: 30}, seller)
    with pytest.raises(Refused, match="Choose somebody else"):
        set_shares(worth, {seller.id: 70, outsider.id: 30}, seller)
    assert [share.percent for share in shares_of(worth)] == [70, 30]


def test_two_dialogs_on_one_deal_do_not_overwrite_each_other(
    session: Any, worth: Opportunity, seller: User, colleague: User
) -> None:
    seen = worth.version
    set_shares(worth, {seller.id: 50, colleague.id: 50}, seller, seen)
    session.commit()
    with pytest.raises(Stale):
        set_shares(worth, {}, seller, seen)
    assert len(shares_of(worth)) == 2


def test_winning_keeps_what_it_leaves_at_the_costs_of_that_day(
    session: Any, seller: User, manager: User, worth: Opportunity
) -> None:
    lathe, oil = a_product(name="Lathe", cost=D("120.50")), a_product(name="Oil", cost=None)
    known, unknown = a_free_deal(seller), a_free_deal(seller)
    set_lines(known, [{"product_id": lathe.id, "quantity": D("2"), "price": D("200")}], seller)
    both = [{"product_id": product.id, "quantity": D(1), "price": D("200")} for product in (lathe, oil)]
    set_lines(unknown, both, seller)
    for deal in (known, unknown, worth):
        make_move(deal, "win", by=manager)
    lathe.cost = D("1")
    session.flush()
    margins = {row.opportunity_id: row.base_margin for row in session.scalars(select(OpportunityMargin))}
    assert margins == {known.id: D("159.00")}, (
        "no figure where a cost is not known, or nothing is said of what was sold"
    )
    make_move(known, "reopen", by=manager, reason="Not yet")
    assert session.scalar(select(func.count(OpportunityMargin.opportunity_id))) == 0


def test_the_dialog_shares_a_deal_and_says_what_is_wrong(
    as_seller: FlaskClient, worth: Opportunity, seller: User, colleague: User
) -> None:
    url = f"/pipeline/opportunities/{worth.id}/shares"
    form = fields_of(as_seller.get(url).text)
    assert (form["parts-0-user_id"], form["parts-0-percent"]) == (str(seller.id), "100")
    sent = form | {"parts-0-percent": "60", "parts-1-user_id": "", "parts-1-user_id_text": colleague.name}
    answer = as_seller.post(url, data=sent | {"parts-1-percent": "30"})
    assert answer.status_code == 422
    assert "make 90 %" in answer.text
    assert as_seller.post(url, data=sent | {"parts-1-percent": ""}).status_code == 422
    assert as_seller.post(url, data=sent | {"parts-1-percent": "40"}).status_code == 303
    page = as_seller.get(f"/pipeline/opportunities/{worth.id}").text
    assert "Anna Berg" in page[page.index('id="shares"') :]
    assert "400" in page[page.index('id="shares"') :]


def test_a_new_owner_without_a_share_is_pointed_out(
    as_manager: FlaskClient, worth: Opportunity, seller: User, colleague: User, manager: User
) -> None:
    set_shares(worth, {seller.id: 50, colleague.id: 50}, seller)
    update_opportunity(worth, {"owner_id": manager.id}, manager)
    page = as_manager.get(f"/pipeline/opportunities/{worth.id}").text
    assert "Max Manager owns this deal and has no share of it" in page
    assert [share.percent for share in shares_of(worth)] == [50, 50], "what they have done stays theirs"
