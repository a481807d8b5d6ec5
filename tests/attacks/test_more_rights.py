"""Somebody who administers a little tries to get at more than they hold."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from erpcrm.access.importing import update as import_user
from erpcrm.access.models import EVERYTHING, Role, User
from erpcrm.access.services import create_role, create_team, create_user, hand_over, update_user
from erpcrm.core.audit import AuditEntry
from erpcrm.core.errors import NotAllowed, Refused
from erpcrm.core.jobs.services import cancel
from tests.factories.customers import a_customer
from tests.wizard import Wizard

USERS_ONLY = ["access.user.edit", "access.user.view", "core.import.run"]


@pytest.fixture
def keeper_role(admin: User) -> Role:
    """May edit users and roles, but sees customers of their own only."""
    values = {
        "name": "Role keeper",
        "permissions": ["access.role.edit", "access.user.edit", "access.user.view"],
        "scope": "all",
        "scopes": {"customer": "own"},
    }
    return create_role(values)


@pytest.fixture
def keeper(keeper_role: Role, session: Any) -> User:
    user = create_user("Rolf Keeper", "rolf@example.com", roles=[keeper_role], language="en")
    session.commit()
    return user


@pytest.mark.parametrize(
    "change",
    [
        {"everything": "1"},
        {"permissions": ["access.role.edit", "access.user.edit", "core.audit.view"]},
        {"permissions": ["access.role.edit", "access.user.edit"], "scope.customer": "all"},
    ],
    ids=["everything", "one more permission", "a wider scope"],
)
def test_nobody_widens_a_role_that_they_hold_themselves(
    client: FlaskClient, sign_in: Any, keeper: User, keeper_role: Role, change: dict[str, Any]
) -> None:
    before = (list(keeper_role.permissions), keeper_role.scope, dict(keeper_role.scopes))
    sent = {"name": "Role keeper", "scope": "all", "scope.customer": "own", "lens": "relationship"} | change
    sent["version"] = keeper_role.version
    answer = sign_in(client, keeper).post(f"/admin/roles/{keeper_role.id}", data=sent)
    assert answer.status_code == 409
    assert (keeper_role.permissions, keeper_role.scope, keeper_role.scopes) == before


def test_a_role_may_be_narrowed_by_who_holds_it(
    client: FlaskClient, sign_in: Any, keeper: User, keeper_role: Role
) -> None:
    sent: dict[str, Any] = {"name": "Role keeper", "scope": "team", "scope.customer": "own", "lens": "relationship"}
    sent |= {"permissions": ["access.role.edit", "access.user.edit"], "version": keeper_role.version}
    assert sign_in(client, keeper).post(f"/admin/roles/{keeper_role.id}", data=sent).status_code == 303
    assert keeper_role.scope == "team"


def test_a_role_without_the_exception_that_narrows_ones_own_is_wider(keeper: User) -> None:
    """The keeper sees all of everything but customers: a role without that exception would show those too."""
    with pytest.raises(Refused):
        create_role({"name": "Wide", "permissions": ["access.user.view"], "scope": "all"}, by=keeper)
    narrow = {"name": "Narrow", "permissions": ["access.user.view"], "scope": "all", "scopes": {"customer": "own"}}
    assert create_role(narrow, by=keeper).id


def test_nobody_hands_over_what_belongs_to_somebody_who_may_do_more(
    admin: User, keeper: User, roles: dict[str, Role], session: Any
) -> None:
    chief = create_user("Carla Chief", "carla@example.com", roles=["manager"])
    a_customer(chief)
    with pytest.raises(Refused):
        hand_over(chief, keeper, by=keeper)


def test_a_hand_over_that_was_stopped_is_not_taken_up_by_who_lost_the_right(
    admin: User, seller: User, colleague: User, session: Any, client: FlaskClient, sign_in: Any, run_jobs: Any
) -> None:
    customer = a_customer(colleague)
    create_user("Second Admin", "second@example.com", roles=["admin"])
    job = hand_over(colleague, admin, by=admin)
    cancel(job)
    update_user(admin, {"roles": [role.id for role in seller.roles]})
    session.commit()
    assert sign_in(client, admin).post(f"/jobs/{job.id}/again").status_code == 303
    run_jobs()
    assert customer.owner_id == colleague.id
    assert session.get(type(job), job.id).status == "failed"


def test_a_role_that_an_import_gave_is_told_of_and_goes_with_its_undo(
    app: Flask, client: FlaskClient, sign_in: Any, admin: User, seller: User, roles: dict[str, Role], session: Any
) -> None:
    wizard = Wizard(sign_in(client, admin), app)
    wizard.upload(
        f"Name,E-mail,Role\n{seller.name},{seller.email},Sales manager\nNew One,new@example.com,Administrator\n", "user"
    )
    wizard.columns(mode="both", key="email")
    wizard.start()
    assert wizard.counts() == (1, 1, 0, 0)
    assert {role.key for role in seller.roles} == {"seller", "manager"}
    wizard.post("/undo")
    assert [role.key for role in seller.roles] == ["seller"]
    assert session.query(User).filter_by(email="new@example.com").count() == 0
    last = (
        session.query(AuditEntry)
        .filter_by(record_type="user", action="roles_changed")
        .order_by(AuditEntry.id.desc())
        .first()
    )
    assert last.changes == {"roles": [["Sales manager", "Seller"], ["Seller"]]}


def test_the_undo_of_an_import_leaves_an_administrator(
    app: Flask, client: FlaskClient, sign_in: Any, admin: User, seller: User, roles: dict[str, Role], session: Any
) -> None:
    wizard = Wizard(sign_in(client, admin), app)
    wizard.upload("Name,E-mail,Role\nNew One,new@example.com,Administrator\n", "user")
    wizard.columns()
    wizard.start()
    update_user(admin, {"roles": [create_role({"name": "Keeps users", "permissions": USERS_ONLY, "scope": "all"}).id]})
    wizard.post("/undo", status=409)
    assert session.query(User).filter_by(email="new@example.com").count() == 1


def test_a_team_is_not_made_on_the_way_by_who_may_not_make_teams(admin: User, keeper: User, session: Any) -> None:
    someone = create_user("Somebody New", "new@example.com")
    with pytest.raises(NotAllowed):
        import_user(someone, {"manager": "Rolf Keeper"}, keeper)
    assert create_team("Others").id


def test_permissions_are_not_widened_by_a_role_that_is_named_twice(
    keeper: User, keeper_role: Role, roles: dict[str, Role]
) -> None:
    with pytest.raises(Refused):
        update_user(keeper, {"roles": [keeper_role.id, roles["admin"].id]}, by=keeper)
    assert EVERYTHING not in keeper_role.permissions


@pytest.mark.parametrize("path", ["/timeline/user/{id}", "/timeline/role/{role}", "/timeline/team/{team}"])
def test_the_timeline_is_no_back_door_to_the_audit_trail_of_accounts(
    app: Flask, client: FlaskClient, sign_in: Any, seller: User, admin: User, roles: dict[str, Role], path: str
) -> None:
    """Who signed in when, and who was given which role, is for readers of the trail."""
    answer = sign_in(client, seller).get(path.format(id=admin.id, role=roles["admin"].id, team=seller.team_id))
    assert answer.status_code == 404


def test_nothing_is_written_on_the_account_of_somebody(
    client: FlaskClient, sign_in: Any, seller: User, admin: User
) -> None:
    answer = sign_in(client, seller).post(f"/timeline/user/{admin.id}", data={"kind": "note", "subject": "hello"})
    assert answer.status_code == 404
    assert "timeline" not in client.get(f"/admin/users/{admin.id}").get_data(as_text=True)
