"""The search index: one row a record, kept in step with the records by every flush.

On SQLite a full-text table (FTS5) over the rows, on PostgreSQL a tsvector with a GIN index. The key of a row is made of
the record's type and id, so that the index alone gives the matches of one type newest first, without touching the rows.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any
from zlib import crc32

from sqlalchemy import BigInteger, Text, delete, event, inspect, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, UOWTransaction, mapped_column
from sqlalchemy.orm import Session as OrmSession

from ..db import Base, Record, remembered, session
from ..records import RecordType
from ..registry import Registry, registry
from .words import search_words

ID_BITS = 40
ID_MASK = (1 << ID_BITS) - 1
BATCH = 1000
LONGEST_TITLE = 200


class SearchEntry(Base):
    """What is found of a record: its title and subtitle in results, and the words that find it."""

    __tablename__ = "search_entries"

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(sqlite.INTEGER(), "sqlite"), primary_key=True, autoincrement=False
    )
    """`entry_id(record_type, record_id)`"""
    record_type: Mapped[str]
    record_id: Mapped[int]
    title: Mapped[str]
    subtitle: Mapped[str]
    words: Mapped[str] = mapped_column(Text().with_variant(TSVECTOR(), "postgresql"))


ON_SQLITE = (
    # Words are already split and plain (see words.py), so the simplest tokenizer is right for every script. Prefixes of
    # up to four letters have lists of their own: what is typed first matches most, too much to collect word by word.
    "CREATE VIRTUAL TABLE IF NOT EXISTS search_index USING fts5(words, content='search_entries', content_rowid='id',"
    " columnsize=0, tokenize='ascii', prefix='1 2 3 4')",
    "CREATE TRIGGER IF NOT EXISTS search_entries_insert AFTER INSERT ON search_entries BEGIN"
    " INSERT INTO search_index(rowid, words) VALUES (new.id, new.words); END",
    "CREATE TRIGGER IF NOT EXISTS search_entries_delete AFTER DELETE ON search_entries BEGIN"
    " INSERT INTO search_index(search_index, rowid, words) VALUES ('delete', old.id, old.words); END",
    "CREATE TRIGGER IF NOT EXISTS search_entries_update AFTER UPDATE ON search_entries"
    " WHEN old.words IS NOT new.words BEGIN"
    " INSERT INTO search_index(search_index, rowid, words) VALUES ('delete', old.id, old.words);"
    " INSERT INTO search_index(rowid, words) VALUES (new.id, new.words); END",
)
ON_POSTGRESQL = (
    "CREATE INDEX IF NOT EXISTS ix_search_entries_words ON search_entries USING gin (words) WITH (fastupdate = off)",
)


def install(connection: Connection) -> None:
    """Make what SQLAlchemy has no words for. The migration that makes `search_entries` calls it afterwards."""
    for statement in ON_SQLITE if connection.dialect.name == "sqlite" else ON_POSTGRESQL:
        connection.exec_driver_sql(statement)


def uninstall(connection: Connection) -> None:
    """The full-text table goes before the rows it stands on."""
    if connection.dialect.name == "sqlite":
        for event_name in ("insert", "delete", "update"):
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS search_entries_{event_name}")
        connection.exec_driver_sql("DROP TABLE IF EXISTS search_index")


@event.listens_for(SearchEntry.__table__, "after_create")
def _created(_table: Any, connection: Connection, **_options: Any) -> None:
    install(connection)


@event.listens_for(SearchEntry.__table__, "before_drop")
def _dropped(_table: Any, connection: Connection, **_options: Any) -> None:
    uninstall(connection)


@lru_cache(maxsize=256)
def type_base(record_type: str) -> int:
    """The first key of a type: 23 bits of its name, above 40 bits of record id."""
    return (crc32(record_type.encode()) & 0x7FFFFF) << ID_BITS


def entry_id(record_type: str, record_id: int) -> int:
    return type_base(record_type) | record_id


def type_word(record_type: str) -> str:
    """The word by which PostgreSQL's index knows the type; nobody can ask for its first character."""
    return f"§{record_type}"


def rows_of(kind: RecordType, records: Iterable[Any], dialect: str) -> Iterator[dict[str, Any]]:
    search = kind.search
    if search is None:
        return
    for record in records:
        words = search_words(search.names(record), search.words(record), search.phones(record))
        if dialect == "postgresql":
            numbered = enumerate([type_word(kind.name), *words.split()], start=1)
            words = " ".join(f"{word}:{place}" for place, word in numbered)
        yield {
            "id": entry_id(kind.name, record.id),
            "record_type": kind.name,
            "record_id": record.id,
            "title": (search.title(record) or "")[:LONGEST_TITLE],
            "subtitle": (search.subtitle(record) or "")[:LONGEST_TITLE],
            "words": words,
        }


