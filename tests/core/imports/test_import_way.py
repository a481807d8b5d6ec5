"""The whole way of a file, over HTTP."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from erpcrm.core.audit import AuditEntry
from erpcrm.core.db import session
from erpcrm.core.fields import CustomField
from erpcrm.core.imports import engine, storage
from erpcrm.core.imports.models import Import, ImportRow
from erpcrm.core.jobs import run_pending
from tests.core.imports import toys
from tests.core.imports.conftest import IMPORT
from tests.core.imports.toys import Maker, Toy
from tests.wizard import Wizard, plain

FILE = """name,sku,price,made on,color,maker,part of,safe
Train,007,"1,250.50",2026-01-31,red,Acme,,yes
Wagon,008,99,2026-02-01,Green,Acme,Station,是
Station,009,1000,2026-02-02,red,Acme,,no
"""


def all_toys() -> list[Toy]:
    return list(session.scalars(select(Toy).order_by(Toy.id)))


def names() -> list[str]:
    return [toy.name for toy in all_toys()]


def test_a_file_becomes_records(wizard: Wizard, ann: Any) -> None:
    session.add(Maker(name="Acme"))
    wizard.upload(FILE)
    assert "Train" in wizard.get("/file")
    wizard.post("/file", wizard.form("/file"))
    assert wizard.columns().endswith(f"/imports/{wizard.id}")
    assert wizard.trial() == {"created": 3, "updated": 0, "skipped": 0, "bad": 0}
    assert all_toys() == []
    wizard.start()
    assert wizard.counts() == (3, 0, 0, 0)
    train, wagon, station = all_toys()
    assert (train.code, train.price, train.made_on, train.colour) == (
        "007",
        Decimal("1250.5"),
        date(2026, 1, 31),
        "red",
    )
    assert (train.safe, wagon.safe, station.safe) == (True, True, False)
    assert wagon.colour == "green"
    assert wagon.parent_id == station.id
    assert train.maker_id == session.scalar(select(Maker.id))
    assert train.created_by_id == ann.id
    assert "Done" in wizard.get()
    assert "Train" in wizard.get("/records")


def test_the_trial_shows_what_the_first_rows_would_become(wizard: Wizard, ann: Any) -> None:
    session.add_all([Maker(name="Acme"), Toy(code="008", name="Old wagon", price=Decimal(5))])
    wizard.upload(FILE + "Bus,010,3,2026-02-03,red,Bmca,,no\nTram,011,4,2026-02-03,,Acme,,no\nLast,012,5,,,Acme,,no\n")
    wizard.columns(mode="both", key="code")
    wizard.words(Bmca="create")
    wizard.get()
    text = plain(wizard.page.partition('id="samples"')[2].partition("</section>")[0])
    assert "Train 2 new 007" in text
    assert "1,250.5" in text
    assert "Jan 31, 2026" in text
    assert "Green" in text, "as the choice is called"
    assert "Old wagon" not in text, "of an existing record the new name"
    assert "Wagon 3 changed" in text
    assert "5 99" in text, "the price that it had, and the one that it gets"
    assert "Bmca new" in text, "a maker whom the import makes"
    assert "Station new" in text, "a row of the same file"
    assert "Last" not in text, "the first five are enough"
    assert [toy.name for toy in all_toys()] == ["Old wagon"]


def test_the_trail_names_who_imported(wizard: Wizard, ann: Any) -> None:
    wizard.upload("name\nTrain\n").columns()
    wizard.start()
    entry = session.scalars(select(AuditEntry).where(AuditEntry.record_type == "toy")).one()
    assert (entry.action, entry.actor_id) == ("created", ann.id)


def test_a_wrong_encoding_is_seen_and_mended_on_the_screen(wizard: Wizard) -> None:
    wizard.upload("名称,编码\n火车,007\n".encode("gb18030"))
    assert "火车" in wizard.get("/file")
    shown = wizard.get("/file?encoding=latin-1")
    assert "火车" in shown, "the other way to read it stays on offer"
    assert "»ð³µ" in shown
    wizard.post("/file", wizard.form("/file") | {"encoding": "latin-1"})
    assert "»ð³µ" in wizard.get("/columns")
    wizard.post("/file", wizard.form("/file") | {"encoding": "gb18030"})
    wizard.columns()
    wizard.start()
    assert [(toy.name, toy.code) for toy in all_toys()] == [("火车", "007")]


def test_the_preview_alone_is_sent_to_a_page_that_asks_for_it(wizard: Wizard) -> None:
    wizard.upload("name;code\nTrain;007\n")
    part = wizard.client.get(
        f"/imports/{wizard.id}/file?delimiter=,", headers={"HX-Request": "true", "HX-Target": "div#preview"}
    ).text
    assert "<html" not in part
    assert "name;code" in part
    assert "single column" in part


def test_every_column_has_one_field_and_new_records_have_what_they_need(wizard: Wizard) -> None:
    wizard.upload("name,sku\nTrain,007\n")
    assert "filled twice" in wizard.columns(422, column_1="name")
    assert "must also fill: Name" in wizard.columns(422, column_0="")
    assert "at least one column" in wizard.columns(422, column_0="", column_1="")
    assert "No column fills" in wizard.columns(422, column_1="", key="code")
    assert "by which field" in wizard.columns(422, mode="update", key="")


def test_one_value_may_stand_for_all_rows_and_one_column_for_two_fields(wizard: Wizard) -> None:
    wizard.upload("name\nTrain\nWagon\n")
    sent = wizard.form("/columns") | {
        "more-0-field": "colour", "more-0-text": "Red",
        "more-1-field": "code", "more-1-column": "0",
    }  # fmt: skip
    wizard.post("/columns", sent)
    wizard.start()
    assert [(toy.code, toy.colour) for toy in all_toys()] == [("Train", "red"), ("Wagon", "red")]


def test_a_column_that_nothing_knows_becomes_an_own_field(wizard: Wizard) -> None:
    wizard.upload("name,Staff,Founded\nTrain,12,1999-01-02\n")
    wizard.columns(column_1="new:number", column_2="new:date")
    wizard.start()
    assert [(field.label, field.kind) for field in session.scalars(select(CustomField))] == [
        ("Staff", "number"), ("Founded", "date"),
    ]  # fmt: skip
    assert all_toys()[0].custom == {"staff": "12.000000", "founded": "1999-01-02"}


def test_whoever_may_not_add_fields_is_not_offered_any(
    person: Callable[..., Any], client: FlaskClient, app: Any, sign_in: Callable[..., Any]
) -> None:
    wizard = Wizard(sign_in(client, person("Bob", *IMPORT)), app).upload("name,Staff\nTrain,12\n")
    assert "A new field" not in wizard.get("/columns")
    assert "Your role does not include" in wizard.columns(403, column_1="new:number")


def test_dates_that_may_be_read_in_two_ways_are_asked(wizard: Wizard) -> None:
    wizard.upload("name,made on\nTrain,03/04/2026\nWagon,05/06/2026\n")
    assert "Say which comes first" in wizard.columns(422)
    wizard.columns(dates="dmy")
    wizard.start()
    assert [toy.made_on for toy in all_toys()] == [date(2026, 4, 3), date(2026, 6, 5)]


def test_dates_that_tell_are_not_asked(wizard: Wizard) -> None:
    wizard.upload("name,made on\nTrain,03/04/2026\nWagon,25/06/2026\n").columns()
    wizard.start()
    assert [toy.made_on for toy in all_toys()] == [date(2026, 4, 3), date(2026, 6, 25)]


def test_a_decimal_comma_is_told_by_the_numbers(wizard: Wizard) -> None:
    wizard.upload("name;price\nTrain;1.250,50\nWagon;99,9\n").columns()
    wizard.start()
    assert [toy.price for toy in all_toys()] == [Decimal("1250.5"), Decimal("99.9")]


def test_bad_rows_say_why_and_do_not_stop_the_others(wizard: Wizard) -> None:
    wizard.upload(
        "name,sku,price,made on\nTrain,1,-5,\n,2,1,\nWagon,3,x,soon\nStation,4,5,\nTower,4,6,\nGate,6,7,,extra\nBridge,7,1.23456,\n"
    )
    wizard.columns(mode="create", key="")
    assert wizard.trial() == {"created": 1, "updated": 0, "skipped": 0, "bad": 6}
    wizard.start()
    assert wizard.counts() == (1, 0, 0, 6)
    assert names() == ["Station"]
    text = wizard.get()
    for reason in (
        "A price is not negative.", "Missing: Name.", "“x” is not a number.", "“soon” is not a date.",
        "Row 5 has the same “Code”.", "more cells than the header", "more than 4 digits",
    ):  # fmt: skip
        assert reason in text


def test_bad_rows_come_back_as_a_file_that_can_be_mended(wizard: Wizard) -> None:
    wizard.upload("名称,价格,备注\n火车,-5,=1+1\n车厢,7,\n".encode("gb18030"))
    wizard.columns()
    wizard.start()
    answer = wizard.client.get(f"/imports/{wizard.id}/bad.csv")
    text = answer.get_data().decode("gb18030")
    assert text.splitlines()[0] == "名称,价格,备注,Why it was not imported"
    assert text.splitlines()[1] == "火车,-5,'=1+1,A price is not negative."
    assert len(text.splitlines()) == 2
    book = wizard.client.get(f"/imports/{wizard.id}/bad.xlsx")
    assert book.get_data()[:2] == b"PK"
    wizard.upload(text.replace("-5", "5").encode("gb18030"), name="mended.csv")
    assert wizard.record.settings["headers"][0] == "名称"
    wizard.columns()
    wizard.start()
    assert sorted(names()) == ["火车", "车厢"]


def test_bad_rows_of_a_workbook_open_again(wizard: Wizard) -> None:
    wizard.upload("name,price\nTrain,-5\n007,-6\n").columns()
    assert "No row of this file can be taken" in wizard.post("/start", status=409)
    template = wizard.client.get("/imports/template/toy.xlsx")
    assert template.status_code == 200
    wizard.upload("name,price\nTrain,5\n007,-6\n").columns()
    wizard.start()
    wizard.upload(wizard.client.get(f"/imports/{wizard.id}/bad.xlsx").get_data(), name="bad.xlsx")
    assert wizard.record.settings["reading"]["encoding"] is None
    assert "007" in wizard.get("/columns")


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("create", (1, 0, 1, 0)), ("update", (0, 1, 1, 0)), ("both", (1, 1, 0, 0))],
)
def test_existing_records_are_found_by_the_match_key(wizard: Wizard, mode: str, expected: tuple[int, ...]) -> None:
    session.add(Toy(code="007", name="Old", price=Decimal(1)))
    wizard.upload("name,sku,price\nTrain,007,5\nWagon,008,6\n").columns(mode=mode, key="code")
    wizard.start()
    assert wizard.counts() == expected
    assert {toy.code: toy.name for toy in all_toys()}["007"] == ("Old" if mode == "create" else "Train")


def test_an_empty_cell_keeps_what_is_there_unless_it_shall_empty_it(wizard: Wizard) -> None:
    session.add(Toy(code="007", name="Train", price=Decimal(9), colour="red"))
    wizard.upload("sku,price,colour\n007,,green\n").columns(mode="update", key="code")
    wizard.start()
    assert [(toy.price, toy.colour) for toy in all_toys()] == [(Decimal(9), "green")]
    wizard.upload("sku,price,colour\n007,,green\n").columns(mode="update", key="code", clear="1")
    wizard.start()
    assert [(toy.price, toy.colour) for toy in all_toys()] == [(None, "green")]


def test_a_row_that_changes_nothing_is_left_out(wizard: Wizard) -> None:
    session.add(Toy(code="007", name="Train", price=Decimal(9)))
    wizard.upload("sku,price\n007,9.00\n").columns(mode="update", key="code")
    assert wizard.trial() == {"created": 0, "updated": 0, "skipped": 1, "bad": 0}
    assert "Nothing to change." in wizard.get()


def test_a_code_that_another_record_has_is_said_before_the_database_says_it(wizard: Wizard) -> None:
    session.add(Toy(code="007", name="Other"))
    wizard.upload("name,sku\nTrain,007\nWagon,008\n").columns(mode="create", key="")
    assert wizard.trial() == {"created": 1, "updated": 0, "skipped": 0, "bad": 1}
    assert "“007” is the Code of another record." in wizard.get()


def test_nobody_updates_what_they_can_not_see(
    person: Callable[..., Any], client: FlaskClient, app: Any, sign_in: Callable[..., Any], ann: Any
) -> None:
    bob = person("Bob", *IMPORT, scope="own")
    session.add_all([Toy(code="007", name="Hers", owner_id=ann.id), Toy(code="008", name="His", owner_id=bob.id)])
    wizard = Wizard(sign_in(client, bob), app).upload("name,sku\nTrain,007\nWagon,008\n")
    wizard.columns(mode="both", key="code")
    wizard.start()
    assert wizard.counts() == (0, 1, 0, 1)
    assert {toy.code: toy.name for toy in all_toys()} == {"007": "Hers", "008": "Wagon"}


def test_rows_that_look_like_existing_records_are_warned_of_and_may_be_left_out(wizard: Wizard) -> None:
    session.add(Toy(code="001", name="Train"))
    wizard.upload("name\nTrain\nWagon\n").columns(mode="create", key="")
    assert "Perhaps these exist already" in wizard.get()
    assert wizard.trial()["created"] == 2
    wizard.post("/try", {"alike": "skip"})
    assert wizard.trial() == {"created": 1, "updated": 0, "skipped": 1, "bad": 0}
    wizard.start()
    assert names() == ["Train", "Wagon"]


def test_the_mapping_is_kept_for_the_next_file_with_the_same_headers(wizard: Wizard) -> None:
    wizard.upload("a,b\nTrain,red\n").columns(column_0="name", column_1="colour", mode="create", key="")
    wizard.start()
    wizard.upload("A,B\nWagon,green\n")
    assert "Its choices are taken over" in wizard.get("/columns")
    assert wizard.form("/columns")["column-1"] == "colour"
    wizard.upload("a,b,c\nWagon,green,x\n")
    assert wizard.form("/columns")["column-1"] == ""


def test_a_large_file_is_tried_and_run_by_the_worker_in_batches(
    wizard: Wizard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("erpcrm.core.imports.services.AT_ONCE", 100)
    wizard.upload("name,part of\n" + "".join(f"Toy {number},Toy {(number + 1) % 1200}\n" for number in range(1200)))
    wizard.columns(mode="create", key="")
    assert "Being checked" in wizard.get()
    run_pending()
    assert wizard.trial()["created"] == 1200
    wizard.start()
    assert wizard.counts() == (1200, 0, 0, 0)
    assert max(toys.batches) == engine.BATCH
    children = select(func.count()).select_from(Toy).where(Toy.parent_id.is_not(None))
    assert session.scalar(children) == 1200
    assert "Done" in wizard.get()


def test_a_row_that_only_the_database_refuses_does_not_take_the_others_along(
    wizard: Wizard, monkeypatch: pytest.MonkeyPatch
) -> None:
    wizard.upload("name,sku\nTrain,1\nWagon,2\nStation,3\n").columns(mode="create", key="")
    monkeypatch.setattr(toys, "misled", {"Wagon"})
    wizard.start()
    assert wizard.counts() == (2, 0, 0, 1)
    assert names() == ["Train", "Station"]
    assert session.scalar(select(ImportRow.reason).where(ImportRow.action == "bad")) is not None


def test_an_import_is_run_once(wizard: Wizard) -> None:
    wizard.upload("name\nTrain\n").columns()
    wizard.start()
    wizard.post("/start", status=409)
    wizard.post("/columns", {"column-0": "name", "mode": "create"}, status=409)
    run_pending()
    assert names() == ["Train"]


def test_an_old_page_does_not_overwrite_newer_choices(wizard: Wizard) -> None:
    wizard.upload("name,sku\nTrain,007\n")
    old = wizard.form("/columns")
    wizard.columns(column_1="")
    wizard.post("/columns", old, status=409)


def test_an_import_may_be_thrown_away_with_its_file(wizard: Wizard) -> None:
    wizard.upload("name\nTrain\n")
    path = storage.path_of(wizard.record.stored_as)
    assert path.exists()
    wizard.post("/discard")
    assert session.scalar(select(func.count(Import.id))) == 0
    assert not path.exists()


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (b"", "toys.csv", "There is no row in this file"),
        (b"name,code\n", "toys.csv", "There is no row in this file"),
        (b"PK\x03\x04 broken", "toys.xlsx", "damaged"),
        (b"hello", "toys.exe", "not a CSV or Excel file"),
    ],
)
def test_a_file_that_can_not_be_read_is_refused_with_the_reason(
    wizard: Wizard, content: bytes, name: str, reason: str
) -> None:
    before = set(storage.folder().iterdir())
    with pytest.raises(AssertionError, match=reason):
        wizard.upload(content, name=name)
    assert set(storage.folder().iterdir()) == before


def test_imports_are_seen_by_those_who_made_them_and_by_whoever_sees_all(
    wizard: Wizard, person: Callable[..., Any], sign_in: Callable[..., Any]
) -> None:
    wizard.upload("name\nTrain\n")
    other = wizard.app.test_client()
    sign_in(other, person("Bob", *IMPORT))
    for step in ("", "/file", "/columns", "/words", "/records", "/bad.csv"):
        assert other.get(f"/imports/{wizard.id}{step}").status_code == 404
    for step in ("/file", "/columns", "/words", "/try", "/start", "/stop", "/undo", "/discard"):
        assert other.post(f"/imports/{wizard.id}{step}").status_code == 404
    assert "toys.csv" not in other.get("/imports").text
    boss = wizard.app.test_client()
    sign_in(boss, person("Cat", *IMPORT, "core.import.all"))
    assert "toys.csv" in boss.get("/imports").text
    assert boss.get(f"/imports/{wizard.id}/columns").status_code == 200


def test_only_what_a_role_may_import_is_offered(
    person: Callable[..., Any], client: FlaskClient, app: Any, sign_in: Callable[..., Any]
) -> None:
    wizard = Wizard(sign_in(client, person("Bob", "core.import.run")), app)
    assert "Your role may not" in client.get("/imports/new").text
    with pytest.raises(AssertionError, match="Your role may not"):
        wizard.upload("name\nTrain\n")
    nobody = app.test_client()
    sign_in(nobody, person("Dan"))
    assert nobody.get("/imports").status_code == 403


def test_a_role_that_changes_meanwhile_counts(wizard: Wizard, ann: Any) -> None:
    wizard.upload("name\nTrain\n").columns()
    wizard.post("/start")
    ann.roles[0].permissions = ["core.import.run", "toys.toy.view"]
    session.commit()
    run_pending()
    assert names() == []


def test_pages_take_the_same_few_queries_for_ten_rows_and_for_a_thousand(
    wizard: Wizard, count_queries: Callable[[], Any]
) -> None:
    def pages(rows: int) -> dict[str, int]:
        content = "name,maker,price\n" + "".join(f"Toy {rows} {n},Maker {n % 300},{n - 5}\n" for n in range(rows))
        taken = {}
        wizard.upload(content)
        wizard.columns(mode="create", key="")
        for step in ("/file", "/columns", "/words"):
            with count_queries() as seen:
                wizard.get(step)
            taken[step] = len(seen)
        wizard.words()
        for step in ("", "/records"):
            if step:
                wizard.start()
            with count_queries() as seen:
                wizard.get(step)
            taken[step] = len(seen)
        return taken

    few, many = pages(10), pages(1000)
    assert all(many[step] <= few[step] + 2 for step in many), (few, many)
    assert max(many.values()) <= 20


def test_a_batch_asks_the_same_few_questions_for_ten_rows_and_for_a_thousand(
    wizard: Wizard, count_queries: Callable[[], Any]
) -> None:
    session.add_all([Maker(name=f"Maker {number}") for number in range(50)])
    taken = []
    for rows in (10, 400):
        wizard.upload("name,maker\n" + "".join(f"Toy {rows} {n},Maker {n % 50}\n" for n in range(rows)))
        with count_queries() as seen:
            wizard.columns(mode="both", key="name")
        taken.append(sum(1 for statement in seen if statement.startswith("SELECT")))
    assert taken[0] == taken[1]
