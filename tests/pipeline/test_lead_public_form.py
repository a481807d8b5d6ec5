"""The public form: anybody may write, no robot gets in, and nothing of us gets out."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from erpcrm.access.area import limiter
from erpcrm.access.models import User
from erpcrm.core.audit import AuditEntry
from erpcrm.core.settings import save_setting
from erpcrm.pipeline.models import Lead
from tests.factories.leads import a_lead, an_assignment_rule

URL = "/pipeline/contact-us"
TYPED = {
    "person": "Oliver Hughes",
    "company": "Northfield Pumps Ltd",
    "email": "O.Hughes@NorthfieldPumps.example",
    "phone": "+44 121 496 0155",
    "need": "A spindle service contract",
}


@pytest.fixture
def opened(app: Flask, session: Any, clock: Any) -> None:
    save_setting("lead_form_open", True)
    save_setting("language", "en")
    session.commit()


@pytest.fixture
def write(client: FlaskClient, clock: Any, opened: None) -> Callable[..., Any]:
    """`write(person=..., seconds=20)`: a visitor fetches the form, takes so long to fill it in, and sends it."""

    def write(url: str = URL, seconds: int = 20, **changes: str) -> Any:
        asked_at = stamp_of(client.get(url).text)
        clock.shift(timedelta(seconds=seconds))
        return client.post(url, data=TYPED | {"asked_at": asked_at, "homepage": ""} | changes)

    return write


def stamp_of(page: str) -> str:
    found = re.search(r'name="asked_at" value="([^"]+)"', page)
    assert found
    return found[1]


def leads(session: Any) -> list[Lead]:
    return list(session.scalars(select(Lead)))


def test_a_visitor_writes_to_us_without_an_account(write: Any, session: Any, client: FlaskClient, seller: Any):
    an_assignment_rule(seller)
    answer = write(marketing_consent="y")
    assert answer.status_code == 303
    assert answer.location == f"{URL}/thanks"
    assert "Your message has arrived" in client.get(answer.location).text
    (lead,) = leads(session)
    assert (lead.name, lead.person, lead.email) == (
        "Northfield Pumps Ltd",
        "Oliver Hughes",
        "O.Hughes@northfieldpumps.example",
    )
    assert (lead.source, lead.source_reference, lead.status) == ("website", None, "new")
    assert (lead.owner_id, lead.created_by_id, lead.marketing_consent) == (seller.id, None, True)
    assert session.scalar(select(func.count()).select_from(User)) == 1, "no account was made"


def test_consent_is_only_what_was_ticked(write: Any, session: Any):
    write()
    assert leads(session)[0].marketing_consent is False


def test_the_form_is_closed_until_the_company_opens_it(client: FlaskClient, session: Any, as_manager: FlaskClient):
    for path in (URL, f"{URL}/thanks"):
        assert client.get(path).status_code == 404
    assert client.post(URL, data=TYPED).status_code == 404
    assert as_manager.post("/pipeline/setup/lead-form", data={"open": "1"}).status_code == 303
    assert client.get(URL).status_code == 200
    as_manager.post("/pipeline/setup/lead-form", data={"open": "0"})
    assert client.post(URL, data=TYPED).status_code == 404
    assert leads(session) == []


def test_a_seller_can_not_open_the_form(as_seller: FlaskClient, client: FlaskClient):
    assert as_seller.post("/pipeline/setup/lead-form", data={"open": "1"}).status_code == 403
    assert client.get(URL).status_code == 404


def test_the_reference_in_the_address_is_kept(write: Any, session: Any):
    write(url=f"{URL}?ref=fair-2026")
    write(url=f"{URL}?ref={'x' * 500}")
    assert [lead.source_reference for lead in leads(session)] == ["fair-2026", "x" * 200]


def test_the_reference_survives_a_mistake_in_the_form(write: Any, session: Any):
    answer = write(url=f"{URL}?ref=fair-2026", email="nobody")
    assert answer.status_code == 422
    assert 'action="/pipeline/contact-us?ref=fair-2026"' in answer.text


def test_a_robot_that_fills_the_invisible_field_is_thanked_and_leaves_nothing(write: Any, session: Any):
    assert write(homepage="https://spam.example").location == f"{URL}/thanks"
    assert leads(session) == []


def test_whoever_is_too_quick_is_asked_to_send_again_and_loses_nothing(
    write: Any, session: Any, client: FlaskClient, clock: Any
):
    answer = write(seconds=1)
    assert answer.status_code == 422
    assert "send it once more" in answer.text
    assert "A spindle service contract</textarea>" in answer.text
    assert leads(session) == []
    clock.shift(timedelta(seconds=5))
    assert client.post(URL, data=TYPED | {"asked_at": stamp_of(answer.text)}).status_code == 303
    assert len(leads(session)) == 1


@pytest.mark.parametrize("made_up", ["", "0", "1", "x.y.z"])
def test_a_moment_that_is_made_up_gets_nobody_in(write: Any, session: Any, made_up: str):
    assert write(asked_at=made_up).status_code == 422
    assert leads(session) == []


def test_a_page_that_was_fetched_once_is_not_good_for_ever(write: Any, session: Any):
    assert write(seconds=2 * 24 * 60 * 60).status_code == 422
    assert leads(session) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("person", ""),
        ("person", "x" * 101),
        ("company", "x" * 201),
        ("email", ""),
        ("email", "nobody"),
        ("email", "x" * 200 + "@example.com"),
        ("phone", "1" * 41),
        ("need", ""),
        ("need", "x" * 4001),
    ],
)
def test_a_field_that_is_wrong_is_named_and_nothing_typed_is_lost(write: Any, session: Any, field: str, value: str):
    answer = write(**{field: value})
    assert answer.status_code == 422
    assert f'id="{field}_error"' in answer.text
    if field != "person":
        assert 'value="Oliver Hughes"' in answer.text
    assert leads(session) == []


@pytest.mark.parametrize("name", ["owner_id", "status", "score", "team_id", "region", "tags", "customer_id", "id"])
def test_a_visitor_can_set_nothing_else(write: Any, session: Any, seller: Any, name: str):
    plain = a_lead(company="Plain")
    assert write(**{name: "1"}).status_code == 303
    (lead,) = [one for one in leads(session) if one.id != plain.id]
    assert (lead.owner_id, lead.team_id, lead.status, lead.score) == (None, None, "new", 0)
    assert (lead.region, lead.tags, lead.customer_id) == (None, [], None)


def test_what_a_visitor_writes_is_never_markup(write: Any, session: Any, as_marketer: FlaskClient):
    write(company="<script>alert(1)</script>", need="<b>bold</b>")
    (lead,) = leads(session)
    for path in (f"/pipeline/leads/{lead.id}", "/pipeline/leads", f"/pipeline/leads/{lead.id}/edit"):
        text = as_marketer.get(path).text
        assert "&lt;script&gt;" in text
        assert "<script>alert" not in text


def test_a_character_that_no_database_takes_is_refused(write: Any, session: Any):
    assert write(company="North\0field").status_code == 400
    assert leads(session) == []


def test_two_taps_make_one_lead(client: FlaskClient, session: Any, clock: Any, opened: None):
    page = client.get(URL).text
    key = re.search(r'name="_key" value="([^"]+)"', page)
    assert key
    clock.shift(timedelta(seconds=20))
    sent = TYPED | {"asked_at": stamp_of(page), "_key": key[1]}
    assert [client.post(URL, data=sent).status_code for _tap in range(2)] == [303, 303]
    assert len(leads(session)) == 1


def test_nothing_of_the_system_is_shown_to_visitors(client: FlaskClient, session: Any, opened: None, seller: Any):
    a_lead(seller, company="Secret Customer", source_reference="Secret campaign")
    for path in (URL, f"{URL}/thanks", f"{URL}?ref=Secret"):
        text = client.get(path).text
        assert "Secret C" not in text
        assert seller.name not in text
        assert "<nav" not in text
    for path in ("/pipeline/leads", "/pipeline/leads/1", "/pipeline/setup/leads"):
        assert client.get(path).status_code == 302


def test_the_message_is_in_the_trail_as_come_by_itself(write: Any, session: Any):
    write()
    entry = session.scalars(select(AuditEntry).where(AuditEntry.record_type == "lead")).one()
    assert (entry.action, entry.actor_id) == ("created", None)


def test_the_page_speaks_chinese(client: FlaskClient, opened: None):
    client.post("/language", data={"locale": "zh", "next": URL})
    text = client.get(URL).text
    assert "请告诉我们您的需求" in text
    assert "Your name" not in text


@pytest.fixture
def guarded(app: Flask, another_app: Callable[..., Flask], opened: None) -> Iterator[Flask]:
    """The application as it runs in production: with limits and with protection against forged requests."""
    guarded = another_app({**app.config, "RATELIMIT_ENABLED": True, "WTF_CSRF_ENABLED": True})
    try:
        yield guarded
    finally:
        limiter.reset()


def test_one_address_may_write_so_often_only(guarded: Flask, session: Any, clock: Any):
    client = guarded.test_client()
    page = client.get(URL).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    clock.shift(timedelta(seconds=20))
    sent = TYPED | {"asked_at": stamp_of(page), "csrf_token": token[1]}
    answers = [client.post(URL, data=sent).status_code for _n in range(8)]
    assert answers == [303] * 6 + [429] * 2
    assert len(leads(session)) == 6
    elsewhere = guarded.test_client()
    assert elsewhere.get(URL, environ_base={"REMOTE_ADDR": "10.0.0.9"}).status_code == 200, "reading is free"


def test_a_forged_request_leaves_nothing(guarded: Flask, session: Any, clock: Any):
    client = guarded.test_client()
    asked_at = stamp_of(client.get(URL).text)
    clock.shift(timedelta(seconds=20))
    assert client.post(URL, data=TYPED | {"asked_at": asked_at}).status_code == 400
    assert leads(session) == []
