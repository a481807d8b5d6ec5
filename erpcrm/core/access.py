"""Permission on the route, scope on the rows. Who holds which permission is the access area's business."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Protocol, TypeVar

from sqlalchemy import ColumnElement, Select, bindparam, false, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.orm.interfaces import ORMOption

from .actor import Actor, ScopeName, current_actor
from .db import Record, session
from .errors import NotAllowed, NotThere

View = TypeVar("View", bound=Callable[..., Any])
R = TypeVar("R", bound=Record)

PUBLIC = "public"
"""Marks a route that needs no account."""
SIGNED_IN = "signed-in"
"""Marks a route that every signed-in user may call; it shows the user's own things only."""


def allow(permission: str) -> Callable[[View], View]:
    """Name the permission that a route needs. A route without one fails a test, and answers 403."""

    def mark(view: View) -> View:
        view.permission = permission  # type: ignore[attr-defined]
        return view

    return mark


public = allow(PUBLIC)
signed_in = allow(SIGNED_IN)


def require(permission: str, actor: Actor | None = None) -> None:
    """Raise NotAllowed unless the user holds `permission`."""
    who = actor or current_actor()
    if who is None or not who.may(permission):
        raise NotAllowed(permission)


def can(permission: str) -> bool:
    """For templates: may the signed-in user do this?"""
    actor = current_actor()
    return actor is not None and actor.may(permission)


KEPT = 1000
"""Conditions and statements that are kept, each under all that it is made of: to put one together takes longer than to run it.
A rule that gives the same user the same condition object lets whole statements be kept under it."""


class ScopeRule(Protocol):
    """Which rows a scope holds: a condition for SQL."""

    def __call__(self, actor: Actor, scope: ScopeName) -> ColumnElement[bool]: ...


def everyone(actor: Actor, scope: ScopeName) -> ColumnElement[bool]:
    """Records that belong to nobody: whoever may see the type sees them all."""
    return true()


def owned(owner: InstrumentedAttribute[Any], team: InstrumentedAttribute[Any]) -> ScopeRule:
    """Own: the owner is me. Team: or the record's team is one of mine. All: everything."""

    @lru_cache(KEPT)
    def of(actor_id: int, teams: frozenset[int] | None) -> ColumnElement[bool]:
        if teams is None:
            return owner == actor_id
        return or_(owner == actor_id, team.in_(sorted(teams)) if teams else false())

    def rule(actor: Actor, scope: ScopeName) -> ColumnElement[bool]:
        if scope == "all":
            return true()
        return of(actor.id, frozenset(actor.team_ids) if scope == "team" else None)

    return rule


def through(
    child_key: InstrumentedAttribute[Any],
    parent_key: InstrumentedAttribute[Any],
    parent: str,
    rule: ScopeRule,
) -> ScopeRule:
    """A record that is seen by whoever sees its parent: `child_key` points at `parent_key`, `parent` names the type."""

    @lru_cache(KEPT)
    def below(seen: ColumnElement[bool]) -> ColumnElement[bool]:
        return child_key.in_(select(parent_key).where(seen))

    def inherited(actor: Actor, scope: ScopeName) -> ColumnElement[bool]:
        parent_scope = actor.scope(parent)
        return true() if parent_scope == "all" else below(rule(actor, parent_scope))

    return inherited


def load(
    model: type[R],
    record_id: int,
    rule: ScopeRule,
    *,
    options: Sequence[ORMOption] = (),
) -> R:
    """One record inside the user's scope. NotThere when it does not exist or is not theirs to see."""
    actor = current_actor()
    seen = true() if actor is None else rule(actor, actor.scope(model.record_name))
    record: R | None = session.scalars(_one(model, seen, tuple(options)), {"id": record_id}).one_or_none()
    if record is None:
        raise NotThere
    return record


@lru_cache(KEPT)
def _one(model: type[Record], seen: ColumnElement[bool], options: Sequence[ORMOption]) -> Select[Any]:
    return select(model).where(model.id == bindparam("id"), seen).options(*options)
