"""The history of two companies is brought in through the services, and comes out with the figures that it had.

Northwind's first two months, and some customers of the wholesaler's first: `make books` does the whole of both.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
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
from tests.books.figures import NORTHWIND, ONLINE_RETAIL, northwind_until, retail_until

ROOT = Path(__file__).parents[2]
AUGUST = date(1996, 8, 31)
DECEMBER = date(2010, 12, 31)
ONE_IN = 40
"""Of so many customers of the wholesaler one is taken: those whose number it divides"""
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
        str(AUGUST),
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
    killed_after(15, app, folder)
    book = northwind.read(folder).up_to(AUGUST)
    assert keep(book) > 0
    assert keep(book) == 0, "what is there is taken once"

    assert setting("currency") == "USD"
    assert figures.count(SalesOrder) == len(book.sales) == 47
    customers, products = northwind_until(folder, str(AUGUST))
    assert figures.sold_to() == customers
    assert figures.sold_of() == products
    assert figures.sold() == sum(customers.values()) == figures.sold_in("year")["1996"]
    assert set(figures.sold_in("month")) == {"1996-07", "1996-08"}
    assert figures.units_in_stock() == NORTHWIND["units"]
    all_hold(today())

    open_orders = [sale for sale in book.sales if sale.shipped_on is None]
    assert figures.count(SalesOrder, SalesOrder.status == "confirmed") == len(open_orders)
    assert figures.count(Invoice) == figures.count(Delivery) == len(book.sales) - len(open_orders)
    due = [sale for sale in book.sales if sale.shipped_on and (AUGUST - sale.shipped_on).days >= 30]
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
    assert days[0] == date(1996, 7, 3), "the day before the first order"
    assert days[1] <= AUGUST
    numbers = db.session.scalars(select(SalesOrder.number).order_by(SalesOrder.id)).all()
    assert numbers == [f"SO-{place:05d}" for place in range(1, 48)], "none is left out, none is given twice"
    assert not db.session.scalars(select(User).where(User.name == "Steven Buchanan")).one().active


@pytest.mark.long
def test_invoices_and_cancellations_of_a_wholesaler_come_out_as_they_are_in_its_file(
    app: Flask, shared_data: Callable[[str], Path]
) -> None:
    folder = shared_data("online-retail")
    whole = online_retail.read(folder)
    by_number = {sale.number: sale for sale in whole.sales}
    book = replace(
        whole,
        sales=[sale for sale in whole.sales if int(sale.customer) % ONE_IN == 0],
        credits=[found for found in whole.credits if int(found.customer) % ONE_IN == 0],
    ).up_to(DECEMBER)
    lines = [(sale.ordered_on, line) for sale in whole.sales for line in sale.lines]
    assert (len(whole.sales), len(lines)) == (ONLINE_RETAIL["orders"], ONLINE_RETAIL["lines"])
    assert len({sale.customer for sale in whole.sales}) == ONLINE_RETAIL["buyers"]
    assert sum(line.quantity * line.price for _day, line in lines) == ONLINE_RETAIL["sold"]
    taken_back = sum(
        (
            by_number[part.sale].lines[part.place].price * part.quantity
            for found in whole.credits
            for part in found.parts
        ),
        sum((found.alone for found in whole.credits), Decimal(0)),
    )
    assert taken_back == ONLINE_RETAIL["credited"]
    assert sum(whole.passed_over.values()) == ONLINE_RETAIL["passed_over"]
    assert keep(book) > 0
    customers, products, cancelled = retail_until(folder, str(DECEMBER), ONE_IN)
    assert figures.sold_to() == customers
    assert figures.sold_of() == products
    assert figures.sold() == figures.invoiced("invoice") == sum(customers.values())
    on_invoices, alone = figures.invoiced("credit_note"), figures.credited_alone()
    assert on_invoices + alone == cancelled
    assert on_invoices > 0
    assert alone > 0
    sold = {(sale.number, place): line.ware for sale in book.sales for place, line in enumerate(sale.lines)}
    goods = {ware.code for ware in book.wares if ware.stocked}
    parts = [part for found in book.credits for part in found.parts]
    back = [part.quantity for part in parts if sold[part.sale, part.place] in goods]
    assert 0 < len(back) < len(parts), "goods, and a service"
    assert figures.units_in_stock() == sum(back), "what came back lies in stock again"
    all_hold(today())


def test_a_book_is_not_mixed_with_orders_of_another(app: Flask, shared_data: Callable[[str], Path]) -> None:
    other = create_customer({"name": "Somebody else"}, None)
    create_order({"customer_id": other.id}, [{"text": "Repair", "price": Decimal(80)}], None)
    db.session.commit()
    with pytest.raises(Refused, match="database of its own"):
        keep(northwind.read(shared_data("northwind")).up_to(AUGUST))
    assert setting("currency") == "CNY"
