"""What the stock of a product is worth, kept in step with its moves."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from erpcrm.catalog.models import Product
from erpcrm.core.db import remembered, session
from erpcrm.core.errors import Refused
from erpcrm.core.exact import round_money, round_price
from erpcrm.core.i18n import _
from erpcrm.core.settings import save_setting, setting

from ..costing import Came, Held, come_in, leave_at_average, leave_first_in
from ..models import AVERAGE, FIFO, ZERO, CostLayer, ProductCost, StockMove

FIFO_CATEGORIES = "inventory_fifo"
"""The setting with the product categories that are valued first in, first out; all others at the moving average."""


def save_fifo_categories(categories: Iterable[str]) -> None:
    """What lies in stock keeps its value; from the next move on it is taken by the new method."""
    save_setting(FIFO_CATEGORIES, sorted(set(categories)))


def method_of(product: Product) -> str:
    return FIFO if product.category in setting(FIFO_CATEGORIES) else AVERAGE


def lock_costs(products: Iterable[Product]) -> dict[int, ProductCost]:
    """The costs of these products, each locked until the transaction ends, always in the same order."""
    known: dict[int, ProductCost] = remembered("product costs")
    asked = {product.id: product for product in products}
    wanted = {id: product for id, product in asked.items() if id not in known}
    if wanted:
        known |= _locked(wanted)
    for product_id, product in asked.items():
        if (method := method_of(product)) != known[product_id].method:
            _change_method(known[product_id], method)
    return {id: known[id] for id in asked}


def _locked(wanted: Mapping[int, Product]) -> dict[int, ProductCost]:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    query = (
        select(ProductCost)
        .where(ProductCost.product_id.in_(sorted(wanted)))
        .order_by(ProductCost.product_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = {cost.product_id: cost for cost in session.scalars(query)}
    if len(found) < len(wanted):
        rows = [
            {"product_id": id, "method": method_of(wanted[id]), "quantity": ZERO, "value": ZERO, "last_cost": ZERO}
            for id in sorted(wanted.keys() - found.keys())
        ]
        session.execute(insert(ProductCost).on_conflict_do_nothing(), rows)
        found = {cost.product_id: cost for cost in session.scalars(query)}
    return found


def _change_method(cost: ProductCost, method: str) -> None:
    """All that is there becomes one layer, or the layers are forgotten: the value stays what it is."""
    session.execute(delete(CostLayer).where(CostLayer.product_id == cost.product_id))
    cost.method = method
    if method == FIFO and cost.quantity > 0:
        session.add(CostLayer(product_id=cost.product_id, quantity=cost.quantity, value=cost.value))
    session.flush()


def usual_value(cost: ProductCost, quantity: Decimal, product: Product) -> Decimal:
    """What so many are taken to be worth when nobody says what they cost: as much as those that are there."""
    unit = cost.value / cost.quantity if cost.quantity > 0 else cost.last_cost
    return round_money(unit * quantity, setting("currency"))


def goods_in(cost: ProductCost, quantity: Decimal, paid: Decimal) -> tuple[Came, CostLayer | None]:
    """Goods come in at `paid` in all: what they are worth now, and the layer that they make, if they do."""
    came = come_in(Held(cost.quantity, cost.value), quantity, paid, setting("currency"))
    cost.quantity += quantity
    cost.value += came.value
    layer = None
    if cost.method == FIFO:
        cost.last_cost = round_price(paid / quantity)
        if came.new.quantity:
            layer = CostLayer(product_id=cost.product_id, quantity=came.new.quantity, value=came.new.value)
    elif cost.quantity > 0:
        cost.last_cost = round_price(cost.value / cost.quantity)
    return came, layer


def goods_out(cost: ProductCost, quantity: Decimal) -> Decimal:
    """Goods leave: what they were worth, in all."""
    held, currency = Held(cost.quantity, cost.value), setting("currency")
    if cost.method == FIFO:
        layers = _layers(cost.product_id)
        there = [Held(layer.quantity, layer.value) for layer in layers]
        value, taken = leave_first_in(there, quantity, cost.last_cost, currency)
        _take(layers, taken)
    else:
        value = leave_at_average(held, quantity, cost.last_cost, currency)
    cost.quantity -= quantity
    cost.value -= value
    return value


def take_back_goods(product: Product, cost: ProductCost, move: StockMove) -> None:
    """What came with `move` goes, as if it had never come: nothing else of the product has moved since.

    Refused when how the product is valued was changed meanwhile.
    """
    cost.quantity -= move.quantity
    cost.value -= move.value
    if cost.method == FIFO:
        session.execute(delete(CostLayer).where(CostLayer.move_id == move.id))
        left = sum((layer.quantity for layer in _layers(cost.product_id)), ZERO)
        if left != max(cost.quantity, ZERO):
            raise Refused(
                _("How “%(name)s” is valued was changed since. Put its stock right by hand.", name=product.name)
            )


def _layers(product_id: int) -> Sequence[CostLayer]:
    query = select(CostLayer).where(CostLayer.product_id == product_id).order_by(CostLayer.id)
    return session.scalars(query.execution_options(populate_existing=True)).all()


def _take(layers: Sequence[CostLayer], taken: Sequence[Held]) -> None:
    for layer, part in zip(layers, taken, strict=False):
        if part.quantity == layer.quantity:
            session.delete(layer)
        else:
            layer.quantity -= part.quantity
            layer.value -= part.value
    session.flush()
