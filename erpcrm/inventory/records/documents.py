"""What lists, search and export know about the documents that move stock."""

from sqlalchemy import ColumnElement, select, true

from erpcrm.catalog.models import COST_VIEW
from erpcrm.core.access import everyone, through
from erpcrm.core.actor import Actor, ScopeName
from erpcrm.core.i18n import _l, lazy_pgettext
from erpcrm.core.options import options
from erpcrm.core.records import Column, Join, RecordType, Searchable
from erpcrm.customers.records import customer_column
from erpcrm.sales.models import SalesOrder
from erpcrm.sales.records import ORDER_SCOPE

from ..importer import OPENING_IMPORTER
from ..models import (
    ADJUSTMENT_KINDS,
    COUNT,
    DELIVER,
    DELIVERY_VIEW,
    EDIT,
    RECEIVE,
    TAKE_BACK,
    VIEW,
    Delivery,
    Location,
    Receipt,
    Return,
    StockAdjustment,
    StockCount,
    reason_words,
)
from .stock import product_columns, warehouse_column

DELIVERY_SCOPE = through(Delivery.order_id, SalesOrder.id, "order", ORDER_SCOPE)
"""Whoever sees the order sees its deliveries."""


def RETURN_SCOPE(actor: Actor, scope: ScopeName) -> ColumnElement[bool]:
    """Whoever sees the delivery sees what comes back of it."""
    if actor.scope("order") == "all":
        return true()
    return Return.delivery_id.in_(select(Delivery.id).where(DELIVERY_SCOPE(actor, scope)))


receipt = RecordType(
    name="receipt",
    model=Receipt,
    label=_l("Receipt"),
    plural=_l("Receipts"),
    icon="truck",
    endpoint="inventory.receipt",
    list_endpoint="inventory.receipts",
    view=VIEW,
    edit=RECEIVE,
    create=RECEIVE,
    create_endpoint="inventory.new_receipt",
    title=Receipt.number,
    code=Receipt.number,
    scope=everyone,
    sort="-created",
    search=Searchable(
        title=lambda receipt: receipt.number,
        subtitle=lambda receipt: receipt.sender or "",
        names=lambda receipt: [(receipt.sender or "", None)],
        words=lambda receipt: [receipt.number, receipt.reference],
    ),
    columns=(
        Column("number", _l("Number"), Receipt.number),
        Column("sender", _l("From whom"), Receipt.sender),
        warehouse_column(Receipt.warehouse_id, "receipt_warehouse"),
        Column("expected", _l("Expected on"), Receipt.expected_on, "date", sortable=True),
        Column("received", lazy_pgettext("day", "Received"), Receipt.received_at, "datetime", sortable=True),
        Column("reference", _l("Their reference"), Receipt.reference, shown=False),
        Column("status", _l("Status"), Receipt.status, "state"),
    ),
    presets={
        "planned": (_l("Expected"), "status=planned&sort=expected"),
        "received": (lazy_pgettext("receipt", "Received"), "status=received"),
    },
)

adjustment = RecordType(
    name="stock_adjustment",
    model=StockAdjustment,
    label=_l("Stock adjustment"),
    plural=_l("Stock adjustments"),
    icon="scale",
    endpoint="inventory.adjustment",
    list_endpoint="inventory.adjustments",
    view=VIEW,
    edit=EDIT,
    title=StockAdjustment.number,
    code=StockAdjustment.number,
    scope=everyone,
    sort="-created",
    columns=(
        Column("number", _l("Number"), StockAdjustment.number),
        Column("kind", _l("Kind"), StockAdjustment.kind, "choice", choices=ADJUSTMENT_KINDS),
        *product_columns(StockAdjustment.product_id, "adjusted_product"),
        Column("quantity", _l("Quantity"), StockAdjustment.quantity, "number"),
        Column("reason", _l("Reason"), StockAdjustment.reason, reads=reason_words),
        Column(
            "value", lazy_pgettext("goods", "Value"), StockAdjustment.value, "money", shown=False, permission=COST_VIEW
        ),
        Column(
            "created", _l("Created"), StockAdjustment.created_at, "datetime", sort=StockAdjustment.id, sortable=True
        ),
    ),
    importer=OPENING_IMPORTER,
)


_COUNTED_AT = Join("counted_location", Location, Location.id == StockCount.location_id)

