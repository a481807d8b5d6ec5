"""What the user decided for a file: how to read it, which column fills which field, how records are found, what unknown words mean."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from flask_babel import force_locale
from sqlalchemy import UniqueConstraint

from erpcrm.core.exact import Exact
from erpcrm.core.fields import import_fields
from erpcrm.core.i18n import LANGUAGES, zone
from erpcrm.core.records import Importer, ImportField, RecordType
from erpcrm.core.registry import record_type

from . import reading
from .models import Import
from .parsing import DateOrder, Habits, Mark
from .reading import Cells, Reading
from .storage import path_of

Mode = Literal["create", "update", "both"]
REST = "*"
"""In `answers`: what holds for all unknown words of a field that have no answer of their own."""


@dataclass(frozen=True)
class Source:
    """Where a field's text comes from: a column (from 0), or the same text for all rows."""

    field: str
    column: int | None = None
    text: str = ""

    def of(self, cells: Cells) -> str:
        if self.column is None:
            return self.text
        return cells[self.column] if self.column < len(cells) else ""


@dataclass
class Plan:
    """The settings of an import, as objects."""

    kind: RecordType
    path: Path
    reading: Reading
    headers: list[str] = field(default_factory=list)
    columns: list[str | None] = field(default_factory=list)
    more: list[Source] = field(default_factory=list)
    mode: Mode = "create"
    key: str | None = None
    clear: bool = False
    """Whether an empty cell empties the field of an existing record."""
    dates: DateOrder | None = None
    mark: Mark | None = None
    alike: Literal["keep", "skip"] = "keep"
    answers: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)

    @property
    def importer(self) -> Importer:
        return importer_of(self.kind)

    @cached_property
    def fields(self) -> dict[str, ImportField]:
        return fields_of(self.kind)

    @cached_property
    def sources(self) -> list[Source]:
        """All sources whose field still exists."""
        mapped = [Source(name, index) for index, name in enumerate(self.columns) if name]
        return [source for source in [*mapped, *self.more] if source.field in self.fields]

    @cached_property
    def habits(self) -> Habits:
        return Habits(self.dates or "mdy", self.mark or "point", zone())

    def forget(self) -> None:
        """Work out anew what follows from the settings."""
        for name in ("fields", "sources", "habits", "once", "naming"):
            self.__dict__.pop(name, None)

    def rows(self, start: int = 0, stop: int | None = None) -> Iterator[tuple[int, Cells]]:
        return reading.data_rows(self.path, self.reading, start, stop)

    def texts(self, kinds: Sequence[str]) -> Iterator[str]:
        """All texts of fields of these kinds."""
        chosen = [source for source in self.sources if self.fields[source.field].kind in kinds]
        if chosen:
            for _number, cells in self.rows():
                yield from (text for source in chosen if (text := source.of(cells)))

    @cached_property
    def once(self) -> list[Source]:
        """Sources of fields whose value the database takes once only, and of the match key."""
        unique = unique_names(self.kind)
        return [source for source in self.sources if source.field == self.key or source.field in unique]

    @cached_property
    def naming(self) -> list[Source]:
        """Sources of the fields by which a record of this type is called: other rows may refer to it by them."""
        named = {getattr(self.kind.title, "key", None), getattr(self.kind.code, "key", None)}
        return [source for source in self.sources if source.field in named or self.fields[source.field].match]

    def stored(self) -> dict[str, Any]:
        """The form that is kept in Import.settings."""
        return {
            "reading": asdict(self.reading),
            "headers": self.headers,
            "columns": self.columns,
            "more": [asdict(source) for source in self.more],
            "mode": self.mode,
            "key": self.key,
            "clear": self.clear,
            "dates": self.dates,
            "mark": self.mark,
            "alike": self.alike,
            "answers": self.answers,
        }


def plan_of(imported: Import) -> Plan:
    """The plan of an import, out of its settings."""
    kept = dict(imported.settings)
    return Plan(
        kind=record_type(imported.record_type),
        path=path_of(imported.stored_as),
        reading=Reading(**kept.pop("reading")),
        more=[Source(**source) for source in kept.pop("more", ())],
        **kept,
    )


def importer_of(kind: RecordType) -> Importer:
    if kind.importer is None:
        raise LookupError(f"{kind.name} has no importer")
    return kind.importer


def fields_of(kind: RecordType) -> dict[str, ImportField]:
    """What a file may fill: the fields of the importer, and those that the company has added."""
    own = import_fields(kind) if kind.custom_fields else ()
    return {one.name: one for one in (*importer_of(kind).fields, *own)}


def in_every_language(label: Any) -> list[str]:
    """A lazy translation as it reads in each language."""
    texts = []
    for language in LANGUAGES:
        with force_locale(language):
            texts.append(str(label))
    return list(dict.fromkeys(texts))


def labelled(fields: Mapping[str, ImportField]) -> dict[str, tuple[ImportField, Sequence[str]]]:
    """Each field with its label in every language."""
    return {name: (one, in_every_language(one.label)) for name, one in fields.items()}


def unique_names(kind: RecordType) -> set[str]:
    """Attributes of the model that no two records may share."""
    table = kind.model.__table__
    names = {column.key for column in table.columns if column.unique}
    for constraint in table.constraints:  # type: ignore[attr-defined]
        if isinstance(constraint, UniqueConstraint) and len(constraint.columns) == 1:
            names.add(constraint.columns[0].key)
    for index in table.indexes:  # type: ignore[attr-defined]
        if index.unique and len(index.columns) == 1:
            names.add(index.columns[0].key)
    return names


def places_of(kind: RecordType, name: str) -> int:
    """How many digits after the point the column behind this field keeps."""
    column = kind.model.__table__.columns.get(name)
    return column.type.places if column is not None and isinstance(column.type, Exact) else 6
