"""The verbs of leads."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import inspect

from erpcrm.access.models import User
from erpcrm.core.actor import Actor
from erpcrm.core.db import Record, session
from erpcrm.core.errors import NotAllowed, Refused, Stale
from erpcrm.core.i18n import _
from erpcrm.core.moves import make_move
from erpcrm.core.options import option_label, options
from erpcrm.core.pinyin import pinyin_key
from erpcrm.customers import identity
from erpcrm.customers.services.customers import home_region

from ..models import LEAD_FLOW, Lead
from ..models.leads import ASSIGN
from .assignment import Desk, tell_owners
from .handing import tell_owner
from .scores import Scorer, scorer_for

REASONS = "lead.disqualify_reason"
DERIVED = {"status", "score", "score_terms", "name", "name_key", "converted_at", "last_activity_at"}
ENDS = {"disqualify_reason", "customer_id", "contact_id", "opportunity_id"}
"""Set by the moves that end a lead, and by nothing else."""
FILLABLE = frozenset(inspect(Lead).column_attrs.keys()) - Record.unaudited - DERIVED - ENDS
"""Columns that a form or a file may set."""


def create_lead(values: Mapping[str, Any], by: Actor | None) -> Lead:
    """A new lead, scored and, unless `values` names an owner, assigned by the rules. Its owner is told.

    Refused without a company or a person.
    """
    lead = build_lead(values, by)
    if lead.owner_id is None:
        desk = Desk()
        receiver = desk.receiver(lead.region, lead.industry, lead.source)
        if receiver is not None:
            lead.owner_id, lead.team_id = receiver.id, receiver.team_id
        desk.keep_turns()
    scorer_for().put(lead)
    session.add(lead)
    session.flush()
    tell_owner(lead, None, by)
    return lead


def build_lead(values: Mapping[str, Any], by: Actor | None) -> Lead:
    """A lead that is not yet in the session, neither assigned nor scored: for many at once."""
    lead = Lead(status=LEAD_FLOW.initial, created_by_id=by.id if by else None, tags=[], marketing_consent=False)
    _fill(lead, values)
    return lead


def update_lead(
    lead: Lead, values: Mapping[str, Any], by: Actor | None, version: int | None = None, scorer: Scorer | None = None
) -> None:
    """Change what `values` names, and score anew; `scorer` is handed in by whoever changes many at once.

    Stale when somebody else changed the lead since `version`. Refused when it is converted. A new owner needs the
    permission to assign, and is told.
    """
    if version is not None and version != lead.version:
        raise Stale(lead)
    if lead.status == "converted":
        raise Refused(_("This lead is converted. Change the customer or the deal instead."))
    before = lead.owner_id
    if by is not None and "owner_id" in values and values["owner_id"] != before and not by.may(ASSIGN):
        raise NotAllowed(ASSIGN)
    _fill(lead, values)
    (scorer or scorer_for([lead.id])).put(lead)
    if scorer is None:
        session.flush()
    tell_owner(lead, before, by)


def _fill(lead: Lead, values: Mapping[str, Any]) -> None:
    for name in FILLABLE & values.keys():
        setattr(lead, name, READERS.get(name, _plain)(values[name]))
    if "owner_id" in values and "team_id" not in values:
        owner = session.get(User, lead.owner_id) if lead.owner_id else None
        lead.team_id = owner.team_id if owner else None
    called: str | None = lead.company or lead.person
    if not called:
        raise Refused(_("A lead needs a company or a person."))
    lead.name = called
    lead.name_key = pinyin_key(called, lead.reading)


def _plain(value: Any) -> Any:
    return identity.clean(value) if isinstance(value, str) else value


READERS: dict[str, Any] = {
    "phone": lambda value: identity.any_phone(value, home_region()),
    "email": identity.any_email,
    "website": lambda value: identity.any_website(value) or identity.clean(value),
    "tags": lambda value: list(dict.fromkeys(value or ())),
    "marketing_consent": bool,
}


def give(leads: Sequence[Lead], owner: User, by: Actor) -> int:
    """Make `owner` the owner of leads. Returns how many changed hands; the owner is told once.

    Refused when the user is not active. Converted leads keep the owner that they had.
    """
    if not owner.active:
        raise Refused(_("%(name)s is not active.", name=owner.name))
    changed = [lead for lead in leads if lead.owner_id != owner.id and lead.status != "converted"]
    for lead in changed:
        lead.owner_id, lead.team_id = owner.id, owner.team_id
    session.flush()
    tell_owners(changed, by)
    return len(changed)


def disqualify(lead: Lead, reason: str, by: Actor | None, note: str | None = None, version: int | None = None) -> None:
    """Give a lead up: `reason` is a value of the list, `note` what there is to say about it.

    Refused when the reason is not on the list, or the lead has ended already.
    """
    if reason not in {choice.value for choice in options(REASONS)}:
        raise Refused(_("Choose one of the reasons."))
    told = ": ".join(filter(None, (str(option_label(REASONS, reason)), note)))
    make_move(lead, "disqualify", by=by, reason=told, version=version, why=reason)


@LEAD_FLOW.on("disqualify")
def _keep_reason(lead: Lead, by: Actor | None, details: Mapping[str, Any]) -> None:
    lead.disqualify_reason = details.get("why")


@LEAD_FLOW.on("reopen")
def _forget_reason(lead: Lead, by: Actor | None, details: Mapping[str, Any]) -> None:
    lead.disqualify_reason = None
