"""Tables of the catalog."""

from .prices import PRICES_EDIT, PRICES_VIEW, PriceList, PriceListItem
from .products import (
    COST_VIEW,
    EDIT,
    GOODS,
    KINDS,
    PRODUCT_FLOW,
    SERVICE,
    SET,
    TRACKING,
    UNTRACKED,
    VIEW,
    Product,
    ProductUnit,
    SetComponent,
)

__all__ = [
    "COST_VIEW",
    "EDIT",
    "GOODS",
    "KINDS",
    "PRICES_EDIT",
    "PRICES_VIEW",
    "PRODUCT_FLOW",
    "SERVICE",
    "SET",
    "TRACKING",
    "UNTRACKED",
    "VIEW",
    "PriceList",
    "PriceListItem",
    "Product",
    "ProductUnit",
    "SetComponent",
]
