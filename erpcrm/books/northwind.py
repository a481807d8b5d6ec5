"""The book of Northwind Traders: nine CSV files of a sample company that trades in food."""

import csv
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from .book import Book, Line, Party, Sale, Seller, Ware

CENT = Decimal("0.01")
FREIGHT = "Freight"
COUNTRIES = {"UK": "United Kingdom", "USA": "United States"}


def read(folder: Path) -> Book:
    """Prices and discounts were kept as binary fractions (9.80000019): they are read as text and rounded to cents and to
    whole percents."""
    categories = {row["category_id"]: row["category_name"] for row in _rows(folder, "categories")}
    carriers = {row["shipper_id"]: row["company_name"] for row in _rows(folder, "shippers")}
    lines: dict[str, list[Line]] = defaultdict(list)
    for row in _rows(folder, "order_details"):
        price, discount = _cents(row["unit_price"]), _cents(row["discount"]) * 100
        lines[row["order_id"]].append(Line(Decimal(row["quantity"]), price, row["product_id"], discount=discount))
    sales = []
    for row in _rows(folder, "orders"):
        found = lines[row["order_id"]]
        if freight := _cents(row["freight"]):
            found.append(Line(Decimal(1), freight, text=FREIGHT))
        sales.append(
            Sale(
                number=row["order_id"],
                customer=row["customer_id"],
                ordered_on=date.fromisoformat(row["order_date"]),
                lines=found,
                shipped_on=_day(row["shipped_date"]),
                wanted_on=_day(row["required_date"]),
                seller=row["employee_id"],
                carrier=carriers[row["ship_via"]],
                address=_address(row),
            )
        )
    return Book(
        company="Northwind Traders",
        currency="USD",
        time_zone="America/Los_Angeles",
        sellers=[
            Seller(row["employee_id"], f"{row['first_name']} {row['last_name']}") for row in _rows(folder, "employees")
        ],
        customers=[_party(row) for row in _rows(folder, "customers")],
        wares=[
            Ware(
                code=row["product_id"],
                name=row["product_name"],
                price=_cents(row["unit_price"]),
                category=categories[row["category_id"]],
                left=Decimal(row["units_in_stock"]),
                discontinued=row["discontinued"] == "1",
            )
            for row in _rows(folder, "products")
        ],
        sales=sales,
        credits=(),
        until=max(day for sale in sales for day in (sale.ordered_on, sale.shipped_on) if day),
    )


def _rows(folder: Path, name: str) -> Iterable[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _cents(text: str) -> Decimal:
    return Decimal(text).quantize(CENT, ROUND_HALF_UP)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _country(name: str) -> str:
    return COUNTRIES.get(name, name)


def _address(row: dict[str, str]) -> str:
    """One line for each of name, street, town and country."""
    town = " ".join(text for text in (row["ship_postal_code"], row["ship_city"], row["ship_region"]) if text)
    return "\n".join((row["ship_name"], row["ship_address"], town, _country(row["ship_country"])))


def _party(row: dict[str, str]) -> Party:
    address = {
        "street": row["address"], "city": row["city"], "state": row["region"], "postcode": row["postal_code"],
    }  # fmt: skip
    return Party(
        code=row["customer_id"],
        name=row["company_name"],
        country=_country(row["country"]),
        address=address,
        phone=row["phone"],
        contact=row["contact_name"],
        title=row["contact_title"],
    )
