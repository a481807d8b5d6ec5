"""How much a workbook unfolds to, asked before it is opened: two cells at the far corners of a sheet make a table of
seventeen thousand million, and the reader of workbooks ends the whole process where it gets no memory for that."""

import re
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile, ZipInfo, is_zipfile

MOST_UNPACKED = 200 * 1024 * 1024
"""Bytes of all parts together."""
MOST_CELLS = 12_000_000
"""Of the rectangle that holds all cells of a sheet: empty ones take memory too."""
CHUNK = 1024 * 1024
LAP = 4096
"""Bytes that are looked at twice, so that no tag is missed that lies between two chunks."""

_CELL = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{1,3})([0-9]{1,7})["']""")
_ODS_TAG = re.compile(rb"<table:(table-row|table-cell|covered-table-cell)\b([^>]*)>")
_REPEATED = re.compile(rb"""number-(?:rows|columns)-repeated\s*=\s*["']([0-9]{1,9})["']""")


class TooLarge(ValueError):
    """More than this program takes from one file."""


class Strange(ValueError):
    """A kind of workbook that is not read here."""


def check(path: Path) -> None:
    """Raises TooLarge, Strange, or BadZipFile for a workbook that must not be opened. Old .xls files can't be that large."""
    if not is_zipfile(path):
        return
    with ZipFile(path) as archive:
        parts = archive.infolist()
        if "xl/workbook.bin" in archive.namelist():
            raise Strange
        if sum(part.file_size for part in parts) > MOST_UNPACKED:
            raise TooLarge
        for part in parts:
            # All of it is read, so that a part that says less of its size than it holds is found out.
            if _cells_of(part, _chunks(archive, part)) > MOST_CELLS:
                raise TooLarge


def _chunks(archive: ZipFile, part: ZipInfo) -> Iterator[bytes]:
    with archive.open(part) as stream:
        kept = b""
        while chunk := stream.read(CHUNK):
            yield kept + chunk
            kept = chunk[-LAP:]


def _cells_of(part: ZipInfo, chunks: Iterator[bytes]) -> int:
    if part.filename == "content.xml":
        return _unfolded(b"".join(chunks))
    rows = columns = 0
    for chunk in chunks:
        if "worksheets/" in part.filename and (found := _CELL.findall(chunk)):
            columns = max(columns, *map(_column, {letters for letters, _row in found}), 1)
            rows = max(rows, *(int(row) for _letters, row in found), 1)
    return rows * columns


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _unfolded(content: bytes) -> int:
    """OpenDocument says how often a row or a cell is repeated; repeated empty ones at the end count for nothing."""
    rows = pending = widest = width = empty = 0
    times = 1

    def end_row() -> None:
        nonlocal rows, pending, widest
        pending += times
        if width:
            rows, pending, widest = rows + pending, 0, max(widest, width)

    for kind, said in _ODS_TAG.findall(content):
        repeated = int(found[1]) if (found := _REPEATED.search(said)) else 1
        if kind == b"table-row":
            end_row()
            times, width, empty = repeated, 0, 0
        elif b"value-type" in said:
            width, empty = width + empty + repeated, 0
        else:
            empty += repeated
    end_row()
    return rows * widest
