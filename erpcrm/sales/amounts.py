"""What lines and documents come to. Exact, and rounded half up to the currency's digits line by line (DESIGN section 4)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from erpcrm.company.taxation import Rounding, TaxedAmount, Totals, tax_in, tax_on, totals
from erpcrm.core.exact import round_money

HUNDRED = Decimal(100)
ZERO = Decimal(0)
MOST = Decimal(10) ** 12
"""What a document may come to: well below what the columns of all its sums hold, in any currency"""


class Line(Protocol):
    """What amounts are made of: a line of any document with prices."""

    quantity: Decimal
    price: Decimal
    discount: Decimal
    amount: Decimal
    cost: Decimal | None
    tax_id: int | None
    tax_rate: Decimal
    list_price: Decimal | None


class Document(Protocol):
    """What a document says of all its lines."""

    currency: str
    rate: Decimal
    discount: Decimal
    tax_included: bool
    tax_rounding: str


def kept_share(*discounts: Decimal) -> Decimal:
    """What several discounts one after the other leave of 1: 10 and 10 percent leave 0.81."""
    share = Decimal(1)
    for percent in discounts:
        share *= (HUNDRED - percent) / HUNDRED
    return share


def line_amount(
    quantity: Decimal, price: Decimal, discount: Decimal, document_discount: Decimal, currency: str
) -> Decimal:
    """What a line comes to after its own discount and the document's, both in percent, rounded to the currency's digits."""
    return round_money(quantity * price * kept_share(discount, document_discount), currency)


def document_totals(document: Document, lines: Iterable[Line]) -> Totals:
    """Net, tax and gross of the lines that count, in the document's currency; lines have their amounts already."""
    taxed = [TaxedAmount(line.amount, line.tax_id, line.tax_rate) for line in lines]
    rounding: Rounding = "document" if document.tax_rounding == "document" else "line"
    return totals(taxed, included=document.tax_included, rounding=rounding, currency=document.currency)


def part_amount(amount: Decimal, quantity: Decimal, before: Decimal, part: Decimal, currency: str) -> Decimal:
    """The share of a line's `amount` that `part` of its `quantity` has, when `before` has been shared out already.

    Shares of parts that make up the whole add up to the whole amount, to the cent, however it is cut.
    """
    if not quantity:
        return ZERO
    reached = round_money(amount * (before + part) / quantity, currency)
    return reached - round_money(amount * before / quantity, currency)


def gross_of(document: Document, line: Line) -> Decimal:
    """A line's amount with its tax, in the document's currency."""
    if document.tax_included:
        return line.amount
    return line.amount + round_money(tax_on(line.amount, line.tax_rate), document.currency)


def net_of(document: Document, line: Line) -> Decimal:
    """A line's amount without tax, in the document's currency."""
    if not document.tax_included:
        return line.amount
    return line.amount - round_money(tax_in(line.amount, line.tax_rate), document.currency)


def discount_given(document: Document, line: Line) -> Decimal:
    """Percent off what the customer would pay by the rules: both discounts, and a price below the one that was found.

    At least 0; a price above the rules' own makes good for a discount.
    """
    share = kept_share(line.discount, document.discount)
    if line.list_price:
        share *= line.price / line.list_price
    return max(HUNDRED - share * HUNDRED, ZERO)


def largest_discount(document: Document, lines: Iterable[Line]) -> Decimal:
    """The discount that decides whether somebody has to approve it, in percent with four digits."""
    found = max((discount_given(document, line) for line in lines if line.quantity), default=ZERO)
    return found.quantize(Decimal("0.0001"))


def shared_out(whole: Decimal, parts: Sequence[Decimal], may_take: Iterable[int] | None = None) -> list[Decimal]:
    """`parts` with what is missing to `whole` on the largest of them, or of those at the places `may_take`."""
    found = list(parts)
    rest = whole - sum(found, ZERO)
    if rest and found:
        largest = max(may_take if may_take is not None else range(len(found)), key=lambda place: abs(found[place]))
        found[largest] += rest
    return found


def sold_cost(lines: Iterable[Line], base: str, *, taken_back: bool = False) -> Decimal | None:
    """What the lines cost the company, in `base`, its currency. None where the cost of one is not known, but for what is taken
    back: goodwill lowers what was sold and not what it cost.
    """
    found = ZERO
    for line in lines:
        if line.cost is None and line.quantity and not taken_back:
            return None
        found += round_money(line.quantity * (line.cost or ZERO), base)
    return found


@dataclass(frozen=True)
class Margin:
    """What is left, in the company's currency. `percent` is None without sales, `known` false when a cost is missing."""

    sales: Decimal
    cost: Decimal
    known: bool

    @property
    def amount(self) -> Decimal:
        return self.sales - self.cost

    @property
    def percent(self) -> Decimal | None:
        return (self.amount / self.sales * HUNDRED).quantize(Decimal("0.1")) if self.sales else None


def margin(document: Document, lines: Iterable[Line], base: str) -> Margin:
    """Sales without tax less cost, in `base`, the company's currency. Lines of unknown cost count with none."""
    sales = cost = ZERO
    known = True
    for line in lines:
        sales += round_money(net_of(document, line) * document.rate, base)
        cost += round_money(line.quantity * (line.cost or ZERO), base)
        known = known and (line.cost is not None or not line.quantity)
    return Margin(sales, cost, known)
