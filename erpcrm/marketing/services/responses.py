"""What members do: open, click, answer, leave; and what a colleague notes for them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from erpcrm.core.actor import Actor
from erpcrm.core.audit import POINTER, record_event
from erpcrm.core.db import lock, now, session
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.i18n import _
from erpcrm.customers.models import Contact
from erpcrm.customers.services import add_activity, update_contact
from erpcrm.pipeline.models import Lead

from ..models import (
    OUTCOMES,
    OUTCOMES_OF,
    RESPONSES,
    Campaign,
    CampaignLink,
    CampaignMember,
    MemberEvent,
)
from ..scanners import is_machine, is_too_quick, swept_along
from ..scopes import MEMBER_SCOPE

MOST_EVENTS = 200
"""Of one kind and member: whoever asks more often is a machine or wants to fill our disk"""


def member_of(token: str) -> CampaignMember:
    """Whose link it is. NotThere for any other."""
    member = session.scalars(select(CampaignMember).where(CampaignMember.token == token)).one_or_none()
    if member is None:
        raise NotThere
    return member


def link_of(member: CampaignMember, link_id: int) -> CampaignLink:
    """The stored address behind a tracked link. NotThere for a link of another campaign."""
    link = session.get(CampaignLink, link_id)
    if link is None or link.campaign_id != member.campaign_id:
        raise NotThere
    return link


def _event(member: CampaignMember, kind: str, *, by: Actor | None = None, **more: Any) -> MemberEvent:
    event = MemberEvent(
        member_id=member.id, campaign_id=member.campaign_id, kind=kind, user_id=by.id if by else None, **more
    )
    session.add(event)
    session.flush()
    return event


def first(member: CampaignMember, step: str, at: datetime) -> None:
    """When a member first came to a step of the path: the first time stays."""
    if getattr(member, f"{step}_at") is None:
        setattr(member, f"{step}_at", at)


def _enough(member: CampaignMember, kind: str) -> bool:
    query = select(func.count()).where(MemberEvent.member_id == member.id, MemberEvent.kind == kind)
    return (session.scalar(query) or 0) >= MOST_EVENTS


def note_open(token: str, method: str, headers: Mapping[str, str]) -> None:
    """The picture in the mail was fetched: by a person's program, as far as one can tell."""
    member = member_of(token)
    lock(member)
    moment = now()
    if _enough(member, "opened"):
        return
    counted = not is_machine(method, headers) and not is_too_quick(moment, member.sent_at)
    _event(member, "opened", counted=counted)
    if counted:
        first(member, "opened", moment)
        session.flush()


def note_click(token: str, link_id: int, method: str, headers: Mapping[str, str]) -> None:
    """A link was followed. What counts as a click is told in `scanners`."""
    member = member_of(token)
    lock(member)
    link = link_of(member, link_id)
    moment = now()
    if _enough(member, "clicked"):
        return
    counted = not is_machine(method, headers) and not is_too_quick(moment, member.sent_at)
    if counted:
        counted = not _takes_back(member, link.id, moment)
    _event(member, "clicked", link_id=link.id, counted=counted)
    if counted:
        first(member, "clicked", moment)
        first(member, "opened", moment)  # who follows a link has the mail open, with or without pictures
        session.flush()


def _takes_back(member: CampaignMember, link_id: int, moment: datetime) -> bool:
    """Whether a click is one of several of a machine; then those before it count no more, nor what they had set."""
    query = select(MemberEvent).where(MemberEvent.member_id == member.id, MemberEvent.kind == "clicked")
    before = list(session.scalars(query.order_by(MemberEvent.id.desc()).limit(10)))
    swept = swept_along(moment, link_id, [(event.at, event.link_id or 0) for event in before])
    for place in swept:
        before[place].counted = False
    session.flush()
    if swept:
        gone = {before[place].at for place in swept}
        still = session.scalar(query.where(MemberEvent.counted).with_only_columns(func.min(MemberEvent.at)))
        if still is None and member.clicked_at is not None:
            opened = select(func.min(MemberEvent.at)).where(
                MemberEvent.member_id == member.id, MemberEvent.kind == "opened", MemberEvent.counted
            )
            if member.opened_at == member.clicked_at or member.opened_at in gone:
                member.opened_at = session.scalar(opened)
            member.clicked_at = None
            session.flush()
    return bool(swept)


