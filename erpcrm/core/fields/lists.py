"""Own fields in lists, on record pages and in files."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from ..i18n import _, show_date, show_number
from ..records import Column, ImportField, RecordType
from ..registry import record_type
from .definitions import CustomField, fields_of, name_of
from .values import PREFIX, expression, loaded, stored

COLUMN_KINDS: dict[str, Any] = {"text": "text", "number": "number", "date": "date", "choice": "choice", "bool": "bool"}


def columns_of(kind: RecordType | str) -> list[Column]:
    """The own fields as columns of the list: shown when chosen, filterable, not sortable (no index holds them)."""
    model = record_type(name_of(kind)).model
    return [
        Column(
            field.name,
            field.shown_label,
            expression(model, field.key, field.kind),
            COLUMN_KINDS[field.kind],
            choices=field.all_choices() if field.kind == "choice" else (),
            shown=False,
        )
        for field in fields_of(kind)
    ]


def show_value(field: CustomField, value: Any) -> Any:
    """A kept value in the reader's words."""
    match field.kind:
        case "number":
            return show_number(loaded("number", value))
        case "date":
            return show_date(loaded("date", value))
        case "bool":
            return _("Yes") if value else _("No")
        case "choice":
            return next((choice.label for choice in field.all_choices() if choice.value == value), value)
    return value


def custom_facts(record: Any) -> list[tuple[Any, Any]]:
    """(label, value) of the own fields that this record has values of."""
    own: Mapping[str, Any] = record.custom or {}
    return [
        (field.shown_label, show_value(field, own[field.key]))
        for field in fields_of(record.record_name)
        if own.get(field.key) is not None
    ]


def import_fields(kind: RecordType | str) -> list[ImportField]:
    """The own fields as fields that a file may fill. Their values reach the model through `fold_custom`."""
    return [
        ImportField(
            field.name,
            field.shown_label,
            COLUMN_KINDS[field.kind],
            aliases=tuple(text for text in (field.label, field.label_zh, field.key) if text),
            required=field.required,
            choices=partial(CustomField.all_choices, field) if field.kind == "choice" else (),
            help=field.help or "",
        )
        for field in fields_of(kind)
    ]


def fold_custom(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values by field name with the own ones (custom_<key>) gathered into one entry `custom`, as the model has it."""
    plain = {name: value for name, value in values.items() if not name.startswith(PREFIX)}
    own = {name.removeprefix(PREFIX): stored(value) for name, value in values.items() if name.startswith(PREFIX)}
    return plain | {"custom": {**plain.get("custom", {}), **own}} if own else plain


def change_labels(kind: str, key: str, values: list[Any]) -> tuple[Any, list[Any]]:
    """How the audit trail shows a change of one own field: its label, and the old and the new value in words."""
    for field in fields_of(kind, inactive=True):
        if field.key == key:
            return field.shown_label, [None if value is None else show_value(field, value) for value in values]
    return key, values
