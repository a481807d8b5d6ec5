"""Which rows point at a record, and leading them to another one: by the mapper's own knowledge, so that a table that an area
adds tomorrow is found too.

A row points by a foreign key, or by the pair (record_type, record_id). A table may say `info={"on_merge": "keep"}` to keep its
pairs as they are (what happened to the old record stays what happened), `info={"label": ...}` to be named to people, and
`info={"computed": True}` when its rows are worked out anew from what else there is.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Boolean, Column, Index, PrimaryKeyConstraint, Table, UniqueConstraint, and_, func, select, update
from sqlalchemy import delete as delete_rows

from .db import Base, Record, session
from .errors import Refused
from .i18n import _, _l
from .registry import registry

KEPT = frozenset({"audit_entries", "search_entries", "search_index", "import_rows"})
"""Tables whose pairs stay with the record that they were written for."""
FLEETING = frozenset({"notifications"})
"""Tables whose rows are no reason to keep a record."""
LABELS = {"attachments": _l("Files"), "mail_links": _l("E-mails"), "notifications": _l("Notifications")}

Pointer = tuple[Table, tuple[Column[Any], ...], tuple[Any, ...]]
"""A table, the columns by which its rows point, and the values that point at the record."""


def pointers_at(record: Record) -> Iterator[Pointer]:
    """Every way in which rows may point at `record`."""
    own = record.__table__
    for _name, table in sorted(Base.metadata.tables.items()):
        for key in table.foreign_keys:
            if key.column.table is own:
                yield table, (key.parent,), (record.id,)
        if is_paired(table):
            yield table, (table.c.record_type, table.c.record_id), (record.record_name, record.id)


def is_paired(table: Table) -> bool:
    """Whether rows of `table` point by (record type, id) and follow their record."""
    paired = {"record_type", "record_id"} <= set(table.c.keys())
    return paired and table.name not in KEPT and table.info.get("on_merge") != "keep"


def is_fleeting(table: Table) -> bool:
    """Whether rows of `table` are no reason to keep what they point at, and go with it."""
    return table.name in FLEETING or bool(table.info.get("computed"))


def _matches(columns: Sequence[Column[Any]], values: Sequence[Any]) -> Any:
    return and_(*(column == value for column, value in zip(columns, values, strict=True)))


def label_of(table: Table) -> Any:
    """What people call the rows of `table`."""
    kinds = {kind.model.__table__: kind.plural for kind in registry().record_types.values()}
    return table.info.get("label") or LABELS.get(table.name) or kinds.get(table) or table.name.replace("_", " ")


def pointing_at(record: Record, besides: Sequence[str] = ()) -> list[tuple[int, str]]:
    """How many rows of what point at `record`: [(3, "Activities")]. Tables named in `besides` are its own parts."""
    found: dict[Table, int] = {}
    for table, columns, values in pointers_at(record):
        if table.name in besides or is_fleeting(table):
            continue
        count = session.scalar(select(func.count()).select_from(table).where(_matches(columns, values)))
        if count:
            found[table] = max(found.get(table, 0), count)
    return [(count, str(label_of(table))) for table, count in found.items()]


def forget(record: Record, with_parts: Sequence[str] = ()) -> None:
    """Delete `record`, its own parts (in the tables named) and the fleeting rows about it. The caller has asked `pointing_at`."""
    for table, columns, values in pointers_at(record):
        if is_fleeting(table):
            session.execute(delete_rows(table).where(_matches(columns, values)))
        elif table.name in with_parts:
            for part in _entities(table, _matches(columns, values)):
                session.delete(part)
    session.flush()
    session.expire(record)
    session.delete(record)
    session.flush()


def _model(table: Table) -> type[Any] | None:
    return next((mapper.class_ for mapper in Base.registry.mappers if mapper.local_table is table), None)


def _entities(table: Table, condition: Any) -> Sequence[Any]:
    model = _model(table)
    return session.scalars(select(model).where(condition)).all() if model is not None else ()


def lead_over(loser: Record, winner: Record) -> Mapping[str, int]:
    """Let everything that points at `loser` point at `winner`, and return how many rows of what: {"activities": 12}.

    Where the database allows only one such row (the same contact at both customers) the winner's stays. Refused when both
    have the one row that a record may have in some table, for then somebody must decide.
    """
    session.flush()
    moved: dict[str, int] = {}
    for table, columns, old in pointers_at(loser):
        if table.info.get("computed"):
            session.execute(delete_rows(table).where(_matches(columns, old)))  # the winner's are worked out anew
            continue
        new = (winner.id,) if len(columns) == 1 else (winner.record_name, winner.id)
        count = _lead(table, columns, old, new)
        if count:
            moved[table.name] = max(moved.get(table.name, 0), count)
    own = winner.__table__
    for key in own.foreign_keys:
        if key.column.table is own:  # what stood below the loser may be the winner itself
            session.execute(
                update(own).where(own.c.id == winner.id, key.parent == winner.id).values({key.parent: None})
            )
    session.expire_all()
    return moved


def lead_pairs(source: Record, target: Record) -> Mapping[str, int]:
    """Let everything that points at `source` by (record type, id) point at `target`, which may be of another type."""
    session.flush()
    moved: dict[str, int] = {}
    for table, columns, old in pointers_at(source):
        if len(columns) == 2:
            count = _lead(table, columns, old, (target.record_name, target.id))
            if count:
                moved[table.name] = count
    session.expire_all()
    return moved


def _lead(table: Table, columns: Sequence[Column[Any]], old: Sequence[Any], new: Sequence[Any]) -> int:
    for unique, predicate in _uniques(table, columns):
        _make_room(table, columns, old, new, unique, predicate)
    values: dict[Any, Any] = dict(zip(columns, new, strict=True))
    if "updated_at" in table.c:
        values[table.c.updated_at] = table.c.updated_at
    return session.execute(update(table).where(_matches(columns, old)).values(values)).rowcount  # type: ignore[attr-defined, no-any-return]


def _uniques(table: Table, columns: Sequence[Column[Any]]) -> Iterator[tuple[list[Column[Any]], Any]]:
    """The sets of columns with one of `columns` in them that must differ, and for which rows (None: for all)."""
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint | PrimaryKeyConstraint) and set(columns) & set(constraint.columns):
            yield list(constraint.columns), None
    for index in table.indexes:
        if index.unique and set(columns) & set(index.columns):
            yield list(index.columns), _predicate(index)


def _predicate(index: Index) -> Any:
    return index.dialect_options[session.get_bind().dialect.name].get("where")


def _make_room(
    table: Table,
    columns: Sequence[Column[Any]],
    old: Sequence[Any],
    new: Sequence[Any],
    unique: list[Column[Any]],
    where: Any,
) -> None:
    """Take away the loser's rows that would collide with one of the winner's."""
    others = [column for column in unique if column not in columns]
    theirs = table.alias()
    twin = (
        select(1)
        .select_from(theirs)
        .where(
            *(theirs.c[column.key] == value for column, value in zip(columns, new, strict=True)),
            *(theirs.c[column.key] == column for column in others),
        )
    )
    flag = table.c.get(str(where)) if where is not None else None
    if flag is not None and isinstance(flag.type, Boolean):
        mine = and_(_matches(columns, old), flag, twin.where(theirs.c[flag.key]).exists())
        session.execute(update(table).where(mine).values({flag: False}))
        return
    colliding = and_(_matches(columns, old), twin.exists())
    if not others and session.scalar(select(func.count()).select_from(table).where(colliding)):
        raise Refused(_("Both have %(what)s. Remove one of them first.", what=label_of(table)))
    if others:
        session.execute(delete_rows(table).where(colliding))
