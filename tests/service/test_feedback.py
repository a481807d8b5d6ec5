"""What customers say is counted once each, joined, decided, and answered to all."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from erpcrm.core.errors import Refused
from erpcrm.core.mail import Mail
from erpcrm.service.models import Feedback, Ticket
from erpcrm.service.services import feedback as verbs
from tests.factories.customers import a_customer


@pytest.fixture
def idea(clock: Any, agent: Any) -> Callable[..., Feedback]:
    def make(title: str = "A quieter pump", **values: Any) -> Feedback:
        return verbs.create_feedback({"title": title, "kind": "idea"} | values, agent)

    return make


def test_a_customer_counts_once(idea: Any, ticket: Callable[..., Ticket], agent: Any, seller: Any) -> None:
    wish = idea()
    asked = ticket("Too loud", kind="feedback")
    verbs.add_voice(wish, agent, ticket=asked, words="It is too loud.")
    verbs.add_voice(wish, agent, customer_id=asked.customer_id, words="Still too loud.")
    assert (wish.votes, wish.voices[0].words) == (1, "It is too loud.\n\nStill too loud.")
    other = a_customer(seller, name="Green Hills")
    verbs.add_voice(wish, agent, customer_id=other.id)
    assert wish.votes == 2
    with pytest.raises(Refused, match="who says it"):
        verbs.add_voice(wish, agent)
    verbs.remove_voice(wish, wish.voices[0].id)
    assert wish.votes == len(wish.voices) == 1


def test_joined_who_said_both_counts_once(idea: Any, agent: Any, seller: Any) -> None:
    both, one, two = (a_customer(seller, name=name) for name in ("Both", "One", "Two"))
    wish, same = idea(), idea("Less noise")
    for customer in (both, one):
        verbs.add_voice(wish, agent, customer_id=customer.id, words="Noise")
    for customer in (both, two):
        verbs.add_voice(same, agent, customer_id=customer.id, words="Loud")
    verbs.join_feedback(same, wish)
    assert {voice.customer_id for voice in wish.voices} == {both.id, one.id, two.id}
    assert (wish.votes, same.votes, same.status, same.voices) == (3, 0, "declined", [])
    assert "A quieter pump" in same.decision
    with pytest.raises(Refused, match="itself"):
        verbs.join_feedback(wish, wish)


def test_everybody_is_told_once(
    idea: Any, ticket: Callable[..., Ticket], agent: Any, seller: Any, session: Any
) -> None:
    wish = idea()
    verbs.add_voice(wish, agent, ticket=ticket("Too loud"))
    verbs.add_voice(wish, agent, customer_id=a_customer(seller, name="No address").id)
    verbs.decide(wish, "finish", agent, reason="The new housing")
    assert (wish.status, wish.decision) == ("done", "The new housing")
    assert verbs.answer_all(wish, "It is quieter now.", agent) == 1
    [mail] = session.scalars(select(Mail).where(Mail.subject == wish.title)).all()
    assert (mail.to, mail.text) == ("lena@bluewave.example", "It is quieter now.")
    with pytest.raises(Refused, match="Nobody is left"):
        verbs.answer_all(wish, "Once more", agent)
    late = ticket("Loud too", contact_id=None, requester_mail="new@elsewhere.example")
    verbs.add_voice(wish, agent, ticket=late)
    assert verbs.answer_all(wish, "It is quieter now.", agent) == 1


def test_a_ticket_is_kept_as_feedback_and_a_decision_asks_why(
    ticket: Callable[..., Ticket], agent: Any, client: Any, sign_in: Any, session: Any
) -> None:
    asked = ticket("A longer hose")
    session.commit()
    browser = sign_in(client, agent)
    form = {"title": "A longer hose", "kind": "idea"}
    assert browser.post(f"/service/tickets/{asked.id}/feedback", data=form).status_code == 303
    [found] = session.scalars(select(Feedback)).all()
    assert (found.title, found.votes) == ("A longer hose", 1)
    assert "Bluewave" in browser.get(f"/service/feedback/{found.id}").text
    refused = browser.post(f"/service/feedback/{found.id}/decline", data={"version": found.version})
    assert refused.status_code == 409
    session.expire_all()
    assert found.status == "new"
