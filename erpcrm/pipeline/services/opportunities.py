"""The verbs of opportunities."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import inspect

from erpcrm.access.models import User
from erpcrm.company.services import rate
from erpcrm.core.actor import Actor
from erpcrm.core.db import Record, now, session
from erpcrm.core.errors import Refused, Stale
from erpcrm.core.exact import round_money
from erpcrm.core.i18n import _, _l, today
from erpcrm.core.moves import make_move
from erpcrm.core.numbers import next_number
from erpcrm.core.settings import setting
from erpcrm.customers.models import Customer

from ..models import OPPORTUNITY_FLOW, Opportunity, OpportunityHistory, OpportunityLine, Stage
from .handing import tell_owner
from .stages import default_pipeline

TRACKED = ("stage_id", "status", "amount", "currency", "base_amount", "expected_close", "owner_id")

FILLABLE = (
    frozenset(inspect(Opportunity).column_attrs.keys()) - Record.unaudited - {"code", "status", "rate", "base_amount"}
)
"""Columns that a form or a file may set."""

GATES: dict[str, Any] = {
    "customer": _l("Customer"),
    "amount": _l("Amount"),
    "expected_close": _l("Expected close"),
    "next_step": _l("Next step"),
    "description": _l("Description"),
    "contacts": _l("Contacts"),
    "lines": _l("Lines"),
    "competitors": _l("Competitors"),
}
"""What a stage may ask for before a deal leaves it; own fields come on top as custom_<key>."""


class GateClosed(Refused):
    """The stage that the deal would leave still asks for something: `missing` names the fields."""

    def __init__(self, missing: Sequence[str]) -> None:
        names = ", ".join(str(GATES.get(name, name)) for name in missing)
        super().__init__(_("This stage asks for: %(fields)s.", fields=names))
        self.missing = list(missing)


def create_opportunity(values: Mapping[str, Any], by: Actor | None) -> Opportunity:
    """A new open deal in the first stage of its pipeline, or the stage that `values` names.

    Its currency is the one given, else the customer's, else the company's; its owner the one given, else `by`.
    """
    deal = Opportunity(status=OPPORTUNITY_FLOW.initial, code=values.get("code") or next_number("opportunity"))
    deal.created_by_id = by.id if by else None
    given = {"owner_id": by.id if by else None, "opened_on": today()} | dict(values)
    pipeline = default_pipeline() if not given.get("pipeline_id") and not given.get("stage_id") else None
    if pipeline is not None:
        given |= {"pipeline_id": pipeline.id, "stage_id": pipeline.stages[0].id}
    session.add(deal)
    with session.no_autoflush:
        fill_opportunity(deal, given)
    _save(deal, by)
    tell_owner(deal, None, by)
    return deal


def update_opportunity(
    deal: Opportunity, values: Mapping[str, Any], by: Actor | None, version: int | None = None, *, tell: bool = True
) -> None:
    """Change what `values` names, and `tell` a new owner. Stale when somebody else changed the deal since `version`."""
    if version is not None and version != deal.version:
        raise Stale(deal)
    before = deal.owner_id
    fill_opportunity(deal, values)
    _save(deal, by)
    if tell:
        tell_owner(deal, before, by)


def fill_opportunity(deal: Opportunity, values: Mapping[str, Any]) -> None:
    """Set what `values` names, and what follows from it: pipeline, team, currency, amount in the company's currency."""
    for name in FILLABLE & values.keys():
        setattr(deal, name, values[name])
    stage = session.get(Stage, deal.stage_id) if deal.stage_id else None
    if stage is None:
        raise Refused(_("Choose a stage."))
    if "pipeline_id" in values and values["pipeline_id"] and stage.pipeline_id != values["pipeline_id"]:
        raise Refused(_("This stage belongs to another pipeline."))
    deal.pipeline_id = stage.pipeline_id
    if "owner_id" in values and "team_id" not in values:
        owner = session.get(User, deal.owner_id) if deal.owner_id else None
        deal.team_id = owner.team_id if owner else None
    if deal.currency is None:
        customer = session.get(Customer, deal.customer_id) if deal.customer_id else None
        deal.currency = currency_for(customer.currency if customer else None)
    if deal.amount is not None:
        deal.amount = round_money(deal.amount, deal.currency)
    amount_in_base(deal)


def currency_for(of_customer: str | None) -> str:
    """The currency in which a new deal starts: the customer's, else the company's."""
    return of_customer or setting("currency")


def amount_in_base(deal: Opportunity) -> None:
    """Keep the amount in the company's currency, at the rate of the day on which the amount is entered."""
    changed = inspect(deal)
    if not (changed.attrs.amount.history.has_changes() or changed.attrs.currency.history.has_changes()):
        return
    base = setting("currency")
    deal.rate = Decimal(1) if deal.currency == base else rate(deal.currency, deal.opened_on or today())
    deal.base_amount = None if deal.amount is None else round_money(deal.amount * deal.rate, base)


