"""Whatever an address or a form holds: the answer is a page, a refusal or "not there", and never a crash."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.routing import Rule

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
def boss(client: FlaskClient, sign_in: Any, demo_company: Callable[[str], User]) -> FlaskClient:
    """The administrator of a company in which every kind of record is there."""
    return sign_in(client, demo_company("admin"))


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
    """Every address with a ninth of the values, each value with a ninth of the addresses."""
    paths = (
        f"{filled(rule, '1', 'customer')}?{urlencode([(name, value) for name in NAMES])}"
        for turn, rule in enumerate(rules(app, "GET"))
        for value in NASTY[turn % 9 :: 9]
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
    """Every list with a third of the values, each value with a third of the lists."""
    known = set(app.view_functions)
    few = 3 * len(OPERATORS)
    paths = (
        f"{app.url_map.bind('').build(kind.list_endpoint)}?{asked}"
        for place, kind in enumerate(registry().record_types.values())
        if kind.list_endpoint in known and len(kind.columns) > 2
        for turn, operator in enumerate(OPERATORS)
        for value in NASTY[(turn + place) % few :: few]
        for asked in (
            urlencode({f"{column.name}{operator}": value for column in kind.columns}),
            urlencode({"sort": next((c.name for c in kind.columns if c.sortable), ""), "after": value}),
        )
    )
    assert crashes(boss, paths) == []


PAGES = (
    "/customers/new", "/customers/1", "/customers/1/edit", "/customers/1/archive", "/customers/1/addresses/new",
    "/customers/1/contacts/link", "/customers/contacts/new", "/customers/contacts/1", "/customers/contacts/1/edit",
    "/customers/contacts/1/customers/link", "/customers/activities/1/edit", "/customers/merge/customer?winner=1&loser=2",
    "/customers/duplicates", "/catalog/products/new", "/catalog/products/1", "/catalog/products/1/edit",
    "/company/profile", "/company/hours", "/company/currencies", "/admin/users/new", "/admin/users/2/edit",
    "/admin/users/2/leave", "/admin/roles/new", "/admin/roles/2", "/admin/teams/new", "/admin/teams/1/edit",
    "/admin/fields/new/customer", "/admin/options/customer.industry", "/profile", "/notifications/settings",
    "/files?record_type=customer&record_id=1", "/lists/customer/views?at=/customers", "/imports/new",
    "/pipeline/leads/new", "/pipeline/leads/1", "/pipeline/leads/1/edit", "/pipeline/leads/1/convert",
    "/pipeline/opportunities/new", "/pipeline/opportunities/1", "/pipeline/opportunities/1/edit", "/pipeline/board",
)  # fmt: skip
LOSING = re.compile(r"logout|sign-out|modules|deactivate|password|two-factor|/delete|/setup|/language")
TYPED = (
    "",
    "²",
    "-1",
    "1e400",
    "NaN",
    BIG,
    "0001-01-01",
    "9999-12-31",
    "a\x00b",
    "'\"><b>",
    "\u202e\U0001f600",
    "x" * 6000,
)


def forms_of(html: str) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """(action, fields) of the forms of a page that change something."""
    for head, body in re.findall(r"(?s)<form\b([^>]*)>(.*?)</form>", html):
        action = re.search(r'action="([^"]+)"', head)
        if 'method="post"' not in head or action is None or LOSING.search(action[1]):
            continue
        fields = [(name, "") for name in re.findall(r'<(?:textarea|select)\b[^>]*?\sname="([^"]+)"', body)]
        for tag in re.findall(r"<input\b[^>]*>", body):
            name, value = re.search(r'\sname="([^"]+)"', tag), re.search(r'\svalue="([^"]*)"', tag)
            if name and name[1] not in ("csrf_token", "_key") and 'type="file"' not in tag:
                fields.append((name[1], value[1] if value else ""))
        yield action[1].replace("&amp;", "&"), fields


def test_no_field_of_a_form_crashes(boss: FlaskClient) -> None:
    """Every field with one of the values, each value with a twelfth of the fields; the others as the page has them."""
    known: dict[str, list[tuple[str, str]]] = {}
    for path in PAGES:
        answer = boss.get(path, follow_redirects=True)
        assert answer.status_code in (200, 404), (path, answer.status_code)
        known |= {action: fields for action, fields in forms_of(answer.text) if fields}
    assert len(known) > 60
    found = []
    for turn, (action, fields) in enumerate(known.items()):
        for place in range(len(fields)):
            value = TYPED[(turn + place) % len(TYPED)]
            sent = [*fields[:place], (fields[place][0], value), *fields[place + 1 :]]
            answer = boss.post(action, data=MultiDict(sent))
            if answer.status_code >= 500:
                found.append(f"{answer.status_code} {action} {fields[place][0]}={value[:20]!r}")
            answer.close()
    assert found == []