count = RecordType(
    name="stock_count",
    model=StockCount,
    label=_l("Stock count"),
    plural=_l("Stock counts"),
    icon="clipboard-list",
    endpoint="inventory.count",
    list_endpoint="inventory.counts",
    view=VIEW,
    edit=COUNT,
    create=COUNT,
    create_endpoint="inventory.new_count",
    title=StockCount.number,
    code=StockCount.number,
    scope=everyone,
    sort="-created",
    search=Searchable(
        title=lambda count: count.number,
        subtitle=lambda count: count.warehouse.name,
        names=lambda count: [],
        words=lambda count: [count.number],
    ),
    columns=(
        Column("number", _l("Number"), StockCount.number),
        warehouse_column(StockCount.warehouse_id, "counted_warehouse"),
        Column("location", _l("Location"), Location.code, joins=(_COUNTED_AT,)),
        Column(
            "category",
            _l("Category"),
            StockCount.category,
            "choice",
            choices=lambda: options("product.category"),
        ),
        Column("note", _l("Note"), StockCount.note, shown=False),
        Column("posted", _l("Posted"), StockCount.posted_at, "datetime"),
        Column("created", _l("Created"), StockCount.created_at, "datetime", sort=StockCount.id, sortable=True),
        Column("status", _l("Status"), StockCount.status, "state"),
    ),
    presets={"counting": (_l("Being counted"), "status=counting"), "posted": (_l("Posted"), "status=posted")},
)


def searchable() -> Searchable:
    """Found by number, and by the customer's name."""
    return Searchable(
        title=lambda document: document.number,
        subtitle=lambda document: document.customer.name,
        names=lambda document: [(document.customer.name, document.customer.reading)],
        words=lambda document: [document.number, getattr(document, "tracking", None)],
        loads=(),
    )


_ORDERED = Join("delivered_order", SalesOrder, SalesOrder.id == Delivery.order_id)

delivery = RecordType(
    name="delivery",
    model=Delivery,
    label=lazy_pgettext("document", "Delivery"),
    plural=_l("Deliveries"),
    icon="truck-delivery",
    endpoint="inventory.delivery",
    list_endpoint="inventory.deliveries",
    view=DELIVERY_VIEW,
    edit=DELIVER,
    title=Delivery.number,
    code=Delivery.number,
    scope=DELIVERY_SCOPE,
    sort="-created",
    search=searchable(),
    columns=(
        Column("number", _l("Number"), Delivery.number),
        customer_column(Delivery, "delivery_customer"),
        Column(
            "order", _l("Sales order"), SalesOrder.number, "ref", key=Delivery.order_id, ref="order", joins=(_ORDERED,)
        ),
        warehouse_column(Delivery.warehouse_id, "delivery_warehouse"),
        Column("ship_by", _l("Ship by"), Delivery.ship_by, "date", sortable=True),
        Column("shipped", _l("Shipped"), Delivery.shipped_at, "datetime", sortable=True),
        Column("carrier", _l("Carrier"), Delivery.carrier, shown=False),
        Column("tracking", _l("Tracking number"), Delivery.tracking, shown=False),
        Column("status", _l("Status"), Delivery.status, "state"),
    ),
    presets={
        "to_ship": (_l("To ship"), "status=ready&status=picked&status=packed&sort=ship_by"),
        "on_the_way": (_l("On the way"), "status=shipped"),
        "delivered": (lazy_pgettext("delivery", "Delivered"), "status=delivered"),
    },
)

_SENT = Join("returned_delivery", Delivery, Delivery.id == Return.delivery_id)

stock_return = RecordType(
    name="return",
    model=Return,
    label=_l("Return"),
    plural=_l("Returns"),
    icon="arrow-back-up",
    endpoint="inventory.return_page",
    list_endpoint="inventory.returns",
    view=DELIVERY_VIEW,
    edit=TAKE_BACK,
    title=Return.number,
    code=Return.number,
    scope=RETURN_SCOPE,
    sort="-created",
    search=searchable(),
    columns=(
        Column("number", _l("Number"), Return.number),
        customer_column(Return, "return_customer"),
        Column(
            "delivery",
            lazy_pgettext("document", "Delivery"),
            Delivery.number,
            "ref",
            key=Return.delivery_id,
            ref="delivery",
            joins=(_SENT,),
        ),
        warehouse_column(Return.warehouse_id, "return_warehouse"),
        Column("reason", _l("Reason"), Return.reason),
        Column("received", lazy_pgettext("day", "Received"), Return.received_at, "datetime"),
        Column("status", _l("Status"), Return.status, "state"),
    ),
    presets={"planned": (_l("Announced"), "status=planned")},
)
