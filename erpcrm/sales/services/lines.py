"""Lines of documents: what is typed becomes a product, a quantity, a price with its reason, a tax and an amount."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import selectinload

from erpcrm.catalog.models import PriceList, Product
from erpcrm.catalog.pricing import Tier
from erpcrm.catalog.services import PriceBook, check_quantity, tax_group_of, unit_factor
from erpcrm.company.models import ANY, Tax
from erpcrm.company.services import deciding, tax_rules
from erpcrm.company.taxation import tax_in, tax_on
from erpcrm.core.db import session
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.exact import round_price
from erpcrm.core.i18n import _, today
from erpcrm.customers.models import Customer

from .. import amounts
from ..models import PricedDocument, PriceListHolder

MOST_LINES = 500
ZERO = Decimal(0)
UNTAXED = 0
"""Stands for a tax: this line has none, whatever the rules say"""


@dataclass(frozen=True)
class Found:
    """What the rules say of a line that is being typed."""

    unit: str
    factor: Decimal
    price: Decimal | None
    reason: str | None
    tax: Tax | None
    cost: Decimal | None


class Rules:
    """The price lists and taxes that hold for a customer, read once for all lines of a document."""

    def __init__(self, customer: Customer, currency: str, *, tax_included: bool, on: date | None = None) -> None:
        self.customer, self.currency, self.tax_included, self.on = customer, currency, tax_included, on or today()
        self._prices = PriceBook(currency, lists_of(customer))
        self._taxes = tax_rules()
        self.products: dict[int, Product] = {}

    def prepare(self, product_ids: Iterable[int | None]) -> None:
        """Read these products with their units and prices: three queries, however many there are."""
        wanted = {id for id in product_ids if id is not None} - self.products.keys()
        if wanted:
            self._read(wanted)
            self._prices.prepare(wanted)

    def _read(self, wanted: Collection[int]) -> None:
        query = select(Product).where(Product.id.in_(wanted)).options(selectinload(Product.units))
        self.products |= {product.id: product for product in session.scalars(query)}

    def tax_of(self, product: Product | None) -> Tax | None:
        """The tax that the rules name for this customer and product; None when no rule does."""
        group = tax_group_of(product) if product is not None else None
        rule = deciding(self._taxes, self.customer.tax_group or ANY, group or ANY)
        return rule.tax if rule is not None else None

    def find(self, product: Product, quantity: Decimal, unit: str | None) -> Found:
        """Price, tax and cost of a product. Refused when it isn't traded by that unit."""
        unit = unit or product.unit
        factor = unit_factor(product, unit)
        found = self._prices.find(product, quantity, unit, on=self.on)
        tax = self.tax_of(product)
        price = found.amount if found is not None else None
        if found is not None and found.tax_included != self.tax_included:
            rate = tax.rate if tax is not None else ZERO
            change = tax_on(found.amount, rate) if self.tax_included else -tax_in(found.amount, rate)
            price = round_price(found.amount + change)
        cost = round_price(product.cost * factor) if product.cost is not None else None
        return Found(unit, factor, price, found.reason if found is not None else None, tax, cost)


class AsGiven(Rules):
    """Rules that find nothing: lines have the price that is given and no tax, and nobody looks any further. For documents
    that come from elsewhere as they were, years of them at once: products are read once for all of them."""

    def __init__(self, currency: str) -> None:
        self.currency = currency
        self.products = {}

    def prepare(self, product_ids: Iterable[int | None]) -> None:
        if wanted := {id for id in product_ids if id is not None} - self.products.keys():
            self._read(wanted)

    def tax_of(self, product: Product | None) -> Tax | None:
        return None

    def find(self, product: Product, quantity: Decimal, unit: str | None) -> Found:
        unit = unit or product.unit
        factor = unit_factor(product, unit)
        cost = round_price(product.cost * factor) if product.cost is not None else None
        return Found(unit, factor, None, None, None, cost)


def rules_for(document: PricedDocument) -> Rules:
    """The rules for a document's customer, today."""
    return Rules(document.customer, document.currency, tax_included=document.tax_included)


def lists_of(customer: Customer) -> Mapping[Tier, Sequence[PriceList]]:
    """The price lists that a customer has of its own, and through its group. One query."""
    mine = PriceListHolder.customer_id == customer.id
    of_group = PriceListHolder.customer_group == customer.customer_group
    query = (
        select(PriceList, PriceListHolder.customer_id)
        .join(PriceListHolder, PriceListHolder.price_list_id == PriceList.id)
        .where(PriceList.active, or_(mine, of_group) if customer.customer_group else mine)
        .order_by(PriceList.id)
    )
    found: dict[Tier, list[PriceList]] = {"customer": [], "group": []}
    for price_list, holder in session.execute(query):
        found["customer" if holder is not None else "group"].append(price_list)
    return found


