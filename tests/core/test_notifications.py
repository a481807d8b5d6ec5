"""Notifications: who should know something learns it, in their language, in the way they chose."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from erpcrm.access.services import create_user
from erpcrm.core.actor import acting_as
from erpcrm.core.i18n import _l
from erpcrm.core.jobs import enqueue
from erpcrm.core.mail import Mail
from erpcrm.core.notifications import (
    News,
    Notification,
    choices_of,
    choose,
    mark_read,
    mentions,
    notify,
    notify_all,
    quietly,
    unread_count,
)
from tests.factories.customers import a_customer


def mails_to(session: Any, user: Any) -> list[Any]:
    return session.scalars(select(Mail).where(Mail.to == user.email)).all()


def ticked(client: Any) -> int:
    return len(re.findall(r'name="on"[^>]* checked', client.get("/notifications/settings").text))


def test_the_receiver_is_told_in_their_own_language(session: Any, seller: Any, colleague: Any) -> None:
    text = _l("Download %(name)s", name="ACME")
    with acting_as(colleague):
        notify(seller.id, "assigned", text, "/customers/1")
    with acting_as(seller):
        notify(colleague.id, "assigned", text, "/customers/1")
    [to_seller], [to_colleague] = mails_to(session, seller), mails_to(session, colleague)
    assert to_seller.subject == "下载 ACME"
    assert "王芳，您好：" in to_seller.text
    assert to_colleague.subject == "Download ACME"
    assert "http://localhost" in to_colleague.text
    assert "/customers/1" in to_colleague.text
    texts = session.scalars(select(Notification.text).order_by(Notification.id)).all()
    assert texts == ["下载 ACME", "Download ACME"]


def test_nobody_is_told_what_they_did_themselves(session: Any, seller: Any) -> None:
    with acting_as(seller):
        assert notify(seller.id, "assigned", "you gave yourself work", "/") is None
    assert mails_to(session, seller) == []


def test_who_was_sent_away_is_told_nothing(session: Any, seller: Any) -> None:
    seller.active = False
    assert notify(seller.id, "due", "a task is due", "/") is None
    assert mails_to(session, seller) == []


def test_each_user_chooses_how_to_be_told(session: Any, seller: Any, colleague: Any) -> None:
    choose(seller.id, {"due": (True, False), "assigned": (False, True), "mentioned": (False, False)})
    assert choices_of(seller.id)["decided"] == (True, True)
    assert notify(seller.id, "due", "due", "/") is not None
    assert notify(seller.id, "assigned", "assigned", "/") is None
    assert notify(seller.id, "mentioned", "mentioned", "/") is None
    assert [mail.subject for mail in mails_to(session, seller)] == ["assigned"]
    assert notify(colleague.id, "mentioned", "mentioned", "/") is not None
    assert notify(seller.id, "decided", "decided", "/", mail=False) is not None
    assert len(mails_to(session, seller)) == 1


def test_an_unknown_kind_is_an_error(app: Flask, seller: Any) -> None:
    with pytest.raises(KeyError):
        notify(seller.id, "gossip", "text", "/")
    with pytest.raises(KeyError):
        choose(seller.id, {"gossip": (True, True)})


def test_the_bell_counts_ones_own_unread_notifications(session: Any, seller: Any, colleague: Any) -> None:
    first = notify(seller.id, "due", "one", "/")
    notify(seller.id, "due", "two", "/")
    notify(colleague.id, "due", "three", "/")
    with acting_as(seller):
        assert unread_count() == 2
        assert first is not None
        mark_read(seller.id, [first.id])
        assert unread_count() == 1
        mark_read(seller.id)
        assert unread_count() == 0
    with acting_as(colleague):
        assert unread_count() == 1
    assert unread_count() == 0, "nobody is signed in"


def test_names_after_an_at_sign_are_found(session: Any, roles: Any, seller: Any, colleague: Any) -> None:
    anna = create_user("Anna", "anna@example.com")
    ann = create_user("Ann", "ann@example.com")
    fang = create_user("王芳芳", "fangfang@example.com")
    found = {
        "@Anna Berg please call": [colleague],
        "please @anna call": [anna],
        "@Annabel is nobody": [],
        "@Ann, @Anna": [ann, anna],
        "请@王芳看一下": [seller],
        "请@王芳芳看一下": [fang],
        "请＠王芳处理，@Anna Berg知悉": [seller, colleague],
        "@Anna and again @Anna": [anna],
        "mail me at x@anna.example": [anna],
        "nobody here": [],
        "@": [],
    }
    assert {text: mentions(text) for text in found} == found


def test_who_was_sent_away_is_not_mentioned(session: Any, seller: Any) -> None:
    seller.active = False
    assert mentions("@王芳") == []


def test_opening_a_notification_reads_it_and_leads_to_its_page(
    session: Any, client: Any, sign_in: Any, seller: Any, colleague: Any
) -> None:
    notice = notify(seller.id, "due", "call ACME", "/jobs")
    assert notice is not None
    notice_id = notice.id
    sign_in(client, colleague)
    assert client.post(f"/notifications/{notice_id}/open").status_code == 404, "it is not theirs"
    sign_in(client, seller)
    assert "call ACME" in client.get("/notifications").text
    answer = client.post(f"/notifications/{notice_id}/open")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/jobs")
    assert "call ACME" not in client.get("/notifications").text
    assert "call ACME" in client.get("/notifications?all=1").text
    assert session.get(Notification, notice_id).read_at is not None


def test_all_can_be_marked_as_read_at_once(session: Any, client: Any, sign_in: Any, seller: Any) -> None:
    for n in range(3):
        notify(seller.id, "due", f"task {n}", "/")
    sign_in(client, seller)
    assert client.post("/notifications/read").status_code == 303
    assert session.scalars(select(Notification.id).where(Notification.read_at.is_(None))).all() == []


def test_boxes_that_are_not_ticked_are_a_no(session: Any, client: Any, sign_in: Any, seller: Any) -> None:
    sign_in(client, seller)
    assert ticked(client) == 10
    assert client.post("/notifications/settings", data={"on": ["due.app", "assigned.mail"]}).status_code == 303
    assert choices_of(seller.id) == {
        "assigned": (False, True),
        "mentioned": (False, False),
        "due": (True, False),
        "decided": (False, False),
        "answered": (False, False),
    }
    assert ticked(client) == 2


def test_old_notifications_are_forgotten(session: Any, seller: Any, run_jobs: Callable[..., int], clock: Any) -> None:
    notify(seller.id, "due", "old", "/", mail=False)
    clock.shift(timedelta(days=181))
    notify(seller.id, "due", "new", "/", mail=False)
    enqueue("notifications.sweep")
    run_jobs()
    assert session.scalars(select(Notification.text)).all() == ["new"]


def test_the_bell_opens_the_newest_few_read_or_not(client: Any, sign_in: Any, session: Any, seller: Any) -> None:
    for number in range(10):
        notify(seller.id, "due", f"Task {number}.", "/my-day", mail=False)
    session.commit()
    sign_in(client, seller)
    page = client.get("/my-day").text
    assert 'hx-get="/notifications/latest"' in page
    part = client.get("/notifications/latest", headers={"HX-Request": "true", "HX-Target": "div#notices_latest"}).text
    assert part.lstrip().startswith('<div id="notices_latest">')
    assert [f"Task {number}." in part for number in range(10)] == [False] * 4 + [True] * 6
    assert 'action="/notifications/read"' in part
    client.post("/notifications/read")
    part = client.get("/notifications/latest").text
    assert "Task 9." in part
    assert 'action="/notifications/read"' not in part


def test_it_is_read_in_the_language_of_the_screen(
    session: Any, client: Any, sign_in: Any, seller: Any, colleague: Any
) -> None:
    with acting_as(colleague):
        notify(seller.id, "assigned", _l("Download %(name)s", name="ACME"), "/jobs")
    sign_in(client, seller)
    assert "下载 ACME" in client.get("/notifications").text
    seller.language = "en"
    assert "Download ACME" in client.get("/notifications").text


def test_nobody_is_told_of_a_record_that_they_may_not_see(session: Any, seller: Any, colleague: Any) -> None:
    record = a_customer(colleague)
    assert notify(seller.id, "assigned", "yours now", "/", record=record) is None
    assert mails_to(session, seller) == []
    assert notify(colleague.id, "assigned", "yours now", "/", record=record) is not None


def test_several_pieces_of_news_come_in_one_mail(session: Any, seller: Any) -> None:
    news = [News(_l("Download %(name)s", name=name), f"/{name}") for name in ("one", "two")]
    assert len(notify_all(seller.id, "due", news, title="Two things")) == 2
    [mail] = mails_to(session, seller)
    assert mail.subject == "Two things"
    assert all(text in mail.text for text in ("下载 one", "http://localhost", "/one", "下载 two", "/two"))
    notify_all(seller.id, "due", news[:1], title="Two things")
    assert mails_to(session, seller)[1].subject == "下载 one"


def test_within_a_mass_change_nobody_is_told(session: Any, seller: Any) -> None:
    with quietly():
        assert notify(seller.id, "due", "one of ten thousand", "/") is None
    assert mails_to(session, seller) == []
    assert notify(seller.id, "due", "the only one", "/") is not None


def test_mails_to_colleagues_are_no_correspondence_of_the_record(session: Any, colleague: Any) -> None:
    notify(colleague.id, "assigned", "yours now", "/", record=a_customer(colleague))
    assert mails_to(session, colleague)[0].links == []
