"""Telling people what has become theirs."""

from collections.abc import Sequence

from erpcrm.core.actor import Actor, current_actor
from erpcrm.core.i18n import _l
from erpcrm.core.notifications import notify

from ..models import Lead, Opportunity

PATHS = {"lead": "/pipeline/leads", "opportunity": "/pipeline/opportunities"}


def tell_owner(record: Lead | Opportunity, before: int | None = None, by: Actor | None = None) -> None:
    """Tell the owner of a lead or deal that it is theirs now, unless it was theirs `before` or they are `by`."""
    by = by or current_actor()
    if record.owner_id is None or record.owner_id in (before, by.id if by else None):
        return
    if record.record_name == "lead":
        told = _l("%(who)s gave you the lead %(name)s", who=by.name, name=record.name) if by else None
        told = told or _l("You have a new lead: %(name)s", name=record.name)
    else:
        told = _l("%(who)s gave you the opportunity %(name)s", who=by.name, name=record.name) if by else None
        told = told or _l("You have a new opportunity: %(name)s", name=record.name)
    notify(record.owner_id, "assigned", told, f"{PATHS[record.record_name]}/{record.id}", record=record)


def tell_owner_of_many(records: Sequence[Lead | Opportunity], owner_id: int, by: Actor) -> None:
    """Tell a user once of several leads or deals that one colleague has given them."""
    kind = records[0].record_name
    if kind == "lead":
        told = _l("%(who)s gave you %(count)s leads", who=by.name, count=len(records))
    else:
        told = _l("%(who)s gave you %(count)s opportunities", who=by.name, count=len(records))
    notify(owner_id, "assigned", told, f"{PATHS[kind]}?owner=me")
