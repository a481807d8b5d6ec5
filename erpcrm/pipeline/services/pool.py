"""The verbs of the public pool: claim, give back, protect."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import case, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from erpcrm.access.models import User
from erpcrm.core.actor import Actor
from erpcrm.core.audit import record_event
from erpcrm.core.db import lock, now, session
from erpcrm.core.errors import NotAllowed, Refused, Stale
from erpcrm.core.i18n import _, _l, show_datetime, today, zone
from erpcrm.core.notifications import notify
from erpcrm.core.options import option_label
from erpcrm.core.registry import areas_on
from erpcrm.core.settings import setting

from ..models import Opportunity, Pooled, PoolMove, PoolPlace
from ..models.pool import CLAIM, POOLED, REASONS
from ..pooling import Due, Held, Rules, extended, free_again_at, goes_back_on
from .pool_past import moving

KEPT = "customer.kept"
"""The place at which areas above add panels that say why a customer is nobody's to lose: their `load` gives {id: reason}."""
SYSTEM_REASONS = {"no_contact": _l("Not contacted in time"), "no_deal": _l("No deal in time")}
CHUNK = 500
PLACE = ("since", "former_id", "protected_until", "extensions", "told_for")


def rules_of(kind: Pooled) -> Rules:
    return Rules.read(setting(kind.setting))


def reason_label(reason: str | None) -> Any:
    """Why something came back, as people read it."""
    return SYSTEM_REASONS.get(reason or "") or option_label(REASONS, reason)


def day_of(moment: datetime | None) -> date | None:
    """The company's day of a moment."""
    return None if moment is None else moment.astimezone(zone()).date()


@dataclass(frozen=True)
class Room:
    """How much a user may still claim; None: as much as there is."""

    claimed: int
    a_day: int | None
    held: int
    most: int | None

    @property
    def left(self) -> int | None:
        bounds = [
            most - so_far for so_far, most in ((self.claimed, self.a_day), (self.held, self.most)) if most is not None
        ]
        return max(0, min(bounds)) if bounds else None


def room_of(kind: Pooled, user_id: int) -> Room:
    """What this user has claimed today (by the company's calendar) and holds, beside the limits."""
    rules = rules_of(kind)
    midnight = datetime.combine(today(), time(0), zone()).astimezone(UTC)
    claims = (
        select(func.count())
        .select_from(PoolMove)
        .where(
            PoolMove.to_id == user_id,
            PoolMove.at >= midnight,
            PoolMove.kind == "claimed",
            PoolMove.record_type == kind.name,
        )
    )
    return Room(session.scalar(claims) or 0, rules.claims_a_day, held_by(kind, user_id), rules.most_held)


def held_by(kind: Pooled, user_id: int) -> int:
    """How many a user holds that count: customers with a deal or an order don't."""
    mine = (kind.model.owner_id == user_id, kind.open())
    if kind.name != "customer":
        return session.scalar(select(func.count()).select_from(kind.model).where(*mine)) or 0
    ids = session.scalars(select(kind.model.id).where(*mine)).all()
    return len(ids) - sum(len(kept(ids[at : at + CHUNK])) for at in range(0, len(ids), CHUNK))


def kept(ids: Sequence[int]) -> dict[int, Any]:
    """{customer: why} of those that nobody loses: a deal is open or won, or an area above says so (orders)."""
    return _kept_by_others(ids) | {id: deals.why_kept for id, deals in _deals_with(ids).items() if deals.why_kept}


@dataclass(frozen=True)
class Deals:
    """What counts of the deals with a customer."""

    why_kept: Any
    last_end: date | None


def _deals_with(ids: Sequence[int]) -> dict[int, Deals]:
    lasting = func.max(case((Opportunity.status != "lost", Opportunity.status)))  # "open" < "won"
    query = (
        select(Opportunity.customer_id, lasting, func.max(Opportunity.closed_on))
        .where(Opportunity.customer_id.in_(ids))
        .group_by(Opportunity.customer_id)
    )
    words = {"won": _l("A deal was won"), "open": _l("A deal is open"), None: None}
    return {customer_id: Deals(words[status], end) for customer_id, status, end in session.execute(query)}


def _kept_by_others(ids: Sequence[int]) -> dict[int, Any]:
    found: dict[int, Any] = {}
    for area in areas_on():
        for panel in area.panels:
            if panel.place == KEPT:
                found |= panel.load(ids)
    return found


