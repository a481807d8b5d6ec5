"""Finding products: by code, barcode, and the words of a file."""

from collections.abc import Sequence

from sqlalchemy import func, select

from erpcrm.core.db import session

from ..matching import loose
from ..models import Product, ProductUnit


def product_with_code(code: str, *, other_than: int | None = None) -> Product | None:
    """The product with this code, in capitals or not."""
    query = select(Product).where(func.lower(Product.code) == code.strip().lower())
    with session.no_autoflush:
        return session.scalars(query.where(Product.id != other_than) if other_than is not None else query).first()


def product_by_barcode(barcode: str) -> tuple[Product, str] | None:
    """What a scanner has read: the product, and the unit that bears this code."""
    code = "".join(barcode.split())
    product = session.scalars(select(Product).where(Product.barcode == code)).one_or_none()
    if product is not None:
        return product, product.unit
    packed = session.scalars(select(ProductUnit).where(ProductUnit.barcode == code)).one_or_none()
    return (packed.product, packed.unit) if packed is not None else None


def find_products(field: str, texts: Sequence[str]) -> dict[str, int]:
    """For an import: the products whose `field` is one of `texts`, capitals apart. A name of several finds none."""
    column = {"code": Product.code, "name": Product.name, "barcode": Product.barcode}[field]
    wanted = {text.strip().lower(): text for text in texts}
    found: dict[str, list[int]] = {}
    rows = session.execute(select(Product.id, func.lower(column)).where(func.lower(column).in_(list(wanted))))
    for product_id, value in rows:
        found.setdefault(wanted[value], []).append(product_id)
    return {text: ids[0] for text, ids in found.items() if len(ids) == 1}


def look_up_products(texts: Sequence[str]) -> dict[str, list[int]]:
    """Which products each text may mean: by code, name or barcode (of a box, too), capitals and blanks apart ("GTXPro" is
    "GTX Pro")."""
    wanted: dict[str, list[str]] = {}
    for text in texts:
        wanted.setdefault(loose(text), []).append(text)
    keys = list(wanted)
    found: dict[str, list[int]] = {}
    names = [(Product.id, column) for column in (Product.code, Product.name, Product.english_name)]
    for owner, column in (*names, (Product.id, Product.barcode), (ProductUnit.product_id, ProductUnit.barcode)):
        key = func.replace(func.lower(column), " ", "")
        for product_id, value in session.execute(select(owner, key).where(key.in_(keys)).order_by(owner)):
            for text in wanted[value]:
                ids = found.setdefault(text, [])
                if product_id not in ids:
                    ids.append(product_id)
    return found
