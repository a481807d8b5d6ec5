"""Price lists, and the price that holds for a product, a quantity and a day, with its reason."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from erpcrm.core.db import session
from erpcrm.core.errors import NotThere, Refused, Stale
from erpcrm.core.exact import round_price
from erpcrm.core.i18n import _, today

from ..models import PriceList, PriceListItem, Product, SetComponent
from ..pricing import Offer, Tier, best
from ..reasons import kept_reason
from .products import unit_factor, units_of

LIST_FIELDS = (
    "name",
    "currency",
    "tax_included",
    "for_everybody",
    "reduction",
    "starts_on",
    "ends_on",
    "active",
    "note",
)
HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Price:
    """A price for one `unit` and where it comes from. `offer.list_id` leads to the list."""

    amount: Decimal
    unit: str
    currency: str
    tax_included: bool
    offer: Offer

    @property
    def reason(self) -> str:
        """Why it is this price, as a line keeps it: `reason_in_words` says it in the reader's language."""
        return kept_reason(self.offer)


def everybodys_lists(currency: str) -> Sequence[PriceList]:
    """The lists in use for everybody, in one currency."""
    query = select(PriceList).where(PriceList.active, PriceList.for_everybody, PriceList.currency == currency)
    return session.scalars(query.order_by(PriceList.id)).all()


def find_price(
    product: Product,
    quantity: Decimal,
    unit: str,
    currency: str,
    *,
    on: date | None = None,
    lists: Mapping[Tier, Sequence[PriceList]] | None = None,
) -> Price | None:
    """The price for one `unit` of a product when `quantity` of them are sold on a day; None when there is none in `currency`.

    `lists` names the customer's own price lists and those of its group; lists for everybody are always looked at. The order
    of precedence is that of `pricing`. Refused when the product isn't traded by `unit`.
    """
    return PriceBook(currency, lists).find(product, quantity, unit, on=on)


class PriceBook:
    """The lists that hold for a customer in one currency, read once; `prepare` reads the prices of many products at once."""

    def __init__(self, currency: str, lists: Mapping[Tier, Sequence[PriceList]] | None = None) -> None:
        self.currency = currency
        self._lists: dict[int, tuple[Tier, PriceList]] = {}
        for tier, some in {**(lists or {}), "everybody": everybodys_lists(currency)}.items():
            for one in some:
                if one.currency == currency and one.active:
                    self._lists.setdefault(one.id, (tier, one))  # type: ignore[arg-type]
        self._items: dict[int, list[PriceListItem]] = {}

    def prepare(self, product_ids: Iterable[int]) -> None:
        """Read what the lists say of these products: one query."""
        new = set(product_ids) - self._items.keys()
        self._items |= {id: [] for id in new}
        if new and self._lists:
            query = select(PriceListItem).where(
                PriceListItem.product_id.in_(new), PriceListItem.price_list_id.in_(self._lists)
            )
            for item in session.scalars(query):
                self._items[item.product_id].append(item)

    def find(self, product: Product, quantity: Decimal, unit: str, *, on: date | None = None) -> Price | None:
        """As `find_price`."""
        factor = unit_factor(product, unit)
        self.prepare([product.id])
        offers = [
            *_priced(product, self._items[product.id], self._lists),
            *_reduced(product, self.currency, self._lists),
            *_listed(product, self.currency),
        ]
        offer = best(offers, quantity=quantity * factor, unit=unit, on=on or today())
        if offer is None:
            return None
        amount = offer.price if offer.unit == unit else offer.price / offer.factor * factor
        included = self._lists[offer.list_id][1].tax_included if offer.list_id is not None else False
        return Price(round_price(amount), unit, self.currency, included, offer)


def _priced(
    product: Product, items: Iterable[PriceListItem], lists: Mapping[int, tuple[Tier, PriceList]]
) -> Iterable[Offer]:
    """What the lists say of this product itself. An item holds within the time of its list."""
    factors = units_of(product)
    for item in items:
        if item.unit not in factors:
            continue  # no longer traded by this unit
        tier, of = lists[item.price_list_id]
        yield Offer(
            tier,
            item.price,
            item.unit,
            factors[item.unit],
            item.min_quantity,
            max(filter(None, (item.starts_on, of.starts_on)), default=None),
            min(filter(None, (item.ends_on, of.ends_on)), default=None),
            entered=item.id,
            list_id=of.id,
            list_name=of.name,
        )


def _reduced(product: Product, currency: str, lists: Mapping[int, tuple[Tier, PriceList]]) -> Iterable[Offer]:
    """What lists take off the list price of everything."""
    for listed in _listed(product, currency):
        for tier, of in lists.values():
            if of.reduction:
                yield replace(
                    listed,
                    tier=tier,
                    price=listed.price * (HUNDRED - of.reduction) / HUNDRED,
                    starts_on=of.starts_on,
                    ends_on=of.ends_on,
                    general=True,
                    entered=of.id,
                    list_id=of.id,
                    list_name=of.name,
                )


def _listed(product: Product, currency: str) -> Iterable[Offer]:
    """The product's own list price; a set without one costs what its components do."""
    if product.currency != currency:
        return
    price = product.price if product.price is not None else _sum_of(product)
    if price is not None:
        yield Offer("product", price, product.unit)


