"""By what figures are told apart: each has a key in SQL, and a name for each key."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Integer, cast, func, select
from sqlalchemy.orm import InstrumentedAttribute

from erpcrm.access.models import Team, User
from erpcrm.catalog.models import Product
from erpcrm.core.db import session
from erpcrm.core.i18n import _, _l, show_month
from erpcrm.core.options import options
from erpcrm.core.whole import whole
from erpcrm.customers.models import Customer

from ...models import Opportunity, OpportunityLine
from ..shares import CREDITED_TEAM, CREDITED_USER

YEARS = 1900, 2199
Key = Any
"""What a row is about: an id, a word, the number of a month; None is all that has none."""
Joins = Sequence[tuple[Any, ColumnElement[bool]]]


@dataclass(frozen=True)
class Dimension:
    label: Any
    nothing: Any
    """How the row without a key is called"""
    key: ColumnElement[Any] | InstrumentedAttribute[Any]
    names: Callable[[Sequence[Key]], Mapping[Key, str]]
    read: Callable[[str], Key] = str
    """The key of the text in an address; ValueError for what is none"""
    joins: Joins = ()
    months: int = 0
    """Of a dimension of time, in whose order its rows stand: the length of each"""


def _named(model: Any) -> Callable[[Sequence[Key]], Mapping[Key, str]]:
    def names(ids: Sequence[Key]) -> Mapping[Key, str]:
        return {id: name for id, name in session.execute(select(model.id, model.name).where(model.id.in_(ids)))}

    return names


def _options(of: str) -> Callable[[Sequence[Key]], Mapping[Key, str]]:
    return lambda _keys: {choice.value: str(choice.label) for choice in options(of)}


def _as_they_are(keys: Sequence[Key]) -> Mapping[Key, str]:
    return {key: str(key) for key in keys}


def _months(step: int) -> ColumnElement[Any]:
    """The month of closing as a number: years times twelve and the month from 0; of a quarter its first month."""
    year, month = (func.extract(part, Opportunity.closed_on) for part in ("year", "month"))
    number = cast(year, Integer) * 12 + cast(month, Integer) - 1
    return number if step == 1 else number - number % step


def first_day(month: int) -> date:
    """Of the month with this number."""
    return date(month // 12, month % 12 + 1, 1)


def _month(text: str) -> int:
    """The number of a month in an address."""
    month = whole(text)
    if not YEARS[0] <= month // 12 <= YEARS[1]:
        raise ValueError(text)
    return month


def _month_names(keys: Sequence[Key]) -> Mapping[Key, str]:
    return {key: show_month(first_day(key)) for key in keys}


def _quarter_names(keys: Sequence[Key]) -> Mapping[Key, str]:
    return {key: quarter_label(first_day(key)) for key in keys}


def quarter_label(first: date) -> str:
    return str(_("Q%(quarter)s %(year)s", quarter=(first.month + 2) // 3, year=first.year))


PRODUCT = "product"
"""The one dimension in which a deal has several keys: those of its lines"""
SELLER: Joins = ((User, User.id == CREDITED_USER),)
CUSTOMER: Joins = ((Customer, Customer.id == Opportunity.customer_id),)
DIMENSIONS: dict[str, Dimension] = {
    "person": Dimension(_l("Salesperson"), _l("Nobody"), CREDITED_USER, _named(User), whole),
    "team": Dimension(_l("Team"), _l("No team"), CREDITED_TEAM, _named(Team), whole),
    "source": Dimension(_l("Source"), _l("No source"), Opportunity.source, _options("customer.source")),
    PRODUCT: Dimension(_l("Product"), _l("No product"), OpportunityLine.product_id, _named(Product), whole),
    "seller_region": Dimension(_l("Seller's region"), _l("No region"), User.region, _as_they_are, joins=SELLER),
    "customer_region": Dimension(
        _l("Customer's region"), _l("No region"), Customer.region, _options("customer.region"), joins=CUSTOMER
    ),
    "month": Dimension(_l("Month"), "", _months(1), _month_names, _month, months=1),
    "quarter": Dimension(_l("Quarter"), "", _months(3), _quarter_names, _month, months=3),
}


def label_of(by: str, key: Key) -> str:
    dimension = DIMENSIONS[by]
    return str(dimension.nothing) if key is None else dimension.names([key]).get(key, str(key))
