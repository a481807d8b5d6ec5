"""What the public pool adds to the pages of leads and customers, and to My day."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from erpcrm.core.db import session

from .models import POOLED, Pooled, PoolPlace
from .pooling import goes_back_on
from .services.pool import holdings, rules_of, standing

SHOWN = 8
LOOKED_AT = 50


def _uses(name: str) -> bool:
    return rules_of(POOLED[name]).on


def of_leads() -> bool:
    return _uses("lead")


def of_customers() -> bool:
    return _uses("customer")


def of_any() -> bool:
    return of_leads() or of_customers()


def in_use(user: Any) -> bool:
    """Whether a pool is in use that this user may look into."""
    return any(_uses(kind.name) and user.may(kind.view) for kind in POOLED.values())


def _standings(kind: Pooled, ids: Sequence[int]) -> Mapping[int, Any]:
    # One record, which its page has read already.
    return {id: standing(kind, session.get_one(kind.model, id)) for id in ids}


def leads_and_pool(ids: Sequence[int]) -> Mapping[int, Any]:
    return _standings(POOLED["lead"], ids)


def customers_and_pool(ids: Sequence[int]) -> Mapping[int, Any]:
    return _standings(POOLED["customer"], ids)


def going_back_soon(ids: Sequence[int]) -> Mapping[int, Any]:
    """What the user has been told of: (kind, record, day), the next first. `ids` is the user's own id."""
    return {user_id: _told(user_id) for user_id in ids}


def _told(user_id: int) -> list[Any]:
    found: list[Any] = []
    for kind in POOLED.values():
        if not _uses(kind.name):
            continue
        query = (
            select(kind.model)
            .join(PoolPlace, (PoolPlace.record_type == kind.name) & (PoolPlace.record_id == kind.model.id))
            .where(kind.model.owner_id == user_id, kind.open(), PoolPlace.told_for.is_not(None))
            .order_by(PoolPlace.told_for.desc(), kind.model.id)
            .limit(LOOKED_AT)
        )
        records = session.scalars(query).all()
        if not records:
            continue
        rules, states = rules_of(kind), holdings(kind, records)
        for record in records:
            holding = states[record.id]
            told, due = holding.held.told_for, goes_back_on(holding.held, rules)
            # Whoever has called meanwhile has it for longer.
            if holding.why_kept is None and due is not None and due.on == told:
                found.append((kind, record, told))
    return sorted(found, key=lambda row: row[2])[:SHOWN]
