"""Turning a lead into a customer, a contact and a deal: new, existing or none of each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from erpcrm.access.models import User
from erpcrm.core.actor import Actor
from erpcrm.core.db import now, session
from erpcrm.core.errors import NotAllowed, Refused, Stale
from erpcrm.core.i18n import _, local_day
from erpcrm.core.moves import make_move
from erpcrm.core.options import option_label
from erpcrm.customers.models import Contact, Customer
from erpcrm.customers.services import (
    contact_candidates,
    create_contact,
    create_customer,
    customer_candidates,
    link_contact,
    move_history,
    update_contact,
)

from ..models import LEAD_FLOW, Lead, Opportunity
from ..models.leads import OPEN_LEAD
from .details import add_person
from .opportunities import create_opportunity, update_opportunity

Choice = Literal["new", "existing", "none"]
EDIT_CUSTOMER, EDIT_CONTACT = "customers.customer.edit", "customers.contact.edit"
EDIT_DEAL = "pipeline.opportunity.edit"


@dataclass
class Conversion:
    """What the user chose for each of the three; `deal` holds the values of a new one."""

    customer: Choice = "new"
    contact: Choice = "new"
    opportunity: Choice = "new"
    existing_customer: Customer | None = None
    existing_contact: Contact | None = None
    existing_opportunity: Opportunity | None = None
    deal: Mapping[str, Any] = field(default_factory=dict)
    confirmed: bool = False
    """The user has seen the possible duplicates and wants a new customer all the same."""
    confirmed_contact: bool = False
    """The same of the contact."""

    @property
    def at(self) -> Customer | None:
        """The customer that exists already and that contact and deal will belong to: chosen, or that of the chosen deal."""
        if self.customer == "existing":
            return self.existing_customer
        if self.customer == "none" and self.opportunity == "existing" and self.existing_opportunity is not None:
            return self.existing_opportunity.customer
        return None


def duplicates_of(lead: Lead, by: Actor | None = None) -> list[Any]:
    """Customers that may be the lead's company already; those that `by` does not see are marked."""
    return customer_candidates(customer_values(lead, by), actor=by)


def contacts_like(lead: Lead, by: Actor | None = None, customer: Customer | None = None) -> list[Any]:
    """Contacts that may be the lead's person already, whoever they belong to."""
    if not lead.person:
        return []
    return contact_candidates(contact_values(lead, by), customer_id=customer.id if customer else None)


def customer_values(lead: Lead, by: Actor | None) -> dict[str, Any]:
    same = ("industry", "region", "size", "source", "website", "phone", "email", "reading", "tags")
    kind = "company" if lead.company else "person"
    return {name: getattr(lead, name) for name in same} | {"name": lead.name, "kind": kind} | owner_of(lead, by)


def owner_of(lead: Lead, by: Actor | None) -> dict[str, Any]:
    """Who gets what the lead becomes: its owner, else whoever converts it."""
    if lead.owner_id is not None or by is None:
        return {"owner_id": lead.owner_id, "team_id": lead.team_id}
    converter = session.get(User, by.id)
    return {"owner_id": by.id, "team_id": converter.team_id if converter is not None else None}


def contact_values(lead: Lead, by: Actor | None) -> dict[str, Any]:
    same = {name: getattr(lead, name) for name in ("job_title", "phone", "email")}
    return same | {"name": lead.person, "owner_id": owner_of(lead, by)["owner_id"]} | consent_of(lead)


def consent_of(lead: Lead) -> dict[str, Any]:
    """The consent that was given with the lead: with its day, and where."""
    if not lead.marketing_consent:
        return {}
    came = [str(option_label("customer.source", lead.source)) if lead.source else None, lead.source_reference]
    return {
        "consent": "granted",
        "consent_on": local_day(lead.created_at),
        "consent_source": ", ".join(filter(None, came)) or None,
    }


def convert(lead: Lead, choice: Conversion, by: Actor, version: int | None = None) -> None:
    """Convert the lead as chosen, carry its history over, and leave it pointing at what it became.

    Refused when it is not open any more, when nothing is chosen, when a chosen record is missing or closed, when the deal
    belongs to another customer, or when possible duplicates were not confirmed. Making or changing any of the three needs
    the permission that doing so by hand would need.
    """
    session.refresh(lead, with_for_update=True)
    if version is not None and version != lead.version:
        raise Stale(lead)
    if lead.status in OPEN_LEAD:
        _check_permissions(choice, by)
        _check(lead, choice, by)
    make_move(lead, "convert", by=by, choice=choice)


