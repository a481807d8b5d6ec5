"""The manifest of inventory."""

from erpcrm.core.area import Area, Create, Guard, NavItem, Panel, Permission
from erpcrm.core.i18n import _l

from . import demo
from .models import ADJUSTMENT_FLOW, EDIT, RECEIPT_FLOW, RECEIVE, SETUP, VIEW
from .panels import stock_of_products
from .records import RECORD_TYPES
from .services import ensure_first_warehouse
from .services.costs import FIFO_CATEGORIES
from .services.receipts import nothing_came
from .views import bp

STORE = ("storekeeper", "manager")

area = Area(
    name="inventory",
    label=_l("Inventory"),
    about=_l("Warehouses, stock and what it is worth, goods that come and go, lots and serial numbers."),
    requires=("access", "company", "catalog"),
    blueprints=[bp],
    record_types=RECORD_TYPES,
    workflows=[RECEIPT_FLOW, ADJUSTMENT_FLOW],
    permissions=[
        Permission(
            VIEW,
            _l("See stock, moves and receipts"),
            roles=(*STORE, "seller", "agent", "controller", "accountant", "buyer", "planner", "operator"),
        ),
        Permission(EDIT, _l("Adjust, carry and scrap stock"), roles=STORE),
        Permission(RECEIVE, _l("Plan and receive goods"), roles=(*STORE, "buyer")),
        Permission(SETUP, _l("Change warehouses and valuation"), roles=("manager",)),
    ],
    nav=[
        NavItem(_l("Warehouse"), "inventory.home", "building-warehouse", VIEW, group=_l("Inventory"), order=45),
        NavItem(_l("Stock"), "inventory.stock", "package", VIEW, group=_l("Inventory"), order=46),
        NavItem(_l("Receipts"), "inventory.receipts", "truck", VIEW, group=_l("Inventory"), order=48),
        NavItem(_l("Stock moves"), "inventory.moves", "arrows-exchange", VIEW, _l("Inventory"), 49, in_menu=False),
        NavItem(_l("Lots and serial numbers"), "inventory.lots", "qrcode", VIEW, _l("Inventory"), 50, in_menu=False),
        NavItem(_l("Stock adjustments"), "inventory.adjustments", "scale", VIEW, _l("Inventory"), 51, in_menu=False),
        NavItem(_l("Warehouses"), "inventory.warehouses", "building-warehouse", SETUP, group=_l("Set-up"), order=82),
    ],
    create=[Create(_l("Receipt"), "inventory.new_receipt", "truck", RECEIVE)],
    panels=[
        Panel(
            "product_stock",
            "product.page",
            _l("Stock"),
            "inventory/panel_product.html",
            stock_of_products,
            VIEW,
            lens="operations",
            order=10,
        ),
    ],
    guards=[Guard("receipt.cancel", nothing_came)],
    settings={FIFO_CATEGORIES: []},
    after_upgrade=ensure_first_warehouse,
    demo=demo.fill,
)
