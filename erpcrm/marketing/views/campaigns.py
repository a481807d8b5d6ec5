"""The pages of campaigns: the list, one campaign with its path, its form, its moves and costs."""

from datetime import datetime
from typing import Any

from flask import Response, flash, request, url_for
from flask_login import current_user

from erpcrm.core.access import allow
from erpcrm.core.db import session
from erpcrm.core.errors import NotAllowed, NotThere, Refused
from erpcrm.core.i18n import _, today, zone
from erpcrm.core.lists import list_page
from erpcrm.core.mail import absolute
from erpcrm.core.moves import make_move
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.registry import record_type
from erpcrm.core.settings import setting
from erpcrm.core.whole import whole

from .. import services
from ..forms import CampaignForm, CostForm, ReasonForm
from ..models import (
    CAMPAIGN_FLOW,
    CHANNELS,
    DELIVERIES,
    EDIT,
    MEASURES,
    SEND,
    VIEW,
    Campaign,
    CampaignCost,
    MailTemplate,
)
from .blueprint import bp, load_campaign

CHANNEL_OF = {choice.value: choice for choice in CHANNELS}
MEASURE_OF = {choice.value: choice for choice in MEASURES}


@bp.get("/campaigns")
@allow(VIEW)
def campaigns() -> Response:
    return list_page(record_type("campaign"))


@bp.get("/campaigns/<int:id>")
@allow(VIEW)
def campaign(id: int) -> Response:
    found = load_campaign(id)
    path, spent = services.path_of(found), services.cost_total(found)
    return page(
        "marketing/campaign.html",
        campaign=found,
        state=CAMPAIGN_FLOW.state_of(found),
        moves=CAMPAIGN_FLOW.moves_for(found, current_user),
        channel=CHANNEL_OF[found.channel],
        measure=MEASURE_OF[found.measure],
        path=path,
        steps=services.steps_shown(found, path),
        deliveries=[(one, path.deliveries[one.value]) for one in DELIVERIES if path.deliveries.get(one.value)],
        targets=services.target_counts(found) if found.status == "planned" else {},
        costs=services.costs_of(found),
        spent=spent,
        leads=services.leads_of(found),
        forms=services.forms_of(found),
        job=services.job_of(found) if found.status == "running" and found.channel == "mail" else None,
        waiting=path.deliveries.get("waiting", 0),
        public=absolute,
        may_edit=current_user.may(EDIT),
        may_send=current_user.may(SEND),
        own=setting("currency"),
        mailing=found.channel == "mail",
    )


def _form(found: Campaign | None = None) -> CampaignForm:
    form = CampaignForm(obj=found)
    if request.method == "GET" and found is not None and found.send_at is not None:
        form.send_at.data = found.send_at.astimezone(zone()).replace(tzinfo=None)
    return form


def _values(form: CampaignForm) -> dict[str, Any]:
    """What was entered, the moment in the company's time."""
    values = form.values()
    moment: datetime | None = values["send_at"]
    values["send_at"] = moment.replace(tzinfo=zone()) if moment is not None else None
    return values


def _ask(form: CampaignForm, found: Campaign | None, status: int = 200) -> Response:
    return page(
        "marketing/campaign_form.html",
        status=status,
        form=form,
        campaign=found,
        own=setting("currency"),
        started=found is not None and found.status != "planned",
    )


@bp.get("/campaigns/new")
@allow(EDIT)
def new_campaign() -> Response:
    channel = request.args.get("channel", "mail")
    data = {
        "channel": channel if channel in CHANNEL_OF else "mail",
        "owner_id": current_user.id,
        "template_id": request.args.get("template", type=whole),
        "starts_on": today(),
    }
    if data["template_id"] is not None and session.get(MailTemplate, data["template_id"]) is None:
        data["template_id"] = None
    return _ask(CampaignForm(formdata=None, data=data), None)


@bp.post("/campaigns")
@allow(EDIT)
def create_campaign() -> Response:
    form = _form()
    if not form.validate():
        return _ask(form, None, 422)
    try:
        with session.begin_nested():
            made = services.create_campaign(_values(form), current_user)
    except Refused as no:
        form.form_errors = [str(no.message)]
        return _ask(form, None, 422)
    flash(_("%(name)s is planned. Now choose whom it is for.", name=made.name), "success")
    return redirect_to(url_for(".audience", id=made.id) if made.channel != "ads" else url_for(".campaign", id=made.id))


