"""What analytics does when lower areas move their records."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete

from erpcrm.core.actor import Actor
from erpcrm.core.db import session

from .models import CustomerMonth, CustomerValue


def forget_figures(winner: Any, by: Actor | None, details: Mapping[str, Any]) -> None:
    """Two records of one customer become one: its figures are wrong too now, and worked out anew the next night."""
    if winner.record_name != "customer":
        return
    for model in (CustomerValue, CustomerMonth):
        session.execute(delete(model).where(model.customer_id == winner.id))
    session.flush()
