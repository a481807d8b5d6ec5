"""The first page of an empty database."""

import re

import pytest

from erpcrm.access.services import anybody_here, user_by_email
from erpcrm.core.settings import setting

FORM = {
    "company_name": "江南仪器有限公司",
    "company_language": "zh",
    "currency": "EUR",
    "time_zone": "Europe/Berlin",
    "name": "Erika Erste",
    "email": "erika@example.com",
    "password": "a good first password",
    "again": "a good first password",
}


@pytest.mark.parametrize("path", ["/", "/admin/users", "/profile", "/login"])
def test_every_page_of_an_empty_database_leads_to_the_set_up(client, path):
    answer = client.get(path, follow_redirects=True)
    assert answer.request.path == "/setup"
    assert "First administrator" in answer.text


@pytest.mark.parametrize(
    ("languages", "chosen"),
    [
        ("de-DE,de;q=0.9,en;q=0.8", ["EUR", "Europe/Berlin"]),
        ("zh-CN", ["CNY", "Asia/Shanghai"]),
        ("fr", ["EUR", "Europe/Paris"]),
        ("en-GB", ["GBP", "Europe/London"]),
        ("*", ["USD", "UTC"]),
    ],
)
def test_it_guesses_currency_and_zone_from_the_country_of_the_browser(client, languages, chosen):
    page = client.get("/setup", headers={"Accept-Language": languages}).text
    assert re.findall(r'<option selected value="([^"]+)">', page)[1:] == chosen


def test_a_zone_is_offered_once_by_its_country_in_the_readers_language(client):
    page = client.get("/setup", headers={"Accept-Language": "zh-CN"}).text
    assert "中国 · 上海 (+08:00)" in page
    assert "Asia/Chongqing" not in page


def test_it_names_the_company_and_signs_the_first_administrator_in(client, session):
    assert client.post("/setup", data=FORM).status_code == 303
    stored = [setting(name) for name in ("company_name", "language", "currency", "time_zone")]
    assert stored == ["江南仪器有限公司", "zh", "EUR", "Europe/Berlin"]
    assert client.get("/admin/roles").status_code == 200
    assert client.get(f"/admin/users/{user_by_email(FORM['email']).id}").status_code == 200


def test_it_works_once_only(client, app):
    client.post("/setup", data=FORM)
    stranger = app.test_client()
    assert stranger.get("/setup", follow_redirects=True).request.path == "/login"
    assert stranger.post("/setup", data={**FORM, "email": "eve@example.com"}).status_code == 404


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("password", "short"),
        ("email", "nonsense"),
        ("company_name", ""),
        ("currency", "XXQ"),
        ("time_zone", "Mars/Base"),
    ],
)
def test_a_mistake_keeps_what_was_typed_and_makes_nobody(client, field, value):
    answer = client.post("/setup", data={**FORM, field: value})
    assert answer.status_code == 422
    assert "江南仪器有限公司" in answer.text or field == "company_name"
    assert not anybody_here()
