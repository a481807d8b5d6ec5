"""Members: the list of a campaign's, one with everything that happened, what came of it noted in place."""

from typing import Any

from flask import Response, flash, request, url_for
from flask_login import current_user

from erpcrm.core.access import allow
from erpcrm.core.errors import Refused
from erpcrm.core.i18n import _
from erpcrm.core.lists import list_page
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.pointers import may_see
from erpcrm.core.registry import record_type

from .. import services
from ..forms import OutcomeForm
from ..models import (
    CAMPAIGN_FLOW,
    DELIVERIES,
    MEMBER_VIEW,
    OUTCOMES,
    PATH,
    RESPOND,
    SEND,
    VIEW,
    CampaignMember,
)
from ..words import EVENTS
from .blueprint import bp, load_campaign, load_member

DELIVERY_OF = {choice.value: choice for choice in DELIVERIES}
OUTCOME_OF = {choice.value: choice for choice in OUTCOMES}


@bp.get("/members")
@allow(MEMBER_VIEW)
def members() -> Response:
    return list_page(record_type("campaign_member"))


@bp.get("/campaigns/<int:id>/members")
@allow(VIEW)
def members_of(id: int) -> Response:
    found = load_campaign(id)
    return list_page(
        record_type("campaign_member"),
        template="marketing/members.html",
        where=[CampaignMember.campaign_id == found.id],
        campaign=found,
        campaign_state=CAMPAIGN_FLOW.state_of(found),
    )


@bp.get("/members/<int:id>")
@allow(MEMBER_VIEW)
def member(id: int) -> Response:
    return _show(load_member(id))


def _show(found: CampaignMember, form: OutcomeForm | None = None, status: int = 200) -> Response:
    form = form or OutcomeForm(formdata=None)
    form.offer(found.campaign.channel)
    open_to_answers = not found.control and found.campaign.status not in ("planned", "cancelled")
    return page(
        "marketing/member.html",
        parts=["dialog_body"],
        status=status,
        member=found,
        campaign=found.campaign,
        campaign_seen=current_user.may(VIEW),
        delivery=DELIVERY_OF[found.delivery],
        outcome=OUTCOME_OF.get(found.outcome or ""),
        path=[(label, getattr(found, f"{step}_at")) for step, label in PATH if getattr(found, f"{step}_at")],
        events=services.events_of(found),
        told=EVENTS,
        outcomes=OUTCOME_OF,
        person=_person(found),
        form=form,
        may_respond=current_user.may(RESPOND) and open_to_answers,
        may_send_again=current_user.may(SEND)
        and found.delivery in ("uncertain", "failed")
        and found.campaign.status == "running",
    )


def _person(found: CampaignMember) -> tuple[str, str] | None:
    """Address of the contact's or lead's page and its kind, where this user may see it."""
    pairs: tuple[tuple[str, int | None, str], ...] = (
        ("contact", found.contact_id, "customers.contact"),
        ("lead", found.lead_id, "pipeline.lead"),
    )
    for kind, id, endpoint in pairs:
        if id is not None and may_see(kind, id):
            return url_for(endpoint, id=id), str(record_type(kind).label)
    return None


@bp.post("/members/<int:id>/outcome")
@allow(RESPOND)
def record_outcome(id: int) -> Response:
    """Note what came of it; on the page of calls the next one follows."""
    found, form = load_member(id), OutcomeForm()
    form.offer(found.campaign.channel)
    if not form.validate():
        return _show(found, form, 422)
    services.respond(found, form.outcome.data or "", current_user, form.note.data or None)
    flash(_("Noted for %(name)s.", name=found.name), "success")
    if request.form.get("from") == "calls":
        return redirect_to(url_for(".calls", id=found.campaign_id))
    return redirect_to(url_for(".member", id=found.id))


@bp.post("/members/<int:id>/send-again")
@allow(SEND)
def send_again(id: int) -> Response:
    found = load_member(id)
    services.send_uncertain(found, current_user)
    flash(_("It will be sent to %(name)s once more.", name=found.name), "success")
    return redirect_to(url_for(".member", id=found.id))


@bp.get("/campaigns/<int:id>/calls")
@allow(RESPOND)
def calls(id: int) -> Response:
    """The call list: who is to be called, with what came of it in one press. Each sees the people of their own scope."""
    found = load_campaign(id)
    if found.channel not in ("call", "event"):
        raise Refused(_("This campaign has no list to work off."))
    to_do, count = services.to_work_off(found, current_user)
    form: Any = OutcomeForm(formdata=None)
    form.offer(found.channel)
    return page(
        "marketing/calls.html",
        campaign=found,
        state=CAMPAIGN_FLOW.state_of(found),
        members=to_do,
        count=count,
        choices=[(value, OUTCOME_OF[value].label) for value, *_rest in form.outcome.choices],
        open=found.status == "running",
        campaign_seen=current_user.may(VIEW),
    )
