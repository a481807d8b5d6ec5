"""Files that somebody made to hurt: workbooks that unfold, cells that never end, names that are headers."""

import io
import resource
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from xlsxwriter import Workbook

from erpcrm.catalog.models import Product
from erpcrm.core.files import Attachment, attach
from erpcrm.core.imports.reading import Unreadable, guess
from erpcrm.customers.models import Customer
from erpcrm.customers.services import create_customer
from erpcrm.pipeline.models import Opportunity, Stage
from erpcrm.pipeline.services import create_opportunity, ensure_standard_pipeline
from tests.wizard import Wizard, fields_of

ODS = (
    '<office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x"><office:body><office:spreadsheet>'
    '<table:table table:name="S">{rows}</table:table></office:spreadsheet></office:body></office:document-content>'
)


def xlsx(path: Path, *cells: tuple[int, int]) -> Path:
    with Workbook(path) as book:
        sheet = book.add_worksheet()
        for row, column in cells:
            sheet.write_string(row, column, "x")
    return path


def repacked(path: Path, **changed: bytes) -> Path:
    """The same archive with some parts put in place of others."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, changed.get(Path(name).stem, content))
    return path


def test_two_cells_at_the_corners_of_a_sheet_do_not_end_the_process(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="too-large"):
        guess(xlsx(tmp_path / "far.xlsx", (0, 0), (1_048_575, 16_383)))


def test_a_long_and_a_wide_sheet_of_real_size_are_read(tmp_path: Path) -> None:
    assert guess(xlsx(tmp_path / "long.xlsx", (0, 0), (400_000, 3))).is_spreadsheet
    assert guess(xlsx(tmp_path / "wide.xlsx", (0, 0), (50, 16_383))).is_spreadsheet


def test_a_repeated_cell_of_an_open_document_does_not_unfold(tmp_path: Path) -> None:
    def ods(rows: str) -> Path:
        path = tmp_path / "sheet.ods"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
            archive.writestr("META-INF/manifest.xml", '<m:manifest xmlns:m="m"/>')
            archive.writestr("content.xml", ODS.format(rows=rows))
        return path

    cell = '<table:table-cell office:value-type="string" table:number-columns-repeated="{}"><text:p>x</text:p></table:table-cell>'
    row = '<table:table-row table:number-rows-repeated="{}">{}</table:table-row>'
    with pytest.raises(Unreadable, match="too-large"):
        guess(ods(row.format(4000, cell.format(4000))))
    rest = row.format(1_048_000, '<table:table-cell table:number-columns-repeated="16384"/>')
    assert guess(ods(row.format(1, cell.format(3)) + rest)).is_spreadsheet  # so ends every sheet of LibreOffice


def test_a_part_that_lies_about_its_size_is_found_out(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "lies.xlsx", (0, 0), (1, 0))
    content = b"<sst>" + b"A" * 3_000_000 + b"</sst>"
    raw = repacked(path, sharedStrings=content).read_bytes()
    path.write_bytes(raw.replace(len(content).to_bytes(4, "little"), (500).to_bytes(4, "little")))
    with pytest.raises(Unreadable, match="spreadsheet"):
        guess(path)


def test_entities_that_name_each_other_are_not_unfolded(tmp_path: Path) -> None:
    """A thousand million laughs: read within a gigabyte, or refused."""
    names = "abcdefghi"
    laughs = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("z" + names, names, strict=False))
    bomb = f'<?xml version="1.0"?><!DOCTYPE sst [<!ENTITY z "ha">{laughs}]><sst><si><t>&i;</t></si></sst>'
    path = repacked(xlsx(tmp_path / "laughs.xlsx", (0, 0), (1, 0)), sharedStrings=bomb.encode())
    code = (
        "import sys; from pathlib import Path; from erpcrm.core.imports import reading\n"
        "try: print(reading.guess(Path(sys.argv[1])).is_spreadsheet)\n"
        "except reading.Unreadable as error: print(error.code)"
    )
    limit = 2 * 1024**3
    done = subprocess.run(
        [sys.executable, "-c", code, path],
        capture_output=True, text=True, timeout=60, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
    )  # fmt: skip
    assert (done.returncode, done.stdout.strip()) in {(0, "True"), (0, "spreadsheet")}, done.stderr[-500:]


@pytest.fixture
def wizard(app: Flask, client: FlaskClient, sign_in: Any, admin: Any) -> Wizard:
    return Wizard(sign_in(client, admin), app)


def test_a_cell_that_never_ends_is_refused_with_a_reason(wizard: Wizard) -> None:
    data = {"record_type": "customer", "file": (io.BytesIO(b'Name\n"' + b"x" * 200_000), "a.csv")}
    answer = wizard.client.post("/imports", data=data)
    assert answer.status_code == 422


def test_a_text_in_place_of_a_file_is_no_file(wizard: Wizard) -> None:
    assert wizard.client.post("/imports", data={"record_type": "customer", "file": "a.csv"}).status_code == 422
    assert wizard.client.post("/company/logo", data={"logo": "a.png"}).status_code == 422
    assert wizard.client.post("/files", data={"files": "a", "record_type": "user", "record_id": "1"}).status_code == 409


def test_a_character_zero_in_a_cell_is_left_out(wizard: Wizard, session: Any) -> None:
    wizard.upload("Name,Owner\nZero\x00 Ltd,Ada\x00 Admin\n", "customer", "zero.csv")
    wizard.columns()
    wizard.start()
    assert session.query(Customer).one().name == "Zero Ltd"


@pytest.mark.parametrize(
    "name", ["a\r\nX-Evil: 1.csv", '"; filename=evil.html; x=".csv', "客户\u202e\u2028vsc.csv", "../../etc/passwd.csv"]
)
def test_the_name_of_a_file_is_no_header(wizard: Wizard, name: str) -> None:
    """Sent in the form of RFC 2231, in which a name may hold any character."""
    told = quote(name, safe="")
    body = (
        '--b\r\nContent-Disposition: form-data; name="record_type"\r\n\r\ncustomer\r\n--b\r\n'
        f"Content-Disposition: form-data; name=\"file\"; filename*=UTF-8''{told}\r\n\r\nName,Owner\nBad Ltd,nobody\n\r\n--b--\r\n"
    )
    sent = wizard.client.post("/imports", data=body.encode(), content_type="multipart/form-data; boundary=b")
    wizard.id = int(sent.location.split("/")[-2])
    wizard.columns()
    wizard.post("/words", wizard.form("/words") | {"owner_id-0": "reject"})
    for ending in ("csv", "xlsx"):
        answer = wizard.client.get(f"/imports/{wizard.id}/bad.{ending}")
        assert answer.status_code == 200
        assert "X-Evil" not in answer.headers
        disposition = answer.headers["Content-Disposition"]
        assert "/" not in disposition.replace("UTF-8''", "")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        answer.close()


def test_no_formula_comes_back_in_the_rows_that_were_bad(wizard: Wizard) -> None:
    wizard.upload('Name,Owner\n"=HYPERLINK(""http://evil"")",nobody\n＝1+1,nobody\n', "customer", "evil.csv")
    wizard.columns()
    sent = wizard.form("/words") | {"owner_id-0": "reject", "owner_id-all": "reject"}
    wizard.post("/words", sent)
    answer = wizard.client.get(f"/imports/{wizard.id}/bad.csv")
    lines = answer.text.splitlines()[1:]
    answer.close()
    assert not [line for line in lines if line.lstrip('"').startswith(("=", "＝"))]


def test_numbers_given_by_hand_do_not_stop_an_import(wizard: Wizard, admin: Any, session: Any) -> None:
    """Somebody has typed the very codes that come next: each row gets another one, and none is lost."""
    for code in ("C-00001", "C-00003", "c-00004"):
        create_customer({"name": f"By hand {code}", "code": code}, admin)
    wizard.upload("Name,Code\nOne,\nTwo,\nThree,C-00006\nFour,\n", "customer", "few.csv")
    wizard.columns(mode="create", key="")
    wizard.start()
    assert wizard.counts() == (4, 0, 0, 0)
    codes = [code.upper() for (code,) in session.query(Customer.code)]
    assert len(set(codes)) == len(codes) == 7


def test_a_product_gets_a_number_although_somebody_took_it_by_hand(wizard: Wizard, session: Any) -> None:
    for code, expected in (("P-00001", "P-00001"), ("", "P-00002"), ("p-00003", "p-00003"), ("", "P-00004")):
        sent = {"name": f"Thing {code}", "code": code, "unit": "pcs", "currency": "CNY"}
        answer = wizard.client.post("/catalog/products/new", data=sent)
        assert answer.status_code == 303, expected
        assert expected in wizard.client.get(answer.location).text


def test_a_file_whose_content_is_gone_is_not_brought_back(wizard: Wizard, admin: Any, session: Any) -> None:
    """Removed more than a month ago: the row tells the trail what was there, and leads to nothing."""
    customer = create_customer({"name": "With files"}, admin)
    file = attach(customer, FileStorage(io.BytesIO(b"hello"), "a.txt"), admin)
    session.commit()
    wizard.client.post(f"/files/{file.id}/remove")
    session.query(Attachment).update({"sha256": ""})
    session.commit()
    assert wizard.client.post(f"/files/{file.id}/restore").status_code == 409
    file.deleted_at = None
    session.commit()
    assert wizard.client.get(f"/files/{file.id}/a.txt").status_code == 404


def test_a_deal_gets_a_number_although_an_import_brought_the_next(wizard: Wizard, session: Any) -> None:
    """A company brings its own export back into a new system."""
    ensure_standard_pipeline()
    wizard.upload("Number,Name\nO-00001,Old deal\nD-00001,Older deal\n,Third\n", "opportunity", "deals.csv")
    wizard.columns(mode="create", key="")
    wizard.start()
    assert wizard.counts()[3] == 0, wizard.get()
    codes = list(session.scalars(select(Opportunity.code)))
    assert len(codes) == 3
    stage = session.query(Stage).first()
    sent = {"name": "Fresh", "stage_id": stage.id, "currency": "CNY"}
    for _again in range(3):
        assert wizard.client.post("/pipeline/opportunities", data=sent).status_code == 303


def test_a_deal_with_a_customer_of_a_colleague_can_still_be_changed(
    app: Flask, client: FlaskClient, sign_in: Any, seller: Any, theirs: Any, session: Any, admin: Any
) -> None:
    ensure_standard_pipeline()
    deal = create_opportunity({"name": "Shared", "customer_id": theirs.customer.id, "owner_id": seller.id}, admin)
    session.commit()
    path = f"/pipeline/opportunities/{deal.id}"
    sent = fields_of(sign_in(client, seller).get(f"{path}/edit").text) | {"name": "Renamed"}
    assert "Harbour" not in sent.get("customer_id_text", "")
    assert client.post(path, data=sent).status_code == 303
    assert (deal.name, deal.customer_id) == ("Renamed", theirs.customer.id)


def test_a_product_has_a_currency_of_the_world(wizard: Wizard, session: Any) -> None:
    wizard.upload("Name,Price,Currency\nGood,1.50,usd\nOdd,2,Gold\n", "product", "products.csv")
    wizard.columns()
    wizard.start()
    assert wizard.counts() == (1, 0, 0, 1)
    assert session.query(Product).one().currency == "USD"
