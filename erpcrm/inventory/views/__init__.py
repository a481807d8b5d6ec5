"""The pages of inventory."""

from . import adjusting, counting, deliveries, lots, places, receipts, returns, stock
from .blueprint import bp

__all__ = ["adjusting", "bp", "counting", "deliveries", "lots", "places", "receipts", "returns", "stock"]
