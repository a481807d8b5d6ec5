"""What the page of the pool shows: enough to choose by, and no way to reach anybody before it is claimed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select

from erpcrm.access.models import User
from erpcrm.core.db import session
from erpcrm.core.pinyin import plain_letters

from ..models import Pooled, PoolPlace

PAGE_SIZE = 50
LAST_PAGE = 100
COUNTED = 500
FILTERS = ("industry", "region", "source")
SORTS = ("newest", "oldest", "contact", "name")


@dataclass(frozen=True)
class Look:
    """What somebody looks for in the pool."""

    text: str = ""
    sort: str = "newest"
    page: int = 1
    chosen: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Found:
    rows: Sequence[Any]
    more: bool
    count: int
    """Up to one more than COUNTED"""


def in_pool(kind: Pooled) -> ColumnElement[bool]:
    return and_(kind.model.owner_id.is_(None), kind.open())


def _conditions(kind: Pooled, look: Look) -> list[ColumnElement[bool]]:
    """Names alone are searched: a search over numbers would tell them digit by digit."""
    model = kind.model
    found = [in_pool(kind), *(getattr(model, name) == value for name, value in look.chosen.items() if name in FILTERS)]
    if look.text:
        letters = plain_letters(look.text).replace(" ", "")
        read = func.replace(model.name_key, " ", "").contains(letters, autoescape=True)
        found.append(or_(model.name.icontains(look.text, autoescape=True), read) if letters else false())
    return found


def pool_of(kind: Pooled, look: Look) -> Found:
    """A page of the pool: two queries."""
    model, conditions = kind.model, _conditions(kind, look)
    since = func.coalesce(PoolPlace.since, model.created_at)
    orders: Mapping[str, Sequence[Any]] = {
        "newest": (since.desc(), model.id.desc()),
        "oldest": (since, model.id),
        "contact": (func.coalesce(model.last_activity_at, model.created_at).desc(), model.id.desc()),
        "name": (model.name_key, model.id),
    }
    page = min(max(1, look.page), LAST_PAGE)
    query: Select[Any] = (
        select(
            model.id, model.name, model.industry, model.region, model.source, model.phone, model.email,
            model.last_activity_at, since.label("since"), PoolPlace.kind, PoolPlace.reason, PoolPlace.note,
            User.name.label("former"), (model.score if kind.name == "lead" else model.status).label("worth"),
        )
        .outerjoin(PoolPlace, and_(PoolPlace.record_type == kind.name, PoolPlace.record_id == model.id))
        .outerjoin(User, User.id == PoolPlace.former_id)
        .where(*conditions)
        .order_by(*orders.get(look.sort, orders["newest"]))
        .limit(PAGE_SIZE + 1)
        .offset((page - 1) * PAGE_SIZE)
    )  # fmt: skip
    rows = session.execute(query).all()
    counted = select(model.id).where(*conditions).limit(COUNTED + 1).subquery()
    count = session.scalar(select(func.count()).select_from(counted)) or 0
    return Found(rows[:PAGE_SIZE], len(rows) > PAGE_SIZE and page < LAST_PAGE, count)


def pool_counts(kinds: Sequence[Pooled]) -> dict[str, int]:
    """How many lie in each pool, up to one more than COUNTED."""
    return {
        kind.name: session.scalar(
            select(func.count()).select_from(select(kind.model.id).where(in_pool(kind)).limit(COUNTED + 1).subquery())
        )
        or 0
        for kind in kinds
    }