def respond(member: CampaignMember, outcome: str, by: Actor | None, note: str | None = None) -> None:
    """Note what came of it for a member. Refused where the channel knows no such outcome, and of the control group.

    A later outcome takes the place of an earlier one; the first response stays the first.
    """
    lock(member)
    channel = member.campaign.channel
    if outcome not in OUTCOMES_OF.get(channel, ("answered",)) and outcome != "answered":
        raise Refused(_("This channel knows no such outcome."))
    if member.control:
        raise Refused(_("This member is in the control group: nobody has approached them."))
    if member.campaign.status in ("planned", "cancelled"):
        raise Refused(_("The campaign does not run, so nothing can come of it."))
    moment = now()
    member.outcome, member.outcome_at = outcome, moment
    if outcome in RESPONSES:
        first(member, "responded", moment)
    session.flush()
    _event(
        member, "responded" if outcome in RESPONSES else "outcome", by=by, text=": ".join(filter(None, (outcome, note)))
    )
    if by is not None and channel == "call":
        label = next(str(choice.label) for choice in OUTCOMES if choice.value == outcome)
        record = member.contact or member.lead
        if record is not None:
            subject = _("Call for %(campaign)s", campaign=member.campaign.name)
            first(member, "sent", moment)  # they were spoken to, or one has tried
            add_activity(record, "call", subject, by, body=note, outcome=label, done=True)
    session.flush()


def unsubscribe(token: str) -> CampaignMember:
    """Take somebody off all marketing, at once: whoever has this address has withdrawn. Nothing new the second time."""
    member = member_of(token)
    lock(member)
    if member.unsubscribed_at is not None:
        return member
    member.unsubscribed_at = now()
    _event(member, "unsubscribed")
    source = _("Unsubscribed from %(campaign)s", campaign=member.campaign.number)
    email = (member.address or "").lower()
    same = func.lower(Contact.email) == email if email else Contact.id == (member.contact_id or 0)
    for contact in session.scalars(select(Contact).where(same | (Contact.id == (member.contact_id or 0)))):
        if contact.consent != "withdrawn":
            lock(contact)
            update_contact(contact, {"consent": "withdrawn", "consent_source": source}, None, None)
    same_lead = func.lower(Lead.email) == email if email else Lead.id == (member.lead_id or 0)
    for lead in session.scalars(select(Lead).where(same_lead | (Lead.id == (member.lead_id or 0)))):
        lock(lead)
        lead.marketing_consent = False
        record_event(lead, "unsubscribed", {f"{POINTER}campaign": [None, member.campaign_id]})
    session.flush()
    return member


def note_bounce(token: str, text: str) -> None:
    """For a mailbox that bounces come to: the mail to this member came back for good."""
    member = member_of(token)
    lock(member)
    first(member, "bounced", now())
    if member.delivery in ("sent", "uncertain"):
        member.delivery = "bounced"
    member.error = text[:500]
    _event(member, "bounced", text=text[:500])


def convert_lead(lead: Lead, by: Actor | None, details: Mapping[str, Any]) -> None:
    """A lead of campaigns has become a customer: its members have come that far."""
    for member in session.scalars(select(CampaignMember).where(CampaignMember.lead_id == lead.id)):
        first(member, "converted", now())
        member.customer_id = lead.customer_id or member.customer_id
        _event(member, "converted", by=by)
    session.flush()


def events_of(member: CampaignMember) -> list[MemberEvent]:
    query = select(MemberEvent).where(MemberEvent.member_id == member.id)
    return list(session.scalars(query.order_by(MemberEvent.at.desc(), MemberEvent.id.desc()).limit(100)))


def add_member(campaign: Campaign, *, contact: Contact | None = None, lead: Lead | None = None) -> CampaignMember:
    """Somebody who came by themselves, through a form or a code. Who is a member already stays the one that they are."""
    key = (
        CampaignMember.contact_id == contact.id
        if contact is not None
        else CampaignMember.lead_id == (lead.id if lead else 0)
    )
    known = session.scalars(select(CampaignMember).where(CampaignMember.campaign_id == campaign.id, key)).first()
    if known is not None:
        return known
    person: Any = contact if contact is not None else lead
    customer = next((place.customer_id for place in contact.places if place.is_primary), None) if contact else None
    member = CampaignMember(
        campaign_id=campaign.id,
        contact_id=contact.id if contact else None,
        lead_id=lead.id if lead else None,
        customer_id=customer,
        name=getattr(person, "person", None) or person.name,
        address=person.email,
        delivery="none",
        variant="a",
    )
    session.add(member)
    session.flush()
    return member


def to_work_off(campaign: Campaign, by: Actor, limit: int = 20) -> tuple[list[CampaignMember], int]:
    """Whom to speak to next, as far as `by` sees them, and how many there are: those nobody has reached yet."""
    waiting = [
        CampaignMember.campaign_id == campaign.id,
        CampaignMember.control.is_(False),
        CampaignMember.outcome.is_(None) | (CampaignMember.outcome == "no_answer"),
        MEMBER_SCOPE(by, by.scope("campaign_member")),
    ]
    count = session.scalar(select(func.count()).select_from(CampaignMember).where(*waiting)) or 0
    # Who was tried already comes after those whom nobody has called yet.
    query = select(CampaignMember).where(*waiting).options(joinedload(CampaignMember.customer))
    order = (CampaignMember.outcome_at.is_not(None), CampaignMember.outcome_at, CampaignMember.id)
    return list(session.scalars(query.order_by(*order).limit(limit))), count
