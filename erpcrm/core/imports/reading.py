"""A file as it lies there, to rows of text: encoding, delimiter, sheet and header row are guessed, and may be said. No database."""

import csv
import io
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from python_calamine import CalamineError, CalamineWorkbook

from . import workbooks

ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 (BOM)",
    "gb18030": "GB18030 / GBK",
    "latin-1": "Latin-1 / Windows-1252",
    "utf-16": "UTF-16",
}
DELIMITERS = (",", ";", "\t", "|")
SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
MOST_ROWS = 500_000
MOST_COLUMNS = 300
Cells = tuple[str, ...]

# Common Chinese characters have both bytes in the upper half. Latin-1 letters read as GB18030 pair with an ASCII letter.
_CHINESE_PAIR = re.compile(rb"[\xa1-\xf7][\xa1-\xfe]")
_MIXED_PAIR = re.compile(rb"[\x81-\xfe][\x40-\x7e]")
_INVISIBLE = str.maketrans("", "", "\ufeff\u200b\u200c\u200d\u2060")
_GUARD = re.compile(r"'(?=[=+\-@\t\r])")


class Unreadable(ValueError):
    """The file is not what its reading says; `code` tells which way."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Reading:
    """How a file is to be read. `header` is the number of the row that holds the headers, from 1; 0 when there is none."""

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header: int = 1

    @property
    def is_spreadsheet(self) -> bool:
        return self.encoding is None


def is_spreadsheet(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) in SPREADSHEETS


def sheets(path: Path) -> list[str]:
    """Names of the sheets of a workbook. Raises Unreadable for one that is broken or locked."""
    try:
        with CalamineWorkbook.from_path(str(path)) as book:
            return list(book.sheet_names)
    except (CalamineError, BadZipFile) as error:
        raise Unreadable("spreadsheet") from error


def _check(path: Path) -> None:
    try:
        workbooks.check(path)
    except workbooks.TooLarge as error:
        raise Unreadable("too-large") from error
    except (workbooks.Strange, BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
        raise Unreadable("spreadsheet") from error


def guess_encoding(data: bytes) -> str:
    """The encoding ladder: byte order mark, UTF-8, then GB18030 or Latin-1 by what the upper bytes look like."""
    if data.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if _decodes(data, "utf-8"):
        return "utf-8"
    chinese, mixed = len(_CHINESE_PAIR.findall(data)), len(_MIXED_PAIR.findall(data))
    return "gb18030" if _decodes(data, "gb18030") and chinese >= mixed else "latin-1"


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeError:
        return False
    return True


def decode(data: bytes, encoding: str) -> str:
    """Text of the file; a byte that can't be read becomes U+FFFD."""
    match encoding:
        case "utf-8" | "utf-8-sig":
            return data.decode("utf-8-sig", errors="replace")
        case "latin-1":
            return data.decode("cp1252" if _decodes(data, "cp1252") else "latin-1")
        case _:
            return data.decode(encoding, errors="replace")


def encodings_of(path: Path) -> list[tuple[str, int, list[str]]]:
    """Each encoding with how many characters it can't read and a few pieces of text as it reads them, for a human to choose."""
    data = path.read_bytes()
    upper = [match.start() for match in islice(re.finditer(rb"[\x80-\xff]+", data), 400)]
    found = []
    for name in ENCODINGS:
        if (name == "utf-8-sig") != data.startswith(b"\xef\xbb\xbf") and name.startswith("utf-8"):
            continue
        if name == "utf-16" and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
            continue
        text = decode(data, name)
        found.append((name, text.count("\ufffd"), _pieces(text) if upper else []))
    return found


def _pieces(text: str, most: int = 6) -> list[str]:
    """The first different cells that hold anything beyond ASCII."""
    pieces: dict[str, None] = {}
    for match in re.finditer(r"[^\s,;|\"]*[^\x00-\x7f][^,;|\t\r\n\"]*", text):
        pieces.setdefault(match.group()[:24].strip())
        if len(pieces) == most:
            break
    return list(pieces)


def guess_delimiter(text: str) -> str:
    """The one that splits most of the first lines into the same number of cells, and more than one."""
    lines = text[:200_000].splitlines(keepends=True)[:60]
    best, score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        try:
            widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter) if row)
        except csv.Error:  # a cell that never ends
            continue
        width, times = max(((w, n) for w, n in widths.items() if w > 1), key=lambda pair: pair[1], default=(0, 0))
        here = (times / max(len(lines), 1), width)
        if here > score:
            best, score = delimiter, here
    return best


