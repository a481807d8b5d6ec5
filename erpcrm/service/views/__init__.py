"""The pages of service."""

from . import queue, setup, steps, tickets
from .blueprint import bp

__all__ = ["bp", "queue", "setup", "steps", "tickets"]
