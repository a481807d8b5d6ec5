"""What the pages of stock counts show: the sheet, how far it is, where a scanned code leads, and what differs."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from erpcrm.catalog.models import Product
from erpcrm.catalog.services import product_by_barcode
from erpcrm.catalog.services.lookup import product_with_code
from erpcrm.core.db import session
from erpcrm.core.exact import round_money
from erpcrm.core.settings import setting

from .models import ZERO, Location, Lot, ProductCost, StockCount, StockCountLine
from .services.counting import Since, problem_of, since_counted

PAGE = 100


@dataclass(frozen=True)
class Progress:
    lines: int
    counted: int
    again: int
    """To be counted once more by somebody else"""

    @property
    def left(self) -> int:
        return self.lines - self.counted


def progress_of(count: StockCount) -> Progress:
    line = StockCountLine
    query = select(
        func.count(), func.count(line.counted), func.count().filter(line.recount, line.counted.is_(None))
    ).where(line.count_id == count.id)
    return Progress(*session.execute(query).one())


def _sheet(count: StockCount, *, left: bool) -> Select[Any]:
    line = StockCountLine
    query = (
        select(line)
        .join(line.location)
        .join(line.product)
        .outerjoin(line.lot)
        .where(line.count_id == count.id)
        .order_by(Location.code, Product.name_key, Product.id, Lot.code, line.id)
    )
    return query.where(line.counted.is_(None)) if left else query


def sheet_of(count: StockCount, number: int = 1, *, left: bool = False) -> Sequence[StockCountLine]:
    """The lines of a page as somebody walks past them: by location, product and lot. One more than a page when there are more."""
    line = StockCountLine
    loads = (
        contains_eager(line.location), contains_eager(line.product), contains_eager(line.lot),
        joinedload(line.counted_by), joinedload(line.first_by),
    )  # fmt: skip
    query = _sheet(count, left=left).options(*loads)
    return session.scalars(query.offset((number - 1) * PAGE).limit(PAGE + 1)).all()


@dataclass(frozen=True)
class Place:
    """Where a scanned code leads: a line and the page of the sheet it stands on, or a product that the sheet doesn't have."""

    line_id: int | None = None
    page: int = 1
    product: Product | None = None
    lot: str = ""


def place_of(count: StockCount, code: str) -> Place | None:
    """What a barcode, lot, serial number or product code stands for: the first line of it that is not counted yet, else the
    first of all. None when nobody knows the code."""
    code = code.strip()
    known = product_by_barcode(code) if code else None
    product = known[0] if known is not None else product_with_code(code)
    line = StockCountLine
    # All rows in the order of the sheet: the page of one is how many stand before it.
    rows = session.execute(
        _sheet(count, left=False).with_only_columns(line.id, line.product_id, line.counted, func.lower(Lot.code))
    ).all()
    mine = [
        (row.counted is not None, at, row.id)
        for at, row in enumerate(rows)
        if row[3] == code.lower() or (product is not None and row.product_id == product.id)
    ]
    if mine:
        _done, at, line_id = min(mine)
        return Place(line_id, at // PAGE + 1)
    if product is not None:
        return Place(product=product)
    lot = session.scalars(select(Lot).where(func.lower(Lot.code) == code.lower())).first() if code else None
    return Place(product=lot.product, lot=lot.code) if lot is not None else None


@dataclass(frozen=True)
class Difference:
    """A line that differs, or that something is the matter with."""

    line: StockCountLine
    since: Since
    found: Decimal
    value: Decimal
    problem: str | None


@dataclass(frozen=True)
class Differences:
    rows: Sequence[Difference]
    same: int
    """So many lines are as the books say"""
    more: Decimal
    less: Decimal
    """What is found and what is missing is worth, about"""

    @property
    def blocked(self) -> bool:
        return any(row.problem for row in self.rows)


def differences_of(count: StockCount) -> Differences:
    """What would be posted now, at what the goods usually are worth; or what was posted."""
    line = StockCountLine
    query = _sheet(count, left=False).where(or_(line.counted.is_not(None), line.recount))
    loads = (
        contains_eager(line.location), contains_eager(line.product), contains_eager(line.lot),
        joinedload(line.counted_by), joinedload(line.first_by),
    )  # fmt: skip
    lines = session.scalars(query.options(*loads)).all()
    since = since_counted(lines) if count.status == "counting" else {}
    costs = _costs({one.product_id for one in lines})
    currency, rows, same = setting("currency"), [], 0
    for one in lines:
        then = since.get(one.id, Since(ZERO, ZERO))
        found = one.found if one.counted is not None else ZERO
        problem = problem_of(one, then) if one.id in since else None
        if not found and not problem and not one.waits_for_recount:
            same += 1
            continue
        value = round_money(found * costs.get(one.product_id, ZERO), currency)
        rows.append(Difference(one, then, found, value, problem))
    more = sum((row.value for row in rows if row.value > 0), ZERO)
    return Differences(rows, same, more, sum((row.value for row in rows if row.value < 0), ZERO))


def _costs(product_ids: set[int]) -> dict[int, Decimal]:
    query = select(ProductCost).where(ProductCost.product_id.in_(product_ids))
    return {
        cost.product_id: cost.value / cost.quantity if cost.quantity > 0 else cost.last_cost
        for cost in session.scalars(query)
    }


def others_at(count: StockCount) -> Sequence[Any]:
    """Other counts that are open in the same warehouse and may touch the same goods: (id, number)."""
    query = select(StockCount.id, StockCount.number).where(
        StockCount.warehouse_id == count.warehouse_id, StockCount.status == "counting", StockCount.id != count.id
    )
    if count.location_id is not None:
        query = query.where(or_(StockCount.location_id.is_(None), StockCount.location_id == count.location_id))
    if count.category is not None:
        query = query.where(or_(StockCount.category.is_(None), StockCount.category == count.category))
    return session.execute(query.order_by(StockCount.id).limit(5)).all()
