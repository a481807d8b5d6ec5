"""The pages of service."""

from . import help, knowledge, mails, public, queue, setup, steps, surveys, tickets
from .blueprint import bp

__all__ = ["bp", "help", "knowledge", "mails", "public", "queue", "setup", "steps", "surveys", "tickets"]
