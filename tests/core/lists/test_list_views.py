"""Saved views: a list's address under a name."""

import pytest
from sqlalchemy import func, select

from erpcrm.core.db import session
from erpcrm.core.lists.saved_views import DefaultView, SavedView

AT = "/lists/gizmo/views?at=/gizmos"


def save(client, query, name, **more):
    return client.post(f"{AT}&{query}", data={"name": name, "shared": "own", **more})


@pytest.fixture
def ben(app, person, team):
    return person("Ben", team=team, may=["gizmos.gizmo.view"])


@pytest.fixture
def bens(app, sign_in, ben):
    return sign_in(app.test_client(), ben)


def view_called(name):
    return session.scalars(select(SavedView).where(SavedView.name == name)).one()


def test_a_view_keeps_search_filters_sort_and_columns(web):
    response = save(web, "q=pu&colour=red&colour=blue&sort=-amount&cols=name,amount&page=4&after=x&view=all", "My reds")
    view = view_called("My reds")
    assert view.query == "q=pu&colour=red&colour=blue&sort=-amount&cols=name,amount"
    assert response.location.endswith(f"view={view.id}")
    page = web.get(f"/gizmos?{view.query}&view={view.id}").text
    assert f'<a class="tab active" href="/gizmos?{view.query.replace("&", "&amp;")}&amp;view={view.id}"' in page


def test_a_view_needs_a_name(web):
    response = save(web, "q=pu", " ")
    assert response.status_code == 422
    assert "Give the view a name." in response.text
    assert session.scalar(select(func.count()).select_from(SavedView)) == 0


def test_an_own_view_is_nobody_else_s(web, bens):
    save(web, "q=pu", "Mine alone")
    view = view_called("Mine alone")
    assert "Mine alone" not in bens.get("/gizmos").text
    assert bens.post(f"/lists/gizmo/views/{view.id}/delete?at=/gizmos").status_code == 404
    assert bens.post(f"/lists/gizmo/views/{view.id}/default?at=/gizmos").status_code == 404


def test_a_team_s_view_is_seen_by_the_team_only(app, person, team, sign_in, bens, web):
    carla = sign_in(app.test_client(), person("Carla", team=team))
    save(carla, "q=pu", "For the team", shared="team")
    assert "For the team" in bens.get("/gizmos").text
    assert "For the team" not in web.get("/gizmos").text
    refused = save(web, "q=pu", "Nobody to share with", shared="team")
    assert refused.status_code == 409


def test_sharing_with_everyone_takes_a_permission(web, bens):
    assert save(bens, "q=pu", "For all", shared="all").status_code == 409
    save(web, "q=pu", "For all", shared="all")
    assert "For all" in bens.get("/gizmos").text


def test_a_shared_view_is_changed_by_its_owner_only(web, bens):
    save(web, "q=pu", "For all", shared="all")
    view = view_called("For all")
    assert bens.post(f"/lists/gizmo/views/{view.id}/update?at=/gizmos&q=other").status_code == 409
    assert bens.post(f"/lists/gizmo/views/{view.id}/delete?at=/gizmos").status_code == 409
    assert web.post(f"/lists/gizmo/views/{view.id}/update?at=/gizmos&q=other").status_code == 303
    assert view_called("For all").query == "q=other"
    web.post(f"/lists/gizmo/views/{view.id}/update?at=/gizmos", data={"name": "Renamed", "shared": "own"})
    assert "Renamed" not in bens.get("/gizmos").text


def test_a_list_opens_with_the_user_s_own_default(web, bens):
    save(web, "colour=red", "Reds", default="y")
    view = view_called("Reds")
    assert web.get("/gizmos").location == f"/gizmos?colour=red&view={view.id}"
    assert web.get("/gizmos?view=all").status_code == 200
    assert web.get("/gizmos?q=x").status_code == 200
    assert bens.get("/gizmos").status_code == 200


def test_a_deleted_default_leaves_the_plain_list(web):
    save(web, "colour=red", "Reds", default="y")
    web.post(f"/lists/gizmo/views/{view_called('Reds').id}/delete?at=/gizmos")
    assert session.scalar(select(func.count()).select_from(DefaultView)) == 0
    assert web.get("/gizmos").status_code == 200


def test_a_view_that_comes_with_the_program_opens_by_its_name(web):
    assert web.get("/gizmos?view=red").location == "/gizmos?colour=red&sort=-amount&view=red"
    web.post("/lists/gizmo/views/mine/default?at=/gizmos")
    assert web.get("/gizmos").location == "/gizmos?owner=me&view=mine"


def test_a_view_that_is_gone_shows_the_plain_list(web):
    assert web.get("/gizmos?view=999").status_code == 200


def test_a_view_of_a_column_that_is_gone_does_not_lead_in_a_circle(web, anna):
    view = SavedView(user_id=anna.id, record_type="gizmo", name="Old", query="gone=1")
    session.add(view)
    session.flush()
    assert web.get(f"/gizmos?view={view.id}").location == f"/gizmos?gone=1&view={view.id}"
    assert web.get(f"/gizmos?gone=1&view={view.id}").status_code == 200


def test_only_what_has_a_name_is_offered_as_the_view_to_open_with(web):
    offer = "/default?"
    assert offer not in web.get("/lists/gizmo/views?at=/gizmos").text
    assert offer not in web.get("/lists/gizmo/views?at=/gizmos&colour=red").text
    assert offer in web.get("/lists/gizmo/views?at=/gizmos&owner=me&view=mine").text
    web.post("/lists/gizmo/views/mine/default?at=/gizmos")
    assert offer not in web.get("/lists/gizmo/views?at=/gizmos&owner=me&view=mine").text
    assert offer in web.get("/lists/gizmo/views?at=/gizmos").text