def places_of(kind: Pooled, ids: Sequence[int]) -> dict[int, Any]:
    """{id: row of PoolPlace} of those that have changed hands."""
    columns = [getattr(PoolPlace, name) for name in PLACE]
    query = select(PoolPlace.record_id, *columns).where(
        PoolPlace.record_type == kind.name, PoolPlace.record_id.in_(ids)
    )
    return {row.record_id: row for row in session.execute(query)}


@dataclass(frozen=True)
class Holding:
    """How somebody holds a record: what counts for its going back, why it stays in any case, extensions so far."""

    held: Held
    why_kept: Any
    extensions: int


def holdings(kind: Pooled, records: Sequence[Any]) -> dict[int, Holding]:
    """{id: how it is held} of these records: three queries, whatever their number."""
    ids = [record.id for record in records]
    places, customers = places_of(kind, ids), kind.name == "customer"
    deals, safe = (_deals_with(ids), _kept_by_others(ids)) if customers and ids else ({}, {})
    found = {}
    for record in records:
        place, with_it = places.get(record.id), deals.get(record.id)
        since = day_of(place.since if place else record.created_at)
        what = Held(
            since or today(),
            day_of(record.last_activity_at),
            with_it.last_end if with_it else None,
            place.protected_until if place else None,
            place.told_for if place else None,
        )
        why = (with_it.why_kept if with_it else None) or safe.get(record.id)
        found[record.id] = Holding(what, why, place.extensions if place else 0)
    return found


@dataclass(frozen=True)
class Claimed:
    """What came of claiming: the records that are the user's now, and how many others were quicker."""

    records: Sequence[Any]
    gone: int


def claim(kind: Pooled, ids: Sequence[int], by: Actor) -> Claimed:
    """Make `by` the owner of records of the pool, all or as many as nobody else has taken meanwhile.

    Refused beyond the limits, while cooling down, with the pool switched off, and when nothing of it is free any more. The user's
    own row is held first, so that two claims of one user can't pass a limit together; then the records, in the order of ids.
    """
    if not by.may(CLAIM) or not by.may(kind.view):
        raise NotAllowed(CLAIM)
    rules = rules_of(kind)
    if not rules.on:
        raise Refused(_("This pool is switched off."))
    session.execute(select(User.id).where(User.id == by.id).with_for_update(key_share=True))
    query = select(kind.model).where(kind.model.id.in_(ids)).order_by(kind.model.id)
    found = session.scalars(query.with_for_update(of=kind.model).execution_options(populate_existing=True)).all()
    free = [record for record in found if record.owner_id is None and kind.is_open(record)]
    mine = [record for record in found if record.owner_id == by.id]
    if not free and mine:
        return Claimed(mine, 0)  # a second tap
    if not free:
        raise Refused(_("Somebody else was quicker, or it is not in the pool any more."))
    _cooled(kind, free, rules, by)
    _fits(kind, len(free), by)
    team_id = session.scalar(select(User.team_id).where(User.id == by.id))
    with moving("claimed"):
        for record in free:
            record.owner_id, record.team_id = by.id, team_id
    for record in free:
        record_event(record, "pool_claimed")
    return Claimed(free, len(set(ids)) - len(free) - len(mine))


def _cooled(kind: Pooled, records: Sequence[Any], rules: Rules, by: Actor) -> None:
    places = places_of(kind, [record.id for record in records])
    for record in records:
        place = places.get(record.id)
        if place is None or place.former_id != by.id:
            continue
        again = free_again_at(place.since, rules)
        if again > now():
            raise Refused(
                _(
                    "%(name)s was yours before: you may claim it again from %(when)s, others may at once.",
                    name=record.name,
                    when=show_datetime(again),
                )
            )


def _fits(kind: Pooled, count: int, by: Actor) -> None:
    room = room_of(kind, by.id)
    if room.a_day is not None and room.claimed + count > room.a_day:
        raise Refused(
            _(
                "You may claim %(most)s a day and have claimed %(claimed)s today: %(left)s more. Choose fewer, or come back tomorrow.",
                most=room.a_day,
                claimed=room.claimed,
                left=max(0, room.a_day - room.claimed),
            )
        )
    if room.most is not None and room.held + count > room.most:
        raise Refused(
            _(
                "You may hold %(most)s and hold %(held)s: %(left)s more. Give some back first.",
                most=room.most,
                held=room.held,
                left=max(0, room.most - room.held),
            )
        )


def may_return(kind: Pooled, record: Any, by: Actor) -> bool:
    """Its owner may, and whoever assigns such records."""
    if record.owner_id is None or not by.may(CLAIM) or not by.may(kind.edit):
        return False
    return bool(record.owner_id == by.id or by.may(kind.assign))


