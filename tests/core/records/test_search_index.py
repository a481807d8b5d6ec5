"""The index follows the records, and answers within what the user may see."""

import html
import re

import pytest
from sqlalchemy import delete, event, insert, select, update

from erpcrm.core.actor import acting_as
from erpcrm.core.db import db, session
from erpcrm.core.registry import record_type
from erpcrm.core.search import SearchEntry, forget, matching, matching_ids, newest_hits, reindex
from erpcrm.core.settings import save_setting
from tests.core.records.gadgets import Gadget, Knob


def found(text):
    return set(session.scalars(select(Gadget.name).where(matching("gadget", text))))


@pytest.fixture
def gadgets(app):
    rows = [
        Gadget(name="深圳华为技术有限公司", code="G-001", phone="0755-28780808", email="info@huawei.com"),
        Gadget(name="Shanghai Pumps Ltd", code="G-002", phone="+86 138 1234 5678"),
        Gadget(name="单晓明", reading="shàn", code="G-003"),
    ]
    session.add_all(rows)
    session.flush()
    return rows


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("hwjs", {"深圳华为技术有限公司"}),
        ("华为", {"深圳华为技术有限公司"}),
        ("pump sh", {"Shanghai Pumps Ltd"}),
        ("sxm", {"单晓明"}),
        ("g-00", {"深圳华为技术有限公司", "Shanghai Pumps Ltd", "单晓明"}),
        ("2878", {"深圳华为技术有限公司"}),
        ("1381234", {"Shanghai Pumps Ltd"}),
        ("info@huawei", {"深圳华为技术有限公司"}),
        ("huawei pumps", set()),
        ("  ", {"深圳华为技术有限公司", "Shanghai Pumps Ltd", "单晓明"}),
        ("?!", set()),
    ],
)
def test_records_are_found_by_what_people_type(gadgets, text, names):
    assert found(text) == names


@pytest.mark.parametrize(
    "text",
    [
        '"',
        "'",
        "a OR b",
        "NEAR(a b)",
        "pump*",
        'pump" OR "x',
        "words : pump",
        "^pump",
        "pump & !x",
        "a:*|b",
        "\\",
        "%",
        "\x00",
    ],
)
def test_nothing_that_is_typed_is_taken_as_the_index_s_own_language(gadgets, text):
    assert found(text) <= {"Shanghai Pumps Ltd"}


def test_a_change_is_found_at_once_and_the_old_name_no_more(gadgets):
    gadgets[1].name = "北京水泵厂"
    session.flush()
    assert found("sb") == {"北京水泵厂"}
    assert found("pumps") == set()


def test_a_deleted_record_leaves_the_index(gadgets):
    session.delete(gadgets[0])
    session.flush()
    assert found("huawei") == set()
    assert session.scalar(select(SearchEntry).where(SearchEntry.title == "深圳华为技术有限公司")) is None


def test_a_part_of_the_record_renews_its_entry(gadgets):
    knob = Knob(gadget_id=gadgets[1].id, label="Volume")
    session.add(knob)
    session.flush()
    assert found("volume") == {"Shanghai Pumps Ltd"}
    session.delete(knob)
    session.flush()
    assert found("volume") == set()


def test_what_a_rollback_undoes_is_not_found(app):
    session.add(Gadget(name="Ghost"))
    session.flush()
    session.rollback()
    assert found("ghost") == set()


