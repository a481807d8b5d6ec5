"""The verbs of opportunities."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import inspect

from erpcrm.access.models import User
from erpcrm.company.services import rate
from erpcrm.core.actor import Actor
from erpcrm.core.db import Record, session
from erpcrm.core.errors import NotAllowed, Refused, Stale
from erpcrm.core.exact import round_money
from erpcrm.core.i18n import _, moment, today
from erpcrm.core.moves import make_move
from erpcrm.core.numbers import free_numbers
from erpcrm.core.settings import setting
from erpcrm.customers.models import Customer

from ..models import OPPORTUNITY_FLOW, Opportunity, OpportunityLine, Stage
from ..models.opportunities import ASSIGN
from ..probability import probability_of
from .gates import GateClosed, missing_between, missing_to_reach
from .handing import tell_owner
from .past import flush_as
from .stages import default_pipeline

FILLABLE = (
    frozenset(inspect(Opportunity).column_attrs.keys()) - Record.unaudited - {"code", "status", "rate", "base_amount"}
)
"""Columns that a form or a file may set."""
CLOSED_WITH = ("stage_id", "amount", "currency")
"""What stays as it was when a deal is won or lost."""


def create_opportunity(values: Mapping[str, Any], by: Actor | None) -> Opportunity:
    """A new open deal in the first stage of its pipeline, or the stage that `values` names.

    Its currency is the one given, else the customer's, else the company's; its owner the one given, else `by`.
    GateClosed when an earlier stage than its own asks for more than there is.
    """
    code = values.get("code") or free_numbers("opportunity", 1, Opportunity.code)[0]
    deal = Opportunity(status=OPPORTUNITY_FLOW.initial, code=code)
    deal.created_by_id = by.id if by else None
    given = {"opened_on": today()} | dict(values)
    if given.get("owner_id") is None:
        # A deal of nobody is seen by few: it would be gone for the seller who has just entered it.
        given["owner_id"] = by.id if by else None
    pipeline = default_pipeline() if not given.get("pipeline_id") and not given.get("stage_id") else None
    if pipeline is not None:
        given |= {"pipeline_id": pipeline.id, "stage_id": pipeline.stages[0].id}
    fill_opportunity(deal, given)
    if missing := missing_between(deal, None, session.get_one(Stage, deal.stage_id)):
        raise GateClosed(missing)
    session.add(deal)
    flush_as(by)
    tell_owner(deal, None, by)
    return deal


def update_opportunity(
    deal: Opportunity, values: Mapping[str, Any], by: Actor | None, version: int | None = None, *, tell: bool = True
) -> None:
    """Change what `values` names; the owner that it gets is told, unless `tell` is off.

    Stale when somebody else changed the deal since `version`. Another owner or team needs the permission to assign.
    Another stage is a move: GateClosed when a stage on the way asks for more than the deal then has. Refused where a
    closed deal would change what it was closed with.
    """
    if version is not None and version != deal.version:
        raise Stale(deal)
    given_away = any(name in values and values[name] != getattr(deal, name) for name in ("owner_id", "team_id"))
    if by is not None and given_away and not by.may(ASSIGN):
        raise NotAllowed(ASSIGN)
    before, owner = session.get_one(Stage, deal.stage_id), deal.owner_id
    fill_opportunity(deal, values)
    state = inspect(deal)
    if deal.status != "open" and any(state.attrs[name].history.has_changes() for name in CLOSED_WITH):
        session.expire(deal)
        raise Refused(_("This deal is closed. Reopen it before you change what is in it."))
    if deal.stage_id != before.id and (missing := missing_between(deal, before, session.get_one(Stage, deal.stage_id))):
        # What was typed is still in the form; the deal is again what is stored.
        session.expire(deal)
        raise GateClosed(missing)
    flush_as(by)
    if tell:
        tell_owner(deal, owner, by)


def fill_opportunity(deal: Opportunity, values: Mapping[str, Any]) -> None:
    """Set what `values` names, and what follows from it: pipeline, team, currency, amount in the company's currency."""
    # Nothing is written half way: the history tells one change, not its pieces.
    with session.no_autoflush:
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
        _amount_of_lines(deal)
        if deal.amount is not None:
            deal.amount = round_money(deal.amount, deal.currency)
        amount_in_base(deal)


