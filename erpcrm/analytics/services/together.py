"""Which products are bought together: counted in SQL over the documents of twelve months, among the products sold most often."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, select

from erpcrm.core.db import session

from ..models import ProductPair
from .transactions import purchase_lines

YEAR = timedelta(days=365)


def find_pairs(on: date, products: int, least: int) -> list[dict[str, Any]]:
    """Pairs on at least `least` documents, among the `products` products on most of them. Reads only."""
    lines = purchase_lines()
    held = (
        select(lines.c.document_id, lines.c.product_id)
        .where(lines.c.on > on - YEAR, lines.c.on <= on, lines.c.product_id.is_not(None), lines.c.quantity > 0)
        .distinct()
        .cte("held")
    )
    baskets = session.scalar(select(func.count(held.c.document_id.distinct()))) or 0
    often: dict[int, int] = dict(
        session.execute(
            select(held.c.product_id, func.count().label("count"))
            .group_by(held.c.product_id)
            .having(func.count() >= least)
            .order_by(func.count().desc(), held.c.product_id)
            .limit(products)
        ).all()
    )
    return _pairs(held, often, baskets, least) if len(often) > 1 else []


def _pairs(held: Any, often: dict[int, int], baskets: int, least: int) -> list[dict[str, Any]]:
    kept = select(held).where(held.c.product_id.in_(list(often))).cte("kept")
    one, other = kept.alias("one"), kept.alias("other")
    both = func.count()
    found = session.execute(
        select(one.c.product_id, other.c.product_id.label("other_id"), both.label("both"))
        .join(other, (other.c.document_id == one.c.document_id) & (other.c.product_id > one.c.product_id))
        .group_by(one.c.product_id, other.c.product_id)
        .having(both >= least)
    ).all()
    return [
        {
            "product_id": row.product_id,
            "other_id": row.other_id,
            "both": row.both,
            "first": often[row.product_id],
            "second": often[row.other_id],
            "baskets": baskets,
        }
        for row in found
    ]


def keep_pairs(pairs: Sequence[dict[str, Any]]) -> None:
    """These in place of those of yesterday."""
    session.execute(delete(ProductPair))
    if pairs:
        session.execute(insert(ProductPair), list(pairs))
