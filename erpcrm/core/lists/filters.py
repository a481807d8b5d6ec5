"""One filter of a list: read from the address, turned into a condition and into the words of its chip."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from babel.numbers import NumberFormatError, parse_decimal
from sqlalchemy import Integer, String, and_, cast, exists, false, func, or_, select, true
from sqlalchemy.sql import ColumnElement

from ..actor import Actor
from ..db import session
from ..i18n import _, number_locale, show_date, show_number, today, zone
from ..records import Column, RecordType
from ..registry import record_type
from ..whole import MOST, whole_or_none
from .columns import MOMENTS, NUMERIC
from .periods import PERIODS, span

OPERATORS = ("min", "max", "has", "empty")
TEXTUAL = frozenset({"text", "email", "phone"})
ME = "me"
FIRST_DAY, LAST_DAY = date(1, 1, 3), date(9999, 12, 29)
"""Between them a day has a beginning and an end in every zone."""
_TAG_BREAK = re.compile(r"\s*[,，、]\s*")


@dataclass
class Filter:
    """What the address asks of one column: any of `values`, and within `min` and `max`, and containing `has`.

    `empty` is True for "has none", False for "has any". `wrong` says why it can't be understood:
    it then filters nothing.
    """

    column: Column
    values: list[str] = field(default_factory=list)
    min: str = ""
    max: str = ""
    has: str = ""
    empty: bool | None = None
    wrong: str = ""

    def params(self) -> list[tuple[str, str]]:
        """The same filter as parameters of an address."""
        name = self.column.name
        pairs = [(name, value) for value in self.values]
        pairs += [
            (f"{name}.{operator}", text) for operator in ("min", "max", "has") if (text := getattr(self, operator))
        ]
        return pairs if self.empty is None else [*pairs, (f"{name}.empty", "1" if self.empty else "0")]


def read_filters(columns: dict[str, Column], params: Iterable[tuple[str, str]]) -> list[Filter]:
    """The filters of an address, in its order. Blank values are left out, and so are names that are no column."""
    found: dict[str, Filter] = {}
    for name, value in params:
        column, operator = _split(columns, name)
        text = value.strip()
        if column is None or not column.filterable or not text:
            continue
        this = found.setdefault(column.name, Filter(column))
        if operator == "":
            parts = _TAG_BREAK.split(text) if column.kind == "tags" else [text]
            this.values += [part for part in parts if part and part not in this.values]
        elif operator == "empty":
            this.empty = text == "1"
        else:
            setattr(this, operator, text)
    return list(found.values())


def _split(columns: dict[str, Column], name: str) -> tuple[Column | None, str]:
    if name in columns:
        return columns[name], ""
    stem, _dot, operator = name.rpartition(".")
    return (columns.get(stem), operator) if operator in OPERATORS else (None, "")


class NotUnderstood(ValueError):
    """A filter's value is not of its column's kind."""


def condition(this: Filter, kind: RecordType, actor: Actor | None) -> ColumnElement[bool]:
    """The filter as a condition on `kind.model` alone: a column of a joined table is looked up in a subquery.

    A filter that can't be understood is marked `wrong`, and lets every row pass.
    """
    try:
        clause = and_(*_clauses(this, actor))
    except NotUnderstood as problem:
        this.wrong = str(problem)
        return true()
    key: Any = this.column.key if this.column.kind == "ref" else None
    if not this.column.joins or (key is not None and key.class_ is kind.model):
        return clause
    inner = select(kind.model.id)
    for join in this.column.joins:
        inner = inner.outerjoin(join.target, join.on)
    return kind.model.id.in_(inner.where(clause))


def _clauses(this: Filter, actor: Actor | None) -> list[ColumnElement[bool]]:
    column = this.column
    clauses: list[ColumnElement[bool]] = []
    if this.values:
        clauses.append(_any_of(column, this.values, actor))
    if (this.min or this.max) and column.kind not in NUMERIC | MOMENTS:
        raise NotUnderstood(_("This column has no order to ask for."))
    if this.min:
        clauses.append(_from(column, this.min))
    if this.max:
        clauses.append(_to(column, this.max))
    if this.has and not isinstance(_expr(column).type, String):
        raise NotUnderstood(_("This column holds no text to look into."))
    if this.has:
        clauses.append(_expr(column).icontains(this.has, autoescape=True))
    if this.empty is not None:
        clauses.append(_is_empty(column) if this.empty else ~_is_empty(column))
    return clauses


def _expr(column: Column) -> Any:
    return column.key if column.kind == "ref" and column.key is not None else column.expr


def _any_of(column: Column, values: Sequence[str], actor: Actor | None) -> ColumnElement[bool]:
    expr = _expr(column)
    if column.asked is not None:
        return column.asked(values, actor)
    if column.kind == "ref":
        return expr.in_([_reference(value, actor) for value in values])  # type: ignore[no-any-return]
    if column.kind == "bool":
        return or_(*(expr.is_(true()) if value == "1" else or_(expr.is_(false()), expr.is_(None)) for value in values))
    if column.kind == "tags":
        return or_(*(_has_tag(expr, value) for value in values))
    if column.kind in NUMERIC:
        return expr.in_([_number(column, value) for value in values])  # type: ignore[no-any-return]
    if column.kind in MOMENTS:
        return or_(*(_within(column, value) for value in values))
    if isinstance(expr.type, Integer):
        return expr.in_([_whole(value) for value in values])  # type: ignore[no-any-return]
    return expr.in_(values)  # type: ignore[no-any-return]


def _reference(value: str, actor: Actor | None) -> int:
    if value == ME and actor is not None:
        return actor.id
    if (number := whole_or_none(value)) is None:
        raise NotUnderstood(_("This is not there any more, or not yours to see."))
    return number


def _whole(value: str) -> int:
    if (number := whole_or_none(value)) is None:
        raise NotUnderstood(_("This choice does not exist."))
    return number


def _has_tag(expr: Any, tag: str) -> ColumnElement[bool]:
    sqlite = session.get_bind().dialect.name == "sqlite"
    items = (func.json_each(expr) if sqlite else func.json_array_elements_text(expr)).table_valued("value", name="tag")
    return exists(select(1).select_from(items).where(items.c.value == tag))


def _is_empty(column: Column) -> ColumnElement[bool]:
    expr = _expr(column)
    if column.kind == "tags":
        return or_(expr.is_(None), cast(expr, String).in_(["[]", "null", ""]))
    if column.kind in TEXTUAL | {"choice"} and isinstance(expr.type, String):
        return or_(expr.is_(None), expr == "")
    return expr.is_(None)  # type: ignore[no-any-return]


def _number(column: Column, text: str) -> Decimal | int:
    """Plain notation as in an address, or the reader's separators as typed. As exact as the column, never rounded."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        try:
            number = parse_decimal(text, locale=number_locale(), strict=False)
        except (NumberFormatError, InvalidOperation) as error:
            raise NotUnderstood(_("This is not a number.")) from error
    kind = column.expr.type
    places = 0 if isinstance(kind, Integer) else getattr(kind, "places", 4)
    limit = MOST if isinstance(kind, Integer) else 10 ** (18 - places)
    if not number.is_finite() or abs(number) >= limit or number != round(number, places):
        raise NotUnderstood(_("This number has too many digits."))
    return int(number) if isinstance(kind, Integer) else number


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise NotUnderstood(_("This is not a date.")) from error
    if not FIRST_DAY <= day <= LAST_DAY:
        raise NotUnderstood(_("This is not a date."))
    return day


