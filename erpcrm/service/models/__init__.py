"""The tables of service."""

from . import triggers as _triggers  # noqa: F401 - hangs what the database refuses at the tables
from .replies import CannedReply
from .sla import SlaPolicy
from .tickets import (
    CHANNELS,
    IN_HAND,
    KINDS,
    LEVEL_CHOICES,
    MESSAGE_KINDS,
    OPEN,
    PRIORITY_CHOICES,
    SETUP,
    SOLVED,
    TICKET_FLOW,
    UNSOLVED,
    VIEW,
    WORK,
    Ticket,
    TicketEvent,
    TicketMessage,
    TicketPresence,
    TicketWatcher,
)

__all__ = [
    "CHANNELS",
    "IN_HAND",
    "KINDS",
    "LEVEL_CHOICES",
    "MESSAGE_KINDS",
    "OPEN",
    "PRIORITY_CHOICES",
    "SETUP",
    "SOLVED",
    "TICKET_FLOW",
    "UNSOLVED",
    "VIEW",
    "WORK",
    "CannedReply",
    "SlaPolicy",
    "Ticket",
    "TicketEvent",
    "TicketMessage",
    "TicketPresence",
    "TicketWatcher",
]
