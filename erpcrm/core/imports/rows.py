"""The rows of a file on their way: cells of text become values, unknown words and bad values are told."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from erpcrm.core.db import Record
from erpcrm.core.i18n import _
from erpcrm.core.records import ImportField

from .parsing import BadValue, LeftOut, folded, to_bool, to_date, to_moment, to_number, to_tags
from .plan import Plan, places_of
from .reading import Cells
from .resolving import Later, Resolver


@dataclass
class Row:
    """A row on its way: `values` parsed, `later` for the second pass, then what became of it."""

    number: int
    cells: Cells
    values: dict[str, Any] = field(default_factory=dict)
    later: dict[str, str] = field(default_factory=dict)
    target: Record | None = None
    action: str = ""
    reason: str | None = None
    record: Record | None = None
    before: dict[str, Any] | None = None
    warning: tuple[int, str] | None = None
    """(id of a record that may be the same, why)"""

    def end(self, action: str, reason: Any = None) -> None:
        self.action, self.reason = action, str(reason) if reason is not None else None


class Seen:
    """Which values that may stand once only were already met in this file, and in which row."""

    def __init__(self, plan: Plan) -> None:
        self.sources = plan.once
        self._rows: dict[tuple[str, str], int] = {}

    def meet(self, number: int, cells: Cells) -> tuple[str, int] | None:
        """Note this row; (field, number of the earlier row) when one had the same value."""
        twice = None
        for source in self.sources:
            if text := folded(source.of(cells)):
                earlier = self._rows.setdefault((source.field, text), number)
                if earlier != number:
                    twice = twice or (source.field, earlier)
        return twice


def parse_rows(plan: Plan, rows: Sequence[Row], seen: Seen, resolver: Resolver) -> None:
    words: dict[str, set[str]] = {s.field: set() for s in plan.sources if plan.fields[s.field].kind == "ref"}
    for row in rows:
        for source in plan.sources:
            if source.field in words and (text := source.of(row.cells)):
                words[source.field].add(text)
    resolver.load(words)
    width = len(plan.headers)
    for row in rows:
        twice = seen.meet(row.number, row.cells)
        if any(row.cells[width:]):
            row.end("bad", _("This row has more cells than the header."))
        elif twice is not None:
            label = plan.fields[twice[0]].label
            row.end("bad", _("Row %(number)s has the same “%(field)s”.", number=twice[1], field=label))
        else:
            _parse_row(plan, row, resolver)


def _parse_row(plan: Plan, row: Row, resolver: Resolver) -> None:
    problems = []
    for source in plan.sources:
        one, text = plan.fields[source.field], source.of(row.cells)
        try:
            value = _value(plan, one, text, resolver) if text else None
        except LeftOut as choice:
            row.end("skipped", f"{one.label}: {choice}")
            return
        except BadValue as problem:
            problems.append(f"{one.label}: {problem}")
            continue
        if isinstance(value, Later):
            row.later[one.name] = value.text
        elif value is not None or plan.clear:
            row.values[one.name] = value
    if problems:
        row.end("bad", " ".join(problems))


def _value(plan: Plan, one: ImportField, text: str, resolver: Resolver) -> Any:
    match one.kind:
        case "number" | "money" | "percent":
            return to_number(text, plan.habits.mark, places=places_of(plan.kind, one.name))
        case "date":
            return to_date(text, plan.habits)
        case "datetime":
            return to_moment(text, plan.habits)
        case "bool":
            return to_bool(text)
        case "tags":
            return to_tags(text)
        case "choice" | "state":
            return resolver.choice(one, text)
        case "ref":
            return resolver.reference(one, text)
        case _:
            return text
