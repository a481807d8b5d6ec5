"""Which passwords are taken, how they are reset, and how somebody who is invited comes in."""

import re
import runpy
from datetime import timedelta

import pytest
from sqlalchemy import select

from erpcrm.access import passwords
from erpcrm.access.passwords import objection
from erpcrm.core.mail import Mail
from tests.access.conftest import PASSWORD


@pytest.mark.parametrize(
    "password",
    ["short", "1234567890", "PASSWORD123", "aaaaaaaaaaaa", "seller@example.com", "wang fang wang", "x" * 201],
)
def test_a_password_that_is_easily_guessed_is_refused(app, password):
    assert objection(password, email="seller@example.com", name="Wang Fang Wang")


@pytest.mark.parametrize("password", [PASSWORD, "两只黄鹂鸣翠柳一行白鹭", "a1b2c3d4e5"])
def test_a_long_password_of_any_kind_is_taken(app, password):
    assert objection(password, email="seller@example.com", name="Wang Fang") is None


def link_in(session):
    mail = session.scalars(select(Mail).order_by(Mail.id.desc())).first()
    return re.search(r"http://[^/]+(/\S+)", mail.text).group(1)


def ask_for_link(client, email="seller@example.com"):
    return client.post("/login/forgotten", data={"email": email})


def choose(client, link, password="a brand new password"):
    return client.post(link, data={"password": password, "again": password})


def test_a_mailed_link_sets_a_new_password_once(seller, with_password, client, session, log_in):
    with_password(seller)
    ask_for_link(client)
    link = link_in(session)
    assert client.get(link).status_code == 200
    assert choose(client, link).status_code == 303
    assert log_in("seller@example.com", PASSWORD).status_code == 422
    assert log_in("seller@example.com", "a brand new password").status_code == 303
    assert client.get(link).status_code == 409
    assert choose(client, link, "and another password").status_code == 409


def test_the_answer_is_the_same_whether_or_not_the_account_exists(clock, seller, with_password, client, session):
    with_password(seller)
    known, unknown = ask_for_link(client).text, ask_for_link(client, "nobody@example.com").text
    assert known.replace("seller@example.com", "X") == unknown.replace("nobody@example.com", "X")
    assert len(session.scalars(select(Mail)).all()) == 1


def test_a_link_is_good_for_an_hour(seller, with_password, client, session, clock):
    with_password(seller)
    ask_for_link(client)
    link = link_in(session)
    clock.shift(timedelta(minutes=59))
    assert client.get(link).status_code == 200
    clock.shift(timedelta(minutes=2))
    assert client.get(link).status_code == 409


def test_a_link_is_spent_when_the_password_is_changed_otherwise(seller, with_password, client, session):
    with_password(seller)
    ask_for_link(client)
    link = link_in(session)
    with_password(seller)
    assert client.get(link).status_code == 409


def test_a_forged_link_opens_nothing(seller, with_password, client, session):
    with_password(seller)
    ask_for_link(client)
    link = link_in(session)
    assert client.get(link[:-2] + ("aa" if not link.endswith("aa") else "bb")).status_code == 409
    assert client.get(link.replace("/reset/", "/invitation/")).status_code == 409


def test_the_mail_with_the_link_never_names_a_host_that_the_request_claims(seller, with_password, client, session):
    with_password(seller)
    client.post("/login/forgotten", data={"email": seller.email}, headers={"Host": "evil.example"})
    assert "evil.example" not in session.scalars(select(Mail)).one().text


def test_changing_the_password_needs_the_present_one_and_ends_other_sessions(
    seller, with_password, app, client, log_in
):
    with_password(seller)
    log_in("seller@example.com")
    other = app.test_client()
    other.post("/login", data={"email": seller.email, "password": PASSWORD})
    new = {"password": "a brand new password", "again": "a brand new password"}
    wrong = client.post("/profile/password", data={"current": "not my password", **new})
    assert wrong.status_code == 422
    assert "This is not your password" in wrong.text
    assert client.post("/profile/password", data={"current": PASSWORD, **new}).status_code == 303
    assert client.get("/profile").status_code == 200
    assert other.get("/profile").status_code == 302


def test_two_passwords_that_differ_are_refused_beside_the_field(seller, with_password, client, log_in):
    with_password(seller)
    log_in("seller@example.com")
    data = {"current": PASSWORD, "password": "a brand new password", "again": "a brand new passwort"}
    assert "The two passwords differ" in client.post("/profile/password", data=data).text


def invite(client, sign_in, admin, **more):
    sign_in(client, admin)
    data = {"name": "Nina Newcomer", "email": "nina@example.com", "invite": "y", "version": "", **more}
    return client.post("/admin/users", data=data)


def test_somebody_who_is_invited_chooses_a_password_and_is_in(admin, client, session, sign_in, app, log_in):
    invite(client, sign_in, admin)
    link = link_in(session)
    newcomer = app.test_client()
    assert "nina@example.com" in newcomer.get(link).text
    assert choose(newcomer, link).status_code == 303
    assert newcomer.get("/profile").status_code == 200
    assert newcomer.get(link).status_code == 409


def test_the_link_of_an_invitation_is_shown_where_no_mail_server_is_configured(admin, client, session, sign_in, app):
    assert app.config["MAIL_URL"] is None
    assert link_in_page(invite(client, sign_in, admin).text) == link_in(session)


def link_in_page(text):
    return re.search(r'value="http://[^/]+(/login/invitation/[^"]+)"', text).group(1)


def test_an_invitation_needs_an_address(admin, client, sign_in):
    answer = invite(client, sign_in, admin, email="")
    assert answer.status_code == 422
    assert "An invitation needs an e-mail address" in answer.text


def test_an_address_belongs_to_one_user_whatever_its_case(admin, client, sign_in, seller):
    answer = invite(client, sign_in, admin, email="SELLER@example.com")
    assert answer.status_code == 409


def test_an_address_without_an_account_takes_as_long_as_one_with():
    """What is checked in its place costs what hashing costs today; the tests themselves hash more cheaply."""
    shipped = runpy.run_path(passwords.__file__)
    assert shipped["hasher"].check_needs_rehash(shipped["NOBODY"]) is False
