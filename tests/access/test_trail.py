"""The audit trail as people read it, and the page of modules."""

from datetime import timedelta

import pytest
from flask_babel import force_locale
from sqlalchemy import select

from erpcrm.access.services import create_user, update_role, update_user
from erpcrm.areas import AREAS
from erpcrm.core import trail
from erpcrm.core.actor import acting_as
from erpcrm.core.audit import AuditEntry
from erpcrm.core.settings import setting


@pytest.fixture
def as_admin(app, admin):
    """Within a request of the administrator, who reads English."""
    with app.test_request_context(), acting_as(admin):
        yield admin


def test_names_stand_for_ids_and_labels_for_attributes(as_admin, admin, seller, teams):
    update_user(seller, {"team_id": teams.south.id}, by=admin)
    line = trail.history("user", seller.id)[0]
    assert (line.who, line.kind, line.name) == ("Ada Admin", "User", "王芳")
    assert [(change.label, change.old, change.new) for change in line.changes] == [("Team", "North", "South")]
    assert line.url == f"/admin/users/{seller.id}"


def test_of_a_list_only_what_came_and_went_is_told(as_admin, admin, roles):
    before = list(roles["buyer"].permissions)
    update_role(roles["buyer"], {"permissions": [*before, "core.audit.view"]}, by=admin)
    (change,) = trail.history("role", roles["buyer"].id)[0].changes
    assert (change.old, change.new) == ("–", "Read the audit trail")


def test_scope_and_lens_of_a_role_are_told_in_words(as_admin, admin, roles):
    update_role(roles["buyer"], {"scope": "team", "lens": "relationship", "scopes": {"customer": "own"}}, by=admin)
    changes = {change.label: (change.old, change.new) for change in trail.history("role", roles["buyer"].id)[0].changes}
    assert changes == {
        "Scope": ("All records", "Records of the team"),
        "Customer page opens with": ("Operations", "Relationship"),
        "Scope by record type: Customers": ("–", "Own records"),
    }


def test_standard_roles_and_imports_are_named_in_the_readers_language(as_admin, admin, roles, session):
    update_role(roles["buyer"], {"scope": "team"}, by=admin)
    session.add(AuditEntry(record_type="import", record_id=1, action="finish", changes={"status": ["running", "done"]}))
    session.flush()
    with force_locale("zh"):
        newest, role = trail.in_words(trail.entries(trail.Wanted(), limit=2))
    assert role.name == "采购员"
    assert newest.kind == "导入"
    assert [(change.old, change.new) for change in newest.changes] == [("运行中", "已完成")]


def test_a_record_that_is_gone_is_still_told_of(as_admin, session):
    user = create_user("Gone Soon", "gone@example.com")
    session.delete(user)
    session.flush()
    line = trail.history("user", user.id)[0]
    assert line.url is None
    assert ("Name", "Gone Soon", "–") in [(change.label, change.old, change.new) for change in line.changes]


@pytest.fixture
def reader(clock, client, sign_in, admin):
    return sign_in(client, admin)


def test_the_trail_is_read_by_whoever_may_and_by_nobody_else(client, sign_in, seller):
    assert sign_in(client, seller).get("/admin/audit").status_code == 403
    assert client.get(f"/admin/audit/user/{seller.id}").status_code == 404


def test_it_is_filtered_by_user_type_record_action_and_day(reader, admin, seller, colleague, clock):
    clock.shift(timedelta(days=3))
    with acting_as(admin):
        update_user(seller, {"region": "Westend"}, by=admin)
        update_user(colleague, {"region": "Eastend"}, by=admin)

    def shown(**query):
        text = reader.get("/admin/audit", query_string=query).text
        return {place for place in ("Westend", "Eastend", "Max Nobody") if place in text}

    both = {"Westend", "Eastend"}
    assert shown(user=admin.id, user_text="Ada Admin") == both
    assert shown(user=seller.id, user_text="王芳") == set()
    assert shown(kind="user") == both
    assert shown(kind="role") == set()
    assert shown(kind="user", record="王芳") == {"Westend"}
    assert shown(kind="user", record="nobody is called this") == set()
    assert shown(action="changed") == both
    assert shown(action="deleted") == set()
    assert shown(since="2026-03-05", until="2026-03-05") == both
    assert shown(until="2026-03-04") == set()
    assert reader.get("/admin/audit?since=nonsense").status_code == 422


def test_it_is_paged_by_the_last_entry_and_reaches_all(reader, admin, seller, session):
    for number in range(120):
        update_user(seller, {"region": f"Region {number}"}, by=admin)
    session.flush()
    total = len(session.scalars(select(AuditEntry.id)).all())
    seen, before = [], None
    while found := trail.entries(trail.Wanted(), before=before):
        seen += [entry.id for entry in found]
        before = found[-1].id
    assert len(seen) == len(set(seen)) == total
    assert "Older" in reader.get("/admin/audit").text


def test_a_page_of_the_trail_costs_a_bounded_number_of_queries(as_admin, count_queries):
    for number in range(60):
        create_user(f"User {number}", f"user{number}@example.com", roles=["seller"])
    few = trail.entries(trail.Wanted(), limit=5)
    many = trail.entries(trail.Wanted(), limit=60)
    kinds = {entry.record_type for entry in many}
    with count_queries() as seen:
        trail.in_words(many)
    assert len(seen) <= len(kinds) + 1
    assert few[0].id == many[0].id


def test_modules_are_listed_and_those_of_every_edition_stay_on(reader):
    page = reader.get("/admin/modules").text
    assert "Catalog" in page
    assert reader.post("/admin/modules/access/off").status_code == 409
    assert reader.post("/admin/modules/nonsense/off").status_code == 404


def test_a_module_that_is_off_is_gone_until_it_is_on_again(reader):
    assert reader.get("/catalog/products", follow_redirects=True).status_code == 200
    switched = [
        area.name
        for area in reversed(AREAS)  # from the top, for others stand on the catalog
        if reader.post(f"/admin/modules/{area.name}/off").status_code == 303
    ]
    assert setting("modules_off") == sorted(switched)
    assert "catalog" in switched
    assert reader.get("/catalog/products").status_code == 404
    assert reader.post("/admin/modules/catalog/on").status_code == 303
    assert reader.get("/catalog/products", follow_redirects=True).status_code == 200


def test_only_who_may_switches_modules(client, sign_in, seller):
    sign_in(client, seller)
    assert client.get("/admin/modules").status_code == 403
    assert client.post("/admin/modules/catalog/off").status_code == 403


def test_what_the_program_keeps_for_itself_is_told_to_nobody_and_states_have_their_names(as_admin, admin, session):
    """A column without a label stands in no list and on no page: it would be told by its English name in the code."""
    session.add(AuditEntry(record_type="delivery", record_id=1, action="changed", actor_id=admin.id, changes={
        "status": ["ready", "shipped"], "carrier": [None, "SF"],
    }))  # fmt: skip
    session.add(AuditEntry(record_type="quotation", record_id=1, action="created", changes={
        "number": [None, "Q-1"], "series": [None, "Q-1"],
    }))  # fmt: skip
    session.flush()
    (line,), (whole,) = trail.history("quotation", 1), trail.history("delivery", 1)
    assert [(change.label, change.new) for change in line.changes] == [("Number", "Q-1")]
    assert [(change.label, change.old, change.new) for change in whole.changes] == [
        ("Status", "To pick", "Shipped"),
        ("Carrier", "–", "SF"),
    ]
