"""Users: who may change whom, and what happens when somebody leaves."""

import pytest

from erpcrm.access.models import Role
from erpcrm.access.services import (
    create_role,
    create_user,
    deactivate,
    possessions,
    reactivate,
    update_user,
    user_by_email,
)
from erpcrm.catalog.models import Product
from erpcrm.core.errors import Refused, Stale
from erpcrm.core.registry import record_type


@pytest.fixture
def user_admin(roles):
    """May change users, and holds nothing else."""
    role = create_role({"name": "User keeper", "permissions": ["access.user.view", "access.user.edit"], "scope": "all"})
    return create_user("Uma Useradmin", "uma@example.com", roles=[role])


def test_the_list_shows_users_with_team_and_roles(admin, seller, client, sign_in):
    page = sign_in(client, admin).get("/admin/users").text
    assert "王芳" in page
    assert "North" in page
    assert "Administrator" in page


def test_the_list_and_its_export_name_standard_roles_in_the_readers_language(admin, seller, client, sign_in):
    admin.language = "zh"
    sign_in(client, admin)
    assert "销售员" in client.get("/admin/users").text
    assert "销售员" in client.post("/lists/user/export/csv?at=/admin/users").text


def test_a_seller_sees_colleagues_but_changes_none(seller, colleague, client, sign_in):
    sign_in(client, seller)
    assert client.get(f"/admin/users/{colleague.id}").status_code == 200
    assert client.get(f"/admin/users/{colleague.id}/edit").status_code == 403
    assert client.post(f"/admin/users/{colleague.id}/edit", data={"name": "X"}).status_code == 403


def test_an_administrator_changes_team_and_roles(admin, seller, teams, roles, client, sign_in):
    sign_in(client, admin)
    assert client.get(f"/admin/users/{seller.id}/edit").status_code == 200
    data = {
        "name": "王芳芳", "email": seller.email, "team_id": teams.south.id, "team_id_text": "South", "region": "South",
        "roles": [roles["seller"].id, roles["marketer"].id], "version": seller.version,
    }  # fmt: skip
    assert client.post(f"/admin/users/{seller.id}/edit", data=data).status_code == 303
    assert (seller.name, seller.team_id, seller.region) == ("王芳芳", teams.south.id, "South")
    assert {role.key for role in seller.roles} == {"seller", "marketer"}


def test_a_new_user_is_in_the_team_that_was_picked(admin, teams, roles, client, sign_in):
    sign_in(client, admin)
    data = {"name": "李娜", "email": "lina@example.com", "team_id": teams.south.id, "roles": [roles["seller"].id]}
    page = client.post("/admin/users", data={**data, "invite": "y"}).text
    assert user_by_email("lina@example.com").team_id == teams.south.id
    assert "South" in page


def test_an_edit_of_an_old_version_changes_nothing_and_shows_both(admin, seller, client, sign_in):
    sign_in(client, admin)
    old = seller.version
    update_user(seller, {"region": "West"}, by=admin)
    answer = client.post(
        f"/admin/users/{seller.id}/edit", data={"name": "Typed Name", "email": seller.email, "version": old}
    )
    assert answer.status_code == 409
    assert "Typed Name" in answer.text
    assert "王芳" in answer.text
    assert seller.name == "王芳"


def test_nobody_gives_a_role_that_holds_more_than_their_own(user_admin, seller, roles):
    with pytest.raises(Refused):
        update_user(seller, {"roles": [roles["admin"].id]}, by=user_admin)
    assert {role.key for role in seller.roles} == {"seller"}


def test_nobody_makes_a_new_user_with_more_than_their_own(user_admin, roles):
    with pytest.raises(Refused):
        create_user("Eve", "eve@example.com", roles=["admin"], by=user_admin)


def test_nobody_takes_over_an_account_that_holds_more_than_their_own(user_admin, admin, client, sign_in):
    with pytest.raises(Refused):
        update_user(admin, {"email": "eve@example.com"}, by=user_admin)
    with pytest.raises(Refused):
        deactivate(admin, by=user_admin)
    sign_in(client, user_admin)
    assert client.post(f"/admin/users/{admin.id}/two-factor-off").status_code == 409
    assert client.post(f"/admin/users/{admin.id}/sign-out-everywhere").status_code == 409


def test_nobody_mails_a_reset_link_of_an_account_that_holds_more_than_their_own(
    user_admin, admin, with_password, client, sign_in
):
    with_password(admin)
    sign_in(client, user_admin)
    answer = client.post(f"/admin/users/{admin.id}/reset-link")
    assert answer.status_code == 409
    assert "/login/reset/" not in answer.text


def test_the_last_administrator_stays(admin, seller, roles):
    with pytest.raises(Refused):
        update_user(admin, {"roles": [roles["seller"].id]}, by=admin)


def test_the_last_administrator_keeps_the_address(admin):
    with pytest.raises(Refused):
        update_user(admin, {"email": None}, by=admin)


def test_the_last_administrator_cannot_be_deactivated_by_the_system(admin, seller):
    with pytest.raises(Refused):
        deactivate(admin)


def test_nobody_deactivates_themselves(admin, roles):
    create_user("Second Admin", "second@example.com", roles=["admin"])
    with pytest.raises(Refused):
        deactivate(admin, by=admin)


def test_one_of_two_administrators_may_go_and_come_back(admin, roles):
    second = create_user("Second Admin", "second@example.com", roles=["admin"])
    deactivate(admin, by=second)
    assert not admin.active
    reactivate(admin, by=second)
    assert admin.active


def test_a_change_with_an_outdated_version_is_stale(admin, seller):
    with pytest.raises(Stale):
        update_user(seller, {"region": "West"}, version=seller.version - 1, by=admin)


def test_users_are_shown_to_those_who_may_see_them_only(roles, session, client, sign_in):
    session.add(Role(name="Nothing", permissions=[], scopes={}))
    nobody = create_user("Nobody", "nobody@example.com")
    sign_in(client, nobody)
    assert client.get("/admin/users").status_code == 403
    assert client.get("/profile").status_code == 200


def test_types_without_an_owner_take_no_part_in_handing_over(app, seller, admin):
    assert record_type("product").model is Product
    assert all(hasattr(kind.model, "owner_id") for kind, _count in possessions(seller))


def test_handing_over_nothing_is_refused(admin, seller, colleague, client, sign_in):
    sign_in(client, admin)
    assert client.get(f"/admin/users/{seller.id}/leave").status_code == 200
    answer = client.post(f"/admin/users/{seller.id}/hand-over", data={"to": colleague.id, "to_text": colleague.name})
    assert answer.status_code == 409


def test_deactivating_on_the_page_ends_the_access(admin, seller, client, sign_in):
    sign_in(client, admin)
    assert client.post(f"/admin/users/{seller.id}/deactivate").status_code == 303
    assert not seller.active
    assert client.post(f"/admin/users/{seller.id}/reactivate").status_code == 303
    assert seller.active
