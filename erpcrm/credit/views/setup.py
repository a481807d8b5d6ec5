"""Set-up of credit: the policy, limits for everybody, authority, deputies."""

from typing import Any

from flask import Response, flash, request, url_for
from sqlalchemy import select

from erpcrm.access.models import Role
from erpcrm.core.access import allow
from erpcrm.core.db import session
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.i18n import _, today
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.settings import lock_setting, save_setting, setting

from .. import services
from ..forms import AuthorityForm, DeputyForm, SetupForm
from ..models import DECIDE, SETUP, Deputy
from ..policy import RULES
from .blueprint import bp

AMOUNTS = ("credit_limit", "credit_overdue_limit", "credit_overdue_minimum", "credit_second_above")
DAYS = ("credit_grace_days", "credit_hold_days", "credit_application_days")


def _roles() -> list[tuple[Role, Any]]:
    given = services.levels()
    found = session.scalars(select(Role).order_by(Role.id)).all()
    return [(role, services.level_of_role(role, given)) for role in found if role.holds(DECIDE)]


def _show(form: Any, status: int = 200) -> Response:
    return page(
        "credit/setup.html",
        form=form,
        roles=_roles(),
        deputies=services.deputies(),
        rules=RULES,
        own=setting("currency"),
        status=status,
    )


@bp.get("/setup")
@allow(SETUP)
def setup() -> Response:
    data: dict[str, Any] = {name: services.amount_setting(name) for name in AMOUNTS}
    data |= {name: setting(name) for name in DAYS} | dict(services.actions())
    return _show(SetupForm(formdata=None, data=data))


@bp.post("/setup")
@allow(SETUP)
def save_setup() -> Response:
    form = SetupForm()
    if not form.validate():
        return _show(form, 422)
    lock_setting("credit_policy")
    save_setting("credit_policy", {rule: form[rule].data for rule in RULES})
    for name in AMOUNTS:
        amount = form[name].data
        save_setting(name, None if amount is None else f"{amount.normalize():f}")
    for name in DAYS:
        save_setting(name, form[name].data)
    flash(_("Saved."), "success")
    return redirect_to(url_for("credit.setup"))


@bp.route("/setup/authority/<int:id>", methods=["GET", "POST"])
@allow(SETUP)
def authority(id: int) -> Response:
    """How far one role may decide."""
    role, level = next(((one, level) for one, level in _roles() if one.id == id), (None, None))
    if role is None or level is None:
        raise NotThere
    data = {"most": level.most, "worst_grade": level.worst_grade}
    form = AuthorityForm(formdata=None, data=data) if request.method == "GET" else AuthorityForm()
    if request.method == "POST" and form.validate():
        services.set_level(role, form.most.data, form.worst_grade.data)
        return redirect_to(url_for("credit.setup"))
    status = 422 if request.method == "POST" else 200
    own = setting("currency")
    return page("credit/authority.html", parts=["dialog_body"], role=role, form=form, own=own, status=status)


@bp.route("/setup/deputies/new", methods=["GET", "POST"])
@allow(SETUP)
def new_deputy() -> Response:
    form: Any = DeputyForm(formdata=None, data={"starts_on": today()}) if request.method == "GET" else DeputyForm()
    if request.method == "POST" and form.validate():
        try:
            services.add_deputy(form.user_id.data, form.deputy_id.data, form.starts_on.data, form.ends_on.data)
            return redirect_to(url_for("credit.setup"))
        except Refused as no:
            form.form_errors = [str(no.message)]
    status = 422 if request.method == "POST" else 200
    return page("credit/deputy.html", parts=["dialog_body"], form=form, status=status)


@bp.post("/setup/deputies/<int:id>/remove")
@allow(SETUP)
def remove_deputy(id: int) -> Response:
    found = session.get(Deputy, id)
    if found is None:
        raise NotThere
    services.remove_deputy(found)
    return redirect_to(url_for("credit.setup"))