def give_back(
    kind: Pooled, record: Any, by: Actor, reason: str, note: str | None = None, version: int | None = None
) -> None:
    """Put a lead or customer back into the pool. `reason` is a value of the list.

    Refused for who is neither its owner nor assigns such records, with the pool off, for what has ended, and for a customer
    with which a deal is open.
    """
    lock(record)
    if version is not None and version != record.version:
        raise Stale(record)
    if not may_return(kind, record, by):
        raise Refused(_("Only its owner, or who assigns such records, can give it back."))
    if not rules_of(kind).on:
        raise Refused(_("This pool is switched off."))
    if not kind.is_open(record):
        raise Refused(_("This has ended: it can't go into the pool."))
    if kind.name == "customer" and (count := _open_deals(record.id)):
        raise Refused(
            _("Deals are open with this customer (%(count)s). Close them or give them away first.", count=count)
        )
    owner_id = record.owner_id
    release(record, "returned", reason, note)
    record_event(record, "pool_returned", reason=": ".join(filter(None, (str(reason_label(reason)), note))))
    notify(
        owner_id,
        "assigned",
        _l("%(who)s put %(name)s back into the public pool", who=by.name, name=record.name),
        f"/pipeline/pool?of={kind.name}",
    )


def _open_deals(customer_id: int) -> int:
    query = select(func.count()).select_from(Opportunity)
    return session.scalar(query.where(Opportunity.customer_id == customer_id, Opportunity.status == "open")) or 0


def release(record: Any, kind: str, reason: str, note: str | None = None) -> None:
    """Take the owner off: nobody's, and no team's either, so that all find it alike."""
    with moving(kind, reason, note):
        record.owner_id = record.team_id = None


@dataclass(frozen=True)
class Standing:
    """How a record stands towards the pool, for its page."""

    kind: Pooled
    record: Any
    rules: Rules
    held: Held
    due: Due | None
    why_kept: Any
    extensions: int

    @property
    def days_left(self) -> int | None:
        return None if self.due is None else (self.due.on - today()).days

    @property
    def extensions_left(self) -> int:
        return max(0, self.rules.most_extensions - self.extensions)


def standing(kind: Pooled, record: Any) -> Standing | None:
    """None while the pool is off, and for what has ended."""
    rules = rules_of(kind)
    if not rules.on or not kind.is_open(record):
        return None
    holding = holdings(kind, [record])[record.id]
    goes = record.owner_id is not None and holding.why_kept is None
    due = goes_back_on(holding.held, rules) if goes else None
    return Standing(kind, record, rules, holding.held, due, holding.why_kept, holding.extensions)


def protect(kind: Pooled, record: Any, by: Actor, reason: str) -> date:
    """Let its holder keep it for some days more. Returns the new day.

    Refused for who may not give it back either, when it does not go back anyway, and beyond the number of extensions.
    """
    lock(record)
    stands = standing(kind, record)
    if not may_return(kind, record, by):
        raise Refused(_("Only its owner, or who assigns such records, can extend the protection."))
    if stands is None or stands.due is None:
        raise Refused(_("This does not go back to the pool by itself."))
    if not stands.extensions_left:
        raise Refused(
            _("The protection has been extended %(count)s times, more is not allowed.", count=stands.extensions)
        )
    until = extended(stands.held, stands.rules, today())
    assert until is not None  # noqa: S101 - there is a day, so there is a later one
    place = {"protected_until": until, "extensions": stands.extensions + 1}
    note_place(kind, record, place)
    move = {"kind": "protected", "from_id": record.owner_id, "to_id": record.owner_id, "by_id": by.id, "note": reason}
    session.execute(insert(PoolMove).values(record_type=kind.name, record_id=record.id, at=now(), **move))
    record_event(record, "pool_protected", {"protected": [None, until.isoformat()]}, reason)
    return until


def note_place(kind: Pooled, record: Any, values: Mapping[str, Any]) -> None:
    """Keep something of a record's place; one that has never changed hands gets its row with it."""
    key = {"record_type": kind.name, "record_id": record.id}
    new = {"since": record.created_at, "kind": "assigned", "extensions": 0}
    dialect: Any = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    session.execute(dialect.insert(PoolPlace).values(**key, **new).on_conflict_do_nothing())
    where = (PoolPlace.record_type == kind.name, PoolPlace.record_id == record.id)
    session.execute(update(PoolPlace).where(*where).values(**values).execution_options(synchronize_session=False))


def kind_called(name: str) -> Pooled | None:
    return POOLED.get(name)
