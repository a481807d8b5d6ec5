"""How an early-payment discount is made up of net amounts and taxes, by the taxes of its invoice. No database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from erpcrm.core.exact import round_money

ZERO = Decimal(0)
Key = tuple[int | None, Decimal]
"""A tax and its rate in percent"""


@dataclass(frozen=True)
class Taxed:
    """What an invoice has of one tax, in its currency."""

    key: Key
    net: Decimal
    tax: Decimal


@dataclass(frozen=True)
class Share:
    """What of a discount falls on one tax: net and tax in the invoice's currency, and in the company's."""

    key: Key
    net: Decimal
    tax: Decimal
    base_net: Decimal
    base_tax: Decimal


def split(
    amount: Decimal,
    base: Decimal,
    invoiced: Sequence[Taxed],
    before: Mapping[Key, Share],
    rate: Decimal,
    currency: str,
    own: str,
) -> list[Share]:
    """`amount` of an invoice in `currency`, worth `base` in `own`, by the taxes of the invoice.

    Reckoned from the whole each time (`before`: what discounts have taken of each tax already), so that the shares of all discounts
    come to the invoice's own figures to the cent. The shares add up to `amount` and to `base` exactly.
    """
    whole = sum((one.net + one.tax for one in invoiced), ZERO)
    reached = amount + sum((one.net + one.tax for one in before.values()), ZERO)
    nothing = Share((None, ZERO), ZERO, ZERO, ZERO, ZERO)
    gross_run = tax_run = ZERO
    gross_before = tax_before = base_before = ZERO
    parts: list[tuple[Key, Decimal, Decimal, Decimal]] = []
    for one in invoiced:
        known = before.get(one.key, nothing)
        gross_run, tax_run = gross_run + one.net + one.tax, tax_run + one.tax
        gross_upto = round_money(reached * gross_run / whole, currency)
        tax_upto = round_money(reached * tax_run / whole, currency)
        base_upto = round_money(tax_upto * rate, own)
        gross = gross_upto - gross_before - known.net - known.tax
        tax, base_tax = tax_upto - tax_before - known.tax, base_upto - base_before - known.base_tax
        gross_before, tax_before, base_before = gross_upto, tax_upto, base_upto
        parts.append((one.key, gross - tax, tax, base_tax))
    base_nets = _by_weight(base - sum((part[3] for part in parts), ZERO), [part[1] for part in parts], own)
    return [
        Share(key, net, tax, base_net, base_tax)
        for (key, net, tax, base_tax), base_net in zip(parts, base_nets, strict=True)
    ]


def _by_weight(amount: Decimal, weights: Sequence[Decimal], currency: str) -> list[Decimal]:
    """`amount` in shares like `weights`, rounded; they add up to it."""
    whole = sum(weights, ZERO)
    if not whole:
        return [amount, *(ZERO for _one in weights[1:])]
    found, run, given = [], ZERO, ZERO
    for weight in weights:
        run += weight
        upto = round_money(amount * run / whole, currency)
        found.append(upto - given)
        given = upto
    return found
