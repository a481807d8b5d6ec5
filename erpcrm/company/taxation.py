"""Taxes of lines and documents: exact, and rounded half up to the currency's digits, as GAAP and the EU VAT Directive allow by
line or by document."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from erpcrm.core.exact import round_money

Rounding = Literal["line", "document"]
HUNDRED = Decimal(100)


@dataclass(frozen=True)
class TaxedAmount:
    """What one line comes to, already rounded to the currency's digits, and the tax on it.

    `amount` includes the tax or not, as its document says. `tax` tells taxes apart; `rate` is its percentage.
    """

    amount: Decimal
    tax: str | int | None
    rate: Decimal


@dataclass(frozen=True)
class TaxTotal:
    """One tax of a document: what it is due on, and how much it is."""

    tax: str | int | None
    rate: Decimal
    base: Decimal
    amount: Decimal


@dataclass(frozen=True)
class Totals:
    """`net` + `tax` is `gross`, always; `taxes` add up to `net` and `tax`."""

    net: Decimal
    tax: Decimal
    gross: Decimal
    taxes: tuple[TaxTotal, ...]


def tax_in(gross: Decimal, rate: Decimal) -> Decimal:
    """The tax that a price with tax contains, not rounded to a currency yet."""
    return gross * rate / (HUNDRED + rate)


def tax_on(net: Decimal, rate: Decimal) -> Decimal:
    """The tax that comes on top of a price without tax, not rounded to a currency yet."""
    return net * rate / HUNDRED


def totals(lines: Iterable[TaxedAmount], *, included: bool, rounding: Rounding, currency: str) -> Totals:
    """Net, tax and gross of a document whose lines include their tax, or don't.

    By "line" each line's tax is rounded and they are added; by "document" the lines of one tax are added first and rounded
    once. Which of the two holds is for the company to say; the customer pays the same `gross` where tax is included.
    """
    of = tax_in if included else tax_on
    bases: dict[tuple[str | int | None, Decimal], list[Decimal]] = {}
    for line in lines:
        bases.setdefault((line.tax, line.rate), []).append(line.amount)
    found = []
    for (tax, rate), amounts in bases.items():
        whole = sum(amounts, Decimal(0))
        if rounding == "document":
            due = round_money(of(whole, rate), currency)
        else:
            due = sum((round_money(of(amount, rate), currency) for amount in amounts), Decimal(0))
        found.append(TaxTotal(tax, rate, whole - due if included else whole, due))
    net = sum((one.base for one in found), Decimal(0))
    due = sum((one.amount for one in found), Decimal(0))
    return Totals(net, due, net + due, tuple(found))
