"""Signing in with a password."""

from datetime import timedelta

from sqlalchemy import select

from erpcrm.access.area import limiter
from erpcrm.access.services import deactivate, sign_out_everywhere
from erpcrm.core.audit import AuditEntry
from tests.access.conftest import PASSWORD


def test_the_right_password_leads_to_where_the_user_wanted_to_go(seller, with_password, log_in, client):
    with_password(seller)
    answer = client.post("/login?next=/profile", data={"email": "SELLER@example.com ", "password": PASSWORD})
    assert answer.status_code == 303
    assert answer.location == "/profile"
    assert client.get("/profile").status_code == 200


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(seller, with_password, log_in):
    with_password(seller)
    wrong, unknown = log_in("seller@example.com", "not the password"), log_in("nobody@example.com", "not the password")
    assert wrong.status_code == unknown.status_code == 422
    words = "belong together"
    assert words in wrong.text
    assert words in unknown.text


def test_a_user_without_password_cannot_sign_in(seller, log_in):
    assert log_in("seller@example.com", "").status_code == 422
    assert log_in("seller@example.com", "no account has this password").status_code == 422


def test_a_deactivated_user_cannot_sign_in_and_loses_the_session(seller, admin, with_password, log_in, client):
    with_password(seller)
    log_in("seller@example.com")
    assert client.get("/profile").status_code == 200
    deactivate(seller, by=admin)
    assert client.get("/profile").status_code == 302
    assert log_in("seller@example.com").status_code == 422


def test_sign_in_never_leads_to_another_site(seller, with_password, client):
    with_password(seller)
    for target in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\tevil"):
        answer = client.post(
            "/login", query_string={"next": target}, data={"email": seller.email, "password": PASSWORD}
        )
        assert answer.location == "/", target
        client.post("/logout")


def test_a_page_sends_a_stranger_to_sign_in_and_back(seller, client):
    answer = client.get("/admin/users?q=li")
    assert answer.status_code == 302
    assert answer.location == "/login?next=/admin/users?q%3Dli"


def test_after_five_failures_the_account_has_to_wait_ever_longer(seller, with_password, log_in, clock):
    with_password(seller)
    for _n in range(5):
        assert log_in("seller@example.com", "wrong password").status_code == 422
    blocked = log_in("seller@example.com")
    assert blocked.status_code == 429
    assert "30 seconds" in blocked.text
    clock.shift(timedelta(seconds=31))
    assert log_in("seller@example.com", "wrong password").status_code == 422
    clock.shift(timedelta(seconds=31))
    assert "29 seconds" in log_in("seller@example.com").text
    clock.shift(timedelta(seconds=30))
    assert log_in("seller@example.com").status_code == 303


def test_an_account_that_does_not_exist_has_to_wait_just_the_same(seller, log_in, clock):
    for _n in range(5):
        log_in("nobody@example.com", "wrong password")
    assert log_in("nobody@example.com", "wrong password").status_code == 429


def test_a_right_password_makes_the_next_mistake_the_first_again(seller, with_password, log_in, client, clock):
    with_password(seller)
    for _n in range(4):
        log_in("seller@example.com", "wrong password")
    log_in("seller@example.com")
    client.post("/logout")
    for _n in range(4):
        assert log_in("seller@example.com", "wrong password").status_code == 422
    assert log_in("seller@example.com").status_code == 303


def test_signing_out_everywhere_ends_other_sessions_and_kept_ones(seller, with_password, app, client):
    with_password(seller)
    for browser in (client, other := app.test_client()):
        browser.post("/login", data={"email": seller.email, "password": PASSWORD, "remember": "y"})
        assert browser.get("/profile").status_code == 200
    sign_out_everywhere(seller)
    assert client.get("/profile").status_code == 302
    assert other.get("/profile").status_code == 302


def test_signing_out_everywhere_from_the_profile_keeps_this_session(seller, with_password, app, client):
    with_password(seller)
    for browser in (client, other := app.test_client()):
        browser.post("/login", data={"email": seller.email, "password": PASSWORD})
    assert client.post("/profile/sign-out-everywhere").status_code == 303
    assert client.get("/profile").status_code == 200
    assert other.get("/profile").status_code == 302


def test_signing_out_forgets_the_kept_session_too(seller, with_password, client):
    with_password(seller)
    client.post("/login", data={"email": seller.email, "password": PASSWORD, "remember": "y"})
    assert client.get_cookie("remember_token") is not None
    client.post("/logout")
    assert client.get_cookie("remember_token") is None
    assert client.get("/profile").status_code == 302


def test_a_sign_in_is_in_the_audit_trail(seller, with_password, log_in, session):
    with_password(seller)
    log_in("seller@example.com")
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "signed_in")).one()
    assert (entry.actor_id, entry.record_id) == (seller.id, seller.id)


def test_signing_in_makes_nobodys_edit_of_the_user_stale(seller, with_password, log_in, session):
    with_password(seller)
    before = seller.version
    log_in("seller@example.com")
    assert seller.version == before
    assert seller.last_sign_in_at is not None


def test_the_limit_by_address_stops_a_flood(app, another_app):
    limited = another_app({**app.config, "RATELIMIT_ENABLED": True})
    try:
        client = limited.test_client()
        answers = [client.post("/login/forgotten", data={"email": "no address"}).status_code for _n in range(32)]
    finally:
        limiter.reset()
    assert answers[:30] == [422] * 30
    assert answers[30:] == [429, 429]


def test_a_signed_in_request_asks_the_database_at_most_twice_for_user_roles_and_settings(
    seller, sign_in, client, count_queries
):
    sign_in(client, seller)
    with count_queries() as seen:
        client.post("/language", data={"locale": "fr", "next": "/"})
    assert len([q for q in seen if q.startswith("SELECT")]) <= 2, seen
