"""What analytics adds to pages of lower areas. Every loader gets all records of a page at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from erpcrm.core.actor import current_actor
from erpcrm.core.db import session
from erpcrm.core.i18n import today

from .intervals import RISKS
from .models import VALUE_VIEW, CustomerValue
from .services.behaviour import habits_and_mix

HABITS = 3


def worth_of_customers(ids: Sequence[int]) -> Mapping[int, Any]:
    """Class, rhythm and what is expected of customers who have bought; the page of one customer also says what it misses."""
    actor, day = current_actor(), today()
    risks = {risk.value: risk for risk in RISKS}
    rows = session.scalars(select(CustomerValue).where(CustomerValue.id.in_(ids))).all()
    return {
        row.id: {
            "found": row,
            "risk": risks[row.risk],
            "silent": (day - row.last_on).days,
            "habits": habits_and_mix(row.id, day)[0][:HABITS] if len(ids) == 1 else (),
            "may_see_value": actor is not None and actor.may(VALUE_VIEW),
        }
        for row in rows
    }
