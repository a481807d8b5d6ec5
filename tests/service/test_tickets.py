"""The verbs of tickets: who gets them, what is written, how they move, and become one or two."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from erpcrm.core.errors import NotAllowed, Refused, Stale
from erpcrm.core.mail import Mail, compose
from erpcrm.core.notifications import Notification
from erpcrm.core.settings import save_setting
from erpcrm.service import services
from erpcrm.service.models import TicketEvent
from tests.factories.customers import a_contact


def told(session, user):
    return [
        (one.kind, one.text)
        for one in session.scalars(
            select(Notification).where(Notification.user_id == user.id).order_by(Notification.id)
        )
    ]


def test_a_ticket_takes_customer_and_address_from_the_contact_and_its_priority_from_the_matrix(
    ticket, contact, customer, session
):
    made = ticket(impact="high", urgency="high", tags=["pump", "pump"])
    assert (made.code, made.customer_id, made.address) == ("T-00001", customer.id, "lena@bluewave.example")
    assert (made.priority, made.status, made.tags) == ("urgent", "new", ["pump"])
    [message] = services.messages_of(made)
    assert (message.kind, message.author, message.text) == ("incoming", "Lena Lake", "Since this morning.")
    with pytest.raises(Refused, match="what it is about"):
        ticket("  ")


def test_an_answer_goes_out_in_the_thread_and_starts_the_work(ticket, agent, session, clock):
    save_setting("service_mail", "help@ours.example")
    made = ticket(how={"message_id": "<first@bluewave.example>"})
    answer = services.reply(made, "Have you turned it off?", agent, version=made.version)
    mail = session.get(Mail, answer.mail_id)
    assert (mail.to, mail.subject) == ("lena@bluewave.example", "[T-00001] The pump leaks")
    sent = compose(mail)
    assert sent["In-Reply-To"] == sent["References"] == "<first@bluewave.example>"
    assert sent["Reply-To"] == "Chen Agent <help@ours.example>"
    assert (made.status, made.owner_id, made.first_response_at) == ("open", agent.id, answer.at)
    assert (made.last_from_customer, made.replies) == (False, 1)
    second = compose(session.get(Mail, services.reply(made, "And on again?", agent).mail_id))
    assert second["References"] == f"<first@bluewave.example> {mail.message_id}"
    assert second["In-Reply-To"] == mail.message_id


def test_nobody_is_answered_without_an_address_or_past_a_colleague(ticket, agent, session):
    nameless = ticket(contact_id=None, requester_name="A caller")
    with pytest.raises(Refused, match="internal note"):
        services.reply(nameless, "Hello", agent)
    made = ticket()
    seen = made.version
    services.reply(made, "First", agent)
    with pytest.raises(Stale):
        services.reply(made, "Second", agent, version=seen)
    with pytest.raises(Refused, match="Write something"):
        services.note(made, "  \n", agent)


def test_what_the_customer_writes_takes_up_what_waited_or_was_solved(ticket, agent, contact, session):
    made = ticket(owner_id=agent.id)
    services.move_ticket(made, "wait_customer", agent)
    assert made.paused_at is not None
    services.receive(made, "It still leaks", contact=contact)
    assert (made.status, made.paused_at, made.last_from_customer) == ("open", None, True)
    assert ("answered", "Lena Lake wrote on ticket T-00001: The pump leaks") in told(session, agent)
    services.move_ticket(made, "resolve", agent, reason="New seal")
    assert (made.status, made.solution) == ("resolved", "New seal")
    assert made.resolved_at is not None
    services.move_ticket(made, "close", agent)
    services.receive(made, "Again!", contact=contact)
    assert (made.status, made.resolved_at, made.closed_at) == ("open", None, None)


def test_resolving_asks_what_solved_it_and_needs_the_permission(ticket, agent, seller):
    made = ticket()
    with pytest.raises(Refused, match="needs a reason"):
        services.move_ticket(made, "resolve", agent)
    with pytest.raises(NotAllowed):
        services.move_ticket(made, "resolve", seller, reason="I called them")


def test_a_note_tells_whom_it_names_and_lets_them_watch(ticket, agent, helper, session):
    made = ticket()
    services.note(made, "@Hanna Helper can you look?", agent)
    assert told(session, helper) == [("mentioned", "Chen Agent mentions you on ticket T-00001: The pump leaks")]
    assert services.watchers_of(made) == [helper]
    assert session.scalar(select(Mail).where(Mail.to.contains("lena@"))) is None
    services.move_ticket(made, "resolve", agent, reason="Done")
    assert told(session, helper)[-1] == ("decided", "Ticket T-00001 is resolved: The pump leaks")


def test_the_next_one_is_the_most_urgent_that_nobody_has(ticket, agent, helper, seller):
    later = ticket("Later")
    urgent = ticket("Urgent", impact="high", urgency="high")
    ticket("Somebody's", owner_id=helper.id, impact="high", urgency="high")
    waits = ticket("Waits", impact="high", urgency="high")
    services.move_ticket(waits, "wait_customer", helper)
    assert [services.pick_next(agent), services.pick_next(helper)] == [urgent, later]
    assert (urgent.owner_id, urgent.status, later.owner_id) == (agent.id, "open", helper.id)
    with pytest.raises(Refused, match="Nothing waits"):
        services.pick_next(agent)
    with pytest.raises(Refused, match="can't work on tickets"):
        services.assign(urgent, seller, agent)


def test_two_tickets_become_one_and_the_other_points_there(ticket, agent, helper, contact, customer, seller, session):
    other = a_contact(customer, seller, name="Ole Other", email="ole@bluewave.example")
    winner = ticket()
    loser = ticket("Pump", "Ours too", contact_id=other.id)
    services.watch(loser, helper)
    part = ticket("Part")
    services.set_parent(part, loser, agent)
    services.merge_tickets(loser, winner, agent, loser.version)
    assert (loser.status, loser.merged_into_id, part.parent_id) == ("closed", winner.id, winner.id)
    assert [one.text for one in services.messages_of(winner)][:2] == ["Since this morning.", "Ours too"]
    assert services.messages_of(loser) == []
    assert services.watchers_of(winner) == [helper]
    mails = session.scalars(select(Mail).where(Mail.to == "ole@bluewave.example")).all()
    assert [mail.subject for mail in mails] == ["[T-00001] Pump"]
    taken = services.receive(loser, "Any news?", contact=other)
    assert taken.ticket_id == winner.id
    for again in (lambda: services.merge_tickets(loser, winner, agent), lambda: services.reply(loser, "No", agent)):
        with pytest.raises(Refused, match="part of another"):
            again()
    with pytest.raises(Refused, match="part of another"):
        services.move_ticket(loser, "reopen", agent)
    with pytest.raises(Refused, match="itself"):
        services.merge_tickets(winner, winner, agent)


def test_some_messages_become_a_ticket_of_their_own(ticket, agent, contact):
    made = ticket()
    extra = services.receive(made, "By the way, your invoice is wrong", contact=contact)
    split = services.split_ticket(made, [extra.id], "Invoice", agent)
    assert [one.text for one in services.messages_of(split)] == ["By the way, your invoice is wrong"]
    assert [one.text for one in services.messages_of(made)] == ["Since this morning."]
    assert (split.customer_id, split.contact_id, split.created_at) == (made.customer_id, contact.id, extra.at)
    with pytest.raises(Refused, match="At least one message stays"):
        services.split_ticket(made, [one.id for one in services.messages_of(made)], "All", agent)
    with pytest.raises(Refused, match="Choose the messages"):
        services.split_ticket(made, [], "None", agent)


def test_whoever_resolves_the_whole_says_what_becomes_of_its_parts(ticket, agent):
    whole, one, two = ticket("Whole"), ticket("One"), ticket("Two")
    for part in (one, two):
        services.set_parent(part, whole, agent)
    with pytest.raises(Refused, match="would belong to itself"):
        services.set_parent(whole, one, agent)
    with pytest.raises(Refused, match="T-00002, T-00003 belong to it"):
        services.move_ticket(whole, "resolve", agent, reason="Fixed")
    services.move_ticket(whole, "resolve", agent, reason="Fixed", children="leave")
    assert (whole.status, one.status) == ("resolved", "new")
    services.move_ticket(whole, "close", agent, children="too")
    assert (whole.status, one.status, two.status) == ("closed", "resolved", "resolved")


def test_what_stays_resolved_is_closed_after_some_days(ticket, agent, clock):
    made = ticket()
    services.move_ticket(made, "resolve", agent, reason="Done")
    clock.shift(timedelta(days=6))
    assert services.close_old() == 0
    clock.shift(timedelta(days=1, minutes=1))
    assert services.close_old() == 1
    assert made.status == "closed"


def test_what_happened_to_a_ticket_is_never_changed(ticket, agent, session):
    made = ticket()
    services.move_ticket(made, "start", agent)
    kinds = [(one.kind, one.before, one.after) for one in services.events_of(made)]
    assert kinds == [("state", None, "new"), ("state", "new", "open")]
    for statement in ("UPDATE ticket_events SET after = 'new'", "DELETE FROM ticket_events"):
        with pytest.raises(DatabaseError, match="never changed"), session.begin_nested():
            session.execute(text(statement))
    assert session.query(TicketEvent).count() == 2
