"""The rows that did not get in, as a file that can be mended and imported again: the same columns and the reason."""

import csv
import io
import re
from collections.abc import Iterable, Iterator

from sqlalchemy import select
from xlsxwriter import Workbook

from erpcrm.core.db import session
from erpcrm.core.i18n import _
from erpcrm.core.records import ImportField

from .models import Import, ImportRow
from .plan import Plan
from .reading import Cells

NUMBER = re.compile(r"[+-]?[\d.,\s]+%?")
NOT_TAKEN = ("bad", "skipped")


def bad_rows(imported: Import, plan: Plan) -> Iterator[Cells]:
    """The header with one more column, then each row that was bad or skipped, as it stood in the file, with its reason."""
    query = select(ImportRow.row_no, ImportRow.reason).where(
        ImportRow.import_id == imported.id, ImportRow.action.in_(NOT_TAKEN), ImportRow.reason.is_not(None)
    )
    reasons = dict(session.execute(query).all())
    yield (*plan.headers, _("Why it was not imported"))
    width = len(plan.headers)
    for number, cells in plan.rows():
        if number in reasons:
            filled = (*cells[:width], *("" for _missing in range(width - len(cells))))
            yield (*filled, reasons[number] or "")


def guarded(cell: str) -> str:
    """No spreadsheet takes it for a formula. The reader of imports takes the apostrophe away again."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") and not NUMBER.fullmatch(cell) else cell


def as_csv(rows: Iterable[Cells], encoding: str = "utf-8-sig", delimiter: str = ",") -> bytes:
    """CSV in this encoding; in UTF-8 with a mark where the encoding lacks a character."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows([guarded(cell) for cell in row] for row in rows)
    text = out.getvalue()
    try:
        return text.encode("cp1252" if encoding == "latin-1" else encoding)
    except UnicodeEncodeError:
        return text.encode("utf-8-sig")


def as_xlsx(rows: Iterable[Cells], name: str = "Sheet1") -> bytes:
    """A workbook of plain text cells: leading zeros stay, nothing is a formula or a link."""
    out = io.BytesIO()
    with Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet(name)
        bold = book.add_format({"bold": True})
        text = book.add_format({"num_format": "@"})
        for index, row in enumerate(rows):
            for place, cell in enumerate(row):
                sheet.write_string(index, place, cell, bold if index == 0 else text)
                if index == 0:
                    sheet.set_column(place, place, max(12, min(len(cell) * 2, 40)), text)
        sheet.freeze_panes(1, 0)
    return out.getvalue()


def template_rows(fields: Iterable[ImportField]) -> list[Cells]:
    """An empty table with a header for each field."""
    return [tuple(str(one.label) for one in fields)]
