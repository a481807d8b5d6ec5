"""The record types of inventory."""

from .documents import DELIVERY_SCOPE, RETURN_SCOPE, adjustment, delivery, receipt, stock_return
from .stock import lot, stock_item, stock_move, warehouse

RECORD_TYPES = (warehouse, stock_item, stock_move, lot, receipt, adjustment, delivery, stock_return)

__all__ = ["DELIVERY_SCOPE", "RECORD_TYPES", "RETURN_SCOPE"]
