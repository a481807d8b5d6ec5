"""Whose leads a user sees, counts, finds, takes out and changes: own, those of the team, or all."""

import csv
import io
from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from erpcrm.access.models import User
from erpcrm.access.services import create_team
from erpcrm.access.services.leaving import hand_over
from erpcrm.core.notifications import Notification
from erpcrm.core.registry import record_type
from erpcrm.core.search.index import reindex
from erpcrm.pipeline.models import Lead
from erpcrm.pipeline.services import disqualify
from tests.factories.leads import a_lead, a_score_rule, a_seller, an_assignment_rule

EXPORT = "/lists/lead/export/csv?at=/pipeline/leads"
READ = ("", "/edit", "/disqualify", "/score", "/convert")
WRITE = ("", "/contact", "/disqualify", "/convert")

pytestmark = pytest.mark.usefixtures("manager", "marketer")  # for fixtures that are asked for by name


@pytest.fixture
def world(session: Any, seller: User, colleague: User, outsider: User) -> SimpleNamespace:
    """One lead each of the seller, of a colleague in the team, of somebody in another team, and of nobody."""
    leads = SimpleNamespace(
        mine=a_lead(seller, company="Mine Works", email="x@mine.example"),
        theirs=a_lead(colleague, company="Theirs Works", email="x@theirs.example"),
        far=a_lead(outsider, company="Far Works", email="x@far.example"),
        nobodys=a_lead(company="Nobodys Works", email="x@nobody.example"),
    )
    session.commit()
    return leads


SEEN = {
    "seller": {"Mine Works"},
    "outsider": {"Far Works"},
    "manager": {"Mine Works", "Theirs Works", "Nobodys Works"},
    "marketer": {"Mine Works", "Theirs Works", "Far Works", "Nobodys Works"},
}
EVERY = {name for names in SEEN.values() for name in names}


@pytest.fixture(params=list(SEEN))
def who(request: pytest.FixtureRequest, world: SimpleNamespace) -> tuple[FlaskClient, set[str]]:
    """A signed-in user and the names of the leads that they see."""
    return request.getfixturevalue(f"as_{request.param}"), SEEN[request.param]


def names_in(text: str) -> set[str]:
    return {name for name in EVERY if name in text}


def test_lists_hold_and_count_what_the_user_sees(who: tuple[FlaskClient, set[str]]):
    client, seen = who
    text = client.get("/pipeline/leads").text
    assert names_in(text) == seen
    assert f"1–{len(seen)} of {len(seen)}" in text or f"{len(seen)}" in text


def test_filters_and_search_reach_no_further(who: tuple[FlaskClient, set[str]]):
    client, seen = who
    assert names_in(client.get("/pipeline/leads?status=new").text) == seen
    assert names_in(client.get("/pipeline/leads?q=works").text) == seen


def test_the_search_over_everything_reaches_no_further(who: tuple[FlaskClient, set[str]], session: Any):
    client, seen = who
    reindex(record_type("lead"))
    session.commit()
    assert names_in(client.get("/search?q=works").text) == seen


def test_pickers_and_references_reach_no_further(who: tuple[FlaskClient, set[str]]):
    client, seen = who
    assert names_in(client.get("/pick/lead?q=works").text) == seen


@pytest.mark.parametrize("path", READ)
def test_what_is_not_yours_can_not_be_read(as_seller: FlaskClient, world: SimpleNamespace, path: str):
    for lead in (world.theirs, world.far, world.nobodys):
        assert as_seller.get(f"/pipeline/leads/{lead.id}{path}").status_code == 404
    assert as_seller.get(f"/timeline/lead/{world.theirs.id}").status_code == 404


@pytest.mark.parametrize("path", WRITE)
def test_what_is_not_yours_can_not_be_changed(as_seller: FlaskClient, session: Any, world: SimpleNamespace, path: str):
    data = {"company": "Taken", "reason": "no_need", "customer": "new", "contact": "none", "opportunity": "none"}
    for lead in (world.theirs, world.far, world.nobodys):
        assert as_seller.post(f"/pipeline/leads/{lead.id}{path}", data=data).status_code == 404
        assert (lead.status, lead.company) != ("new", "Taken")
    assert as_seller.post(f"/timeline/lead/{world.theirs.id}", data={"kind": "note", "subject": "x"}).status_code == 404


@pytest.mark.parametrize("path", READ)
def test_the_manager_reads_those_of_the_team_and_of_nobody(as_manager: FlaskClient, world: SimpleNamespace, path: str):
    for lead in (world.theirs, world.nobodys):
        assert as_manager.get(f"/pipeline/leads/{lead.id}{path}").status_code == 200
    assert as_manager.get(f"/pipeline/leads/{world.far.id}{path}").status_code == 404


def test_who_may_not_assign_sees_no_lead_of_nobody_in_the_scope_of_a_team(
    as_manager: FlaskClient, session: Any, world: SimpleNamespace, roles: Any
):
    role = roles["manager"]
    role.permissions = [one for one in role.permissions if one != "pipeline.lead.assign"]
    session.flush()
    assert names_in(as_manager.get("/pipeline/leads").text) == {"Mine Works", "Theirs Works"}


@pytest.mark.parametrize("role", ["manager", "marketer"])
def test_an_export_holds_what_the_user_sees(request: pytest.FixtureRequest, world: SimpleNamespace, role: str):
    client = request.getfixturevalue(f"as_{role}")
    answer = client.post(EXPORT)
    assert answer.status_code == 200
    rows = list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert {row["Name"] for row in rows} == SEEN[role]