def _amount_of_lines(deal: Opportunity) -> None:
    """Lines that all have prices leave no choice of an amount; in another currency they are rounded in its way."""
    state = inspect(deal).attrs
    if not inspect(deal).persistent or not (state.amount.history.has_changes() or state.currency.history.has_changes()):
        return
    if not deal.lines or any(line.price is None for line in deal.lines):
        return
    for line in deal.lines:
        line.amount = round_money(line.quantity * (line.price or 0), deal.currency)
    total = sum((line.amount for line in deal.lines), Decimal(0))
    if state.amount.history.has_changes() and deal.amount not in (None, total):
        raise Refused(_("The amount of this deal adds up from its lines. Change it there."))
    deal.amount = total


def currency_for(of_customer: str | None) -> str:
    """The currency in which a new deal starts: the customer's, else the company's."""
    return of_customer or setting("currency")


def amount_in_base(deal: Opportunity) -> None:
    """Keep the amount in the company's currency, at the rate of the day on which the deal was opened."""
    changed = inspect(deal)
    if not (changed.attrs.amount.history.has_changes() or changed.attrs.currency.history.has_changes()):
        return
    base = setting("currency")
    deal.rate = Decimal(1) if deal.currency == base else rate(deal.currency, deal.opened_on or today())
    deal.base_amount = None if deal.amount is None else round_money(deal.amount * deal.rate, base)


def must_be_open(deal: Opportunity) -> None:
    """Refused for a deal that has come to an end."""
    if deal.status != "open":
        raise Refused(
            _("This deal is %(state)s. Reopen it before you move it.", state=OPPORTUNITY_FLOW.state_of(deal).label)
        )


def move_to_stage(deal: Opportunity, target: Stage, by: Actor | None, version: int | None = None) -> None:
    """Bring an open deal to another stage of its pipeline, or to a stage of another one.

    Refused when the deal is closed; GateClosed when a stage on the way asks for more; Stale as in every edit.
    """
    session.refresh(deal, with_for_update=True)
    if version is not None and version != deal.version:
        raise Stale(deal)
    must_be_open(deal)
    if target.pipeline_id == deal.pipeline_id and (missing := missing_to_reach(deal, target)):
        raise GateClosed(missing)
    deal.stage_id, deal.pipeline_id = target.id, target.pipeline_id
    flush_as(by)


def weighted(deal: Opportunity) -> Decimal | None:
    """The amount times the probability that is in force, in the deal's currency; None unless it is open with an amount."""
    if deal.status != "open" or deal.amount is None:
        return None
    return round_money(deal.amount * probability_of(deal) / 100, deal.currency)


def lose(deal: Opportunity, loss_reason: str, by: Actor, note: str | None = None, version: int | None = None) -> None:
    """Give a deal up, with the reason from the list and what there is to say."""
    make_move(deal, "lose", by=by, reason=note or None, version=version, loss_reason=loss_reason)


@OPPORTUNITY_FLOW.on("win")
def _won(deal: Opportunity, by: Actor | None, details: dict[str, Any]) -> None:
    if missing := missing_to_reach(deal, None):
        raise GateClosed(missing)
    deal.closed_on = details.get("closed_on") or today()


@OPPORTUNITY_FLOW.on("lose")
def _lost(deal: Opportunity, by: Actor | None, details: dict[str, Any]) -> None:
    if not details.get("loss_reason"):
        raise Refused(_("Choose why the deal was lost."))
    deal.loss_reason = details["loss_reason"]
    deal.closed_on = details.get("closed_on") or today()


@OPPORTUNITY_FLOW.on("reopen")
def _reopened(deal: Opportunity, by: Actor | None, details: dict[str, Any]) -> None:
    deal.closed_on = deal.loss_reason = None
    deal.stage_since = moment()


def set_lines(deal: Opportunity, lines: Sequence[Mapping[str, Any]], by: Actor | None) -> None:
    """Replace the lines by others. A line is {product_id or text, quantity, price}; price None: not known yet."""
    for line in deal.lines:
        session.delete(line)
    deal.lines = [fill_line(OpportunityLine(position=place), line) for place, line in enumerate(lines, 1)]
    sum_up(deal, by)


def fill_line(line: OpportunityLine, values: Mapping[str, Any]) -> OpportunityLine:
    for name in ("product_id", "text", "quantity", "price"):
        setattr(line, name, values.get(name))
    return line


def sum_up(deal: Opportunity, by: Actor | None) -> None:
    """Once every line has a price the deal's amount is their sum, so that the two can't disagree; until then it stays."""
    with session.no_autoflush:
        for line in deal.lines:
            line.amount = round_money(line.quantity * (line.price or Decimal(0)), deal.currency)
        if deal.lines and all(line.price is not None for line in deal.lines):
            deal.amount = sum((line.amount for line in deal.lines), Decimal(0))
            amount_in_base(deal)
    flush_as(by)
