"""Users from a file."""

import csv

import pytest

from erpcrm.access.models import Team, User
from erpcrm.access.record_types import find_users, look_up_users
from erpcrm.access.services import create_user, members_of
from erpcrm.core.errors import Refused
from erpcrm.core.i18n import in_language
from erpcrm.core.registry import record_type

SELLERS = "crm-sales-opportunities"


def importer():
    return record_type("user").importer


def test_a_list_of_sellers_makes_teams_of_their_managers(admin, shared_data, session):
    with (shared_data(SELLERS) / "sales_teams.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        values = {"name": row["sales_agent"], "manager": row["manager"], "region": row["regional_office"]}
        with in_language("en"):
            importer().create(values, admin)
    assert session.query(User).filter(User.email.is_(None)).count() == 35 + 6
    teams = session.query(Team).all()
    assert len(teams) == 6
    marxen = session.query(Team).filter_by(name="Team of Melvin Marxen").one()
    wanted = {row["sales_agent"] for row in rows if row["manager"] == "Melvin Marxen"}
    assert {user.name for user in members_of(marxen)} == wanted | {"Melvin Marxen"}
    assert session.query(User).filter_by(name="Darcel Schlecht").one().region == "Central"


def test_every_header_of_that_file_is_recognised(app):
    aliases = {alias: field.name for field in importer().fields for alias in field.aliases}
    assert [aliases[h] for h in ("sales_agent", "manager", "regional_office")] == ["name", "manager", "region"]


def test_two_managers_of_one_name_are_not_guessed_between(admin, roles):
    create_user("Sam Same")
    create_user("sam same")
    with pytest.raises(Refused):
        importer().create({"name": "New", "manager": "Sam Same"}, admin)


def test_an_update_changes_what_the_file_names_and_adds_the_role(admin, seller, roles):
    importer().update(seller, {"region": "East", "role": str(roles["marketer"].id)}, admin)
    assert seller.region == "East"
    assert {role.key for role in seller.roles} == {"seller", "marketer"}


def test_users_are_found_by_address_or_name_when_only_one_has_it(admin, seller, roles):
    create_user("Sam Same")
    create_user("Sam Same")
    assert look_up_users(["ADMIN@example.com", "王芳", "nobody"]) == {
        "ADMIN@example.com": [admin.id],
        "王芳": [seller.id],
    }
    assert find_users("name", ["Sam Same", "王芳"]) == {"王芳": seller.id}
