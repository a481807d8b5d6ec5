"""Choice lists that users edit: industries, sources, units, reasons. Areas declare them, columns keep their values.

A list has no rows of its own until somebody changes it; until then its declared defaults hold.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from flask import g
from sqlalchemy import UniqueConstraint, exists, func, select, update
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column
from wtforms import SelectField
from wtforms.fields.choices import Choice as Shown
from wtforms.validators import ValidationError

from .area import OptionList
from .audit import record_event
from .db import Base, Record, session
from .errors import NotThere, Refused
from .i18n import LazyText, _, _l, locale_code
from .kept import kept, watch
from .records import Choice
from .registry import Registry, registry
from .search.words import normal

LONGEST = 80


class Option(Record):
    """One choice of a list. Records keep `value`; it never changes, so labels may."""

    __tablename__ = "options"
    __table_args__ = (UniqueConstraint("list", "value"),)
    record_name = "option"

    list: Mapped[str] = mapped_column(info={"label": _l("List")})
    value: Mapped[str] = mapped_column(info={"label": _l("Value")})
    label: Mapped[str] = mapped_column(info={"label": _l("Label")})
    label_zh: Mapped[str | None] = mapped_column(info={"label": _l("Label in Chinese")})
    position: Mapped[int] = mapped_column(info={"label": _l("Position")})
    active: Mapped[bool] = mapped_column(default=True, info={"label": _l("Active")})
    digits: Mapped[int] = mapped_column(default=0, server_default="0", info={"label": _l("Digits after the point")})
    """Of a unit: how many a quantity may have"""


@dataclass(frozen=True)
class Entry:
    """A choice as it is shown, stored or declared."""

    value: str
    label: str
    label_zh: str | None
    digits: int = 0
    active: bool = True

    @cached_property
    def choice(self) -> Choice:
        return Choice(self.value, two_languages(self.label, self.label_zh))


def two_languages(label: str, label_zh: str | None) -> Any:
    """A label that is read in the language of whoever looks at it."""
    return LazyText(lambda: label_zh if label_zh and locale_code() == "zh" else label)


def option_lists() -> Mapping[str, OptionList]:
    """All declared lists by name."""
    return _declared(registry())


@lru_cache(maxsize=8)
def _declared(known: Registry) -> Mapping[str, OptionList]:
    return {declared.name: declared for area in known.areas for declared in area.option_lists}


watch(Option)
_COLUMNS = Option.__table__.c
_ALL = select(
    _COLUMNS.list, _COLUMNS.value, _COLUMNS.label, _COLUMNS.label_zh, _COLUMNS.digits, _COLUMNS.active
).order_by(_COLUMNS.active.desc(), _COLUMNS.position, _COLUMNS.id)


def _load() -> Mapping[str, Sequence[Entry]]:
    found: dict[str, list[Entry]] = {name: [] for name in option_lists()}
    for row in session.execute(_ALL):
        found.setdefault(row.list, []).append(Entry(row.value, row.label, row.label_zh, row.digits, row.active))
    for name, declared in option_lists().items():
        found[name] = found[name] or [Entry(*default) for default in declared.defaults]
    return found


def entries(name: str) -> Sequence[Entry]:
    """The choices of a list in order, the active ones first. KeyError when no area declares it."""
    if "options" not in g:
        g.options = kept("options", _load)
    found: Sequence[Entry] = g.options[name]
    return found


def options(name: str) -> tuple[Choice, ...]:
    """The choices of a list, also those that are no longer offered but that records may still have."""
    return tuple(entry.choice for entry in entries(name))


def option_label(name: str, value: str | None) -> Any:
    """What to show for a stored value."""
    return next((entry.choice.label for entry in entries(name) if entry.value == value), value or "")


def option_digits(name: str, value: str | None) -> int:
    """How many digits after the point a quantity counted in this unit may have."""
    return next((entry.digits for entry in entries(name) if entry.value == value), 0)


def _changed() -> None:
    session.flush()
    g.pop("options", None)


def seed_options() -> None:
    """Give every declared list rows of its own: a new company may then edit them at once."""
    for name in option_lists():
        stored_options(name)


def stored_options(name: str) -> list[Option]:
    """The rows of a list; made of its defaults when somebody changes it for the first time."""
    if name not in option_lists():
        raise NotThere
    query = select(Option).where(Option.list == name).order_by(Option.position, Option.id)
    rows = list(session.scalars(query))
    if not rows:
        rows = [
            Option(list=name, value=value, label=label, label_zh=label_zh, position=position, digits=sum(digits))
            for position, (value, label, label_zh, *digits) in enumerate(option_lists()[name].defaults)
        ]
        session.add_all(rows)
        _changed()
    return rows


def _same(text: str) -> str:
    return " ".join(normal(text).split())


def find_option(name: str, text: str) -> str | None:
    """The value that a text means: its value or label in either language, whatever the case."""
    wanted = _same(text)
    for entry in entries(name):
        if wanted in {_same(entry.value), _same(entry.label), _same(entry.label_zh or "")} - {""}:
            return entry.value
    return None


def ensure_option(name: str, text: str) -> str:
    """The value that `text` means in this list; a new choice is added when it means none. For imports."""
    found = find_option(name, text)
    return found if found is not None else add_option(name, text).value


def add_option(name: str, label: str, label_zh: str | None = None, digits: int | None = None) -> Option:
    """A new choice at the end of the list. Refused when one is called so already."""
    label = " ".join(label.split())[:LONGEST]
    if not label:
        raise Refused(_("A choice needs a label."))
    rows = stored_options(name)
    if find_option(name, label) is not None:
        raise Refused(_("“%(label)s” is in this list already.", label=label))
    option = Option(
        list=name,
        value=label,
        label=label,
        label_zh=_blank(label_zh),
        digits=digits or 0,
        position=_next_position(rows),
    )
    session.add(option)
    _changed()
    return option


def _blank(text: str | None) -> str | None:
    return " ".join((text or "").split())[:LONGEST] or None


def _next_position(rows: Sequence[Option]) -> int:
    return max((row.position for row in rows), default=-1) + 1


def option(name: str, value: str) -> Option:
    """The row of a choice. NotThere when the list has none of this value."""
    for row in stored_options(name):
        if row.value == value:
            return row
    raise NotThere


def change_option(name: str, value: str, label: str, label_zh: str | None, digits: int | None = None) -> None:
    """New labels and digits; records keep the value. Refused when another choice is called so."""
    row, other = option(name, value), find_option(name, label)
    if not _blank(label):
        raise Refused(_("A choice needs a label."))
    if other not in (None, value):
        raise Refused(_("“%(label)s” is in this list already.", label=label))
    row.label, row.label_zh, row.digits = _blank(label) or row.label, _blank(label_zh), digits or 0
    _changed()


def activate_option(name: str, value: str, *, active: bool) -> None:
    """Offer a choice, or offer it no longer: records that have it keep it."""
    option(name, value).active = active
    _changed()


def move_option(name: str, value: str, by: int) -> None:
    """One place up (-1) or down (1)."""
    rows = stored_options(name)
    at = next((place for place, row in enumerate(rows) if row.value == value), None)
    if at is None:
        raise NotThere
    to = min(max(at + by, 0), len(rows) - 1)
    rows.insert(to, rows.pop(at))
    for place, row in enumerate(rows):
        if row.position != place:
            row.position = place
    _changed()


def columns_with(name: str) -> Iterator[InstrumentedAttribute[Any]]:
    """Every column, of whatever area, that keeps values of this list."""
    for mapper in Base.registry.mappers:
        for column in mapper.columns:
            if column.info.get("options") == name:
                yield getattr(mapper.class_, mapper.get_property_by_column(column).key)


def uses_of(name: str) -> dict[str, int]:
    """{value: number of records that have it}, those that have none left out."""
    found: dict[str, int] = {}
    for column in columns_with(name):
        query = select(column, func.count()).where(column.is_not(None)).group_by(column)
        for value, count in session.execute(query):
            found[value] = found.get(value, 0) + count
    return found


def _rows_naming(name: str) -> Iterator[tuple[Record, str, list[str]]]:
    """(record, attribute, values of this list) of what names several values at once: rules, of which there are few.

    A column says so in its `info`: `options_of_each` names the list of a column that holds a list of values;
    `options_of_lines` is a function that names, for a record, the list whose values stand in the column one a line.
    """
    for mapper in Base.registry.mappers:
        for column in mapper.columns:
            lines = column.info.get("options_of_lines")
            if lines is None and column.info.get("options_of_each") != name:
                continue
            attribute = mapper.get_property_by_column(column).key
            for record in session.scalars(select(mapper.class_)):
                if lines is None:
                    yield record, attribute, list(getattr(record, attribute) or ())
                elif lines(record) == name:
                    yield record, attribute, (getattr(record, attribute) or "").splitlines()


def _rewrite(name: str, loser: str, winner: str) -> None:
    """Where rules name `loser` they name `winner` instead, once."""
    for record, attribute, values in _rows_naming(name):
        if loser in values:
            after = list(dict.fromkeys(winner if value == loser else value for value in values))
            old = getattr(record, attribute)
            setattr(record, attribute, after if isinstance(old, list) else "".join(f"{value}\n" for value in after))


def merge_options(name: str, loser: str, winner: str) -> int:
    """Give every record that has `loser` the value `winner`, and take `loser` off the list. Returns how many had it.

    Rules that name `loser` name `winner` afterwards.
    """
    gone, kept = option(name, loser), option(name, winner)
    if gone is kept:
        raise Refused(_("Choose another entry to merge this one into."))
    count = 0
    for column in columns_with(name):
        statement = update(column.class_).where(column == loser).values({column.key: winner})
        count += session.execute(statement.execution_options(synchronize_session=False)).rowcount  # type: ignore[attr-defined]
    _rewrite(name, loser, winner)
    record_event(kept, "merged", {"value": [loser, winner], "count": [None, count]})
    session.delete(gone)
    _changed()
    session.expire_all()
    return count


def remove_option(name: str, value: str) -> None:
    """Take a choice off the list. Refused while a record has it: it can be deactivated, or merged into another."""
    row = option(name, value)
    if any(session.scalar(select(exists().where(column == value))) for column in columns_with(name)):
        raise Refused(_("Records have “%(label)s”. Deactivate it, or merge it into another entry.", label=row.label))
    if any(value in values for _record, _attribute, values in _rows_naming(name)):
        raise Refused(
            _("A rule names “%(label)s”. Change the rule, or merge this into another entry.", label=row.label)
        )
    if len(stored_options(name)) == 1:
        raise Refused(_("A list needs at least one entry. Deactivate this one instead."))
    session.delete(row)
    _changed()


class OptionField(SelectField):
    """A choice of a list. `data` is its value or None. A choice that is no longer offered stays where it is chosen."""

    def __init__(self, label: Any = None, validators: Any = None, *, options: str, **kwargs: Any) -> None:
        super().__init__(label, validators, coerce=lambda value: value or None, choices=[], **kwargs)
        self.list_name = options
        self.type = "SelectField"  # drawn as one

    def iter_choices(self) -> Iterator[Shown]:
        yield Shown("", "", self.data is None, {})
        known = entries(self.list_name)
        for entry in known:
            if entry.active or entry.value == self.data:
                yield Shown(entry.value, entry.choice.label, entry.value == self.data, {})
        if self.object_data == self.data and self.data not in {entry.value for entry in known} | {None}:
            yield Shown(self.data, self.data, True, {})

    def pre_validate(self, form: Any) -> None:
        if self.data is not None and self.data not in {entry.value for entry in entries(self.list_name)}:
            raise ValidationError(_("Choose one of the list."))
