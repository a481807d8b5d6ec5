"""Which columns a user has on a list, and what a query selects for them."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, inspect
from sqlalchemy.exc import NoInspectionAvailable
from sqlalchemy.orm import InstrumentedAttribute

from ..access import KEPT
from ..actor import Actor
from ..fields import columns_of
from ..i18n import _l
from ..records import Choice, Column, RecordType
from ..registry import areas_on, registry
from ..workflow import Workflow

NUMERIC = frozenset({"number", "money", "percent"})
MOMENTS = frozenset({"date", "datetime"})


def columns_for(kind: RecordType, actor: Actor | None) -> dict[str, Column]:
    """All columns of `kind` that this user may see, by name, shown or not."""
    found = [*kind.columns, *(columns_of(kind) if kind.custom_fields else ())]
    if kind.column("created") is None:
        found.append(_created(kind))
    found += [column for area in areas_on() for column in area.columns.get(kind.name, ())]
    return {
        column.name: _with_states(column, registry().workflows.get(kind.name)) if column.kind == "state" else column
        for column in found
        if column.permission is None or actor is None or actor.may(column.permission)
    }


@lru_cache(KEPT)
def _created(kind: RecordType) -> Column:
    # Ids are given in the order of creation, and the primary key is an index that every table has.
    return Column(
        "created", _l("Created"), kind.model.created_at, "datetime", sort=kind.model.id, sortable=True, shown=False
    )


@lru_cache(KEPT)
def newest(kind: RecordType) -> Column:
    """What a list is ordered by that names nothing better."""
    return Column("created", "", kind.model.id, sort=kind.model.id, sortable=True)


@lru_cache(KEPT)
def _with_states(column: Column, flow: Workflow | None) -> Column:
    """A state column that names no choices has those of the record type's workflow."""
    if column.choices or flow is None:
        return column
    return replace(column, choices=[Choice(state.value, state.label, state.tone) for state in flow.states])


def title_column(kind: RecordType, shown: Sequence[Column]) -> Column:
    """The column that names the record and links to it."""
    return next((column for column in shown if column.expr is kind.title), shown[0])


def sort_key(column: Column) -> ColumnElement[Any] | InstrumentedAttribute[Any]:
    return column.sort if column.sort is not None else column.expr


def may_be_empty(column: Column) -> bool:
    """Whether some rows may have no value to sort by."""
    key: Any = sort_key(column)
    if column.joins:
        return True
    try:
        mapped = inspect(key).property.columns[0]
    except (NoInspectionAvailable, AttributeError):
        return True
    return bool(mapped.nullable)


class Selection:
    """The expressions that show some columns, and at which place of a row each stands."""

    def __init__(self, columns: Sequence[Column], first: int = 0) -> None:
        self.exprs: list[Any] = []
        self._first = first
        self.columns = columns
        self.value = {column.name: self._add(column.expr) for column in columns}
        self.key = {
            column.name: self._add(column.key) for column in columns if column.kind == "ref" and column.key is not None
        }
        self.currency = {
            column.name: self._add(column.currency)
            for column in columns
            if column.kind == "money" and column.currency is not None
        }

    def _add(self, expr: Any) -> int:
        self.exprs.append(expr.label(f"c{len(self.exprs)}"))
        return self._first + len(self.exprs) - 1
