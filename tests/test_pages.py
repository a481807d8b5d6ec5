"""Every page opens on a company with something in it, and every template is used."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from erpcrm import demo
from erpcrm.access.links import RESET, make_token
from erpcrm.access.services import create_user, ensure_standard_roles, user_by_email
from erpcrm.core.db import db, now
from erpcrm.customers.models import Activity, Customer
from erpcrm.inventory.models import StockCountLine
from erpcrm.pipeline.models import Lead, Opportunity
from erpcrm.service.models import Ticket
from tests import pages

TEMPLATES = Path(__file__).parents[1] / "templates"
SPRITE = TEMPLATES.parent / "static" / "icons.svg"
NOTHING_TO_SEE = {
    "access.accept_invitation",
    "access.reset_password",
    "company.logo",
    "modules.ask_off",
    "lists.exported",
}
"""Where the example leads nowhere: a link that is spent, a logo that nobody has set, an area that stays on."""


DIALOG = {"HX-Request": "true", "HX-Target": "div#dialog_body"}


ICON = re.compile(r'icons[^"#]*#([\w-]+)"')


@pytest.fixture
def used(app: Flask) -> Iterator[set[str]]:
    """The names of all templates that are rendered within, those that others include too."""
    seen: set[str] = set()
    found = app.jinja_env.get_template

    def noted(name: Any, *args: Any, **more: Any) -> Any:
        seen.add(name if isinstance(name, str) else name.name)
        return found(name, *args, **more)

    app.extensions.pop("erpcrm_still", None)  # parts that were rendered by an earlier test
    app.jinja_env.get_template = noted  # type: ignore[method-assign]
    try:
        yield seen
    finally:
        del app.jinja_env.get_template


def test_every_page_opens_and_every_template_is_used(
    app: Flask, used: set[str], client: FlaskClient, sign_in: Callable[..., FlaskClient]
) -> None:
    """For the administrator all pages open, but for those that lead on; for others some are closed, and none crashes."""
    client.get("/setup")  # before there is anybody
    begin_the_books(client, sign_in)
    demo.fill()
    admin = user_by_email("admin@demo.example")
    pages.furnish(sign_in(client, admin), app, admin)
    app.jinja_env.get_template("ui/index.html").make_module()  # the macros were loaded by the first page ever
    drawn: set[str] = set()
    for who in ("seller", "admin"):
        sign_in(client, user_by_email(f"{who}@demo.example"))
        assert open_all(app, client, who, drawn) > 10, who
    for addresses in pages.addresses(app).values():
        for address in addresses:
            client.get(address, headers=DIALOG)
    answer_forms(client)
    sign_in(client, user_by_email("hr@demo.example")).get("/")
    at_the_door(app)
    left = {path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html")} - used
    assert not left, "\n".join(sorted(left))
    assert len(drawn) > 50
    assert drawn <= set(re.findall(r'<symbol id="([^"]+)"', SPRITE.read_text())), "drawn, and not in the sprite"


def open_all(app: Flask, client: FlaskClient, who: str, drawn: set[str]) -> int:
    """Asks for all pages, notes the icons on them, and says how many were shown."""
    wrong, shown = [], 0
    for endpoint, addresses in pages.addresses(app).items():
        for address in addresses:
            answer = client.get(address)
            drawn |= set(ICON.findall(answer.text)) if answer.mimetype == "text/html" else set()
            fine = (200, 303) if who == "admin" and endpoint not in NOTHING_TO_SEE else (200, 303, 403, 404, 409)
            shown += answer.status_code == 200
            if answer.status_code not in fine:
                wrong.append(f"{who}: {answer.status_code} {address}")
    assert wrong == []
    return shown


def begin_the_books(client: FlaskClient, sign_in: Callable[..., Any]) -> None:
    """Where there is no chart of accounts yet: whoever may choose one is asked to, the others are told."""
    ensure_standard_roles()
    for role in ("controller", "accountant"):
        sign_in(client, create_user(role, f"{role}@first.example", roles=[role])).get("/finance", follow_redirects=True)
    sign_out = client.post("/logout")
    assert sign_out.status_code in (302, 303)


def answer_forms(company: FlaskClient) -> None:
    """What comes of forms that are sent: questions, conflicts, parts."""
    seller = user_by_email("seller@demo.example")
    company.get(f"/admin/users/{seller.id}/leave")
    company.post("/lists/customer/bulk/archive?at=/customers", data={"all_matching": "1"})
    customer = db.session.scalars(select(Customer)).first()
    company.post(f"/customers/{customer.id}", data={"name": "Another", "version": "0"})
    task = db.session.scalars(select(Activity).where(Activity.kind == "task", Activity.done_at.is_(None))).first()
    row = db.session.scalars(select(StockCountLine).where(StockCountLine.counted.is_(None))).first()
    company.post(
        f"/inventory/counts/{row.count_id}/lines/{row.id}", data={"counted": "1"}, headers=into(f"line_{row.id}")
    )
    for verb in ("finish", "reopen"):
        company.post(f"/customers/activities/{task.id}/{verb}", headers=into(f"task_{task.id}"))
    for deal in db.session.scalars(select(Opportunity).where(Opportunity.status == "open")).all():
        for target in ("won", deal.stage_id):
            for headers in ({}, into("board")):
                company.post(f"/pipeline/opportunities/{deal.id}/stage", data={"stage": target}, headers=headers)
    ticket = db.session.scalars(select(Ticket).where(Ticket.status == "open")).first()
    company.post(f"/service/tickets/{ticket.id}/presence", data={"version": "0"}, headers=into("presence"))
    for target in ("resolved", "waiting_third"):
        company.post(f"/service/queue/board/{ticket.id}?look=state", data={"stage": target}, headers=into("board"))
    lead = db.session.scalars(select(Lead).where(Lead.owner_id.is_(None))).first()
    company.post(f"/pipeline/pool/lead/{lead.id}/claim", headers=into("claimed"))
    rules = {"remind_days": 5, "cool_hours": 1, "extend_days": 9, "most_extensions": 2}  # and not in use any more
    company.post(
        "/pipeline/setup/pool", data={f"{kind}-{k}": v for kind in ("lead", "customer") for k, v in rules.items()}
    )
    company.get("/pipeline/pool")


def into(element: str) -> dict[str, str]:
    """The headers with which htmx asks for what it will put into that element."""
    return {"HX-Request": "true", "HX-Target": f"div#{element}"}


def at_the_door(app: Flask) -> None:
    """Signing in, with all that may be asked on the way."""
    seller, agent = user_by_email("seller@demo.example"), user_by_email("agent@demo.example")
    visitor = app.test_client()
    visitor.get("/login")
    visitor.get(f"/login/reset/{make_token(seller, RESET)}")
    for role in agent.roles:
        role.two_factor = True
    visitor.post("/login", data={"email": agent.email, "password": demo.PASSWORD})
    page = visitor.get("/login/first-code").text
    secret = re.search(r'secret-key">([A-Z2-7 ]+)<', page)[1].replace(" ", "")
    visitor.post("/login/first-code", data={"code": pyotp.TOTP(secret).at(now())})
    visitor.get("/profile/two-factor")
    again = app.test_client()
    again.post("/login", data={"email": agent.email, "password": demo.PASSWORD})
    again.get("/login/code")
