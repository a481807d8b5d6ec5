"""Turning a lead into a customer, a contact and a deal: new, existing or none of each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from erpcrm.core.actor import Actor
from erpcrm.core.db import now, session
from erpcrm.core.errors import Refused
from erpcrm.core.i18n import _
from erpcrm.core.moves import make_move
from erpcrm.customers.models import Contact, Customer
from erpcrm.customers.services import (
    create_contact,
    create_customer,
    customer_candidates,
    link_contact,
    move_history,
)

from ..models import LEAD_FLOW, Lead, Opportunity, OpportunityContact
from .opportunities import create_opportunity

Choice = Literal["new", "existing", "none"]


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


def duplicates_of(lead: Lead) -> list[Any]:
    """Customers that may be the lead's company already."""
    return customer_candidates(customer_values(lead))


def customer_values(lead: Lead) -> dict[str, Any]:
    same = (
        "industry",
        "region",
        "size",
        "source",
        "website",
        "phone",
        "email",
        "owner_id",
        "team_id",
        "reading",
        "tags",
    )
    kind = "company" if lead.company else "person"
    return {name: getattr(lead, name) for name in same} | {"name": lead.name, "kind": kind}


def contact_values(lead: Lead) -> dict[str, Any]:
    values = {name: getattr(lead, name) for name in ("job_title", "phone", "email", "owner_id")} | {"name": lead.person}
    if lead.marketing_consent:
        values |= {
            "consent": "granted",
            "consent_on": lead.created_at.date(),
            "consent_source": lead.source_reference or lead.source,
        }
    return values


def convert(lead: Lead, choice: Conversion, by: Actor, version: int | None = None) -> None:
    """Convert the lead as chosen, carry its history over, and leave it pointing at what it became.

    Refused when nothing is chosen, when a chosen record is missing or closed, when the deal belongs to another
    customer, or when possible duplicates were not confirmed.
    """
    _check(lead, choice)
    make_move(lead, "convert", by=by, version=version, choice=choice)


def _check(lead: Lead, choice: Conversion) -> None:
    chosen = {choice.customer, choice.contact, choice.opportunity}
    if chosen == {"none"}:
        raise Refused(_("Choose at least one: a customer, a contact or a deal."))
    if choice.customer == "new" and not choice.confirmed and duplicates_of(lead):
        raise Refused(_("This customer may exist already. Choose it, or confirm that a new one is wanted."))
    if choice.contact == "new" and not lead.person:
        raise Refused(_("The lead names no person. Enter one first, or choose no contact."))
    picked = (
        (choice.customer, choice.existing_customer, _("Pick the customer.")),
        (choice.contact, choice.existing_contact, _("Pick the contact.")),
        (choice.opportunity, choice.existing_opportunity, _("Pick the deal.")),
    )
    for kind, record, message in picked:
        if kind == "existing" and record is None:
            raise Refused(message)
    _check_deal(choice)


def _check_deal(choice: Conversion) -> None:
    deal = choice.existing_opportunity
    if choice.opportunity != "existing" or deal is None:
        return
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
    customer = _customer(lead, choice, by)
    contact = _contact(lead, choice, customer, by)
    deal = _deal(lead, choice, customer, contact, by)
    lead.customer_id = customer.id if customer else None
    lead.contact_id = contact.id if contact else None
    lead.opportunity_id = deal.id if deal else None
    lead.converted_at = now()
    session.flush()
    target = deal or customer or contact
    if target is not None:
        move_history(lead, target)


def _customer(lead: Lead, choice: Conversion, by: Actor) -> Customer | None:
    if choice.customer == "new":
        return create_customer(customer_values(lead), by)
    if choice.customer == "existing":
        return choice.existing_customer
    deal = choice.existing_opportunity
    return deal.customer if deal is not None else None


def _contact(lead: Lead, choice: Conversion, customer: Customer | None, by: Actor) -> Contact | None:
    if choice.contact == "new":
        return create_contact(contact_values(lead), by, customer=customer)
    if choice.contact == "existing" and choice.existing_contact is not None:
        if customer is not None:
            link_contact(choice.existing_contact, customer)
        return choice.existing_contact
    return None


def _deal(
    lead: Lead, choice: Conversion, customer: Customer | None, contact: Contact | None, by: Actor
) -> Opportunity | None:
    if choice.opportunity == "none":
        return None
    if choice.opportunity == "existing":
        deal = choice.existing_opportunity
        assert deal is not None  # noqa: S101 - _check has refused this already
        if deal.customer_id is None and customer is not None:
            deal.customer_id = customer.id
    else:
        given = {
            "name": lead.need or lead.name,
            "source": lead.source,
            "owner_id": lead.owner_id,
            "team_id": lead.team_id,
        }
        deal = create_opportunity(given | dict(choice.deal) | {"customer_id": customer.id if customer else None}, by)
    if contact is not None and contact.id not in {person.contact_id for person in deal.people}:
        deal.people.append(OpportunityContact(contact_id=contact.id))
    session.flush()
    return deal
