"""Every page takes a bounded number of queries, with ten rows and with a thousand: none asks once a row."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from erpcrm.access.services import user_by_email
from erpcrm.core.db import db
from erpcrm.core.registry import registry
from tests import pages
from tests.benchmarks.filling import people, populate
from tests.core.crowd import crowd

ALWAYS = 3
"""Settings, the user with roles, and on whole pages the bell."""
PAGES = {
    "/": 20,
    "/customers": ALWAYS + 6,
    "/customers?q=mar&sort=name": ALWAYS + 6,
    "/customers?page=3": ALWAYS + 6,
    "/customers?totals=1": ALWAYS + 7,
    "/customers?status=active&owner=me&industry=manufacturing&tags=VIP": ALWAYS + 8,
    "/customers/5": ALWAYS + 21,
    "/customers/5?lens=operations": ALWAYS + 24,
    "/customers/5/edit": ALWAYS + 8,
    "/customers/new": ALWAYS + 6,
    "/customers/contacts": ALWAYS + 6,
    "/customers/contacts/5": ALWAYS + 18,
    "/customers/activities": ALWAYS + 7,
    "/my-day": ALWAYS + 16,
    "/timeline/customer/5": ALWAYS + 13,
    "/pipeline/leads": ALWAYS + 6,
    "/pipeline/opportunities": ALWAYS + 8,
    "/pipeline/opportunities/5": ALWAYS + 28,
    "/pipeline/board": ALWAYS + 8,
    "/pipeline/board?q=mar&owner=me": ALWAYS + 9,
    "/pipeline/board/sums": ALWAYS + 6,
    "/catalog/products": ALWAYS + 6,
    "/admin/users": ALWAYS + 7,
    "/admin/roles": ALWAYS + 6,
    "/admin/teams": ALWAYS + 6,
    "/admin/audit": ALWAYS + 8,
    "/jobs": ALWAYS + 8,
    "/imports": ALWAYS + 6,
    "/notifications": ALWAYS + 4,
}
USUAL = 12
MORE = {
    "access.leave": 16,  # what is theirs: one query a type of record
    "access.user": 16,
    "trail.audit": 40,  # names of records: one query a type of record
    "credit.application": 22,
    "customers.customer": 25,
    "customers.contact": 18,
    "customers.compare": 41,  # what points at either: one query a table
    "customers.my_day": 22,
    "customers.timeline": 20,
    "finance.finance": 22,
    "inventory.delivery": 19,  # what comes next is asked of finance
    "marketing.audience": 19,  # who gets it and why not, the targets, and what may be added
    "marketing.preview": 17,  # the first of the audience who would get it
    "inventory.return_page": 15,
    "service.complaint": 24,
    "service.queue": 17,
    "service.survey_results": 20,  # a page of figures: one query a part
    "service.ticket": 13,
    "pipeline.opportunity": 39,
    "sales.contract": 23,
    "sales.edit_order": 14,
    "sales.edit_quotation": 14,
    "sales.order": 38,
    "sales.quotation": 32,
}
"""Pages that put together what several areas know may ask more than the usual one."""
USERS = ("admin@demo.example", "manager@demo.example", "seller@demo.example")


def of_a_search() -> int:
    """By words and by number, once a type of record that has words; names of others that some add; the page around it."""
    return 2 * sum(1 for kind in registry().record_types.values() if kind.search is not None) + 4


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that run within, but for those that begin a transaction."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN", "SAVEPOINT", "RELEASE")):
            seen.append(" ".join(statement.split()))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("rows", [10, 1000])
def test_pages_take_a_bounded_number_of_queries(
    app: Flask, session: Any, client: FlaskClient, sign_in: Callable[..., FlaskClient], rows: int
) -> None:
    populate(
        session.connection(),
        people(),
        {"customers": rows, "contacts": 3 * rows, "opportunities": 2 * rows, "activities": 10 * rows},
    )
    session.commit()
    too_many = []
    for email in USERS:
        sign_in(client, user_by_email(email))
        for path, most in {**PAGES, "/search?q=mar": ALWAYS + of_a_search()}.items():
            client.get(path)  # what is kept in the process is there from now on
            with counted() as statements:
                answer = client.get(path)
            if email == USERS[0]:
                assert answer.status_code in (200, 302, 303), f"{path}: {answer.status_code}"
            if len(statements) > most:
                too_many.append("\n  ".join([f"{email} {path}: {len(statements)} > {most}", *statements]))
    assert not too_many, "\n".join(too_many)


@pytest.mark.long
def test_no_page_takes_more_queries_because_there_is_more(
    app: Flask, client: FlaskClient, sign_in: Callable[..., FlaskClient], demo_company: Callable[..., Any]
) -> None:
    """With ten rows and with a thousand. The list is that of the routes, so that a new page is counted from its first day."""
    admin = demo_company("admin")
    pages.furnish(sign_in(client, admin), app, admin)
    client.post("/lists/customer/views?at=/customers", data={"name": "Mine", "shared": "own"})
    everywhere = [(endpoint, address) for endpoint, some in pages.addresses(app).items() for address in some]
    crowd(10)
    for _endpoint, address in everywhere:
        client.get(address)  # what is kept in the process is there from now on
    too_many = []
    more = MORE | {"core.search": of_a_search()}
    for rows in (10, 1000):
        if rows > 10:
            crowd(rows, there=10)
        for endpoint, address in everywhere:
            with counted() as statements:
                client.get(address)
            most = ALWAYS + more.get(endpoint, USUAL)
            if len(statements) > most:
                too_many.append("\n  ".join([f"{rows} rows: {address}: {len(statements)} > {most}", *statements]))
    assert not too_many, "\n".join(too_many)


def test_a_query_for_each_row_is_noticed(app: Flask, session: Any) -> None:
    with counted() as statements:
        for number in range(5):
            session.connection().exec_driver_sql(f"SELECT {number}")
    assert len(statements) == 5
