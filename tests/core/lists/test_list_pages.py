"""What a user sees of a list: its rows, its parts, its totals, and how many queries that takes."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import text

from erpcrm.core.db import db, session
from erpcrm.core.lists import ListState
from erpcrm.core.lists.listing import Listing
from tests.core.lists.gizmos import Gizmo, kind


def htmx(target, source="a#link"):
    return {"HX-Request": "true", "HX-Target": f"div#{target}", "HX-Source": source}


def test_each_kind_is_shown_as_what_it_is(web, make, anna):
    pump = make(
        "Pump & <Co>",
        email="a@b.example",
        pieces=1234,
        amount=Decimal("1234.5"),
        currency="USD",
        due_on=date(2026, 3, 2),
        ready=True,
        colour="blue",
        tags=["fast"],
        owner_id=anna.id,
    )
    page = web.get("/gizmos").text
    for part in (
        f'<td class="cell-title"><a href="/gizmos/{pump.id}">Pump &amp; &lt;Co&gt;</a></td>',
        '<td data-label="E-mail"><a href="mailto:a@b.example">a@b.example</a></td>',
        '<td class="num" data-label="Pieces">1,234</td>',
        '<td class="num" data-label="Amount">$1,234.50</td>',
        '<td data-label="Due">Mar 2, 2026</td>',
        "✓",
        '<span class="badge tone-blue">Blue</span>',
        '<span class="badge tone-gray">fast</span>',
        '<span class="badge tone-blue">Open</span>',
        f'<a href="/admin/users/{anna.id}">Anna</a>',
    ):
        assert part in page
    assert "Secret" not in page


def test_a_part_holds_the_rows_and_not_the_page(web, make):
    make("Pump")
    response = web.get("/gizmos?q=pump", headers=htmx("results", "form#list_search"))
    assert "Pump" in response.text
    assert "<html" not in response.text
    assert response.headers["HX-Replace-Url"] == "/gizmos?q=pump"
    assert "HX-Push-Url" not in response.headers
    assert "HX-Target" in response.headers["Vary"]


def test_a_link_of_the_list_enters_the_history(web, make):
    make("Pump")
    response = web.get("/gizmos?sort=name", headers=htmx("results"))
    assert response.headers["HX-Push-Url"] == "/gizmos?sort=name"


def test_blank_fields_of_a_form_lead_to_the_clean_address(web):
    response = web.get("/gizmos?q=&amount.min=5&amount.max=&cols=name&cols=amount&sort=")
    assert response.status_code == 302
    assert response.location == "/gizmos?amount.min=5&cols=name,amount"


def test_a_picker_without_a_script_is_resolved_by_name(web, anna):
    assert web.get("/gizmos?owner=&owner_text=anna").location == f"/gizmos?owner={anna.id}"
    wrong = web.get(web.get("/gizmos?owner=&owner_text=nobody").location)
    assert "not yours to see" in wrong.text


def test_chosen_columns_are_shown_in_their_order(web, make):
    make("Pump", amount=Decimal(1), currency="CNY")
    head = web.get("/gizmos?cols=amount,name,secret,nonsense").text.split("<thead>")[1].split("</thead>")[0]
    assert head.index("Amount") < head.index("Name")
    assert "Status" not in head
    assert "Secret" not in head


def test_totals_are_summed_by_currency_over_everything_that_matches(web, make):
    for number in range(60):
        make(f"n{number}", pieces=2, amount=Decimal("0.1"), currency="USD" if number % 3 else "CNY")
    make("no currency", amount=Decimal("0.1"))
    make("other", status="archived", amount=Decimal(100), currency="CNY")
    page = web.get("/gizmos", headers=htmx("totals")).text
    assert "<html" not in page
    assert "61 in all" in page
    assert "CN¥2.10" in page  # 20 of 0.1, and the one in the company's currency
    assert "$4.00" in page
    assert ">120<" in page


def test_totals_stay_within_the_scope(client, sign_in, person, make):
    ben = person("Ben", scope="own")
    make("Ben's", pieces=1, owner_id=ben.id)
    make("Other", pieces=10)
    page = sign_in(client, ben).get("/gizmos?totals=1").text
    assert "1 in all" in page
    assert "11" not in page.split("<tfoot")[1].split("</tfoot>")[0]


def test_an_empty_list_says_what_to_do_and_a_narrow_one_how_to_widen_it(web, make):
    assert "Nothing here yet" in web.get("/gizmos").text
    make("Pump")
    page = web.get("/gizmos?colour=blue").text
    assert "Nothing matches" in page
    assert 'href="/gizmos?view=all"' in page
    assert "past the end" in web.get("/gizmos?page=9").text


def test_a_list_about_something_shows_only_that_and_is_not_exported_or_taken_as_a_whole(web, make):
    make("Rose", colour="red")
    make("Sky", colour="blue")
    page = web.get("/gizmos/red").text
    assert "Rose" in page
    assert "Sky" not in page
    assert "/lists/gizmo/export" not in page
    assert "all_matching" not in page


def test_without_the_permission_there_is_no_list(client, sign_in, person):
    stranger = sign_in(client, person("Eve", may=[]))
    assert stranger.get("/gizmos").status_code == 403
    assert stranger.get("/lists/gizmo/filter/colour?at=/gizmos").status_code == 403
    assert stranger.post("/lists/gizmo/export/csv?at=/gizmos").status_code == 403
    assert stranger.post("/lists/gizmo/bulk/paint?at=/gizmos", data={"ids": "1"}).status_code == 403


@pytest.mark.parametrize(
    "column", ["name", "email", "pieces", "amount", "due", "seen", "ready", "colour", "tags", "status", "owner"]
)
def test_every_filter_has_a_dialog_that_keeps_the_rest(web, column):
    response = web.get(f"/lists/gizmo/filter/{column}?at=/gizmos&q=pu&sort=name", headers=htmx("dialog_body"))
    assert response.status_code == 200
    assert "<html" not in response.text
    assert '<input type="hidden" name="q" value="pu">' in response.text
    assert 'action="/gizmos"' in response.text


def test_a_filter_dialog_shows_what_is_filtered_now(web, anna):
    page = web.get(f"/lists/gizmo/filter/owner?at=/gizmos&owner=me&owner={anna.id}").text
    assert 'value="me" checked' in page
    assert f'value="{anna.id}" checked' in page
    assert 'value="5"' in web.get("/lists/gizmo/filter/pieces?at=/gizmos&pieces.min=5").text


@pytest.mark.parametrize(
    "at", ["", "https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_a_dialog_leads_back_to_this_site_only(web, at):
    assert web.get("/lists/gizmo/columns", query_string={"at": at}).status_code == 404


def test_a_part_takes_the_same_few_queries_for_ten_rows_and_for_a_thousand(web, make, anna, statements):
    def count(query):
        web.get(f"/gizmos?{query}", headers=htmx("results"))
        with statements() as seen:
            assert web.get(f"/gizmos?{query}", headers=htmx("results")).status_code == 200
        return len(seen)

    for number in range(10):
        make(f"n{number}", owner_id=anna.id, tags=["a"])
    few = [count("colour=&sort=name"), count("owner=me&sort=-amount"), count("q=n")]
    session.add_all([Gizmo(name=f"m{number}", owner_id=anna.id) for number in range(990)])
    session.flush()
    many = [count("colour=&sort=name"), count("owner=me&sort=-amount"), count("q=n")]
    # The user, the user's roles, the settings; then the rows, and from the second page on how many there are.
    assert max(few) <= 5
    assert max(many) <= 5


INDEXES = {
    "name": "INDEX ix_test_gizmos_name_id",
    "-name": "INDEX ix_test_gizmos_name_id",
    "amount": "INDEX ix_test_gizmos_amount_id",
    "-amount": "INDEX ix_test_gizmos_amount_id",
    "due": "INDEX ix_test_gizmos_due_on_id",
}


@pytest.mark.parametrize("sort", INDEXES)
def test_an_order_is_read_from_its_index(app, anna, sort):
    if db.engine.dialect.name != "sqlite":
        pytest.skip("the plan is SQLite's")
    with app.test_request_context():
        state = ListState.read(kind, [("sort", sort), ("cols", "name,owner")], path="/gizmos", actor=anna)
        page = Listing(state).page_query().params(state.window.values)
        query = page.compile(db.engine, compile_kwargs={"literal_binds": True})
    plan = [row[3] for row in session.execute(text(f"EXPLAIN QUERY PLAN {query}"))]
    *reads, cells = [line for line in plan if "test_gizmos" in line]
    assert all(INDEXES[sort] in line or INDEXES[sort].replace("INDEX", "COVERING INDEX") in line for line in reads), (
        plan
    )
    assert "USING INTEGER PRIMARY KEY" in cells


def test_columns_may_be_called_like_parts_of_an_address(web, make):
    """Filters travel through every tool of the list, whatever their columns are called."""
    make("Pump", currency="CNY")
    for query in ("kind=CNY", "view=red&kind=CNY", "name=Pump", "kind=CNY&name=Pump&colour.empty=1"):
        page = web.get(f"/gizmos?{query}")
        assert page.status_code == 200
        assert "Pump" in page.text
        assert web.get(f"/lists/gizmo/filter/kind?at=/gizmos&{query}").status_code == 200
        assert web.get(f"/lists/gizmo/views?at=/gizmos&{query}").status_code == 200
        assert web.post(f"/lists/gizmo/export/csv?at=/gizmos&{query}").text.count("Pump") == 1
