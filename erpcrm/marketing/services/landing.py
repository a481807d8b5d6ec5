"""Landing forms: public pages of a campaign, and the leads that they bring."""

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from erpcrm.core.actor import Actor
from erpcrm.core.db import lock, now, session
from erpcrm.core.errors import NotThere, Refused, Stale
from erpcrm.core.i18n import _
from erpcrm.pipeline.models import Lead
from erpcrm.pipeline.services import create_lead

from ..models import Campaign, CampaignLead, CampaignMember, LandingForm, MemberEvent
from .responses import add_member, first

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{1,59}")
OPEN = ("running", "paused")
"""States of a campaign in which its forms take somebody"""


def forms_of(campaign: Campaign) -> list[LandingForm]:
    return list(
        session.scalars(select(LandingForm).where(LandingForm.campaign_id == campaign.id).order_by(LandingForm.id))
    )


def save_form(
    form: LandingForm, values: Mapping[str, Any], by: Actor | None, version: int | None = None
) -> LandingForm:
    """Keep a landing form. Refused when another has its address."""
    if form.id is not None:
        lock(form)
        if version is not None and version != form.version:
            raise Stale(form)
    else:
        form.created_by_id = by.id if by else None
        form.active = True
    for name in ("slug", "language", "title", "intro", "consent_text", "thanks", "active"):
        if name in values:
            value = values[name]
            setattr(form, name, value.strip() or None if isinstance(value, str) else value)
    form.slug = (form.slug or "").lower()
    if not SLUG.fullmatch(form.slug):
        raise Refused(_("The address of the page has 2 to 60 small letters, digits and hyphens."))
    with session.no_autoflush:
        other = select(LandingForm.id).where(LandingForm.slug == form.slug, LandingForm.id != (form.id or 0))
        if session.scalar(other) is not None:
            raise Refused(_("Another page has this address."))
    session.add(form)
    session.flush()
    return form


def open_form(slug: str) -> LandingForm:
    """The public page at this address. NotThere while it is closed or its campaign does not run."""
    form = session.scalars(select(LandingForm).where(LandingForm.slug == slug)).one_or_none()
    if form is None or not form.active or form.campaign.status not in OPEN:
        raise NotThere
    return form


def form_by_code(code: str) -> LandingForm:
    """The public page that a campaign's response code leads to. NotThere where there is none that is open."""
    form = session.scalars(
        select(LandingForm)
        .join(Campaign, Campaign.id == LandingForm.campaign_id)
        .where(func.upper(Campaign.code) == code.upper(), LandingForm.active, Campaign.status.in_(OPEN))
        .order_by(LandingForm.id)
    ).first()
    if form is None:
        raise NotThere
    return form


def take(form: LandingForm, values: Mapping[str, Any]) -> Lead:
    """A lead out of what a visitor sent, with its source and campaign, and the words that they agreed to as proof."""
    campaign = form.campaign
    reference = f"{campaign.number} {campaign.name}"
    lead = create_lead(dict(values) | {"source": "campaign", "source_reference": reference[:200]}, None)
    agreed = bool(values.get("marketing_consent"))
    session.add(
        CampaignLead(
            campaign_id=campaign.id,
            lead_id=lead.id,
            form_id=form.id,
            consent_text=form.consent_text if agreed else None,
        )
    )
    session.flush()
    member = add_member(campaign, lead=lead)
    moment = now()
    member.outcome, member.outcome_at = "answered", moment
    first(member, "responded", moment)
    session.add(MemberEvent(member_id=member.id, campaign_id=campaign.id, kind="responded", text=form.slug))
    session.flush()
    _answered_too(campaign, lead)
    return lead


def _answered_too(campaign: Campaign, lead: Lead) -> None:
    """Whoever was written to and now fills in the form has answered what they got."""
    if not lead.email:
        return
    query = select(CampaignMember).where(
        CampaignMember.campaign_id == campaign.id,
        func.lower(CampaignMember.address) == lead.email.lower(),
        CampaignMember.lead_id.is_distinct_from(lead.id),
        CampaignMember.control.is_(False),
    )
    for member in session.scalars(query):
        lock(member)
        first(member, "responded", now())
        session.add(MemberEvent(member_id=member.id, campaign_id=campaign.id, kind="responded", text=None))
    session.flush()


def leads_of(campaign: Campaign) -> int:
    return session.scalar(select(func.count()).where(CampaignLead.campaign_id == campaign.id)) or 0
