"""Whose campaign members a user sees."""

from functools import lru_cache

from sqlalchemy import ColumnElement, or_, select, true

from erpcrm.core.access import KEPT
from erpcrm.core.actor import Actor, ScopeName
from erpcrm.customers.models import Contact
from erpcrm.customers.scopes import CONTACT_SCOPE
from erpcrm.pipeline.models import Lead
from erpcrm.pipeline.records import LEAD_SCOPE

from .models import CampaignMember


@lru_cache(KEPT)
def _of_people(contacts: ColumnElement[bool], leads: ColumnElement[bool]) -> ColumnElement[bool]:
    return or_(
        CampaignMember.contact_id.in_(select(Contact.id).where(contacts)),
        CampaignMember.lead_id.in_(select(Lead.id).where(leads)),
    )


def MEMBER_SCOPE(actor: Actor, scope: ScopeName) -> ColumnElement[bool]:
    """Members are seen by whoever sees the contact or the lead."""
    contact, lead = actor.scope("contact"), actor.scope("lead")
    if contact == "all" and lead == "all":
        return true()
    return _of_people(CONTACT_SCOPE(actor, contact), LEAD_SCOPE(actor, lead))