def _save(deal: Opportunity, by: Actor | None) -> None:
    """Flush, and keep what a forecast reads about the past."""
    state = inspect(deal)
    new = state.transient or state.pending
    changed = ["created"] if new else [name for name in TRACKED if state.attrs[name].history.has_changes()]
    if not new and "stage_id" in changed:
        deal.stage_since = now()
    session.flush()
    if changed:
        keep(deal, changed, by)
        session.flush()


def keep(deal: Opportunity, changed: Sequence[str], by: Actor | None) -> None:
    """Add to the history what the deal is like now. Flushed by the caller."""
    state = {name: getattr(deal, name) for name in TRACKED}
    session.add(OpportunityHistory(opportunity=deal, by_id=by.id if by else None, changed=list(changed), **state))


def missing_to_reach(deal: Opportunity, target: Stage | None) -> list[str]:
    """Fields that must be filled before `deal` may go forward to `target` (None: to be won).

    Every stage that is left on the way is asked, so that a long jump gets round none. Going back asks nothing.
    """
    stages = deal.pipeline.stages
    here = next(place for place, stage in enumerate(stages) if stage.id == deal.stage_id)
    there = len(stages) if target is None else next((p for p, stage in enumerate(stages) if stage.id == target.id), 0)
    asked = dict.fromkeys(name for stage in stages[here:there] for name in stage.required)
    return [name for name in asked if not _filled(deal, name)]


def _filled(deal: Opportunity, name: str) -> bool:
    match name:
        case "customer":
            return deal.customer_id is not None
        case "contacts":
            return bool(deal.people)
        case "lines":
            return bool(deal.lines)
        case "competitors":
            return bool(deal.competitors)
    if name.startswith("custom_"):
        return deal.custom.get(name.removeprefix("custom_")) not in (None, "")
    return getattr(deal, name, None) not in (None, "")


def move_to_stage(deal: Opportunity, target: Stage, by: Actor | None, version: int | None = None) -> None:
    """Bring an open deal to another stage of its pipeline, or to a stage of another one.

    Refused when the deal is closed; GateClosed when a stage on the way asks for more; Stale as in every edit.
    """
    session.refresh(deal, with_for_update=True)
    if version is not None and version != deal.version:
        raise Stale(deal)
    if deal.status != "open":
        raise Refused(
            _("This deal is %(state)s. Reopen it before you move it.", state=OPPORTUNITY_FLOW.state_of(deal).label)
        )
    if target.pipeline_id == deal.pipeline_id and (missing := missing_to_reach(deal, target)):
        raise GateClosed(missing)
    deal.stage_id, deal.pipeline_id = target.id, target.pipeline_id
    _save(deal, by)


def weighted(deal: Opportunity) -> Decimal | None:
    """The amount times the probability of its stage, in the deal's currency; None unless it is open with an amount."""
    if deal.status != "open" or deal.amount is None:
        return None
    return round_money(deal.amount * deal.stage.probability / 100, deal.currency)


def lose(deal: Opportunity, loss_reason: str, by: Actor, note: str | None = None, version: int | None = None) -> None:
    """Give a deal up, with the reason from the list and what there is to say."""
    make_move(deal, "lose", by=by, reason=note or loss_reason, version=version, loss_reason=loss_reason)


@OPPORTUNITY_FLOW.on("win")
def _won(deal: Opportunity, by: Actor | None, details: dict[str, Any]) -> None:
    if missing := missing_to_reach(deal, None):
        raise GateClosed(missing)
    _close(deal, by, details.get("closed_on"))


@OPPORTUNITY_FLOW.on("lose")
def _lost(deal: Opportunity, by: Actor | None, details: dict[str, Any]) -> None:
    if not details.get("loss_reason"):
        raise Refused(_("Choose why the deal was lost."))
    deal.loss_reason = details["loss_reason"]
    _close(deal, by, details.get("closed_on"))


@OPPORTUNITY_FLOW.on("reopen")
def _reopened(deal: Opportunity, by: Actor | None, details: dict[str, Any]) -> None:
    deal.closed_on = deal.loss_reason = None
    deal.stage_since = now()
    _keep_status(deal, by)


def _close(deal: Opportunity, by: Actor | None, closed_on: date | None) -> None:
    deal.closed_on = closed_on or today()
    _keep_status(deal, by)


def _keep_status(deal: Opportunity, by: Actor | None) -> None:
    # The workflow has flushed the new status already, so it no longer counts as a pending change.
    session.flush()
    keep(deal, ["status"], by)


def set_lines(deal: Opportunity, lines: Sequence[Mapping[str, Any]], by: Actor | None) -> None:
    """Replace the lines. Once every line has a price the deal's amount is their sum, so that the two can't disagree.

    A line is {product_id or text, quantity, price}; price None: not known yet, and the amount is left as it is.
    """
    deal.lines = [
        OpportunityLine(
            position=place,
            product_id=line.get("product_id"),
            text=line.get("text"),
            quantity=line["quantity"],
            price=line.get("price"),
            amount=round_money(line["quantity"] * (line.get("price") or Decimal(0)), deal.currency),
        )
        for place, line in enumerate(lines, 1)
    ]
    if deal.lines and all(line.price is not None for line in deal.lines):
        deal.amount = sum((line.amount for line in deal.lines), Decimal(0))
        amount_in_base(deal)
    _save(deal, by)
