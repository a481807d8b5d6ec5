"""Which move brings a ticket from one state to another, for whoever drops a card on a column."""

from erpcrm.core.errors import Refused
from erpcrm.core.i18n import _
from erpcrm.core.workflow import Move

from .models import TICKET_FLOW


def move_towards(before: str, after: str) -> Move:
    """The move that a dropped card means. Refused where there is none: nothing becomes new again."""
    for move in TICKET_FLOW.moves:
        if before in move.sources and move.target == after and move.page is None:
            return move
    state = TICKET_FLOW.state.get(after)
    raise Refused(
        _("A ticket does not become “%(state)s” this way.", state=state.label if state is not None else after)
    )
