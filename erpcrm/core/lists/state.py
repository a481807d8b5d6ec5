"""What a list shows, as its address says it: the one reading of search, filters, sort, columns and page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from flask import request, url_for
from sqlalchemy import ColumnElement, Select, select

from ..actor import Actor, current_actor
from ..errors import Refused
from ..i18n import _
from ..records import Column, RecordType, join_key
from ..search import matching
from .columns import Selection, columns_for, newest
from .filters import Filter, condition, describe, read_filters
from .paging import LAST_JUMP, PAGE_SIZE, Cursor, Order, Window, decode, everything

RESERVED = frozenset({"q", "sort", "after", "before", "page", "cols", "view", "at"})
LONGEST_SEARCH = 200


@dataclass(frozen=True)
class Chip:
    """A filter in force: what it says, how to remove it, how to change it."""

    name: str
    label: Any
    text: str
    remove_url: str
    wrong: str = ""


@dataclass
class ListState:
    """A list as one address describes it, for one user. `where` are conditions that the page adds by itself."""

    kind: RecordType
    actor: Actor | None
    columns: dict[str, Column]
    path: str
    text: str = ""
    filters: list[Filter] = field(default_factory=list)
    order: Order = field(init=False)
    sort: str = ""
    chosen: tuple[str, ...] = ()
    """Names of the columns in `cols`; none means those that the record type shows at first."""
    view: str = ""
    page: int = 1
    after: str = ""
    before: str = ""
    where: Sequence[ColumnElement[bool]] = ()

    def __post_init__(self) -> None:
        self.order, self.sort = self._read_order(self.sort)

    @classmethod
    def from_request(cls, kind: RecordType, *, where: Sequence[ColumnElement[bool]] = ()) -> "ListState":
        return cls.read(kind, request.args.items(multi=True), path=request.path, where=where)

    @classmethod
    def read(
        cls,
        kind: RecordType,
        params: Iterable[tuple[str, str]],
        *,
        path: str = "",
        where: Sequence[ColumnElement[bool]] = (),
        actor: Actor | None = None,
    ) -> "ListState":
        """The state that the parameters of an address describe, for `actor` (the signed-in user when none is named)."""
        who = actor or current_actor()
        columns = columns_for(kind, who)
        pairs = list(params)
        single = {name: value.strip() for name, value in pairs if name in RESERVED}
        names = [name for key, value in pairs if key == "cols" for name in value.split(",")]
        return cls(
            kind=kind,
            actor=who,
            columns=columns,
            path=path,
            text=single.get("q", "")[:LONGEST_SEARCH],
            filters=read_filters(columns, (pair for pair in pairs if pair[0] not in RESERVED)),
            sort=single.get("sort", ""),
            chosen=tuple(dict.fromkeys(name for name in names if name in columns)),
            view=single.get("view", ""),
            page=_page_number(single.get("page", "")),
            after=single.get("after", ""),
            before=single.get("before", ""),
            where=where,
        )

    def _read_order(self, wanted: str) -> tuple[Order, str]:
        """The order that is asked for if there is an index for it, else the record type's own."""
        column = self.columns.get(wanted.removeprefix("-"))
        if column is not None and column.sortable:
            return Order(self.kind, column, wanted.startswith("-")), wanted
        by_id = newest(self.kind)
        if self.text and self.kind.search is not None:
            # The search index hands out the newest first; any other order would have to look at everything it finds.
            return Order(self.kind, by_id, True), ""
        usual = self.columns.get(self.kind.sort.removeprefix("-"))
        if usual is not None and usual.sortable:
            return Order(self.kind, usual, self.kind.sort.startswith("-")), ""
        return Order(self.kind, by_id, True), ""

    @cached_property
    def shown(self) -> list[Column]:
        """The columns of the table, left to right. Never none."""
        usual = [column for column in self.columns.values() if column.shown] or list(self.columns.values())[:1]
        return [self.columns[name] for name in self.chosen] or usual

    @cached_property
    def window(self) -> Window:
        """The rows of this page, and one more to know whether others follow."""
        for text, backwards in ((self.before, True), (self.after, False)):
            cursor: Cursor | None = decode(text, self.order) if text else None
            if cursor is not None:
                return Window(PAGE_SIZE + 1, cursor=cursor, backwards=backwards)
        return Window(PAGE_SIZE + 1, offset=(min(self.page, LAST_JUMP) - 1) * PAGE_SIZE)

    @property
    def narrowed(self) -> bool:
        """Whether the user has searched or filtered."""
        return bool(self.text or self.filters)

    @cached_property
    def newest_found(self) -> bool:
        """The rows are what a search finds, newest first: the search index then gives just the page that is wanted."""
        return bool(self.text) and self.kind.search is not None and self.order.by_id and self.order.descending

    def conditions(self, *, searched: bool = True) -> list[ColumnElement[bool]]:
        """What a row must fulfil: within the user's scope, of this list, found by the search, passed by each filter."""
        return [*self._conditions, *([search_condition(self.kind, self.text)] if self.text and searched else ())]

    def scope_conditions(self) -> list[ColumnElement[bool]]:
        """Which records are this user's to see; everything for the system itself."""
        return [] if self.actor is None else [self.kind.scope(self.actor, self.actor.scope(self.kind.name))]

    @cached_property
    def _conditions(self) -> list[ColumnElement[bool]]:
        found = [*self.where, *self.scope_conditions()]
        if self.kind.base is not None and not self._asks_beyond_base():
            found.append(self.kind.base(self))
        return found + [condition(this, self.kind, self.actor) for this in self.filters]

    def _asks_beyond_base(self) -> bool:
        """A filter on the state says itself which states it wants: archived records are found by asking for them."""
        return any(this.column.kind == "state" and this.values for this in self.filters)

    def query(self, selection: Selection | None = None) -> Select[Any]:
        """All rows, in order: the id, then the expressions of `selection` (the shown columns)."""
        picked = selection or Selection(self.shown, 1)
        joins = [join for column in (*picked.columns, self.order.column) for join in column.joins]
        query = select(self.kind.model.id, *picked.exprs).select_from(self.kind.model)
        for target, on in join_key(joins):
            query = query.outerjoin(target, on)
        return query.where(*self.conditions()).order_by(*everything(self.order))

    def check(self) -> None:
        """Refuse when a filter is not understood: an export or a bulk action must not run on more than was meant."""
        self.conditions()
        for this in self.filters:
            if this.wrong:
                raise Refused(
                    _("The filter on “%(column)s” is not understood: %(why)s", column=this.column.label, why=this.wrong)
                )

    def chips(self) -> list[Chip]:
        self.conditions()
        return [
            Chip(
                this.column.name,
                this.column.label,
                describe(this, self.actor),
                self.url(without=this.column.name),
                this.wrong,
            )
            for this in self.filters
        ]

    def filter_on(self, name: str) -> Filter | None:
        return next((this for this in self.filters if this.column.name == name), None)

    def params(self, *, without: str | None = None, paging: bool = False, **changes: Any) -> list[tuple[str, str]]:
        """The parameters that describe this state, blank ones left out. Any change leads back to the first page."""
        plain = {"q": self.text, "sort": self.sort, "cols": ",".join(self.chosen), "view": self.view}
        if paging:
            plain |= {"page": str(self.page) if self.page > 1 else "", "after": self.after, "before": self.before}
        plain |= {name: "" if value is None else str(value) for name, value in changes.items()}
        filters = [pair for this in self.filters if this.column.name != without for pair in this.params()]
        pairs = [("q", plain.pop("q")), *filters, *plain.items()]
        return [(name, value) for name, value in pairs if value]

    def query_string(self, **changes: Any) -> str:
        # Commas, colons and slashes are allowed in a query, and an address should stay readable.
        return urlencode(self.params(**changes), safe=",:/")

    def url(self, **changes: Any) -> str:
        """The address of this list with some parameters changed; None or "" drops one."""
        text = self.query_string(**changes)
        return f"{self.path}?{text}" if text else self.path

    @cached_property
    def _tool_query(self) -> str:
        return urlencode([("at", self.path), *self.params()], safe=",:/")

    def tool_url(self, endpoint: str, **values: Any) -> str:
        """The address of a tool (a dialog, an export) that works on this list as it is now."""
        # A column may be called like a part of the tool's path ("kind", "view"): the two are put together as text.
        return f"{url_for(endpoint, kind=self.kind.name, **values)}?{self._tool_query}"

    @cached_property
    def _filter_forms(self) -> str:
        return url_for("lists.filter_form", kind=self.kind.name, column="-").removesuffix("-")

    def filter_url(self, column: str) -> str:
        """The address of the dialog that filters by a column."""
        return f"{self._filter_forms}{column}?{self._tool_query}"

    def own_url(self) -> str:
        """The address of exactly this, page and all, in its canonical form."""
        return self.url(paging=True)


def _page_number(text: str) -> int:
    return min(max(int(text), 1), 10**7) if text.isdecimal() and len(text) < 9 else 1


def search_condition(kind: RecordType, text: str) -> ColumnElement[bool]:
    """What the search index finds; for a type that is not in the index, names that contain the text."""
    if kind.search is not None:
        return matching(kind.name, text)
    title: Any = kind.title
    return title.icontains(text, autoescape=True)  # type: ignore[no-any-return]
