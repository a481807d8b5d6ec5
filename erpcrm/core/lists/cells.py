"""How a value of each kind is shown in a list.

Table cells are built here and not by template macros: a page has some five hundred of them, and this is what a list's
time goes into.
"""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from ..actor import Actor
from ..i18n import _, moments_in_short, show_date, show_money, show_number, show_percent
from ..pages import address_maker
from ..records import Column, RecordType
from ..registry import record_type
from ..rendering import escaped
from .columns import NUMERIC, Selection, title_column
from .references import References, Row

Writer = Callable[[Row], str]
PLAIN = frozenset({"text", "ref", "email", "phone", "url", "tags"})
"""Kinds whose value is itself the name of a row, or is shown as a link of its own."""


def escape(value: Any) -> str:
    """Plain text instead of markupsafe's own type, which costs more to make than to escape."""
    return escaped(str(value))


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
            # A link within a link is none: of what would be one, the plain name is the title.
            return self._title_writer(at, None if column.kind in PLAIN else self._figure_writer(column, at))
        return self._figure_writer(column, at)

    def _figure_writer(self, column: Column, at: int) -> Writer:
        if column.kind == "ref":
            return self._reference_writer(column)
        if column.kind == "money":
            currency_at = self.selection.currency.get(column.name)
            return lambda row: _money(row[at], row[currency_at] if currency_at is not None else None)
        if column.kind in ("choice", "state"):
            return _choice_writer(column, at)
        show = moments_in_short() if column.kind == "datetime" else SHOWN.get(column.kind, escape)
        if column.opens is not None:
            return _opening_writer(address_maker(column.opens), at, show)
        if (reads := column.reads) is not None:
            return lambda row: "" if row[at] is None else show(reads(row[at]))
        return lambda row: "" if row[at] is None or row[at] == "" else show(row[at])

    def _title_writer(self, at: int, show: Writer | None) -> Writer:
        address = self.address

        def write(row: Row) -> str:
            name = f"#{row[0]}" if row[at] in (None, "") else show(row) if show else escape(row[at])
            return f'<a href="{address(row[0])}">{name}</a>'

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


def _opening_writer(address: Callable[[int], str], at: int, show: Callable[[Any], str]) -> Writer:
    def write(row: Row) -> str:
        url = address(row[0])
        return "" if row[at] is None else f'<a href="{url}" hx-get="{url}" hx-target="#dialog_body">{show(row[at])}</a>'

    return write


def _money(value: Any, currency: str | None) -> str:
    if value is None:
        return ""
    return escape(show_money(value, currency))


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
    "number": lambda value: escape(show_number(value)),
    "percent": lambda value: escape(show_percent(value)),
    "date": lambda value: escape(show_date(value)),
    "bool": _check,
    "tags": _tags,
    "email": _email,
    "phone": _phone,
}
