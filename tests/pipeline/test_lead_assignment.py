"""Who gets a lead: the first rule that fits and has somebody to give to; members of a team in turn."""

from typing import Any

import pytest
from sqlalchemy import select

from erpcrm.core.errors import Refused
from erpcrm.core.mail import Mail
from erpcrm.core.notifications import Notification
from erpcrm.core.options import merge_options, remove_option, seed_options
from erpcrm.pipeline.models import AssignmentRule
from tests.factories.leads import a_lead, a_score_rule, a_seller, an_assignment_rule, told_of


def test_without_a_rule_a_lead_stays_unassigned(session: Any, seller: Any):
    assert a_lead().owner_id is None


def test_the_first_rule_that_fits_decides(session: Any, seller: Any, colleague: Any, outsider: Any):
    an_assignment_rule(seller, regions=["europe", "asia"])
    an_assignment_rule(colleague, regions=["europe"], industries=["energy"])
    an_assignment_rule(outsider, sources=["referral"])
    assert a_lead(region="europe", industry="energy").owner_id == seller.id
    assert a_lead(region="americas", source="referral").owner_id == outsider.id
    assert a_lead(region="americas", industry="energy").owner_id is None
    assert a_lead(industry="energy").owner_id is None, "a lead without a region fits no rule that asks for one"


def test_the_order_of_the_rules_can_be_changed(as_manager: Any, session: Any, seller: Any, colleague: Any):
    an_assignment_rule(seller)
    last = an_assignment_rule(colleague)
    assert a_lead().owner_id == seller.id
    as_manager.post(f"/pipeline/setup/rules/assignment/{last.id}/step", data={"by": -1})
    assert a_lead().owner_id == colleague.id


def test_a_rule_that_is_not_in_use_is_passed_over(session: Any, seller: Any, colleague: Any):
    an_assignment_rule(seller, active=False)
    an_assignment_rule(colleague)
    assert a_lead().owner_id == colleague.id


def test_an_owner_that_is_named_is_not_asked_for(session: Any, seller: Any, colleague: Any):
    an_assignment_rule(colleague)
    assert a_lead(seller).owner_id == seller.id


def test_the_owners_team_comes_along(session: Any, outsider: Any):
    an_assignment_rule(outsider)
    assert a_lead().team_id == outsider.team_id


def test_a_team_takes_turns(session: Any, teams: Any):
    members = [a_seller(teams.south) for _n in range(3)]
    an_assignment_rule(teams.south)
    owners = [a_lead().owner_id for _n in range(7)]
    assert owners == [members[n % 3].id for n in range(7)]


def test_each_rule_has_turns_of_its_own(session: Any, teams: Any):
    first, second = a_seller(teams.south), a_seller(teams.south)
    an_assignment_rule(teams.south, regions=["asia"])
    an_assignment_rule(teams.south)
    assert [a_lead(region=region).owner_id for region in ("asia", "europe", "asia", "europe")] == [
        first.id, first.id, second.id, second.id,
    ]  # fmt: skip


def test_whoever_is_deactivated_loses_the_turn_to_the_next(session: Any, teams: Any):
    one, two, three = (a_seller(teams.south) for _n in range(3))
    an_assignment_rule(teams.south)
    assert a_lead().owner_id == one.id
    two.active = False
    assert [a_lead().owner_id for _n in range(3)] == [three.id, one.id, three.id]
    two.active = True
    assert [a_lead().owner_id for _n in range(2)] == [one.id, two.id]


def test_a_member_who_may_not_work_on_leads_gets_none(session: Any, teams: Any, roles: Any):
    keeper, member = a_seller(teams.south), a_seller(teams.south)
    keeper.roles = [roles["storekeeper"]]
    an_assignment_rule(teams.south)
    assert [a_lead().owner_id for _n in range(2)] == [member.id, member.id]


def test_a_rule_with_nobody_to_give_to_lets_the_next_decide(session: Any, seller: Any, colleague: Any, teams: Any):
    an_assignment_rule(colleague)
    an_assignment_rule(teams.south)
    an_assignment_rule(seller)
    colleague.active = False
    session.flush()
    assert a_lead().owner_id == seller.id


