"""The pages of sales."""

from . import contracts, documents, offers, orders, quotations, terms  # noqa: F401 - they add their routes
from .blueprint import bp

__all__ = ["bp"]
