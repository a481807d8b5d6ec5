"""What belongs to a deal beside its own columns: lines, people, competitors, answers to a gate, and its past."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from erpcrm.access.models import User
from erpcrm.catalog.models import Product
from erpcrm.core.actor import Actor
from erpcrm.core.db import session
from erpcrm.core.errors import NotThere, Refused, Stale
from erpcrm.core.i18n import _
from erpcrm.core.moves import make_move

from ..models import Competitor, Opportunity, OpportunityContact, OpportunityHistory, OpportunityLine, Stage
from .opportunities import set_lines, update_opportunity


def fill_gate(deal: Opportunity, values: Mapping[str, Any], by: Actor) -> None:
    """Store what a gate has asked for, each answer where it belongs."""
    plain = {name: values[name] for name in ("amount", "expected_close", "next_step", "description") if name in values}
    if values.get("customer"):
        plain["customer_id"] = values["customer"]
    own = {name.removeprefix("custom_"): value for name, value in values.items() if name.startswith("custom_")}
    if own:
        plain["custom"] = {**deal.custom, **own}
    if values.get("contacts"):
        add_person(deal, values["contacts"], None)
    if values.get("competitors"):
        add_competitor(deal, values["competitors"], None)
    if values.get("lines"):
        save_line(deal, None, {"text": values["lines"], "quantity": Decimal(1), "price": deal.amount}, by)
    update_opportunity(deal, plain, by)


def win(deal: Opportunity, answers: Mapping[str, Any], by: Actor, version: int | None = None) -> None:
    """Win the deal, storing first what its stages still ask for. GateClosed when that is not all they ask."""
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
        values = {**values, "price": _list_price(deal, values["product_id"])}
    lines = [_as_dict(line) if line.id != line_id else dict(values) for line in deal.lines]
    if line_id is None:
        lines.append(dict(values))
    elif line_id not in {line.id for line in deal.lines}:
        raise NotThere
    set_lines(deal, lines, by)


def _list_price(deal: Opportunity, product_id: int) -> Decimal | None:
    """The product's price, where it is in the deal's currency."""
    product = session.get(Product, product_id)
    return product.price if product is not None and product.currency == deal.currency else None


def remove_line(deal: Opportunity, line_id: int, by: Actor) -> None:
    _must_be_open(deal)
    set_lines(deal, [_as_dict(line) for line in deal.lines if line.id != line_id], by)


def _must_be_open(deal: Opportunity) -> None:
    if deal.status != "open":
        raise Refused(_("This deal is closed. Reopen it before you change what is in it."))


def _as_dict(line: OpportunityLine) -> dict[str, Any]:
    return {"product_id": line.product_id, "text": line.text, "quantity": line.quantity, "price": line.price}


@dataclass(frozen=True)
class Past:
    """One line of a deal's history, in words' raw material."""

    at: datetime
    by: str | None
    changed: list[str]
    stage: Stage
    row: OpportunityHistory
    before: OpportunityHistory | None


def history_of(deal: Opportunity, limit: int = 50) -> list[Past]:
    """How the deal came here, newest first."""
    query = (
        select(OpportunityHistory, User.name, Stage)
        .outerjoin(User, User.id == OpportunityHistory.by_id)
        .join(Stage, Stage.id == OpportunityHistory.stage_id)
        .where(OpportunityHistory.opportunity_id == deal.id)
        .order_by(OpportunityHistory.id.desc())
        .limit(limit + 1)
    )
    rows = session.execute(query).all()
    before = [row[0] for row in rows[1:]] + [None]
    return [
        Past(row.at, by, row.changed, stage, row, earlier)
        for (row, by, stage), earlier in list(zip(rows, before, strict=True))[:limit]
    ]
