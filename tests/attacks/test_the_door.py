"""At the door: where a sign-in leads, who is told what, and which keys still turn."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from erpcrm.access.area import limiter
from erpcrm.access.models import User
from erpcrm.access.services import deactivate, set_password
from erpcrm.core.pages import own_path
from tests.test_routes import ONE_CLICK

PASSWORD = "correct horse battery"
ELSEWHERE = (
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\nSet-Cookie: a=b",
    "\t//evil.example",
    "https://evil.example",
    "javascript:alert(1)",
    "//[",
    "//\u2100.example",
    "evil",
    "",
)


@pytest.fixture
def known(seller: User, session: Any) -> User:
    set_password(seller, PASSWORD)
    session.commit()
    return seller


@pytest.mark.parametrize("target", ELSEWHERE)
def test_no_sign_in_leads_to_another_site(client: FlaskClient, known: User, target: str) -> None:
    data = {"email": known.email, "password": PASSWORD}
    answer = client.post("/login", query_string={"next": target}, data=data)
    assert (answer.status_code, answer.location) == (303, "/")
    assert client.get("/login", query_string={"next": target}).location == "/"


@pytest.mark.parametrize("target", ELSEWHERE)
def test_no_form_leads_to_another_site(
    client: FlaskClient, sign_in: Any, known: User, mine: Any, theirs: Any, target: str
) -> None:
    sign_in(client, known)
    assert own_path(target) is None
    assert client.post("/language", data={"locale": "en", "next": target}).location == "/"
    seen = client.post(f"/my-day/mentions/{theirs.task.id}/seen", data={"next": target})
    assert seen.location == "/my-day"
    tools = client.post("/lists/customer/views", query_string={"at": target}, data={"name": "A view", "shared": "own"})
    assert tools.status_code == 404


def test_a_path_of_this_site_is_kept(client: FlaskClient, known: User) -> None:
    data = {"email": known.email, "password": PASSWORD}
    answer = client.post("/login", query_string={"next": "/customers?q=华为&page=2"}, data=data)
    assert answer.location.startswith("/customers?q=")


def test_a_live_session_ends_with_the_account(client: FlaskClient, known: User, admin: User, session: Any) -> None:
    data = {"email": known.email, "password": PASSWORD, "remember": "y"}
    assert client.post("/login", data=data).status_code == 303
    assert client.get("/profile").status_code == 200
    deactivate(known)
    session.commit()
    assert client.get("/profile").location.startswith("/login")
    client.delete_cookie("session")
    assert client.get("/profile").location.startswith("/login")  # nor does the cookie of "stay signed in" open it


def test_a_session_that_somebody_planted_does_not_live_on_after_sign_in(client: FlaskClient, known: User) -> None:
    with client.session_transaction() as planted:
        planted["new_totp_secret"] = "JBSWY3DPEHPK3PXP"
    client.post("/login", data={"email": known.email, "password": PASSWORD})
    with client.session_transaction() as after:
        assert "new_totp_secret" not in after


def test_a_second_tap_on_the_sign_in_button_signs_in_too(app: Flask, client: FlaskClient, known: User) -> None:
    """The browser drops the first answer, and the cookie with it."""
    data = {"email": known.email, "password": PASSWORD, "_key": "one-tap"}
    assert app.test_client().post("/login", data=data).status_code == 303
    assert client.post("/login", data=data).status_code == 303
    assert client.get("/profile").status_code == 200


def test_a_key_of_somebody_who_is_not_signed_in_hands_out_no_session(
    app: Flask, client: FlaskClient, known: User
) -> None:
    data = {"email": known.email, "password": PASSWORD, "_key": "one-tap"}
    assert app.test_client().post("/login", data=data).status_code == 303
    client.post("/login", data={"email": "x@example.com", "password": "wrong wrong", "_key": "one-tap"})
    assert client.get("/profile").location.startswith("/login")


@pytest.fixture
def as_a_company_has_it(database_url: Any, another_app: Callable[..., Flask]) -> Callable[..., FlaskClient]:
    """A browser at an application of its own, with what the suite does without."""
    config = {"SQLALCHEMY_DATABASE_URI": database_url, "SECRET_KEY": "tests only", "FILES_FOLDER": "unused"}
    return lambda **more: another_app(config | more).test_client()


@pytest.fixture
def limits() -> Iterator[None]:
    """One object counts for all applications of a process: the suite goes on without it."""
    yield
    limiter.enabled = False
    limiter.reset()


@pytest.mark.usefixtures("limits")
@pytest.mark.parametrize(("proxies", "status"), [(0, 429), (1, 422)], ids=["nobody in front", "one proxy in front"])
def test_an_address_that_somebody_claims_counts_only_behind_a_known_proxy(
    as_a_company_has_it: Callable[..., FlaskClient], known: User, session: Any, proxies: int, status: int
) -> None:
    session.commit()
    client = as_a_company_has_it(RATELIMIT_ENABLED=True, WTF_CSRF_ENABLED=False, TRUSTED_PROXIES=proxies)
    answers = [
        client.post(
            "/login",
            data={"email": f"nobody{n}@example.com", "password": "guess guess"},
            headers={"X-Forwarded-For": f"203.0.113.{n}"},
        ).status_code
        for n in range(35)
    ]
    assert answers[-1] == status


def test_a_host_that_somebody_claims_stands_in_no_link(client: FlaskClient, known: User) -> None:
    for headers in ({"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example"}):
        answer = client.get("/customers", headers=headers)
        assert answer.location.startswith("/login")
        assert "evil.example" not in client.get("/login", headers=headers).text


def test_every_write_needs_the_token_of_the_page(
    app: Flask, as_a_company_has_it: Callable[..., FlaskClient], known: User, session: Any
) -> None:
    """The suite runs without CSRF tokens: here the application is as a company has it."""
    session.commit()
    client = as_a_company_has_it(RATELIMIT_ENABLED=False)
    real = client.application
    writes = [
        rule for rule in real.url_map.iter_rules() if {"POST", "PUT", "PATCH", "DELETE"} & (rule.methods or set())
    ]
    assert len(writes) > 100
    for rule in writes:
        if rule.endpoint in ONE_CLICK:
            continue
        path = rule.rule.replace("<int:", "<").replace("<any(csv,xlsx):format>", "csv")
        for name in rule.arguments:
            path = path.replace(f"<{name}>", "1")
        assert client.post(path, data={"email": known.email}).status_code == 400, path
        assert client.post(path, json={"email": known.email}, headers={"HX-Request": "true"}).status_code == 400, path
