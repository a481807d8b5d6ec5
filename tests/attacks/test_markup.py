"""Names that are markup, links that are scripts: what somebody writes is text, wherever it is shown."""

import io
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage

from erpcrm.access.services import create_team
from erpcrm.catalog.services import create_product
from erpcrm.core.fields.definitions import create_field
from erpcrm.core.files import attach
from erpcrm.core.mail import compose, send_mail
from erpcrm.core.options import add_option
from erpcrm.core.registry import record_type
from erpcrm.core.settings import save_setting
from erpcrm.customers.services import add_activity, add_address, create_contact, create_customer, update_customer

EVIL = "<img src=x onerror=alert(1)>\"'></title><script>alert(2)</script>{{7*7}}"


class Watch(HTMLParser):
    """Notes what the evil text would have made if it were markup."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        for name, value in given.items():
            if name.startswith("on") or (
                name in ("href", "src", "action", "formaction") and "javascript:" in (value or "").lower()
            ):
                self.found.append(f"<{tag} {name}={value!r}>")
        if tag == "script" and "src" not in given:
            self.found.append("<script>")
        if tag == "img" and given.get("src") == "x":
            self.found.append("<img>")


@pytest.fixture
def evil_world(admin: Any, session: Any) -> dict[str, int]:
    """Everything that a user can name is named so."""
    admin.name = EVIL
    save_setting("company_name", EVIL)
    team = create_team(EVIL)
    admin.team_id = team.id
    create_field(record_type("customer"), {"kind": "text", "label": EVIL[:80], "help": EVIL})
    choices = [{"label": EVIL, "value": "", "active": True}]
    create_field(record_type("customer"), {"kind": "choice", "label": "Choice", "choices": choices})
    option = add_option("customer.industry", EVIL)
    values = {
        "name": EVIL,
        "english_name": EVIL,
        "note": EVIL,
        "tags": [EVIL],
        "industry": option.value,
        "website": "javascript:alert(3)",
        "email": f"{EVIL}@example.com",
        "phone": EVIL,
        "owner_id": admin.id,
    }
    customer = create_customer(values, admin)
    update_customer(customer, {"note": EVIL * 2, "custom": {"choice": EVIL}}, None, admin)
    add_address(customer, {"street": EVIL, "city": EVIL, "country": "CN", "recipient": EVIL}, admin)
    contact = create_contact({"name": EVIL, "job_title": EVIL, "email": EVIL, "mobile": EVIL}, admin, customer)
    task = add_activity(customer, "task", EVIL, admin, body=EVIL, done=False)
    add_activity(customer, "call", f"@{EVIL} {EVIL}", admin, outcome=EVIL)
    attach(customer, FileStorage(io.BytesIO(b"hello"), "<svg onload=alert(1)>.txt"), admin)
    send_mail("a@example.com", EVIL, EVIL, html=EVIL, record=customer, by=admin)
    product = create_product({"name": EVIL, "code": EVIL[:50], "note": EVIL}, by=admin)
    session.commit()
    return {"customer": customer.id, "contact": contact.id, "task": task.id, "product": product.id, "user": admin.id}


PAGES = (
    "/customers?q=img", "/customers?cols=name,english_name,email,phone,website,tags,industry,owner,team",
    "/customers?tags=%3Cscript%3Ealert(1)%3C/script%3E&name.has=%3Cscript%3E&owner=me", "/customers/{customer}",
    "/customers/{customer}?lens=operations", "/customers/{customer}/edit", "/customers/contacts",
    "/customers/contacts/{contact}", "/customers/contacts/{contact}/edit", "/customers/activities",
    "/customers/activities/{task}", "/customers/activities/{task}/edit", "/customers/new?name=%3Cscript%3Ealert(1)%3C/script%3E",
    "/customers/candidates?name=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E", "/customers/merge/customer/{customer}",
    "/customers/duplicates", "/timeline/customer/{customer}", "/my-day", "/search?q=img", "/search?q=%3Cscript%3E",
    "/pick/customer?q=img", "/files?record_type=customer&record_id={customer}", "/admin/audit", "/admin/users",
    "/admin/audit/customer/{customer}", "/admin/users/{user}", "/admin/users/{user}/edit", "/admin/teams", "/admin/teams/1",
    "/admin/fields", "/admin/fields/1/edit", "/admin/options", "/admin/options/customer.industry", "/admin/roles",
    "/lists/customer/filter/industry?at=/customers", "/lists/customer/views?at=/customers&view=%3Cscript%3E",
    "/lists/customer/columns?at=/customers", "/catalog/products", "/catalog/products/{product}", "/mails", "/mails/1",
    "/jobs?routine", "/notifications?all", "/profile", "/company/profile", "/login?next=%22%3E%3Cscript%3E",
    "/nowhere/%3Cscript%3Ealert(1)%3C/script%3E", "/admin/may?user={user}&permission=core.audit.view&record=%3Cscript%3E",
    "/pipeline/board", "/pipeline/opportunities/new", "/pipeline/leads/new", "/login/forgotten?email=%22%3E%3Cscript%3E",
)  # fmt: skip


def test_nothing_that_somebody_wrote_is_markup(
    client: FlaskClient, sign_in: Any, admin: Any, evil_world: dict[str, int]
) -> None:
    sign_in(client, admin)
    found = {}
    for path in PAGES:
        answer = client.get(path.format(**evil_world), follow_redirects=True)
        assert answer.status_code < 500, path
        watch = Watch()
        watch.feed(answer.text)
        if watch.found:
            found[path] = watch.found
        assert "49" not in re.findall(r"\{\{7\*7\}\}|</script>(49)", answer.text), path
        assert "'unsafe-inline'" not in answer.headers["Content-Security-Policy"].partition("style-src")[0]
        answer.close()
    assert found == {}


def test_parts_that_a_script_fetches_are_no_markup_either(
    client: FlaskClient, sign_in: Any, admin: Any, evil_world: dict[str, int]
) -> None:
    sign_in(client, admin)
    for path, part in (
        ("/customers?q=img", "results"),
        ("/customers", "totals"),
        ("/search?q=img", "palette_list"),
        ("/timeline/customer/{customer}", "timeline_stream"),
        ("/customers/candidates?name=%3Cimg%20src%3Dx", "candidates"),
        ("/files?record_type=customer&record_id={customer}", "files"),
    ):
        headers = {"HX-Request": "true", "HX-Target": f"div#{part}"}
        watch = Watch()
        watch.feed(client.get(path.format(**evil_world), headers=headers).text)
        assert watch.found == [], path


def test_a_website_is_an_address_of_the_web(admin: Any, evil_world: dict[str, int]) -> None:
    for typed in (
        "javascript:alert(1)",
        "JAVASCRIPT://example.com/%0Aalert(1)",
        "data:text/html,x",
        "//\tjavascript:alert(1)",
    ):
        customer = create_customer({"name": "Web", "website": typed}, admin)
        assert customer.website is None or customer.website.startswith("https://"), typed


def test_no_line_of_a_mail_becomes_a_header(admin: Any, session: Any) -> None:
    save_setting("company_name", "Evil\r\nBcc: everybody@example.com")
    mail = send_mail("a@example.com", "Hello\r\nBcc: b@example.com\r\n\r\nbody", "Text", by=admin)
    message = compose(mail)
    assert message["Bcc"] is None
    assert message["To"] == "a@example.com"
    assert "\n" not in message["Subject"]
    assert b"\nBcc:" not in bytes(message)
