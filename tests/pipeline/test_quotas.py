"""Quotas: who sets whose, filling a year quickly, and how far they are reached."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from erpcrm.access.models import User
from erpcrm.core.actor import acting_as
from erpcrm.core.audit import AuditEntry
from erpcrm.core.errors import Refused
from erpcrm.core.settings import save_setting
from erpcrm.pipeline.models import Quota
from erpcrm.pipeline.services.attainment import board_of
from erpcrm.pipeline.services.people import Holder
from erpcrm.pipeline.services.quotas import (
    copy_last_year,
    fiscal_period,
    fiscal_periods,
    grid_of,
    save_quotas,
)
from erpcrm.pipeline.services.shares import set_shares
from tests.factories.closed_deals import a_free_deal, a_won_deal
from tests.factories.sales import a_product
from tests.forms import fields_of
from tests.pipeline.people import *  # noqa: F403 - the people of the deals
from tests.wizard import plain

D = Decimal
SPRING = date(2026, 1, 1)
TODAY = date(2026, 3, 2)


def of(someone: Any) -> Holder:
    return Holder("user" if isinstance(someone, User) else "team", someone.id)


def give(
    by: User, amount: int | str, *whose: Any, first: date = SPRING, kind: str = "quarter", measure: str = "amount"
) -> int:
    return save_quotas(first.year, kind, measure, {(of(one), first): D(amount) for one in whose}, by)


def board(actor: User, measure: str = "amount", kind: str = "quarter", today: date = TODAY) -> Any:
    period = fiscal_period(today, kind)
    return board_of(actor, fiscal_periods(period.year, kind), period, measure, today)


def test_nobody_sets_their_own_quota_nor_that_of_the_team_they_lead(
    session: Any, admin: User, manager: User, seller: User, colleague: User, outsider: User, teams: Any
) -> None:
    assert give(manager, 5000, seller, colleague) == 2
    for whose, says in (
        (manager, "Nobody sets their own quota"),
        (teams.north, "set by somebody above you"),
        (outsider, "out of your sight"),
        (teams.south, "out of your sight"),
    ):
        with pytest.raises(Refused, match=says):
            give(manager, 1, whose)
    with pytest.raises(Refused, match="You may not set quotas"):
        give(seller, 1, seller)
    assert give(admin, 9000, manager, teams.north, teams.south, outsider) == 4
    assert session.scalar(select(func.count(Quota.id))) == 6


def test_what_a_superior_has_set_stays(session: Any, admin: User, manager: User, seller: User, colleague: User) -> None:
    give(admin, 7000, seller)
    with pytest.raises(Refused, match="Ada Admin has set this quota"):
        give(manager, 6000, seller)
    with pytest.raises(Refused, match="Ada Admin has set this quota"):
        save_quotas(2026, "quarter", "amount", {(of(seller), SPRING): None}, manager)
    assert give(manager, 7000, seller, colleague) == 1, "to send the same again changes nothing and is no offence"
    give(admin, 4000, colleague)
    assert session.scalars(select(Quota.target).order_by(Quota.user_id)).all() == [7000, 4000]


def test_a_form_with_one_wrong_cell_changes_nothing(
    session: Any, as_manager: FlaskClient, admin: User, manager: User, seller: User, colleague: User
) -> None:
    with acting_as(admin):
        give(admin, 7000, seller)
    session.commit()
    url = "/pipeline/quotas/edit?kind=quarter&on=2026-03-02"
    shown = as_manager.get(url).text
    form = fields_of(shown)
    cell, locked = f"user-{colleague.id}-2026-01-01", f"user-{seller.id}-2026-01-01"
    assert cell in form
    assert locked not in form
    assert "Ada Admin has set this quota" in shown
    for sent, says in (
        ({cell: "5,000", locked: "1"}, "has set this quota"),
        ({cell: "12x"}, "is not a number"),
        ({cell: "-3"}, "above zero"),
    ):
        answer = as_manager.post(url, data=sent)
        assert answer.status_code == 422
        assert says in answer.text
        assert f'value="{sent[cell]}"' in answer.text, "what was typed stands there still"
    assert session.scalar(select(func.count(Quota.id))) == 1
    assert as_manager.post(url, data={cell: "5,000.50"}).status_code == 303
    assert as_manager.post(url, data=fields_of(as_manager.get(url).text)).status_code == 303
    found = session.scalars(select(Quota).where(Quota.user_id == colleague.id)).one()
    assert (found.target, found.set_by_id) == (D("5000.50"), manager.id)
    told = session.scalars(
        select(AuditEntry).where(AuditEntry.record_type == "quota", AuditEntry.record_id == found.id)
    )
    assert [entry.action for entry in told] == ["created"]
    as_manager.post(url, data={cell: ""})
    assert session.scalar(select(func.count(Quota.id))) == 1
    # A cell that is nobody's, of no quarter, or no cell at all.
    for name in ("user-999999-2026-01-01", f"user-{colleague.id}-2026-01-02"):
        assert as_manager.post(url, data={name: "1"}).status_code == 422
    assert as_manager.post(url, data={"user-x-y": "1"}).status_code == 404


def test_a_year_is_filled_from_the_last_one(
    session: Any, admin: User, manager: User, seller: User, colleague: User
) -> None:
    give(manager, 1005, seller, first=date(2025, 1, 1))
    give(manager, 3000, seller, first=date(2025, 4, 1))
    give(manager, 9000, seller, first=date(2026, 4, 1))
    give(admin, 500, manager, first=date(2025, 1, 1))
    assert copy_last_year(2026, "quarter", "amount", 10, "quota", manager) == 1, (
        "what is set stays, and one's own is not set"
    )
    grid = grid_of(2026, "quarter", "amount", manager)
    assert [grid.target(of(seller), period) for period in grid.periods] == [D(1106), D(9000), None, None]
    a_won_deal(colleague, 2000, date(2025, 8, 1))
    assert copy_last_year(2026, "quarter", "amount", -50, "achieved", manager) == 1
    grid = grid_of(2026, "quarter", "amount", manager)
    assert [grid.target(of(colleague), period) for period in grid.periods] == [None, None, D(1000), None]


def test_the_sum_of_the_people_is_held_against_the_team(
    session: Any, admin: User, seller: User, colleague: User, manager: User, teams: Any
) -> None:
    give(admin, 10_000, teams.north)
    grid = grid_of(2026, "quarter", "amount", admin)
    assert grid.mismatch(teams.north, grid.periods[0]) is None, "nobody has one yet"
    give(admin, 4000, seller, colleague)
    grid = grid_of(2026, "quarter", "amount", admin)
    assert (grid.members(teams.north, grid.periods[0]), grid.mismatch(teams.north, grid.periods[0])) == (8000, 2000)
    give(admin, 2000, manager)
    grid = grid_of(2026, "quarter", "amount", admin)
    assert grid.mismatch(teams.north, grid.periods[0]) is None


def test_attainment_by_person_and_team_with_pace_place_and_what_is_open(
    session: Any, admin: User, manager: User, seller: User, colleague: User, outsider: User, teams: Any
) -> None:
    give(admin, 6400, seller)
    give(admin, 1000, colleague)
    give(admin, 10_000, teams.north)
    shared = a_won_deal(seller, 4000, date(2026, 2, 3))
    set_shares(shared, {seller.id: 75, colleague.id: 25}, admin)
    a_won_deal(outsider, 3500, date(2026, 1, 8))
    a_won_deal(seller, 9999, date(2026, 4, 1))
    a_free_deal(seller, 1000, stage="Second", expected_close=date(2026, 3, 20))
    a_free_deal(seller, 1000, expected_close=date(2026, 4, 20))
    session.flush()
    found = board(admin)
    # The first quarter of 2026 has 64 days from Monday to Friday, 43 of them until the second of March.
    assert found.passed == (43, 64)
    people = {one.name: one for one in found.people}
    assert list(people) == ["Otto Outsider", "王芳", "Anna Berg", "Max Manager"]
    one = people["王芳"]
    assert (one.place, one.reached.achieved, one.reached.percent) == (2, 3000, D("46.9"))
    assert (one.reached.due, one.reached.ahead) == (4300, -1300)
    assert (one.open.amount, one.open.weighted) == (1000, 500)
    assert (people["Anna Berg"].reached.percent, people["Max Manager"].place) == (D("100.0"), 4)
    north = next(one for one in found.teams if one.holder == of(teams.north))
    assert (north.reached.achieved, north.members) == (4000, 7400)
    assert (found.everybody.reached.achieved, found.everybody.reached.target) == (7500, 7400)
    assert [won for _period, _target, won in found.over_time(of(seller))] == [3000, 9999, 0, 0]
    assert [row.open.amount for row in found.people if row.name == "Anna Berg"] == [0]


def test_a_seller_sees_their_own_place_and_nobody_elses_figures(
    session: Any, as_seller: FlaskClient, admin: User, seller: User, colleague: User, outsider: User
) -> None:
    give(admin, 1000, seller, outsider)
    a_won_deal(outsider, 3500, date(2026, 1, 8))
    a_won_deal(seller, 1200, date(2026, 1, 8))
    session.commit()
    found = board(seller)
    assert [(one.name, one.place) for one in found.people] == [("王芳", 2)]
    assert found.competitors == 2
    assert found.everybody.reached.achieved == 1200
    page = as_seller.get("/pipeline/quotas?on=2026-03-02").text
    assert "Place 2 of 2" in page
    assert "120%" in plain(page)
    assert "Star" in plain(page)
    assert "Otto" not in page
    assert "3,500" not in page
    assert as_seller.get(f"/pipeline/quotas?of=user-{outsider.id}").status_code == 404
    assert as_seller.get("/pipeline/quotas/edit").status_code == 403


def test_numbers_and_margins_count_by_share(
    session: Any, admin: User, seller: User, colleague: User, manager: User
) -> None:
    lathe = a_product(name="Lathe", cost=D("60"))
    deal = a_won_deal(seller, lines=[{"product_id": lathe.id, "quantity": D(3), "price": D("100.01")}])
    set_shares(deal, {seller.id: 50, colleague.id: 50}, admin)
    a_won_deal(seller, 777)
    give(admin, 4, seller, measure="number")
    session.flush()
    number = {one.name: one.reached for one in board(admin, "number").people}
    assert (number["王芳"].achieved, number["Anna Berg"].achieved) == (D("1.5"), D("0.5"))
    assert number["王芳"].percent == D("37.5")
    margin = {one.name: one.reached.achieved for one in board(admin, "margin").people}
    assert (margin["王芳"], margin["Anna Berg"]) == (D("60.02"), D("60.02")), "half up, each on its own"


def test_margins_are_for_those_who_may_see_costs(as_manager: FlaskClient, as_seller: FlaskClient, roles: Any) -> None:
    for client, may in ((as_seller, roles["seller"].holds("catalog.cost.view")),):
        answer = client.get("/pipeline/quotas?measure=margin")
        assert answer.status_code == (200 if may else 404)
    assert as_manager.get("/pipeline/quotas?measure=shoes").status_code == 404
    assert as_manager.get("/pipeline/quotas?kind=week").status_code == 404
    assert as_manager.get("/pipeline/quotas?on=9999-01-01").status_code == 404


def test_a_quarter_without_its_own_quota_has_that_of_its_months(session: Any, admin: User, seller: User) -> None:
    give(admin, 1000, seller, kind="month")
    give(admin, 1500, seller, kind="month", first=date(2026, 2, 1))
    mine = next(one for one in board(admin).people if one.holder == of(seller))
    assert (mine.reached.target, mine.whole) == (2500, False)
    give(admin, 1500, seller, kind="month", first=date(2026, 3, 1))
    mine = next(one for one in board(admin).people if one.holder == of(seller))
    assert (mine.reached.target, mine.whole) == (4000, True)
    give(admin, 5000, seller)
    assert next(one for one in board(admin).people if one.holder == of(seller)).reached.target == 5000
    year = next(one for one in board(admin, kind="year").people if one.holder == of(seller))
    assert (year.reached.target, year.whole) == (5000, False)


def test_quotas_follow_the_fiscal_year(session: Any, admin: User, seller: User, as_manager: FlaskClient) -> None:
    save_setting("fiscal_year_start", 4)
    assert [period.first.month for period in fiscal_periods(2025, "quarter")] == [4, 7, 10, 1]
    give_in = {(of(seller), date(2026, 1, 1)): D(800)}
    assert save_quotas(2025, "quarter", "amount", give_in, admin) == 1
    a_won_deal(seller, 400, date(2026, 2, 2))
    session.commit()
    mine = next(one for one in board(admin).people if one.holder == of(seller))
    assert mine.reached.percent == 50
    page = plain(as_manager.get("/pipeline/quotas?on=2026-02-02").text)
    assert "Q4 2025/26" in page
