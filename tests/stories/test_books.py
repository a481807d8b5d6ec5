"""The history of two companies is brought in through the services, and comes out with the figures that it had.

Northwind's first half year and the first day of the wholesaler; `make books` does the whole of both.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from erpcrm.access.models import User
from erpcrm.books import figures, northwind, online_retail
from erpcrm.books.keeping import keep
from erpcrm.core.db import db
from erpcrm.core.errors import Refused
from erpcrm.core.i18n import today
from erpcrm.core.lifecycle import transaction
from erpcrm.core.settings import setting
from erpcrm.customers.services import create_customer
from erpcrm.finance.models import Entry, Invoice, Payment
from erpcrm.inventory.models import Delivery
from erpcrm.sales.models import SalesOrder
from erpcrm.sales.services import create_order
from tests.books.figures import NORTHWIND, retail_until

ROOT = Path(__file__).parents[2]
NEW_YEAR = date(1996, 12, 31)
FIRST_DAY = date(2010, 12, 1)
PATIENCE = 120


def command(app: Flask, folder: Path) -> list[str]:
    return [
        sys.executable,
        "-m",
        "flask",
        "--app",
        "app",
        "import-book",
        "northwind",
        str(folder),
        "--until",
        str(NEW_YEAR),
    ]


def environment(app: Flask) -> Mapping[str, str]:
    url = db.engine.url.render_as_string(hide_password=False)
    return os.environ | {"DATABASE_URL": url, "SECRET_KEY": "tests only"}


def orders_there() -> int:
    """Read without waiting for the other process, which is writing."""
    with transaction(writes=False):
        return figures.count(SalesOrder)


def killed_after(orders: int, app: Flask, folder: Path) -> None:
    """Start the command and kill it as soon as so many orders are there: in the middle of something."""
    db.session.rollback()
    started = subprocess.Popen(
        command(app, folder), cwd=ROOT, env=environment(app), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        ends = time.monotonic() + PATIENCE
        while orders_there() < orders:
            assert started.poll() is None, "it ended by itself"
            assert time.monotonic() < ends, "it takes too long"
            time.sleep(0.05)  # another process is at work: there is nothing here to wait for
    finally:
        started.send_signal(signal.SIGKILL)
        started.wait()


def all_hold(day: date) -> None:
    assert [f"{one.what}: {one.one} and {one.other}" for one in figures.checks(day) if not one.holds] == []


def test_a_history_that_was_killed_in_the_middle_goes_on_and_comes_to_its_figures(
    app: Flask, shared_data: Callable[[str], Path]
) -> None:
    folder = shared_data("northwind")
    killed_after(40, app, folder)
    book = northwind.read(folder).up_to(NEW_YEAR)
    assert keep(book) > 0
    assert keep(book) == 0, "what is there is taken once"

    assert setting("currency") == "USD"
    assert figures.count(SalesOrder) == len(book.sales) == 152
    assert figures.sold() == NORTHWIND["years"]["1996"]
    assert figures.sold_in("year") == {"1996": NORTHWIND["years"]["1996"]}
    assert figures.units_in_stock() == NORTHWIND["units"]
    all_hold(today())

    open_orders = [sale for sale in book.sales if sale.shipped_on is None]
    assert figures.count(SalesOrder, SalesOrder.status == "confirmed") == len(open_orders)
    assert figures.count(Invoice) == figures.count(Delivery) == len(book.sales) - len(open_orders)
    due = [sale for sale in book.sales if sale.shipped_on and (NEW_YEAR - sale.shipped_on).days >= 30]
    assert figures.count(Payment) == len(due)

    first = db.session.scalars(select(SalesOrder).where(SalesOrder.reference == "10248")).one()
    assert [line.amount for line in first.lines] == [Decimal(168), Decimal(98), Decimal(174), Decimal("32.38")]
    assert (first.ordered_on, first.status, first.customer.code) == (date(1996, 7, 4), "closed", "VINET")
    assert first.owner is not None
    assert first.owner.name == "Steven Buchanan"
    invoice = db.session.scalars(select(Invoice).where(Invoice.order_id == first.id)).one()
    assert (invoice.date, invoice.gross, invoice.reference) == (date(1996, 7, 16), Decimal("472.38"), "10248")
    shipped = db.session.scalars(select(Delivery).where(Delivery.order_id == first.id)).one()
    assert shipped.shipped_at is not None
    assert shipped.shipped_at.date() == date(1996, 7, 16)
    assert (shipped.carrier, shipped.created_at.date() >= date(2026, 1, 1)) == ("Federal Shipping", True)
    assert db.session.scalars(select(Payment.date).where(Payment.reference == "10248")).all() == [date(1996, 8, 15)]
    days = db.session.execute(select(func.min(Entry.date), func.max(Entry.date))).one()
    assert tuple(days) == (date(1996, 7, 3), NEW_YEAR)
    numbers = db.session.scalars(select(SalesOrder.number).order_by(SalesOrder.id)).all()
    assert numbers == [f"SO-{place:05d}" for place in range(1, 153)], "none is left out, none is given twice"
    assert not db.session.scalars(select(User).where(User.name == "Steven Buchanan")).one().active


def test_invoices_and_cancellations_of_a_wholesaler_come_out_as_they_are_in_its_file(
    app: Flask, shared_data: Callable[[str], Path]
) -> None:
    folder = shared_data("online-retail")
    book = online_retail.read(folder).up_to(FIRST_DAY)
    assert sum(book.passed_over.values()) == 36_217
    assert keep(book) > 0
    customers, products, cancelled = retail_until(folder, str(FIRST_DAY))
    assert figures.sold_to() == customers
    assert figures.sold_of() == products
    assert figures.sold() == figures.invoiced("invoice") == sum(customers.values())
    on_invoices, alone = figures.invoiced("credit_note"), figures.credited_alone()
    assert on_invoices + alone == cancelled
    assert on_invoices > 0
    assert alone > 0
    back = sum(part.quantity for found in book.credits for part in found.parts)
    assert figures.units_in_stock() == back, "what came back lies in stock again"
    all_hold(today())


def test_a_book_is_not_mixed_with_orders_of_another(app: Flask, shared_data: Callable[[str], Path]) -> None:
    other = create_customer({"name": "Somebody else"}, None)
    create_order({"customer_id": other.id}, [{"text": "Repair", "price": Decimal(80)}], None)
    db.session.commit()
    with pytest.raises(Refused, match="database of its own"):
        keep(northwind.read(shared_data("northwind")).up_to(NEW_YEAR))
    assert setting("currency") == "CNY"
