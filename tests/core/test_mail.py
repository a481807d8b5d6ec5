"""The mail outbox: a mail leaves after its cause is committed, and what becomes of it is known."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from erpcrm.core.errors import Refused
from erpcrm.core.jobs import Job
from erpcrm.core.jobs.claims import LEASE
from erpcrm.core.mail import RETRIES, Mail, absolute, mails_about, send_again, send_mail
from erpcrm.core.mail_server import MailServer
from tests.core.smtp_server import Letters, mail_server


@pytest.fixture
def letters(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Letters]:
    with mail_server() as letters:
        monkeypatch.setitem(app.config, "MAIL_URL", letters.url)
        monkeypatch.setitem(app.config, "MAIL_FROM", "office@example.com")
        yield letters


def test_a_mail_arrives_as_it_was_written(session: Any, run_jobs: Callable[..., int], letters: Letters) -> None:
    mail = send_mail(
        ["王芳 <fang@example.com>", "b@example.com"], "合同\n已批准", "您好\n.\n完", "<p>您好</p>", cc="c@example.com"
    )
    assert letters.messages == []
    run_jobs()
    [message] = letters.messages
    assert mail.status == "sent"
    assert mail.sent_at is not None
    assert message["Subject"] == "合同 已批准"
    assert message["To"].addresses[0].display_name == "王芳"
    assert message["Message-ID"] == mail.message_id
    assert message["From"].addresses[0].addr_spec == "office@example.com"
    assert message.get_body(("plain",)).get_content().splitlines() == ["您好", ".", "完"]
    assert message.get_body(("html",)).get_content().strip() == "<p>您好</p>"
    assert letters.recipients == ["fang@example.com", "b@example.com", "c@example.com"]


def test_a_document_goes_with_a_mail_and_stays_what_the_receiver_got(
    session: Any, run_jobs: Callable[..., int], letters: Letters, client: Any, sign_in: Any, admin: Any, seller: Any
) -> None:
    mail = send_mail(
        "fang@example.com", "报价", "请见附件", files=[("报价单 Q-1.pdf", "application/pdf", b"%PDF-1.7 one")]
    )
    run_jobs()
    [attached] = letters.messages[0].iter_attachments()
    assert (attached.get_filename(), attached.get_content_type()) == ("报价单 Q-1.pdf", "application/pdf")
    assert attached.get_content() == b"%PDF-1.7 one"
    url = f"/mails/{mail.id}/files/{mail.files[0].id}"
    session.commit()
    sign_in(client, seller)
    assert client.get(url).status_code == 403
    sign_in(client, admin)
    answer = client.get(url)
    assert (answer.data, answer.mimetype) == (b"%PDF-1.7 one", "application/octet-stream")
    assert client.get(f"/mails/{mail.id + 1}/files/{mail.files[0].id}").status_code == 404


def test_a_mail_whose_cause_is_rolled_back_never_leaves(
    session: Any, run_jobs: Callable[..., int], letters: Letters
) -> None:
    send_mail("a@example.com", "Hello", "text")
    session.rollback()
    run_jobs()
    assert letters.messages == []


def test_what_is_no_address_is_refused(app: Flask) -> None:
    for text in ("", "nobody", "a@b\nBcc: spy@example.com", "two@example.com, three@example.com"):
        with pytest.raises(Refused):
            send_mail(text, "Hello", "text")


def test_a_subject_cannot_smuggle_in_a_header(session: Any, run_jobs: Callable[..., int], letters: Letters) -> None:
    send_mail("a@example.com", "Hello\r\nBcc: spy@example.com", "text")
    run_jobs()
    assert letters.recipients == ["a@example.com"]
    assert letters.messages[0]["Bcc"] is None


def test_a_mail_that_can_never_arrive_fails_at_once(
    session: Any, run_jobs: Callable[..., int], letters: Letters
) -> None:
    letters.rcpt_answer = "550 no such user"
    mail = send_mail("gone@example.com", "Hello", "text")
    run_jobs()
    assert (mail.status, mail.attempts) == ("failed", 1)
    assert "no such user" in mail.error
    job = session.get(Job, mail.job_id)
    assert (job.status, job.error) == ("failed", mail.error)


def test_a_mail_that_the_server_puts_off_goes_out_later(
    session: Any, run_jobs: Callable[..., int], letters: Letters, clock: Any
) -> None:
    letters.data_answer = "451 try later"
    mail = send_mail("a@example.com", "Hello", "text")
    run_jobs()
    assert (mail.status, len(letters.messages)) == ("queued", 0)
    letters.data_answer = "250 ok"
    clock.shift(timedelta(seconds=RETRIES[0] + 1))
    run_jobs()
    assert (mail.status, mail.error, len(letters.messages)) == ("sent", None, 1)


def test_a_server_that_stays_down_ends_in_a_failure_that_can_be_repeated(
    app: Flask,
    session: Any,
    run_jobs: Callable[..., int],
    letters: Letters,
    clock: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(app.config, "MAIL_URL", "smtp://127.0.0.1:1")
    mail = send_mail("a@example.com", "Hello", "text")
    for wait in (*RETRIES, 0):
        run_jobs()
        clock.shift(timedelta(seconds=wait + 1))
    assert (mail.status, mail.attempts) == ("failed", len(RETRIES) + 1)
    monkeypatch.setitem(app.config, "MAIL_URL", letters.url)
    send_again(mail)
    run_jobs()
    assert (mail.status, len(letters.messages)) == ("sent", 1)
    with pytest.raises(Refused):
        send_again(mail)


def test_a_mail_whose_sending_was_cut_off_goes_out_with_the_same_id(
    session: Any, run_jobs: Callable[..., int], letters: Letters, clock: Any
) -> None:
    mail = send_mail("a@example.com", "Hello", "text")
    job = session.get(Job, mail.job_id)
    mail.status, mail.attempts = "sending", 1
    job.status, job.worker, job.heartbeat_at = "running", "elsewhere|1|x", job.run_at
    session.commit()
    clock.shift(LEASE + timedelta(seconds=1))
    run_jobs()
    assert (mail.status, mail.attempts) == ("sent", 2)
    assert [message["Message-ID"] for message in letters.messages] == [mail.message_id]


def test_without_a_mail_server_a_mail_is_kept_and_can_be_sent_once_there_is_one(
    app: Flask, session: Any, run_jobs: Callable[..., int], letters: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "MAIL_URL", None)
    mail = send_mail("a@example.com", "Hello", "text")
    run_jobs()
    assert mail.status == "kept"
    assert session.get(Job, mail.job_id).status == "done"
    monkeypatch.setitem(app.config, "MAIL_URL", letters.url)
    send_again(mail)
    run_jobs()
    assert mail.status == "sent"


def test_a_sign_in_link_is_wiped_when_it_has_left(session: Any, run_jobs: Callable[..., int], letters: Letters) -> None:
    mail = send_mail("a@example.com", "Your invitation", "https://example.com/secret", secret=True)
    run_jobs()
    assert "secret" in letters.messages[0].get_content()
    assert (mail.text, mail.html) == ("", None)


def test_a_mail_stands_on_the_timeline_of_what_it_is_about(session: Any, admin: Any, seller: Any) -> None:
    first = send_mail("a@example.com", "One", "text", record=admin)
    second = send_mail("a@example.com", "Two", "text", record=[admin, seller])
    assert mails_about("user", admin.id) == [second, first]
    assert mails_about("user", seller.id) == [second]


def test_links_in_mails_do_not_follow_the_host_that_a_request_claims(app: Flask) -> None:
    with app.test_request_context("/", headers={"Host": "evil.example"}):
        assert absolute("/reset/x") == f"{app.config['PUBLIC_URL']}/reset/x"


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example.com", MailServer("mail.example.com", 25, None, None, "none")),
        ("smtp://u%40x:p%2Fw@mail.example.com:587", MailServer("mail.example.com", 587, "u@x", "p/w", "start")),
        ("smtp://mail.example.com:25?tls=1", MailServer("mail.example.com", 25, None, None, "start")),
        ("smtps://u:p@mail.example.com", MailServer("mail.example.com", 465, "u", "p", "wrapped")),
    ],
)
def test_a_mail_server_is_named_by_an_address(url: str, server: MailServer) -> None:
    assert MailServer.of(url) == server


def test_only_who_may_read_mails_sees_them(
    session: Any, client: Any, sign_in: Any, admin: Any, seller: Any, run_jobs: Callable[..., int]
) -> None:
    mail = send_mail("a@example.com", "Your invitation", "the text of it", secret=True)
    run_jobs()
    mail_id = mail.id
    sign_in(client, seller)
    assert client.get("/mails").status_code == 403
    assert client.get(f"/mails/{mail_id}").status_code == 403
    sign_in(client, admin)
    assert "Your invitation" in client.get("/mails").text
    assert "Your invitation" in client.get("/mails?status=kept").text
    assert "Your invitation" not in client.get("/mails?status=sent").text
    assert "the text of it" in client.get(f"/mails/{mail_id}").text
    assert session.scalar(select(func.count()).select_from(Mail)) == 1
