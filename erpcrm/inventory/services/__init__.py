"""The verbs of inventory."""

from .adjustments import adjust, take_back_adjustment
from .costs import save_fifo_categories
from .counting import (
    add_line,
    ask_recount,
    begin_count,
    keep_first_count,
    line_of,
    post_count,
    record_counted,
    since_counted,
)
from .deliveries import cancel, choose_lots, open_deliveries, propose_deliveries, ship, sign
from .lots import Part, is_tracked, lot_of, propose, read_codes
from .moving import Going, lock_items, move_goods
from .needs import is_from_stock, needs_of, under_way
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
from .reserving import let_go, reserve_order
from .returns import Back, announce_return, returned_of, take_back

__all__ = [
    "Back",
    "Coming",
    "Going",
    "Part",
    "add_line",
    "adjust",
    "announce_return",
    "ask_recount",
    "begin_count",
    "cancel",
    "choose_lots",
    "ensure_first_warehouse",
    "is_from_stock",
    "is_tracked",
    "keep_first_count",
    "let_go",
    "line_of",
    "locations_of",
    "lock_items",
    "lot_of",
    "main_location",
    "move_goods",
    "needs_of",
    "open_deliveries",
    "outside",
    "plan_receipt",
    "post_count",
    "propose",
    "propose_deliveries",
    "read_codes",
    "receive",
    "record_counted",
    "remove_line",
    "reserve_order",
    "returned_of",
    "save_fifo_categories",
    "save_line",
    "save_location",
    "save_warehouse",
    "ship",
    "sign",
    "since_counted",
    "take_back",
    "take_back_adjustment",
    "under_way",
    "update_receipt",
    "warehouses",
]
