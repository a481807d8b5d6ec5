"""Expected credit losses: what is open, by how long it is overdue and by the customer's grade, times a rate. No database.

The provision matrix of IFRS 9 (paragraph B5.5.35), and of the Chinese standard 企业会计准则第22号.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from erpcrm.core.exact import round_money
from erpcrm.finance.ageing import BANDS

from .scoring import GRADES

HUNDRED = Decimal(100)
ZERO = Decimal(0)
UNGRADED = "-"
COLUMNS = (*GRADES, UNGRADED)
STANDARD: Mapping[str, Mapping[str, str]] = {
    "current": {"A": "0.2", "B": "0.5", "C": "1", "D": "2", "E": "5", UNGRADED: "1.5"},
    "upto_30": {"A": "1", "B": "2", "C": "4", "D": "7", "E": "12", UNGRADED: "5"},
    "upto_60": {"A": "4", "B": "7", "C": "12", "D": "20", "E": "30", UNGRADED: "15"},
    "upto_90": {"A": "10", "B": "15", "C": "25", "D": "40", "E": "55", UNGRADED: "30"},
    "beyond": {"A": "35", "B": "45", "C": "60", "D": "75", "E": "90", UNGRADED: "65"},
}
"""Loss rates in percent, until the company gives its own."""


@dataclass(frozen=True)
class Loss:
    """So much is open in a band for customers of a grade, and so much of it is expected not to come."""

    band: str
    grade: str
    open: Decimal
    rate: Decimal
    loss: Decimal


def expected(
    open_amounts: Mapping[tuple[str, str], Decimal], rates: Mapping[str, Mapping[str, str]], currency: str
) -> Sequence[Loss]:
    """{(band, grade): open} times rates in percent, each rounded half up to the currency's digits."""
    found = []
    for band in BANDS:
        for grade in COLUMNS:
            amount = open_amounts.get((band.name, grade), ZERO)
            if amount:
                rate = Decimal(rates[band.name][grade])
                found.append(Loss(band.name, grade, amount, rate, round_money(amount * rate / HUNDRED, currency)))
    return found


def total(losses: Sequence[Loss]) -> Decimal:
    return sum((one.loss for one in losses), ZERO)
