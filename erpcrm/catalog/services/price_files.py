"""Prices from a file: which of them are there already, and how a row becomes one or changes one."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from erpcrm.core.actor import Actor
from erpcrm.core.db import session
from erpcrm.core.errors import NotThere

from ..models import PriceList, PriceListItem, Product
from .prices import save_price

TOLD_APART_BY = ("price_list", "product", "unit", "min_quantity", "starts_on")
"""A list has one price for each of these: what `save_price` refuses a second one of."""


def match_prices(rows: Sequence[Mapping[str, Any]]) -> Mapping[int, int]:
    """{position: id of the price that is there already} for rows of a file. Two queries for all of them."""
    wanted = {at: row for at, row in enumerate(rows) if isinstance(row.get("product"), int)}
    products = {row["product"] for row in wanted.values()}
    units = dict(session.execute(select(Product.id, Product.unit).where(Product.id.in_(products))).all())
    item = PriceListItem
    query = select(item.price_list_id, item.product_id, item.unit, item.min_quantity, item.starts_on, item.id).where(
        item.product_id.in_(products), item.price_list_id.in_({row.get("price_list") for row in wanted.values()})
    )
    known = {tuple(key): found for *key, found in session.execute(query)}
    keys = {
        at: (
            row.get("price_list"),
            row["product"],
            row.get("unit") or units.get(row["product"]),
            row.get("min_quantity") or Decimal(0),
            row.get("starts_on"),
        )
        for at, row in wanted.items()
    }
    return {at: known[key] for at, key in keys.items() if key in known}


def price_from_file(values: Mapping[str, Any], by: Actor | None) -> PriceListItem:
    """A row of a file on its way to a list: list and product by id."""
    price_list = session.get(PriceList, values["price_list"])
    product = session.get(Product, values["product"])
    if price_list is None or product is None:
        raise NotThere
    return save_price(price_list, None, {**values, "product": product})


def update_price_from_file(item: PriceListItem, values: Mapping[str, Any], by: Actor | None) -> None:
    """Another price or last day for one that is there; what tells it apart from the others stays."""
    same = ("product", "unit", "min_quantity", "starts_on", "price", "ends_on")
    given = {name: getattr(item, name) for name in same}
    if values.get("price") is not None:
        given["price"] = values["price"]
    if "ends_on" in values:
        given["ends_on"] = values["ends_on"]
    save_price(item.price_list, item.id, given)