def test_a_thousand_records_in_one_flush_are_indexed_by_one_statement(app):
    statements = []
    event.listen(db.engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    session.add_all([Gadget(name=f"水泵{number}") for number in range(1000)])
    session.flush()
    assert len([statement for statement in statements if "search_entries" in statement]) <= 2
    assert len(found("shuibeng")) == 1000


def test_the_newest_matches_come_first_and_from_any_row_on_in_both_directions(app):
    rows = [Gadget(name=f"Pump {number}", code=str(number % 2)) for number in range(20)]
    session.add_all(rows)
    session.flush()
    ids = [row.id for row in rows]

    def page(**options):
        return session.scalars(matching_ids("gadget", "pump", **options).limit(3)).all()

    assert page() == [ids[19], ids[18], ids[17]]
    assert page(before=ids[18]) == [ids[17], ids[16], ids[15]]
    assert page(after=ids[16]) == [ids[17], ids[18], ids[19]]
    assert page(where=[Gadget.code == "1"]) == [ids[19], ids[17], ids[15]]
    assert session.scalars(matching_ids("gadget", "?!")).all() == []


@pytest.mark.parametrize("query", ["q=pump", "q=sb", "q=水泵"])
def test_a_searched_list_leads_through_all_matches_and_back(client, sign_in, person, query):
    session.add_all([Gadget(name=f"水泵 Pump {number:03}") for number in range(120)])
    session.add_all([Gadget(name=f"Valve {number}") for number in range(20)])
    sign_in(client, person("gadgets.gadget.view"))

    def names(address):
        page = client.get(address).text
        return page, re.findall(r">水泵 Pump (\d+)</a>", page)

    def link(page, rel):
        return html.unescape(re.search(rf'href="([^"]*)"[^>]*rel="{rel}"|rel="{rel}"[^>]*href="([^"]*)"', page)[1])

    first, one = names(f"/gadgets?{query}")
    second, two = names(link(first, "next"))
    third, three = names(link(second, "next"))
    assert one + two + three == [f"{number:03}" for number in range(119, -1, -1)]
    _back, again = names(link(third, "prev"))
    assert again == two
    assert ">120<" in first or " 120" in first
    assert "Valve" not in first + second + third


def test_reindexing_repairs_what_statements_did_behind_its_back(gadgets):
    session.execute(update(Gadget).where(Gadget.id == gadgets[0].id).values(name="Renamed"))
    session.execute(insert(Gadget), [{"name": "Written past the session", "version": 1}])
    session.execute(delete(Gadget).where(Gadget.id == gadgets[2].id))
    session.expire_all()
    assert reindex(record_type("gadget")) == 3
    assert found("renamed") == {"Renamed"}
    assert found("past") == {"Written past the session"}
    assert found("sxm") == set()
    assert session.scalar(select(SearchEntry.id).where(SearchEntry.title == "单晓明")) is None


def test_only_the_named_records_are_reindexed_or_forgotten(gadgets):
    session.execute(update(Gadget).values(name="Renamed"))
    session.expire_all()
    assert reindex(record_type("gadget"), [gadgets[0].id]) == 1
    assert session.scalars(select(Gadget.id).where(matching("gadget", "renamed"))).all() == [gadgets[0].id]
    forget(record_type("gadget"), [gadgets[0].id])
    assert session.scalars(select(Gadget.id).where(matching("gadget", "renamed"))).all() == []


def test_the_command_writes_the_index_anew(app, gadgets):
    session.execute(delete(SearchEntry))
    session.commit()
    result = app.test_cli_runner().invoke(args=["reindex", "gadget"])
    assert result.output == "gadget: 3\n"
    assert found("pumps") == {"Shanghai Pumps Ltd"}
    assert app.test_cli_runner().invoke(args=["reindex", "nothing"]).exit_code == 2


def test_an_exact_code_comes_first_then_titles_that_begin_with_the_text(app, person):
    session.add_all(
        [Gadget(name="Pump", code="X1"), Gadget(name="Old pump X1"), Gadget(name="X1 pump"), Gadget(name="New pump X1")]
    )
    session.flush()
    with acting_as(person("gadgets.gadget.view")) as _who:
        hits = newest_hits(record_type("gadget"), "x1", actor=None, limit=3)
    assert [hit.title for hit in hits] == ["Pump", "X1 pump", "New pump X1"]


def test_the_palette_shows_groups_with_links_and_what_can_be_created(client, sign_in, person, gadgets):
    sign_in(client, person("gadgets.gadget.view", "gadgets.gadget.edit"))
    part = client.get("/search?q=g-00", headers={"HX-Request": "true", "HX-Target": "div#palette_list"}).text
    assert part.count('role="option"') == 3
    assert f'href="/gadgets/{gadgets[0].id}"' in part
    assert "<html" not in part
    blank = client.get("/search?q=", headers={"HX-Request": "true", "HX-Target": "div#palette_list"}).text
    assert "New gadget" in blank
    assert "/gadgets" in blank


def test_without_a_script_the_search_is_a_page(client, sign_in, person, gadgets):
    sign_in(client, person("gadgets.gadget.view"))
    whole = client.get("/search?q=hwjs").text
    assert "<html" in whole
    assert "深圳华为技术有限公司" in whole
    assert "New gadget" not in whole


def test_more_than_six_lead_to_the_list(client, sign_in, person):
    session.add_all([Gadget(name=f"Pump {number}") for number in range(7)])
    sign_in(client, person("gadgets.gadget.view"))
    whole = client.get("/search?q=pump").text
    assert 'href="/gadgets?q=pump"' in whole
    assert whole.count('href="/gadgets/') == 6


def test_nobody_finds_records_of_a_colleague_outside_the_scope(client, sign_in, person):
    me, colleague = person("gadgets.gadget.view", scope="own", name="Me"), person(name="Colleague")
    session.add_all([Gadget(name="Mine pump", owner_id=me.id), Gadget(name="Their pump", owner_id=colleague.id)])
    sign_in(client, me)
    assert "Mine pump" in client.get("/search?q=pump").text
    assert "Their pump" not in client.get("/search?q=pump").text
    assert "Their pump" not in client.get("/pick/gadget?q=pump").text
    assert "Their pump" not in client.get("/pick/gadget").text


def test_without_permission_a_type_is_neither_searched_nor_picked(client, sign_in, person, gadgets):
    sign_in(client, person())
    assert "华为" not in client.get("/search?q=hwjs").text
    assert client.get("/pick/gadget?q=hwjs").status_code == 403


def test_a_type_of_an_area_that_is_off_is_not_there(client, sign_in, person, gadgets, app):
    sign_in(client, person("gadgets.gadget.view"))
    save_setting("modules_off", ["gadgets"])
    assert "华为" not in client.get("/search?q=hwjs").text
    assert client.get("/pick/gadget?q=hwjs").status_code == 404
    assert client.get("/pick/unknown").status_code == 404


def test_a_picker_offers_ten_with_their_ids_and_the_newest_first(client, sign_in, person):
    rows = [Gadget(name=f"Pump {number}", code=f"P{number}") for number in range(12)]
    session.add_all(rows)
    sign_in(client, person("gadgets.gadget.view"))
    for address in ("/pick/gadget?q=pump", "/pick/gadget"):
        answer = client.get(address).text
        assert answer.count('role="option"') == 10
        assert answer.index(f'data-value="{rows[11].id}"') < answer.index(f'data-value="{rows[2].id}"')
        assert 'data-label="Pump 11"' in answer


def test_nothing_found_is_said(client, sign_in, person):
    sign_in(client, person("gadgets.gadget.view"))
    assert 'role="option"' not in client.get("/pick/gadget?q=zzz").text


@pytest.mark.parametrize("rows", [5, 300])
def test_a_search_asks_the_database_a_fixed_number_of_times(client, sign_in, person, rows):
    session.add_all([Gadget(name=f"Pump {number}") for number in range(rows)])
    sign_in(client, person("gadgets.gadget.view"))
    client.get("/search?q=pump")
    statements = []
    event.listen(db.engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    client.get("/search?q=pump", headers={"HX-Request": "true", "HX-Target": "div#palette_list"})
    selects = [statement for statement in statements if statement.lstrip().startswith("SELECT")]
    assert len(selects) <= 8


def test_pages_of_the_menu_are_found_in_both_languages(client, sign_in, person):
    sign_in(client, person("gadgets.gadget.view"))
    assert "Gadgets" in client.get("/search?q=gadg").text


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("notif", "/notifications"),
        ("tongzhi", "/notifications"),
        ("两步", "/profile/two-factor"),
        ("password", "/profile/password"),
    ],
)
def test_pages_that_are_in_no_menu_are_found_too(client, sign_in, person, typed, url):
    sign_in(client, person("gadgets.gadget.view"))
    assert f'href="{url}"' in client.get(f"/search?q={typed}").text
    assert f'class="nav-item" href="{url}"' not in client.get("/notifications/settings").text


@pytest.mark.parametrize("typed", ["new gadget", "create", "新建", "xinjian gadget"])
def test_what_can_be_created_is_found_by_saying_so(client, sign_in, person, typed):
    sign_in(client, person("gadgets.gadget.view", "gadgets.gadget.edit"))
    assert "New gadget" in client.get(f"/search?q={typed}").text
