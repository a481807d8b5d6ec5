"""What sellers do next with an order; areas above add their steps at "order.next"."""

from flask import url_for

from erpcrm.access.steps import Step
from erpcrm.core.i18n import _

from .models import SalesOrder
from .models.orders import CONFIRM, EDIT

NEXT = "order.next"
# The way of an order. What areas above add has its rank between these.
CONFIRMING, DELIVERED_BY_HAND, CONFIRMING_AGAIN = 10, 47, 90


def steps_of(order: SalesOrder) -> list[Step]:
    """Confirm a draft; say that work was done; try again whether an order that waits may go on."""
    if order.status in ("draft", "waiting"):
        waits = order.status == "waiting"
        return [
            Step(
                CONFIRMING_AGAIN if waits else CONFIRMING,
                _("Confirm again") if waits else _("Confirm"),
                url_for("sales.move_order", id=order.id, move="confirm"),
                "check",
                CONFIRM,
                "post",
                {"version": order.version},
            )
        ]
    if order.status == "confirmed" and any(line.by_hand for line in order.lines):
        return [
            Step(
                DELIVERED_BY_HAND,
                _("Record work as done"),
                url_for("sales.deliver_by_hand", id=order.id),
                "checks",
                EDIT,
                "post",
            )
        ]
    return []
