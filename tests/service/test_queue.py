"""The agent's hour: the queue, the ticket beside it, answers, the board, and two agents at once."""

from datetime import timedelta
from html import unescape
from io import BytesIO

import pytest
from sqlalchemy import event, select

from erpcrm.core.db import db
from erpcrm.core.files import Attachment
from erpcrm.core.mail import Mail
from erpcrm.core.settings import save_setting
from erpcrm.service import services
from erpcrm.service.models import Ticket, TicketMessage
from tests.forms import fields_of

PANE = {"HX-Request": "true", "HX-Target": "section#ticket_pane"}
BOARD = {"HX-Request": "true", "HX-Target": "li#card"}


def codes(tab, user, **more):
    return [line.code for line in services.lines(tab, user, **more)]


@pytest.fixture
def five(ticket, agent, helper, clock):
    """T-1 nobody's and urgent, T-2 the agent's, T-3 the helper's, T-4 the agent's and waiting, T-5 resolved."""
    made = [
        ticket("One", impact="high", urgency="high"),
        ticket("Two", owner_id=agent.id),
        ticket("Three", owner_id=helper.id),
        ticket("Four", owner_id=agent.id),
        ticket("Five", owner_id=agent.id),
    ]
    services.move_ticket(made[3], "wait_customer", agent)
    services.move_ticket(made[4], "resolve", agent, reason="Done")
    return made


def test_tabs_hold_what_they_say_in_the_order_in_which_it_is_due(five, agent, helper, seller, outsider, session, clock):
    assert codes("mine", agent) == ["T-00002", "T-00004"]
    assert codes("unassigned", agent) == ["T-00001"]
    assert codes("all", agent) == ["T-00001", "T-00002", "T-00003", "T-00004"]
    assert codes("team", helper) == ["T-00003"]
    assert codes("breached", agent) == []
    clock.shift(timedelta(hours=2))
    assert services.refresh_breaches() > 0
    assert codes("breached", agent) == ["T-00001"]
    found = services.counts(agent)
    assert found == {"mine": 2, "unassigned": 1, "team": 2, "due": 3, "breached": 1, "all": 4}
    assert codes("all", seller) == ["T-00001", "T-00002", "T-00003", "T-00004"]  # of the seller's customer
    assert codes("all", outsider) == []
    assert services.counts(outsider)["all"] == 0


def test_paging_goes_on_where_the_last_page_ended(five, agent):
    first = services.lines("all", agent, limit=2)
    rest = services.lines("all", agent, first[-1].id)
    assert [line.code for line in first + rest] == ["T-00001", "T-00002", "T-00003", "T-00004"]
    assert services.lines("all", agent, rest[-1].id) == []


def test_the_ticket_opens_beside_the_list_and_is_answered_in_place(five, agent, client, sign_in, session):
    sign_in(client, agent)
    two = five[1]
    whole = client.get(f"/service/queue?tab=mine&ticket={two.id}")
    assert whole.status_code == 200
    assert f'id="row_{two.id}"' in whole.text
    assert "Since this morning." in whole.text
    part = client.get(f"/service/queue?tab=mine&ticket={two.id}", headers=PANE).text
    assert "<html" not in part
    sent = fields_of(part) | {
        "kind": "reply",
        "text": "Please restart it.",
        "then": "wait_customer",
        "files": (BytesIO(b"%PDF-1.7 manual"), "manual.pdf"),
    }
    answer = client.post(f"/service/tickets/{two.id}/write", data=sent, headers=PANE)
    assert answer.status_code == 200
    assert answer.headers["HX-Trigger"] == "queue-changed"
    assert "Please restart it." in answer.text
    assert "manual.pdf" in answer.text
    session.expire_all()
    assert (two.status, two.replies) == ("waiting_customer", 1)
    mail = session.scalars(select(Mail).order_by(Mail.id.desc())).first()
    assert (mail.text, [file.name for file in mail.files]) == ("Please restart it.", ["manual.pdf"])
    file = session.scalars(select(Attachment)).one()
    message = session.scalars(select(TicketMessage).where(TicketMessage.kind == "reply")).one()
    assert message.file_ids == [file.id]


