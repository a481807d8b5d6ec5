"""Set-up of service: where mails go, what is promised, canned replies."""

from typing import Any

from flask import Response, flash, request, url_for
from sqlalchemy import select

from erpcrm.access.models import Team
from erpcrm.core.access import allow
from erpcrm.core.db import session
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.forms import select_choices
from erpcrm.core.i18n import _
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.settings import save_setting, setting

from .. import services
from ..forms import CannedForm, PolicyForm, SetupForm
from ..models import KINDS, PRIORITY_CHOICES, SETUP, CannedReply, SlaPolicy
from ..priorities import PRIORITIES
from .blueprint import bp

SETTINGS = ("service_mail", "service_team", "service_close_days")


def _setup_form(**given: Any) -> Any:
    form: Any = SetupForm(**given)
    teams = session.execute(select(Team.id, Team.name).order_by(Team.name)).all()
    form.service_team.choices = select_choices([(0, _("None")), *((id, name) for id, name in teams)])
    return form


def _show(form: Any, status: int = 200) -> Response:
    return page(
        "service/setup.html",
        form=form,
        policies=services.policies(),
        priorities=PRIORITY_CHOICES,
        kinds={choice.value: choice.label for choice in KINDS},
        address=services.service_address(),
        status=status,
    )


@bp.get("/setup")
@allow(SETUP)
def setup() -> Response:
    data = {name: setting(name) for name in SETTINGS}
    return _show(_setup_form(formdata=None, data=data | {"service_team": data["service_team"] or 0}))


@bp.post("/setup")
@allow(SETUP)
def save_setup() -> Response:
    form = _setup_form()
    if not form.validate():
        return _show(form, 422)
    for name in SETTINGS:
        save_setting(name, form[name].data or None)
    flash(_("Saved."), "success")
    return redirect_to(url_for("service.setup"))


# ------------------------------------------------------------------ promises


def load_policy(id: int) -> SlaPolicy:
    found = session.get(SlaPolicy, id)
    if found is None:
        raise NotThere
    return found


def _policy_data(policy: SlaPolicy) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for name in PRIORITIES:
        pair = policy.targets.get(name) or (None, None)
        data[f"{name}_response"], data[f"{name}_resolution"] = pair
    return data


def _policy_form(policy: SlaPolicy | None) -> Any:
    if request.method == "POST":
        form: Any = PolicyForm()
    elif policy is None:
        form = PolicyForm(formdata=None, data={"active": True, "warn_percent": 75, "escalate_minutes": 0})
    else:
        form = PolicyForm(formdata=None, obj=policy, data=_policy_data(policy))
    if policy is not None and policy.is_default:
        for name in ("active", "priorities", "kinds", "customer_groups", "with_contract"):
            del form[name]
    return form


def _edit_policy(policy: SlaPolicy | None) -> Response:
    form = _policy_form(policy)
    if request.method == "POST" and form.validate():
        try:
            with session.begin_nested():
                services.save_policy(policy, form.data | {"targets": form.targets()}, form.version.data)
            flash(_("Saved."), "success")
            return redirect_to(url_for("service.setup"))
        except Refused as no:
            form.form_errors = [str(no.message)]
    status = 422 if request.method == "POST" else 200
    return page("service/policy_form.html", form=form, policy=policy, priorities=PRIORITY_CHOICES, status=status)


@bp.route("/setup/policies/new", methods=["GET", "POST"])
@allow(SETUP)
def new_policy() -> Response:
    return _edit_policy(None)


@bp.route("/setup/policies/<int:id>", methods=["GET", "POST"])
@allow(SETUP)
def edit_policy(id: int) -> Response:
    return _edit_policy(load_policy(id))


@bp.post("/setup/policies/<int:id>/order")
@allow(SETUP)
def order_policy(id: int) -> Response:
    services.move_policy(load_policy(id), request.form.get("way") == "up")
    return redirect_to(url_for("service.setup"))


@bp.post("/setup/policies/<int:id>/remove")
@allow(SETUP)
def remove_policy(id: int) -> Response:
    services.remove_policy(load_policy(id))
    return redirect_to(url_for("service.setup"))


# ------------------------------------------------------------------ canned replies


def load_reply(id: int) -> CannedReply:
    found = session.get(CannedReply, id)
    if found is None:
        raise NotThere
    return found


@bp.get("/setup/replies")
@allow(SETUP)
def canned_replies() -> Response:
    return page("service/canned_replies.html", replies=services.canned_replies(active=False))


def _edit_reply(reply: CannedReply | None) -> Response:
    if request.method == "POST":
        form: Any = CannedForm()
    else:
        form = CannedForm(formdata=None, obj=reply, data={"active": True} if reply is None else None)
    if request.method == "POST" and form.validate():
        try:
            with session.begin_nested():
                services.save_canned(reply, form.data, form.version.data)
            return redirect_to(url_for("service.canned_replies"))
        except Refused as no:
            form.form_errors = [str(no.message)]
    status = 422 if request.method == "POST" else 200
    return page(
        "service/canned_form.html",
        parts=["dialog_body"],
        form=form,
        reply=reply,
        fields=services.FIELDS,
        status=status,
    )


@bp.route("/setup/replies/new", methods=["GET", "POST"])
@allow(SETUP)
def new_canned_reply() -> Response:
    return _edit_reply(None)


@bp.route("/setup/replies/<int:id>", methods=["GET", "POST"])
@allow(SETUP)
def edit_canned_reply(id: int) -> Response:
    return _edit_reply(load_reply(id))


@bp.post("/setup/replies/<int:id>/remove")
@allow(SETUP)
def remove_canned_reply(id: int) -> Response:
    services.remove_canned(load_reply(id))
    return redirect_to(url_for("service.canned_replies"))
