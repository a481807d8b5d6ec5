"""The pages of inventory."""

from . import adjusting, deliveries, lots, places, receipts, returns, stock
from .blueprint import bp

__all__ = ["adjusting", "bp", "deliveries", "lots", "places", "receipts", "returns", "stock"]
