"""Rows of a file become leads: the same rules, in bulk."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import exists, select

from erpcrm.core.actor import Actor
from erpcrm.core.db import session
from erpcrm.core.i18n import _l
from erpcrm.core.notifications import Notification, notify

from ..models import Lead
from .assignment import MY_LEADS, Desk
from .leads import build_lead, update_lead
from .scores import scorer_for

SCORER = "_scorer"
"""The rules by which the rows of a batch are scored, fetched once."""


def prepare_leads(rows: Sequence[dict[str, Any]], by: Actor) -> None:
    """Find an owner for each row that names none, and tell the owners."""
    desk, scorer = Desk(), scorer_for()
    for values in rows:
        values[SCORER] = scorer
        if values.get("owner_id") is None:
            receiver = desk.receiver(values.get("region"), values.get("industry"), values.get("source"))
            if receiver is not None:
                values |= {"owner_id": receiver.id, "team_id": receiver.team_id}
    desk.keep_turns()
    for owner_id in sorted({values["owner_id"] for values in rows if values.get("owner_id") is not None}):
        _tell(owner_id, by)


def _tell(owner_id: int, by: Actor) -> None:
    """Once, until it is read, however many batches a file has."""
    told = exists().where(
        Notification.user_id == owner_id,
        Notification.actor_id == by.id,
        Notification.url == MY_LEADS,
        Notification.read_at.is_(None),
    )
    if not session.scalar(select(told)):
        notify(owner_id, "assigned", _l("%(who)s has imported leads for you", who=by.name), MY_LEADS, mail=False)


def import_lead(values: Mapping[str, Any], by: Actor) -> Lead:
    """A lead as a file describes it. Flushed by the caller."""
    lead = build_lead(values, by)
    values[SCORER].put(lead)
    session.add(lead)
    return lead


def prepare_updates(pairs: Sequence[tuple[Lead, dict[str, Any]]], by: Actor) -> None:
    scorer = scorer_for([lead.id for lead, _values in pairs])
    for _lead, values in pairs:
        values[SCORER] = scorer


def update_imported_lead(lead: Lead, values: Mapping[str, Any], by: Actor) -> None:
    """Change a lead to what a file says of it. What the file does not say stays. Flushed by the caller."""
    given = dict(values)
    update_lead(lead, given, by, scorer=given.pop(SCORER, None))
