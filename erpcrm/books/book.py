"""What a book of an old system says, whatever its files look like: whom it sold what, what came back, what is left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True)
class Seller:
    key: str
    name: str


@dataclass(frozen=True)
class Party:
    """A customer. `country` is its name in English."""

    code: str
    name: str
    country: str
    address: Mapping[str, str] = field(default_factory=dict)
    """street, city, state, postcode"""
    phone: str = ""
    contact: str = ""
    title: str = ""


@dataclass(frozen=True)
class Ware:
    """Something that was sold. `price` is its list price; goods are worth that in stock, where nobody knows what they cost."""

    code: str
    name: str
    price: Decimal
    stocked: bool = True
    category: str | None = None
    left: Decimal = ZERO
    """So many are in stock when the book ends"""
    discontinued: bool = False


@dataclass(frozen=True)
class Line:
    """So many of a ware, or of what a text says, at a price for one and with a discount in percent."""

    quantity: Decimal
    price: Decimal
    ware: str | None = None
    text: str | None = None
    discount: Decimal = ZERO


@dataclass(frozen=True)
class Sale:
    """An order with its old number. It was shipped and invoiced on one day, or is still open."""

    number: str
    customer: str
    ordered_on: date
    lines: Sequence[Line]
    shipped_on: date | None
    wanted_on: date | None = None
    seller: str | None = None
    carrier: str | None = None
    address: str | None = None


@dataclass(frozen=True)
class Part:
    """So many of a line of a sale, the first line being 0."""

    sale: str
    place: int
    quantity: Decimal


@dataclass(frozen=True)
class Credit:
    """A cancellation with its old number: parts of sales of this book that were taken back, and an amount beyond them that
    the customer had from before."""

    number: str
    customer: str
    on: date
    parts: Sequence[Part]
    alone: Decimal = ZERO


@dataclass(frozen=True)
class Book:
    """All of it, in one currency. Invoices were paid so many days after they were written, as far as `until` goes."""

    company: str
    currency: str
    time_zone: str
    sellers: Sequence[Seller]
    customers: Sequence[Party]
    wares: Sequence[Ware]
    sales: Sequence[Sale]
    credits: Sequence[Credit]
    until: date
    passed_over: Mapping[str, int] = field(default_factory=dict)
    """{why: how many lines of the files are not in it}"""
    terms: str = "net_30"
    paid_after: int = 30

    @property
    def begins(self) -> date:
        return min(sale.ordered_on for sale in self.sales)

    def up_to(self, day: date) -> "Book":
        """What had happened by the end of a day, with the customers and wares that it names. What was shipped later is open."""
        sales = [
            sale if sale.shipped_on is None or sale.shipped_on <= day else replace(sale, shipped_on=None)
            for sale in self.sales
            if sale.ordered_on <= day
        ]
        credits = [found for found in self.credits if found.on <= day]
        named = {sale.customer for sale in sales} | {found.customer for found in credits}
        sold = {line.ware for sale in sales for line in sale.lines}
        return replace(
            self,
            sales=sales,
            credits=credits,
            until=day,
            customers=[party for party in self.customers if party.code in named],
            wares=[ware for ware in self.wares if ware.left or ware.code in sold],
        )

    def needed(self) -> dict[str, Decimal]:
        """{ware: what must be in stock when the book begins, for all that was shipped to leave and the rest to be left}."""
        left = {ware.code: ware.left for ware in self.wares if ware.stocked}
        for sale in self.sales:
            for line in sale.lines if sale.shipped_on else ():
                if line.ware in left:
                    left[line.ware] += line.quantity
        return {code: quantity for code, quantity in left.items() if quantity > 0}
