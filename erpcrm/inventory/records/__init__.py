"""The record types of inventory."""

from .documents import DELIVERY_SCOPE, RETURN_SCOPE, adjustment, count, delivery, receipt, stock_return
from .stock import lot, stock_item, stock_move, warehouse

RECORD_TYPES = (warehouse, stock_item, stock_move, lot, receipt, adjustment, count, delivery, stock_return)

__all__ = ["DELIVERY_SCOPE", "RECORD_TYPES", "RETURN_SCOPE"]
