"""A newcomer brings two books that others made into the system, through the wizard's own pages.

The expected numbers are those of the READMEs beside the files: they were computed from the raw files with another tool.
"""

import html
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import case, func, select
from sqlalchemy.orm import aliased

from erpcrm.access.models import Team, User
from erpcrm.access.services import create_user, ensure_standard_roles
from erpcrm.catalog.models import Product
from erpcrm.core.db import session
from erpcrm.core.jobs import run_pending
from erpcrm.core.settings import save_setting
from erpcrm.customers.models import Customer
from erpcrm.pipeline.models import Opportunity, OpportunityLine, Stage
from erpcrm.pipeline.services.stages import ensure_standard_pipeline
from tests.stories.selling import check_performance
from tests.wizard import Wizard, plain

pytestmark = pytest.mark.long


@pytest.fixture
def newcomer(client: FlaskClient, app: Any, sign_in: Callable[..., FlaskClient]) -> Wizard:
    """The first administrator of a new company."""
    ensure_standard_roles()
    ensure_standard_pipeline()
    save_setting("currency", "USD")
    admin = create_user("Ada Newcomer", "ada@example.com", roles=["admin"], language="en")
    return Wizard(sign_in(client, admin), app)


def bring(wizard: Wizard, file: Path, kind: str, *suggested: str | None) -> dict[str, str]:
    """Upload a file; its first columns must be suggested to go into these fields. Returns the form with the columns."""
    wizard.upload(file, kind)
    sent = wizard.form("/columns")
    assert [sent[f"column-{place}"] or None for place in range(len(suggested))] == list(suggested)
    return sent


def settle(wizard: Wizard, sent: dict[str, str], **words: str) -> None:
    """Send the columns, say what unknown words mean, try it out."""
    if wizard.post("/columns", sent).endswith("/words"):
        wizard.words(**words)
    if wizard.record.status == "checking":
        run_pending()


def run(wizard: Wizard, *counts: int) -> None:
    """Import for good; (created, updated, skipped, bad) must come out as the trial has said."""
    said = wizard.trial()
    wizard.start()
    assert wizard.counts() == counts
    assert tuple(said.values()) == counts


def test_the_book_of_a_hardware_seller(newcomer: Wizard, shared_data: Callable[[str], Path]) -> None:
    wizard, folder = newcomer, shared_data("crm-sales-opportunities")

    settle(wizard, bring(wizard, folder / "products.csv", "product", "name", "category", "price"))
    run(wizard, 7, 0, 0, 0)

    settle(wizard, bring(wizard, folder / "sales_teams.csv", "user", "name", "manager", "region"))
    run(wizard, 35, 0, 0, 0)

    # Three columns that no field is made for become fields of the company's own; a slip in a sector's name is mended.
    sent = bring(
        wizard, folder / "accounts.csv", "customer", "name", "industry", None, None, None, "region", "parent_id"
    )
    settle(wizard, sent | {f"column-{place}": "new:number" for place in (2, 3, 4)}, technolgy="use:technology")
    customers = wizard.id
    run(wizard, 85, 0, 0, 0)

    # A currency for all rows; a stage of the seller's own. That GTXPro is GTX Pro the catalog knows by itself.
    sent = bring(
        wizard, folder / "sales_pipeline.csv", "opportunity",
        "code", "owner_id", "product_id", "customer_id", "stage", "opened_on", "close_date", "amount",
    )  # fmt: skip
    settle(wizard, sent | {"more-0-field": "currency", "more-0-text": "USD"}, Engaging="create")
    run(wizard, 8800, 0, 0, 0)

    check_customers()
    check_deals()
    check_pages(wizard)
    check_performance(wizard)
    check_undo(wizard, customers)


def check_customers() -> None:
    assert session.scalar(select(func.count(Customer.id))) == 85
    parent = aliased(Customer)
    children = session.execute(
        select(parent.name, func.count()).join(Customer, Customer.parent_id == parent.id).group_by(parent.name)
    )
    assert {name: count for name, count in children} == {
        "Acme Corporation": 4, "Sonron": 3, "Bubba Gump": 2, "Inity": 2, "Golddex": 2, "Massive Dynamic": 1, "Warephase": 1,
    }  # fmt: skip
    acme = session.scalars(select(Customer).where(Customer.name == "Acme Corporation")).one()
    kept = [Decimal(acme.custom[name]) for name in ("year_established", "revenue", "employees")]
    assert kept == [Decimal(1996), Decimal("1100.04"), Decimal(2822)]


