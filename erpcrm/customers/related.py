"""What belongs to a customer besides what hangs on the customer itself: its people, and every record that names it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, inspect, or_, select

from erpcrm.core.actor import current_actor
from erpcrm.core.db import Record
from erpcrm.core.registry import record_types_on

from .models import Activity, Customer, CustomerContact


def related(record: Record) -> list[tuple[str, Select[Any]]]:
    """[(record type, ids)] of what else belongs to `record`, as far as this user may see it. Empty for all but customers."""
    actor = current_actor()
    if not isinstance(record, Customer) or actor is None:
        return []
    found: list[tuple[str, Select[Any]]] = []
    if actor.may("customers.contact.view"):
        found.append(("contact", select(CustomerContact.contact_id).where(CustomerContact.customer_id == record.id)))
    for kind in record_types_on():
        key = inspect(kind.model).columns.get("customer_id")
        if key is None or kind.model is Activity or not actor.may(kind.view):
            continue
        rule = kind.scope(actor, actor.scope(kind.name))
        found.append((kind.name, select(kind.model.id).where(key == record.id, rule)))
    return found


def points_at(record: Record, others: Sequence[tuple[str, Select[Any]]], kind: Any, key: Any) -> ColumnElement[bool]:
    """A row whose columns `kind` and `key` point at `record` or at one of `others`."""
    own = and_(kind == record.record_name, key == record.id)
    return or_(own, *(and_(kind == name, key.in_(ids)) for name, ids in others))
