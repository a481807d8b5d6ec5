"""The public form and the customer's link: anybody may ask, nobody sees more than their own conversation."""

import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import select

from erpcrm.core.files import attach_content, files_of
from erpcrm.core.mail import Mail
from erpcrm.core.moves import make_move
from erpcrm.core.notifications import Notification
from erpcrm.core.settings import save_setting
from erpcrm.service import services
from erpcrm.service.models import Ticket, TicketLink
from erpcrm.service.services import portal

URL = "/service/ask"
TYPED = {
    "kind": "incident",
    "subject": "The pump leaks",
    "text": "Since this morning.",
    "name": "Lena Lake",
    "email": "Lena@bluewave.example",
}


@pytest.fixture
def opened(app: Any, clock: Any, session: Any) -> None:
    save_setting("service_form_open", True)
    save_setting("language", "en")
    session.commit()


@pytest.fixture
def ask(client: Any, clock: Any, opened: None) -> Any:
    """`ask(name=…, seconds=20)`: a visitor fetches the form, takes so long to fill it in, and sends it."""

    def ask(seconds: int = 20, **changes: Any) -> Any:
        found = re.search(r'name="asked_at" value="([^"]+)"', client.get(URL).text)
        assert found
        clock.shift(timedelta(seconds=seconds))
        return client.post(URL, data=TYPED | {"asked_at": found[1], "homepage": ""} | changes)

    return ask


@pytest.fixture
def link(ticket: Any, session: Any) -> TicketLink:
    made = portal.link_for(ticket(), "lena@bluewave.example", "Lena Lake")
    session.commit()
    return made


def tickets(session: Any) -> list[Ticket]:
    return list(session.scalars(select(Ticket)))


def test_a_visitor_asks_and_gets_the_link_by_mail(
    ask: Any, contact: Any, customer: Any, client: Any, session: Any
) -> None:
    answer = ask(files=(BytesIO(b"\x89PNG\r\n\x1a\nrest"), "leak.png"))
    assert (answer.status_code, answer.location) == (303, "/service/ask/thanks")
    [ticket] = tickets(session)
    assert (ticket.channel, ticket.kind, ticket.contact_id, ticket.customer_id) == (
        "form",
        "incident",
        contact.id,
        customer.id,
    )
    [mail] = session.scalars(select(Mail)).all()
    assert mail.to.lower() == "lena@bluewave.example"
    assert ticket.code in mail.subject
    path = re.search(r"/service/t/[\w-]+", mail.text)
    assert path
    assert path[0] not in answer.text
    page = client.get(path[0])
    assert "Since this morning." in page.text
    assert "leak.png" in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"


def test_robots_and_hasty_people(ask: Any, client: Any, session: Any, clock: Any) -> None:
    assert ask(homepage="https://spam.example").status_code == 303
    assert ask(seconds=1).status_code == 422
    assert ask(asked_at="made-up").status_code == 422
    wrong = ask(email="nobody", subject="")
    assert wrong.status_code == 422
    assert "Since this morning." in wrong.text, "nothing typed is lost"
    refused = ask(files=(BytesIO(b"MZ"), "tool.exe"))
    assert refused.status_code == 422
    assert "tool.exe" in refused.text
    assert tickets(session) == []
    assert session.scalars(select(Mail)).all() == []


def test_a_closed_form_is_not_there(client: Any, session: Any) -> None:
    assert client.get(URL).status_code == 404
    assert client.post(URL, data=TYPED).status_code == 404
    assert tickets(session) == []


def test_the_customer_never_sees_what_colleagues_say(link: TicketLink, client: Any, agent: Any, session: Any) -> None:
    ticket = link.ticket
    services.reply(ticket, "Have you turned it off?", agent)
    services.note(ticket, "She is never happy", agent)
    secret = services.note(ticket, "See file", agent)
    from_agent = attach_content(ticket, "secret.pdf", b"%PDF-1", agent)
    secret.file_ids = [from_agent.id]
    session.commit()
    page = client.get(f"/service/t/{link.token}").text
    assert "Have you turned it off?" in page
    assert "never happy" not in page
    assert "secret.pdf" not in page
    assert client.get(f"/service/t/{link.token}/files/{from_agent.id}").status_code == 404


def test_the_customer_answers_attaches_and_closes(link: TicketLink, client: Any, agent: Any, session: Any) -> None:
    ticket = link.ticket
    services.reply(ticket, "Try again", agent)
    make_move(ticket, "wait_customer", by=agent)
    session.execute(Notification.__table__.delete())
    url = f"/service/t/{link.token}"
    assert client.post(url, data={"text": " "}).status_code == 422
    sent = client.post(url, data={"text": "Still leaks", "files": (BytesIO(b"%PDF-1.4 x"), "Plan 图.pdf")})
    assert sent.status_code == 303
    session.refresh(ticket)
    assert ticket.status == "open"
    last = services.messages_of(ticket)[-1]
    assert (last.text, last.kind, last.author_mail) == ("Still leaks", "incoming", "lena@bluewave.example")
    assert session.scalars(select(Notification.user_id)).all() == [agent.id]
    [file] = files_of("ticket", ticket.id)
    download = client.get(f"{url}/files/{file.id}")
    assert download.data == b"%PDF-1.4 x"
    assert download.headers["Content-Disposition"].startswith("attachment")
    for _each in range(2):
        assert client.post(f"{url}/solved").status_code == 303
    session.refresh(ticket)
    assert ticket.status == "resolved"
    client.post(url, data={"text": "It is back"})
    session.refresh(ticket)
    assert ticket.status == "open"


def test_a_link_ends_and_can_not_be_guessed(link: TicketLink, client: Any, clock: Any, session: Any) -> None:
    assert len(link.token) >= 32
    for path in ("", "/files/1", "/solved"):
        url = f"/service/t/{link.token[:-1]}{path}"
        assert (client.post(url) if path == "/solved" else client.get(url)).status_code == 404
    again = portal.link_for(link.ticket, "LENA@bluewave.example", "Lena")
    assert again.token == link.token
    clock.shift(timedelta(days=90, seconds=1))
    assert client.get(f"/service/t/{link.token}").status_code == 404
    assert portal.link_for(link.ticket, "lena@bluewave.example", "Lena").token != link.token


def test_what_was_merged_shows_nobody_elses_conversation(
    link: TicketLink, ticket: Any, client: Any, agent: Any, session: Any
) -> None:
    """The winner is another person's at another company: the loser's link must not open it."""
    other = ticket("Secret matter", contact_id=None, requester_mail="rival@rival.example", text="Our secret")
    services.merge_tickets(link.ticket, other, agent)
    session.commit()
    page = client.get(f"/service/t/{link.token}").text
    assert "Our secret" not in page
    assert "Secret matter" not in page
    client.post(f"/service/t/{link.token}", data={"text": "Any news?"})
    assert services.messages_of(other)[-1].text == "Any news?", "what is said there is not lost"


def test_an_agent_opens_the_ways_to_us(client: Any, sign_in: Any, agent: Any, seller: Any, session: Any) -> None:
    sign_in(client, agent)
    assert client.post("/service/channels/form", data={"open": "1"}).status_code == 303
    assert "/service/ask" in client.get("/service/channels").text
    assert client.get(URL).status_code == 200
    wrong = client.post("/service/channels", data={"service_mails_an_hour": "0", "service_link_days": "30"})
    assert wrong.status_code == 422
    assert (
        client.post("/service/channels", data={"service_mails_an_hour": "5", "service_link_days": "30"}).status_code
        == 303
    )
    sign_in(client, seller)
    assert client.get("/service/channels").status_code == 403