def check_deals() -> None:
    deals = {
        status: count
        for status, count in session.execute(select(Opportunity.status, func.count()).group_by(Opportunity.status))
    }
    assert deals == {"won": 4238, "lost": 2473, "open": 2089}
    stages = session.execute(
        select(Stage.name, func.count())
        .join(Opportunity, Opportunity.stage_id == Stage.id)
        .where(Opportunity.status == "open")
        .group_by(Stage.name)
    )
    assert {name: count for name, count in stages} == {"Engaging": 1589, "Prospecting": 500}
    assert session.scalar(select(func.count()).where(Opportunity.customer_id.is_(None))) == 1425
    assert session.scalar(select(func.count()).where(Opportunity.opened_on.is_(None))) == 500
    assert set(session.scalars(select(Opportunity.currency).distinct())) == {"USD"}

    won = Opportunity.status == "won"
    assert session.scalar(select(func.sum(Opportunity.amount)).where(won)) == 10_005_534
    quarters: dict[int, Decimal] = {}
    days = 0
    for closed, opened, amount in session.execute(
        select(Opportunity.closed_on, Opportunity.opened_on, Opportunity.amount).where(won)
    ):
        assert closed is not None
        assert opened is not None
        assert closed.year == 2017
        quarters[(closed.month + 2) // 3] = quarters.get((closed.month + 2) // 3, Decimal(0)) + amount
        days += (closed - opened).days
    assert [quarters[quarter] for quarter in (1, 2, 3, 4)] == [1_134_672, 3_086_111, 2_982_255, 2_802_496]
    assert round(Decimal(days) / 4238, 3) == Decimal("51.782")
    assert round(Decimal(4238 * 100) / (4238 + 2473), 4) == Decimal("63.1501")

    def won_by(key: Any, *joins: tuple[Any, Any]) -> dict[str, Decimal]:
        query = select(key, func.sum(Opportunity.amount)).where(won).group_by(key)
        for target, on in joins:
            query = query.join(target, on)
        return {name: amount for name, amount in session.execute(query.select_from(Opportunity))}

    owner = (User, User.id == Opportunity.owner_id)
    by_seller = won_by(User.name, owner)
    assert max(by_seller, key=lambda name: by_seller[name]) == "Darcel Schlecht"
    assert by_seller["Darcel Schlecht"] == 1_153_214
    assert len(by_seller) == 30
    assert won_by(User.region, owner)["West"] == 3_568_647
    manager = aliased(User)
    by_team = won_by(manager.name, owner, (Team, Team.id == User.team_id), (manager, manager.id == Team.manager_id))
    assert by_team["Melvin Marxen"] == 2_251_930
    line = (OpportunityLine, OpportunityLine.opportunity_id == Opportunity.id)
    by_product = won_by(Product.name, line, (Product, Product.id == OpportunityLine.product_id))
    assert by_product["GTX Pro"] == 3_510_578


def check_pages(wizard: Wizard) -> None:
    """What was imported stands on the pages where people will look for it."""
    board = wizard.client.get("/pipeline/board").text
    assert "GTX Plus Basic" in board
    sums = wizard.client.get(html.unescape(re.search(r'hx-get="([^"]*board/sums[^"]*)"', board)[1])).text
    heads = plain(sums)
    assert "Engaging 1,589" in heads
    assert "Prospecting 500" in heads
    found = plain(wizard.client.get("/pipeline/opportunities?q=1C1I7A6R").text)
    assert "GTX Plus Basic – Cancity" in found
    assert "Moses Frase" in found
    assert "Cancity" in plain(wizard.client.get("/customers?q=Cancity").text)
    assert "8,800" in wizard.get()


def check_undo(wizard: Wizard, customers: int) -> None:
    """The customers can't go while deals point at them; the deals can, and then the customers, too."""
    deals, wizard.id = wizard.id, customers
    assert "Not undone" in wizard.post("/undo", status=409)
    wizard.id = deals
    wizard.post("/undo")
    run_pending()
    assert wizard.record.status == "undone"
    assert session.scalar(select(func.count(Opportunity.id))) == 0
    wizard.id = customers
    wizard.post("/undo")
    assert session.scalar(select(func.count(Customer.id))) == 0


def test_the_book_of_listed_companies(newcomer: Wizard, shared_data: Callable[[str], Path]) -> None:
    wizard = newcomer
    file = shared_data("listed-companies") / "listed_companies_gb18030_crlf.csv"
    sent = bring(wizard, file, "customer", None, "code", "name", "region", "industry", None, None, "status")
    assert "GB18030" in wizard.get("/file")
    # The dates of listing and delisting become fields of the company's own. L is listed, D is delisted.
    settle(wizard, sent | {"column-5": "new:date", "column-6": "new:date"}, L="use:active", D="use:prospect")
    run(wizard, 5806, 0, 0, 0)

    assert session.scalar(select(func.count(Customer.id))) == 5806
    guohua = session.scalars(select(Customer).where(Customer.code == "000004")).one()
    assert (guohua.name, guohua.region, guohua.industry, guohua.status) == ("*ST国华", "深圳", "软件服务", "active")
    assert session.scalar(select(Customer.name).where(Customer.code == "000002")) == "万科Ａ"
    assert session.scalar(select(func.count()).where(Customer.status == "active")) == 5486
    zhejiang = session.scalar(select(func.sum(case((Customer.region == "浙江", 1), else_=0))))
    assert zhejiang == 735
    found = wizard.client.get("/customers?q=pingan").text
    assert "平安银行" in found
    assert "平安银行" in wizard.client.get("/customers?q=payh").text
    assert "平安银行" in wizard.client.get("/customers?q=平安").text
