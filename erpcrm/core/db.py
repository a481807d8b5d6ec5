"""The database: engine settings, session, base class and the columns that every record has.

This is the one module that touches Flask-SQLAlchemy.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, ClassVar, TypeVar
from weakref import WeakSet

from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import JSON, DateTime, Dialect, ForeignKey, MetaData, event, inspect
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import DeclarativeBase, Mapped, SessionTransaction, UOWTransaction, declared_attr, mapped_column
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.types import TypeDecorator

from .errors import NotThere
from .exact import AMOUNT

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

_writing: ContextVar[bool] = ContextVar("writing", default=True)


def now() -> datetime:
    """The present moment, in UTC. Every time stamp comes from here, so that a test can hold the clock."""
    return datetime.now(UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware in Python, stored as UTC without zone."""

    impl = DateTime
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None else None


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        Decimal: AMOUNT,
        datetime: UtcDateTime(),
        dict[str, Any]: JSON,
        list[Any]: JSON,
    }


class Record(Base):
    """What users keep: it has a version for stale edits, its origin in time, and an audit trail.

    `record_name` is the name in URLs of generic pages, in the audit trail and in pointers of the form (type, id).
    A part of another record (an address, a line) names its parent in `audit_parent` and is audited there.
    """

    __abstract__ = True
    record_name: ClassVar[str]
    audit_parent: ClassVar[tuple[str, str] | None] = None
    """(record name of the parent, attribute that holds its id)"""
    told_when_created: ClassVar[bool] = True
    """False for what always comes with something else that is told: the trail begins with what happens to it afterwards"""
    unaudited: ClassVar[frozenset[str]] = frozenset({"id", "version", "created_at", "updated_at", "created_by_id"})

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)

    @declared_attr
    def created_by_id(cls) -> Mapped[int | None]:
        return mapped_column(ForeignKey("users.id", ondelete="SET NULL"))

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version}


class Session(FlaskSession):
    """Reads go to a read-only view of the same engine, so that a GET can't write and never waits for a writer."""

    def get_bind(  # type: ignore[override]
        self, mapper: Any = None, *, clause: Any = None, bind: Any = None, **kwargs: Any
    ) -> Any:
        engine = super().get_bind(mapper, clause=clause, bind=bind, **kwargs)
        if _writing.get() or not isinstance(engine, Engine):
            return engine
        return read_only_view(engine)


@lru_cache(maxsize=8)
def read_only_view(engine: Engine) -> Engine:
    """The same engine with read-only transactions. One view an engine: a session opens a connection for each it meets."""
    return engine.execution_options(read_only=True, postgresql_readonly=True)


db = SQLAlchemy(
    metadata=Base.metadata,
    session_options={"class_": Session, "expire_on_commit": False},
)
session = db.session


@contextmanager
def access_mode(*, writes: bool) -> Iterator[None]:
    """Within it every new transaction may write, or may only read."""
    token = _writing.set(writes)
    try:
        yield
    finally:
        _writing.reset(token)


def may_write() -> bool:
    return _writing.get()


def prepare_engine(engine: Engine) -> None:
    """Set SQLite up so that an acknowledged change survives a power cut and two writers never lose an update."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy's "begin" event below opens the transaction, not the driver
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "foreign_keys=ON",
            "busy_timeout=15000",
            "synchronous=FULL",
            "cache_size=-4000",
            "temp_store=MEMORY",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        if connection.get_execution_options().get("read_only"):
            connection.exec_driver_sql("PRAGMA query_only=1")
            connection.exec_driver_sql("BEGIN")
        else:
            connection.exec_driver_sql("PRAGMA query_only=0")
            # Take the write lock before reading what will be changed: SQLite has no SELECT FOR UPDATE.
            connection.exec_driver_sql("BEGIN IMMEDIATE")


HELD = "held"
"""Where a session keeps what its transaction holds already: whatever was locked, and what it has made itself"""
REMEMBERED, ONCE = "remembered", "once"
T = TypeVar("T")


def held() -> Any:
    """What this transaction holds: nobody else can change it until the transaction ends, so nobody need read it anew."""
    return session.info.setdefault(HELD, WeakSet())


def remembered(name: str) -> dict[Any, Any]:
    """A place for what this transaction has locked and read. It is empty again when the transaction ends."""
    found: dict[Any, Any] = session.info.setdefault(REMEMBERED, {}).setdefault(name, {})
    return found


def once(key: tuple[Any, ...], load: Callable[[], T], *models: type[Any]) -> T:
    """What `load` gives, asked once in a transaction and again after a flush that wrote rows of `models`: for what every step
    of a piece of work needs and hardly anybody ever changes, as the chart of accounts."""
    place = remembered(ONCE)
    if key not in place:
        place[key] = models, load()
    return place[key][1]  # type: ignore[no-any-return]


@event.listens_for(OrmSession, "after_transaction_end")
def _let_go(ended: OrmSession, transaction: SessionTransaction) -> None:
    # A savepoint that is rolled back lets its locks go too.
    if transaction.parent is None or transaction.nested:
        ended.info.pop(HELD, None)
        ended.info.pop(REMEMBERED, None)


@event.listens_for(OrmSession, "after_flush")
def _made(flushing: OrmSession, _context: UOWTransaction) -> None:
    """What is new can be seen by nobody else yet. What was asked once is asked again if this changes it."""
    new = list(flushing.new)
    if new:
        flushing.info.setdefault(HELD, WeakSet()).update(new)
    asked = flushing.info.get(REMEMBERED, {}).get(ONCE)
    if asked:
        written = {type(record) for record in (*new, *flushing.dirty, *flushing.deleted)}
        for key in [key for key, (models, _value) in asked.items() if not written.isdisjoint(models)]:
            del asked[key]


def lock(record: Base) -> None:
    """Hold the row until the transaction ends, and read it anew unless this transaction holds it already. NotThere when
    somebody has deleted it meanwhile."""
    if record in held() and inspect(record).persistent:
        return
    try:
        # Its own row alone: what was loaded beside it comes through outer joins, which PostgreSQL does not lock.
        session.refresh(record, with_for_update={"of": type(record)})
    except InvalidRequestError as error:
        raise NotThere from error
    held().add(record)
    remembered("locked")[id(record)] = record  # for as long as the lock, lest it be read and locked again


def create_schema() -> None:
    """Make all tables without migrations: for tests and scratch databases only."""
    Base.metadata.create_all(db.engine)
