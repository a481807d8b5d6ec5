"""Files as other programs write them: encodings, delimiters, headers, workbooks."""

from datetime import date, datetime
from io import BytesIO
from pathlib import Path

import pytest
from xlsxwriter import Workbook

from erpcrm.core.imports import reading
from erpcrm.core.imports.reading import Reading, Unreadable

CHINESE = "证券代码,公司简称,地区\r\n000001.SZ,平安银行,深圳\r\n000004.SZ,*ST国华,深圳\r\n"
WESTERN = "Name;Ort;Größe\r\nMüller & Söhne;Köln;5\r\nCafé Élan;Besançon;7\r\n"


def put(folder: Path, data: bytes) -> Path:
    path = folder / "file"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (CHINESE.encode("utf-8"), "utf-8"),
        (CHINESE.encode("utf-8-sig"), "utf-8-sig"),
        (CHINESE.encode("gb18030"), "gb18030"),
        (CHINESE.encode("utf-16"), "utf-16"),
        (WESTERN.encode("cp1252"), "latin-1"),
        (b"name,city\nAda,London\n", "utf-8"),
    ],
)
def test_the_encoding_is_told_by_the_bytes(tmp_path: Path, data: bytes, encoding: str) -> None:
    how = reading.guess(put(tmp_path, data))
    assert how.encoding == encoding
    assert "\ufffd" not in "".join(reading.headers(tmp_path / "file", how))


def test_a_chinese_file_is_read_whole(tmp_path: Path) -> None:
    path = put(tmp_path, CHINESE.encode("gb18030"))
    how = reading.guess(path)
    assert reading.headers(path, how) == ["证券代码", "公司简称", "地区"]
    assert list(reading.data_rows(path, how)) == [
        (2, ("000001.SZ", "平安银行", "深圳")),
        (3, ("000004.SZ", "*ST国华", "深圳")),
    ]


def test_other_encodings_are_shown_with_what_they_would_read(tmp_path: Path) -> None:
    shown = {
        name: (broken, pieces)
        for name, broken, pieces in reading.encodings_of(put(tmp_path, CHINESE.encode("gb18030")))
    }
    assert shown["gb18030"][1][0] == "证券代码"
    assert shown["gb18030"][0] == 0
    assert shown["utf-8"][0] > 0
    assert "utf-16" not in shown


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_makes_even_rows(tmp_path: Path, delimiter: str) -> None:
    text = "\n".join(delimiter.join(row) for row in (["a", "b, with", "c"], ["1", "x; y", "3"], ["4", "5", "6"]))
    if delimiter in ",;":
        text = text.replace("b, with", '"b, with"').replace("x; y", '"x; y"')
    assert reading.guess(put(tmp_path, text.encode())).delimiter == delimiter


def test_titles_above_the_table_are_no_header(tmp_path: Path) -> None:
    path = put(tmp_path, b"Sales report\n\nname,city,size\nAda,London,5\n")
    how = reading.guess(path)
    assert (how.header, reading.headers(path, how)) == (3, ["name", "city", "size"])
    assert list(reading.data_rows(path, how)) == [(4, ("Ada", "London", "5"))]


def test_a_table_without_headers_names_its_columns_by_letters(tmp_path: Path) -> None:
    path = put(tmp_path, b"Ada,5\nBob,7\n")
    how = reading.guess(path)
    assert (how.header, reading.headers(path, how)) == (0, ["A", "B"])
    assert reading.count_rows(path, how) == 2
    assert (reading.letters(25), reading.letters(26), reading.letters(701)) == ("Z", "AA", "ZZ")


def test_cells_lose_what_nobody_sees_and_keep_what_they_say() -> None:
    assert reading.clean("\u3000 平安\u200b银行 \ufeff") == "平安银行"
    assert reading.clean("万科Ａ") == "万科Ａ"
    assert reading.clean("'=1+1") == "=1+1"
    assert reading.clean("'s-Hertogenbosch") == "'s-Hertogenbosch"


def workbook(path: Path) -> Path:
    out = BytesIO()
    with Workbook(out, {"in_memory": True}) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        book.add_worksheet("Notes").write("A1", "nothing here")
        sheet = book.add_worksheet("Data")
        for place, text in enumerate(["Code", "Price", "Day", "Seen", "Safe"]):
            sheet.write_string(0, place, text)
        sheet.write_string(1, 0, "007")
        sheet.write_number(1, 1, 12.5)
        sheet.write_datetime(1, 2, datetime(2026, 1, 31), day)
        sheet.write_datetime(1, 3, datetime(2026, 1, 31, 9, 30), book.add_format({"num_format": "yyyy-mm-dd hh:mm"}))
        sheet.write_boolean(1, 4, True)
        sheet.write_number(2, 1, 40)
    path.write_bytes(out.getvalue())
    return path


def test_a_workbook_gives_text_as_somebody_would_type_it(tmp_path: Path) -> None:
    path = workbook(tmp_path / "book")
    assert reading.is_spreadsheet(path)
    assert reading.sheets(path) == ["Notes", "Data"]
    how = Reading(sheet="Data", header=1)
    assert reading.headers(path, how) == ["Code", "Price", "Day", "Seen", "Safe"]
    rows = list(reading.data_rows(path, how))
    assert rows[0] == (2, ("007", "12.5", "2026-01-31", "2026-01-31 09:30:00", "true"))
    assert rows[1][1][1] == "40"


def test_values_of_a_workbook_are_written_without_a_trace_of_floats() -> None:
    assert reading.cell_text(0.1) == "0.1"
    assert reading.cell_text(1e21) == "1000000000000000000000"
    assert reading.cell_text(date(2026, 3, 1)) == "2026-03-01"
    assert reading.cell_text(None) == ""


def test_a_broken_workbook_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="spreadsheet"):
        reading.guess(put(tmp_path, b"PK\x03\x04 and then nothing that a workbook has"))


def test_a_cell_without_an_end_is_unreadable(tmp_path: Path) -> None:
    path = put(tmp_path, b'a,b\n"' + b"x" * 200_000 + b"\n")
    with pytest.raises(Unreadable, match="csv"):
        reading.count_rows(path, Reading("utf-8", ","))


def test_rows_are_numbered_as_a_spreadsheet_does(tmp_path: Path) -> None:
    path = put(tmp_path, b'a,b\n1,"two\nlines"\n\n3,4\n')
    how = reading.guess(path)
    assert [(number, row[0]) for number, row in reading.data_rows(path, how)] == [(2, "1"), (4, "3")]
    assert [number for number, _row in reading.data_rows(path, how, 1, 2)] == [4]
