"""Fills the side of the house that sells: products, three years of orders with all that follows, the board of credit."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection, func, insert, select

from erpcrm.access.models import User
from erpcrm.catalog.services import create_product
from erpcrm.company.models import Tax
from erpcrm.company.services import take_standard_taxes
from erpcrm.core.db import session
from erpcrm.core.numbers import next_numbers
from erpcrm.core.registry import record_type
from erpcrm.core.search.index import SearchEntry, rows_of
from erpcrm.core.settings import setting
from erpcrm.credit.models import CreditApplication
from erpcrm.customers.models import Customer
from erpcrm.finance.models import Account, Entry, EntryLine, Journal, JournalNumber
from erpcrm.finance.services import choose_chart
from erpcrm.inventory.models import (
    Location,
    ProductCost,
    Receipt,
    ReceiptLine,
    StockItem,
    StockLevel,
    StockMove,
)
from erpcrm.inventory.services import ensure_first_warehouse, outside

from .books import KINDS, Books, Ground
from .bulk import Row, unguarded, write
from .orders import ORDERS, PARTS, POOL, SHORT, YEARS, Trade, Ware, decide

FULL = {"orders": 250_000, "products": 1000}
GUARDED = (
    "journal_entries",
    "entry_lines",
    "invoices",
    "invoice_lines",
    "payments",
    "receivable_items",
    "allocations",
    "stock_moves",
)
"""Tables whose triggers keep what is posted, and let it only begin as a draft"""
SPARE = 5000
"""Of every product of which something is left"""
UNDECIDED = 200
"""Applications on the board beside those of the orders that wait"""


@dataclass(frozen=True)
class Laid:
    """What the orders stand on."""

    ground: Ground
    wares: Sequence[Ware]


def lay(products: int) -> Laid:
    """Taxes, chart of accounts, warehouse and products: through the verbs that users call."""
    take_standard_taxes("china")
    choose_chart("cn")
    warehouse = ensure_first_warehouse()
    for kind in ("customer", "supplier"):
        outside(kind)
    wares = []
    for place in range(max(products, SHORT + 1)):
        cost = 20 + place % 200
        given = {"code": f"W-{place:05d}", "name": f"Ware {place}", "price": Decimal(cost * 2), "cost": Decimal(cost)}
        wares.append(Ware(create_product(given, by=None).id, cost * 2, cost, short=place % SHORT == 0 and place > 0))
    ground = Ground(
        currency=setting("currency"),
        tax=session.scalars(select(Tax.id).where(Tax.name == "VAT 13%")).one(),
        accounts={role: id for role, id in session.execute(select(Account.role, Account.id)) if role},
        journals={purpose: id for purpose, id in session.execute(select(Journal.purpose, Journal.id)) if purpose},
        warehouse=warehouse.id,
        places={kind: id for kind, id in session.execute(select(Location.kind, Location.id))},
    )
    return Laid(ground, wares)


def trade_of(connection: Connection, laid: Laid, end: datetime, years: int) -> Trade:
    """For the customers that are there, who came over so many years."""
    rows = connection.execute(select(Customer.owner_id, Customer.team_id).order_by(Customer.id))
    owners = [(owner, team) for owner, team in rows]
    since = max(0.0, 1 - YEARS / years)
    return Trade(Random(3), end - timedelta(days=365 * YEARS), end, owners, laid.wares, since)


def populate(
    connection: Connection, laid: Laid, trade: Trade, count: int, say: Callable[[str], Any] = len, pool: int = POOL
) -> None:
    """So many orders, and `pool` for each of the writes that are measured."""
    began = time.monotonic()
    names = dict(connection.execute(select(Customer.id, Customer.name)).tuples().all())
    for table in (ORDERS, PARTS):
        table.create(connection)
    write(connection, _decided(trade, count, pool, names, connection.dialect.name))
    say(f"    {trade.orders:,} orders of {trade.lines:,} lines decided: {time.monotonic() - began:.0f} s")
    began = time.monotonic()
    books = Books(connection, laid.ground, trade.end)
    with unguarded(connection, *GUARDED):
        books.orders()
        _stock(connection, laid, trade)
        books.deliveries()
        books.entries()
        books.invoices()
        books.receivables()
    books.credit((trade.end + timedelta(days=90)).date())
    write(connection, _applications(connection, trade, count))
    journals = {"INV": "invoice", "PAY": "payment", "STK": "stock"}
    numbers = [
        {"journal_id": laid.ground.journals[journals[code]], "year": year, "next": last + 1}
        for (code, year), last in trade.numbers.items()
    ]
    connection.execute(insert(JournalNumber.__table__), numbers)
    for table in (ORDERS, PARTS):
        table.drop(connection)
    say(f"    their documents: {time.monotonic() - began:.0f} s")


def take_numbers(trade: Trade) -> None:
    """The sequences go on where the filling has ended."""
    for name in ("order", "delivery", "receipt", "credit_application"):
        next_numbers(name, trade.orders)


def _decided(trade: Trade, count: int, pool: int, names: dict[int, str], dialect: str) -> Iterator[tuple[Any, Row]]:
    """The rows of both plans, and what search knows of the documents."""
    for row, parts in decide(trade, count, pool):
        yield ORDERS, row
        for part in parts:
            del part["there"]
            yield PARTS, part
        customer = SimpleNamespace(name=names[row["customer_id"]], reading=None)
        for kind, number in (
            ("order", row["number"]), ("delivery", row["delivery_number"]), ("payment", row["payment_number"]),
            ("invoice", row["invoice_number"] or row["invoice"]),
        ):  # fmt: skip
            if number is not None:
                told = "" if number == "draft" else number
                seen = SimpleNamespace(id=row["id"], number=told, reference=None, customer=customer)
                for found in rows_of(record_type(kind), [seen], dialect):
                    yield SearchEntry.__table__, found


def _stock(connection: Connection, laid: Laid, trade: Trade) -> None:
    """A receipt at the beginning of each month brings what leaves in it; the first one brings all that stays, too."""
    write(connection, _receipts(laid, trade))
    place, ground = laid.ground.places["stock"], laid.ground
    items, levels, costs = [], [], []
    for ware in laid.wares:
        there = trade.promised[ware.id] + _spare(ware)
        whole = Decimal(there)
        items.append({
            "version": 1, "created_at": trade.start, "updated_at": trade.end, "product_id": ware.id,
            "warehouse_id": ground.warehouse, "on_hand": whole, "reserved": Decimal(trade.promised[ware.id]),
            "incoming": Decimal(0),
        })  # fmt: skip
        levels.append({"product_id": ware.id, "location_id": place, "on_hand": whole})
        cost = Decimal(ware.cost)
        costs.append(
            {"product_id": ware.id, "method": "average", "quantity": whole, "value": cost * there, "last_cost": cost}
        )
    for model, rows in ((StockItem, items), (StockLevel, levels), (ProductCost, costs)):
        connection.execute(insert(model.__table__), rows)


def _spare(ware: Ware) -> int:
    return 0 if ware.short else SPARE


def _receipts(laid: Laid, trade: Trade) -> Iterator[tuple[Any, Row]]:
    ground = laid.ground
    line_id = 0
    for number in range(1, trade.month(trade.end.date()) + 2):
        months = trade.start.year * 12 + trade.start.month - 1 + number - 1
        at = (
            trade.start.replace(year=months // 12, month=months % 12 + 1, day=1)
            if number > 1
            else trade.start - timedelta(days=1)
        )
        born = {"version": 1, "created_at": at, "updated_at": at, "created_by_id": None}
        yield Receipt.__table__, born | {
            "id": number, "number": f"R-{number:05d}", "status": "received", "warehouse_id": ground.warehouse,
            "sender": "Northwind Works", "expected_on": at.date(), "received_at": at,
        }  # fmt: skip
        whole = Decimal(0)
        for ware in laid.wares:
            came = trade.shipped[ware.id][number - 1] + (trade.promised[ware.id] + _spare(ware) if number == 1 else 0)
            if not came:
                continue
            line_id += 1
            quantity, cost = Decimal(came), Decimal(ware.cost)
            whole += quantity * cost
            yield ReceiptLine.__table__, born | {
                "id": line_id, "receipt_id": number, "product_id": ware.id, "quantity": quantity, "unit": "pcs",
                "factor": Decimal(1), "unit_cost": cost, "received": quantity,
            }  # fmt: skip
            yield StockMove.__table__, born | {
                "product_id": ware.id, "from_id": ground.places["supplier"], "to_id": ground.places["stock"],
                "quantity": quantity, "value": quantity * cost, "difference": Decimal(0), "moved_at": at,
                "document_type": "receipt", "document_id": number, "line_id": line_id,
            }  # fmt: skip
        if whole:
            yield from _receipt_entry(ground, trade, at, (trade.orders + 1) * KINDS + number, number, whole)


def _receipt_entry(
    ground: Ground, trade: Trade, at: datetime, id: int, receipt: int, whole: Decimal
) -> Iterator[tuple[Any, Row]]:
    yield Entry.__table__, {
        "id": id, "version": 1, "created_at": at, "updated_at": at, "created_by_id": None,
        "journal_id": ground.journals["stock"], "number": trade.number("STK", at.date()), "date": at.date(),
        "text": "Goods moved", "status": "posted", "total": whole, "document_type": "receipt", "document_id": receipt,
        "posted_at": at,
    }  # fmt: skip
    for position, (use, debit, credit) in enumerate(
        (("inventory", whole, Decimal(0)), ("uninvoiced_receipts", Decimal(0), whole))
    ):
        yield EntryLine.__table__, {
            "entry_id": id, "position": position, "account_id": ground.accounts[use], "date": at.date(), "posted": True,
            "debit": debit, "credit": credit,
        }  # fmt: skip


def _applications(connection: Connection, trade: Trade, count: int) -> Iterator[tuple[Any, Row]]:
    """One for each order that waits, some others that nobody has decided, and those of three years that were."""
    user = connection.scalar(select(func.min(User.id)))
    waiting = connection.execute(
        select(ORDERS.c.id, ORDERS.c.customer_id, ORDERS.c.gross).where(ORDERS.c.status == "waiting")
    ).all()
    asked: list[tuple[str, str, int | None, int, int, datetime]] = []
    decided = count // 50
    for number in range(decided):
        at = trade.start + (trade.end - trade.start) * (number / decided)
        asked.append(
            ("raise", "approved" if number % 3 else "rejected", None, 1 + number % len(trade.customers), 50_000, at)
        )
    states = ("submitted", "in_review", "asked_back", "endorsed")
    for number in range(UNDECIDED):
        at = trade.end - timedelta(hours=number)
        customer = 1 + number * 7919 % len(trade.customers)
        asked.append(("limit", states[number % len(states)], None, customer, 10_000 * (1 + number % 40), at))
    for order, customer, gross in waiting:
        asked.append(("release", "submitted", order, customer, gross // 100, trade.end - timedelta(hours=1)))
    for number, (kind, status, order, customer, amount, at) in enumerate(asked, 1):
        yield CreditApplication.__table__, {
            "id": number, "version": 1, "created_at": at, "updated_at": at, "created_by_id": user, "number": f"CA-{number:05d}",
            "customer_id": customer, "kind": kind, "status": status, "order_id": order, "amount": Decimal(amount),
            "reason": "A large order", "expires_on": (at + timedelta(days=30)).date(), "requested_by_id": user, "seen": {},
            "granted": Decimal(amount) if status == "approved" else None, "decided_at": at if status == "approved" else None,
        }  # fmt: skip
