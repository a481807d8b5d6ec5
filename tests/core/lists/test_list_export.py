"""Exports: exact, within scope, on record, and never a formula."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from erpcrm.core.audit import AuditEntry
from erpcrm.core.db import session
from erpcrm.core.jobs import Job, run_pending
from erpcrm.core.lists import export
from erpcrm.core.lists.sheets import harmless, write_csv, write_xlsx
from erpcrm.core.notifications import Notification
from tests.core.lists.gizmos import Gizmo

CSV = "/lists/gizmo/export/csv?at=/gizmos"
WALL_CLOCK = datetime(2026, 3, 1, 16, 30, tzinfo=UTC).astimezone(ZoneInfo("Asia/Shanghai")).replace(tzinfo=None)
XLSX = "/lists/gizmo/export/xlsx?at=/gizmos"


def csv_rows(response):
    assert response.data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(response.data.decode("utf-8-sig"))))


def sheet_rows(data):
    return CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()


@pytest.fixture
def gizmos(make, anna):
    make(
        "Pump",
        pieces=1234,
        amount=Decimal("-1234.5"),
        currency="USD",
        due_on=date(2026, 3, 2),
        ready=True,
        seen_at=datetime(2026, 3, 1, 16, 30, tzinfo=UTC),
        colour="blue",
        tags=["a", "b"],
        owner_id=anna.id,
    )
    make("阀门")


def test_a_csv_file_says_what_the_screen_says_in_plain_notation(web, gizmos):
    response = web.post(f"{CSV}&sort=name&cols=name,pieces,amount,due,seen,ready,colour,tags,status,owner")
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert csv_rows(response) == [
        ["Name", "Pieces", "Amount", "Amount, currency", "Due", "Seen", "Ready", "Colour", "Tags", "Status", "Owner"],
        ["Pump", "1234", "-1234.5", "USD", "2026-03-02", "2026-03-02 00:30:00", "Yes", "Blue", "a, b", "Open", "Anna"],
        ["阀门", "", "", "", "", "", "", "", "", "Open", ""],
    ]


def test_an_excel_file_has_real_numbers_and_dates(web, gizmos):
    response = web.post(f"{XLSX}&sort=name&cols=name,pieces,amount,due,seen")
    assert sheet_rows(response.data)[1] == ["Pump", 1234, -1234.5, "USD", date(2026, 3, 2), WALL_CLOCK]


def test_an_export_has_all_that_match_and_not_only_the_page(web, make):
    session.add_all([Gizmo(name=f"n{number:03}", colour="red" if number < 120 else "blue") for number in range(130)])
    session.flush()
    rows = csv_rows(web.post(f"{CSV}&colour=red&sort=name&page=2&cols=name"))
    assert [row[0] for row in rows[1:]] == [f"n{number:03}" for number in range(120)]


def test_an_export_stays_within_the_scope(client, sign_in, person, make):
    ben = person("Ben", scope="own")
    make("Ben's", owner_id=ben.id)
    make("Other")
    assert [row[0] for row in csv_rows(sign_in(client, ben).post(f"{CSV}&cols=name"))] == ["Name", "Ben's"]


def test_an_export_takes_its_permission(client, sign_in, person):
    reader = sign_in(client, person("Rita", may=["gizmos.gizmo.view"]))
    assert reader.post(CSV).status_code == 403
    assert "/lists/gizmo/export" not in reader.get("/gizmos").text


def test_a_column_that_one_may_not_see_is_not_exported_either(web, make):
    make("Pump", secret="hidden")
    assert "hidden" not in web.post(f"{CSV}&cols=name,secret").text


def test_every_export_is_on_record(web, gizmos, anna):
    web.post(f"{XLSX}&colour=blue")
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "exported")).one()
    assert (entry.actor_id, entry.record_type, entry.record_id) == (anna.id, "gizmo", 0)
    assert entry.changes == {"format": [None, "xlsx"], "query": [None, "colour=blue"]}


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
def test_no_cell_of_an_export_is_a_formula(web, make, start):
    make(f"{start}cmd|' /C calc'!A0")
    assert csv_rows(web.post(f"{CSV}&cols=name"))[1][0].startswith("'")
    data = web.post(f"{XLSX}&cols=name").data
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    assert book.get_sheet_by_index(0).to_python()[1][0].lstrip().endswith("cmd|' /C calc'!A0")
    assert b"<f>" not in _sheet_xml(data)


def _sheet_xml(data):
    return ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml")


@pytest.mark.parametrize("number", ["-5", "-1234.5", "+86"])
def test_a_number_stays_a_number(number):
    assert harmless(number) == number


@given(st.text(min_size=1))
def test_text_in_a_csv_file_is_a_number_or_begins_harmlessly(text):
    made = harmless(text)
    assert made == text or made == f"'{text}"
    if made[0] in "=+-@\t\r\n":
        Decimal(made)


@given(
    st.lists(
        st.one_of(
            st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"])),
            st.decimals(allow_nan=False, allow_infinity=False, places=4),
            st.dates(),
            st.none(),
            st.booleans(),
        ),
        max_size=5,
    )
)
def test_whatever_is_in_a_row_it_can_be_written(row):
    for write in (write_csv, lambda target, heads, rows: write_xlsx(target, "x", heads, rows, [10] * len(heads))):
        target = io.BytesIO()
        assert write(target, [f"c{number}" for number in range(len(row))], [row]) == 1
        assert target.getvalue()


def test_very_many_rows_are_written_by_a_job_and_given_to_who_asked(
    app, client, sign_in, person, anna, make, monkeypatch
):
    monkeypatch.setattr(export, "AT_ONCE", 3)
    ben = person("Ben", scope="own")
    session.add_all([Gizmo(name=f"n{number}", owner_id=ben.id) for number in range(5)])
    make("Other")
    bens = sign_in(client, ben)
    assert bens.post(f"{CSV}&sort=name&cols=name").location == "/gizmos?sort=name&cols=name"
    run_pending()
    session.expire_all()
    job = session.scalars(select(Job).where(Job.name == "lists.export")).one()
    assert job.status == "done", job.error
    assert [row[0] for row in csv_rows(bens.get(job.result["url"], buffered=True))] == [
        "Name",
        "n0",
        "n1",
        "n2",
        "n3",
        "n4",
    ]
    notice = session.scalars(select(Notification).where(Notification.user_id == ben.id)).one()
    assert notice.url == job.result["url"]
    assert sign_in(app.test_client(), anna).get(job.result["url"]).status_code == 404


def test_a_job_has_the_rights_that_its_user_has_when_it_runs(client, sign_in, person, make, monkeypatch):
    monkeypatch.setattr(export, "AT_ONCE", 0)
    ben = person("Ben")
    make("Pump")
    sign_in(client, ben).post(CSV)
    ben.roles[0].permissions = ["gizmos.gizmo.view"]
    session.commit()
    run_pending()
    session.expire_all()
    assert session.scalars(select(Job).where(Job.name == "lists.export")).one().status != "done"


def test_more_rows_than_fit_into_a_file_are_refused(web, gizmos, monkeypatch):
    monkeypatch.setattr(export, "MOST", 1)
    assert web.post(CSV).status_code == 409
