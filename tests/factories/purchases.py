"""What customers have bought, written straight into the orders that analytics reads while finance is off: thousands at once."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any, NamedTuple

from sqlalchemy import insert, select

from erpcrm.catalog.models import Product
from erpcrm.core.db import session
from erpcrm.core.settings import save_setting
from erpcrm.customers.models import Customer
from erpcrm.sales.models import OrderLine, SalesOrder

_numbers = count(1)


class Bought(NamedTuple):
    """One confirmed order: `cost` None is not known; `lines` are (product, quantity, amount)."""

    customer_id: int
    on: date
    revenue: Decimal
    cost: Decimal | None = None
    lines: tuple[tuple[int, Decimal, Decimal], ...] = ()


def read_from_orders() -> None:
    """Finance off: what was ordered is what was bought."""
    save_setting("modules_off", ["credit", "finance"])


def many_customers(names: Iterable[str], owner_id: int | None = None) -> list[int]:
    """Ids of new customers of these names, in order."""
    rows = [
        {"code": f"P-{next(_numbers):07d}", "name": name, "name_key": name.lower(), "version": 1, "owner_id": owner_id}
        for name in names
    ]
    session.execute(insert(Customer.__table__), rows)
    known: dict[Any, int] = dict(session.execute(select(Customer.code, Customer.id)).all())
    return [known[row["code"]] for row in rows]


def many_products(names: Iterable[str], **more: Any) -> list[int]:
    rows: list[dict[str, Any]] = [
        {"code": f"A-{next(_numbers):07d}", "name": name, "currency": "CNY", "version": 1, "kind": "service"} | more
        for name in names
    ]
    session.execute(insert(Product.__table__), rows)
    known: dict[Any, int] = dict(session.execute(select(Product.code, Product.id)).all())
    return [known[row["code"]] for row in rows]


def buy(purchases: Iterable[Bought]) -> None:
    """Confirmed orders in the company's currency, without tax."""
    orders, lines = [], {}
    for one in purchases:
        number = f"B-{next(_numbers):07d}"
        orders.append(
            {
                "number": number,
                "ordered_on": one.on,
                "currency": "CNY",
                "customer_id": one.customer_id,
                "status": "confirmed",
                "net": one.revenue,
                "gross": one.revenue,
                "base_gross": one.revenue,
                "base_net": one.revenue,
                "base_cost": one.cost,
                "version": 1,
            }
        )
        lines[number] = one.lines
    session.execute(insert(SalesOrder.__table__), orders)
    ids = dict(session.execute(select(SalesOrder.number, SalesOrder.id)).all())
    rows = [
        {
            "order_id": ids[number],
            "position": place,
            "product_id": product_id,
            "quantity": quantity,
            "price": Decimal(0),
            "amount": amount,
            "base_net": amount,
            "version": 1,
        }
        for number, held in lines.items()
        for place, (product_id, quantity, amount) in enumerate(held, 1)
    ]
    if rows:
        session.execute(insert(OrderLine.__table__), rows)
    session.flush()
