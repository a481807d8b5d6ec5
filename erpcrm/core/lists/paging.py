"""Keyset paging: a page is found by the last row before it, so that page 1,000 costs what page 1 costs.

Rows are ordered by (sort key, id). Rows without a sort key come last in both directions and on both databases: they are
a second segment of the list, so that each segment is one range of the index (sort key, id).
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, Subquery, bindparam, false, literal, select, tuple_, union_all

from ..audit import plain
from ..records import Column, RecordType, join_key
from ..search import matching_ids
from ..whole import whole
from .columns import may_be_empty, sort_key

PAGE_SIZE = 50
EDGE_ID: Any = bindparam("edge_id", type_=Integer)
LAST_JUMP = 2000
"""The highest page that may be jumped to by its number. Beyond it, and before it, next and previous go row by row."""


@dataclass(frozen=True)
class Cursor:
    """A row at the edge of a page: its sort key and its id."""

    value: Any
    id: int


def encode(cursor: Cursor) -> str:
    text = json.dumps([plain(cursor.value), cursor.id], ensure_ascii=False, separators=(",", ":"))
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(text: str, order: "Order") -> Cursor | None:
    """The cursor of an address; None when somebody has tampered with it."""
    try:
        value, record_id = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return Cursor(_typed(value, order.key), whole(str(record_id)))
    except (ValueError, TypeError, InvalidOperation, OverflowError, RecursionError):
        return None


def _typed(value: Any, key: Any) -> Any:
    if value is None:
        return None
    wanted = key.type.python_type
    if wanted is datetime:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError(value)
        return moment
    if wanted is date:
        return date.fromisoformat(value)
    if wanted is Decimal:
        return Decimal(value)
    if wanted in (int, bool):
        return whole(str(value)) if wanted is int else bool(value)
    if not isinstance(value, str) or "\x00" in value:
        raise TypeError(value)
    return value


@dataclass(frozen=True)
class Order:
    """By which column a list is sorted, and which way."""

    kind: RecordType
    column: Column
    descending: bool

    @property
    def key(self) -> Any:
        return sort_key(self.column)

    @property
    def by_id(self) -> bool:
        """The key is the id itself."""
        return self.key is self.kind.model.id

    def select_ids(self) -> Select[Any]:
        query = select(self.kind.model.id.label("id"), self.key.label("sort_key"))
        if self.column.joins:
            query = query.select_from(self.kind.model)
            for target, on in join_key(self.column.joins):
                query = query.outerjoin(target, on)
        return query

    def directed(self, columns: Sequence[Any], *, backwards: bool = False) -> list[ColumnElement[Any]]:
        return [column.desc() if self.descending != backwards else column.asc() for column in columns]

    def beyond(self, *, backwards: bool) -> ColumnElement[bool]:
        """Rows after a cursor (before it, when going backwards) within the segment that has sort keys."""
        here, there = self._pair(), self._at()
        clause: ColumnElement[bool] = here < there if self.descending != backwards else here > there
        return clause

    def _pair(self) -> Any:
        return self.kind.model.id if self.by_id else tuple_(self.key, self.kind.model.id)

    def _at(self) -> Any:
        return EDGE_ID if self.by_id else tuple_(bindparam("edge", type_=self.key.type), EDGE_ID)


@dataclass(frozen=True)
class Window:
    """Which rows of the ordered list are wanted."""

    size: int
    offset: int = 0
    cursor: Cursor | None = None
    backwards: bool = False

    @property
    def shape(self) -> "Window":
        """Windows of one shape have one statement, which takes their `values`."""
        cursor = self.cursor and Cursor(None if self.cursor.value is None else True, 0)
        return Window(self.size, min(self.offset, 1), cursor, self.backwards)

    @property
    def values(self) -> dict[str, Any]:
        values: dict[str, Any] = {"page_offset": self.offset, "page_enough": self.size + self.offset}
        return values | ({"edge": self.cursor.value, "edge_id": self.cursor.id} if self.cursor else {})

    @property
    def start(self) -> Any:
        return bindparam("page_offset", type_=Integer) if self.offset else None


def ids_of(order: Order, conditions: Sequence[ColumnElement[bool]], window: Window) -> Subquery:
    """The ids and sort keys of a window, as a subquery with the columns segment, sort_key and id; it takes the window's values.

    Going backwards the rows nearest to the cursor are chosen; put them in order with `in_order`.
    """
    if order.by_id or not may_be_empty(order.column):
        return _segment(order, conditions, window, 0).limit(window.size).offset(window.start).subquery("page")
    key, enough = order.key, bindparam("page_enough", type_=Integer)
    segments = [
        _segment(order, [*conditions, key.is_not(None)], window, 0).limit(enough),
        _segment(order, [*conditions, key.is_(None)], window, 1).limit(enough),
    ]
    # A compound select takes no LIMIT in its members on SQLite unless each is a subquery.
    both = union_all(*(select(segment.subquery()) for segment in segments)).subquery("both")
    columns: list[Any] = [both.c.segment.desc() if window.backwards else both.c.segment]
    columns += order.directed([both.c.sort_key, both.c.id], backwards=window.backwards)
    return select(both).order_by(*columns).limit(window.size).offset(window.start).subquery("page")


def found_ids(order: Order, text: str, conditions: Sequence[ColumnElement[bool]], window: Window) -> Subquery:
    """The same for a list searched for `text` and ordered newest first, read from the search index in its own order."""
    cursor = window.cursor.id if window.cursor is not None else None
    bound = {"after" if window.backwards else "before": cursor}
    ids = matching_ids(order.kind.name, text, where=conditions, **bound)
    ids = ids.add_columns(order.kind.model.id.label("sort_key"), literal(0).label("segment"))
    return ids.limit(window.size).offset(window.start).subquery("page")


def _segment(order: Order, conditions: Sequence[ColumnElement[bool]], window: Window, number: int) -> Select[Any]:
    query = order.select_ids().add_columns(literal(number).label("segment")).where(*conditions)
    model_id = order.kind.model.id
    cursor, backwards = window.cursor, window.backwards
    if cursor is not None:
        cursor_segment = 1 if cursor.value is None and not order.by_id else 0
        if number == cursor_segment:
            clause = order.beyond(backwards=backwards) if number == 0 else _id_beyond(order, backwards)
            query = query.where(clause)
        elif (number < cursor_segment) != backwards:
            query = query.where(false())
    columns: list[Any] = [model_id] if order.by_id or number == 1 else [order.key, model_id]
    return query.order_by(*order.directed(columns, backwards=backwards))


def _id_beyond(order: Order, backwards: bool) -> ColumnElement[bool]:
    model_id = order.kind.model.id
    return model_id < EDGE_ID if order.descending != backwards else model_id > EDGE_ID


def in_order(order: Order, page: Subquery) -> list[ColumnElement[Any]]:
    """ORDER BY for rows joined to a page of ids."""
    return [page.c.segment, *order.directed([page.c.id] if order.by_id else [page.c.sort_key, page.c.id])]


def everything(order: Order) -> list[ColumnElement[Any]]:
    """ORDER BY for the whole list, as an export writes it."""
    keys: list[Any] = [order.kind.model.id] if order.by_id else [order.key, order.kind.model.id]
    directed = order.directed(keys)
    return directed if order.by_id else [order.key.is_(None), *directed]
