"""What lists, search and export know about warehouses, stock, its moves, and lots."""

from typing import Any

from sqlalchemy import case, func, select, type_coerce
from sqlalchemy.orm import aliased

from erpcrm.catalog.models import COST_VIEW, Product
from erpcrm.core.access import everyone
from erpcrm.core.exact import QUANTITY
from erpcrm.core.i18n import _l, lazy_pgettext
from erpcrm.core.options import options
from erpcrm.core.records import Choice, Column, Join, RecordType, Searchable

from ..models import (
    EDIT,
    SETUP,
    VIEW,
    Delivery,
    Location,
    Lot,
    Receipt,
    Return,
    StockAdjustment,
    StockCount,
    StockItem,
    StockLevel,
    StockMove,
    Warehouse,
    place_name,
)


def product_name(key: Any, model: Any) -> Any:
    """The name of the product of a row, for whoever does not know that it stands in another table."""
    return select(Product.name).where(Product.id == key).correlate(model).scalar_subquery()


def product_columns(key: Any, join: str) -> tuple[Column, Column]:
    joins = (Join(join, Product, Product.id == key),)
    return (
        Column("product", _l("Product"), Product.name, "ref", key=key, ref="product", joins=joins),
        Column("code", _l("Code"), Product.code, joins=joins),
    )


def warehouse_column(key: Any, join: str) -> Column:
    joins = (Join(join, Warehouse, Warehouse.id == key),)
    return Column("warehouse", _l("Warehouse"), Warehouse.name, "ref", key=key, ref="warehouse", joins=joins)


warehouse = RecordType(
    name="warehouse",
    model=Warehouse,
    label=_l("Warehouse"),
    plural=_l("Warehouses"),
    icon="building-warehouse",
    endpoint="inventory.warehouse",
    list_endpoint="inventory.warehouses",
    view=VIEW,
    edit=SETUP,
    create=SETUP,
    create_endpoint="inventory.new_warehouse",
    title=Warehouse.name,
    code=Warehouse.code,
    scope=everyone,
    sort="created",
    columns=(
        Column("name", _l("Name"), Warehouse.name),
        Column("code", _l("Code"), Warehouse.code),
        Column("address", _l("Address"), Warehouse.address),
        Column("allow_negative", _l("Stock may go below zero"), Warehouse.allow_negative, "bool"),
        Column("active", _l("In use"), Warehouse.active, "bool"),
    ),
)

_LIES = Join("stocked_product", Product, Product.id == StockItem.product_id)
_STOCKED = product_name(StockItem.product_id, StockItem)

stock_item = RecordType(
    name="stock_item",
    model=StockItem,
    label=_l("Stock"),
    plural=_l("Stock"),
    icon="package",
    endpoint="inventory.stock_item",
    list_endpoint="inventory.stock",
    view=VIEW,
    edit=EDIT,
    title=_STOCKED,
    scope=everyone,
    sort="created",
    columns=(
        Column("name", _l("Product"), _STOCKED, filterable=False),
        Column("code", _l("Code"), Product.code, joins=(_LIES,)),
        Column(
            "product",
            _l("Page of the product"),
            Product.name,
            "ref",
            key=StockItem.product_id,
            ref="product",
            joins=(_LIES,),
            shown=False,
        ),
        Column(
            "category",
            _l("Category"),
            Product.category,
            "choice",
            choices=lambda: options("product.category"),
            joins=(_LIES,),
            shown=False,
        ),
        warehouse_column(StockItem.warehouse_id, "stock_warehouse"),
        Column(
            "on_hand", _l("On hand"), StockItem.on_hand, "number", sortable=True, opens="inventory.on_hand_explained"
        ),
        Column("reserved", _l("Reserved"), StockItem.reserved, "number", opens="inventory.reserved_explained"),
        Column(
            "free",
            _l("Free"),
            type_coerce(StockItem.on_hand - StockItem.reserved, QUANTITY),
            "number",
            opens="inventory.free_explained",
        ),
        Column("incoming", _l("Incoming"), StockItem.incoming, "number", opens="inventory.incoming_explained"),
        Column("unit", _l("Unit"), Product.unit, "choice", choices=lambda: options("product.unit"), joins=(_LIES,)),
    ),
    presets={
        "there": (_l("In stock"), "on_hand.min=0.000001"),
        "none_free": (_l("Nothing free"), "free.max=0"),
        "incoming": (_l("Incoming"), "incoming.min=0.000001"),
        "below_zero": (_l("Below zero"), "on_hand.max=-0.000001"),
    },
)

