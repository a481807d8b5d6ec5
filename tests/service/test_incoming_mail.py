"""A mail becomes a ticket or part of one, once, whatever happens in between; machines are not answered."""

from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy import select

from erpcrm.core.blobs import path_of
from erpcrm.core.files import Attachment, files_of
from erpcrm.core.jobs import Job, enqueue
from erpcrm.core.mail import Mail
from erpcrm.core.moves import make_move
from erpcrm.core.notifications import Notification
from erpcrm.core.settings import save_setting, setting
from erpcrm.service import services
from erpcrm.service.mail_jobs import FETCH
from erpcrm.service.models import IncomingMail, Ticket
from erpcrm.service.services import incoming
from tests.factories.customers import a_contact, a_customer
from tests.refusals import refused

from .imap_server import Box, mailbox


@pytest.fixture(autouse=True)
def ours(app: Any, clock: Any) -> None:
    save_setting("service_mail", "help@ours.example")


def a_mail(
    number: int = 1, sender: str = "Lena Lake <Lena@Bluewave.example>", text: str = "It leaks.", **headers: str
) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Message-ID"] = sender, "help@ours.example", f"<{number}@bluewave.example>"
    mail["Subject"] = headers.pop("subject", "The pump leaks")
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail


def take(mail: EmailMessage) -> IncomingMail:
    kept = incoming.keep_mail(mail.as_bytes())
    assert kept is not None
    taken = incoming.take_next()
    assert taken is kept
    return taken


def test_a_mail_of_a_known_person_is_a_ticket_of_the_customer(contact: Any, customer: Any, session: Any) -> None:
    mail = a_mail(text="It leaks.\n\nOn Monday Service wrote:\n> How are you?")
    mail.add_attachment(b"\x89PNG\r\n\x1a\nrest", maintype="image", subtype="png", filename="leak.png")
    taken = take(mail)
    ticket = taken.ticket
    assert (taken.status, ticket.channel, ticket.subject) == ("taken", "mail", "The pump leaks")
    assert (ticket.customer_id, ticket.contact_id, ticket.requester_mail) == (
        customer.id,
        contact.id,
        "lena@bluewave.example",
    )
    [message] = services.messages_of(ticket)
    assert (message.text, message.message_id) == ("It leaks.", "<1@bluewave.example>")
    assert message.quoted.endswith("> How are you?")
    [file] = files_of("ticket", ticket.id)
    assert (file.name, message.file_ids) == ("leak.png", [file.id])
    assert path_of(taken.sha256).read_bytes() == mail.as_bytes()
    assert incoming.keep_mail(mail.as_bytes()) is None, "the same mail is not kept twice"
    assert incoming.take_next() is None


def test_an_answer_goes_on_with_its_ticket_reopens_it_and_tells_its_owner(
    ticket: Any, agent: Any, session: Any
) -> None:
    made = ticket()
    reply = services.reply(made, "Try again", agent)
    make_move(made, "resolve", by=agent, reason="Tried")
    session.execute(Notification.__table__.delete())
    taken = take(a_mail(sender="other@elsewhere.example", subject="something else", In_Reply_To=reply.message_id))
    assert taken.ticket_id == made.id
    assert made.status == "open"
    last = services.messages_of(made)[-1]
    assert (last.kind, last.author_mail, last.in_reply_to) == ("incoming", "other@elsewhere.example", reply.message_id)
    assert session.scalars(select(Notification.user_id)).all() == [agent.id]
    by_reference = take(a_mail(2, References=f"<unknown@x> {reply.message_id} <more@x>"))
    assert by_reference.ticket_id == made.id


def test_a_number_in_the_subject_counts_for_who_takes_part_alone(ticket: Any, session: Any) -> None:
    made = ticket()
    assert take(a_mail(1, subject=f"Re: [{made.code}] pump")).ticket_id == made.id
    stranger = take(a_mail(2, sender="eve@evil.example", subject=f"Re: [{made.code}] pump"))
    assert stranger.ticket_id != made.id, "whoever guesses a number does not write on somebody's ticket"


