"""A newcomer brings two books that others made into the system, through the wizard's own pages.

The expected numbers are those of the READMEs beside the files: they were computed from the raw files with another tool.
"""

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
from tests.wizard import Wizard


@pytest.fixture
def newcomer(client: FlaskClient, app: Any, sign_in: Callable[..., FlaskClient]) -> Wizard:
    """The first administrator of a new company that keeps its books in US dollars."""
    save_setting("currency", "USD")
    ensure_standard_roles()
    ensure_standard_pipeline()
    admin = create_user("Ada Newcomer", "ada@example.com", roles=["admin"], language="en")
    return Wizard(sign_in(client, admin), app)


def bring(wizard: Wizard, file: Path, kind: str, words: dict[str, str] | None = None, **columns: str) -> None:
    """Upload, map, explain and try out."""
    wizard.upload(file, kind)
    if wizard.columns(**columns).endswith("/words"):
        wizard.words(**(words or {}))
    if wizard.record.status == "checking":
        run_pending()
    wizard.get()


def run(wizard: Wizard, *counts: int) -> None:
    """Import for good; (created, updated, skipped, bad) must come out as the trial has said."""
    said = wizard.trial()
    wizard.start()
    assert wizard.counts() == counts
    assert tuple(said.values()) == counts


def test_the_book_of_a_hardware_seller(newcomer: Wizard, shared_data: Callable[[str], Path]) -> None:
    wizard, folder = newcomer, shared_data("crm-sales-opportunities")

    bring(wizard, folder / "products.csv", "product", dict.fromkeys(("GTX", "MG", "GTK"), "create"))
    run(wizard, 7, 0, 0, 0)

    bring(wizard, folder / "sales_teams.csv", "user")
    run(wizard, 35, 0, 0, 0)

    # Three columns that no field is made for become fields of the company's own; a slip in a sector's name is mended.
    wizard.upload(folder / "accounts.csv", "customer")
    sent = wizard.form("/columns")
    assert [sent[f"column-{place}"] for place in (0, 1, 5, 6)] == ["name", "industry", "region", "parent_id"]
    bring(
        wizard, folder / "accounts.csv", "customer", {"technolgy": "create"},
        column_2="new:number", column_3="new:number", column_4="new:number",
    )  # fmt: skip
    run(wizard, 85, 0, 0, 0)

    # A currency for all rows; the stages are the seller's own.
    wizard.upload(folder / "sales_pipeline.csv", "opportunity")
    sent = wizard.form("/columns")
    assert [sent[f"column-{place}"] for place in range(8)] == [
        "code", "owner_id", "product_id", "customer_id", "stage", "opened_on", "close_date", "amount",
    ]  # fmt: skip
    wizard.post("/columns", sent | {"more-0-field": "currency", "more-0-text": "USD"})
    assert [v for k, v in wizard.form("/words").items() if k.endswith("-word")] == ["Engaging"]
    wizard.words(Engaging="create")
    run_pending()
    wizard.get()
    run(wizard, 8800, 0, 0, 0)

    check_customers()
    check_deals()
    check_pages(wizard)
    check_undo(wizard)


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
    assert (Decimal(acme.custom["year_established"]), Decimal(acme.custom["revenue"]), Decimal(acme.custom["employees"])) == (  # type: ignore[comparison-overlap]
        1996, Decimal("1100.04"), 2822,
    )  # fmt: skip


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
    board = wizard.client.get("/pipeline/board")
    assert board.status_code == 200
    assert "1,589" in board.text
    assert "Darcel Schlecht" in wizard.client.get("/pipeline/opportunities?q=1C1I7A6R").text
    assert wizard.client.get("/customers?q=Cancity").text.count("Cancity") >= 1
    assert "Tried out" not in wizard.get()
    assert "8,800" in wizard.get()


def check_undo(wizard: Wizard) -> None:
    """The customers can't go while deals point at them; the deals can, and then the customers, too."""
    deals, customers = wizard.id, wizard.id - 2
    wizard.id = customers
    assert wizard.record.record_type == "customer"
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
    wizard.upload(file, "customer")
    assert "GB18030" in wizard.get("/file")
    sent = wizard.form("/columns")
    assert [sent[f"column-{place}"] for place in (1, 2, 3, 4)] == ["code", "name", "region", "industry"]
    wizard.columns(column_0="", column_5="new:date", column_6="new:date", column_7="status", mode="create")
    answers = {word: "use:active" if word == "L" else "use:prospect" for word in ("L", "D")}
    wizard.words(**answers)
    run_pending()
    wizard.get()
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
