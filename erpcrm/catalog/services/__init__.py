"""The verbs of the catalog."""

from .lookup import find_products, look_up_products, product_by_barcode, product_with_code
from .parts import add_component, remove_component, remove_unit, save_unit
from .price_files import TOLD_APART_BY, match_prices, price_from_file, update_price_from_file
from .prices import (
    Price,
    PriceBook,
    copy_price_list,
    everybodys_lists,
    find_price,
    prices_of,
    remove_price,
    save_price,
    save_price_list,
)
from .products import (
    check_quantity,
    choose_picture,
    create_product,
    free_barcode,
    in_base_unit,
    record_cost,
    tax_group_of,
    unit_factor,
    units_of,
    update_product,
)

__all__ = [
    "TOLD_APART_BY",
    "Price",
    "PriceBook",
    "add_component",
    "check_quantity",
    "choose_picture",
    "copy_price_list",
    "create_product",
    "everybodys_lists",
    "find_price",
    "find_products",
    "free_barcode",
    "in_base_unit",
    "look_up_products",
    "match_prices",
    "price_from_file",
    "prices_of",
    "product_by_barcode",
    "product_with_code",
    "record_cost",
    "remove_component",
    "remove_price",
    "remove_unit",
    "save_price",
    "save_price_list",
    "save_unit",
    "tax_group_of",
    "unit_factor",
    "units_of",
    "update_price_from_file",
    "update_product",
]