def _sum_of(whole: Product) -> Decimal | None:
    """None unless every component has a list price in the set's currency."""
    parts = session.scalars(
        select(SetComponent).where(SetComponent.set_id == whole.id).options(joinedload(SetComponent.product))
    ).all()
    prices = [part.product.price for part in parts if part.product.currency == whole.currency]
    if not parts or len(prices) < len(parts) or None in prices:
        return None
    return sum((part.quantity * part.product.price for part in parts if part.product.price is not None), Decimal(0))


# ------------------------------------------------------------------ keeping lists


def save_price_list(price_list: PriceList | None, values: Mapping[str, Any], version: int | None = None) -> PriceList:
    """Add a list or change it. Refused when its name is taken, or when the currency would change under its prices."""
    given = {name: values[name] for name in LIST_FIELDS if name in values}
    found = price_list or PriceList()
    if version is not None and version != found.version:
        raise Stale(found)
    if _named(given["name"], found) is not None:
        raise Refused(_("There is a price list “%(name)s” already.", name=given["name"]))
    if found.id and given.get("currency", found.currency) != found.currency and prices_of(found, limit=1):
        raise Refused(_("The prices of this list are in %(currency)s. Make a new list.", currency=found.currency))
    _check_days(given.get("starts_on"), given.get("ends_on"))
    if given.get("tax_included") and given.get("reduction"):
        raise Refused(_("List prices are without tax, so a list with tax can't reduce them."))
    for name, value in given.items():
        setattr(found, name, value)
    session.add(found)
    session.flush()
    return found


def _named(name: str, other_than: PriceList) -> PriceList | None:
    query = select(PriceList).where(func.lower(PriceList.name) == name.strip().lower())
    return next((found for found in session.scalars(query) if found is not other_than), None)


def _check_days(starts_on: date | None, ends_on: date | None) -> None:
    if starts_on and ends_on and ends_on < starts_on:
        raise Refused(_("The last day comes before the first."))


def prices_of(price_list: PriceList, limit: int | None = None) -> Sequence[PriceListItem]:
    """By product and quantity."""
    query = (
        select(PriceListItem)
        .join(PriceListItem.product)
        .where(PriceListItem.price_list_id == price_list.id)
        .options(joinedload(PriceListItem.product))
        .order_by(Product.name_key, Product.id, PriceListItem.unit, PriceListItem.min_quantity, PriceListItem.id)
    )
    return session.scalars(query.limit(limit) if limit else query).all()


def save_price(price_list: PriceList, item_id: int | None, values: Mapping[str, Any]) -> PriceListItem:
    """Put a price on a list, or change it. `price` is for one `unit` in the list's currency, from `min_quantity` of it on.

    Refused when it is negative, when the product isn't traded by that unit, or when the list says the same already.
    """
    product, unit = values["product"], values.get("unit") or values["product"].unit
    unit_factor(product, unit)
    given = {
        "product": product,
        "unit": unit,
        "min_quantity": values.get("min_quantity") or Decimal(0),
        "price": values["price"],
        "starts_on": values.get("starts_on"),
        "ends_on": values.get("ends_on"),
    }
    if given["price"] < 0 or given["min_quantity"] < 0:
        raise Refused(_("Neither a price nor a quantity can be negative."))
    _check_days(given["starts_on"], given["ends_on"])
    item = _item(price_list, item_id) if item_id is not None else PriceListItem(price_list=price_list)
    with session.no_autoflush:
        if _same(price_list, given, item):
            raise Refused(_("The list has a price for this product, unit, quantity and first day already."))
    for name, value in given.items():
        setattr(item, name, value)
    session.add(item)
    session.flush()
    return item


def _item(price_list: PriceList, item_id: int) -> PriceListItem:
    item = session.get(PriceListItem, item_id)
    if item is None or item.price_list_id != price_list.id:
        raise NotThere
    return item


def _same(price_list: PriceList, given: Mapping[str, Any], item: PriceListItem) -> bool:
    query = select(PriceListItem.id).where(
        PriceListItem.price_list_id == price_list.id,
        PriceListItem.product_id == given["product"].id,
        PriceListItem.unit == given["unit"],
        PriceListItem.min_quantity == given["min_quantity"],
        PriceListItem.starts_on.is_not_distinct_from(given["starts_on"]),
    )
    return any(found != item.id for found in session.scalars(query))


def remove_price(price_list: PriceList, item_id: int) -> None:
    """Documents keep the prices that they were written with."""
    session.delete(_item(price_list, item_id))
    session.flush()


def copy_price_list(price_list: PriceList, name: str, percent: Decimal = Decimal(0)) -> PriceList:
    """The same prices under another name, raised by `percent` (lowered when below zero), not in use yet.

    Refused when prices would fall below zero, or when the name is taken.
    """
    if percent < -HUNDRED:
        raise Refused(_("Prices can't fall by more than 100 %."))
    made = save_price_list(
        None,
        {field: getattr(price_list, field) for field in LIST_FIELDS} | {"name": name, "active": False},
    )
    for item in prices_of(price_list):
        session.add(
            PriceListItem(
                price_list=made,
                product=item.product,
                unit=item.unit,
                min_quantity=item.min_quantity,
                price=round_price(item.price * (HUNDRED + percent) / HUNDRED),
                starts_on=item.starts_on,
                ends_on=item.ends_on,
            )
        )
    session.flush()
    return made
