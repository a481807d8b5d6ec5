"""The first rows of a trial as the records that they would become, kept as plain values and read in the reader's language."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from erpcrm.core.actor import Actor
from erpcrm.core.audit import plain
from erpcrm.core.db import session
from erpcrm.core.i18n import _, show_date, show_datetime, show_number
from erpcrm.core.records import ImportField
from erpcrm.core.registry import record_type

from .plan import Plan
from .resolving import Missing, visible
from .rows import Row

MOST = 5
LONGEST = 160
NEW = "new"


def samples_of(plan: Plan, rows: Sequence[Row], most: int) -> list[dict[str, Any]]:
    """What the first of these rows would become, as JSON: {row, action, title, values, before}. The rows are written, and
    about to be taken back."""
    taken = [row for row in rows if row.action in ("created", "updated")]
    return [_sample(plan, row) for row in taken[:most]]


def _sample(plan: Plan, row: Row) -> dict[str, Any]:
    values: dict[str, Any] = {name: _kept(value) for name, value in row.values.items()}
    values |= {name: {NEW: text} for name, text in row.later.items()}
    attribute = getattr(plan.kind.title, "key", None)
    title = getattr(row.record, attribute, None) if attribute else None
    before = {name: value for name, value in (row.before or {}).items() if name in values}
    return {"row": row.number, "action": row.action, "title": title, "values": values, "before": before}


def _kept(value: Any) -> Any:
    return {NEW: value.text} if isinstance(value, Missing) else plain(value)


class Table:
    """The samples of a trial as a table: a head for each field that some row fills, texts below."""

    def __init__(self, plan: Plan, samples: Sequence[Mapping[str, Any]], by: Actor) -> None:
        filled = {name for sample in samples for name, value in sample["values"].items() if value not in (None, "", [])}
        named = getattr(plan.kind.title, "key", None)
        self.plan = plan
        self.fields = [one for name, one in plan.fields.items() if name in filled and name != named]
        self._titles = self._read_titles(samples, by)
        self.heads = [one.label for one in self.fields]
        self.rows = [self._row(sample) for sample in samples]

    def _row(self, sample: Mapping[str, Any]) -> dict[str, Any]:
        values, before = sample["values"], sample["before"]
        cells = []
        for one in self.fields:
            text, is_new = self._text(one, values.get(one.name))
            was = self._text(one, before[one.name])[0] if one.name in before else ""
            cells.append({"label": one.label, "text": text, "new": is_new, "was": was})
        return {"row": sample["row"], "action": sample["action"], "title": sample["title"], "cells": cells}

    def _text(self, one: ImportField, value: Any) -> tuple[str, bool]:
        """The value as it is read, and whether it stands for something that this import makes itself."""
        if value is None:
            return "", False
        if isinstance(value, dict):
            return str(value[NEW]), True
        match one.kind:
            case "ref":
                return self._titles.get((one.ref or "", value), f"#{value}"), False
            case "choice" | "state":
                found = next((choice.label for choice in one.all_choices() if choice.value == value), value)
                return str(found), False
            case "number" | "money" | "percent":
                return show_number(Decimal(str(value))), False
            case "date":
                return show_date(date.fromisoformat(value)), False
            case "datetime":
                return show_datetime(datetime.fromisoformat(value)), False
            case "bool":
                return _("Yes") if value else _("No"), False
            case "tags":
                return ", ".join(value), False
        text = str(value)
        return text if len(text) <= LONGEST else f"{text[:LONGEST]}…", False

    def _read_titles(self, samples: Sequence[Mapping[str, Any]], by: Actor) -> dict[tuple[str, int], str]:
        """{(type, id): name} of the records that the rows refer to, as far as the reader may see them: two queries a type."""
        wanted: dict[str, set[int]] = {}
        for one in self.fields:
            if one.kind == "ref" and one.ref:
                wanted.setdefault(one.ref, set()).update(self._ids(one.name, samples))
        found: dict[tuple[str, int], str] = {}
        for name, ids in wanted.items():
            kind = record_type(name)
            query = select(kind.model.id, kind.title).where(kind.model.id.in_(visible(kind, ids, by)))
            found |= {(name, record_id): str(title) for record_id, title in session.execute(query)}
        return found

    def _ids(self, name: str, samples: Sequence[Mapping[str, Any]]) -> Iterator[int]:
        for sample in samples:
            for value in (sample["values"].get(name), sample["before"].get(name)):
                if isinstance(value, int):
                    yield value
