"""Which own fields there are, and the verbs of the page where they are made."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from flask import g
from sqlalchemy import UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Record, may_write, session
from ..errors import NotThere, Refused, Stale
from ..i18n import _, _l
from ..kept import kept, watch
from ..options import two_languages
from ..pinyin import plain_letters, syllables
from ..records import Choice, RecordType
from ..registry import record_types_on, registry
from .values import expression

FieldKind = Literal["text", "number", "date", "choice", "bool"]
KINDS: dict[FieldKind, Any] = {
    "text": _l("Plain text"),
    "number": _l("Numeric"),
    "date": _l("Date"),
    "choice": _l("Choice"),
    "bool": _l("Yes or no"),
}
LONGEST_KEY = 40


class CustomField(Record):
    """A field that this company has added to a record type. Records keep its value under `key`, which never changes."""

    __tablename__ = "custom_fields"
    __table_args__ = (UniqueConstraint("record_type", "key"),)
    record_name = "custom_field"

    record_type: Mapped[str] = mapped_column(info={"label": _l("Record type")})
    key: Mapped[str] = mapped_column(info={"label": _l("Key")})
    kind: Mapped[str] = mapped_column(info={"label": _l("Kind")})
    label: Mapped[str] = mapped_column(info={"label": _l("Label")})
    label_zh: Mapped[str | None] = mapped_column(info={"label": _l("Label in Chinese")})
    help: Mapped[str | None] = mapped_column(info={"label": _l("Hint")})
    required: Mapped[bool] = mapped_column(default=False, info={"label": _l("Required")})
    choices: Mapped[list[Any]] = mapped_column(default=list, info={"label": _l("Choices")})
    """[{"value", "label", "label_zh", "active"}]"""
    position: Mapped[int] = mapped_column(default=0, info={"label": _l("Position")})
    active: Mapped[bool] = mapped_column(default=True, info={"label": _l("Active")})

    @property
    def name(self) -> str:
        """Its name in forms, lists and files."""
        return f"custom_{self.key}"

    @property
    def shown_label(self) -> Any:
        return two_languages(self.label, self.label_zh)

    def all_choices(self) -> list[Choice]:
        return [Choice(one["value"], two_languages(one["label"], one.get("label_zh"))) for one in self.choices]


def kinds_with_fields() -> list[RecordType]:
    """The record types to which fields may be added."""
    return [kind for kind in record_types_on() if kind.custom_fields]


def name_of(kind: RecordType | str) -> str:
    return kind if isinstance(kind, str) else kind.name


watch(CustomField)


def _load() -> Mapping[str, Sequence[CustomField]]:
    found: dict[str, list[CustomField]] = {}
    for field in session.scalars(select(CustomField).order_by(CustomField.position, CustomField.id)):
        found.setdefault(field.record_type, []).append(field)
        if not may_write():
            session.expunge(field)  # what is kept must not end with the session of this request
    return found


def fields_of(kind: RecordType | str, *, inactive: bool = False) -> list[CustomField]:
    """The own fields of a record type in order. At most one query a request, for all types."""
    if "custom_fields" not in g:
        g.custom_fields = kept("custom_fields", _load)
    return [field for field in g.custom_fields.get(name_of(kind), ()) if field.active or inactive]


def _changed() -> None:
    session.flush()
    g.pop("custom_fields", None)


def create_field(kind: RecordType, values: Mapping[str, Any]) -> CustomField:
    """Add a field. `values`: kind, label, label_zh, help, required, choices (for the kind choice).

    Refused when the label is taken on this record type, or when a choice field has no choices.
    """
    if not kind.custom_fields:
        raise NotThere
    others = fields_of(kind, inactive=True)
    field = CustomField(
        record_type=kind.name,
        key=_new_key(values["label"], {other.key for other in others}),
        kind=values["kind"],
        position=max((other.position for other in others), default=-1) + 1,
        choices=[],
    )
    _fill(field, values, others)
    session.add(field)
    _changed()
    return field


def update_field(field: CustomField, values: Mapping[str, Any], *, version: int | None) -> None:
    """Change everything but the kind and the key: records already hold values of that kind under that key."""
    if version != field.version:
        raise Stale(field)
    _fill(field, values, [other for other in fields_of(field.record_type, inactive=True) if other is not field])
    _changed()


def _fill(field: CustomField, values: Mapping[str, Any], others: Sequence[CustomField]) -> None:
    label, label_zh = " ".join(values["label"].split()), " ".join((values.get("label_zh") or "").split()) or None
    taken = {str(text).lower() for other in others for text in (other.label, other.label_zh) if text}
    if {label.lower(), (label_zh or label).lower()} & taken:
        raise Refused(_("Another field of these records is called “%(label)s”.", label=label))
    field.label, field.label_zh = label, label_zh
    field.help = (values.get("help") or "").strip() or None
    field.required = bool(values.get("required"))
    if field.kind == "choice":
        field.choices = _choices(field.choices, values.get("choices") or ())
        if not any(choice["active"] for choice in field.choices):
            raise Refused(_("A field of this kind needs at least one choice."))


def _choices(before: Sequence[Mapping[str, Any]], wanted: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The wanted choices; a new one gets a value, one that was left out stays for the records that have it."""
    known = {choice["value"] for choice in before}
    result: list[dict[str, Any]] = []
    for one in wanted:
        label = " ".join(str(one.get("label") or one.get("label_zh") or "").split())
        if not label:
            continue
        value = one.get("value") if one.get("value") in known else None
        value = value or _new_key(label, known | {choice["value"] for choice in result})
        label_zh = " ".join(str(one.get("label_zh") or "").split()) or None
        result.append({"value": value, "label": label, "label_zh": label_zh, "active": bool(one.get("active", True))})
    kept = {choice["value"] for choice in result}
    return result + [{**choice, "active": False} for choice in before if choice["value"] not in kept]


def _new_key(label: str, taken: set[str]) -> str:
    """A short ASCII name made of the label, Chinese by its pinyin; numbered when it is taken."""
    text = plain_letters(label) if label.isascii() else " ".join(syllables(label)) or plain_letters(label)
    stem = "_".join(re.findall(r"[a-z0-9]+", text))[:LONGEST_KEY].strip("_") or "field"
    key, number = stem, 1
    while key in taken:
        number += 1
        key = f"{stem}_{number}"
    return key


def move_field(field: CustomField, by: int) -> None:
    """One place up (-1) or down (1) among the fields of its record type."""
    rows = fields_of(field.record_type, inactive=True)
    at = rows.index(field)
    rows.insert(min(max(at + by, 0), len(rows) - 1), rows.pop(at))
    for place, row in enumerate(rows):
        if row.position != place:
            row.position = place
    _changed()


def activate_field(field: CustomField, *, active: bool) -> None:
    """Show a field, or hide it everywhere: the values stay and come back with it."""
    field.active = active
    _changed()


def has_values(field: CustomField) -> bool:
    kind = registry().record_types.get(field.record_type)
    if kind is None:
        return False
    given = expression(kind.model, field.key, "text").is_not(None)
    return session.scalar(select(kind.model.id).where(given).limit(1)) is not None


def delete_field(field: CustomField) -> None:
    """Remove a field that no record has a value of. Refused otherwise: deactivating keeps what was entered."""
    if has_values(field):
        label = field.shown_label
        raise Refused(_("Records have values of “%(label)s”. Deactivate it instead; the values stay.", label=label))
    session.delete(field)
    _changed()