def _start_of(day: date) -> datetime:
    """The first moment of a day in the company's zone."""
    return datetime.combine(day, time(), zone()).astimezone(UTC)


def _from(column: Column, text: str) -> ColumnElement[bool]:
    if column.kind in MOMENTS:
        return _from_day(column, _day(text))
    return _expr(column) >= _number(column, text)  # type: ignore[no-any-return]


def _to(column: Column, text: str) -> ColumnElement[bool]:
    if column.kind in MOMENTS:
        return _to_day(column, _day(text))
    return _expr(column) <= _number(column, text)  # type: ignore[no-any-return]


def _from_day(column: Column, day: date) -> ColumnElement[bool]:
    return _expr(column) >= (_start_of(day) if column.kind == "datetime" else day)  # type: ignore[no-any-return]


def _to_day(column: Column, day: date) -> ColumnElement[bool]:
    expr = _expr(column)
    if column.kind == "datetime":
        return expr < _start_of(day + timedelta(days=1))  # type: ignore[no-any-return]
    return expr <= day  # type: ignore[no-any-return]


def _within(column: Column, name: str) -> ColumnElement[bool]:
    days = span(name, today())
    if days is None:
        raise NotUnderstood(_("This is not a date."))
    first, last = days
    if (first or last or FIRST_DAY) < FIRST_DAY or (last or first or LAST_DAY) > LAST_DAY:
        raise NotUnderstood(_("This is not a date."))
    bounds = [_from_day(column, first)] if first else []
    return and_(*bounds, *([_to_day(column, last)] if last else []))


def describe(this: Filter, actor: Actor | None) -> str:
    """The filter in words, for its chip."""
    parts = []
    if this.values:
        joint = _("or")
        parts.append(f" {joint} ".join(_value_names(this, actor)))
    if this.min and this.max:
        parts.append(_("%(low)s to %(high)s", low=_shown(this, this.min), high=_shown(this, this.max)))
    elif this.min:
        parts.append(_("from %(low)s", low=_shown(this, this.min)))
    elif this.max:
        parts.append(_("up to %(high)s", high=_shown(this, this.max)))
    if this.has:
        parts.append(_("contains “%(text)s”", text=this.has))
    if this.empty is not None:
        parts.append(_("is empty") if this.empty else _("is not empty"))
    return ", ".join(parts)


def _value_names(this: Filter, actor: Actor | None) -> list[str]:
    column = this.column
    if column.kind == "ref" and column.ref is not None:
        known = names_of(column.ref, this.values, actor)
        return [_("me") if value == ME else known.get(value, f"#{value}") for value in this.values]
    if column.kind == "bool":
        return [_("yes") if value == "1" else _("no") for value in this.values]
    if column.kind in ("choice", "state"):
        labels = {choice.value: str(choice.label) for choice in column.all_choices()}
        return [labels.get(value, value) for value in this.values]
    return [_shown(this, value) for value in this.values]


def names_of(ref: str, values: Sequence[str], actor: Actor | None) -> dict[str, str]:
    """The names of chosen records, those only that this user may see."""
    kind = record_type(ref)
    ids = [number for value in values if (number := whole_or_none(value)) is not None]
    if not ids:
        return {}
    query = select(kind.model.id, kind.title).where(kind.model.id.in_(ids))
    if actor is not None:
        query = query.where(kind.scope(actor, actor.scope(kind.name)))
    return {str(record_id): name for record_id, name in session.execute(query)}


def _shown(this: Filter, text: str) -> str:
    if this.wrong:
        return text
    if this.column.kind in NUMERIC:
        return show_number(_number(this.column, text))
    if this.column.kind in MOMENTS:
        if text in PERIODS:
            return str(PERIODS[text])
        days = span(text, today())
        return show_date(days[0]) if days and days[0] == days[1] else text
    return text