def test_an_answer_to_what_was_merged_goes_to_the_winner(ticket: Any, agent: Any, session: Any) -> None:
    loser, winner = ticket(), ticket("The same")
    reply = services.reply(loser, "Hello", agent)
    services.merge_tickets(loser, winner, agent)
    assert take(a_mail(In_Reply_To=reply.message_id)).ticket_id == winner.id


def test_whose_mail_it_is(customer: Any, seller: Any, session: Any) -> None:
    office = a_customer(seller, name="Office Ltd", email="office@office.example")
    assert take(a_mail(1, sender="office@OFFICE.example")).ticket.customer_id == office.id
    stranger = take(a_mail(2, sender="New <new@office.example>", text="")).ticket
    assert (stranger.customer_id, stranger.requester_name) == (None, "New")
    said, note = services.messages_of(stranger)
    assert said.text == "（无正文）"
    assert note.kind == "note"
    assert "Office Ltd" in note.text, "a domain is a proposal and no more"
    second = a_customer(seller, name="Second")
    both = a_contact(customer, seller, name="Both", email="both@both.example")
    services_contact = incoming.contact_of("both@both.example")
    assert services_contact is both
    assert second.id != customer.id
    assert take(a_mail(3, sender="both@both.example")).ticket.customer_id == customer.id, "the primary customer"


@pytest.mark.parametrize(
    ("why", "headers"),
    [
        ("auto_submitted", {"Auto_Submitted": "auto-replied"}),
        ("bulk", {"Precedence": "bulk"}),
        ("null_sender", {"Return_Path": "<>"}),
        ("list", {"List_Id": "<news.example>"}),
        ("own", {"sender": "Us <Help@ours.example>"}),
    ],
)
def test_machines_get_no_ticket_and_people_may_make_one_after_all(
    why: str, headers: dict[str, str], agent: Any, session: Any, client: Any, sign_in: Any
) -> None:
    taken = take(a_mail(**headers))
    assert (taken.status, taken.why, taken.ticket_id) == ("ignored", why, None)
    assert session.scalars(select(Ticket)).all() == []
    session.commit()
    sign_in(client, agent)
    assert "The pump leaks" in client.get("/service/mails?status=ignored").text
    assert "It leaks." in client.get(f"/service/mails/{taken.id}").text
    assert client.post(f"/service/mails/{taken.id}/ticket").status_code == 303
    assert client.post(f"/service/mails/{taken.id}/ticket").status_code == 409
    session.refresh(taken)
    assert taken.status == "taken"
    assert len(session.scalars(select(Ticket)).all()) == 1


def test_our_own_mail_coming_back_under_another_name_is_known(ticket: Any, agent: Any, session: Any) -> None:
    reply = services.reply(ticket(), "Hello", agent)
    mail = a_mail()
    mail.replace_header("Message-ID", str(session.get(Mail, reply.mail_id).message_id))
    assert take(mail).why == "own"


def test_a_loop_without_any_sign_stops_by_its_number(contact: Any, session: Any, clock: Any) -> None:
    save_setting("service_mails_an_hour", 3)
    taken = [take(a_mail(number)) for number in range(5)]
    assert [one.why for one in taken] == [None, None, None, "too_many", "too_many"]
    assert take(a_mail(9, sender="other@elsewhere.example")).status == "taken"
    clock.shift(timedelta(hours=1, minutes=1))
    assert take(a_mail(10)).status == "taken"


def test_an_attachment_that_can_not_be_taken_is_said_and_never_lost(contact: Any, session: Any) -> None:
    save_setting("file_max_mb", 1)
    mail = a_mail()
    mail.add_attachment(b"%PDF-1.4" + b"x" * 1024 * 1024, maintype="application", subtype="pdf", filename="plan.pdf")
    mail.add_attachment(b"MZ...", maintype="application", subtype="octet-stream", filename="tool.exe")
    mail.add_attachment(b"%PDF-1.4 small", maintype="application", subtype="pdf", filename="small.pdf")
    taken = take(mail)
    assert [file.name for file in files_of("ticket", taken.ticket_id)] == ["small.pdf"]
    _said, *notes = services.messages_of(taken.ticket)
    assert [note.kind for note in notes] == ["note", "note"]
    assert "plan.pdf" in notes[0].text
    assert "tool.exe" in notes[1].text
    assert [file.name for file in incoming.content_of(taken).files] == ["plan.pdf", "tool.exe", "small.pdf"]