def test_a_colleague_who_was_quicker_is_shown_and_what_was_typed_stays(five, agent, helper, client, sign_in, session):
    two = five[1]
    sign_in(client, agent)
    page = client.get(f"/service/tickets/{two.id}").text
    sent = fields_of(page) | {"kind": "reply", "text": "My long answer"}
    services.reply(two, "The quick answer", helper)
    session.commit()
    stale = client.post(f"/service/tickets/{two.id}/write", data=sent, headers=PANE)
    assert stale.status_code == 409
    assert stale.headers["HX-Retarget"] == "#ticket_pane"
    assert "The quick answer" in stale.text
    assert ">My long answer</textarea>" in stale.text
    assert session.scalar(select(Mail.id).where(Mail.text == "My long answer")) is None
    again = fields_of(stale.text)
    assert (
        client.post(
            f"/service/tickets/{two.id}/write", data=again | {"kind": "reply", "text": "My long answer"}
        ).status_code
        == 303
    )
    assert session.scalar(select(Mail.id).where(Mail.text == "My long answer")) is not None


def test_nothing_typed_is_lost_when_it_cannot_be_sent(ticket, agent, client, sign_in, session):
    made = ticket(contact_id=None, requester_name="A caller")
    session.commit()
    sign_in(client, agent)
    sent = fields_of(client.get(f"/service/tickets/{made.id}").text)
    refused = client.post(f"/service/tickets/{made.id}/write", data=sent | {"kind": "reply", "text": "Hello?"})
    assert refused.status_code == 422
    assert ">Hello?</textarea>" in refused.text
    assert "Nobody can be written to" in refused.text


def test_two_agents_on_one_ticket_see_each_other(five, agent, helper, client, sign_in, session, clock):
    one = five[0]
    services.be_here(one, helper, writing=True)
    session.commit()
    sign_in(client, agent)
    url = f"/service/tickets/{one.id}/presence"
    seen = client.post(url, data={"text": "", "version": str(one.version)}).text
    assert "Hanna Helper is writing" in seen
    assert "has changed" not in seen
    assert services.others_here(one, helper) == [("Chen Agent", False)]
    assert "has changed" in client.post(url, data={"version": str(one.version - 1)}).text
    clock.shift(timedelta(minutes=1))
    assert "Hanna Helper" not in client.post(url, data={}).text


def test_a_card_dropped_on_the_board_moves_or_assigns(five, agent, helper, client, sign_in, session):
    one, two = five[0], five[1]
    sign_in(client, agent)
    board = client.get("/service/queue?tab=all&look=state").text
    assert "Waiting for third party" in board
    url = f"/service/queue/board/{two.id}?tab=all&look=state"
    moved = client.post(url, data={"stage": "waiting_third", "version": str(two.version)}, headers=BOARD)
    assert "stage_waiting_third_cards" in moved.text
    stale = client.post(url, data={"stage": "open", "version": "1"}, headers=BOARD)
    assert stale.status_code == 409
    asked = client.post(url, data={"stage": "resolved"}, headers=BOARD)
    assert (asked.status_code, asked.headers["HX-Retarget"]) == (422, "#dialog_body")
    back = client.post(url, data={"stage": "new"}, headers=BOARD)
    assert (back.status_code, "does not become" in back.text) == (409, True)
    session.expire_all()
    assert two.status == "waiting_third"
    agents = f"/service/queue/board/{one.id}?tab=all&look=agent"
    assert client.post(agents, data={"stage": str(helper.id)}).status_code == 303
    session.expire_all()
    assert one.owner_id == helper.id
    client.post(agents, data={"stage": "nobody"})
    session.expire_all()
    assert one.owner_id is None


