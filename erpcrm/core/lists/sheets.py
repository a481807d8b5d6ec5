"""Writing rows into an Excel or CSV file that opens as what it is: numbers, dates, text, and no formula."""

import csv
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import TextIOWrapper
from typing import IO, Any

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

LONGEST_CELL = 32_767
"""Characters that Excel takes in a cell."""
_RISKY = tuple("=+-@\t\r\n＝＋－＠")
_PLAIN_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def harmless(text: str) -> str:
    """Text that no spreadsheet program takes for a formula when it opens a CSV file.

    After the OWASP advice on CSV injection: what begins with = + - @ tab or line break gets an apostrophe in front.
    A plain number, as "-5", is left alone.
    """
    if text.startswith(_RISKY) and not _PLAIN_NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def write_csv(target: IO[bytes], heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """UTF-8 with a byte order mark, which is how Excel knows; dates as ISO 8601. Returns the number of rows."""
    text = TextIOWrapper(target, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow([harmless(head) for head in heads])
    count = 0
    for row in rows:
        writer.writerow([_csv_cell(value) for value in row])
        count += 1
    text.flush()
    text.detach()
    return count


def _csv_cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            return harmless(value)
        case datetime():
            return value.isoformat(" ", "seconds")
        case date():
            return value.isoformat()
        case Decimal():
            return f"{value.normalize():f}" if value else "0"
        case _:
            return str(value)


def write_xlsx(
    target: IO[bytes], title: str, heads: Sequence[str], rows: Iterable[Sequence[Any]], widths: Sequence[int]
) -> int:
    """One sheet with a fixed head, real numbers and dates, and text that stays text. Returns the number of rows."""
    book = Workbook(
        target,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_date_format": "yyyy-mm-dd",
        },
    )
    sheet = book.add_worksheet(re.sub(r"[\[\]:*?/\\']", " ", title)[:31] or "1")
    bold = book.add_format({"bold": True, "bottom": 1})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    number = book.add_format({"num_format": "#,##0.######"})
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(1, 0)
    for column, head in enumerate(heads):
        sheet.write_string(0, column, head[:LONGEST_CELL], bold)
    count = 0
    for count, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            _write(sheet, count, column, value, moment, number)
    sheet.autofilter(0, 0, count, max(len(heads) - 1, 0))
    book.close()
    return count


def _write(sheet: Worksheet, row: int, column: int, value: Any, moment: Any, number: Any) -> None:
    match value:
        case None | "":
            return
        case str():
            sheet.write_string(row, column, value[:LONGEST_CELL])
        case bool():
            sheet.write_boolean(row, column, value)
        case datetime():
            sheet.write_datetime(row, column, value, moment)
        case date():
            sheet.write_datetime(row, column, value)
        case Decimal() if value != value.to_integral_value():
            sheet.write_number(row, column, value, number)
        case _:
            sheet.write_number(row, column, value)
