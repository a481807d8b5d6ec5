"""The blueprint of service, and what its pages share."""

from flask import Blueprint
from sqlalchemy.orm import joinedload

from erpcrm.access.models import User
from erpcrm.core.access import load

from ..models import Ticket
from ..scopes import TICKET_SCOPE

WHOLE = (
    *(joinedload(part) for part in (Ticket.customer, Ticket.contact, Ticket.product, Ticket.order, Ticket.delivery)),
    *(joinedload(part) for part in (Ticket.lot, Ticket.policy, Ticket.team, Ticket.parent, Ticket.merged_into)),
    joinedload(Ticket.owner).lazyload(User.roles),
)
bp = Blueprint("service", __name__, url_prefix="/service")


def load_ticket(id: int) -> Ticket:
    return load(Ticket, id, TICKET_SCOPE, options=WHOLE)
