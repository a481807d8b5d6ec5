"""Permission on the route, scope on the rows."""

from typing import Any

import pytest
from sqlalchemy import select

from erpcrm.access.models import Role, Team
from erpcrm.core.access import require
from erpcrm.core.actor import acting_as
from erpcrm.core.errors import NotAllowed
from tests.core.spine.papers import PAGE_SCOPE, SCOPE, Page, Paper


def seen(session: Any, user: Any) -> set[str]:
    return set(session.scalars(select(Paper.name).where(SCOPE(user, user.scope("paper")))))


@pytest.fixture
def two_teams(session: Any, app: Any) -> tuple[Team, Team]:
    north, south = Team(name="North"), Team(name="South")
    session.add_all((north, south))
    session.flush()
    return north, south


def test_who_is_not_signed_in_is_sent_to_sign_in_and_comes_back(client: Any) -> None:
    answer = client.get("/papers/1?a=b")
    assert answer.status_code == 302
    assert "/login?next=/papers/1?a%3Db" in answer.headers["Location"]
    assert client.post("/papers", data={"name": "x"}).status_code == 302
    htmx = client.get("/papers/1", headers={"HX-Request": "true"})
    assert (htmx.status_code, "/login" in htmx.headers["HX-Redirect"]) == (401, True)


def test_a_route_needs_its_permission(session: Any, client: Any, sign_in: Any, person: Any) -> None:
    sign_in(client, person("papers.paper.view", language="en"))
    answer = client.post("/papers", data={"name": "x"})
    assert answer.status_code == 403
    assert "Write papers" in answer.text
    assert session.scalars(select(Paper)).all() == []


def test_a_route_that_nobody_marked_is_closed_to_all(client: Any, sign_in: Any, person: Any) -> None:
    sign_in(client, person("*"))
    assert client.get("/papers/unmarked").status_code == 403


def test_a_public_route_is_open(client: Any) -> None:
    assert client.get("/papers/open").text == "for everybody"


def test_a_record_outside_ones_scope_is_not_there(session: Any, client: Any, sign_in: Any, person: Any) -> None:
    mine, other = person("papers.paper.view", "papers.paper.edit", scope="own", name="Mine"), person(name="Other")
    papers = [Paper(name="my paper", owner_id=mine.id), Paper(name="other paper", owner_id=other.id)]
    session.add_all(papers)
    session.commit()
    sign_in(client, mine)
    assert client.get(f"/papers/{papers[0].id}").text == "my paper"
    for answer in (
        client.get(f"/papers/{papers[1].id}"),
        client.post(f"/papers/{papers[1].id}", data={"name": "taken", "version": 1}),
        client.post(f"/papers/{papers[1].id}/void", data={"reason": "spite"}),
        client.get("/papers/999"),
    ):
        assert answer.status_code == 404
    assert session.scalars(select(Paper.name).order_by(Paper.id)).all() == ["my paper", "other paper"]


def test_scopes_own_team_and_all(session: Any, person: Any, two_teams: tuple[Team, Team]) -> None:
    north, south = two_teams
    seller = person(scope="own", name="Seller", team=north)
    mate = person(scope="team", name="Mate", team=north)
    chief = person(scope="team", name="Chief")
    auditor = person(scope="all", name="Auditor")
    nobody = person(scope="team", name="Nobody")
    south.manager_id = chief.id
    session.add_all(
        (
            Paper(name="sellers", owner_id=seller.id, team_id=north.id),
            Paper(name="mates", owner_id=mate.id),
            Paper(name="south", team_id=south.id),
            Paper(name="free"),
        )
    )
    session.flush()
    assert seen(session, seller) == {"sellers"}
    assert seen(session, mate) == {"sellers", "mates"}
    assert seen(session, chief) == {"south"}
    assert seen(session, auditor) == {"sellers", "mates", "south", "free"}
    assert seen(session, nobody) == set()


def test_the_widest_of_several_roles_counts(session: Any, person: Any) -> None:
    user = person(scope="own")
    session.add(Paper(name="free"))
    session.flush()
    assert seen(session, user) == set()
    user.roles.append(Role(name="Auditor", permissions=[], scope="own", scopes={"paper": "all"}))
    assert seen(session, user) == {"free"}


def test_a_part_is_seen_with_its_whole(session: Any, person: Any) -> None:
    mine = person(scope="own", name="Mine")
    papers = [Paper(name="mine", owner_id=mine.id), Paper(name="other")]
    session.add_all(papers)
    session.flush()
    session.add_all(Page(paper_id=paper.id, text=f"page of {paper.name}") for paper in papers)
    session.flush()
    query = select(Page.text).where(PAGE_SCOPE(mine, mine.scope("page")))
    assert session.scalars(query).all() == ["page of mine"]


def test_require_refuses_whoever_lacks_the_permission(app: Any, person: Any) -> None:
    with pytest.raises(NotAllowed):
        require("papers.paper.sign")
    with acting_as(person("papers.paper.view")):
        require("papers.paper.view")
        with pytest.raises(NotAllowed):
            require("papers.paper.sign")
