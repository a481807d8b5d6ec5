"""What lists, search, export and import know about products and prices."""

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from erpcrm.core.access import everyone
from erpcrm.core.i18n import _l
from erpcrm.core.options import options
from erpcrm.core.records import Column, Join, RecordType, Searchable

from .bulk import PRODUCT_BULK
from .importer import PRICE_IMPORTER, PRODUCT_IMPORTER
from .models import (
    COST_VIEW,
    EDIT,
    KINDS,
    PRICES_EDIT,
    PRICES_VIEW,
    TRACKING,
    VIEW,
    PriceList,
    PriceListItem,
    Product,
    ProductUnit,
)

product = RecordType(
    name="product",
    model=Product,
    label=_l("Product"),
    plural=_l("Products"),
    icon="package",
    endpoint="catalog.product",
    list_endpoint="catalog.products",
    view=VIEW,
    edit=EDIT,
    create=EDIT,
    create_endpoint="catalog.new_product",
    title=Product.name,
    code=Product.code,
    scope=everyone,
    sort="name",
    search=Searchable(
        title=lambda product: product.name,
        subtitle=lambda product: " · ".join(filter(None, (product.code, product.english_name))),
        names=lambda product: [(product.name, None), (product.english_name or "", None)],
        words=lambda product: [product.code, product.barcode, *(unit.barcode for unit in product.units)],
        watches={ProductUnit: lambda unit: [unit.product]},
        loads=(selectinload(Product.units),),
    ),
    columns=(
        Column("name", _l("Name"), Product.name, sort=Product.name_key, sortable=True),
        Column("code", _l("Code"), Product.code, sortable=True),
        Column("english_name", _l("English name"), Product.english_name, shown=False),
        Column("category", _l("Category"), Product.category, "choice", choices=lambda: options("product.category")),
        Column("unit", _l("Unit"), Product.unit, "choice", choices=lambda: options("product.unit")),
        Column("price", _l("List price"), Product.price, "money", currency=Product.currency, sortable=True),
        Column("currency", _l("Currency"), Product.currency, shown=False),
        Column("cost", _l("Cost"), Product.cost, "money", shown=False, permission=COST_VIEW),
        Column("kind", _l("Kind"), Product.kind, "choice", choices=KINDS, shown=False),
        Column(
            "tax_group",
            _l("Tax group"),
            Product.tax_group,
            "choice",
            choices=lambda: options("tax.product_group"),
            shown=False,
        ),
        Column("barcode", _l("Barcode"), Product.barcode, shown=False),
        Column("weight", _l("Weight"), Product.weight, "number", shown=False),
        Column("stocked", _l("Kept in stock"), Product.stocked, "bool", shown=False),
        Column("tracking", _l("Tracked"), Product.tracking, "choice", choices=TRACKING, shown=False),
        Column("status", _l("Status"), Product.status, "state", sortable=True),
        Column("updated", _l("Changed"), Product.updated_at, "datetime", shown=False),
    ),
    presets={
        "active": (_l("On sale"), "status=active"),
        "discontinued": (_l("Discontinued"), "status=discontinued"),
        "without_price": (_l("Without a price"), "status=active&price.empty=1"),
    },
    custom_fields=True,
    importer=PRODUCT_IMPORTER,
    bulk=PRODUCT_BULK,
)

price_list = RecordType(
    name="price_list",
    model=PriceList,
    label=_l("Price list"),
    plural=_l("Price lists"),
    icon="tag",
    endpoint="catalog.price_list",
    list_endpoint="catalog.price_lists",
    view=PRICES_VIEW,
    edit=PRICES_EDIT,
    create=PRICES_EDIT,
    create_endpoint="catalog.new_price_list",
    title=PriceList.name,
    scope=everyone,
    sort="name",
    search=Searchable(
        title=lambda price_list: price_list.name,
        subtitle=lambda price_list: price_list.currency,
        names=lambda price_list: [(price_list.name, None)],
    ),
    columns=(
        Column("name", _l("Name"), PriceList.name, sortable=True),
        Column("currency", _l("Currency"), PriceList.currency),
        Column("for_everybody", _l("For everybody"), PriceList.for_everybody, "bool"),
        Column("tax_included", _l("Prices include tax"), PriceList.tax_included, "bool", shown=False),
        Column("reduction", _l("Reduction on everything else"), PriceList.reduction, "percent"),
        Column("starts_on", _l("Valid from"), PriceList.starts_on, "date"),
        Column("ends_on", _l("Valid until"), PriceList.ends_on, "date"),
        Column("active", _l("In use"), PriceList.active, "bool"),
    ),
)

_LIST = Join("price_list", PriceList, PriceList.id == PriceListItem.price_list_id)
_PRODUCT = Join("priced_product", Product, Product.id == PriceListItem.product_id)
_PRICED = select(Product.name).where(Product.id == PriceListItem.product_id).correlate(PriceListItem).scalar_subquery()
"""Whoever asks for the name of a price does not know that it stands in another table."""

price = RecordType(
    name="price_list_item",
    model=PriceListItem,
    label=_l("Price"),
    plural=_l("Prices"),
    icon="tag",
    endpoint="catalog.price",
    list_endpoint="catalog.prices",
    view=PRICES_VIEW,
    edit=PRICES_EDIT,
    title=_PRICED,
    scope=everyone,
    sort="-entered",
    importer=PRICE_IMPORTER,
    columns=(
        Column(
            "product",
            _l("Product"),
            Product.name,
            "ref",
            key=PriceListItem.product_id,
            ref="product",
            joins=(_PRODUCT,),
        ),
        Column("code", _l("Code"), Product.code, joins=(_PRODUCT,)),
        Column(
            "price_list",
            _l("Price list"),
            PriceList.name,
            "ref",
            key=PriceListItem.price_list_id,
            ref="price_list",
            joins=(_LIST,),
        ),
        Column("price", _l("Price"), PriceListItem.price, "money", currency=PriceList.currency, joins=(_LIST,)),
        Column("unit", _l("Unit"), PriceListItem.unit, "choice", choices=lambda: options("product.unit")),
        Column("min_quantity", _l("From quantity"), PriceListItem.min_quantity, "number"),
        Column("starts_on", _l("Valid from"), PriceListItem.starts_on, "date"),
        Column("ends_on", _l("Valid until"), PriceListItem.ends_on, "date"),
        Column("entered", _l("Entered"), PriceListItem.id, "number", sortable=True, shown=False, filterable=False),
    ),
)