def guess(path: Path) -> Reading:
    """How this file most likely is to be read."""
    if is_spreadsheet(path):
        _check(path)
        first = Reading(sheet=next(iter(sheets(path)), None), header=0)
    else:
        data = path.read_bytes()
        encoding = guess_encoding(data)
        first = Reading(encoding, guess_delimiter(decode(data, encoding)), header=0)
    return Reading(first.encoding, first.delimiter, first.sheet, guess_header(list(islice(raw_rows(path, first), 20))))


def guess_header(rows: Sequence[Cells]) -> int:
    """The first row that is nearly as full as the fullest: titles above a table fill a cell or two."""
    full = [sum(1 for cell in row if cell) for row in rows]
    for number, (count, row) in enumerate(zip(full, rows, strict=True), start=1):
        if count >= 0.6 * max(full):
            return number if not any(cell.replace(".", "").replace("-", "").isdecimal() for cell in row if cell) else 0
    return 1


def raw_rows(path: Path, reading: Reading) -> Iterator[Cells]:
    """All rows from the top, cells as clean text. Raises Unreadable."""
    return _sheet_rows(path, reading.sheet) if reading.is_spreadsheet else _text_rows(path, reading)


def _text_rows(path: Path, reading: Reading) -> Iterator[Cells]:
    text = decode(path.read_bytes(), reading.encoding or "utf-8")
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=reading.delimiter or ","):
            yield tuple(clean(cell) for cell in row)
    except csv.Error as error:
        raise Unreadable("csv") from error


def _sheet_rows(path: Path, sheet: str | None) -> Iterator[Cells]:
    try:
        with CalamineWorkbook.from_path(str(path)) as book:
            names = book.sheet_names
            chosen = sheet if sheet in names else next(iter(names), None)
            if chosen is None:
                return
            for row in book.get_sheet_by_name(chosen).iter_rows():
                yield tuple(cell_text(cell) for cell in row)
    except (CalamineError, BadZipFile) as error:
        raise Unreadable("spreadsheet") from error


def clean(cell: str) -> str:
    """Without blanks around it (ideographic ones too), marks that nobody sees, and the apostrophe that keeps a formula asleep."""
    if not cell:
        return ""
    if "\x00" in cell:  # no text that a person has typed, and PostgreSQL keeps none
        cell = cell.replace("\x00", "")
    if not cell.isascii():
        cell = cell.translate(_INVISIBLE)
    cell = cell.strip()
    return _GUARD.sub("", cell, count=1) if cell.startswith("'") else cell


def cell_text(value: Any) -> str:
    """A spreadsheet's value as somebody would have typed it: 12 and not 12.0, dates as YYYY-MM-DD."""
    match value:
        case str():
            return clean(value)
        case bool():
            return "true" if value else "false"
        case float():
            return str(int(value)) if value.is_integer() else format(Decimal(repr(value)).normalize(), "f")
        case datetime():
            return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return str(value)
        case _:
            return "" if value is None else str(value)


def letters(index: int) -> str:
    """A, B, … AA: the name of a column without a header."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name


def headers(path: Path, reading: Reading) -> list[str]:
    """The names of the columns; one without a header is named by its letter."""
    rows = list(islice(raw_rows(path, reading), max(reading.header, 1) + 20))
    wide = min(max((_width(row) for row in rows), default=0), MOST_COLUMNS)
    if not reading.header or reading.header > len(rows):
        return [letters(index) for index in range(wide)]
    named = rows[reading.header - 1][:MOST_COLUMNS]
    width = _width(named)
    return [named[index] or letters(index) for index in range(width)]


def _width(row: Cells) -> int:
    return max((index for index, cell in enumerate(row, start=1) if cell), default=0)


def data_rows(path: Path, reading: Reading, start: int = 0, stop: int | None = None) -> Iterator[tuple[int, Cells]]:
    """(row number as a spreadsheet counts, cells) of rows that hold anything; `start` and `stop` count those rows from 0."""
    rows = (
        (number, row)
        for number, row in enumerate(raw_rows(path, reading), start=1)
        if number > reading.header and any(row)
    )
    return islice(rows, start, stop)


def count_rows(path: Path, reading: Reading) -> int:
    """How many rows hold anything. Raises Unreadable beyond MOST_ROWS."""
    count = sum(1 for _row in data_rows(path, reading, 0, MOST_ROWS + 1))
    if count > MOST_ROWS:
        raise Unreadable("too-long")
    return count
