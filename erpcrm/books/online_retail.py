"""The book of a wholesaler of gifts: one CSV file of invoice lines, packed with gzip, cancellations among them."""

import csv
import gzip
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from .book import Book, Credit, Line, Part, Party, Sale, Ware

GOODS = re.compile(r"\d{5}")
"""How the code of goods begins; the others are postage, discounts, manual corrections"""
NO_CUSTOMER = "no customer named"
NOT_SOLD = "a price or quantity of zero, or a correction of stock"
Key = tuple[str, str, Decimal]
"""Customer, ware, price"""


@dataclass(frozen=True)
class Row:
    """A line of the file. `quantity` is below zero in a cancellation, whose number begins with C."""

    number: str
    ware: str
    name: str
    quantity: Decimal
    on: date
    price: Decimal
    customer: str
    country: str

    @property
    def cancels(self) -> bool:
        return self.number.startswith("C")


@dataclass
class _Open:
    """What is left of a line of a sale that a cancellation may take back."""

    sale: str
    place: int
    quantity: Decimal


def read(folder: Path) -> Book:
    """All of the file in `folder`.

    A cancellation takes back the newest earlier lines of the same customer, ware and price; what it cancels beyond them was
    sold before the file begins, or was never a sale.
    """
    path = next(iter(sorted(folder.glob("*.csv.gz"))), None)
    if path is None:
        raise FileNotFoundError(f"no .csv.gz file in {folder}")
    rows, passed_over = _rows(path)
    sales: dict[str, list[Row]] = defaultdict(list)
    credits: dict[str, list[Row]] = defaultdict(list)
    parts: dict[str, list[Part]] = defaultdict(list)
    alone: dict[str, Decimal] = defaultdict(Decimal)
    left: dict[Key, list[_Open]] = defaultdict(list)
    for row in rows:
        key = row.customer, row.ware, row.price
        if row.cancels:
            credits[row.number].append(row)
            rest = _take_back(left[key], -row.quantity, parts[row.number])
            alone[row.number] += rest * row.price
        else:
            sales[row.number].append(row)
            left[key].append(_Open(row.number, len(sales[row.number]) - 1, row.quantity))
    return Book(
        company="Online Retail",
        currency="GBP",
        time_zone="Europe/London",
        sellers=(),
        customers=_parties(rows),
        wares=_wares([row for row in rows if not row.cancels]),
        sales=[_sale(number, found) for number, found in sales.items()],
        credits=[
            Credit(number, found[0].customer, found[0].on, parts[number], alone[number])
            for number, found in credits.items()
        ],
        until=rows[-1].on,
        passed_over=passed_over,
    )


def _rows(path: Path) -> tuple[list[Row], Counter[str]]:
    """The lines that are sales or cancellations of a customer, and how many of the others there are."""
    found: list[Row] = []
    passed_over: Counter[str] = Counter()
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            quantity, price = Decimal(row["Quantity"]), Decimal(row["UnitPrice"])
            if not row["CustomerID"]:
                passed_over[NO_CUSTOMER] += 1
            elif price <= 0 or (quantity > 0) == row["InvoiceNo"].startswith("C"):
                passed_over[NOT_SOLD] += 1
            else:
                day = date.fromisoformat(row["InvoiceDate"][:10])
                found.append(
                    Row(
                        row["InvoiceNo"], row["StockCode"].upper(), row["Description"].strip(), quantity, day, price,
                        row["CustomerID"], row["Country"],
                    )
                )  # fmt: skip
    return found, passed_over


def _take_back(left: list[_Open], quantity: Decimal, parts: list[Part]) -> Decimal:
    """Take a quantity off what is left, the newest first. Returns what could not be taken."""
    while quantity and left:
        newest = left[-1]
        part = min(quantity, newest.quantity)
        parts.append(Part(newest.sale, newest.place, part))
        newest.quantity -= part
        quantity -= part
        if not newest.quantity:
            left.pop()
    return quantity


def _sale(number: str, rows: Sequence[Row]) -> Sale:
    first = rows[0]
    lines = [Line(row.quantity, row.price, row.ware) for row in rows]
    return Sale(number, first.customer, first.on, lines, first.on, first.on, address=first.country)


def _parties(rows: Sequence[Row]) -> list[Party]:
    """Customers have no names in the file. A few have bought in two countries: they are at home in the first."""
    countries: dict[str, str] = {}
    for row in rows:
        countries.setdefault(row.customer, row.country)
    return [Party(code, f"Customer {code}", country) for code, country in countries.items()]


def _wares(rows: Sequence[Row]) -> list[Ware]:
    """Each by the name and the price that most of its lines have, the earliest where several have as many."""
    names: dict[str, Counter[str]] = defaultdict(Counter)
    prices: dict[str, Counter[Decimal]] = defaultdict(Counter)
    for row in rows:
        names[row.ware][row.name] += 1
        prices[row.ware][row.price] += 1
    return [
        Ware(
            code=code,
            name=names[code].most_common(1)[0][0] or code,
            price=prices[code].most_common(1)[0][0],
            stocked=GOODS.match(code) is not None,
        )
        for code in names
    ]
