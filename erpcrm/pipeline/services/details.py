"""What belongs to a deal beside its own columns: lines, people, competitors, answers to a gate."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from erpcrm.catalog.models import Product
from erpcrm.catalog.services import find_price
from erpcrm.core.actor import Actor
from erpcrm.core.db import session
from erpcrm.core.errors import NotThere, Refused, Stale
from erpcrm.core.fields import fold_custom
from erpcrm.core.i18n import _
from erpcrm.core.moves import make_move

from ..models import Competitor, Opportunity, OpportunityContact, OpportunityLine
from .opportunities import fill_line, sum_up, update_opportunity


def fill_gate(deal: Opportunity, values: Mapping[str, Any], by: Actor) -> None:
    """Store what a gate has asked for, each answer where it belongs."""
    plain = {name: values[name] for name in ("amount", "expected_close", "next_step", "description") if name in values}
    if values.get("customer"):
        plain["customer_id"] = values["customer"]
    if own := fold_custom(values).get("custom"):
        plain["custom"] = own
    update_opportunity(deal, plain, by)
    if values.get("contacts"):
        add_person(deal, values["contacts"], None)
    if values.get("competitors"):
        add_competitor(deal, values["competitors"], None)
    if values.get("lines"):
        save_line(deal, None, {"text": values["lines"], "quantity": Decimal(1), "price": deal.amount}, by)


def win(deal: Opportunity, answers: Mapping[str, Any], by: Actor, version: int | None = None) -> None:
    """Win the deal, storing first what its stages still ask for. GateClosed when that is not all they ask."""
    session.refresh(deal, with_for_update=True)
    if version is not None and version != deal.version:
        raise Stale(deal)
    if answers:
        fill_gate(deal, answers, by)
    make_move(deal, "win", by=by)


def add_person(deal: Opportunity, contact_id: int, role: str | None) -> OpportunityContact:
    """Name a contact who has a say, or change the role of one who is named already."""
    for person in deal.people:
        if person.contact_id == contact_id:
            person.role = role
            break
    else:
        person = OpportunityContact(contact_id=contact_id, role=role)
        deal.people.append(person)
    session.flush()
    return person


def add_competitor(deal: Opportunity, name: str, note: str | None) -> Competitor:
    competitor = Competitor(name=name, note=note)
    deal.competitors.append(competitor)
    session.flush()
    return competitor


def remove_part(deal: Opportunity, part: OpportunityContact | Competitor) -> None:
    session.delete(part)
    session.flush()
    session.expire(deal, ["people", "competitors"])


def save_line(deal: Opportunity, line_id: int | None, values: Mapping[str, Any], by: Actor) -> None:
    """Add a line, or change the one with `line_id`. The deal's amount follows."""
    _must_be_open(deal)
    if values.get("price") is None and values.get("product_id"):
        values = {**values, "price": _list_price(deal, values["product_id"], values.get("quantity"))}
    line = next((line for line in deal.lines if line.id == line_id), None)
    if line_id is None:
        line = OpportunityLine(position=max((line.position for line in deal.lines), default=0) + 1)
        deal.lines.append(fill_line(line, values))
    elif line is None:
        raise NotThere
    else:
        fill_line(line, values)
    sum_up(deal, by)


def _list_price(deal: Opportunity, product_id: int, quantity: Decimal | None) -> Decimal | None:
    """What the price lists for everybody say of so many, or the list price: in the deal's currency, without tax."""
    product = session.get(Product, product_id)
    if product is None:
        return None
    found = find_price(product, quantity or Decimal(1), product.unit, deal.currency)
    return found.amount if found is not None and not found.tax_included else None


def remove_line(deal: Opportunity, line_id: int, by: Actor) -> None:
    _must_be_open(deal)
    line = next((line for line in deal.lines if line.id == line_id), None)
    if line is None:
        raise NotThere
    # Deleted by name: an orphan would be gone without a word in the audit trail.
    session.delete(line)
    deal.lines.remove(line)
    sum_up(deal, by)


def _must_be_open(deal: Opportunity) -> None:
    if deal.status != "open":
        raise Refused(_("This deal is closed. Reopen it before you change what is in it."))
