"""What the pages of performance say of the hardware seller's book, beside the figures of its README."""

from datetime import date
from decimal import Decimal

from sqlalchemy import select

from erpcrm.access.models import Team, User
from erpcrm.core.db import session
from erpcrm.pipeline.models import Quota
from erpcrm.pipeline.services.attainment import board_of
from erpcrm.pipeline.services.people import Holder
from erpcrm.pipeline.services.performance import Chosen, Wanted, deals_of, number_of_deals, rows_by, total_of
from erpcrm.pipeline.services.quotas import fiscal_period, fiscal_periods, save_quotas
from tests.wizard import Wizard, plain

EVER = Wanted(date(2016, 1, 1), date(2017, 12, 31))
QUARTERS = (1_134_672, 3_086_111, 2_982_255, 2_802_496)


def check_performance(wizard: Wizard) -> None:
    admin = session.scalars(select(User).where(User.email == "ada@example.com")).one()

    def won_by(dimension: str) -> dict[str, Decimal]:
        return {row.label: row.figures.amount for row in rows_by(dimension, EVER, admin)}

    quarters = rows_by("quarter", EVER, admin)
    assert [row.figures.amount for row in quarters] == [*QUARTERS]
    total = total_of(quarters)
    assert (total.won, total.lost, total.amount) == (4238, 2473, 10_005_534)
    assert round(100 * total.won / total.closed, 4) == Decimal("63.1501")
    cycle = Decimal(sum(days * count for days, count in total.days.items())) / total.days.total()
    assert round(cycle, 3) == Decimal("51.782")
    assert (total.win_rate, total.cycle) == (Decimal("63.2"), Decimal("51.8"))
    people = won_by("person")
    assert next(iter(people.items())) == ("Darcel Schlecht", 1_153_214)
    assert len(people) == 30
    assert won_by("product")["GTX Pro"] == 3_510_578
    assert won_by("seller_region")["West"] == 3_568_647
    marxen = session.scalars(
        select(Team).join(User, User.id == Team.manager_id).where(User.name == "Melvin Marxen")
    ).one()
    assert won_by("team")[marxen.name] == 2_251_930
    for dimension in ("person", "product", "seller_region", "team", "customer_region", "source"):
        assert sum(won_by(dimension).values()) == 10_005_534

    check_drill(admin, people)
    check_attainment(admin)
    check_pages(wizard)


def check_drill(admin: User, people: dict[str, Decimal]) -> None:
    """The deals behind a figure add up to it."""
    best = session.scalars(select(User).where(User.name == "Darcel Schlecht")).one()
    chosen = Chosen("person", best.id, "won")
    pages = -(-number_of_deals(EVER, chosen, admin) // 50)
    deals = [deal for page in range(1, pages + 1) for deal in deals_of(EVER, chosen, admin, page)]
    assert len({deal.id for deal in deals}) == len(deals) == number_of_deals(EVER, chosen, admin)
    assert sum(deal.amount for deal in deals) == people["Darcel Schlecht"]


def check_attainment(admin: User) -> None:
    """A quota of three millions in the second quarter is reached by 102.9 percent, and by thirty people."""
    periods, period = fiscal_periods(2017, "quarter"), fiscal_period(date(2017, 5, 1), "quarter")
    team = session.scalars(
        select(Team).join(User, User.id == Team.manager_id).where(User.name == "Melvin Marxen")
    ).one()
    save_quotas(2017, "quarter", "amount", {(Holder("team", team.id), period.first): Decimal(500_000)}, admin)
    board = board_of(admin, periods, period, "amount", date(2017, 6, 30))
    assert board.everybody.reached.achieved == QUARTERS[1]
    assert sum(one.reached.achieved for one in board.teams) == QUARTERS[1]
    assert board.people[0].place == 1
    held = next(one for one in board.teams if one.holder.id == team.id)
    assert held.reached.due == 500_000
    session.delete(session.scalars(select(Quota)).one())
    session.commit()


def check_pages(wizard: Wizard) -> None:
    said = plain(wizard.client.get("/pipeline/performance?period=2017&by=product").text)
    assert "63.2%" in said
    assert "GTX Pro 3,510,578" in said
    assert "10,005,534 4,238 2,473" in said
    shown = plain(wizard.client.get("/pipeline/quotas?kind=quarter&on=2017-05-01").text)
    assert "3,086,111" in shown
    assert "Darcel Schlecht" in shown
