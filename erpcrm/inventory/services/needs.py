"""What an order's lines need of stock: a product in its own unit, a set as its components."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from sqlalchemy import inspect, select
from sqlalchemy.orm import contains_eager

from erpcrm.catalog.models import SET, Product, SetComponent
from erpcrm.core.db import session
from erpcrm.core.options import option_digits
from erpcrm.sales.models import OrderLine, SalesOrder

from ..models import OPEN, ZERO, Delivery, DeliveryLine


@dataclass(frozen=True)
class Need:
    """A line of an order, and how many of which products make one of its units."""

    line: OrderLine
    parts: tuple[tuple[Product, Decimal], ...]

    def whole(self, units: Decimal) -> Decimal:
        """The most of the line's unit that is in `units` and can be counted."""
        digits = option_digits("product.unit", self.line.unit)
        return max(units, ZERO).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_DOWN)


def needs_of(lines: Iterable[OrderLine]) -> list[Need]:
    """Those lines that need something of stock: services and goods that no stock is kept of are delivered by hand."""
    found = list(lines)
    _products = _read_products(found)
    components = _components(line.product_id for line in found if line.product and line.product.kind == SET)
    needs = []
    for line in found:
        if line.product is None or not line.quantity:
            continue
        if line.product.kind == SET:
            parts = [(part.product, part.quantity * line.factor) for part in components[line.product_id or 0]]
        else:
            parts = [(line.product, line.factor)]
        stocked = tuple((product, amount) for product, amount in parts if product.stocked)
        if stocked:
            needs.append(Need(line, stocked))
    return needs


def _read_products(lines: Sequence[OrderLine]) -> Sequence[Product]:
    """The products of the lines, those that are not there yet in one query. They are there for as long as they are held."""
    unread = {line.product_id for line in lines if line.product_id and "product" in inspect(line).unloaded}
    return session.scalars(select(Product).where(Product.id.in_(unread))).all() if len(unread) > 1 else ()


def _components(set_ids: Iterable[int | None]) -> Mapping[int, Sequence[SetComponent]]:
    wanted = {id for id in set_ids if id is not None}
    found: dict[int, list[SetComponent]] = defaultdict(list)
    if wanted:
        query = (
            select(SetComponent)
            .join(Product, Product.id == SetComponent.product_id)
            .where(SetComponent.set_id.in_(wanted))
            .options(contains_eager(SetComponent.product))
        )
        for part in session.scalars(query.order_by(SetComponent.product_id)):
            found[part.set_id].append(part)
    return found


def is_from_stock(line: OrderLine) -> bool:
    return bool(needs_of([line]))


def under_way(order_ids: Iterable[int]) -> dict[int, Decimal]:
    """{line of an order: so many of its unit are in deliveries that have not left yet}."""
    query = (
        select(DeliveryLine.order_line_id, DeliveryLine.product_id, DeliveryLine.quantity, DeliveryLine.per_unit)
        .join(Delivery, Delivery.id == DeliveryLine.delivery_id)
        .where(Delivery.order_id.in_(list(order_ids)), Delivery.status.in_(OPEN))
    )
    return units_of(session.execute(query).all())


def units_of(rows: Iterable[tuple[int | None, int, Decimal, Decimal]]) -> dict[int, Decimal]:
    """{line: units} of rows (line, product, quantity, per unit). Of a set: as many as all its components make up."""
    parts: dict[int, dict[int, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    per: dict[tuple[int, int], Decimal] = {}
    for line_id, product_id, quantity, per_unit in rows:
        if line_id is not None:
            parts[line_id][product_id] += quantity
            per[line_id, product_id] = per_unit
    return {
        line_id: min(quantity / per[line_id, product_id] for product_id, quantity in products.items())
        for line_id, products in parts.items()
    }


def wanted_of(order: SalesOrder, need: Need, in_deliveries: Mapping[int, Decimal]) -> Decimal:
    """So many of the line's unit should be promised to it and may leave: what is open and not in a delivery yet."""
    return _missing(order, need, in_deliveries) if need.line.status == "open" else ZERO


def kept_of(order: SalesOrder, need: Need, in_deliveries: Mapping[int, Decimal], has: Decimal) -> Decimal:
    """So many of the line's unit stay promised to it that `has` so many: a line on hold keeps them, and gets no more."""
    held = need.line.status == "held"
    return min(_missing(order, need, in_deliveries), has) if held else wanted_of(order, need, in_deliveries)


def _missing(order: SalesOrder, need: Need, in_deliveries: Mapping[int, Decimal]) -> Decimal:
    if order.status != "confirmed":
        return ZERO
    return need.whole(need.line.to_deliver - in_deliveries.get(need.line.id, ZERO))
