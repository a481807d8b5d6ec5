"""The verbs of inventory."""

from .adjustments import adjust
from .costs import save_fifo_categories
from .lots import Part, is_tracked, lot_of, propose, read_codes
from .moving import Going, lock_items, move_goods
from .places import (
    ensure_first_warehouse,
    locations_of,
    main_location,
    outside,
    save_location,
    save_warehouse,
    warehouses,
)
from .receipts import Coming, plan_receipt, receive, remove_line, save_line, update_receipt

__all__ = [
    "Coming",
    "Going",
    "Part",
    "adjust",
    "ensure_first_warehouse",
    "is_tracked",
    "locations_of",
    "lock_items",
    "lot_of",
    "main_location",
    "move_goods",
    "outside",
    "plan_receipt",
    "propose",
    "read_codes",
    "receive",
    "remove_line",
    "save_fifo_categories",
    "save_line",
    "save_location",
    "save_warehouse",
    "update_receipt",
    "warehouses",
]
