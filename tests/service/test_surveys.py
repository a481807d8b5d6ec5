"""Surveys: who is asked and who is not, once; what an answer is; what follows from a bad one; what came of it all."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from erpcrm.analytics.models import Segment, SegmentMember, SegmentMove
from erpcrm.analytics.services import add_customers, delete_segment, save_segment
from erpcrm.core.db import now
from erpcrm.core.errors import Refused
from erpcrm.core.jobs import enqueue
from erpcrm.core.mail import Mail
from erpcrm.core.moves import make_move
from erpcrm.customers.models import Activity
from erpcrm.service.models import Survey, SurveyInvitation
from erpcrm.service.services import survey_results, surveys
from erpcrm.service.survey_jobs import SEND
from erpcrm.service.survey_records import ANSWER_SCOPE
from tests.factories.customers import a_contact, a_customer
from tests.refusals import refused

USUAL = {
    "name": "After service",
    "kind": "csat",
    "trigger": "ticket",
    "active": True,
    "delay_hours": 24,
    "sample_percent": 100,
    "every_days": 90,
    "rest_days": 30,
    "valid_days": 14,
}


def a_survey(by: Any, **values: Any) -> Survey:
    return surveys.save_survey(None, {**USUAL, **values}, by)


def invitations(session: Any) -> list[SurveyInvitation]:
    return list(session.scalars(select(SurveyInvitation).order_by(SurveyInvitation.id)))


@pytest.fixture
def asked(ticket: Any, agent: Any, clock: Any, session: Any) -> SurveyInvitation:
    """Lena was asked after her ticket was resolved."""
    a_survey(agent)
    made = ticket(owner_id=agent.id)
    make_move(made, "resolve", by=agent, reason="Changed the seal")
    clock.shift(timedelta(hours=24))
    surveys.send_due()
    [invitation] = invitations(session)
    session.commit()
    return invitation


def test_who_asked_is_asked_after_the_delay_once_a_ticket(ticket: Any, agent: Any, clock: Any, session: Any) -> None:
    a_survey(agent)
    made = ticket(owner_id=agent.id)
    make_move(made, "resolve", by=agent, reason="Changed the seal")
    assert surveys.send_due() == 0, "not before the delay"
    make_move(made, "reopen", by=agent)
    clock.shift(timedelta(hours=25))
    assert surveys.send_due() == 1
    [invitation] = invitations(session)
    assert (invitation.skipped, invitation.sent_at) == ("reopened", None)
    make_move(made, "resolve", by=agent, reason="Changed it again")
    assert len(invitations(session)) == 1
    session.add(
        SurveyInvitation(survey_id=invitation.survey_id, ticket_id=made.id, token="other", language="en", send_at=now())
    )
    with pytest.raises(IntegrityError):
        session.flush()


def test_the_mail_has_a_link_for_each_step_in_the_receivers_language(
    asked: SurveyInvitation, ticket: Any, customer: Any, seller: Any, agent: Any, clock: Any, session: Any
) -> None:
    mail = session.scalars(select(Mail).where(Mail.html.is_not(None))).one()
    assert (mail.to, mail.subject) == ("lena@bluewave.example", "[T-00001] How did we do?")
    for step in range(1, 6):
        assert f"/service/s/{asked.token}?score={step}" in mail.html
    assert "?score=0" not in mail.html
    assert "style" not in mail.html
    chinese = a_contact(customer, seller, name="王芳", email="wang@bluewave.example")
    make_move(ticket(contact_id=chinese.id), "resolve", by=agent, reason="好了")
    clock.shift(timedelta(hours=24))
    surveys.send_due()
    last = session.scalars(select(Mail).order_by(Mail.id.desc()).limit(1)).one()
    assert "王芳" in last.text
    assert not last.text.startswith("Hello")


@pytest.mark.parametrize(
    ("why", "change"),
    [
        ("withdrawn", {"consent": "withdrawn"}),
        ("no_email", {"active": False}),
    ],
)
def test_whoever_does_not_want_it_is_not_asked(
    ticket: Any, contact: Any, agent: Any, clock: Any, session: Any, why: str, change: dict[str, Any]
) -> None:
    a_survey(agent, delay_hours=0)
    make_move(ticket(), "resolve", by=agent, reason="Done")
    for name, value in change.items():
        setattr(contact, name, value)
    surveys.send_due()
    assert [one.skipped for one in invitations(session)] == [why]
    assert session.scalars(select(Mail).where(Mail.html.is_not(None))).all() == []


def test_a_person_has_rest_between_any_two_surveys(ticket: Any, agent: Any, clock: Any, session: Any) -> None:
    a_survey(agent, delay_hours=0)
    a_survey(agent, name="Effort", kind="ces", delay_hours=0)
    make_move(ticket(), "resolve", by=agent, reason="Done")
    surveys.send_due()
    assert [one.skipped for one in invitations(session)] == [None, "rested"]
    clock.shift(timedelta(days=29))
    make_move(ticket("Again"), "resolve", by=agent, reason="Done")
    clock.shift(timedelta(days=1, minutes=1))
    surveys.send_due()
    assert [one.skipped for one in invitations(session)] == [None, "rested", None, "rested"]


def test_a_share_is_asked_and_always_the_same(session: Any, agent: Any) -> None:
    survey = a_survey(agent, sample_percent=30)
    chosen = [number for number in range(2000) if surveys.is_sampled(survey, number)]
    assert 520 < len(chosen) < 680
    assert chosen == [number for number in range(2000) if surveys.is_sampled(survey, number)]
    survey.sample_percent = 100
    assert surveys.is_sampled(survey, 1)


def test_a_schedule_asks_each_address_of_active_customers_once(
    customer: Any, contact: Any, seller: Any, agent: Any, clock: Any, session: Any, run_jobs: Any
) -> None:
    make_move(customer, "activate", by=seller)
    a_contact(customer, seller, name="Lars Lake", email="LENA@bluewave.example")
    a_contact(customer, seller, name="No Mail")
    a_contact(customer, seller, name="No Thanks", email="no@bluewave.example", consent="withdrawn")
    prospect = a_customer(seller, name="Other")
    a_contact(prospect, seller, name="Prospect", email="p@other.example")
    survey = a_survey(agent, kind="nps", trigger="schedule", name="How likely")
    enqueue(SEND)
    run_jobs()
    session.refresh(survey)
    assert [one.email for one in invitations(session)] == ["lena@bluewave.example"]
    assert survey.last_run_on is not None
    assert list(surveys.surveys_due()) == []
    clock.shift(timedelta(days=90))
    assert list(surveys.surveys_due()) == [survey]
    assert len(surveys.people_of(survey)) == 2, "after the days of rest both may be asked, the address once"


def test_a_segment_is_asked_and_nobody_when_it_is_gone(
    customer: Any, contact: Any, seller: Any, agent: Any, session: Any
) -> None:
    other = a_customer(seller, name="Other")
    a_contact(other, seller, name="Olga", email="olga@other.example")
    for one in (customer, other):
        make_move(one, "activate", by=seller)
    segment = save_segment(None, {"name": "Loved", "kind": "static"}, seller)
    add_customers(segment, [other.id], seller)
    survey = a_survey(agent, kind="nps", trigger="hand", name="How likely", segment_id=segment.id)
    assert [person.name for person, _customer in surveys.people_of(survey)] == ["Olga"]
    with pytest.raises(Refused, match="Surveys"):
        delete_segment(segment)
    for table in (SegmentMember, SegmentMove, Segment):  # one that is gone all the same, of an old backup
        session.execute(delete(table))
    session.expire_all()
    assert survey.segment_id is None
    assert surveys.people_of(survey) == []
    assert "not there any more" in (surveys.fault_of(survey) or "")
    surveys.save_survey(survey, {"segment_id": None}, agent)
    assert len(surveys.people_of(survey)) == 2


# ---------------------------------------------------------------------- answering


def test_opening_a_link_answers_nothing_and_one_press_does(asked: SurveyInvitation, client: Any, session: Any) -> None:
    """Mail scanners open every link of a mail, often several times."""
    url = f"/service/s/{asked.token}"
    for step in (1, 2, 3, 4, 5):
        page = client.get(f"{url}?score={step}")
        assert f'value="{step}" checked' in page.text
        client.head(f"{url}?score={step}")
    session.refresh(asked)
    assert asked.answered_at is None
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Robots-Tag"].startswith("noindex")
    answer = client.post(url, data={"score": "4", "comment": "Quick"})
    assert answer.status_code == 303
    assert "Thank you for your answer" in client.get(answer.location).text
    session.refresh(asked)
    assert (asked.score, asked.comment, asked.follow_up_id) == (4, "Quick", None)


def test_the_first_answer_stays(asked: SurveyInvitation, client: Any, session: Any) -> None:
    url = f"/service/s/{asked.token}"
    client.post(url, data={"score": "5"})
    again = client.post(url, data={"score": "1", "comment": "no!"})
    assert again.status_code == 409
    assert "You have answered already" in again.text
    session.refresh(asked)
    assert (asked.score, asked.comment) == (5, None)
    assert surveys.answer(asked, 1, None) is False
    assert session.scalars(select(Activity)).all() == []


def test_what_is_no_answer(asked: SurveyInvitation, client: Any, session: Any, clock: Any) -> None:
    url = f"/service/s/{asked.token}"
    for score in ("0", "6", "x", "", "9999999999999"):
        assert client.post(url, data={"score": score}).status_code == 422
    assert client.get(f"{url}?score=77").status_code == 200
    assert client.get("/service/s/unknown").status_code == 404
    with refused("one of the steps"):
        surveys.answer(asked, 9, None)
    clock.shift(timedelta(days=14, minutes=1))
    assert "has ended" in client.get(url).text
    late = client.post(url, data={"score": "3"})
    assert late.status_code == 409
    assert "has ended" in late.text
    session.refresh(asked)
    assert asked.score is None


def test_a_low_score_makes_one_task_for_whoever_looks_after_the_customer(
    asked: SurveyInvitation, client: Any, session: Any, seller: Any, customer: Any
) -> None:
    url = f"/service/s/{asked.token}"
    for _each in range(2):
        client.post(url, data={"score": "2", "comment": "Took too long"})
    [task] = session.scalars(select(Activity)).all()
    assert (task.kind, task.owner_id, task.customer_id, task.done_at) == ("task", seller.id, customer.id, None)
    assert task.body == "Took too long"
    assert "only 2" in task.subject
    session.refresh(asked)
    assert asked.follow_up_id == task.id


# ------------------------------------------------------------------------ results


def test_results_are_counted_within_what_one_sees(
    ticket: Any, customer: Any, agent: Any, seller: Any, outsider: Any, session: Any, client: Any, sign_in: Any
) -> None:
    survey = a_survey(agent, delay_hours=0)
    for number, score in enumerate((5, 5, 4, 2, 1, None)):
        session.add(
            SurveyInvitation(
                survey_id=survey.id,
                customer_id=customer.id,
                agent_id=agent.id,
                token=f"t{number}",
                language="en",
                send_at=now(),
                sent_at=now(),
                answered_at=now() if score else None,
                score=score,
                comment="Too slow" if score == 1 else None,
            )
        )
    session.commit()
    [summary] = survey_results.summaries([survey], ANSWER_SCOPE(agent, agent.scope("customer"))).values()
    assert (summary.asked, summary.result.answers, summary.result.score.value) == (6, 5, 60)
    assert summary.rate.value == pytest.approx(83.33, abs=0.01)
    seen = ANSWER_SCOPE(agent, agent.scope("customer"))
    assert [one.answers for _month, one in survey_results.trend(survey, seen)] == [0] * 11 + [5]
    parts = survey_results.parts(survey, seen)
    assert [(part.name, part.result.answers) for part in parts["agent"]] == [("Chen Agent", 5)]
    assert parts["product"] == []
    sign_in(client, agent)
    page = client.get(f"/service/surveys/{survey.id}").text
    assert "60%" in page
    assert "Too slow" in page
    assert "23% to 88%" in page, "Wilson of 3 of 5"
    sign_in(client, outsider)
    assert "Too slow" not in client.get(f"/service/surveys/{survey.id}").text
    answer = invitations(session)[4]
    assert client.get(f"/service/survey-answers/{answer.id}").status_code == 404
    sign_in(client, seller)
    assert "Too slow" in client.get(f"/service/survey-answers/{answer.id}").text


def test_a_survey_is_set_up(client: Any, sign_in: Any, agent: Any, session: Any, seller: Any) -> None:
    sign_in(client, agent)
    data = {name: str(value) for name, value in USUAL.items()} | {"kind": "nps", "low_at": "10"}
    wrong = client.post("/service/surveys/new", data=data)
    assert wrong.status_code == 422
    assert "0 to 9" in wrong.text
    assert client.post("/service/surveys/new", data=data | {"low_at": ""}).status_code == 303
    survey = session.scalars(select(Survey)).one()
    assert survey.low_at == 6
    with refused("already"):
        a_survey(agent, name="after SERVICE")
    for path in (f"/service/surveys/{survey.id}", "/service/surveys", f"/service/surveys/{survey.id}/edit"):
        assert client.get(path).status_code == 200
    assert client.post(f"/service/surveys/{survey.id}/send").status_code == 409, "it goes with tickets"
    sign_in(client, seller)
    assert client.get("/service/surveys/new").status_code == 403
