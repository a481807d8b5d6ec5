"""Business documents on paper: quotations, invoices, reminders as PDF.

Whoever prints says everything in words already: texts, amounts and days in the language of the document (`in_language`,
`show_money`). The look is in printing.typ, the fonts are in fonts/ (its README.md says how they were made).
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple
from urllib.parse import quote

import structlog
from flask import Response

from .file_types import TYPES
from .i18n import _, in_language, locale_code
from .typesetting import NotTypeset, can_be_drawn, has_a_sane_size, numbers, typeset

log = structlog.get_logger()

LOOK = Path(__file__).with_suffix(".typ")

Fact = tuple[str, str]
"""A label and its value"""


@dataclass(frozen=True)
class Company:
    """Who writes. `facts` stand below the address: tax number, telephone, mail. `bank` is where to pay."""

    name: str
    lines: Sequence[str] = ()
    facts: Sequence[Fact] = ()
    bank: Sequence[Fact] = ()
    logo: bytes | None = None


@dataclass(frozen=True)
class Line:
    """A row of a priced document. A heading or a text is its `text` alone; a text may have several lines.

    What nobody has filled in (no line has a discount) gets no column.
    """

    text: str
    details: Sequence[str] = ()
    position: str = ""
    quantity: str = ""
    price: str = ""
    discount: str = ""
    tax: str = ""
    amount: str = ""
    kind: Literal["line", "heading", "text"] = "line"
    optional: bool = False


@dataclass(frozen=True)
class Heads:
    """Heads of the columns of priced lines, where they aren't the usual words: `amount="Amount (CNY)"`."""

    position: str = ""
    text: str = ""
    quantity: str = ""
    price: str = ""
    discount: str = ""
    tax: str = ""
    amount: str = ""


class Column(NamedTuple):
    label: str
    right: bool = False
    wide: bool = False  # takes the room that is left; one of them in a table


@dataclass(frozen=True)
class Table:
    """Rows of texts, one a column: the open invoices of a reminder, the movements of a statement."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]


class Sum(NamedTuple):
    label: str
    value: str
    strong: bool = False


class TaxRow(NamedTuple):
    name: str
    rate: str
    base: str
    amount: str


@dataclass(frozen=True)
class Signature:
    """Who has signed and when. Without a name it is a line to sign on. `picture` is a PNG."""

    label: str
    name: str = ""
    day: str = ""
    picture: bytes | None = None


@dataclass(frozen=True)
class PrintedDocument:
    """One document. A letter (reminder, statement) is the same without lines: paragraphs, and a `table` or none."""

    title: str
    language: str
    company: Company
    number: str = ""
    revision: str = ""
    billing: Sequence[str] = ()
    delivery: Sequence[str] = ()
    facts: Sequence[Fact] = ()
    headline: str = ""  # the one thing to see at once: "¥12,000.00 due on 1 Dec 2026"
    introduction: Sequence[str] = ()
    lines: Sequence[Line] = ()
    heads: Heads = field(default_factory=Heads)
    table: Table | None = None
    sums: Sequence[Sum] = ()
    taxes: Sequence[TaxRow] = ()
    in_words: Fact | None = None
    closing: Sequence[str] = ()
    terms: Sequence[str] = ()
    signature: Signature | None = None
    footer: Sequence[str] = ()


def document_pdf(document: PrintedDocument) -> bytes:
    """The document as PDF; the same document gives the same bytes. A picture that can't be drawn is left out."""
    pictures = _pictures(document)
    try:
        return _document_pdf(document, pictures)
    except NotTypeset:
        drawable = {name: picture for name, picture in pictures.items() if can_be_drawn(picture)}
        if drawable == pictures:
            raise
        log.warning("pictures_not_printed", title=document.title, number=document.number)
        return _document_pdf(document, drawable)


def _document_pdf(document: PrintedDocument, pictures: Mapping[str, bytes]) -> bytes:
    with in_language(document.language):
        data = _plain(_content(document)) | {"pictures": list(pictures)}
    inputs = {name: numbers(picture) for name, picture in pictures.items()} | {"document": json.dumps(data)}
    return typeset(_look(), tagged=len(data["table"]["rows"]) <= TAGGED_ROWS, **inputs)


def _pictures(document: PrintedDocument) -> dict[str, bytes]:
    given = {"logo": document.company.logo}
    # It comes from outside, by the link of a customer: of the kinds of pictures the one whose size is known beforehand.
    if document.signature and TYPES["png"].fits(document.signature.picture or b""):
        given["signature"] = document.signature.picture
    return {name: picture for name, picture in given.items() if picture and has_a_sane_size(picture)}


@cache
def _look() -> bytes:
    return LOOK.read_bytes()


TAGGED_ROWS = 200
"""Tags tell a screen reader what is a table and what its head; of a longer table they are nine tenths of the file."""


# What the template is given


