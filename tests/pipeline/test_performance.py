"""What selling has brought: by whom, where and what, as far as one may see it."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from erpcrm.access.models import User
from erpcrm.company.services import set_rate
from erpcrm.core.moves import make_move
from erpcrm.customers.services import add_activity
from erpcrm.pipeline.models import OpportunityHistory
from erpcrm.pipeline.services import update_opportunity
from erpcrm.pipeline.services.performance import (
    DIMENSIONS,
    Chosen,
    Wanted,
    activities_of_won,
    deals_of,
    number_of_deals,
    reasons_lost,
    rows_by,
    stage_figures,
    total_of,
)
from erpcrm.pipeline.services.shares import set_shares
from tests.factories.closed_deals import a_free_deal, a_lost_deal, a_won_deal, free_pipeline
from tests.factories.sales import a_product
from tests.pipeline.people import *  # noqa: F403 - the people of the deals
from tests.wizard import plain

D = Decimal
SPRING = Wanted(date(2026, 1, 1), date(2026, 6, 30))


@pytest.fixture
def season(session: Any, seller: User, colleague: User, outsider: User, manager: User) -> None:
    """Seller: 1,000 and half of 3,000 won, 500 lost. Colleague: the other half, 200 lost. Outsider: 800 won."""
    a_won_deal(seller, 1000, date(2026, 1, 15), source="website")
    shared = a_won_deal(seller, 3000, date(2026, 3, 6), source="referral")
    set_shares(shared, {seller.id: 50, colleague.id: 50}, manager)
    a_lost_deal(seller, 500, date(2026, 3, 10))
    a_lost_deal(colleague, 200, date(2026, 3, 11), why="no_budget")
    a_won_deal(outsider, 800, date(2026, 4, 2))
    a_won_deal(seller, 9999, date(2026, 7, 1))
    a_free_deal(seller, 7777)
    session.commit()


def by(dimension: str, actor: User, wanted: Wanted = SPRING) -> dict[str, tuple[Decimal, Decimal, Decimal]]:
    """{name: (won, lost, amount)}"""
    return {
        row.label: (row.figures.won, row.figures.lost, row.figures.amount) for row in rows_by(dimension, wanted, actor)
    }


def test_figures_by_person_count_shares_and_add_up(season: None, admin: User, seller: User) -> None:
    assert by("person", admin) == {
        "王芳": (D("1.5"), D(1), D(2500)), "Anna Berg": (D("0.5"), D(1), D(1500)), "Otto Outsider": (D(1), D(0), D(800)),
    }  # fmt: skip
    for dimension in DIMENSIONS:
        total = total_of(rows_by(dimension, SPRING, admin))
        assert (total.won, total.lost, total.amount) == (D(3), D(2), D(4800)), dimension
    total = total_of(rows_by("person", SPRING, admin))
    assert (total.win_rate, total.average_deal) == (D("60.0"), D("1600.00"))
    # 10 days, twice 60 (each has a part of it), 87 days.
    assert (total.cycle, total.median_cycle) == (D("54.3"), D(60))


def test_months_are_in_their_order_and_without_gaps(season: None, admin: User) -> None:
    months = by("month", admin)
    assert list(months) == ["January 2026", "February 2026", "March 2026", "April 2026"]
    assert months["February 2026"] == (0, 0, 0)
    assert months["March 2026"] == (1, 2, 3000)
    assert by("quarter", admin) == {"Q1 2026": (2, 2, 4000), "Q2 2026": (1, 0, 800)}


def test_everybody_sees_what_their_scope_holds(season: None, seller: User, colleague: User, manager: User) -> None:
    assert by("person", colleague) == {"Anna Berg": (D("0.5"), D(1), D(1500))}
    assert by("person", seller) == {"王芳": (D("1.5"), D(1), D(2500))}
    assert by("person", manager).keys() == {"王芳", "Anna Berg"}
    assert by("team", manager) == {"North": (2, 2, 4000)}
    assert [reason.label for reason in reasons_lost(SPRING, seller)] == ["Price"]
    chosen = Chosen("person", seller.id, "won")
    assert number_of_deals(SPRING, chosen, colleague) == 0
    assert number_of_deals(SPRING, chosen, manager) == 2


def test_figures_are_narrowed_to_team_person_source_and_pipeline(
    season: None, admin: User, seller: User, outsider: User
) -> None:
    def amount(**narrowed: Any) -> Decimal:
        wanted = Wanted(SPRING.first, SPRING.last, **narrowed)
        return total_of(rows_by("month", wanted, admin)).amount

    assert amount(team=outsider.team_id) == 800
    assert amount(person=seller.id) == 2500
    assert amount(source="referral") == 3000
    assert amount(pipeline=free_pipeline().id) == 4800
    assert amount(pipeline=free_pipeline().id + 1000) == 0


def test_products_count_by_their_lines_at_the_rate_of_the_deal(session: Any, admin: User, seller: User) -> None:
    set_rate("USD", date(2026, 1, 1), D("7.1"))
    lathe, mill = a_product(name="Lathe"), a_product(name="Mill")
    lines = [
        {"product_id": lathe.id, "quantity": D(1), "price": D(100)},
        {"product_id": lathe.id, "quantity": D(2), "price": D(50)},
        {"product_id": mill.id, "quantity": D(1), "price": D("33.33")},
        {"text": "Freight", "quantity": D(1), "price": D(10)},
    ]
    a_won_deal(seller, lines=lines, currency="USD")
    a_won_deal(seller, 400)
    a_lost_deal(seller, lines=lines[:1], currency="CNY")
    session.commit()
    assert by("product", admin) == {
        "Lathe": (1, 1, D("1420.00")), "Mill": (1, 0, D("236.64")), "No product": (2, 0, D("471.00"))
    }  # fmt: skip
    deals = deals_of(SPRING, Chosen("product", lathe.id, "won"), admin)
    assert [deal.amount for deal in deals] == [D("1420.00")]
    assert sum(deal.amount for deal in deals_of(SPRING, Chosen("product", None, "won"), admin)) == D("471.00")


def test_every_figure_opens_to_the_deals_that_make_it(season: None, admin: User) -> None:
    for dimension in DIMENSIONS:
        for row in rows_by(dimension, SPRING, admin):
            deals = deals_of(SPRING, Chosen(dimension, row.key, "won"), admin)
            assert sum(deal.amount for deal in deals) == row.figures.amount, (dimension, row.label)
            assert D(sum(deal.percent for deal in deals)) / 100 == row.figures.won
    lost = deals_of(SPRING, Chosen(reason="no_budget"), admin)
    assert [deal.amount for deal in lost] == [200]


def test_stages_are_told_from_the_history(session: Any, admin: User, seller: User, manager: User) -> None:
    pipeline = free_pipeline()
    first, second, third = pipeline.stages
    straight = a_free_deal(seller)
    update_opportunity(straight, {"stage_id": second.id}, seller)
    update_opportunity(straight, {"stage_id": third.id}, seller)
    jumped, gave_up, back = a_free_deal(seller), a_free_deal(seller), a_free_deal(seller)
    update_opportunity(jumped, {"stage_id": third.id}, seller)
    update_opportunity(back, {"stage_id": second.id}, seller)
    update_opportunity(back, {"stage_id": first.id}, seller)
    for deal, move in ((straight, "win"), (jumped, "win"), (gave_up, "lose"), (back, "lose")):
        make_move(deal, move, by=manager, closed_on=date(2026, 3, 2), loss_reason="price")
    a_free_deal(seller)  # still open: of no end is anything known
    session.flush()
    found = stage_figures(pipeline, SPRING, admin)
    assert [(one.stage.name, one.reached, one.onward) for one in found] == [
        ("First", 4, 3), ("Second", 3, 2), ("Third", 2, 2),
    ]  # fmt: skip
    assert [one.conversion for one in found] == [D("75.0"), D("66.7"), D("100.0")]


def test_time_in_a_stage_is_that_between_two_rows_of_the_history(session: Any, admin: User, seller: User) -> None:
    _first, second, _third = free_pipeline().stages
    deal = a_free_deal(seller)
    update_opportunity(deal, {"stage_id": second.id}, seller)
    update_opportunity(deal, {"amount": D(5)}, seller)
    make_move(deal, "win", by=seller, closed_on=date(2026, 3, 2))
    rows = history(session, deal)
    assert len(rows) == 4
    for row, days in zip(rows, (0, 4, 5, 10), strict=True):
        row.at = rows[0].at + timedelta(days=days)
    other = a_won_deal(seller)
    there = history(session, other)
    there[-1].at = there[-2].at + timedelta(days=2)
    session.flush()
    lasted = {one.stage.name: one.days for one in stage_figures(free_pipeline(), SPRING, admin)}
    # The first deal stood in First for 4 days and the other one for 2; 1 and 5 days make 6 in Second; nobody stood in Third.
    assert lasted == {"First": D("3.0"), "Second": D("6.0"), "Third": None}


def history(session: Any, deal: Any) -> list[Any]:
    session.flush()
    query = select(OpportunityHistory).where(OpportunityHistory.opportunity_id == deal.id)
    return list(session.scalars(query.order_by(OpportunityHistory.id)))


def test_activities_are_counted_for_won_deals_once_however_many_share_them(
    session: Any, admin: User, seller: User, colleague: User
) -> None:
    won, lost = a_won_deal(seller), a_lost_deal(seller)
    a_won_deal(seller)
    set_shares(won, {seller.id: 50, colleague.id: 50}, admin)
    for deal, kind in ((won, "call"), (won, "call"), (won, "meeting"), (lost, "call")):
        add_activity(deal, kind, "Spoke", seller)
    number, kinds = activities_of_won(SPRING, admin)
    counts = {one.kind.value: (one.number, one.each) for one in kinds}
    assert number == 2
    assert counts["call"] == (2, D("1.0"))
    assert counts["meeting"] == (1, D("0.5"))
    assert counts["task"] == (0, D("0.0"))


def test_the_page_shows_its_figures_and_leads_to_their_deals(
    season: None, as_manager: FlaskClient, as_seller: FlaskClient, seller: User, outsider: User
) -> None:
    page = as_manager.get("/pipeline/performance?period=2026-Q1").text
    assert "50%" in plain(page)
    assert "4,000" in plain(page)
    assert "Otto" not in page
    assert f"person={seller.id}" in page
    answer = as_seller.get(f"/pipeline/performance/deals?period=2026-Q1&by=person&key={seller.id}&status=won")
    said = plain(answer.text)
    assert "50% of it" in said
    assert "2,500.00" in said
    assert "No deals" in plain(
        as_seller.get(f"/pipeline/performance/deals?period=2026&by=person&key={outsider.id}").text
    )
    part = as_seller.get(
        "/pipeline/performance/stages?period=2026",
        headers={"HX-Request": "true", "HX-Target": "section#performance_stages"},
    )
    assert part.text.lstrip().startswith('<section class="card" id="performance_stages"')
    assert "Nothing was closed" in as_seller.get("/pipeline/performance?period=2020").text


def test_addresses_that_nobody_means_break_nothing(season: None, as_seller: FlaskClient) -> None:
    for query, status in (
        ("period=nonsense", 200), ("from=2026-05-01&to=2026-01-01", 200), ("from=x", 200), ("from=2026-01-01", 200),
        ("period=future", 200), ("by=shoe_size", 404), ("person=99999999999", 200),
    ):  # fmt: skip
        assert as_seller.get(f"/pipeline/performance?{query}").status_code == status, query
        assert as_seller.get(f"/pipeline/performance/deals?{query}&key=1").status_code == status, query
    assert as_seller.get("/pipeline/performance/deals?by=month&key=1").status_code == 404, "in the year 0"
    assert as_seller.get("/pipeline/performance/deals?by=person&key=x").status_code == 404
    assert as_seller.get("/pipeline/performance/deals?status=open").status_code == 404
