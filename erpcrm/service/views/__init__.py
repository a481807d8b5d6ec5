"""The pages of service."""

from . import complaints, feedback, queue, setup, steps, tickets
from .blueprint import bp

__all__ = ["bp", "complaints", "feedback", "queue", "setup", "steps", "tickets"]
