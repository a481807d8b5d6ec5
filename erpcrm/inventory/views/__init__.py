"""The pages of inventory."""

from . import adjusting, lots, places, receipts, stock
from .blueprint import bp

__all__ = ["adjusting", "bp", "lots", "places", "receipts", "stock"]
