"""With areas switched off nothing of them is left on any page, and everything else works."""

import re
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.exceptions import HTTPException

from erpcrm.access.services import user_by_email
from erpcrm.access.services.roles import standard_role
from erpcrm.core import notifications
from erpcrm.core.actor import acting_as
from erpcrm.core.jobs import Job, enqueue
from erpcrm.core.registry import registry, switch
from erpcrm.customers.models import Customer
from erpcrm.pipeline.models import Lead
from tests import pages
from tests.wizard import Wizard

PLAIN = "/profile"
"""A page with nothing of another area on it but the menu"""


@pytest.fixture
def company(
    app: Flask, client: FlaskClient, sign_in: Callable[..., FlaskClient], demo_company: Callable[..., Any]
) -> FlaskClient:
    admin = demo_company("admin")
    pages.furnish(sign_in(client, admin), app, admin)
    return client


@pytest.mark.long
def test_an_area_that_is_off_is_nowhere(app: Flask, session: Any, company: FlaskClient) -> None:
    """One after the other, from the top: an area that another requires stays on while that one is.

    After each the pages are asked that led to it while it was on, beside one for the menu, and in the end all that are left.
    """
    everywhere = [(endpoint, address) for endpoint, some in pages.addresses(app).items() for address in some]
    menu = {*links_in(company.get(PLAIN))}
    led_to = {
        address: {area_of(app, link) for link in {*links_in(company.get(address))} - menu} for _e, address in everywhere
    }
    optional = [area for area in reversed(registry().areas) if not area.always_on]
    assert len(optional) > 2
    gone: set[str] = set()
    wrong: list[str] = []
    for area in optional:
        switch(area, on=False)
        session.commit()
        now_gone = {blueprint.name for blueprint in area.blueprints}
        gone |= now_gone
        last = area is optional[-1]
        for endpoint, address in everywhere:
            own = endpoint.partition(".")[0]
            if own in now_gone or (own not in gone and (last or address == PLAIN or led_to[address] & now_gone)):
                wrong += ask(app, company, address, gone, is_off=own in gone, without=area.name)
    assert not wrong, "\n".join(wrong)


@pytest.mark.long
def test_an_area_does_without_the_lower_ones_that_it_does_not_require(
    app: Flask, session: Any, company: FlaskClient
) -> None:
    """Service, analytics and marketing read orders and invoices where there are any, and work where nobody keeps them."""
    everywhere = pages.addresses(app)
    without = standing_on("sales")
    switch_off("sales")
    session.commit()
    gone = {blueprint.name for area in without for blueprint in area.blueprints}
    above = {"service", "analytics", "marketing"}
    assert not above & gone
    wrong = [
        fault
        for endpoint, addresses in everywhere.items()
        if endpoint.partition(".")[0] in above
        for address in addresses
        for fault in ask(app, company, address, gone, is_off=False, without="sales")
    ]
    assert not wrong, "\n".join(wrong)


def ask(app: Flask, company: FlaskClient, address: str, gone: set[str], *, is_off: bool, without: str) -> list[str]:
    """What is wrong with a page: it crashes, is there although its area is off, or leads to one that is."""
    answer = company.get(address)
    wrong = []
    if answer.status_code >= 500 or (is_off and answer.status_code != 404):
        wrong.append(f"without {without}: {answer.status_code} {address}")
    told = [link for link in links_in(answer) if area_of(app, link) in gone]
    return wrong + [f"without {without}: {address} leads to {link}" for link in told]


def test_a_role_keeps_what_it_holds_in_an_area_that_is_off(session: Any, company: FlaskClient) -> None:
    role = standard_role("seller")
    role.scopes = {"lead": "team", "customer": "team"}
    session.commit()
    before = set(role.permissions)
    assert {"pipeline.lead.view", "customers.customer.view"} < before
    switch_off("pipeline")
    session.commit()
    page = company.get(f"/admin/roles/{role.id}").text
    assert "pipeline.lead.view" not in page
    form = {"name": "Seller", "scope": "own", "lens": "relationship", "version": role.version}
    sent = form | {"permissions": ["customers.customer.view"], "scope.customer": "all"}
    assert company.post(f"/admin/roles/{role.id}", data=sent).status_code == 303
    kept = {code for code in before if code.partition(".")[0] in {area.name for area in standing_on("pipeline")}}
    assert set(role.permissions) == kept | {"customers.customer.view"}
    assert role.scopes == {"lead": "team", "customer": "all"}


def test_nobody_is_told_of_records_of_an_area_that_is_off(session: Any, company: FlaskClient) -> None:
    user, other = user_by_email("admin@demo.example"), user_by_email("seller@demo.example")
    lead, customer = (session.scalars(select(model)).first() for model in (Lead, Customer))
    notifications.mark_read(user.id)
    with acting_as(other):
        for record, text in ((lead, "About a lead"), (customer, "About a customer"), (None, "About nothing")):
            notifications.notify(user.id, "assigned", text, "/", record=record)
    switch_off("pipeline")
    session.commit()
    with acting_as(user):
        assert notifications.unread_count() == 2
    page = company.get("/notifications").text
    assert "About a customer" in page
    assert "About nothing" in page
    assert "About a lead" not in page
    switch(registry().by_name["pipeline"], on=True)
    session.commit()
    assert "About a lead" in company.get("/notifications").text


def test_a_job_of_core_does_not_work_on_records_of_an_area_that_is_off(
    app: Flask, session: Any, company: FlaskClient, run_jobs: Callable[..., int]
) -> None:
    wizard = Wizard(company, app).upload("company\nAlpha\n", "lead", "leads.csv")
    wizard.columns()
    wizard.post("/start")
    company.post("/lists/lead/export/csv?at=/pipeline/leads")
    user = user_by_email("admin@demo.example")
    chosen = {"ids": [], "values": {}, "at": 0, "changed": 0}
    user.language = "en"
    changing = enqueue("lists.bulk", state={"kind": "lead", "action": "assign"} | chosen, by=user, total=1)
    exporting = enqueue("lists.export", state={"kind": "lead", "query": "", "format": "csv"}, by=user)
    switch_off("pipeline")
    before = session.scalar(select(func.count()).select_from(Lead))
    run_jobs()
    importing = session.scalars(select(Job).where(Job.name == "imports.run").order_by(Job.id.desc())).first()
    for job in (changing, exporting, importing):
        assert (job.status, job.error) == ("failed", "The module Pipeline is off. Switch it on and try again.")
    assert session.scalar(select(func.count()).select_from(Lead)) == before
    assert company.get(f"/imports/{wizard.id}").status_code == 404
    assert company.post("/imports", data={"record_type": "lead"}).status_code == 422


def switch_off(name: str) -> None:
    """And first whatever stands on it."""
    for area in reversed(standing_on(name)):
        switch(area, on=False)


def standing_on(name: str) -> list[Any]:
    """An area and all that need it, themselves or through others."""
    found: list[Any] = []
    for area in registry().areas:
        if area.name == name or {one.name for one in found} & set(area.requires):
            found.append(area)
    return found


def links_in(answer: Any) -> list[str]:
    """The paths that a page leads to, sends forms to or fetches parts from."""
    if answer.mimetype != "text/html":
        return []
    return sorted(set(re.findall(r'(?:href|action|hx-get|hx-post)="(/[^"?#]*)', answer.text)))


@cache
def area_of(app: Flask, path: str) -> str | None:
    """The blueprint that answers at a path, by whatever method."""
    for method in ("GET", "POST"):
        with suppress(HTTPException):
            return app.url_map.bind("localhost").match(path, method)[0].partition(".")[0]
    return None