def _store(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Insert or change many rows in one call; a row that says the same is left alone."""
    if not rows:
        return
    insert = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(SearchEntry.__table__)
    fresh, table = insert.excluded, SearchEntry.__table__.c
    differs = (
        table.title.is_distinct_from(fresh.title)
        | table.subtitle.is_distinct_from(fresh.subtitle)
        | table.words.is_distinct_from(fresh.words)
    )
    connection.execute(
        insert.on_conflict_do_update(
            index_elements=["id"],
            set_={"title": fresh.title, "subtitle": fresh.subtitle, "words": fresh.words},
            where=differs,
        ),
        rows,
    )


def _remove(connection: Connection, ids: Sequence[int]) -> None:
    for start in range(0, len(ids), BATCH):
        connection.execute(delete(SearchEntry).where(SearchEntry.id.in_(ids[start : start + BATCH])))


Watch = tuple[RecordType, Callable[[Any], Iterable[Any]]]


@lru_cache(maxsize=8)
def _watchers(known: Registry) -> Mapping[type[Any], Sequence[Watch]]:
    found: dict[type[Any], list[Watch]] = defaultdict(list)
    for kind in known.record_types.values():
        if kind.search is not None:
            found[kind.model].append((kind, lambda record: (record,)))
            for model, records in kind.search.watches.items():
                found[model].append((kind, records))
    return found


@event.listens_for(OrmSession, "after_flush")
def notice(flushing: OrmSession, context: UOWTransaction) -> None:
    """Remember what this flush wrote, while the session still tells new, changed and deleted apart."""
    watchers = _watchers(registry())
    gone = [record for record in flushing.deleted if type(record) in watchers]
    changed = [record for record in flushing.new if type(record) in watchers]
    changed += [record for record in flushing.dirty if type(record) in watchers and flushing.is_modified(record)]
    if gone or changed:
        context.attributes["search"] = (changed, gone)


@event.listens_for(OrmSession, "after_flush_postexec")
def follow(flushing: OrmSession, context: UOWTransaction) -> None:
    """Renew the entries of what was written, all records of a type in one statement.

    Only now do new records load what they point at: their words may name other records.
    """
    changed, gone = context.attributes.pop("search", ((), ()))
    if not changed and not gone:
        return
    watchers, known = _watchers(registry()), registry().type_of_model
    deleted = set(gone)
    renewed: dict[RecordType, dict[int, Record]] = defaultdict(dict)
    for source in (*changed, *gone):
        for kind, records in watchers[type(source)]:
            for record in records(source):
                if record is None or record in deleted or inspect(record).deleted:
                    continue
                if record is not source:
                    # Its collections may have been read before this part was added or taken away.
                    flushing.expire(record, [one.key for one in inspect(record).mapper.relationships if one.uselist])
                renewed[kind][record.id] = record
    connection = flushing.connection()
    stored = remembered("search")  # a document is written several times until it is what it is to be, its words once
    gone_ids = [entry_id(known[type(record)].name, record.id) for record in gone if type(record) in known]
    for id in gone_ids:
        stored.pop(id, None)
    _remove(connection, gone_ids)
    for kind, found in renewed.items():
        _load_for(flushing, kind, sorted(found))
        rows = {row["id"]: row for row in rows_of(kind, found.values(), connection.dialect.name)}
        _store(connection, [row for id, row in rows.items() if stored.get(id) != row])
        stored.update(rows)


def _load_for(flushing: OrmSession, kind: RecordType, ids: Sequence[int]) -> None:
    """Load what the words of many records need at once, not record by record."""
    loads = kind.search.loads if kind.search is not None else ()
    if not loads or len(ids) < 2:
        return
    for start in range(0, len(ids), BATCH):
        chunk = ids[start : start + BATCH]
        flushing.scalars(select(kind.model).where(kind.model.id.in_(chunk)).options(*loads)).unique().all()


def forget(kind: RecordType, ids: Sequence[int]) -> None:
    """For statements that delete rows without loading them: take the entries away too."""
    remembered("search").clear()
    _remove(session.connection(), [entry_id(kind.name, record_id) for record_id in ids])


def reindex(kind: RecordType, ids: Sequence[int] | None = None) -> int:
    """Write the entries of a type anew, or those of some records: after a restore, after statements that changed rows
    without loading them, or when words are made in a new way. Returns how many there are."""
    if kind.search is None:
        return 0
    remembered("search").clear()
    connection, table, model = session.connection(), SearchEntry.__table__.c, kind.model
    gone = table.record_type == kind.name
    if ids is not None:
        gone &= table.record_id.in_(ids)
    connection.execute(delete(SearchEntry).where(gone, table.record_id.not_in(select(model.id))))
    count = last = 0
    query = select(model).options(*kind.search.loads).order_by(model.id).limit(BATCH)
    if ids is not None:
        query = query.where(model.id.in_(ids))
    while records := session.scalars(query.where(model.id > last)).unique().all():
        _store(connection, list(rows_of(kind, records, connection.dialect.name)))
        count, last = count + len(records), records[-1].id
    return count
