"""A list ready to be shown: the rows of its page, how many there are, what they sum up to."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from flask import url_for
from markupsafe import Markup
from sqlalchemy import ColumnElement, Select, Subquery, func, select

from ..access import can
from ..db import session
from ..i18n import show_number
from ..records import BulkAction, Column, RecordType, join_key
from ..search import matching_ids
from .cells import Cells
from .columns import MOMENTS, NUMERIC, Selection
from .export import EXPORT
from .paging import LAST_JUMP, PAGE_SIZE, Cursor, Order, Window, encode, found_ids, ids_of, in_order
from .references import Row
from .state import ListState

COUNTED = 500
"""Beyond it a list says "500+", and counts exactly only in the totals that come after the page."""


@lru_cache(maxsize=200)
def _selection(columns: Sequence[Column]) -> Selection:
    return Selection(columns, 3)


def _cells_of(page: Subquery, order: Order, selection: Selection) -> Select[Any]:
    model = order.kind.model
    query = select(page.c.id, page.c.sort_key, page.c.segment, *selection.exprs)
    query = query.select_from(page).join(model, model.id == page.c.id)
    for target, on in join_key([join for column in selection.columns for join in column.joins]):
        query = query.outerjoin(target, on)
    return query.order_by(*in_order(order, page))


@lru_cache(maxsize=200)
def _plain_page(
    order: Order, conditions: Sequence[ColumnElement[bool]], window: Window, selection: Selection
) -> Select[Any]:
    """Of a list without search and filters: kept, because it takes longer to put together than to run."""
    return _cells_of(ids_of(order, conditions, window), order, selection)


@lru_cache(maxsize=200)
def _plain_count(kind: RecordType, conditions: Sequence[ColumnElement[bool]]) -> Select[int]:
    return _count(select(kind.model.id).where(*conditions))


def _count(found: Select[Any]) -> Select[int]:
    return select(func.count()).select_from(found.limit(COUNTED + 1).subquery())


@dataclass(frozen=True)
class Line:
    """A row as the template writes it."""

    id: int
    name: str
    cells: Markup


@dataclass(frozen=True)
class Head:
    """The head of a column."""

    column: Column
    label: Any
    number: bool
    title: bool
    url: str | None
    state: str | None
    """ascending, descending or None"""


class Listing:
    """What the template of a list asks for. Nothing is queried before it is asked."""

    def __init__(self, state: ListState) -> None:
        self.state = state
        self.kind: RecordType = state.kind
        self.selection = _selection(tuple(state.shown))

    # rows

    @cached_property
    def cells(self) -> Cells:
        return Cells(self.kind, self.selection, self.state.actor)

    @cached_property
    def _fetched(self) -> list[Row]:
        return list(session.execute(self.page_query(), self.state.window.values).all())

    def page_query(self) -> Select[Any]:
        """The rows of this page, and one more where others follow: first their ids from an index, then their cells.

        It takes the values of the window.
        """
        state, selection = self.state, self.selection
        if state.newest_found:
            page = found_ids(state.order, state.text, state.conditions(searched=False), state.window)
            return _cells_of(page, state.order, selection)
        conditions = tuple(state.conditions())
        if state.narrowed or state.where:
            return _cells_of(ids_of(state.order, conditions, state.window), state.order, selection)
        return _plain_page(state.order, conditions, state.window.shape, selection)

    @cached_property
    def _more(self) -> bool:
        return len(self._fetched) > PAGE_SIZE

    @cached_property
    def _page_rows(self) -> list[Row]:
        if not self._more:
            return self._fetched
        return self._fetched[1:] if self.state.window.backwards else self._fetched[:PAGE_SIZE]

    @cached_property
    def rows(self) -> list[Line]:
        cells = self.cells
        cells.references.load(self._page_rows)
        return [Line(row[0], cells.name(row), cells.html(row)) for row in self._page_rows]

    # counting

    @cached_property
    def counted(self) -> int:
        """How many rows match, up to one more than COUNTED."""
        if self.page == 1 and not self._more and not self.state.window.cursor:
            return len(self._page_rows)
        state = self.state
        if state.newest_found:
            found = _count(matching_ids(self.kind.name, state.text, where=state.conditions(searched=False)))
        elif state.narrowed or state.where:
            found = _count(select(self.kind.model.id).where(*state.conditions()))
        else:
            found = _plain_count(self.kind, tuple(state.conditions()))
        return session.scalar(found) or 0

    @property
    def many(self) -> bool:
        """There are more than are counted at once."""
        return self.counted > COUNTED

    @property
    def count_text(self) -> str:
        return f"{show_number(COUNTED)}+" if self.many else show_number(self.counted)

    # pages

    @cached_property
    def page(self) -> int:
        state = self.state
        return state.page if state.window.cursor else min(state.page, LAST_JUMP)

    @property
    def first(self) -> int:
        return (self.page - 1) * PAGE_SIZE + 1

    @property
    def last(self) -> int:
        return self.first + len(self._page_rows) - 1

    @property
    def pages(self) -> int | None:
        """How many pages there are, where that is known."""
        return None if self.many else max(1, -(-self.counted // PAGE_SIZE))

    def _edge(self, row: Row) -> str:
        return encode(Cursor(None if row[2] else row[1], row[0]))

    @property
    def previous_url(self) -> str | None:
        if self.page <= 1:
            return None
        if self.page == 2 or not self._page_rows:
            return self.state.url()
        return self.state.url(before=self._edge(self._page_rows[0]), page=self.page - 1)

    @property
    def next_url(self) -> str | None:
        # Going backwards there is always the page that one came from.
        if not self._page_rows or not (self._more or self.state.window.backwards):
            return None
        return self.state.url(after=self._edge(self._page_rows[-1]), page=self.page + 1)

    # columns

    @cached_property
    def heads(self) -> list[Head]:
        return [self._head(column) for column in self.selection.columns]

    def _head(self, column: Column) -> Head:
        order, url, direction = self.state.order, None, None
        if column.name == order.column.name:
            direction = "descending" if order.descending else "ascending"
        if column.sortable:
            # Names are looked for from the top; of figures and dates the highest and latest come first.
            first_down = column.kind in NUMERIC | MOMENTS
            down = not order.descending if direction else first_down
            url = self.state.url(sort=f"-{column.name}" if down else column.name)
        number = column.kind in NUMERIC
        return Head(column, column.label, number, column is self.cells.title, url, direction)

    @cached_property
    def sortable(self) -> list[Column]:
        return [column for column in self.state.columns.values() if column.sortable]

    @cached_property
    def filterable(self) -> list[Column]:
        return [column for column in self.state.columns.values() if column.filterable]

    @cached_property
    def summed(self) -> list[Column]:
        return [column for column in self.selection.columns if column.total]

    # what the user may do

    @property
    def clear_url(self) -> str:
        """The same list without search and filters."""
        kept = ListState(self.kind, self.state.actor, self.state.columns, self.state.path)
        kept.sort, kept.chosen = self.state.sort, self.state.chosen
        return kept.url(view="all" if self.whole else None)

    @property
    def create_url(self) -> str | None:
        kind = self.kind
        return url_for(kind.create_endpoint) if kind.create_endpoint and kind.create and can(kind.create) else None

    @property
    def import_url(self) -> str | None:
        importer = self.kind.importer
        if importer is None or not self.whole or not (can("core.import.run") and can(importer.permission)):
            return None
        return url_for("imports.new_import", kind=self.kind.name)

    @cached_property
    def actions(self) -> list[BulkAction]:
        return [action for action in self.kind.bulk if can(action.permission)]

    @property
    def whole(self) -> bool:
        """Whether the address alone describes the list, so that it can be exported and taken as a whole."""
        return not self.state.where

    @property
    def may_export(self) -> bool:
        return self.whole and can(EXPORT)