def set_lines(
    document: Any,
    given: Sequence[Mapping[str, Any]],
    make: Callable[[], Any],
    *,
    keep: Callable[[Any], str | None] = lambda line: None,
    rules: Rules | None = None,
) -> list[Any]:
    """Make the document's lines those that are `given`, in their order; a line with the `id` of one that is there changes it.

    A line is {id, product_id, text, quantity, unit, price, discount, tax_id} and what its model has besides. Price None:
    what the rules find, those of the document's customer unless `rules` are given. `keep(line)` says why a line may not go.
    Refused with the line's number and what is wrong with it.
    """
    if len(given) > MOST_LINES:
        raise Refused(_("A document has at most %(most)s lines.", most=MOST_LINES))
    there = {line.id: line for line in document.lines}
    rules = rules or rules_for(document)
    rules.prepare(values.get("product_id") for values in given)
    kept: list[Any] = []
    for place, values in enumerate(given, 1):
        line = there.pop(values.get("id"), None) if values.get("id") else None
        if values.get("id") and line is None:
            raise Refused(_("Line %(line)s: somebody has removed it meanwhile. Reload the page.", line=place))
        line = line if line is not None else make()
        line.position = place
        try:
            fill_line(line, values, document, rules)
        except Refused as refused:
            raise Refused(_("Line %(line)s: %(why)s", line=place, why=refused.message)) from refused
        kept.append(line)
    for line in there.values():
        if (why := keep(line)) is not None:
            raise Refused(why)
        # By name: an orphan would be gone without a word in the audit trail.
        session.delete(line)
    document.lines = kept
    return kept


def fill_line(line: Any, values: Mapping[str, Any], document: PricedDocument, rules: Rules) -> None:
    """Set what a line is, and what follows from it. Refused for quantities and units that don't fit the product."""
    product = _product(values.get("product_id"), line, rules)
    text = (values.get("text") or "").strip() or None
    quantity = values.get("quantity")
    if product is None and text is None:
        raise Refused(_("Pick a product, or describe it."))
    words_only = product is None and quantity is None and values.get("price") is None
    quantity = ZERO if words_only else Decimal(1) if quantity is None else quantity
    discount = values.get("discount") or ZERO
    if not ZERO <= discount <= amounts.HUNDRED:
        raise Refused(_("A discount is a percentage from 0 to 100."))
    line.product_id, line.product, line.text = product.id if product is not None else None, product, text
    line.quantity, line.discount = quantity, discount
    if product is not None:
        _of_product(line, product, values, rules)
    else:
        line.unit, line.factor, line.list_price, line.price_reason = values.get("unit") or None, Decimal(1), None, None
        line.price = values.get("price") or ZERO
        if not words_only:
            _check_free_quantity(quantity, line.unit)
    _set_tax(line, values, product, rules)
    line.amount = amounts.line_amount(line.quantity, line.price, line.discount, document.discount, document.currency)
    if line.amount >= amounts.MOST:
        raise Refused(_("This comes to more than a document can be for."))


def _product(product_id: int | None, line: Any, rules: Rules) -> Product | None:
    if product_id is None:
        return None
    rules.prepare([product_id])
    product = rules.products.get(product_id)
    if product is None:
        raise NotThere
    if not product.is_active and product_id != line.product_id:
        raise Refused(_("“%(name)s” is discontinued.", name=product.name))
    return product


def _of_product(line: Any, product: Product, values: Mapping[str, Any], rules: Rules) -> None:
    unit = values.get("unit") or product.unit
    check_quantity(line.quantity, unit)
    found = rules.find(product, line.quantity, unit)
    line.unit, line.factor = found.unit, found.factor
    line.list_price, line.price_reason = found.price, found.reason
    if line.cost is None or line.factor != found.factor or found.cost is not None:
        line.cost = found.cost
    given = values.get("price")
    if given is None and found.price is None:
        raise Refused(
            _(
                "There is no price for “%(name)s” in %(currency)s. Enter one.",
                name=product.name,
                currency=rules.currency,
            )
        )
    line.price = found.price if given is None else given


def _check_free_quantity(quantity: Decimal, unit: str | None) -> None:
    if unit:
        check_quantity(quantity, unit)
    elif quantity <= 0:
        raise Refused(_("A quantity is more than zero."))


def _set_tax(line: Any, values: Mapping[str, Any], product: Product | None, rules: Rules) -> None:
    """The tax that is given by hand, or UNTAXED, else that of the rules. The rate is kept as it is today."""
    tax, given = None, values.get("tax_id")
    if line.quantity and given != UNTAXED:
        tax = session.get(Tax, given) if given else rules.tax_of(product)
    line.tax = tax
    line.tax_id = tax.id if tax is not None else None
    line.tax_rate = tax.rate if tax is not None else ZERO


def copied_line(line: Any) -> dict[str, Any]:
    """What `set_lines` takes to make the same line on another document, at the same price."""
    if line.product_id is None and not line.quantity:
        return {"text": line.text}  # words alone
    names = ("product_id", "text", "quantity", "unit", "price", "discount")
    return {name: getattr(line, name) for name in names} | {"tax_id": line.tax_id or UNTAXED}
