"""What the READMEs beside the files say, and what a few lines of Python say of a part of them."""

import csv
import gzip
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

D = Decimal
NORTHWIND = {
    "orders": 830,
    "lines": 2155,
    "sold": D("1265793.29"),
    "freight": D("64942.69"),
    "years": {"1996": D("208083.99"), "1997": D("617085.35"), "1998": D("440623.95")},
    "best": {"QUICK": D("110277.32"), "ERNSH": D("104875.00"), "SAVEA": D("104361.96")},
    "units": 3119,
    "stock": D("73953.35"),
}
ONLINE_RETAIL = {
    "orders": 3384,
    "lines": 67313,
    "buyers": 1682,
    "sold": D("1589296.28"),
    "months": {"2010-12": D("572713.89"), "2011-01": D("569445.04"), "2011-02": D("447137.35")},
    "best": {"12346": D("77183.60"), "14646": D("57866.02"), "18102": D("38370.09")},
    "credited": D("123071.73"),
    "passed_over": 36217,
}


def northwind_until(folder: Path, day: str) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    """Sales by customer and by product of what was ordered up to a day, net of discount, each line rounded to cents."""
    with (folder / "orders.csv").open(encoding="utf-8") as file:
        buyers = {row["order_id"]: row["customer_id"] for row in csv.DictReader(file) if row["order_date"] <= day}
    customers: dict[str, Decimal] = {}
    products: dict[str, Decimal] = {}
    with (folder / "order_details.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["order_id"] in buyers:
                price, discount = round(D(row["unit_price"]), 2), round(D(row["discount"]), 2)
                amount = (int(row["quantity"]) * price * (1 - discount)).quantize(D("0.01"), ROUND_HALF_UP)
                for sums, key in ((customers, buyers[row["order_id"]]), (products, row["product_id"])):
                    sums[key] = sums.get(key, D(0)) + amount
    return customers, products


def retail_until(folder: Path, day: str, one_in: int) -> tuple[dict[str, Decimal], dict[str, Decimal], Decimal]:
    """Sales by customer and by product, and what was cancelled, up to a day, of customers whose number `one_in` divides."""
    customers: dict[str, Decimal] = {}
    products: dict[str, Decimal] = {}
    cancelled = D(0)
    for row in _rows(folder):
        amount = int(row["Quantity"]) * D(row["UnitPrice"])
        if not row["CustomerID"] or row["InvoiceDate"][:10] > day or not amount or int(row["CustomerID"]) % one_in:
            continue
        if row["InvoiceNo"].startswith("C"):
            cancelled -= amount
            continue
        for sums, key in ((customers, row["CustomerID"]), (products, row["StockCode"])):
            sums[key] = sums.get(key, D(0)) + amount
    return customers, products, cancelled


def _rows(folder: Path) -> Iterator[dict[str, str]]:
    with gzip.open(next(folder.glob("*.csv.gz")), "rt", encoding="utf-8") as file:
        yield from csv.DictReader(file)
