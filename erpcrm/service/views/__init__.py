"""The pages of service."""

from . import (
    complaints,
    feedback,
    help,
    knowledge,
    mails,
    public,
    queue,
    setup,
    steps,
    surveys,
    tickets,
)
from .blueprint import bp

__all__ = [
    "bp",
    "complaints",
    "feedback",
    "help",
    "knowledge",
    "mails",
    "public",
    "queue",
    "setup",
    "steps",
    "surveys",
    "tickets",
]
