"""Taxes and the rules that say which of them holds."""

from decimal import Decimal

import pytest
from sqlalchemy import select

from erpcrm.access.services import create_user, ensure_standard_roles
from erpcrm.company import services
from erpcrm.company.models import Tax
from erpcrm.core.db import session
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.settings import setting

D = Decimal


@pytest.fixture
def admins(client, sign_in):
    ensure_standard_roles()
    return sign_in(client, create_user("Ada", "ada@test.example", roles=["admin"], language="en"))


def held(customers, products):
    rule = services.tax_rule_for(customers, products)
    return rule and rule.tax.name


def test_without_rules_no_tax_is_known(app):
    assert services.tax_rule_for("export", "standard") is None


def test_in_germany_the_narrowest_rule_decides(app):
    services.take_standard_taxes("germany")
    assert held(None, None) == "VAT 19%"
    assert held("domestic", "standard") == "VAT 19%"
    assert held("domestic", "reduced") == "VAT 7%"
    assert held("export", "reduced") == "Export"
    assert held("eu_business", "standard") == "EU delivery"
    assert held("eu_business", "service") == "Reverse charge"


def test_who_buys_weighs_more_than_what_is_sold(app):
    home, away = (services.save_tax(None, {"name": name, "kind": "charged", "rate": D(1)}) for name in ("home", "away"))
    services.save_tax_rule("", "reduced", home)
    services.save_tax_rule("export", "", away)
    assert held("export", "reduced") == "away"
    assert held(None, "reduced") == "home"


def test_standard_taxes_are_taken_once_and_leave_what_was_changed(app):
    services.take_standard_taxes("china")
    services.save_tax_rule("", "", session.scalars(select(Tax).where(Tax.name == "VAT 9%")).one())
    count = len(services.taxes())
    services.take_standard_taxes("china")
    assert len(services.taxes()) == count
    assert held(None, None) == "VAT 9%"
    with pytest.raises(NotThere):
        services.take_standard_taxes("atlantis")


@pytest.mark.parametrize(("kind", "rate"), [("exempt", "5"), ("reversed", "5"), ("charged", "-1"), ("charged", "1000")])
def test_a_tax_that_makes_no_sense_is_refused(app, kind, rate):
    with pytest.raises(Refused):
        services.save_tax(None, {"name": "X", "kind": kind, "rate": D(rate)})
    assert services.taxes() == []


def test_an_administrator_sets_taxes_up(admins):
    assert "No taxes yet" in admins.get("/company/taxes").text
    admins.post("/company/taxes/standard/china")
    assert "VAT 13%" in admins.get("/company/taxes").text
    new = {"name": "VAT 3%", "kind": "charged", "rate": "3", "active": "y"}
    assert admins.post("/company/taxes/new", data=new).status_code == 303
    again = admins.post("/company/taxes/new", data=new | {"name": "vat 3%"})
    assert again.status_code == 422
    assert "There is a tax of this name already." in again.text
    wrong = admins.post("/company/taxes/new", data=new | {"name": "Free", "kind": "exempt"})
    assert "has the rate 0" in wrong.text
    small = session.scalars(select(Tax).where(Tax.name == "VAT 3%")).one()
    admins.post(f"/company/taxes/{small.id}/edit", data=new | {"name": "VAT 3% small"})
    assert small.name == "VAT 3% small"


def test_a_rule_is_set_and_taken_back_in_the_table(admins):
    admins.post("/company/taxes/standard/china")
    small = services.save_tax(None, {"name": "Small", "kind": "charged", "rate": D(3)})
    cell = "/company/taxes/rule?customers=export&products=service"
    assert "Export 0%" in admins.get(cell).text
    assert admins.post(cell, data={"tax_id": small.id}).status_code == 303
    assert held("export", "service") == "Small"
    admins.post(cell, data={"tax_id": ""})
    assert held("export", "service") == "Export 0%"
    assert admins.post(cell, data={"tax_id": "999"}).status_code == 422
    assert admins.get("/company/taxes/rule?customers=martians").status_code == 404


def test_rounding_is_the_company_s_choice(admins):
    assert setting("tax_rounding") == "document"
    admins.post("/company/taxes/rounding", data={"tax_rounding": "line"})
    assert setting("tax_rounding") == "line"
    admins.post("/company/taxes/rounding", data={"tax_rounding": "never"})
    assert setting("tax_rounding") == "line"


def test_nobody_else_sees_or_changes_taxes(client, sign_in):
    ensure_standard_roles()
    sign_in(client, create_user("Sam", "sam@test.example", roles=["seller"], language="en"))
    assert client.get("/company/taxes").status_code == 403
    assert client.post("/company/taxes/standard/china").status_code == 403
    assert services.taxes() == []
