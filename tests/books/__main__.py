"""`make books`: bring both books in as a whole, into databases of their own, and hold them against their READMEs.

Each gets a file; with TEST_DATABASE=postgresql a database on TEST_POSTGRES_URL, or on a server that is started for it. ONLY=northwind
does one of them, and DATABASE_URL then names an empty database for it.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from click import ClickException

from erpcrm import create_app
from erpcrm.books import figures
from erpcrm.books.commands import import_book
from erpcrm.core.db import create_schema, db
from erpcrm.core.lifecycle import transaction
from erpcrm.finance.models import Invoice
from erpcrm.sales.models import SalesOrder
from tests import postgres

from .figures import NORTHWIND, ONLINE_RETAIL

SHARED = Path(os.environ.get("SHARED_DATA") or Path(__file__).parents[3] / "shared" / "data")
Figure = tuple[str, Any, Any]


def northwind() -> Iterator[Figure]:
    wanted: dict[str, Any] = NORTHWIND
    yield "orders", wanted["orders"], figures.count(SalesOrder)
    yield "order lines", wanted["lines"], figures.lines_sold()
    yield "net of discount", wanted["sold"], figures.sold()
    yield "freight", wanted["freight"], figures.texts_sold()
    yield from _each(wanted["years"], figures.sold_in("year"))
    yield from _each(wanted["best"], figures.sold_to())
    yield "units in stock", wanted["units"], figures.units_in_stock()
    yield "stock at list price", wanted["stock"], figures.stock_value()


def online_retail() -> Iterator[Figure]:
    wanted: dict[str, Any] = ONLINE_RETAIL
    yield "invoices", wanted["orders"], figures.count(Invoice, Invoice.kind == "invoice")
    yield "lines", wanted["lines"], figures.lines_sold()
    yield "customers that bought", wanted["buyers"], len(figures.sold_to())
    yield "sold", wanted["sold"], figures.sold()
    yield "invoiced", wanted["sold"], figures.invoiced("invoice")
    yield from _each(wanted["months"], figures.sold_in("month"))
    yield from _each(wanted["best"], figures.sold_to())
    yield "credited", wanted["credited"], figures.invoiced("credit_note") + figures.credited_alone()


def _each(wanted: dict[str, Any], found: dict[str, Any]) -> Iterator[Figure]:
    for key, amount in wanted.items():
        yield key, amount, found.get(key)


def bring(name: str, expected: Callable[[], Iterator[Figure]], url: str) -> bool:
    """Import a book and print each figure beside what it should be."""
    app = create_app({"SQLALCHEMY_DATABASE_URI": url, "SECRET_KEY": "scratch"})
    with app.app_context():
        create_schema()
    began, cpu, right = time.monotonic(), time.process_time(), True
    with app.app_context():
        try:
            import_book.main([name, str(SHARED / name)], standalone_mode=False)
        except ClickException as error:
            print(error.message)
            right = False
    print(f"{name}: {time.monotonic() - began:.0f} s, {time.process_time() - cpu:.0f} s of them computing")
    with app.app_context(), transaction(writes=False):
        engine = db.engine
        for what, wanted, found in expected():
            right &= wanted == found
            print(f"{'ok' if wanted == found else 'WRONG':>6}  {what}: expected {wanted:,.2f}, is {found or 0:,.2f}")
    engine.dispose()  # whoever is connected keeps a database from being dropped
    return right


def main() -> int:
    only = os.environ.get("ONLY")
    results = []
    for name, expected in (("northwind", northwind), ("online-retail", online_retail)):
        if only in (None, name):
            with _database(name) as url:
                results.append(bring(name, expected, url))
    return 0 if all(results) else 1


@contextmanager
def _database(name: str) -> Iterator[str]:
    if given := os.environ.get("DATABASE_URL"):
        yield given
    elif os.environ.get("TEST_DATABASE") == "postgresql":
        with postgres.server() as server, postgres.new_database(server, f"erpcrm_{name.replace('-', '_')}") as url:
            yield url.render_as_string(hide_password=False)
    else:
        with TemporaryDirectory() as folder:
            yield f"sqlite:///{folder}/{name}.db"


if __name__ == "__main__":
    sys.exit(main())
