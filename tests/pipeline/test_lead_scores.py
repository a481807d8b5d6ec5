"""Scores: by rules that can be edited, explained by terms that add up, renewed when the lead, a rule or the day changes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from erpcrm.core.jobs import Job
from erpcrm.core.jobs.schedules import enqueue_due, schedules_on
from erpcrm.core.moves import make_move
from erpcrm.customers.services import add_activity, finish_activity
from erpcrm.pipeline.jobs import BATCH
from erpcrm.pipeline.models import Lead, ScoreRule
from erpcrm.pipeline.models.leads import FACTS, TESTS
from erpcrm.pipeline.scoring import Rule, fits, words
from erpcrm.pipeline.services import rescore, update_lead
from erpcrm.pipeline.services.scores import RESCORE
from tests.factories.customers import a_task
from tests.factories.leads import a_lead, a_score_rule, told_of

RULE = {"name": "Came by referral", "fact": "source", "test": "is", "value": "Referral", "points": "20", "active": "y"}


def test_a_score_opens_to_the_terms_that_add_up_to_it(as_seller: Any, session: Any, seller: Any):
    a_score_rule("phone", "filled", points=10, name="Has a phone")
    a_score_rule("source", "is", "referral", points=25, name="Came by referral")
    a_score_rule("website", "filled", points=99, name="Has a website")
    lead = a_lead(seller, phone="0755 28780808", source="referral")
    assert lead.score == 35 == sum(points for _rule, _name, points in lead.score_terms)
    text = as_seller.get(f"/pipeline/leads/{lead.id}/score").text
    for shown in ("Has a phone", "+10", "Came by referral", "+25", ">35<"):
        assert shown in text, shown
    assert "Has a website" not in text


def test_a_score_beyond_its_limits_shows_the_sum_and_says_that_it_is_held(as_seller: Any, session: Any, seller: Any):
    a_score_rule("company", "filled", points=80)
    a_score_rule("person", "empty", points=70)
    lead = a_lead(seller)
    assert lead.score == 100
    text = as_seller.get(f"/pipeline/leads/{lead.id}/score").text
    assert ">150<" in text
    assert "held between 0 and 100: 100" in text


def test_a_lead_that_no_rule_fits_says_so(as_seller: Any, session: Any, seller: Any):
    lead = a_lead(seller)
    assert "No rule fits this lead" in as_seller.get(f"/pipeline/leads/{lead.id}/score").text


def test_the_score_follows_a_change_of_the_lead(session: Any, seller: Any):
    a_score_rule("email", "own_domain", points=15)
    lead = a_lead(seller, email="li@163.com")
    assert lead.score == 0
    update_lead(lead, {"email": "li@huawei.example"}, seller)
    assert lead.score == 15


def test_the_score_follows_activities_as_they_are_logged_and_done(as_seller: Any, session: Any, seller: Any):
    a_score_rule("activities", "at_least", "2", points=7)
    a_score_rule("last_activity_at", "within_days", "14", points=15)
    lead = a_lead(seller)
    version = lead.version
    task = a_task(lead, seller)
    assert lead.score == 0
    finish_activity(task, seller)
    assert lead.score == 15
    as_seller.post(f"/timeline/lead/{lead.id}", data={"kind": "call", "subject": "Second"})
    assert lead.score == 22
    assert lead.version == version


@pytest.mark.parametrize(("how", "points"), [("changed", 33), ("removed", 0), ("switched off", 0)])
def test_when_a_rule_changes_all_open_leads_are_scored_anew(
    as_manager: Any, session: Any, seller: Any, run_jobs: Any, how: str, points: int
):
    rule = a_score_rule("company", "filled", points=10)
    lead, ended = a_lead(seller), a_lead(seller)
    ended.status = "disqualified"
    run_jobs()
    changed = {"name": "x", "fact": "company", "test": "filled", "points": "33", "active": "y", "version": rule.version}
    if how == "removed":
        as_manager.post(f"/pipeline/setup/rules/score/{rule.id}/remove")
    else:
        if how == "switched off":
            del changed["active"]
        assert as_manager.post(f"/pipeline/setup/rules/score/{rule.id}", data=changed).status_code == 303
    assert lead.score == 10, "not within the request: there may be a million leads"
    run_jobs()
    assert (lead.score, ended.score) == (points, 10)


def test_several_changes_of_rules_need_one_job(session: Any, seller: Any):
    for _rule in range(3):
        a_score_rule("company", "filled")
    waiting = session.scalars(select(Job.state).where(Job.name == RESCORE, Job.status == "queued")).all()
    assert waiting == [{}]
    session.scalars(select(Job).where(Job.name == RESCORE)).one().state = {"after": 500}
    a_score_rule("company", "empty")
    assert len(session.scalars(select(Job.id).where(Job.name == RESCORE)).all()) == 2, "the first is past some leads"


def test_every_night_scores_follow_what_has_become_old(session: Any, seller: Any, run_jobs: Any, clock: Any):
    a_score_rule("last_activity_at", "within_days", "14", points=15)
    lead = a_lead(seller)
    add_activity(lead, "call", "First talk", seller)
    assert lead.score == 15
    version, updated = lead.version, lead.updated_at
    run_jobs()
    enqueue_due()
    run_jobs()
    clock.shift(timedelta(days=15))
    enqueue_due()
    run_jobs()
    assert (lead.score, lead.score_terms) == (0, [])
    assert (lead.version, lead.updated_at) == (version, updated), "nobody's form becomes stale overnight"
    assert told_of(lead)[0].action == "created", "a score is no change that somebody made"


def test_the_nightly_run_is_scheduled_once_a_day(app: Any):
    schedule = next(one for one in schedules_on() if one.job == RESCORE)
    assert schedule.every == timedelta(days=1)


def test_the_nightly_run_goes_through_all_open_leads_in_bounded_steps(
    session: Any, seller: Any, run_jobs: Any, count_queries: Any
):
    a_score_rule("activities", "at_least", "1", points=5)
    run_jobs()
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    rows = BATCH + 20
    session.execute(
        Lead.__table__.insert(),
        [
            {"company": f"L{n}", "name": f"L{n}", "name_key": "", "status": "converted" if n % 10 == 0 else "new",
             "score": 50, "score_terms": [], "tags": [], "marketing_consent": False, "version": 1, "custom": {},
             "created_at": moment, "updated_at": moment}
            for n in range(rows * 10 // 9 + 1)
        ],
    )  # fmt: skip
    job = Job(name=RESCORE, state={}, run_at=moment)
    session.add(job)
    session.flush()
    with count_queries() as seen:
        run_jobs()
    session.refresh(job)
    left = session.scalars(select(Lead.status).where(Lead.score != 0).distinct()).all()
    assert (job.status, left) == ("done", ["converted"])
    assert job.done == job.total == rows
    assert len([query for query in seen if "leads" in query]) <= 10, seen


def test_a_lead_that_somebody_is_changing_is_not_overwritten(session: Any, seller: Any):
    lead = a_lead(seller)
    a_score_rule("company", "filled", points=10)
    table = Lead.__table__
    session.execute(table.update().where(table.c.id == lead.id).values(version=lead.version + 1, score=77))
    rescore([lead])
    session.expire(lead)
    assert lead.score == 77


# --------------------------------------------------------------- editing rules


def test_a_rule_names_choices_by_their_labels_in_either_language(as_manager: Any, session: Any, seller: Any):
    data = RULE | {"value": "referral, 展会、Website"}
    assert as_manager.post("/pipeline/setup/rules/score/new", data=data).status_code == 303
    rule = session.scalars(select(ScoreRule)).one()
    assert words(rule.value) == ["referral", "trade_fair", "website"]
    page = as_manager.get("/pipeline/setup/leads").text
    assert "Referral, Trade fair, Website" in page
    assert "trade_fair" not in page
    assert 'value="Referral, Trade fair, Website"' in as_manager.get(f"/pipeline/setup/rules/score/{rule.id}").text
    assert [a_lead(seller, source=one).score for one in ("trade_fair", "website", "partner")] == [20, 20, 0]


def test_a_choice_with_a_comma_in_its_name_is_one_choice(as_manager: Any, session: Any, seller: Any):
    data = RULE | {"fact": "size", "value": "500 to 4,999 people, Up to 20 people"}
    assert as_manager.post("/pipeline/setup/rules/score/new", data=data).status_code == 303
    assert words(session.scalars(select(ScoreRule)).one().value) == ["large", "micro"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": ""}, "Enter a name."),
        ({"value": ""}, "This test needs a value."),
        ({"value": "Referral, Hearsay"}, "Not on the list: Hearsay."),
        ({"fact": "phone", "test": "at_least", "value": "3"}, "“Phone” can&#39;t be asked this."),
        ({"fact": "company", "test": "within_days", "value": "3"}, "“Company” can&#39;t be asked this."),
        ({"fact": "region", "test": "contains", "value": "eur"}, "“Region” can&#39;t be asked this."),
        ({"fact": "activities", "test": "at_least", "value": "many"}, "Enter a whole number."),
        ({"fact": "last_activity_at", "test": "within_days", "value": "9999999999"}, "Enter a whole number."),
        ({"points": "101"}, "Enter -100 to 100."),
        ({"fact": "shoe size"}, "Not a valid choice"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(as_manager: Any, session: Any, change: dict[str, str], message: str):
    answer = as_manager.post("/pipeline/setup/rules/score/new", data=RULE | change)
    assert answer.status_code == 422
    assert message in answer.text
    assert session.scalars(select(ScoreRule)).all() == []


def test_an_outdated_version_of_a_rule_changes_nothing(as_manager: Any, session: Any):
    rule = a_score_rule("company", "filled", points=10)
    rule.points = 11
    session.flush()
    answer = as_manager.post(
        f"/pipeline/setup/rules/score/{rule.id}",
        data={"name": "x", "fact": "company", "test": "filled", "points": "50", "version": rule.version - 1},
    )
    assert answer.status_code == 409
    assert rule.points == 11


def test_a_change_of_a_rule_is_told_in_words(as_manager: Any, session: Any):
    rule = a_score_rule("company", "filled", points=10)
    data = {"name": rule.name, "fact": "email", "test": "own_domain", "points": "10", "active": "y"}
    as_manager.post(f"/pipeline/setup/rules/score/{rule.id}", data=data | {"version": rule.version})
    line = told_of(rule)[0]
    assert (line.kind, line.url) == ("Score rule", f"/pipeline/setup/score-rules/{rule.id}")
    assert {change.label: (change.old, change.new) for change in line.changes} == {
        "Fact": ("Company", "E-mail"),
        "Test": ("is filled", "is at a domain of its own"),
    }


def test_rules_are_for_those_who_may_set_up(as_seller: Any, session: Any):
    rule = a_score_rule("company", "filled")
    assert as_seller.get("/pipeline/setup/leads").status_code == 403
    for path in ("new", str(rule.id), f"{rule.id}/remove", f"{rule.id}/step"):
        assert as_seller.post(f"/pipeline/setup/rules/score/{path}", data=RULE).status_code == 403


def test_rules_are_put_in_order(as_manager: Any, session: Any):
    first, second = a_score_rule("company", "filled", name="First"), a_score_rule("person", "filled", name="Second")
    as_manager.post(f"/pipeline/setup/rules/score/{second.id}/step", data={"by": -1})
    assert second.position < first.position
    page = as_manager.get("/pipeline/setup/leads").text
    assert page.index("Second") < page.index("First")


VALUES = st.one_of(
    st.none(), st.text(max_size=20), st.integers(-5, 10**9), st.lists(st.text(max_size=5), max_size=3),
    st.datetimes(timezones=st.just(UTC)),
)  # fmt: skip


@given(
    test=st.sampled_from([test.value for test in TESTS]),
    value=st.none() | st.text(max_size=30),
    fact=VALUES,
    name=st.sampled_from([fact.value for fact in FACTS]),
)
def test_no_rule_and_no_lead_breaks_the_scoring(test: str, value: str | None, fact: Any, name: str):
    assert fits(Rule(1, "any", name, test, value, 1), fact, datetime(2026, 3, 2, tzinfo=UTC)) in (True, False)


def test_tags_are_words_of_their_own():
    moment = datetime(2026, 3, 2, tzinfo=UTC)
    assert fits(Rule(1, "", "tags", "is", "vip", 1), ["Old", "VIP"], moment)
    assert not fits(Rule(1, "", "tags", "is", "vip", 1), ["VIP plus"], moment)
    assert fits(Rule(1, "", "tags", "contains", "vip", 1), ["VIP plus"], moment)


def test_qualifying_a_lead_leaves_its_score(session: Any, seller: Any):
    a_score_rule("company", "filled", points=10)
    lead = a_lead(seller)
    make_move(lead, "qualify", by=seller)
    assert lead.score == 10