def test_whoever_gets_a_lead_is_told(session: Any, seller: Any):
    an_assignment_rule(seller)
    lead = a_lead(company="Northfield Pumps")
    notice = session.scalars(select(Notification)).one()
    assert (notice.user_id, notice.kind, notice.text) == (
        seller.id,
        "assigned",
        "You have a new lead: Northfield Pumps",
    )
    assert notice.url == f"/pipeline/leads/{lead.id}"
    assert session.scalars(select(Mail.subject)).all() == ["You have a new lead: Northfield Pumps"]


def test_a_lead_that_comes_in_makes_nobodys_edit_of_the_rule_stale(as_manager: Any, session: Any, teams: Any):
    a_seller(teams.south)
    rule = an_assignment_rule(teams.south)
    version = rule.version
    a_lead()
    session.expire(rule)
    assert (rule.version, rule.last_user_id is not None) == (version, True)


# --------------------------------------------------------------- editing rules

NEW = {"name": "Europe", "regions": ["europe"], "sources": ["referral", "website"], "active": "y"}


def test_a_manager_makes_a_rule(as_manager: Any, session: Any, seller: Any):
    data = NEW | {"user_id": seller.id, "user_id_text": seller.name}
    assert as_manager.post("/pipeline/setup/rules/assignment/new", data=data).status_code == 303
    rule = session.scalars(select(AssignmentRule)).one()
    assert (rule.regions, rule.industries, rule.sources) == (["europe"], [], ["referral", "website"])
    assert (rule.user_id, rule.team_id) == (seller.id, None)
    page = as_manager.get("/pipeline/setup/leads").text
    for shown in ("Europe", "Referral", "Website", seller.name):
        assert shown in page, shown


@pytest.mark.parametrize("both", [True, False])
def test_a_rule_gives_to_a_user_or_a_team_and_not_to_both(
    as_manager: Any, session: Any, seller: Any, teams: Any, both: bool
):
    receivers = {"user_id": seller.id, "user_id_text": seller.name, "team_id": teams.north.id, "team_id_text": "North"}
    answer = as_manager.post("/pipeline/setup/rules/assignment/new", data=NEW | (receivers if both else {}))
    assert answer.status_code == 422
    assert "Choose a user or a team, not both." in answer.text


def test_a_change_of_a_rule_is_told_in_words(as_manager: Any, session: Any, seller: Any, teams: Any):
    rule = an_assignment_rule(seller, regions=["europe"])
    data = {"name": rule.name, "regions": ["asia"], "team_id": teams.north.id, "team_id_text": "North", "active": "y"}
    assert (
        as_manager.post(
            f"/pipeline/setup/rules/assignment/{rule.id}", data=data | {"version": rule.version}
        ).status_code
        == 303
    )
    line = told_of(rule)[0]
    assert line.kind == "Assignment rule"
    assert {change.label: (change.old, change.new) for change in line.changes} == {
        "Regions": ("Europe", "Rest of Asia"),
        "User": (seller.name, "–"),
        "Team": ("–", "North"),
    }


def test_a_rule_goes_with_its_user_or_team(session: Any, seller: Any, teams: Any):
    an_assignment_rule(teams.south)
    session.delete(teams.south)
    session.flush()
    assert session.scalars(select(AssignmentRule)).all() == []
    assert a_lead().owner_id is None


def test_rules_follow_when_two_choices_become_one(session: Any, seller: Any):
    seed_options()
    assigning = an_assignment_rule(seller, regions=["europe", "asia"], industries=["energy"])
    scoring = a_score_rule("region", "is", "asia\neurope\n")
    words = a_score_rule("need", "contains", "asia")
    with pytest.raises(Refused, match="A rule names"):
        remove_option("customer.region", "asia")
    merge_options("customer.region", "asia", "europe")
    merge_options("customer.industry", "retail", "energy")
    session.expire_all()
    assert (assigning.regions, assigning.industries) == (["europe"], ["energy"])
    assert (scoring.value, words.value) == ("europe\n", "asia"), "what only looks like it stays"
    lead = a_lead(None, region="europe", industry="energy")
    assert (lead.owner_id, lead.score) == (seller.id, 10)