@bp.get("/campaigns/<int:id>/edit")
@allow(EDIT)
def edit_campaign(id: int) -> Response:
    found = load_campaign(id)
    return _ask(_form(found), found)


@bp.post("/campaigns/<int:id>")
@allow(EDIT)
def update_campaign(id: int) -> Response:
    found = load_campaign(id)
    form = _form(found)
    values = form.values() if form.validate() else None
    if values is None:
        return _ask(form, found, 422)
    try:
        with session.begin_nested():
            services.update_campaign(found, _values(form), form.version.data)
    except Refused as no:
        session.refresh(found)
        form.form_errors = [str(no.message)]
        return _ask(form, found, 422)
    flash(_("%(name)s is saved.", name=found.name), "success")
    return redirect_to(url_for(".campaign", id=found.id))


@bp.get("/campaigns/<int:id>/start")
@allow(SEND)
def ask_start(id: int) -> Response:
    """What will happen on start, before anything does: how many get it, who does not and why."""
    found = load_campaign(id)
    people = services.audience(found, current_user) if found.status == "planned" else []
    return page(
        "marketing/start.html",
        parts=["dialog_body"],
        campaign=found,
        counts=services.counts(people),
        why=services.WHY,
        mailing=found.channel == "mail",
    )


@bp.get("/campaigns/<int:id>/ask/<move>")
@allow(SEND)
def ask_campaign_reason(id: int, move: str) -> Response:
    found = load_campaign(id)
    if move not in CAMPAIGN_FLOW.move:
        raise NotThere
    return _reason(found, move, ReasonForm(formdata=None))


def _reason(found: Campaign, move: str, form: ReasonForm, status: int = 200) -> Response:
    return page(
        "marketing/reason.html",
        parts=["dialog_body"],
        status=status,
        campaign=found,
        move=CAMPAIGN_FLOW.move[move],
        form=form,
    )


@bp.post("/campaigns/<int:id>/<move>")
@allow(VIEW)
def move_campaign(id: int, move: str) -> Response:
    """One move of its workflow; the move names who may make it."""
    found = load_campaign(id)
    declared = CAMPAIGN_FLOW.move.get(move)
    if declared is None:
        raise NotThere
    if not current_user.may(declared.permission):
        raise NotAllowed(declared.permission)
    version = request.form.get("version", type=whole)
    if move == "start":
        reached = services.start(found, current_user, version)
        flash(_("It runs. %(count)s will get it.", count=reached), "success")
    elif move == "resume":
        services.resume(found, current_user, version)
    elif declared.reason == "required":
        form = ReasonForm()
        if not form.validate():
            return _reason(found, move, form, 422)
        make_move(found, move, by=current_user, version=version, reason=form.reason.data)
    else:
        make_move(found, move, by=current_user, version=version)
    return redirect_to(url_for(".campaign", id=found.id))


@bp.post("/campaigns/<int:id>/sending")
@allow(SEND)
def send_on(id: int) -> Response:
    """Let a sending go on that has stopped by itself."""
    found = load_campaign(id)
    services.send_on(found)
    flash(_("Sending goes on."), "success")
    return redirect_to(url_for(".campaign", id=found.id))


@bp.get("/campaigns/<int:id>/costs/new")
@allow(EDIT)
def new_cost(id: int) -> Response:
    return _ask_cost(load_campaign(id), CostForm(formdata=None, data={"spent_on": today()}))


def _ask_cost(found: Campaign, form: CostForm, status: int = 200) -> Response:
    return page(
        "marketing/cost.html",
        parts=["dialog_body"],
        status=status,
        campaign=found,
        form=form,
        own=setting("currency"),
    )


@bp.post("/campaigns/<int:id>/costs")
@allow(EDIT)
def create_cost(id: int) -> Response:
    found, form = load_campaign(id), CostForm()
    if not form.validate():
        return _ask_cost(found, form, 422)
    services.add_cost(found, form.values(), current_user)
    return redirect_to(url_for(".campaign", id=found.id))


@bp.post("/campaigns/<int:id>/costs/<int:cost_id>/remove")
@allow(EDIT)
def remove_cost(id: int, cost_id: int) -> Response:
    found = load_campaign(id)
    cost = session.get(CampaignCost, cost_id)
    if cost is None or cost.campaign_id != found.id:
        raise NotThere
    services.remove_cost(cost)
    return redirect_to(url_for(".campaign", id=found.id))
