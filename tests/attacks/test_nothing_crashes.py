"""Whatever an address or a form holds: the answer is a page, a refusal or "not there", and never a crash."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from erpcrm import demo
from erpcrm.access.models import User
from erpcrm.core.lists.columns import columns_for
from erpcrm.core.lists.paging import Cursor, Order, decode, encode
from erpcrm.core.registry import registry

BIG = "9" * 30
NASTY = (
    "",
    "0",
    "-1",
    "²",
    "٣",
    "1e400",
    "NaN",
    "Infinity",
    str(2**31),
    str(2**63),
    BIG,
    "9" * 5000,
    "0001-01-01",
    "9999-12-31",
    "2026-02-30",
    "a\x00b",
    "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
    "\u202eevil\u200b",
    "'\"><script>alert(1)</script>",
    "%' OR 1=1 --",
    '"AND NEAR( * ) OR - col:x',
    "a & !b | (c <-> d):*",
    "//[",
    "//\u2100",
    "/\n/evil.example",
    "x" * 3000,
    "W1tbW1tb" * 250,  # a cursor of nothing but opening brackets
    "WzEsSW5maW5pdHld",  # [1,Infinity]
    "WyIyMDI2LTAxLTAxIiwxXQ",  # ["2026-01-01",1], a moment without a zone
    "WyJOYU4iLDFd",  # ["NaN",1]
    "Wzk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5LDFd",  # [99999999999999999999999,1]
    "WyJhXHUwMDAwYiIsMV0",  # ["a\\u0000b",1]
)
NAMES = (
    "q", "page", "sort", "after", "before", "cols", "at", "kind", "record_type", "record_id", "tab", "show", "lens",
    "winner", "loser", "customer", "customer_id", "parent_id", "name", "phone", "email", "website", "tax_number", "but",
    "user", "permission", "record", "action", "since", "until", "like", "removed", "value", "month", "pipeline", "stage",
    "currency", "owner", "close", "header", "sheet", "encoding", "delimiter", "status", "next", "locale", "contact",
    "product", "opportunity", "lead", "all", "routine", "dismissed", "totals", "other", "id", "column", "by",
)  # fmt: skip
OPERATORS = ("", ".min", ".max", ".has", ".empty", "_text")


@pytest.fixture
def admin_of_the_demo(app: Flask, session: Any) -> User:
    """A company in which every kind of record is there."""
    world = demo.fill()
    return world.users["admin"]


@pytest.fixture
def boss(client: FlaskClient, sign_in: Any, admin_of_the_demo: User) -> FlaskClient:
    return sign_in(client, admin_of_the_demo)


def rules(app: Flask, method: str) -> Iterator[Rule]:
    for rule in app.url_map.iter_rules():
        if method in (rule.methods or ()) and rule.endpoint != "static":
            yield rule


def filled(rule: Rule, number: str, text: str) -> str:
    """The rule's path with something in each of its places."""
    kind = "customer" if "<kind>" in rule.rule or "<record_type>" in rule.rule else text
    path = re.sub(r"<int:\w+>", number, rule.rule)
    path = re.sub(r"<any\((\w+)[^>]*>", r"\1", path)
    path = re.sub(r"<(kind|record_type)>", kind, path)
    return re.sub(r"<(?:\w+:)?\w+>", quote(text, safe=""), path)


def crashes(client: FlaskClient, paths: Iterator[str]) -> list[str]:
    found = []
    for path in dict.fromkeys(paths):
        answer = client.get(path)
        if answer.status_code >= 500:
            found.append(f"{answer.status_code} {path[:200]}")
        answer.close()
    return found


def test_no_place_in_a_path_crashes(app: Flask, boss: FlaskClient) -> None:
    paths = (
        filled(rule, number, text)
        for rule in rules(app, "GET")
        for number, text in (
            ("1", "customer"),
            ("0", "²"),
            (str(2**31), "a\x00b"),
            (str(2**63), "nonsense"),
            (BIG, "%FF"),
            ("1", BIG),
        )
    )
    assert crashes(boss, paths) == []


def test_no_parameter_crashes(app: Flask, boss: FlaskClient) -> None:
    paths = (
        f"{filled(rule, '1', 'customer')}?{urlencode([(name, value) for name in NAMES])}"
        for rule in rules(app, "GET")
        for value in NASTY
    )
    assert crashes(boss, paths) == []


def test_the_next_page_of_every_order_is_there(app: Flask, boss: FlaskClient, session: Any) -> None:
    """The last row of a page is written into the address, and read out of it as what it was."""
    for kind in registry().record_types.values():
        for column in columns_for(kind, None).values():
            if not column.sortable:
                continue
            order = Order(kind, column, descending=True)
            for record_id, key in session.execute(order.select_ids().limit(5)):
                cursor = Cursor(key, record_id)
                assert decode(encode(cursor), order) == cursor, (kind.name, column.name)


def test_no_filter_of_a_list_crashes(app: Flask, boss: FlaskClient) -> None:
    known = set(app.view_functions)
    paths = (
        f"{app.url_map.bind('').build(kind.list_endpoint)}?{asked}"
        for kind in registry().record_types.values()
        if kind.list_endpoint in known and len(kind.columns) > 2
        for operator in OPERATORS
        for value in NASTY
        for asked in (
            urlencode({f"{column.name}{operator}": value for column in kind.columns}),
            urlencode({"sort": next((c.name for c in kind.columns if c.sortable), ""), "after": value}),
        )
    )
    assert crashes(boss, paths) == []
