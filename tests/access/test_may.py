"""The page that says whether a user may do something, and why."""

from erpcrm.access.services import deactivate
from erpcrm.access.why import explain
from erpcrm.core.registry import record_type


def ask(client, user, permission, **more):
    return client.get(
        "/admin/may", query_string={"user": user.id, "user_text": user.name, "permission": permission, **more}
    )


def test_it_names_the_role_that_gives_a_permission(admin, seller, with_password, client, sign_in):
    with_password(seller)
    page = ask(sign_in(client, admin), seller, "access.user.view").text
    assert "王芳 may do this." in page
    assert "is given by: Seller" in page


def test_it_says_which_roles_lack_a_permission(admin, seller, with_password, client, sign_in):
    with_password(seller)
    page = ask(sign_in(client, admin), seller, "access.role.edit").text
    assert "王芳 may not do this." in page
    assert "is in none of these roles: Seller" in page


def test_a_user_who_cannot_sign_in_may_do_nothing(admin, seller, with_password):
    with_password(seller)
    deactivate(seller, by=admin)
    answer = explain(seller, "access.user.view")
    assert not answer.allowed
    assert [step.passed for step in answer.steps] == [False, True, True]


def test_records_that_belong_to_nobody_are_seen_by_all_who_see_the_type(admin, seller, colleague, with_password):
    with_password(seller)
    answer = explain(seller, "access.user.view", record_type("user"), colleague)
    assert answer.allowed
    assert len(answer.steps) == 4


def test_a_record_that_is_not_there_is_an_error_beside_the_field(admin, seller, client, sign_in):
    answer = ask(sign_in(client, admin), seller, "access.user.view", kind="user", record="no such thing")
    assert answer.status_code == 422
    assert "Nothing, or more than one, is called" in answer.text


def test_only_who_may_change_roles_asks(seller, client, sign_in):
    assert sign_in(client, seller).get("/admin/may").status_code == 403