def _check_permissions(choice: Conversion, by: Actor) -> None:
    makes = (
        (EDIT_CUSTOMER, choice.customer == "new"),
        (EDIT_CONTACT, choice.contact != "none"),
        (EDIT_DEAL, choice.opportunity != "none"),
    )
    for permission, needed in makes:
        if needed and not by.may(permission):
            raise NotAllowed(permission)


def _check(lead: Lead, choice: Conversion, by: Actor) -> None:
    if {choice.customer, choice.contact, choice.opportunity} == {"none"}:
        raise Refused(_("Choose at least one: a customer, a contact or a deal."))
    picked = (
        (choice.customer, choice.existing_customer, _("Pick the customer.")),
        (choice.contact, choice.existing_contact, _("Pick the contact.")),
        (choice.opportunity, choice.existing_opportunity, _("Pick the deal.")),
    )
    for kind, record, message in picked:
        if kind == "existing" and record is None:
            raise Refused(message)
    if choice.contact == "new" and not lead.person:
        raise Refused(_("The lead names no person. Enter one first, or choose no contact."))
    _check_deal(choice)
    if choice.customer == "new" and not choice.confirmed and duplicates_of(lead, by):
        raise Refused(_("This customer may exist already. Choose it, or confirm that a new one is wanted."))
    if choice.contact == "new" and not choice.confirmed_contact and contacts_like(lead, by, choice.at):
        raise Refused(_("This contact may exist already. Choose it, or confirm that a new one is wanted."))


def _check_deal(choice: Conversion) -> None:
    deal = choice.existing_opportunity
    if choice.opportunity != "existing" or deal is None:
        return
    session.refresh(deal, with_for_update=True)
    if deal.status != "open":
        raise Refused(_("The deal %(code)s is closed. Reopen it first, or make a new one.", code=deal.code))
    wanted = choice.existing_customer.id if choice.customer == "existing" and choice.existing_customer else None
    if deal.customer_id is not None and choice.customer != "none" and deal.customer_id != wanted:
        raise Refused(
            _("The deal %(code)s belongs to another customer. Choose that customer, or another deal.", code=deal.code)
        )


@LEAD_FLOW.on("convert")
def _convert(lead: Lead, by: Actor, details: dict[str, Any]) -> None:
    choice: Conversion = details["choice"]
    customer = create_customer(customer_values(lead, by), by) if choice.customer == "new" else choice.at
    contact = _contact(lead, choice, customer, by)
    deal = _deal(lead, choice, customer, contact, by)
    lead.customer_id = customer.id if customer else None
    lead.contact_id = contact.id if contact else None
    lead.opportunity_id = deal.id if deal else None
    lead.converted_at = now()
    session.flush()
    target = deal or customer or contact
    if target is not None:
        move_history(lead, target, contact_id=contact.id if contact else None)


def _contact(lead: Lead, choice: Conversion, customer: Customer | None, by: Actor) -> Contact | None:
    """A known contact works for the customer too from now on; its primary customer stays what it was, as does all that is
    known of it. What was not known yet is taken from the lead."""
    if choice.contact == "new":
        return create_contact(contact_values(lead, by), by, customer=customer)
    known = choice.existing_contact
    if choice.contact == "none" or known is None:
        return None
    if customer is not None:
        link_contact(known, customer)
    told = consent_of(lead) if known.consent == "unknown" else {}
    told |= {name: getattr(lead, name) for name in ("job_title", "email") if not getattr(known, name)}
    if not (known.phone or lead.phone in (known.mobile, known.other_phone)):
        told["phone"] = lead.phone
    update_contact(known, {name: value for name, value in told.items() if value}, None, by)
    return known


def _deal(
    lead: Lead, choice: Conversion, customer: Customer | None, contact: Contact | None, by: Actor
) -> Opportunity | None:
    deal = choice.existing_opportunity
    if choice.opportunity == "none":
        return None
    if choice.opportunity == "new" or deal is None:
        first_line = (lead.need or "").strip().partition("\n")[0]
        given = {"name": first_line[:200] or lead.name, "source": lead.source} | owner_of(lead, by) | dict(choice.deal)
        given["customer_id"] = customer.id if customer else None
        if lead.need != given["name"]:
            given.setdefault("description", lead.need)
        deal = create_opportunity(given, by)
    elif deal.customer_id is None and customer is not None:
        update_opportunity(deal, {"customer_id": customer.id}, by)
    if contact is not None and contact.id not in {person.contact_id for person in deal.people}:
        add_person(deal, contact.id, None)
    session.flush()
    return deal
