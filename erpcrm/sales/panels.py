"""What sales adds to pages of lower areas."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, select
from sqlalchemy.orm import joinedload

from erpcrm.core.access import KEPT
from erpcrm.core.actor import Actor, current_actor
from erpcrm.core.db import session
from erpcrm.core.i18n import _l

from .models import CONTRACT_FLOW, ORDER_FLOW, QUOTATION_FLOW, Contract, Quotation, SalesOrder
from .records import CONTRACT_SCOPE, ORDER_SCOPE, QUOTATION_SCOPE
from .services import holders_of

SHOWN = 6
IN_FORCE = Quotation.status != "superseded"


def kept_by_orders(ids: Sequence[int]) -> Mapping[int, Any]:
    """{customer: why} of those that have ordered: nobody loses them to the public pool."""
    ordered = select(SalesOrder.customer_id).where(
        SalesOrder.customer_id.in_(ids), SalesOrder.status.in_(("waiting", "confirmed", "closed"))
    )
    return dict.fromkeys(session.scalars(ordered.distinct()), _l("Has ordered"))


def _reader() -> Actor:
    actor = current_actor()
    assert actor is not None  # noqa: S101 - panels belong to pages of signed-in users
    return actor


def _latest(model: Any, key: Any, ids: Sequence[int], *conditions: Any) -> Mapping[int, list[Any]]:
    """The latest records of each id that `key` points to: one query, whatever the number of ids."""
    found: dict[int, list[Any]] = {id: [] for id in ids}
    for record in session.scalars(_latest_of(model, key, conditions), {"ids": list(ids)}):
        found[getattr(record, key.key)].append(record)
    return found


@lru_cache(KEPT)
def _latest_of(model: Any, key: Any, conditions: Sequence[ColumnElement[bool]]) -> Select[Any]:
    place = func.row_number().over(partition_by=key, order_by=model.id.desc()).label("place")
    ranked = select(model.id, place).where(key.in_(bindparam("ids", expanding=True)), *conditions).subquery()
    return select(model).join(ranked, ranked.c.id == model.id).where(ranked.c.place <= SHOWN).order_by(model.id.desc())


def documents_of_customers(ids: Sequence[int]) -> Mapping[int, Any]:
    """The latest quotations, orders and contracts of each customer that this user may see."""
    actor = _reader()
    kinds: Sequence[tuple[str, Any, Any, Any, list[Any]]] = (
        ("quotation", Quotation, QUOTATION_FLOW, QUOTATION_SCOPE, [IN_FORCE]),
        ("order", SalesOrder, ORDER_FLOW, ORDER_SCOPE, []),
        ("contract", Contract, CONTRACT_FLOW, CONTRACT_SCOPE, []),
    )
    found: dict[int, dict[str, Any]] = {id: {"customer_id": id, "states": {}} for id in ids}
    for name, model, flow, scope, conditions in kinds:
        if not actor.may(f"sales.{name}.view"):
            continue
        seen = _latest(model, model.customer_id, ids, scope(actor, actor.scope(name)), *conditions)
        for id, records in seen.items():
            found[id][name] = records
            found[id]["states"][name] = flow.state
    return found


def quotations_of_deals(ids: Sequence[int]) -> Mapping[int, Any]:
    """The latest quotations of each deal that this user may see."""
    actor = _reader()
    rule = QUOTATION_SCOPE(actor, actor.scope("quotation"))
    seen = _latest(Quotation, Quotation.opportunity_id, ids, rule, IN_FORCE)
    return {id: {"deal_id": id, "quotations": records, "states": QUOTATION_FLOW.state} for id, records in seen.items()}


def customers_of_lists(ids: Sequence[int]) -> Mapping[int, Any]:
    """Who buys by each of these price lists."""
    return {id: {"price_list_id": id, "holders": holders_of(id)} for id in ids}


def to_do_of_users(ids: Sequence[int]) -> Mapping[int, Any]:
    """What waits for a user: own offers that run out soon or were opened, discounts to approve, orders that wait."""
    actor = _reader()
    found: dict[int, Any] = {}
    for user_id in ids:
        mine = Quotation.owner_id == user_id
        offers = select(Quotation).options(joinedload(Quotation.customer))
        sent = offers.where(mine, Quotation.status == "sent").order_by(Quotation.valid_until, Quotation.id)
        waiting = (
            select(SalesOrder)
            .options(joinedload(SalesOrder.customer))
            .where(SalesOrder.owner_id == user_id, SalesOrder.status == "waiting")
        )
        approve: Sequence[Quotation] = ()
        if actor.may("sales.discount.approve"):
            rule = QUOTATION_SCOPE(actor, actor.scope("quotation"))
            asked = offers.where(Quotation.status == "in_approval", rule)
            approve = session.scalars(asked.order_by(Quotation.id).limit(SHOWN)).all()
        found[user_id] = {
            "sent": session.scalars(sent.limit(SHOWN)).all(),
            "waiting": session.scalars(waiting.order_by(SalesOrder.id).limit(SHOWN)).all(),
            "approve": approve,
        }
    return found
