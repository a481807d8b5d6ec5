"""Teams: list and editor."""

from flask import Response, flash, url_for
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from erpcrm.core.access import allow, everyone, load
from erpcrm.core.db import session
from erpcrm.core.i18n import _
from erpcrm.core.pages import page, redirect_to

from .. import services
from ..forms import TeamForm
from ..models import Team, User
from .blueprint import bp


@bp.get("/admin/teams")
@allow("access.user.view")
def teams() -> Response:
    manager = aliased(User)
    counts = select(User.team_id, func.count().label("count")).where(User.active).group_by(User.team_id).subquery()
    rows = session.execute(
        select(Team.id, Team.name, manager.id.label("manager_id"), manager.name.label("manager"), counts.c.count)
        .outerjoin(manager, manager.id == Team.manager_id)
        .outerjoin(counts, counts.c.team_id == Team.id)
        .order_by(Team.name)
    ).all()
    return page("access/teams.html", teams=rows)


def _everybody(team: Team | None) -> list[User]:
    """Who can be a member: the active users, and whoever is in it already."""
    condition = User.active if team is None else User.active | (User.team_id == team.id)
    return list(session.scalars(select(User).where(condition).order_by(User.name)))


def _editor(form: TeamForm, team: Team | None, status: int = 200) -> Response:
    return page("access/team.html", form=form.offer(_everybody(team)), team=team, status=status)


@bp.get("/admin/teams/new")
@allow("access.team.edit")
def new_team() -> Response:
    form = TeamForm(formdata=None)
    form.members.data = []
    return _editor(form, None)


@bp.post("/admin/teams")
@allow("access.team.edit")
def create_team() -> Response:
    form = TeamForm().offer(_everybody(None))
    if not form.validate():
        return _editor(form, None, 422)
    services.create_team(**form.values())
    flash(_("Saved."), "success")
    return redirect_to(url_for("access.teams"))


@bp.get("/admin/teams/<int:id>")
@allow("access.user.view")
def team(id: int) -> Response:
    """Who is in a team, and who leads it."""
    found = load(Team, id, everyone)
    manager = session.get(User, found.manager_id) if found.manager_id else None
    return page("access/team_page.html", team=found, manager=manager, members=services.members_of(found))


@bp.get("/admin/teams/<int:id>/edit")
@allow("access.team.edit")
def edit_team(id: int) -> Response:
    found = load(Team, id, everyone)
    form = TeamForm(formdata=None, obj=found)
    form.members.data = [user.id for user in services.members_of(found)]
    return _editor(form, found)


@bp.post("/admin/teams/<int:id>/edit")
@allow("access.team.edit")
def update_team(id: int) -> Response:
    found = load(Team, id, everyone)
    form = TeamForm().offer(_everybody(found))
    if not form.validate():
        return _editor(form, found, 422)
    services.update_team(found, **form.values(), version=form.version.data)
    flash(_("Saved."), "success")
    return redirect_to(url_for("access.team", id=id))


@bp.post("/admin/teams/<int:id>/delete")
@allow("access.team.edit")
def delete_team(id: int) -> Response:
    services.delete_team(load(Team, id, everyone))
    flash(_("The team is deleted."), "success")
    return redirect_to(url_for("access.teams"))
