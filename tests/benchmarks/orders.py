"""Three years of orders, decided one by one: who ordered what, and how far each has come.

What is decided lies in two temporary tables, in whole numbers (money in hundredths); `books` makes all documents of them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import BigInteger, Column, Date, Integer, MetaData, String, Table

from erpcrm.core.db import UtcDateTime

from .bulk import Row

YEARS = 3
LINES = (2, 3, 4, 5, 6)
"""Of one order after the other: four on average"""
GIANT, ITS_SHARE = 7, 0.08
"""One customer has placed so much of all orders"""
POOL = 700
"""So many orders wait for each of the writes that are measured"""
WRITES = ("confirm", "ship", "post", "allocate")
RECENT = 45
"""Days after which an order is done with, whatever became of it"""
TAX = 13
HELD_EVERY = 997
"""Of so many customers one is on hold"""
SHORT = 50
"""Of every so many products one has nothing left"""

ORDERS = Table(
    "plan_orders",
    MetaData(),
    Column("id", Integer, primary_key=True),
    *(Column(name, Integer) for name in ("customer_id", "owner_id", "team_id")),
    *(Column(name, String) for name in ("number", "status", "delivery_state", "invoice_state")),
    *(Column(name, UtcDateTime) for name in ("at", "shipped_at")),
    *(Column(name, Date) for name in ("ordered_on", "wanted_on", "confirmed_on", "shipped_on", "invoiced_on", "due_on", "paid_on")),
    *(Column(name, BigInteger) for name in ("net", "tax", "gross", "undelivered", "uninvoiced", "cost", "paid", "settled")),
    *(Column(name, BigInteger) for name in ("bill_net", "bill_tax", "bill_gross")),
    *(Column(name, String) for name in ("delivery", "delivery_number", "invoice", "invoice_number", "payment_number", "goods_number")),
    prefixes=["TEMPORARY"],
)  # fmt: skip
"""`bill_net` and so on is what its invoice comes to, `cost` what the goods that left have cost, `settled` what of `paid` is allocated.
`delivery`, `invoice`: the state of it, if there is one."""
PARTS = Table(
    "plan_lines",
    MetaData(),
    Column("id", Integer, primary_key=True),
    *(Column(name, Integer) for name in ("order_id", "position", "product_id", "quantity", "price", "cost")),
    *(Column(name, Integer) for name in ("delivered", "invoiced", "leaving", "billing", "reserved")),
    prefixes=["TEMPORARY"],
)
"""`leaving` and `billing` are what stands on the delivery and on the invoice, `reserved` what is promised to the order."""


@dataclass(frozen=True)
class Ware:
    id: int
    price: int
    cost: int
    short: bool = False
    """Nothing is left of it: its orders wait"""


@dataclass
class Trade:
    """What orders are made of, and what they leave behind."""

    random: Random
    start: datetime
    end: datetime
    customers: Sequence[tuple[int | None, int | None]]
    """(owner, team) of customer 1 and the others, in the order in which they came"""
    wares: Sequence[Ware]
    since: float
    """The part of all customers that was there when the first order came"""
    numbers: Counter[tuple[str, int]] = field(default_factory=Counter)
    """How far the numbers of a journal have come in a year"""
    shipped: dict[int, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    """{product: {month of the three years: so many}}"""
    promised: Counter[int] = field(default_factory=Counter)
    """{product: so many for orders and deliveries}"""
    orders: int = 0
    lines: int = 0

    def number(self, journal: str, on: date) -> str:
        self.numbers[journal, on.year] += 1
        return f"{journal}-{on.year}-{self.numbers[journal, on.year]:05d}"

    def month(self, on: date) -> int:
        return (on.year - self.start.year) * 12 + on.month - self.start.month

    def a_customer(self, part: float) -> int:
        """A few buy most: the share of the first hundredth of all customers is a fifth."""
        if self.random.random() < ITS_SHARE and len(self.customers) > GIANT:
            return GIANT
        there = len(self.customers) * (self.since + (1 - self.since) * part)
        return 1 + int((there - 1) * self.random.random() ** 3)

    def a_ware(self, *, there: bool) -> Ware:
        """Some are sold ten times as often as others. `there`: one that can be delivered."""
        place = int(len(self.wares) * self.random.random() ** 2)
        return self.wares[place - 1 if there and self.wares[place].short else place]


def decide(trade: Trade, count: int, pool: int) -> Iterator[tuple[Row, list[Row]]]:
    """So many orders with their lines, and after them `pool` for each write that is measured."""
    for number in range(1, count + 1):
        part = number / count
        at = trade.start + (trade.end - trade.start) * part
        yield _order(trade, number, at, trade.a_customer(part), _fate(trade, at), LINES[number % len(LINES)])
    for place in range(pool * len(WRITES)):
        at = trade.end - timedelta(days=20) + timedelta(minutes=place)
        # Not of those who buy most: the form that allocates offers a hundred open items.
        most = len(trade.customers) // 50
        customer = 1 + most + place * 7919 % (len(trade.customers) - most)
        customer -= customer % HELD_EVERY == 0
        yield _order(trade, count + 1 + place, at, customer, WAITS[WRITES[place % len(WRITES)]](at.date()), 3)


@dataclass(frozen=True)
class Fate:
    """What becomes of an order. Days are those on which it happens; None: it has not happened."""

    status: str
    shipped: date | None = None
    invoiced: date | None = None
    paid: date | None = None
    share: float = 1.0
    """Of the invoice, that is paid"""
    part: bool = False
    """Only its first line has left"""
    ready: bool = False
    """The delivery waits to be shipped"""
    drafted: bool = False
    """The invoice waits to be posted"""
    settled: bool = True
    waited_for: bool = False
    """Made for a write that is measured: its goods are there"""


WAITS: Mapping[str, Any] = {
    "confirm": lambda _day: Fate("draft", waited_for=True),
    "ship": lambda _day: Fate("confirmed", ready=True, waited_for=True),
    "post": lambda day: Fate("confirmed", shipped=day + timedelta(days=2), drafted=True),
    "allocate": lambda day: Fate(
        "closed", day + timedelta(days=2), day + timedelta(days=3), day + timedelta(days=15), settled=False
    ),
}


def _fate(trade: Trade, at: datetime) -> Fate:
    random, day, today = trade.random, at.date(), trade.end.date()
    age = (today - day).days
    chance = random.random()
    if chance < 0.01:
        return Fate("cancelled")
    if age <= 20 and chance < 0.07:
        return Fate("draft" if chance < 0.04 else "waiting")
    shipped = day + timedelta(days=random.randint(1, 10 if age > RECENT else 25))
    if shipped > today:
        return Fate("confirmed", ready=chance > 0.8)
    invoiced = shipped + timedelta(days=random.randint(0, 3 if age > RECENT else 10))
    if invoiced > today:
        return Fate("confirmed", shipped)
    part = age <= RECENT and chance > 0.95
    paid = invoiced + timedelta(days=30 + int(random.gauss(6, 12)))
    if chance < 0.017 or paid > today:
        return Fate("confirmed" if part else "closed", shipped, invoiced, part=part)
    share = 0.5 if chance < 0.022 else 1.1 if chance < 0.025 else 1.0
    return Fate("confirmed" if part else "closed", shipped, invoiced, max(paid, invoiced), share, part=part)


def _order(trade: Trade, number: int, at: datetime, customer: int, fate: Fate, lines: int) -> tuple[Row, list[Row]]:
    owner, team = trade.customers[customer - 1]
    row: Row = dict.fromkeys(column.name for column in ORDERS.columns)
    day = at.date()
    trade.orders = number
    row |= {
        "id": number, "customer_id": customer, "owner_id": owner, "team_id": team, "number": f"SO-{number:05d}",
        "status": fate.status, "at": at, "ordered_on": day, "wanted_on": day + timedelta(days=10),
        "delivery_state": "nothing", "invoice_state": "nothing", "undelivered": 0, "uninvoiced": 0,
        "confirmed_on": day if fate.status in ("confirmed", "closed") else None,
    }  # fmt: skip
    parts = [_line(trade, number, position, fate) for position in range(1, lines + 1)]
    worth = [part["quantity"] * part["price"] for part in parts]
    row |= {"net": sum(worth) * 100, "tax": sum(worth) * TAX, "gross": sum(worth) * (100 + TAX)}
    if row["confirmed_on"] is not None:
        _come_along(trade, row, parts, fate)
    return row, parts


def _line(trade: Trade, order: int, position: int, fate: Fate) -> Row:
    ware = trade.a_ware(there=fate.waited_for)
    trade.lines += 1
    return {
        "id": trade.lines, "order_id": order, "position": position, "product_id": ware.id, "price": ware.price,
        "cost": ware.cost, "quantity": trade.random.randint(1, 20), "delivered": 0, "invoiced": 0, "leaving": 0, "billing": 0,
        "reserved": 0, "there": not ware.short,
    }  # fmt: skip


def _come_along(trade: Trade, row: Row, parts: Sequence[Row], fate: Fate) -> None:
    """How far the lines have come, and what the order and its documents come to for that."""
    for part in parts:
        gone = fate.shipped is not None and (part["position"] == 1 or not fate.part)
        part["delivered"] = part["quantity"] if gone else 0
        part["billing"] = part["delivered"] if fate.invoiced or fate.drafted else 0
        part["invoiced"] = part["billing"] if fate.invoiced else 0
        part["leaving"] = part["quantity"] if fate.ready else part["delivered"]
        product = part["product_id"]
        if gone:
            trade.shipped[product][trade.month(fate.shipped or trade.end.date())] += part["quantity"]
        elif fate.ready or part["there"]:
            part["reserved"] = 0 if fate.ready else part["quantity"]
            trade.promised[product] += part["quantity"]
    gross = {name: _worth(parts, name) * (100 + TAX) for name in ("quantity", "delivered", "invoiced")}
    row |= {"undelivered": gross["quantity"] - gross["delivered"], "uninvoiced": gross["delivered"] - gross["invoiced"]}
    row |= {"delivery_state": _state(parts, "delivered"), "invoice_state": _state(parts, "invoiced")}
    if fate.ready:
        row |= {"delivery": "ready", "delivery_number": f"D-{row['id']:05d}"}
    if fate.shipped is not None:
        row |= {
            "delivery": "delivered" if fate.invoiced else "shipped", "delivery_number": f"D-{row['id']:05d}",
            "shipped_on": fate.shipped, "shipped_at": min(row["at"] + (fate.shipped - row["ordered_on"]), trade.end),
            "cost": sum(part["delivered"] * part["cost"] for part in parts) * 100,
            "goods_number": trade.number("STK", fate.shipped),
        }  # fmt: skip
    if fate.drafted or fate.invoiced is not None:
        on = fate.invoiced or trade.end.date()
        row |= {"invoice": "draft" if fate.drafted else "posted", "invoiced_on": on, "due_on": on + timedelta(days=30)}
        bill = _worth(parts, "billing")
        row |= {"bill_net": bill * 100, "bill_tax": bill * TAX, "bill_gross": bill * (100 + TAX)}
    if fate.invoiced is not None:
        row["invoice_number"] = trade.number("INV", fate.invoiced)
    if fate.paid is not None:
        paid = int(row["bill_gross"] * fate.share)
        settled = min(paid, row["bill_gross"]) if fate.settled else 0
        row |= {
            "paid_on": fate.paid,
            "paid": paid,
            "settled": settled,
            "payment_number": trade.number("PAY", fate.paid),
        }


def _worth(parts: Sequence[Row], quantity: str) -> int:
    return sum(part[quantity] * part["price"] for part in parts)


def _state(parts: Sequence[Row], name: str) -> str:
    done = [part[name] == part["quantity"] for part in parts]
    return "all" if all(done) else "partly" if any(done) else "nothing"
