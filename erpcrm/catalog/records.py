"""What lists, search, export and import know about products."""

from erpcrm.core.access import everyone
from erpcrm.core.i18n import _l
from erpcrm.core.options import options
from erpcrm.core.records import Column, RecordType, Searchable

from .bulk import PRODUCT_BULK
from .importer import PRODUCT_IMPORTER
from .models import EDIT, Product

product = RecordType(
    name="product",
    model=Product,
    label=_l("Product"),
    plural=_l("Products"),
    icon="package",
    endpoint="catalog.product",
    list_endpoint="catalog.products",
    view="catalog.product.view",
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
        words=lambda product: [product.code],
    ),
    columns=(
        Column("name", _l("Name"), Product.name, sort=Product.name_key, sortable=True),
        Column("code", _l("Code"), Product.code, sortable=True),
        Column("english_name", _l("English name"), Product.english_name, shown=False),
        Column("category", _l("Category"), Product.category, "choice", choices=lambda: options("product.category")),
        Column("unit", _l("Unit"), Product.unit, "choice", choices=lambda: options("product.unit")),
        Column("price", _l("List price"), Product.price, "money", currency=Product.currency, sortable=True),
        Column("currency", _l("Currency"), Product.currency, shown=False),
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
