"""Whom a campaign is for: who will get it, who will not and why; and the moment from which that stands."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl

from sqlalchemy import Select, delete, func, insert, or_, select, union

from erpcrm.analytics.models import SEGMENT_VIEW, Segment
from erpcrm.analytics.services import customers_in
from erpcrm.core.actor import Actor
from erpcrm.core.audit import record_event
from erpcrm.core.db import lock, now, session
from erpcrm.core.errors import Refused
from erpcrm.core.i18n import _, _l
from erpcrm.core.lists.saved_views import query_of, views_of
from erpcrm.core.lists.state import ListState
from erpcrm.core.records import RecordType
from erpcrm.core.registry import record_type
from erpcrm.core.whole import whole_or_none
from erpcrm.customers.models import Contact, Customer, CustomerContact
from erpcrm.customers.scopes import CONTACT_SCOPE
from erpcrm.pipeline.models import Lead
from erpcrm.pipeline.models.leads import OPEN_LEAD
from erpcrm.pipeline.records import LEAD_SCOPE

from ..drawing import drawn
from ..models import Campaign, CampaignMember, CampaignTarget, new_token

KINDS = ("segment", "customer", "contact", "lead")
"""Of the records that a campaign may be for"""
LISTED = ("customer", "contact", "lead")
"""Those that are taken from lists: a segment is one itself"""
KEY_OF = {
    "customer": CampaignTarget.customer_id,
    "contact": CampaignTarget.contact_id,
    "lead": CampaignTarget.lead_id,
    "segment": CampaignTarget.segment_id,
}
ASKS_CONSENT = frozenset({"mail", "call", "event"})
"""Channels that speak to a person themselves; of the others nobody gets it who has said no"""
WHY: Mapping[str, tuple[Any, Any]] = {
    "ready": (_l("Will get it"), None),
    "control": (_l("Control group"), _l("Held out at random, to know what would have happened without the campaign.")),
    "no_consent": (_l("No consent"), _l("Ask them, and note the consent on their page.")),
    "withdrawn": (_l("Unsubscribed"), _l("Have withdrawn their consent.")),
    "no_address": (_l("No address"), _l("Add the e-mail address or phone number on their page.")),
    "excluded": (_l("Excluded"), _l("Stand on a list that this campaign leaves out.")),
    "duplicate": (_l("Duplicate address"), _l("Somebody else in the audience has the same address.")),
    "inactive": (_l("Not active"), _l("Contacts who have left, and leads that are converted or disqualified.")),
}
"""Why somebody gets it or not: label, and what it means or what to do"""


@dataclass(frozen=True)
class Person:
    """Somebody of the audience."""

    kind: str
    id: int
    name: str
    address: str | None
    customer_id: int | None
    why: str

    @property
    def key(self) -> str:
        return f"{self.kind}-{self.id}"


def _chosen(campaign: Campaign, key: Any, *, excluded: bool) -> Select[Any]:
    return select(key).where(
        CampaignTarget.campaign_id == campaign.id, CampaignTarget.excluded.is_(excluded), key.is_not(None)
    )


def _contacts_chosen(campaign: Campaign, by: Actor | None, segments: Sequence[Segment], *, excluded: bool) -> Any:
    """Contacts that were named, and those of the customers that were, or that are in a segment now.

    Whom a segment leaves out is left out for everybody; whom it adds, as far as `by` sees them.
    """
    customers = [CustomerContact.customer_id.in_(_chosen(campaign, CampaignTarget.customer_id, excluded=excluded))]
    for segment in segments:
        customers.append(CustomerContact.customer_id.in_(customers_in(segment, None if excluded else by)))
    at_customers = select(CustomerContact.contact_id).where(or_(*customers))
    return union(_chosen(campaign, CampaignTarget.contact_id, excluded=excluded), at_customers).subquery()


def audience(campaign: Campaign, by: Actor | None) -> list[Person]:
    """Everybody whom the campaign's targets name, as far as `by` sees them, each with what will become of them.

    A few queries however many they are. Of those with the same address the contact comes before the lead, the older first.
    """
    phone = campaign.channel == "call"
    people = [*_contacts(campaign, by, phone=phone), *_leads(campaign, by, phone=phone)]
    found: list[Person] = []
    taken: set[str] = set()
    for person in people:
        if person.why == "ready" and person.address:
            address = person.address.lower()
            person = replace(person, why="duplicate") if address in taken else person
            taken.add(address)
        found.append(person)
    ready = [person.key for person in found if person.why == "ready"]
    draw = drawn(ready, campaign.control_percent, campaign.seed, halves=campaign.has_variants)
    return [replace(one, why="control") if draw.get(one.key) == "control" else one for one in found]


def _contacts(campaign: Campaign, by: Actor | None, *, phone: bool) -> list[Person]:
    named = segments_named(campaign)
    wanted = _contacts_chosen(campaign, by, [one for out, one in named if not out], excluded=False)
    out = _contacts_chosen(campaign, by, [one for out, one in named if out], excluded=True)
    left_out = set(session.scalars(select(out)))
    at = session.execute(
        select(CustomerContact.contact_id, CustomerContact.customer_id)
        .join(Customer, Customer.id == CustomerContact.customer_id)
        .where(CustomerContact.contact_id.in_(select(wanted)), Customer.status != "archived")
        .order_by(CustomerContact.is_primary, CustomerContact.id.desc())
    )
    place = {contact_id: customer_id for contact_id, customer_id in at}
    query = select(
        Contact.id, Contact.name, Contact.email, Contact.mobile, Contact.phone, Contact.consent, Contact.active
    ).where(Contact.id.in_(select(wanted)))
    if by is not None:
        query = query.where(CONTACT_SCOPE(by, by.scope("contact")))
    found = []
    for id, name, email, mobile, landline, consent, active in session.execute(query.order_by(Contact.id)):
        address = (mobile or landline) if phone else email
        why = _why(campaign, consent, address, excluded=id in left_out, active=active)
        found.append(Person("contact", id, name, address, place.get(id), why))
    return found


def _leads(campaign: Campaign, by: Actor | None, *, phone: bool) -> list[Person]:
    left_out = set(session.scalars(_chosen(campaign, CampaignTarget.lead_id, excluded=True)))
    query = select(Lead.id, Lead.name, Lead.person, Lead.email, Lead.phone, Lead.marketing_consent, Lead.status).where(
        Lead.id.in_(_chosen(campaign, CampaignTarget.lead_id, excluded=False))
    )
    if by is not None:
        query = query.where(LEAD_SCOPE(by, by.scope("lead")))
    found = []
    for id, name, person, email, telephone, agreed, status in session.execute(query.order_by(Lead.id)):
        address = telephone if phone else email
        consent = "granted" if agreed else "unknown"
        why = _why(campaign, consent, address, excluded=id in left_out, active=status in OPEN_LEAD)
        found.append(Person("lead", id, person or name, address, None, why))
    return found


def _why(campaign: Campaign, consent: str, address: str | None, *, excluded: bool, active: bool) -> str:
    if excluded:
        return "excluded"
    if not active:
        return "inactive"
    if consent == "withdrawn":
        return "withdrawn"
    if campaign.channel in ASKS_CONSENT:
        if consent != "granted":
            return "no_consent"
        if not address:
            return "no_address"
    return "ready"


def counts(people: Iterable[Person]) -> dict[str, int]:
    """How many of each, in the order of WHY; those that nobody is are left out, but for who will get it."""
    found = Counter(person.why for person in people)
    return {why: found[why] for why in WHY if found[why] or why == "ready"}


def require_plan(campaign: Campaign) -> None:
    """Refused once the campaign has started: its members stand."""
    lock(campaign)
    if campaign.status != "planned":
        raise Refused(_("The campaign has started: whom it is for can't be changed any more."))


def add_target(campaign: Campaign, kind: str, ids: Sequence[int], *, excluded: bool) -> int:
    """Name segments, customers, contacts or leads that the campaign is for, or that it leaves out. Returns how many are new."""
    require_plan(campaign)
    key = KEY_OF[kind]
    known = set(session.scalars(_chosen(campaign, key, excluded=excluded)))
    new = [id for id in dict.fromkeys(ids) if id not in known]
    if new:
        rows = [{"campaign_id": campaign.id, "excluded": excluded, key.key: id} for id in new]
        session.execute(insert(CampaignTarget), rows)
        record_event(campaign, "targets_excluded" if excluded else "targets_added", {"count": [None, len(new)]})
    return len(new)


def remove_targets(campaign: Campaign, kind: str, *, excluded: bool, id: int | None = None) -> int:
    """Take one of them away again, or all of their kind."""
    require_plan(campaign)
    key = KEY_OF[kind]
    which = [CampaignTarget.campaign_id == campaign.id, CampaignTarget.excluded.is_(excluded), key.is_not(None)]
    if id is not None:
        which.append(key == id)
    gone: Any = session.execute(delete(CampaignTarget).where(*which))
    count = int(gone.rowcount)
    if count:
        record_event(campaign, "targets_removed", {"count": [count, None]})
    return count


def views_for(by: Actor) -> dict[str, list[tuple[str, Any]]]:
    """The lists that people may be taken from: by kind, (name of the view, label)."""
    found: dict[str, list[tuple[str, Any]]] = {}
    if by.may(SEGMENT_VIEW):
        segments = session.execute(select(Segment.id, Segment.name).where(Segment.active).order_by(Segment.name))
        found["segment"] = [(str(id), name) for id, name in segments]
    for name in LISTED:
        kind = record_type(name)
        presets = [(preset, label) for preset, (label, _query) in kind.presets.items()]
        own = [(str(view.id), view.name) for view in views_of(kind, by)]
        found[name] = [("all", _("All")), *own, *presets]
    return found


def ids_of_view(kind: RecordType, view: str, by: Actor) -> Sequence[int]:
    """The records that a list shows to `by` under this view now. Refused when there is no such view any more."""
    query = "" if view == "all" else query_of(kind, view, by)
    if query is None:
        raise Refused(_("There is no such view any more."))
    state = ListState.read(kind, parse_qsl(query), actor=by)
    state.check()
    return session.scalars(select(kind.model.id).where(*state.conditions()).order_by(kind.model.id)).all()


def add_view(campaign: Campaign, kind: str, view: str, by: Actor, *, excluded: bool) -> int:
    """Name everybody who stands on a list now: later comers to the list are not added. Of a segment the segment itself.

    Returns how many are new. Refused when there is no such list any more.
    """
    if kind == "segment":
        segment = session.get(Segment, whole_or_none(view) or 0)
        if segment is None or not by.may(SEGMENT_VIEW):
            raise Refused(_("There is no such view any more."))
        return add_target(campaign, kind, [segment.id], excluded=excluded)
    return add_target(campaign, kind, ids_of_view(record_type(kind), view, by), excluded=excluded)


def target_counts(campaign: Campaign) -> dict[tuple[str, bool], int]:
    """{(kind, excluded): how many were named}."""
    query = (
        select(CampaignTarget.excluded, *(func.count(KEY_OF[kind]) for kind in KINDS))
        .where(CampaignTarget.campaign_id == campaign.id)
        .group_by(CampaignTarget.excluded)
    )
    return {
        (kind, excluded): count
        for excluded, *numbers in session.execute(query)
        for kind, count in zip(KINDS, numbers, strict=True)
        if count
    }


def segments_named(campaign: Campaign) -> Sequence[Any]:
    """(excluded, segment) of the segments that the campaign is for or leaves out."""
    query = select(CampaignTarget.excluded, Segment).join(Segment, Segment.id == CampaignTarget.segment_id)
    return session.execute(query.where(CampaignTarget.campaign_id == campaign.id).order_by(Segment.name)).all()


def fix_audience(campaign: Campaign, by: Actor | None) -> int:
    """Make members of those who will get it and of the control group, once. Returns how many will get it.

    The draw is made from the seed that the campaign has had from its beginning, so it comes out as the page has shown it.
    """
    lock(campaign)
    if campaign.fixed_at is not None:
        raise Refused(_("The audience of this campaign stands already."))
    chosen = [person for person in audience(campaign, by) if person.why in ("ready", "control")]
    draw = drawn([one.key for one in chosen], campaign.control_percent, campaign.seed, halves=campaign.has_variants)
    moment = now()
    mailed = campaign.channel == "mail"
    rows: list[dict[str, Any]] = []
    for person in chosen:
        drew = draw[person.key]
        held = drew == "control"
        rows.append(
            {
                "campaign_id": campaign.id,
                "contact_id": person.id if person.kind == "contact" else None,
                "lead_id": person.id if person.kind == "lead" else None,
                "customer_id": person.customer_id,
                "name": person.name,
                "address": person.address,
                "variant": "a" if held else drew,
                "control": held,
                "delivery": "control" if held else "waiting" if mailed else "none",
                "tries": 0,
                "token": new_token(),
                "targeted_at": moment,
                "version": 1,
                "created_at": moment,
                "updated_at": moment,
                "created_by_id": by.id if by else None,
            }
        )
    if rows:
        session.execute(insert(CampaignMember), rows)
    campaign.fixed_at = moment
    session.flush()
    return sum(not row["control"] for row in rows)


def campaigns_of(customer_ids: Sequence[int]) -> Sequence[Any]:
    """(customer id, campaign, member) of the members at these customers, the newest first."""
    query = (
        select(CampaignMember.customer_id, Campaign, CampaignMember)
        .join(Campaign, Campaign.id == CampaignMember.campaign_id)
        .where(CampaignMember.customer_id.in_(customer_ids), Campaign.status != "cancelled")
        .order_by(CampaignMember.id.desc())
    )
    return session.execute(query).all()