def test_a_seller_exports_nothing(as_seller: FlaskClient, world: SimpleNamespace):
    assert as_seller.post(EXPORT).status_code == 403


# ----------------------------------------------------------------- many at once


def bulk(client: FlaskClient, action: str, leads: Any, **data: Any) -> Any:
    ids = [lead.id for lead in leads]
    return client.post(f"/lists/lead/bulk/{action}?at=/pipeline/leads", data={"ids": ids, "confirmed": "1"} | data)


def every(world: SimpleNamespace) -> list[Lead]:
    return [world.mine, world.theirs, world.far, world.nobodys]


def test_a_manager_assigns_many_and_the_owner_is_told_once(
    as_manager: FlaskClient, session: Any, world: SimpleNamespace, seller: User
):
    answer = bulk(as_manager, "assign", every(world), owner_id=seller.id, owner_id_text=seller.name)
    assert answer.status_code == 303
    assert [lead.owner_id == seller.id for lead in every(world)] == [True, True, False, True]
    assert world.nobodys.team_id == seller.team_id
    notice = session.scalars(select(Notification).where(Notification.actor_id.is_not(None))).one()
    assert (notice.user_id, notice.text, notice.url) == (
        seller.id,
        "Max Manager gave you 2 leads",
        "/pipeline/leads?owner=me",
    )


def test_nobody_is_given_leads_who_can_not_sign_in(
    as_manager: FlaskClient, session: Any, world: SimpleNamespace, colleague: User
):
    colleague.active = False
    answer = bulk(as_manager, "assign", [world.mine], owner_id=colleague.id, owner_id_text=colleague.name)
    assert answer.status_code == 409
    assert world.mine.owner_id != colleague.id


def test_a_converted_lead_keeps_its_owner(as_manager: FlaskClient, session: Any, world: Any, colleague: User):
    world.mine.status = "converted"
    bulk(as_manager, "assign", [world.mine], owner_id=colleague.id, owner_id_text=colleague.name)
    assert world.mine.owner_id != colleague.id


def test_leads_of_nobody_are_shared_out_by_the_rules(
    as_manager: FlaskClient, session: Any, world: SimpleNamespace, seller: User
):
    east = create_team("East")
    members = [a_seller(east).id for _n in range(2)]
    more = a_lead(company="More")
    an_assignment_rule(east)
    assert bulk(as_manager, "distribute", [*every(world), more]).status_code == 303
    assert world.mine.owner_id == seller.id, "who has an owner keeps it"
    assert [world.nobodys.owner_id, more.owner_id] == members


@pytest.mark.parametrize("action", ["assign", "distribute"])
def test_a_seller_assigns_nothing(as_seller: FlaskClient, world: SimpleNamespace, colleague: User, action: str):
    answer = bulk(as_seller, action, [world.mine], owner_id=colleague.id, owner_id_text=colleague.name)
    assert answer.status_code == 403
    assert world.mine.owner_id != colleague.id


def test_tags_reach_own_leads_only_and_are_scored(as_seller: FlaskClient, session: Any, world: SimpleNamespace):
    a_score_rule("tags", "is", "vip", points=9)
    bulk(as_seller, "tag", every(world), tags="vip, fair")
    assert [lead.tags for lead in every(world)] == [["vip", "fair"], [], [], []]
    assert (world.mine.score, world.theirs.score) == (9, 0)


def test_scores_are_worked_out_anew(as_seller: FlaskClient, session: Any, world: SimpleNamespace):
    a_score_rule("company", "filled", points=12)
    version = world.mine.version
    bulk(as_seller, "rescore", every(world))
    assert [lead.score for lead in every(world)] == [12, 0, 0, 0]
    assert world.mine.version == version


def test_many_leads_are_given_up_with_one_reason(
    as_manager: FlaskClient, session: Any, world: SimpleNamespace, seller: User
):
    disqualify(world.theirs, "competitor", seller)
    assert bulk(as_manager, "disqualify", every(world), reason="no_answer", note="Fair of 2020").status_code == 303
    assert [(lead.status, lead.disqualify_reason) for lead in every(world)] == [
        ("disqualified", "no_answer"), ("disqualified", "competitor"), ("new", None), ("disqualified", "no_answer"),
    ]  # fmt: skip
    assert bulk(as_manager, "disqualify", [world.mine], reason="").status_code == 422


def test_a_list_of_a_thousand_is_scored_with_few_queries(
    as_marketer: FlaskClient, session: Any, seller: User, count_queries: Any
):
    a_score_rule("activities", "empty", points=4)
    leads = [SimpleNamespace(id=a_lead(seller).id) for _n in range(40)]
    with count_queries() as few:
        bulk(as_marketer, "rescore", leads[:3])
    with count_queries() as many:
        bulk(as_marketer, "rescore", leads)
    assert len(many) - len(few) <= 2, (len(few), len(many))


def test_open_leads_of_who_leaves_are_handed_over(
    session: Any, world: SimpleNamespace, seller: User, colleague: User, run_jobs: Any
):
    ended = a_lead(seller)
    disqualify(ended, "no_need", seller)
    hand_over(seller, colleague)
    run_jobs()
    assert (world.mine.owner_id, ended.owner_id) == (colleague.id, seller.id)
