"""How many complaints there were, about what, why, and what they cost."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, select

from erpcrm.catalog.models import Product
from erpcrm.core.db import session
from erpcrm.core.i18n import _, _l, zone
from erpcrm.core.options import option_label
from erpcrm.core.records import Choice
from erpcrm.customers.models import Customer
from erpcrm.inventory.models import Lot

from ..models import SEVERITIES, Complaint
from .complaints import costs_of

ZERO = Decimal(0)
AT_ONCE = 1000
DIMENSIONS = (
    Choice("product", _l("Product")),
    Choice("cause", _l("Kind of cause")),
    Choice("lot", _l("Lot")),
    Choice("severity", _l("Severity")),
    Choice("customer", _l("Customer")),
)
KEYS: dict[str, tuple[Any, Any, Any]] = {
    "product": (Complaint.product_id, Product.name, (Product, Product.id == Complaint.product_id)),
    "lot": (Complaint.lot_id, Lot.code, (Lot, Lot.id == Complaint.lot_id)),
    "customer": (Complaint.customer_id, Customer.name, (Customer, Customer.id == Complaint.customer_id)),
    "cause": (Complaint.cause_category, Complaint.cause_category, None),
    "severity": (Complaint.severity, Complaint.severity, None),
}
"""What is grouped by, the name of it, and where that is read"""


@dataclass
class Share:
    """The complaints of one product, cause …: how many, which part of all, how many justified, what they cost."""

    key: Any
    label: str
    count: int = 0
    justified: int = 0
    cost: Decimal = ZERO
    percent: Decimal = ZERO
    """Of all complaints of the time"""


@dataclass(frozen=True)
class Figures:
    """Complaints of a time, without those that were turned down where it says so."""

    shares: Sequence[Share]
    count: int
    justified: int
    cost: Decimal


def figures(dimension: str, since: date, until: date, scope: ColumnElement[bool]) -> Figures:
    """Complaints that came from `since` to `until`, both days of the company included, by `dimension`, most frequent first."""
    key, name, joined = KEYS[dimension]
    query = select(Complaint.id, Complaint.status, key, name).where(
        Complaint.created_at >= _begin(since), Complaint.created_at < _begin(until + timedelta(days=1)), scope
    )
    if joined is not None:
        query = query.outerjoin(*joined)
    rows = session.execute(query.order_by(Complaint.id)).all()
    cost: dict[int, Decimal] = defaultdict(Decimal)
    ids = [row[0] for row in rows]
    for start in range(0, len(ids), AT_ONCE):
        for id, terms in costs_of(ids[start : start + AT_ONCE]).items():
            cost[id] = sum((term.amount for term in terms), ZERO)
    found: dict[Any, Share] = {}
    for id, status, value, label in rows:
        share = found.setdefault(value, Share(value, _label(dimension, value, label)))
        share.count += 1
        share.justified += status in ("justified", "closed")
        share.cost += cost[id]
    for share in found.values():
        share.percent = Decimal(share.count * 100) / len(rows)
    ordered = sorted(found.values(), key=lambda share: (-share.count, -share.cost, share.label))
    return Figures(
        ordered,
        len(rows),
        sum(share.justified for share in ordered),
        sum((share.cost for share in ordered), ZERO),
    )


def _label(dimension: str, value: Any, name: Any) -> str:
    if value is None:
        return _("not said")
    if dimension == "cause":
        return option_label("complaint.cause", value) or str(value)
    if dimension == "severity":
        return next(str(one.label) for one in SEVERITIES if one.value == value)
    return str(name)


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), zone())