_FROM, _TO = aliased(Location), aliased(Location)
_MOVED_LOT = Join("moved_lot", Lot, Lot.id == StockMove.lot_id)


def _number_of(model: Any, document_type: str) -> tuple[Any, Any]:
    number = select(model.number).where(model.id == StockMove.document_id).correlate(StockMove).scalar_subquery()
    return StockMove.document_type == document_type, number


MOVED_BY: dict[str, tuple[Any, Any]] = {
    "receipt": (Receipt, _l("Receipt")),
    "delivery": (Delivery, lazy_pgettext("document", "Delivery")),
    "return": (Return, _l("Return")),
    "stock_adjustment": (StockAdjustment, _l("Stock adjustment")),
    "stock_count": (StockCount, _l("Stock count")),
}
"""The documents that move stock."""

stock_move = RecordType(
    name="stock_move",
    model=StockMove,
    label=_l("Stock move"),
    plural=_l("Stock moves"),
    icon="arrows-exchange",
    endpoint="inventory.move",
    list_endpoint="inventory.moves",
    view=VIEW,
    edit=EDIT,
    title=product_name(StockMove.product_id, StockMove),
    scope=everyone,
    sort="-moved",
    columns=(
        Column("moved", _l("Moved"), StockMove.moved_at, "datetime", sortable=True),
        *product_columns(StockMove.product_id, "moved_product"),
        Column("quantity", _l("Quantity"), StockMove.quantity, "number"),
        Column(
            "source",
            lazy_pgettext("move", "From"),
            _FROM.name,
            reads=place_name,
            joins=(Join("moved_from", _FROM, _FROM.id == StockMove.from_id),),
        ),
        Column(
            "target",
            lazy_pgettext("move", "To"),
            _TO.name,
            reads=place_name,
            joins=(Join("moved_to", _TO, _TO.id == StockMove.to_id),),
        ),
        Column("lot", _l("Lot"), Lot.code, "ref", key=StockMove.lot_id, ref="lot", joins=(_MOVED_LOT,)),
        Column(
            "document_type",
            _l("Kind of document"),
            StockMove.document_type,
            "choice",
            choices=lambda: [Choice(name, label) for name, (_model, label) in MOVED_BY.items()],
        ),
        Column(
            "document",
            _l("Document"),
            case(*(_number_of(model, name) for name, (model, _label) in MOVED_BY.items())),
            filterable=False,
        ),
        Column("value", lazy_pgettext("goods", "Value"), StockMove.value, "money", shown=False, permission=COST_VIEW),
    ),
)

lot = RecordType(
    name="lot",
    model=Lot,
    label=_l("Lot or serial number"),
    plural=_l("Lots and serial numbers"),
    icon="qrcode",
    endpoint="inventory.lot",
    list_endpoint="inventory.lots",
    view=VIEW,
    edit=EDIT,
    title=Lot.code,
    code=Lot.code,
    scope=everyone,
    sort="-created",
    search=Searchable(
        title=lambda lot: lot.code,
        subtitle=lambda lot: lot.product.name,
        names=lambda lot: [],
        words=lambda lot: [lot.code, lot.product.code],
    ),
    columns=(
        Column("number", _l("Number"), Lot.code, sortable=True),
        *product_columns(Lot.product_id, "lot_product"),
        Column("serial", _l("Serial number"), Lot.serial, "bool"),
        Column(
            "on_hand",
            _l("On hand"),
            select(func.coalesce(func.sum(StockLevel.on_hand), 0, type_=QUANTITY))
            .where(StockLevel.lot_id == Lot.id)
            .correlate(Lot)
            .scalar_subquery(),
            "number",
        ),
        Column("expires", _l("Best before"), Lot.expires_on, "date", sortable=True),
        Column("note", _l("Note"), Lot.note, shown=False),
    ),
    presets={"there": (_l("In stock"), "on_hand.min=0.000001")},
)
