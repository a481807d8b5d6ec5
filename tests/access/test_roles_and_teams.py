"""Roles, teams, and what an upgrade brings to roles."""

import pytest

from erpcrm.access.models import EVERYTHING, Role, Team
from erpcrm.access.services import (
    create_role,
    create_team,
    create_user,
    delete_role,
    delete_team,
    members_of,
    sync_new_permissions,
    update_role,
    update_team,
)
from erpcrm.core.errors import Refused
from erpcrm.core.settings import save_setting, setting


def test_a_role_is_made_and_changed_in_the_editor(admin, client, sign_in, session):
    sign_in(client, admin)
    data = {
        "name": "Auditor",
        "permissions": ["core.audit.view", "access.user.view"],
        "scope": "all",
        "lens": "operations",
    }
    made = client.post("/admin/roles", data=data)
    assert made.status_code == 303
    role = session.query(Role).filter_by(name="Auditor").one()
    assert role.permissions == ["access.user.view", "core.audit.view"]
    data |= {"permissions": ["core.audit.view"], "two_factor": "y", "version": role.version}
    assert client.post(f"/admin/roles/{role.id}", data=data).status_code == 303
    assert (role.permissions, role.two_factor, role.lens) == (["core.audit.view"], True, "operations")


def test_a_permission_that_nobody_declares_is_not_stored(admin):
    role = create_role({"name": "Odd", "permissions": ["no.such.thing", "core.audit.view"]}, by=admin)
    assert role.permissions == ["core.audit.view"]


def test_permissions_of_an_area_that_is_not_installed_are_kept(admin, session):
    role = create_role({"name": "Old", "permissions": []}, by=admin)
    role.permissions = ["gone.thing.view"]
    update_role(role, {"permissions": ["core.audit.view"]}, by=admin)
    assert role.permissions == ["core.audit.view", "gone.thing.view"]


def test_nobody_makes_or_widens_a_role_beyond_their_own(roles):
    keeper = create_role(
        {"name": "Role keeper", "permissions": ["access.role.edit", "access.user.edit"], "scope": "own"}
    )
    someone = create_user("Rolf", "rolf@example.com", roles=[keeper])
    for values in (
        {"name": "More", "permissions": [EVERYTHING]},
        {"name": "More", "permissions": ["core.audit.view"]},
        {"name": "Wider", "permissions": ["access.role.edit"], "scope": "all"},
        {"name": "Wider here", "permissions": ["access.role.edit"], "scopes": {"customer": "all"}},
    ):
        with pytest.raises(Refused):
            create_role(values, by=someone)
    with pytest.raises(Refused):
        update_role(roles["admin"], {"permissions": []}, by=someone)
    assert create_role({"name": "Less", "permissions": ["access.role.edit"]}, by=someone).id


def test_the_last_role_of_an_administrator_keeps_its_keys(admin, roles):
    with pytest.raises(Refused):
        update_role(roles["admin"], {"permissions": ["access.user.edit"]}, by=admin)


def test_a_role_that_somebody_holds_and_a_standard_one_cannot_be_deleted(admin, roles, session):
    own = create_role({"name": "Own"}, by=admin)
    user = create_user("Holder", "holder@example.com", roles=[own])
    for role in (own, roles["buyer"]):
        with pytest.raises(Refused):
            delete_role(role, by=admin)
    user.roles = []
    delete_role(own, by=admin)
    assert session.get(Role, own.id) is None


def test_a_copy_starts_with_the_permissions_of_its_model(admin, roles, client, sign_in):
    page = sign_in(client, admin).get(f"/admin/roles/new?like={roles['seller'].id}").text
    assert "Copy of Seller" in page
    assert 'value="access.user.view" checked' in page


def test_standard_roles_are_shown_in_the_readers_language_until_they_are_renamed(admin, roles, client, sign_in):
    sign_in(client, admin)
    role = roles["seller"]
    client.post("/language", data={"locale": "zh"})
    assert "销售员" in client.get("/admin/roles").text
    data = {"name": "销售员", "scope": "own", "lens": "relationship", "version": role.version}
    client.post(f"/admin/roles/{role.id}", data=data)
    assert role.name == "Seller"
    client.post(f"/admin/roles/{role.id}", data={**data, "name": "Hunter", "version": role.version})
    assert "Hunter" in client.get("/admin/roles").text


def test_an_upgrade_gives_new_permissions_to_standard_roles_and_old_ones_to_none(roles, session):
    seller = roles["seller"]
    seller.permissions = []
    save_setting("permissions_known", [code for code in setting("permissions_known") if code != "access.user.view"])
    assert sync_new_permissions() == ["access.user.view"]
    assert seller.permissions == ["access.user.view"]
    assert roles["admin"].permissions == [EVERYTHING]
    assert sync_new_permissions() == []


def test_a_team_is_made_changed_and_deleted(admin, seller, colleague, manager, teams, client, sign_in, session):
    sign_in(client, admin)
    data = {"name": "West", "manager_id": manager.id, "manager_id_text": manager.name, "members": [seller.id]}
    assert client.post("/admin/teams", data=data).status_code == 303
    west = session.query(Team).filter_by(name="West").one()
    assert seller.team_id == west.id
    assert client.get(f"/admin/teams/{west.id}").status_code == 200
    assert client.get(f"/admin/teams/{west.id}/edit").status_code == 200
    data |= {"members": [colleague.id], "version": west.version}
    assert client.post(f"/admin/teams/{west.id}/edit", data=data).status_code == 303
    assert [user.id for user in members_of(west)] == [colleague.id]
    assert seller.team_id is None
    assert client.post(f"/admin/teams/{west.id}/delete").status_code == 409
    update_team(west, name="West", manager_id=None, members=[])
    assert client.post(f"/admin/teams/{west.id}/delete").status_code == 303
    assert session.query(Team).filter_by(name="West").count() == 0


def test_two_teams_have_two_names(teams):
    with pytest.raises(Refused):
        create_team("NORTH ")


def test_an_empty_team_can_be_deleted_and_a_full_one_not(teams, seller):
    with pytest.raises(Refused):
        delete_team(teams.north)
    delete_team(teams.south)


def test_a_manager_sees_the_teams_that_they_manage_and_their_own(manager, teams):
    teams.south.manager_id = manager.id
    assert manager.team_ids == {teams.north.id, teams.south.id}


def test_the_widest_scope_of_several_roles_counts(seller, roles, admin):
    assert seller.scope("customer") == "own"
    seller.roles = [*seller.roles, create_role({"name": "Team", "scopes": {"customer": "team"}}, by=admin)]
    assert seller.scope("customer") == "team"
    assert seller.scope("lead") == "own"