def test_a_seller_sees_and_opens_tickets_of_own_customers_and_answers_none(
    five, seller, customer, client, sign_in, session
):
    sign_in(client, seller)
    page = client.get(f"/service/tickets/{five[0].id}")
    assert page.status_code == 200
    assert "Pick next" not in client.get("/service/queue").text
    form = fields_of(client.get(f"/service/tickets/new?customer={customer.id}").text)
    assert form["customer_id"] == str(customer.id)
    made = client.post("/service/tickets", data=form | {"subject": "They call again", "impact": "high"})
    assert made.status_code == 303
    ticket = session.scalars(select(Ticket).where(Ticket.subject == "They call again")).one()
    assert (ticket.customer_id, ticket.priority, ticket.created_by_id) == (customer.id, "high", seller.id)
    write = f"/service/tickets/{ticket.id}/write"
    sent = fields_of(client.get(f"/service/tickets/{ticket.id}").text)
    assert client.post(write, data=sent | {"kind": "note", "text": "Be kind to them"}).status_code == 303
    fresh = fields_of(client.get(f"/service/tickets/{ticket.id}").text)
    assert client.post(write, data=fresh | {"kind": "reply", "text": "Hello"}).status_code == 404
    assert client.post(f"/service/tickets/{ticket.id}/start", data={}).status_code == 403


def test_a_canned_reply_is_filled_in_for_the_ticket(five, agent, client, sign_in, session):
    save_setting("company_name", "Our Works")
    reply = services.save_canned(
        None, {"name": "Hello", "text": "Dear {{contact}} of {{ customer }}, {{ticket}}: {{agent}}, {{company}} {{"}
    )
    session.commit()
    sign_in(client, agent)
    filled = "Dear Lena Lake of Bluewave Foods, T-00001: Chen Agent, Our Works {{"
    assert filled in unescape(client.get(f"/service/tickets/{five[0].id}/canned").text)
    assert f">{filled}</textarea>" in client.get(f"/service/tickets/{five[0].id}?canned={reply.id}").text
    form = fields_of(client.get("/service/setup/replies/new").text)
    bad = client.post("/service/setup/replies/new", data=form | {"name": "Bad", "text": "{{password}}"})
    assert (bad.status_code, "There is no field" in bad.text) == (422, True)


def test_merging_and_splitting_over_the_pages(five, agent, client, sign_in, session, contact):
    one, two = five[0], five[1]
    extra = services.receive(two, "And the invoice is wrong", contact=contact)
    session.commit()
    sign_in(client, agent)
    url = f"/service/tickets/{two.id}/split"
    form = fields_of(client.get(url).text) | {"subject": "Invoice"}
    assert client.post(url, data=form).status_code == 422
    assert client.post(url, data=form | {"messages": [str(extra.id)]}).status_code == 303
    split = session.scalars(select(Ticket).where(Ticket.subject == "Invoice")).one()
    url = f"/service/tickets/{split.id}/merge"
    version = fields_of(client.get(url).text)["version"]
    assert "merged with itself" in unescape(client.post(url, data={"into": str(split.id), "version": version}).text)
    assert client.post(url, data={"into": str(one.id), "version": version}).headers["Location"].endswith(f"/{one.id}")
    session.expire_all()
    assert split.merged_into_id == one.id


def test_customer_order_and_my_day_show_tickets(five, agent, customer, client, sign_in):
    sign_in(client, agent)
    day = client.get("/my-day").text
    assert "/service/queue?tab=mine&amp;ticket=" in day
    assert ">Two</a>" in day
    assert ">Four</a>" not in day  # waits for the customer
    page = client.get(f"/customers/{customer.id}").text
    assert ">Two</a>" in page
    assert f"/service/tickets/new?customer={customer.id}" in page


@pytest.mark.parametrize("tab", ["mine", "unassigned", "team", "due", "breached", "all"])
def test_no_tab_reads_more_than_it_shows(tab, agent, session):
    """SQLite tells its plan without rows: an index in the order of the queue, nothing sorted, nothing read through."""
    if session.get_bind().dialect.name != "sqlite":
        pytest.skip("PostgreSQL plans by what the tables hold")
    with_plan = []

    def note(_connection, _cursor, statement, parameters, *_more):
        if "ORDER BY tickets.queue_at" in statement:
            with_plan.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        services.lines(tab, agent)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    [(statement, parameters)] = with_plan
    plan = [row[-1] for row in session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
    of_tickets = [step for step in plan if " tickets" in step]
    assert len(of_tickets) == 1
    assert "USING INDEX ix_tickets_" in of_tickets[0]
    assert [step for step in plan if "TEMP B-TREE" in step] == []
