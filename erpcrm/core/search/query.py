"""Finding: the condition for lists, and the newest matches of one type for search boxes and pickers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    String,
    bindparam,
    cast,
    column,
    false,
    func,
    literal_column,
    select,
    table,
    true,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from ..actor import Actor
from ..db import session
from ..records import RecordType
from ..registry import record_type
from .index import ID_MASK, SearchEntry, entry_id, type_base, type_word
from .words import Asked, asked

search_index = table("search_index", column("rowid"))


def fts5_query(asked_for: Asked) -> str:
    """In FTS5's language. Words hold letters and digits only, so quoting them is safe."""
    parts = [f'"{" ".join(phrase)}"' for phrase in asked_for.phrases]
    parts += [f'"{beginning}"*' for beginning in asked_for.beginnings]
    return " AND ".join(parts)


def tsquery(kind_name: str, asked_for: Asked) -> str:
    parts = [type_word(kind_name)]
    parts += ["(" + " <-> ".join(phrase) + ")" for phrase in asked_for.phrases]
    parts += [f"{beginning}:*" for beginning in asked_for.beginnings]
    return " & ".join(parts)


def _on_sqlite() -> bool:
    return bool(session.get_bind().dialect.name == "sqlite")


def _hits(kind_name: str, asked_for: Asked) -> Select[Any]:
    """Select of record ids from the index alone."""
    if _on_sqlite():
        return select(search_index.c.rowid.op("&")(literal_column(str(ID_MASK)))).where(*_matches(kind_name, asked_for))
    return select(SearchEntry.record_id).where(*_matches(kind_name, asked_for))


def _matches(kind_name: str, asked_for: Asked) -> Sequence[ColumnElement[bool]]:
    if _on_sqlite():
        base = type_base(kind_name)
        return (
            literal_column("search_index").op("MATCH", is_comparison=True)(fts5_query(asked_for)),
            search_index.c.rowid.between(base, base | ID_MASK),
        )
    return (SearchEntry.words.op("@@", is_comparison=True)(cast(tsquery(kind_name, asked_for), TSQUERY)),)


def _key() -> ColumnElement[int]:
    return search_index.c.rowid if _on_sqlite() else SearchEntry.id  # type: ignore[return-value]


def matching(kind_name: str, text: str) -> ColumnElement[bool]:
    """The records of a type that a typed text finds, as a condition on the model's id. True for a blank text.

    All words must match: letters and digits as beginnings of words (also of pinyin and initials), runs of Chinese
    characters wherever they stand. The index is read once, at a fraction of a microsecond a match; where only the
    newest matches are wanted, `matching_ids` reads no more than those.
    """
    kind, asked_for = record_type(kind_name), asked(text)
    if not text.strip():
        return true()
    if not asked_for:
        return false()
    return kind.model.id.in_(_hits(kind_name, asked_for))


def matching_ids(
    kind_name: str,
    text: str,
    *,
    where: Sequence[ColumnElement[bool]] = (),
    before: int | None = None,
    after: int | None = None,
) -> Select[Any]:
    """Select of the ids (column `id`) that `text` finds among the records within `where`, newest first.

    With `before` those below that id, with `after` those above it, oldest first. Read with a limit it takes as long for a
    million records as for a thousand: the index hands out its matches in this order, one by one.
    """
    model, asked_for = record_type(kind_name).model, asked(text)
    query = select(model.id.label("id")).where(*where).correlate(None)
    if not asked_for:
        return query.where(false())
    # The key can't be computed from the record's id backwards, so the database has to begin with the index.
    source: Any = SearchEntry.__table__.join(model, model.id == SearchEntry.record_id)
    if _on_sqlite():
        source = search_index.join(model, model.id == search_index.c.rowid.op("&")(literal_column(str(ID_MASK))))
    query = query.select_from(source).where(*_matches(kind_name, asked_for))
    if before is not None:
        query = query.where(_key() < entry_id(kind_name, before))
    if after is not None:
        query = query.where(_key() > entry_id(kind_name, after))
    return query.order_by(_key().asc() if after is not None else _key().desc())


@dataclass(frozen=True)
class Hit:
    """One record that was found."""

    id: int
    title: str
    subtitle: str


def in_scope(kind: RecordType, actor: Actor | None) -> ColumnElement[bool]:
    return true() if actor is None else kind.scope(actor, actor.scope(kind.name))


def newest_hits(
    kind: RecordType, text: str, *, actor: Actor | None, limit: int, where: Sequence[Any] = ()
) -> list[Hit]:
    """The newest records of a type that `text` finds and that the user may see; the newest of all for a blank text.

    A record whose title begins with the text comes before others, a record whose code is the text before all.
    """
    rows = session.execute(_hit_query(kind, text, [in_scope(kind, actor), *where]).limit(limit * 4)).all()
    hits = [Hit(row.id, row.title or "", row.subtitle or "") for row in rows]
    typed = text.strip().lower()
    if typed:
        exact = _by_code(kind, typed, [in_scope(kind, actor), *where])
        hits = [*exact, *(hit for hit in hits if hit.id not in {one.id for one in exact})]
        coded = {hit.id for hit in exact}
        hits.sort(key=lambda hit: (hit.id not in coded, not hit.title.lower().startswith(typed)))
    return _beside(kind, hits[:limit], actor)


def _beside(kind: RecordType, hits: list[Hit], actor: Actor | None) -> list[Hit]:
    """The hits with what the record type adds to them for this reader."""
    if kind.search is None or kind.search.beside is None or actor is None or not hits:
        return hits
    more = kind.search.beside([hit.id for hit in hits], actor)
    return [replace(hit, subtitle=" · ".join(filter(None, (hit.subtitle, more.get(hit.id))))) for hit in hits]


def _entry_of(kind: RecordType) -> ColumnElement[bool]:
    """The entry of a record, for joins."""
    base = bindparam(None, type_base(kind.name), type_=BigInteger())
    return SearchEntry.id == cast(kind.model.id, BigInteger()) + base


def _hit_query(kind: RecordType, text: str, where: Sequence[Any]) -> Select[Any]:
    model, title = kind.model, kind.title.label("title")
    entry = _entry_of(kind)
    query = select(model.id, title, SearchEntry.subtitle).where(*where)
    asked_for = asked(text)
    if not text.strip():
        return query.select_from(model).outerjoin(SearchEntry, entry).order_by(model.id.desc())
    if not asked_for:
        return query.select_from(model).outerjoin(SearchEntry, entry).where(false())
    if kind.search is None:
        found = func.lower(cast(kind.title, String)).contains(text.strip().lower(), autoescape=True)
        return query.select_from(model).outerjoin(SearchEntry, entry).where(found).order_by(model.id.desc())
    entries: Any = SearchEntry.__table__
    if _on_sqlite():
        entries = search_index.join(SearchEntry, SearchEntry.id == search_index.c.rowid)
    return (
        query.select_from(entries.join(model, model.id == SearchEntry.record_id))
        .where(*_matches(kind.name, asked_for))
        .order_by(_key().desc())
    )


def _by_code(kind: RecordType, typed: str, where: Sequence[Any]) -> list[Hit]:
    if kind.code is None:
        return []
    entry = _entry_of(kind)
    rows = session.execute(
        select(kind.model.id, kind.title.label("title"), SearchEntry.subtitle)
        .select_from(kind.model)
        .outerjoin(SearchEntry, entry)
        .where(kind.code.in_({typed, typed.upper()}), *where)
        .limit(1)
    )
    return [Hit(row.id, row.title or "", row.subtitle or "") for row in rows]
