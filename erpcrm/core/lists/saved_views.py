"""Saved views: a list's address under a name, for oneself, one's team or everyone."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Column, ForeignKey, Index, Select, Table, delete, exists, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from ..access import KEPT
from ..actor import Actor
from ..db import Base, now, session
from ..errors import NotThere, Refused
from ..i18n import _
from ..records import RecordType
from ..whole import whole_or_none
from .state import ListState

ALL = "all"
SHARE = "core.view.share"
MOST = 50
"""Views that one user may have of one list."""

saved_view_teams = Table(
    "saved_view_teams",
    Base.metadata,
    Column("view_id", ForeignKey("saved_views.id", ondelete="CASCADE"), primary_key=True),
    Column("team_id", ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True, index=True),
)


class SavedView(Base):
    """A named query string of one record type's list. Its owner alone may change it."""

    __tablename__ = "saved_views"
    __table_args__ = (Index(None, "record_type", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    record_type: Mapped[str]
    name: Mapped[str]
    query: Mapped[str]
    shared: Mapped[str] = mapped_column(default="own")
    """own, team or all; with the teams of the owner at that time"""
    created_at: Mapped[datetime] = mapped_column(default=now)


class DefaultView(Base):
    """The view with which a list opens for one user: the id of a saved view, or the name of a preset."""

    __tablename__ = "default_views"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    record_type: Mapped[str] = mapped_column(primary_key=True)
    view: Mapped[str]


def _visible(kind: RecordType, actor: Actor) -> Select[SavedView]:
    return _visible_to(kind.name, actor.id, frozenset(actor.team_ids))


@lru_cache(KEPT)
def _visible_to(record_type: str, user_id: int, teams: frozenset[int]) -> Select[SavedView]:
    shared_with_mine = exists().where(
        saved_view_teams.c.view_id == SavedView.id, saved_view_teams.c.team_id.in_(sorted(teams))
    )
    seen = or_(SavedView.user_id == user_id, SavedView.shared == "all", (SavedView.shared == "team") & shared_with_mine)
    query = select(SavedView).where(SavedView.record_type == record_type, seen)
    return query.order_by(SavedView.name, SavedView.id)


def views_of(kind: RecordType, actor: Actor) -> Sequence[SavedView]:
    """The views that this user has on the list: the own ones first."""
    found = session.scalars(_visible(kind, actor)).all()
    return sorted(found, key=lambda view: view.user_id != actor.id)


def view_of(kind: RecordType, name: str, actor: Actor) -> SavedView:
    """A saved view that the user may see. NotThere for any other."""
    number = whole_or_none(name)
    query = _visible(kind, actor).where(SavedView.id == number)
    view = session.scalars(query).one_or_none() if number is not None else None
    if view is None:
        raise NotThere
    return view


def own_view(kind: RecordType, name: str, actor: Actor) -> SavedView:
    """One of the user's own views: only its owner may change it."""
    view = view_of(kind, name, actor)
    if view.user_id != actor.id:
        raise Refused(_("This view belongs to a colleague. Save it under a name of your own to change it."))
    return view


def query_of(kind: RecordType, name: str, actor: Actor) -> str | None:
    """The query string of a view by its name in an address; None when there is no such view any more."""
    if name in kind.presets:
        return kind.presets[name][1]
    if (number := whole_or_none(name)) is None:
        return None
    return session.scalar(_visible(kind, actor).where(SavedView.id == number).with_only_columns(SavedView.query))


def opening_query(state: ListState) -> str | None:
    """For a list opened bare, or by nothing but a view's name: the query that it should open with."""
    if state.actor is None or state.where or state.view == ALL:
        return None
    name = state.view or default_of(state.kind, state.actor)
    query = query_of(state.kind, name, state.actor) if name and name != ALL else None
    return with_view(query, name) if query else None


def with_view(query: str, name: str) -> str:
    return f"{query}&view={name}" if query else f"view={name}"


def default_of(kind: RecordType, actor: Actor) -> str:
    row = session.get(DefaultView, (actor.id, kind.name))
    return row.view if row is not None else ""


def set_default(kind: RecordType, actor: Actor, name: str) -> None:
    """Open this user's list with that view from now on; "all" is the plain list."""
    if name != ALL and query_of(kind, name, actor) is None:
        raise NotThere
    session.merge(DefaultView(user_id=actor.id, record_type=kind.name, view=name))
    session.flush()


def save_view(state: ListState, name: str, shared: str, *, by: Actor) -> SavedView:
    """Keep what the list shows now under `name`. Sharing it with everyone takes a permission, with a team, a team."""
    mine = select(SavedView.name).where(SavedView.record_type == state.kind.name, SavedView.user_id == by.id)
    names = list(session.scalars(mine))
    if len(names) >= MOST:
        raise Refused(_("You have %(count)s views of this list already. Delete one first.", count=MOST))
    view = SavedView(user_id=by.id, record_type=state.kind.name, query=kept_query(state))
    rename_view(view, name, shared, by=by)
    return view


def rename_view(view: SavedView, name: str, shared: str, *, by: Actor) -> None:
    """Give a view its name, and to whom it is shown."""
    teams = sorted(by.team_ids) if shared == "team" else []
    if shared == "all" and not by.may(SHARE):
        raise Refused(_("Your role does not include sharing views with everyone."))
    if shared == "team" and not teams:
        raise Refused(_("You are in no team, so there is nobody to share this view with."))
    view.name, view.shared = name, shared
    session.add(view)
    session.flush()
    session.execute(delete(saved_view_teams).where(saved_view_teams.c.view_id == view.id))
    if teams:
        session.execute(saved_view_teams.insert(), [{"view_id": view.id, "team_id": team} for team in teams])


def change_view(view: SavedView, state: ListState) -> None:
    """Make the view show what the list shows now."""
    view.query = kept_query(state)
    session.flush()


def delete_view(view: SavedView) -> None:
    session.execute(
        delete(DefaultView).where(DefaultView.record_type == view.record_type, DefaultView.view == str(view.id))
    )
    session.delete(view)
    session.flush()


def kept_query(state: ListState) -> str:
    return state.query_string(view=None)


def tabs(state: ListState) -> list[dict[str, Any]]:
    """The tabs above the list: everything, the views that come with the program, the saved ones."""
    kind, actor = state.kind, state.actor
    if state.where or actor is None:
        return []
    entries = [(ALL, _("All"), "")]
    entries += [(name, label, query) for name, (label, query) in kind.presets.items()]
    entries += [(str(view.id), view.name, view.query) for view in views_of(kind, actor)]
    known = {name for name, _label, _query in entries}
    active = state.view if state.view in known else ("" if state.params(view=None) else ALL)
    return [
        {"label": label, "url": f"{state.path}?{with_view(query, name)}", "active": name == active}
        for name, label, query in entries
    ]
