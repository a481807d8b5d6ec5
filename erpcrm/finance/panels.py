"""What finance adds to pages of lower areas."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from erpcrm.core.db import session
from erpcrm.core.i18n import today

from .models import CustomerAccount, Payment
from .services import aged_of
from .services.dunning import is_stopped

SHOWN = 3


def account_of_customers(ids: Sequence[int]) -> Mapping[int, Any]:
    """What each customer owes by band, and their last payments: three queries for all of them."""
    on = today()
    aged = aged_of(ids, on)
    stops = {
        one.customer_id: is_stopped(one, on)
        for one in session.scalars(select(CustomerAccount).where(CustomerAccount.customer_id.in_(ids)))
    }
    place = func.row_number().over(partition_by=Payment.customer_id, order_by=(Payment.date.desc(), Payment.id.desc()))
    ranked = (
        select(
            Payment.id, Payment.customer_id, Payment.number, Payment.date, Payment.amount, Payment.currency,
            Payment.direction, place.label("place"),
        )
        .where(Payment.customer_id.in_(ids), Payment.status == "posted")
        .subquery()
    )  # fmt: skip
    last: dict[int, list[Any]] = {}
    for row in session.execute(select(ranked).where(ranked.c.place <= SHOWN).order_by(ranked.c.place)):
        last.setdefault(row.customer_id, []).append(row)
    return {
        id: {"id": id, "aged": aged.get(id), "payments": last.get(id, []), "stopped": stops.get(id, False)} for id in ids
    }
