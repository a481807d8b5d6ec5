"""Paging shows every row once, in order, forwards and backwards, with rows that have nothing to sort by at the end."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from flask import request

from erpcrm.core.db import session
from erpcrm.core.lists import ListState
from erpcrm.core.lists.listing import Listing
from tests.core.lists.gizmos import Gizmo, kind


@pytest.fixture
def gizmos(app, monkeypatch):
    """Forty rows on pages of seven: the size of a page is a number, not a rule."""
    for module in ("paging", "state", "listing"):
        monkeypatch.setattr(f"erpcrm.core.lists.{module}.PAGE_SIZE", 7)
    rows = [
        Gizmo(
            name=f"n{number % 5}",
            amount=None if number % 4 == 0 else Decimal(number % 3),
            due_on=date(2026, 1, 1 + number % 6) if number % 7 else None,
        )
        for number in range(40)
    ]
    session.add_all(rows)
    session.flush()
    return rows


@dataclass
class Page:
    ids: list
    next: str | None
    previous: str | None
    first: int
    last: int
    count: str


@pytest.fixture
def turn(app):
    """`turn(url)`: the page at that address."""

    def turn(url):
        with app.test_request_context(url):
            shown = Listing(ListState.read(kind, request.args.items(multi=True), path="/gizmos"))
            ids = [row.id for row in shown.rows]
            return Page(ids, shown.next_url, shown.previous_url, shown.first, shown.last, shown.count_text)

    return turn


def expected(rows, sort):
    name = {"name": "name", "amount": "amount", "due": "due_on", "created": "id"}[sort.removeprefix("-")]
    down = sort.startswith("-")
    full = [row for row in rows if getattr(row, name) is not None]
    empty = [row for row in rows if getattr(row, name) is None]
    full.sort(key=lambda row: (getattr(row, name), row.id), reverse=down)
    empty.sort(key=lambda row: row.id, reverse=down)
    return [row.id for row in full + empty]


SORTS = ["name", "-name", "amount", "-amount", "due", "-due", "created", "-created"]


@pytest.mark.parametrize("sort", SORTS)
def test_going_on_shows_every_row_once_and_going_back_the_same_pages(gizmos, turn, sort):
    wanted = expected(gizmos, sort)
    url, pages = f"/gizmos?sort={sort}", []
    while url:
        pages.append(turn(url))
        url = pages[-1].next
    assert [id for page in pages for id in page.ids] == wanted
    assert [(page.first, page.last) for page in pages] == [(1, 7), (8, 14), (15, 21), (22, 28), (29, 35), (36, 40)]
    here, back = pages[-1], []
    while here.previous:
        here = turn(here.previous)
        back.append(here.ids)
    assert back == [page.ids for page in reversed(pages[:-1])]


@pytest.mark.parametrize("sort", SORTS)
def test_a_page_is_the_same_by_its_number(gizmos, turn, sort):
    wanted = expected(gizmos, sort)
    assert turn(f"/gizmos?sort={sort}&page=5").ids == wanted[28:35]
    assert turn(f"/gizmos?sort={sort}&page=6").ids == wanted[35:]
    assert turn(f"/gizmos?sort={sort}&page=7").ids == []


@pytest.mark.parametrize("sort", SORTS)
def test_an_export_has_the_order_of_the_screen(gizmos, app, sort):
    query = ListState.read(kind, [("sort", sort)], path="/gizmos").query()
    assert [row[0] for row in session.execute(query)] == expected(gizmos, sort)


def test_a_row_that_is_added_meanwhile_shifts_nothing(gizmos, turn, make):
    first = turn("/gizmos?sort=name")
    make("a comes before all")
    assert turn(first.next).ids == expected(gizmos, "name")[7:14]


def test_a_row_that_is_deleted_meanwhile_skips_nothing(gizmos, turn):
    first = turn("/gizmos?sort=name")
    wanted = expected(gizmos, "name")
    session.delete(next(row for row in gizmos if row.id == wanted[6]))
    session.flush()
    assert turn(first.next).ids == wanted[7:14]


@pytest.mark.parametrize("after", ["x", "W10", "WyJhIl0", "WyJhIiwiYiJd", "W251bGwsMV0", "bnVsbA", "é", "W3t9LDFd"])
def test_a_cursor_that_somebody_made_up_does_no_harm(gizmos, turn, after):
    for sort in ("name", "amount", "due", "created"):
        assert turn(f"/gizmos?sort={sort}&after={after}").ids == expected(gizmos, sort)[:7] or after == "W251bGwsMV0"


@pytest.mark.parametrize("page", ["0", "-1", "abc", "99999999999", "1.5"])
def test_a_page_number_that_makes_no_sense_does_no_harm(gizmos, turn, page):
    assert turn(f"/gizmos?page={page}").count == "40"


def test_a_column_without_an_index_is_not_sorted_by(gizmos, turn):
    assert turn("/gizmos?sort=pieces").ids == expected(gizmos, "-created")[:7]


def test_beyond_five_hundred_the_list_does_not_count(app, turn):
    session.add_all([Gizmo(name=f"n{number:04}") for number in range(501)])
    session.flush()
    assert turn("/gizmos").count == "500+"
