"""What credit adds to pages of lower areas. Every loader gets all records of a page or board at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import null, select
from sqlalchemy.orm import joinedload

from erpcrm.core.actor import current_actor
from erpcrm.core.db import session
from erpcrm.core.i18n import today
from erpcrm.pipeline.models import Opportunity
from erpcrm.sales.models import Quotation, SalesOrder

from .models import APPLICATION_FLOW, UNDECIDED, CreditApplication
from .records import APPLICATION_SCOPE
from .services import Standing, may_decide, orders_known, standings, told

SHOWN = 8


def headroom_of_customers(ids: Sequence[int]) -> Mapping[int, Any]:
    """Where each customer stands."""
    found = standings(ids)
    return {id: {"customer_id": id, "standing": found[id]} for id in ids}


def _of_documents(model: Any, ids: Sequence[int], amount: Any) -> Mapping[int, Any]:
    rows = session.execute(select(model.id, model.customer_id, amount).where(model.id.in_(ids))).all()
    found = standings({customer_id for _id, customer_id, _amount in rows if customer_id is not None})
    return {
        id: {
            "customer_id": customer_id,
            "standing": found[customer_id],
            "worth": worth,
            "fits": fits(found[customer_id], worth),
        }
        for id, customer_id, worth in rows
        if customer_id is not None
    }


def fits(where: Standing, worth: Any) -> bool | None:
    """Whether so much more would fit; None without a limit or an amount."""
    left = where.headroom
    return None if left is None or worth is None else worth <= left


def headroom_of_deals(ids: Sequence[int]) -> Mapping[int, Any]:
    """Where the customers of deals stand. A deal's amount is in its own currency and not compared."""
    return _of_documents(Opportunity, ids, null())


def headroom_of_quotations(ids: Sequence[int]) -> Mapping[int, Any]:
    """Where the customers of offers stand, and whether an order of each would fit."""
    return _of_documents(Quotation, ids, Quotation.base_gross)


def headroom_of_orders(ids: Sequence[int]) -> Mapping[int, Any]:
    """Where the customers of orders stand, what was found of each order, and the application about it."""
    query = select(SalesOrder.id, SalesOrder.customer_id, SalesOrder.status, SalesOrder.base_gross, SalesOrder.currency)
    rows = session.execute(query.where(SalesOrder.id.in_(ids))).all()
    found, known = standings({row.customer_id for row in rows}), orders_known(ids)
    applications: dict[int, CreditApplication] = {}
    for one in session.scalars(
        select(CreditApplication).where(CreditApplication.order_id.in_(ids)).order_by(CreditApplication.id)
    ):
        if one.order_id is not None:
            applications[one.order_id] = one
    data = {}
    for row in rows:
        order, application = known.get(row.id), applications.get(row.id)
        where = found[row.customer_id]
        data[row.id] = {
            "order_id": row.id,
            "customer_id": row.customer_id,
            "standing": where,
            "status": row.status,
            "findings": [(one["action"], told(one)) for one in order.findings] if order is not None else [],
            "released": order.released if order is not None else None,
            "currency": row.currency,
            "application": application,
            "application_state": APPLICATION_FLOW.state_of(application) if application is not None else None,
            "undecided": application is not None and application.status in UNDECIDED,
            "worth": row.base_gross if row.status in ("draft", "waiting") else None,
            "fits": fits(where, row.base_gross) if row.status in ("draft", "waiting") else None,
        }
    return data


def to_decide(ids: Sequence[int]) -> Mapping[int, Any]:
    """What waits for a user's decision, and what was asked back from them."""
    actor = current_actor()
    assert actor is not None  # noqa: S101 - panels belong to pages of signed-in users
    rule = APPLICATION_SCOPE(actor, actor.scope("customer"))
    query = (
        select(CreditApplication)
        .where(rule)
        .options(joinedload(CreditApplication.customer))
        .order_by(CreditApplication.created_at, CreditApplication.id)
    )
    decide: Sequence[CreditApplication] = ()
    if may_decide(actor):
        undecided = CreditApplication.status.in_(("submitted", "in_review", "endorsed"))
        mine = CreditApplication.requested_by_id.is_distinct_from(actor.id)
        decide = session.scalars(query.where(undecided, mine).limit(SHOWN)).all()
    back = query.where(CreditApplication.status == "asked_back", CreditApplication.requested_by_id == actor.id)
    asked = session.scalars(back.limit(SHOWN)).all()
    return {id: {"decide": decide, "asked": asked, "today": today()} for id in ids}
