"""The manifest of inventory."""

from erpcrm.core.area import Area, Create, Effect, Guard, NavItem, Panel, Permission
from erpcrm.core.i18n import _l

from . import demo
from .effects import (
    leaves_with_a_delivery,
    let_go_of_order,
    line_is_in_no_delivery,
    no_stock_of_it,
    not_below_deliveries,
    nothing_is_being_packed,
    reserve_for_line,
    reserve_for_order,
)
from .importer import IMPORT
from .models import (
    ADJUSTMENT_FLOW,
    COUNT,
    COUNT_FLOW,
    DELIVER,
    DELIVERY_FLOW,
    DELIVERY_VIEW,
    EDIT,
    RECEIPT_FLOW,
    RECEIVE,
    RETURN_FLOW,
    SETUP,
    TAKE_BACK,
    VIEW,
)
from .panels import deliver_orders, stock_of_orders, stock_of_products
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
    requires=("access", "company", "customers", "catalog", "sales"),
    blueprints=[bp],
    record_types=RECORD_TYPES,
    workflows=[RECEIPT_FLOW, ADJUSTMENT_FLOW, COUNT_FLOW, DELIVERY_FLOW, RETURN_FLOW],
    permissions=[
        Permission(
            VIEW,
            _l("See stock, moves and receipts"),
            roles=(*STORE, "seller", "agent", "controller", "accountant", "buyer", "planner", "operator"),
        ),
        Permission(EDIT, _l("Adjust, carry and scrap stock"), roles=STORE),
        Permission(IMPORT, _l("Import opening stock"), roles=STORE),
        Permission(COUNT, _l("Count stock"), roles=STORE),
        Permission(RECEIVE, _l("Plan and receive goods"), roles=(*STORE, "buyer")),
        Permission(
            DELIVERY_VIEW,
            _l("See deliveries and returns"),
            roles=(*STORE, "seller", "agent", "controller", "accountant"),
        ),
        Permission(DELIVER, _l("Make deliveries, pick, pack and ship them"), roles=STORE),
        Permission(TAKE_BACK, _l("Take goods back"), roles=STORE),
        Permission(SETUP, _l("Change warehouses and valuation"), roles=("manager",)),
    ],
    nav=[
        NavItem(_l("Warehouse"), "inventory.home", "building-warehouse", VIEW, group=_l("Inventory"), order=45),
        NavItem(_l("Stock"), "inventory.stock", "package", VIEW, group=_l("Inventory"), order=46),
        NavItem(
            _l("Deliveries"),
            "inventory.deliveries",
            "truck-delivery",
            DELIVERY_VIEW,
            group=_l("Inventory"),
            order=47,
        ),
        NavItem(_l("Returns"), "inventory.returns", "arrow-back-up", DELIVERY_VIEW, _l("Inventory"), 52, in_menu=False),
        NavItem(_l("Receipts"), "inventory.receipts", "truck", VIEW, group=_l("Inventory"), order=48),
        NavItem(_l("Stock moves"), "inventory.moves", "arrows-exchange", VIEW, _l("Inventory"), 49, in_menu=False),
        NavItem(_l("Lots and serial numbers"), "inventory.lots", "qrcode", VIEW, _l("Inventory"), 50, in_menu=False),
        NavItem(_l("Stock adjustments"), "inventory.adjustments", "scale", VIEW, _l("Inventory"), 51, in_menu=False),
        NavItem(_l("Stock counts"), "inventory.counts", "clipboard-list", VIEW, group=_l("Inventory"), order=49),
        NavItem(_l("Warehouses"), "inventory.warehouses", "building-warehouse", SETUP, group=_l("Set-up"), order=82),
    ],
    create=[
        Create(_l("Receipt"), "inventory.new_receipt", "truck", RECEIVE),
        Create(_l("Stock count"), "inventory.new_count", "clipboard-list", COUNT),
    ],
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
        Panel(
            "order_stock",
            "order.page",
            _l("Stock and deliveries"),
            "inventory/panel_order.html",
            stock_of_orders,
            DELIVERY_VIEW,
            order=10,
        ),
        Panel(
            "order_delivery_action",
            "order.page",
            _l("Deliver"),
            "inventory/order_action.html",
            deliver_orders,
            DELIVER,
            order=20,
        ),
    ],
    guards=[
        Guard("product.recount", no_stock_of_it),
        Guard("receipt.cancel", nothing_came),
        Guard("order.amend", not_below_deliveries),
        Guard("order.cancel", nothing_is_being_packed),
        Guard("order_line.close", line_is_in_no_delivery),
        Guard("order_line.deliver", leaves_with_a_delivery),
    ],
    effects=[
        Effect("order.confirm", reserve_for_order),
        Effect("order.amend", reserve_for_order),
        Effect("order.reopen", reserve_for_order),
        Effect("order.cancel", let_go_of_order),
        Effect("order.close", let_go_of_order),
        Effect("order_line.hold", reserve_for_line),
        Effect("order_line.release", reserve_for_line),
        Effect("order_line.close", reserve_for_line),
        Effect("order_line.reopen", reserve_for_line),
    ],
    settings={FIFO_CATEGORIES: []},
    after_upgrade=ensure_first_warehouse,
    demo=demo.fill,
)