def _content(document: PrintedDocument) -> dict[str, Any]:
    """Everything that is printed, in the order and grouping of the template."""
    company, signature = document.company, document.signature
    number = " · ".join(part for part in (document.number, document.revision) if part)
    return {
        "language": locale_code(),
        "file_title": " ".join(part for part in (document.title, number) if part),
        "title": document.title,
        "number": number,
        "company": {
            "name": company.name,
            "lines": list(company.lines),
            "facts": list(company.facts),
            "bank": list(company.bank),
        },
        "billing": list(document.billing),
        "delivery": list(document.delivery),
        "facts": list(document.facts),
        "headline": document.headline,
        "introduction": [text.splitlines() for text in document.introduction],
        "table": _priced(document) if document.lines else _table(document.table, together=_fits_below(document)),
        "sums_are_long": not _fits_below(document),
        "sums": list(document.sums),
        "taxes": list(document.taxes),
        "in_words": document.in_words,
        "closing": [text.splitlines() for text in document.closing],
        "terms": [text.splitlines() for text in document.terms],
        "signature": (signature.label, signature.name, signature.day) if signature else None,
        "footer": list(document.footer),
        "words": {
            "billing": _("Bill to") if document.lines else _("To"),
            "delivery": _("Deliver to"),
            "bank": _("Bank details"),
            "terms": _("Terms"),
            "page": _("Page %(page)s of %(pages)s", page="{page}", pages="{pages}"),
            "taxes": [_("Tax"), _("Tax rate"), _("Taxable amount"), _("Tax amount")],
        },
    }


LONG_SUMS = 30


def _fits_below(document: PrintedDocument) -> bool:
    """Whether there are sums, and so few that they find room on the page of the last line."""
    rows = max(len(document.sums), len(document.taxes) + bool(document.in_words))
    return 0 < rows <= LONG_SUMS


WIDE = "text"


def _priced(document: PrintedDocument) -> dict[str, Any]:
    usual = {
        "position": _("Pos."),
        "text": _("Product or service"),
        "quantity": _("Quantity"),
        "price": _("Unit price"),
        "discount": _("Discount"),
        "tax": _("Tax"),
        "amount": _("Amount"),
    }
    shown = [name for name in usual if name == WIDE or any(getattr(line, name) for line in document.lines)]
    columns = [
        {
            "label": getattr(document.heads, name) or usual[name],
            "right": name not in ("position", WIDE),
            "wide": name == WIDE,
        }
        for name in shown
    ]
    rows = [
        {
            "kind": line.kind,
            "cells": [getattr(line, name) for name in shown] if line.kind == "line" else line.text.splitlines() or [""],
            "details": [part for text in line.details for part in text.splitlines()],
            "mark": _("Optional") if line.optional else "",
        }
        for line in document.lines
    ]
    return _laid_out(columns, rows, together=_fits_below(document))


def _table(table: Table | None, *, together: bool) -> dict[str, Any]:
    if table is None:
        return {"columns": [], "rows": []}
    columns = [column._asdict() for column in table.columns]
    rows = [{"kind": "line", "cells": list(row), "details": [], "mark": ""} for row in table.rows]
    return _laid_out(columns, rows, together=together)


LONG_ROW = 600
"""Characters from which a row may be broken over two pages; a shorter one never is."""
ROWS_TOGETHER = 4
WIDE_NUMBER = 17
"""Characters of an amount beside which the text would get too little room in the usual size."""


def _laid_out(columns: list[dict[str, Any]], rows: list[dict[str, Any]], *, together: bool) -> dict[str, Any]:
    """Says of each row with how many following ones it must stay on a page: a heading with what it is the heading of,
    the last one with the sums, which count as a row."""
    for row in rows:
        texts = [*row["cells"], *row["details"]]
        row["long"] = sum(map(len, texts)) > LONG_ROW or len(texts) > len(columns) + 12
    binds = [row["kind"] == "heading" for row in rows]
    if rows:
        binds[-1] = together
    index = 0
    while index < len(rows):
        reach = 1
        while (
            reach < ROWS_TOGETHER
            and index + reach - 1 < len(rows)
            and binds[index + reach - 1]
            and not any(row["long"] for row in rows[index : index + reach + 1])
        ):
            reach += 1
        rows[index]["keep"] = reach
        for row in rows[index + 1 : index + reach]:
            row["keep"] = 0
        index += reach
    numbers = (
        text
        for row in rows
        if row["kind"] == "line"
        for column, text in zip(columns, row["cells"], strict=True)
        if column["right"]
    )
    return {
        "columns": columns,
        "rows": rows,
        "size": 8 if max(map(len, numbers), default=0) >= WIDE_NUMBER else 9,
    }


UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Controls, half characters, and the marks that turn the direction of writing, with which an amount could be disguised."""
UNBROKEN = re.compile("[^\\s\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]{24,}")
"""A part number or address without a space, which would run out of its column."""


def _plain(value: Any) -> Any:
    """The same without characters that are none, and with places where a line may end in words that are too long."""
    if isinstance(value, str):
        return UNBROKEN.sub(lambda word: "\u200b".join(word[0]), UNPRINTABLE.sub(" ", value))
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return value


# Over HTTP

SHOWN_AS_PDF = (
    "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""Browsers lay out their viewer of a PDF by inline styles; nothing else is allowed."""


def pdf_response(content: bytes, filename: str, *, download: bool) -> Response:
    """The PDF to look at in the browser, or to save. `filename` may be Chinese (RFC 6266, RFC 8187)."""
    name = filename if filename.lower().endswith(".pdf") else f"{filename}.pdf"
    name = re.sub(r'[\x00-\x1f\x7f/\\:*?"<>|]', "-", name)
    ascii_name = re.sub(r"[^\x20-\x7e]|%", "_", name)
    disposition = "attachment" if download else "inline"
    response = Response(content, mimetype="application/pdf")
    response.headers["Content-Disposition"] = (
        f"{disposition}; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name, safe='')}"
    )
    response.headers["Content-Security-Policy"] = SHOWN_AS_PDF
    response.headers["Cache-Control"] = "private, no-store"
    return response
