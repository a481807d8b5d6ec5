"""How values of own fields are kept: one JSON column a record, exact, never changed behind the audit trail's back."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from sqlalchemy import JSON, BigInteger, Date, Dialect, Numeric, String, cast, func, literal, type_coerce
from sqlalchemy import Boolean as SqlBoolean
from sqlalchemy.orm import Mapped, mapped_column, validates
from sqlalchemy.types import TypeDecorator

from ..db import session
from ..exact import Exact
from ..i18n import _l

PLACES = 6
NUMBER = Exact(PLACES)
PREFIX = "custom_"


class OwnValues(TypeDecorator[Mapping[str, Any]]):
    """A JSON object that can't be changed in place: a change that nobody notices would be lost."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: Mapping[str, Any] | None, dialect: Dialect) -> dict[str, Any]:
        return dict(value or {})

    def process_result_value(self, value: Any, dialect: Dialect) -> Mapping[str, Any]:
        return MappingProxyType(value or {})


class HasCustom:
    """For a model whose record type has `custom_fields=True`.

    Assigning to `custom` changes the keys that are named and leaves the others alone, also those of fields that are not
    shown any more; None takes a key away. Values are as `stored` gives them.
    """

    custom: Mapped[Mapping[str, Any]] = mapped_column(
        OwnValues, default=dict, server_default="{}", info={"label": _l("Own fields")}
    )

    @validates("custom")
    def _keep_the_others(self, _name: str, values: Mapping[str, Any] | None) -> Mapping[str, Any]:
        together = {**(self.custom or {}), **(values or {})}
        return MappingProxyType({key: value for key, value in together.items() if value is not None})


def stored(value: Any) -> Any:
    """A value as it is kept: numbers as text with six places, so that they stay exact and compare as numbers in SQL."""
    if isinstance(value, bool):
        return value
    if isinstance(value, Decimal | int):
        return f"{Decimal(value).quantize(NUMBER.unit):f}"
    if isinstance(value, date):
        return value.isoformat()
    return value or None


def loaded(kind: str, value: Any) -> Any:
    """The opposite of `stored`: Decimal, date, bool or text."""
    if value is None or value == "":
        return None
    match kind:
        case "number":
            return Decimal(value)
        case "date":
            return date.fromisoformat(value)
    return value


def expression(model: Any, key: str, kind: str) -> Any:
    """The value of one key in SQL, typed, so that it can be shown, compared and exported like a column."""
    if session.get_bind().dialect.name == "sqlite":
        text = func.json_extract(model.custom, f'$."{key}"')
        match kind:
            case "number":
                # Always six places: without the point it is the scaled integer that Exact stores.
                return type_coerce(cast(func.replace(text, ".", ""), BigInteger), NUMBER)
            case "date":
                return type_coerce(text, Date)
            case "bool":
                return type_coerce(text, SqlBoolean)
        return type_coerce(text, String)
    text = model.custom.op("->>")(literal(key))
    match kind:
        case "number":
            return type_coerce(cast(text, Numeric(19, PLACES)), NUMBER)
        case "date":
            return cast(text, Date)
        case "bool":
            return cast(text, SqlBoolean)
    return type_coerce(text, String)
