"""Roles: list and editor."""

from dataclasses import dataclass
from typing import Any

from flask import Response, flash, request, url_for
from flask_login import current_user
from sqlalchemy import func, select
from wtforms import BooleanField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from erpcrm.core.access import allow, everyone, load
from erpcrm.core.area import Permission
from erpcrm.core.db import session
from erpcrm.core.forms import Form, VersionField, select_choices
from erpcrm.core.i18n import _, _l
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.records import RecordType
from erpcrm.core.registry import areas_on
from erpcrm.core.whole import whole

from .. import services
from ..models import Role, user_roles
from ..roles import EVERYTHING, LENSES, SCOPES
from .blueprint import bp
from .profile import me

SCOPE_PAIRS = [(choice.value, choice.label) for choice in SCOPES]
LENS_PAIRS = [(choice.value, choice.label) for choice in LENSES]


class RoleForm(Form):
    """The plain fields; permissions and scopes by type are a table of their own in the template."""

    name = StringField(_l("Name"), [InputRequired(_l("Enter a name.")), Length(max=80)])
    scope = RadioField(_l("Scope"), choices=select_choices(SCOPE_PAIRS), default="own")
    lens = SelectField(_l("Customer page opens with"), choices=select_choices(LENS_PAIRS))
    two_factor = BooleanField(_l("Two-factor sign-in required"))
    version = VersionField()


@dataclass(frozen=True)
class AreaPermissions:
    """A group of the role editor."""

    label: Any
    about: Any
    permissions: list[Permission]
    kinds: list[RecordType]


def groups() -> list[AreaPermissions]:
    """What can be given, by area; with each area the record types that have a scope."""
    return [
        AreaPermissions(
            area.label, area.about, list(area.permissions), [k for k in area.record_types if k.scope is not everyone]
        )
        for area in areas_on()
        if area.permissions
    ]


def _posted() -> dict[str, Any]:
    form = RoleForm()
    permissions = [EVERYTHING] if "everything" in request.form else request.form.getlist("permissions")
    scopes = {k.name: request.form.get(f"scope.{k.name}", "") for g in groups() for k in g.kinds}
    return {**form.values(), "permissions": permissions, "scopes": {k: v for k, v in scopes.items() if v}}


@bp.get("/admin/roles")
@allow("access.role.edit")
def roles() -> Response:
    counted = select(user_roles.c.role_id, func.count()).group_by(user_roles.c.role_id)
    counts: dict[int, int] = dict(session.execute(counted).all())
    return page("access/roles.html", roles=services.roles_of_choice(), counts=counts, scopes=dict(SCOPE_PAIRS))


def _editor(form: RoleForm, role: Role | None, chosen: dict[str, Any], status: int = 200) -> Response:
    return page(
        "access/role.html",
        form=form,
        role=role,
        groups=groups(),
        scopes=SCOPE_PAIRS,
        chosen=chosen,
        holders=services.holders_of(role) if role is not None and role.id else [],
        may_give_everything=any(own.everything for own in current_user.roles),
        status=status,
    )


@bp.get("/admin/roles/new")
@allow("access.role.edit")
def new_role() -> Response:
    """Blank, or a copy of the role that `like` names."""
    like = request.args.get("like", type=whole)
    if like is None:
        return _editor(RoleForm(formdata=None), None, {"permissions": [], "scopes": {}})
    model = load(Role, like, everyone)
    form = RoleForm(
        formdata=None,
        name=_("Copy of %(name)s", name=model.label),
        scope=model.scope,
        lens=model.lens,
        two_factor=model.two_factor,
    )
    return _editor(form, None, {"permissions": model.permissions, "scopes": model.scopes})


@bp.post("/admin/roles")
@allow("access.role.edit")
def create_role() -> Response:
    form, chosen = RoleForm(), _posted()
    if not form.validate():
        return _editor(form, None, chosen, 422)
    role = services.create_role(chosen, by=me())
    flash(_("Saved."), "success")
    return redirect_to(url_for("access.role", id=role.id))


@bp.get("/admin/roles/<int:id>")
@allow("access.role.edit")
def role(id: int) -> Response:
    found = load(Role, id, everyone)
    form = RoleForm(obj=found)
    if found.label != found.name:
        form.name.data = found.label
    return _editor(form, found, {"permissions": found.permissions, "scopes": found.scopes})


@bp.post("/admin/roles/<int:id>")
@allow("access.role.edit")
def update_role(id: int) -> Response:
    found, form, chosen = load(Role, id, everyone), RoleForm(), _posted()
    if not form.validate():
        return _editor(form, found, chosen, 422)
    if chosen["name"] == found.label:
        chosen["name"] = found.name  # not renamed: it stays the name that is shown in every language
    services.update_role(found, chosen, version=form.version.data, by=me())
    flash(_("Saved."), "success")
    return redirect_to(url_for("access.role", id=id))


@bp.post("/admin/roles/<int:id>/delete")
@allow("access.role.edit")
def delete_role(id: int) -> Response:
    services.delete_role(load(Role, id, everyone), by=me())
    flash(_("The role is deleted."), "success")
    return redirect_to(url_for("access.roles"))
