"""Permission on the route, scope on the rows. Who holds which permission is the access area's business."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from sqlalchemy import ColumnElement, false, or_, select, true
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


class ScopeRule(Protocol):
    """Which rows a scope holds: a condition for SQL."""

    def __call__(self, actor: Actor, scope: ScopeName) -> ColumnElement[bool]: ...


def everyone(actor: Actor, scope: ScopeName) -> ColumnElement[bool]:
    """Records that belong to nobody: whoever may see the type sees them all."""
    return true()


def owned(owner: InstrumentedAttribute[Any], team: InstrumentedAttribute[Any]) -> ScopeRule:
    """Own: the owner is me. Team: or the record's team is one of mine. All: everything."""

    def rule(actor: Actor, scope: ScopeName) -> ColumnElement[bool]:
        match scope:
            case "all":
                return true()
            case "team":
                return or_(
                    owner == actor.id,
                    team.in_(sorted(actor.team_ids)) if actor.team_ids else false(),
                )
            case _:
                return owner == actor.id

    return rule


def through(
    child_key: InstrumentedAttribute[Any],
    parent_key: InstrumentedAttribute[Any],
    parent: str,
    rule: ScopeRule,
) -> ScopeRule:
    """A record that is seen by whoever sees its parent: `child_key` points at `parent_key`, `parent` names the type."""

    def inherited(actor: Actor, scope: ScopeName) -> ColumnElement[bool]:
        parent_scope = actor.scope(parent)
        if parent_scope == "all":
            return true()
        return child_key.in_(select(parent_key).where(rule(actor, parent_scope)))

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
    query = select(model).where(model.id == record_id).options(*options)
    if actor is not None:
        query = query.where(rule(actor, actor.scope(model.record_name)))
    record = session.scalars(query).one_or_none()
    if record is None:
        raise NotThere
    return record
