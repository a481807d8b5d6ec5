"""How payments settle invoices: shares in the company's currency, and proposals. No database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import combinations

from erpcrm.core.exact import round_money

MOST_TRIED = 12
"""Of so many open items sets of two and three are tried for an exact match."""


@dataclass(frozen=True)
class OpenItem:
    """What a proposal needs to know of an amount that is owed: `open` above zero, `discount` may be taken off it today."""

    id: int
    open: Decimal
    due_on: date
    discount: Decimal = Decimal(0)


@dataclass(frozen=True)
class Proposal:
    """So much of the money for this item, and so much discount beside it."""

    item_id: int
    amount: Decimal
    discount: Decimal = Decimal(0)


def base_share(
    amount: Decimal, base: Decimal, open: Decimal, base_open: Decimal, part: Decimal, currency: str
) -> Decimal:
    """What `part` of an item is worth in `currency`, the company's, when `open` of its `amount` is still open.

    Reckoned from the whole each time, so that the shares of all parts add up to `base` to the cent, in whatever pieces the
    item is settled: 100.00 USD worth 712.35 CNY in three parts of 33.33, 33.33 and 33.34 gives 237.43 + 237.42 + 237.50.
    """
    if part == open:
        return base_open
    reached = round_money(base * (amount - open + part) / amount, currency)
    return reached - (base - base_open)


def propose(money: Decimal, items: Sequence[OpenItem]) -> list[Proposal]:
    """Which items a payment of `money` settles: one that matches exactly, with or without its discount, else two or three
    that do together, else all of them; else from the oldest on until the money is used up. What is left stays with the customer.
    """
    oldest_first = sorted(items, key=lambda item: (item.due_on, item.id))
    if money <= 0 or not oldest_first:
        return []
    exact = _exact(money, oldest_first)
    if exact is not None:
        return exact
    found, left = [], money
    for item in oldest_first:
        taken = min(left, item.open)
        if taken > 0:
            found.append(Proposal(item.id, taken))
            left -= taken
    return found


def _exact(money: Decimal, items: Sequence[OpenItem]) -> list[Proposal] | None:
    for item in items:
        if item.open == money:
            return [Proposal(item.id, money)]
    for item in items:
        if item.discount and item.open - item.discount == money:
            return [Proposal(item.id, money, item.discount)]
    if sum((item.open for item in items), Decimal(0)) == money:
        return [Proposal(item.id, item.open) for item in items]
    for size in (2, 3):
        for some in combinations(items[:MOST_TRIED], size):
            if sum((item.open for item in some), Decimal(0)) == money:
                return [Proposal(item.id, item.open) for item in some]
    with_discount = [Proposal(item.id, item.open - item.discount, item.discount) for item in items]
    if sum((one.amount for one in with_discount), Decimal(0)) == money:
        return with_discount
    return None
