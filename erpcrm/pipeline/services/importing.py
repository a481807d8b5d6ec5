"""Rows of a file become leads and deals: the same rules, in bulk and without asking the gates about the past."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from erpcrm.catalog.models import Product
from erpcrm.core.actor import Actor
from erpcrm.core.db import session
from erpcrm.core.errors import Refused
from erpcrm.core.exact import round_money
from erpcrm.core.i18n import _, today
from erpcrm.core.numbers import free_numbers
from erpcrm.customers.models import Customer

from ..models import Opportunity, OpportunityLine, Stage
from .opportunities import currency_for, fill_opportunity, sum_up
from .past import flush_as
from .stages import default_pipeline

ENDS = ("won", "lost")
STAGES = "_stages"
"""The stages of the pipeline that a file goes into, fetched once a batch."""


def prepare_opportunities(rows: Sequence[dict[str, Any]], by: Actor) -> None:
    """Fetch in bulk what the rows of a batch need: numbers, names of customers and products, teams of owners."""
    customers = _by_id(select(Customer.id, Customer.name, Customer.currency), Customer.id, rows, "customer_id")
    products = _by_id(select(Product.id, Product.name), Product.id, rows, "product_id")
    stages = default_pipeline().stages
    unnumbered = [values for values in rows if not values.get("code")]
    given = [str(values["code"]) for values in rows if values.get("code")]
    numbers = free_numbers("opportunity", len(unnumbered), Opportunity.code, given)
    for values, number in zip(unnumbered, numbers, strict=True):
        values["code"] = number
    for values in rows:
        customer, product = customers.get(values.get("customer_id")), products.get(values.get("product_id"))
        values["currency"] = values.get("currency") or currency_for(customer.currency if customer else None)
        values["name"] = values.get("name") or _name_of(customer, product, values["code"])
        values.setdefault("owner_id", by.id)
        values[STAGES] = stages


def _by_id(query: Any, key: Any, rows: Sequence[dict[str, Any]], name: str) -> dict[Any, Any]:
    wanted = {values[name] for values in rows if values.get(name) is not None}
    return {row[0]: row for row in session.execute(query.where(key.in_(wanted)))} if wanted else {}


def _name_of(customer: Any, product: Any, code: str) -> str:
    """A deal whose file gives no name is called by its product and customer."""
    return " – ".join(part.name for part in (product, customer) if part is not None) or code


def import_opportunity(values: Mapping[str, Any], by: Actor) -> Opportunity:
    """A deal as a file describes it. `stage` is a stage's id, or won or lost, and then `close_date` the day of it."""
    given = dict(values)
    stage, status = _stage_and_status(given.pop("stage", None), given.pop(STAGES, None))
    product, close = given.pop("product_id", None), given.pop("close_date", None)
    deal = Opportunity(code=given.pop("code"), status=status, created_by_id=by.id)
    given |= {"stage_id": stage.id, "opened_on": given.get("opened_on")}
    given["expected_close" if status == "open" else "closed_on"] = close or (None if status == "open" else today())
    session.add(deal)
    fill_opportunity(deal, given)
    deal.stage = stage
    if product is not None:
        amount = deal.amount if deal.amount is not None else Decimal(0)
        deal.lines = [
            OpportunityLine(position=1, product_id=product, quantity=Decimal(1), price=deal.amount, amount=amount)
        ]
    return deal


def update_imported(deal: Opportunity, values: Mapping[str, Any], by: Actor) -> None:
    """Change a deal to what a file says of it. What the file does not say stays."""
    given = {name: value for name, value in values.items() if name != "code"}
    if "stage" in given:
        stage, status = _stage_and_status(given.pop("stage"))
        if status != deal.status and deal.status != "open":
            raise Refused(_("This deal is closed. Reopen it before a file may change how it ended."))
        given["stage_id"] = stage.id if status == "open" else deal.stage_id
        deal.status = status
    close = given.pop("close_date", None)
    if close is not None:
        given["expected_close" if deal.status == "open" else "closed_on"] = close
    given.pop("product_id", None)
    with session.no_autoflush:
        only = deal.lines[0] if given.get("amount") is not None and len(deal.lines) == 1 else None
        if only is not None and only.quantity == 1:
            # The line came with the amount of a file, and goes with it.
            only.price = round_money(given.pop("amount"), given.get("currency") or deal.currency)
    fill_opportunity(deal, given)
    if only is not None:
        sum_up(deal, by)
    flush_as(by)


def _stage_and_status(chosen: str | None, fetched: Sequence[Stage] | None = None) -> tuple[Stage, str]:
    stages = fetched if fetched is not None else default_pipeline().stages
    if chosen in ENDS:
        return stages[-1], str(chosen)
    if not chosen:
        return stages[0], "open"
    stage = next((one for one in stages if one.id == int(chosen)), None) or session.get(Stage, int(chosen))
    if stage is None:
        raise Refused(_("This stage is not there any more."))
    return stage, "open"


def create_stage(name: str, by: Actor) -> str:
    """A stage that a file names and the pipeline does not have: it comes last, halfway to certain."""
    pipeline = default_pipeline()
    last = max((stage.position for stage in pipeline.stages), default=0)
    stage = Stage(name=name, probability=50, position=last + 1, required=[])
    pipeline.stages.append(stage)
    session.flush()
    return str(stage.id)
