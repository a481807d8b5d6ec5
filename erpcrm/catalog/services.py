"""The verbs of the catalog."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from erpcrm.core.actor import Actor
from erpcrm.core.db import session
from erpcrm.core.errors import Refused, Stale
from erpcrm.core.fields import fold_custom
from erpcrm.core.i18n import _
from erpcrm.core.numbers import next_number
from erpcrm.core.pinyin import pinyin_key
from erpcrm.core.settings import setting

from .matching import loose
from .models import Product

FIELDS = frozenset({"code", "name", "english_name", "unit", "category", "price", "currency", "note", "custom"})


def create_product(values: Mapping[str, Any], *, by: Actor | None) -> Product:
    """A new product. Without a code it gets the next number; without a currency the company's.

    `price` is for one unit, without tax, in `currency`. Refused when another product has the code.
    """
    given = {name: value for name, value in fold_custom(values).items() if name in FIELDS}
    given["code"] = (given.get("code") or "").strip() or _free_number()
    given["unit"] = given.get("unit") or "pcs"
    given["currency"] = given.get("currency") or setting("currency")
    product = Product(created_by_id=by.id if by else None)
    _fill(product, given)
    session.add(product)
    session.flush()
    return product


def _free_number() -> str:
    """The next number that nobody has given to a product by hand."""
    while product_with_code(number := next_number("product")) is not None:
        pass
    return number


def update_product(
    product: Product, values: Mapping[str, Any], *, version: int | None = None, by: Actor | None
) -> None:
    """Change what `values` holds. Stale when `version` is given and somebody has changed the product since."""
    if version is not None and version != product.version:
        raise Stale(product)
    given = {name: value for name, value in fold_custom(values).items() if name in FIELDS}
    for name in ("code", "unit", "currency"):
        if name in given and not given[name]:
            del given[name]
    _fill(product, given)
    session.flush()


def _fill(product: Product, given: Mapping[str, Any]) -> None:
    code = given.get("code")
    if code is not None and (taken := product_with_code(code, other_than=product.id)) is not None:
        raise Refused(_("The code %(code)s belongs to “%(name)s”. Choose another one.", code=code, name=taken.name))
    price = given.get("price")
    if price is not None and price < Decimal(0):
        raise Refused(_("A price can't be negative."))
    for name, value in given.items():
        setattr(product, name, value.strip() or None if isinstance(value, str) else value)
    product.name_key = pinyin_key(product.name)


def product_with_code(code: str, *, other_than: int | None = None) -> Product | None:
    """The product with this code, in capitals or not."""
    query = select(Product).where(func.lower(Product.code) == code.strip().lower())
    return session.scalars(query.where(Product.id != other_than) if other_than is not None else query).first()


def find_products(field: str, texts: Sequence[str]) -> dict[str, int]:
    """For an import: the products whose `field` is one of `texts`, capitals apart. A name of several finds none."""
    column = {"code": Product.code, "name": Product.name}[field]
    wanted = {text.strip().lower(): text for text in texts}
    found: dict[str, list[int]] = {}
    rows = session.execute(select(Product.id, func.lower(column)).where(func.lower(column).in_(list(wanted))))
    for product_id, value in rows:
        found.setdefault(wanted[value], []).append(product_id)
    return {text: ids[0] for text, ids in found.items() if len(ids) == 1}


def look_up_products(texts: Sequence[str]) -> dict[str, list[int]]:
    """Which products each text may mean: by code or name, capitals and blanks apart ("GTXPro" is "GTX Pro")."""
    wanted: dict[str, list[str]] = {}
    for text in texts:
        wanted.setdefault(loose(text), []).append(text)
    keys = list(wanted)
    found: dict[str, list[int]] = {}
    for column in (Product.code, Product.name, Product.english_name):
        key = func.replace(func.lower(column), " ", "")
        for product_id, value in session.execute(select(Product.id, key).where(key.in_(keys)).order_by(Product.id)):
            for text in wanted[value]:
                ids = found.setdefault(text, [])
                if product_id not in ids:
                    ids.append(product_id)
    return found
