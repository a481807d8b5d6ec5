"""How a value of each kind is shown in a list.

Table cells are built here and not by template macros: a page has some five hundred of them, and this is what a list's
time goes into.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from html import escape as escape_text
from typing import Any
from urllib.parse import quote

from flask import url_for
from markupsafe import Markup

from ..actor import Actor
from ..i18n import (
    _,
    locale_code,
    number_locale,
    show_date,
    show_moment_in_short,
    show_money,
    show_number,
    show_percent,
    today,
)
from ..records import Column, RecordType
from ..registry import record_type
from ..settings import setting
from .columns import NUMERIC, Selection, title_column
from .references import References, Row

Writer = Callable[[Row], str]
_ID = 987654321


def escape(value: Any) -> str:
    """Plain text instead of markupsafe's own type, which costs more to make than to escape."""
    return escape_text(str(value))


def address_maker(endpoint: str) -> Callable[[int], str]:
    """A function id -> URL for one endpoint. Fifty calls of url_for cost more than the query for the rows."""
    before, _id, after = url_for(endpoint, id=_ID).partition(str(_ID))
    return lambda record_id: f"{before}{record_id}{after}"


class Cells:
    """Writes the cells of a list's rows."""

    def __init__(self, kind: RecordType, selection: Selection, actor: Actor | None) -> None:
        self.kind, self.selection, self.actor = kind, selection, actor
        self.title = title_column(kind, selection.columns)
        self.address = address_maker(kind.endpoint)
        self.references = References(selection, actor)
        self._writers = [(self._opening(column), self._writer(column)) for column in selection.columns]

    def name(self, row: Row) -> str:
        """What the row's checkbox is called for somebody who does not see it."""
        value = row[self.selection.value[self.title.name]]
        return str(value) if value is not None else f"#{row[0]}"

    def html(self, row: Row) -> Markup:
        """The <td> elements of a row."""
        parts = []
        for (full, empty), write in self._writers:
            text = write(row)
            parts.append(f"{full}{text}</td>" if text else empty)
        return Markup("".join(parts))  # noqa: S704 - every writer escapes what it is given

    def _opening(self, column: Column) -> tuple[str, str]:
        names = ["num"] if column.kind in NUMERIC else []
        label = f' data-label="{escape(column.label)}"'
        if column is self.title:
            names, label = ["cell-title"], ""
        full = f'<td class="{" ".join(names)}"' if names else "<td"
        empty = f'<td class="{" ".join([*names, "cell-empty"])}"'
        return f"{full}{label}>", f"{empty}{label}></td>"

    def _writer(self, column: Column) -> Writer:
        at = self.selection.value[column.name]
        if column is self.title:
            return self._title_writer(at)
        if column.kind == "ref":
            return self._reference_writer(column)
        if column.kind == "money":
            currency_at = self.selection.currency.get(column.name)
            return lambda row: _money(row[at], row[currency_at] if currency_at is not None else None)
        if column.kind in ("choice", "state"):
            return _choice_writer(column, at)
        show = SHOWN.get(column.kind, escape)
        if (reads := column.reads) is not None:
            return lambda row: "" if row[at] is None else show(reads(row[at]))
        return lambda row: "" if row[at] is None or row[at] == "" else show(row[at])

    def _title_writer(self, at: int) -> Writer:
        address = self.address

        def write(row: Row) -> str:
            name = row[at] if row[at] not in (None, "") else f"#{row[0]}"
            return f'<a href="{address(row[0])}">{escape(name)}</a>'

        return write

    def _reference_writer(self, column: Column) -> Writer:
        shown = self.references.of
        key_at = self.selection.key.get(column.name)
        other = record_type(column.ref) if column.ref else None
        if key_at is None or other is None or (self.actor is not None and not self.actor.may(other.view)):
            return lambda row: "" if (name := shown(column, row)[1]) is None else escape(name)
        address = address_maker(other.endpoint)

        def write(row: Row) -> str:
            other_id, name = shown(column, row)
            return "" if name is None or other_id is None else f'<a href="{address(other_id)}">{escape(name)}</a>'

        return write


def _money(value: Any, currency: str | None) -> str:
    if value is None:
        return ""
    return _money_text(value, currency or setting("currency"), str(number_locale()))


# Babel takes some fifty microseconds a value; a company's figures and days come again and again. What a text depends on
# is in the key.
@lru_cache(maxsize=20_000)
def _money_text(value: Decimal, currency: str, _locale: str) -> str:
    return escape(show_money(value, currency))


@lru_cache(maxsize=20_000)
def _moment_text(value: datetime, _language: str, _zone: str, _year: int) -> str:
    return escape(show_moment_in_short(value))


@lru_cache(maxsize=20_000)
def _date_text(value: date, _language: str) -> str:
    return escape(show_date(value))


@lru_cache(maxsize=20_000)
def _number_text(value: Decimal | int, _locale: str) -> str:
    return escape(show_number(value))


def _choice_writer(column: Column, at: int) -> Writer:
    def shown(label: Any, tone: str) -> str:
        if column.kind == "state" or tone != "gray":
            return f'<span class="badge tone-{tone}">{escape(label)}</span>'
        return escape(label)

    known = {choice.value: shown(choice.label, choice.tone) for choice in column.all_choices()}

    def write(row: Row) -> str:
        value = row[at]
        if value is None or value == "":
            return ""
        key = str(value)
        return known[key] if key in known else shown(value, "gray")

    return write


def _moment(value: datetime) -> str:
    return _moment_text(value, locale_code(), setting("time_zone"), today().year)


def _day(value: date) -> str:
    return _date_text(value, locale_code())


def _number(value: Decimal | int) -> str:
    return _number_text(value, str(number_locale()))


def _check(value: bool) -> str:
    if not value:
        return f'<span class="visually-hidden">{escape(_("no"))}</span>'
    # The sprite's file name carries a digest that only templates know; a character needs none.
    return f'<span aria-hidden="true">✓</span><span class="visually-hidden">{escape(_("yes"))}</span>'


def _tags(value: Sequence[str]) -> str:
    return " ".join(f'<span class="badge tone-gray">{escape(tag)}</span>' for tag in value)


def _email(value: str) -> str:
    return f'<a href="mailto:{quote(value, safe="@")}">{escape(value)}</a>'


def _phone(value: str) -> str:
    number = "".join(char for char in value if char.isdigit() or char == "+")
    return f'<a href="tel:{number}">{escape(value)}</a>' if number else escape(value)


SHOWN: dict[str, Callable[[Any], str]] = {
    "number": _number,
    "percent": lambda value: escape(show_percent(value)),
    "date": _day,
    "datetime": _moment,
    "bool": _check,
    "tags": _tags,
    "email": _email,
    "phone": _phone,
}
