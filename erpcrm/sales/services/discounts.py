"""Nobody gives more away in an order than in an offer: what goes beyond a role's allowance somebody else has agreed to."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from erpcrm.core.actor import Actor
from erpcrm.core.db import session
from erpcrm.core.errors import Refused
from erpcrm.core.i18n import _, show_number

from .. import amounts
from ..models import Contract, OrderLine, SalesOrder
from .terms import allowance_of


@dataclass
class Agreed:
    """At what prices somebody who may has let things go already: per product's own unit, and in percent for free lines."""

    prices: dict[int, Decimal] = field(default_factory=dict)
    percent: Decimal = amounts.ZERO

    def add(self, document: Any, lines: Iterable[Any]) -> None:
        for line in lines:
            if line.product_id is None:
                self.percent = max(self.percent, amounts.discount_given(document, line))
            elif line.quantity:
                price = _price(document, line)
                self.prices[line.product_id] = min(self.prices.get(line.product_id, price), price)

    def covers(self, order: SalesOrder, line: OrderLine) -> bool:
        if line.product_id is None:
            return amounts.discount_given(order, line) <= self.percent
        least = self.prices.get(line.product_id)
        return least is not None and _price(order, line) >= least


def _price(document: Any, line: Any) -> Decimal:
    """What one of the product's own unit comes to after both discounts."""
    kept = line.price * amounts.kept_share(line.discount, document.discount)
    return Decimal(kept / line.factor)


def agreed_in(order: SalesOrder) -> Agreed:
    """What the order itself has, to compare it with what it is changed to."""
    found = Agreed()
    found.add(order, order.lines)
    return found


def check_order_discount(order: SalesOrder, by: Actor | None, before: Agreed | None = None) -> None:
    """Refused when a line gives more than `by` may, unless its offer, its contract, or the order `before` its change has
    that price. The system itself gives nothing away."""
    if by is None or not amounts.largest_discount(order, order.lines):
        return
    allowance = allowance_of(by)
    beyond = [line for line in order.lines if line.quantity and amounts.discount_given(order, line) > allowance]
    if not beyond:
        return
    agreed = before or Agreed()
    if order.quotation is not None:
        agreed.add(order.quotation, order.quotation.lines)
    if order.contract_id is not None:
        contract = session.get_one(Contract, order.contract_id)
        agreed.add(contract, contract.lines)
    for line in beyond:
        if not agreed.covers(order, line):
            raise Refused(
                _(
                    "“%(name)s”: a discount of %(percent)s %% is beyond the %(most)s %% that you may give. Somebody who may give"
                    " it has to confirm this order; or offer it first, and ask for approval there.",
                    name=line.name,
                    percent=show_number(amounts.discount_given(order, line).quantize(Decimal("0.01"))),
                    most=show_number(allowance),
                )
            )
