"""What an area declares once about a kind of record: lists, filters, export, import, search and own fields all read it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, bindparam, select, true
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.orm.interfaces import ORMOption
from sqlalchemy.sql.selectable import FromClause

from .access import KEPT, ScopeRule
from .actor import Actor
from .db import Record, session
from .workflow import Workflow

Text = Any
"""A string or a lazy translation."""

Kind = Literal[
    "text",
    "number",
    "money",
    "percent",
    "date",
    "datetime",
    "bool",
    "choice",
    "state",
    "ref",
    "tags",
    "email",
    "phone",
]


@dataclass(frozen=True)
class Choice:
    """One value of a choice or state column."""

    value: str
    label: Text
    tone: str = "gray"


@dataclass(frozen=True)
class Join:
    """An outer join that a column needs; joins with the same `key` are made once."""

    key: str
    target: Any
    """A mapped class, alias or table."""
    on: ColumnElement[bool]


@dataclass(frozen=True, eq=False)
class Column:
    """A column of a record type's list: what to select, how to show, sort, filter, total and export it.

    `expr` is what is shown. A "ref" column shows `expr` (the other record's name) and filters and links by `key`, the
    foreign key, whose record type is `ref`. A "money" column names the currency's expression, or shows the company's.
    """

    name: str
    label: Text
    expr: ColumnElement[Any] | InstrumentedAttribute[Any]
    kind: Kind = "text"
    key: ColumnElement[Any] | InstrumentedAttribute[Any] | None = None
    ref: str | None = None
    choices: Callable[[], Sequence[Choice]] | Sequence[Choice] = ()
    currency: ColumnElement[Any] | InstrumentedAttribute[Any] | None = None
    joins: Sequence[Join] = ()
    sort: ColumnElement[Any] | InstrumentedAttribute[Any] | None = None
    """What to sort by instead of `expr` (a pinyin key, an indexed column)."""
    sortable: bool = False
    """Only columns with an index of (column, id) may be sorted by: a list never sorts a million rows."""
    filterable: bool = True
    shown: bool = True
    """In the list without being chosen."""
    total: bool = False
    """Summed below the list (money: by currency)."""
    permission: str | None = None
    """Needed to see the column at all."""
    instead: Callable[[Sequence[int], Any], Mapping[int, tuple[int, str]]] | None = None
    """For a "ref" column, where the reader may not see the other record: {id of the row: (id, name) of one to show instead}
    of these rows, for this actor. Without it the cell stays empty."""
    asked: Callable[[Sequence[str], Actor | None], ColumnElement[bool]] | None = None
    """What a filter on the column asks, where comparing with `expr` is not it: values and reader to a condition on the model."""
    opens: str | None = None
    """Endpoint (takes `id`) that explains the figure: it is then a link, which opens in the dialog."""
    reads: Callable[[Any], Any] | None = None
    """A text as this reader should see it, where that is not how it is stored (the names of standard roles)."""

    def all_choices(self) -> Sequence[Choice]:
        return self.choices() if callable(self.choices) else self.choices


@dataclass(frozen=True)
class Searchable:
    """The words by which a record is found. `names` also by pinyin and initials; an editable reading wins over the library's.

    `names(record)` -> [(name, reading or None)], `words(record)` -> codes, e-mails, tax numbers; `phones(record)` -> numbers,
    found by any run of four or more of their digits; `subtitle(record)` -> the second line of a search result.
    `beside(ids, actor)` -> {id: text} adds to the subtitle what depends on who looks: names of other records in their scope.
    `watches` names other models whose change renews entries: {model: function that gives the records of this type}.
    `loads` are loader options for what these functions read beyond the record itself, for reindexing many.
    """

    title: Callable[[Any], str]
    names: Callable[[Any], Sequence[tuple[str, str | None]]]
    words: Callable[[Any], Sequence[str | None]] = lambda record: ()
    phones: Callable[[Any], Sequence[str | None]] = lambda record: ()
    subtitle: Callable[[Any], str] = lambda record: ""
    beside: Callable[[Sequence[int], Any], Mapping[int, str]] | None = None
    watches: Mapping[type[Any], Callable[[Any], Sequence[Any]]] = field(default_factory=dict)
    loads: Sequence[ORMOption] = ()


@dataclass(frozen=True)
class View:
    """Another way to look at what a list shows: a board, a calendar. `here` is the one that is being looked at."""

    label: Text
    icon: str
    url: str
    here: bool


@dataclass(frozen=True)
class BulkAction:
    """A verb for many records of a list at once.

    `run(records, values, by)` does it and returns how many it changed; `ask` names a form class (WTForms) for what it needs.
    """

    name: str
    label: Text
    icon: str
    permission: str
    run: Callable[[Sequence[Any], Mapping[str, Any], Any], int]
    ask: type[Any] | None = None
    kind: Literal["secondary", "danger"] = "secondary"


@dataclass(frozen=True)
class ImportField:
    """A field that a file may fill. `aliases` are headers in both languages that suggest it.

    `ref` names the record type that a "ref" is resolved to, by code or name. A "choice" takes a value or a label of
    `choices`, in any language. `create_missing(text, by)` makes what a file names and nobody knows yet: it returns the id
    of the new record, or the value of the new choice.
    """

    name: str
    label: Text
    kind: Kind = "text"
    aliases: Sequence[str] = ()
    required: bool = False
    ref: str | None = None
    create_missing: Callable[[str, Any], int | str] | None = None
    choices: Callable[[], Sequence[Choice]] | Sequence[Choice] = ()
    match: bool = False
    """May serve as the key by which an existing record is found."""
    help: Text = ""

    def all_choices(self) -> Sequence[Choice]:
        return self.choices() if callable(self.choices) else self.choices


@dataclass(frozen=True)
class Reversal:
    """How an import is taken back whose records are never deleted: by the other way, a document of its own.

    `run(record, by)` does it for one record, refused when it can't be; the record stays, and so does what was made beside it.
    `in_the_way(ids)` -> (why, query of the ids that can't be taken back), of the created records that the query `ids` names.
    """

    run: Callable[[Any, Any], Any]
    in_the_way: Callable[[Select[Any]], Iterable[tuple[str, Select[Any]]]]


@dataclass(frozen=True)
class Importer:
    """How rows of a file become records.

    `create(values, by)` and `update(record, values, by)` are the area's verbs: the same that its pages call, so the same
    rules hold. `values` holds the mapped fields only, already parsed; a cell that is empty is left out (on update it is
    None when the user chose that empty cells clear). Both may leave the flush to the caller: a batch of 500 rows is
    flushed at once, which is many times faster. A `Refused` marks the row as bad with its message.
    `find(field, texts)` -> {text: record id} for a match key.
    `lookup(texts)` -> {text: ids} resolves references to this type in bulk, by code or name.
    """

    fields: Sequence[ImportField]
    create: Callable[[dict[str, Any], Any], Record]
    update: Callable[[Any, dict[str, Any], Any], None]
    permission: str
    lookup: Callable[[Sequence[str]], Mapping[str, Sequence[int]]]
    find: Callable[[str, Sequence[str]], Mapping[str, int]]
    matched_by: Sequence[str] = ()
    match: Callable[[Sequence[Mapping[str, Any]]], Mapping[int, int]] | None = None
    """For records that no single field tells apart: the fields that do so together, and
    `match(rows)` -> {position: id of the record that is there already}, in bulk. No field is a match key then."""
    prepare: Callable[[Sequence[dict[str, Any]], Any], None] | None = None
    """`prepare(rows, by)`: called once a batch before the `create` of each of these values, to fetch in bulk what they
    need (the next numbers, the owners' teams). It may put more entries into the values."""
    prepare_updates: Callable[[Sequence[tuple[Any, dict[str, Any]]], Any], None] | None = None
    """`prepare_updates(pairs, by)`: the same before the `update` of each of these (record, values)."""
    alike: Callable[[Sequence[dict[str, Any]]], Mapping[int, tuple[int, str]]] | None = None
    """{position: (id of a record that may be the same, why)} for rows about to be created, in bulk; the user is warned.
    Without it rows are compared with existing records by name."""
    remove: Callable[[Any, Any], None] | None = None
    """`remove(record, by)`: how the undo of an import takes a created record away; without it the record is deleted."""
    reversal: Reversal | None = None
    """For records that nobody may delete, instead of `remove`"""
    batch: int = 500
    """So many rows are one transaction: fewer where a row does much, since nobody else writes to SQLite meanwhile"""
    title: Text = None
    """What people call a file of such rows, where that is not the plural of its records"""
    sees_to: Sequence[str] = ()
    """Record types that `create` makes beside a row's own record and that `remove` sees to: a journal entry is reversed."""
    revert: Callable[[Any, Mapping[str, Any], Any], None] | None = None
    """`revert(record, before, by)`: how the undo gives an updated record its former values; without it they are set as they
    were stored. `before` holds the columns that differ, and the ids of what hangs on the record by a table of pairs."""


@dataclass(frozen=True, eq=False)
class RecordType:
    """A kind of record. `endpoint` shows one (takes `id`), `list_endpoint` shows them all."""

    name: str
    model: type[Record]
    label: Text
    plural: Text
    icon: str
    endpoint: str
    list_endpoint: str
    view: str
    """Permission to see records of this type."""
    edit: str
    title: ColumnElement[Any] | InstrumentedAttribute[Any]
    """The SQL expression that names a record in pickers, audit and references."""
    scope: ScopeRule
    columns: Sequence[Column] = ()
    sort: str = "-created"
    """Name of the column that the list is sorted by at first, with "-" for descending."""
    create: str | None = None
    """Permission to create one; None where nobody does by hand."""
    create_endpoint: str | None = None
    search: Searchable | None = None
    importer: Importer | None = None
    bulk: Sequence[BulkAction] = ()
    custom_fields: bool = False
    """Whether users may add fields of their own: the model then has the column `custom` (see fields.HasCustom)."""
    views: Callable[[Any], Sequence[View]] = lambda state: ()
    """Other ways to look at what a list shows (its `ListState`), this one among them."""
    presets: Mapping[str, tuple[Text, str]] = field(default_factory=dict)
    """Views that come with the program: name -> (label, query string)."""
    code: InstrumentedAttribute[Any] | None = None
    """The column by which people name a record exactly (customer code, product code)."""
    base: Callable[[Any], ColumnElement[bool]] | None = None
    """A condition for lists beyond scope (not archived)."""
    open: Callable[[], ColumnElement[bool]] | None = None
    """Which records still need somebody (a deal that is not closed): those a colleague takes over from one who leaves."""
    confidential: bool = False
    """What was said of one and done with it is for those alone who may change it, and for readers of the audit trail."""

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)


def join_key(joins: Sequence[Join]) -> list[tuple[FromClause, ColumnElement[bool]]]:
    """Joins in order, each key once."""
    seen: dict[str, tuple[FromClause, ColumnElement[bool]]] = {}
    for join in joins:
        seen.setdefault(join.key, (join.target, join.on))
    return list(seen.values())


def titles_of(kind: RecordType, ids: Iterable[int], actor: Actor | None) -> dict[int, Any]:
    """{id: title} of those of these records that `actor` may see; of all of them for the system itself."""
    seen = true() if actor is None else kind.scope(actor, actor.scope(kind.name))
    return {record_id: title for record_id, title in session.execute(_titles(kind, seen), {"ids": list(ids)})}


@lru_cache(KEPT)
def _titles(kind: RecordType, seen: ColumnElement[bool]) -> Select[Any]:
    query = select(kind.model.id, kind.title).select_from(kind.model)
    return query.where(kind.model.id.in_(bindparam("ids", expanding=True)), seen)


def states_of(flow: Workflow) -> tuple[Choice, ...]:
    """The states of a workflow as a list shows and filters them."""
    return tuple(Choice(state.value, state.label, state.tone) for state in flow.states)
