"""The tables of service."""

from . import triggers as _triggers  # noqa: F401 - hangs what the database refuses at the tables
from .knowledge import ARTICLE_FLOW, Article
from .mailbox import IncomingMail, TicketLink
from .replies import CannedReply
from .sla import SlaPolicy
from .surveys import Survey, SurveyInvitation
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
    "ARTICLE_FLOW",
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
    "Article",
    "CannedReply",
    "IncomingMail",
    "SlaPolicy",
    "Survey",
    "SurveyInvitation",
    "Ticket",
    "TicketEvent",
    "TicketLink",
    "TicketMessage",
    "TicketPresence",
    "TicketWatcher",
]