def test_a_mail_of_thirty_megabytes_is_taken(contact: Any, session: Any) -> None:
    head, _blank, _text = a_mail().as_bytes().partition(b"Content-Type")
    parts = b"--x\r\nContent-Type: text/plain\r\n\r\nIt leaks.\r\n--x\r\n"
    parts += (
        b"Content-Type: application/pdf; name=large.pdf\r\n\r\n%PDF-" + b"x" * (30 * 1024 * 1024) + b"\r\n--x--\r\n"
    )
    incoming.keep_mail(head + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + parts)
    taken = incoming.take_next()
    assert (taken.status, session.scalars(select(Attachment)).all()) == ("taken", [])
    assert "large.pdf" in services.messages_of(taken.ticket)[-1].text


def test_a_mail_that_breaks_us_fails_alone(contact: Any, session: Any) -> None:
    broken = incoming.keep_mail(a_mail(1).as_bytes())
    incoming.keep_mail(a_mail(2).as_bytes())
    path_of(broken.sha256).unlink()
    assert incoming.take_next() is broken
    assert (broken.status, broken.why, broken.ticket_id) == ("failed", "crashed", None)
    assert incoming.take_next().status == "taken"


# ------------------------------------------------------------------------ mailbox


@pytest.fixture
def box(app: Any) -> Any:
    with mailbox() as found:
        app.config["IMAP_URL"] = found.url
        try:
            yield found
        finally:
            app.config["IMAP_URL"] = None


def test_the_mailbox_is_read_and_told_afterwards(box: Box, contact: Any, session: Any, run_jobs: Any) -> None:
    for number in range(1, 9):
        box.put(a_mail(number, sender=f"P{number} <p{number}@x.example>").as_bytes())
    box.seen.add(1)
    enqueue(FETCH)
    run_jobs()
    assert len(session.scalars(select(Ticket)).all()) == 7, "at first what nobody has read"
    assert box.seen == set(range(1, 9))
    assert setting("service_mailbox") == {"validity": 7, "uid": 8}
    box.put(a_mail(9).as_bytes())
    box.seen.add(9)
    enqueue(FETCH)
    run_jobs()
    assert len(session.scalars(select(Ticket)).all()) == 8, (
        "later what is new, also when somebody has opened it already"
    )
    box.validity = 8
    enqueue(FETCH)
    run_jobs()
    assert len(session.scalars(select(Ticket)).all()) == 9, "a mailbox that was made anew gives no mail twice"


def test_whoever_is_killed_before_telling_the_server_takes_nothing_twice(
    box: Box, session: Any, contact: Any, run_jobs: Any
) -> None:
    box.put(a_mail(1).as_bytes())
    incoming.keep_mail(a_mail(1).as_bytes())
    enqueue(FETCH)
    run_jobs()
    assert len(session.scalars(select(Ticket)).all()) == 1
    assert box.seen == {1}


def test_a_server_that_refuses_is_tried_again_and_says_why(box: Box, session: Any, run_jobs: Any, app: Any) -> None:
    app.config["IMAP_URL"] = box.url.replace("secret", "wrong")
    enqueue(FETCH)
    run_jobs()
    job = session.scalars(select(Job).where(Job.name == FETCH)).one()
    assert job.status == "queued"
    assert job.attempts == 1
    assert "refused" in job.error


def test_the_original_is_only_ever_saved(agent: Any, seller: Any, client: Any, sign_in: Any, session: Any) -> None:
    mail = a_mail(text="<script>alert(1)</script>")
    taken = take(mail)
    session.commit()
    sign_in(client, agent)
    answer = client.get(f"/service/mails/{taken.id}/original")
    assert answer.data == mail.as_bytes()
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "<script>alert" not in client.get(f"/service/mails/{taken.id}").text
    with refused("already"):
        incoming.make_ticket(taken, agent)
    sign_in(client, seller)
    assert client.get(f"/service/mails/{taken.id}").status_code == 403
