"""Names of other records that stand in a list: only those which the reader may see."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from ..access import everyone
from ..actor import Actor
from ..db import session
from ..records import Column
from ..registry import record_type
from .columns import Selection

Row = Sequence[Any]


class References:
    """What the reference columns of some rows show, one query for each column whose records are not all the reader's.

    A reference outside the reader's scope shows nothing, or what the column names `instead`.
    """

    def __init__(self, selection: Selection, actor: Actor | None) -> None:
        self._selection, self._actor = selection, actor
        self._checked = [
            column for column in selection.columns if column.name in selection.key and self._limited(column)
        ]
        self._seen: dict[str, set[int]] = {}
        self._instead: dict[str, Mapping[int, tuple[int, str]]] = {}

    def _limited(self, column: Column) -> bool:
        actor, kind = self._actor, record_type(column.ref) if column.ref else None
        return actor is not None and kind is not None and kind.scope is not everyone and actor.scope(kind.name) != "all"

    def load(self, rows: Sequence[Row]) -> None:
        """Find out about the references of these rows; what was known of others is forgotten."""
        for column in self._checked:
            assert self._actor is not None  # noqa: S101  else nothing is checked
            kind, at = record_type(column.ref or ""), self._selection.key[column.name]
            ids = sorted({row[at] for row in rows if row[at] is not None})
            mine = kind.scope(self._actor, self._actor.scope(kind.name))
            query = select(kind.model.id).where(kind.model.id.in_(ids), mine)
            seen = set(session.scalars(query)) if ids else set()
            hidden = [row[0] for row in rows if row[at] is not None and row[at] not in seen]
            self._seen[column.name] = seen
            self._instead[column.name] = column.instead(hidden, self._actor) if column.instead and hidden else {}

    def of(self, column: Column, row: Row) -> tuple[int | None, Any]:
        """The id and name to show; (None, None) for nothing."""
        key_at, at = self._selection.key.get(column.name), self._selection.value[column.name]
        if key_at is None:
            return None, row[at]
        if column.name not in self._seen or row[key_at] in self._seen[column.name]:
            return row[key_at], row[at]
        return self._instead[column.name].get(row[0], (None, None))
