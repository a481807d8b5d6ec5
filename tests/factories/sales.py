"""Products with prices, offers, orders and contracts for tests, made by the areas' own verbs."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from erpcrm.catalog.models import PriceList, Product
from erpcrm.catalog.services import create_product, save_price, save_price_list
from erpcrm.core.i18n import today
from erpcrm.core.moves import make_move
from erpcrm.customers.models import Customer
from erpcrm.sales import services
from erpcrm.sales.models import Contract, Quotation, SalesOrder

_numbers = count(1)
D = Decimal


def a_product(price: str | None = "100", **values: Any) -> Product:
    """Goods by the piece, priced in the company's currency."""
    given = {"name": f"Valve {next(_numbers)}", "unit": "pcs", "currency": "CNY"} | values
    return create_product(given | {"price": D(price) if price is not None else None}, by=None)


def a_list(prices: dict[Product, str], **values: Any) -> PriceList:
    """A price list with a price for one piece of each product."""
    made = save_price_list(None, {"name": f"List {next(_numbers)}", "currency": "CNY"} | values)
    for product, price in prices.items():
        save_price(made, None, {"product": product, "price": D(price)})
    return made


def a_line(product: Product | None, quantity: Any = 1, **more: Any) -> dict[str, Any]:
    """A line as `set_lines` takes it; numbers may be given as strings."""
    found = {"product_id": product.id if product is not None else None, "quantity": D(str(quantity)), **more}
    return found | {name: D(found[name]) for name in ("price", "discount") if isinstance(found.get(name), str)}


def an_offer(customer: Customer, by: Any, *lines: dict[str, Any], sent: bool = False, **values: Any) -> Quotation:
    """A quotation, sent or still a draft."""
    made = services.create_quotation({"customer_id": customer.id} | values, lines, by)
    if sent:
        make_move(made, "send", by=by)
    return made


def an_order(customer: Customer, by: Any, *lines: dict[str, Any], confirmed: bool = True, **values: Any) -> SalesOrder:
    """An order, confirmed or still a draft."""
    made = services.create_order({"customer_id": customer.id} | values, lines, by)
    if confirmed:
        make_move(made, "confirm", by=by)
    return made


def a_contract(
    customer: Customer, by: Any, manager: Any, *lines: dict[str, Any], starts_on: date | None = None, **values: Any
) -> Contract:
    """A contract that is active, for a year from today unless it says otherwise."""
    begin = starts_on or today()
    term = {"starts_on": begin, "ends_on": services.months_later(begin, 12) - timedelta(days=1)}
    made = services.create_contract({"customer_id": customer.id, "name": "Supply"} | term | values, lines, by)
    make_move(made, "submit", by=by)
    make_move(made, "activate", by=manager)
    return made
