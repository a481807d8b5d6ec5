"""How rows of a file become products."""

from typing import Any

from erpcrm.core.i18n import _l
from erpcrm.core.options import ensure_option, options
from erpcrm.core.records import Importer, ImportField

from . import services
from .models import KINDS, TRACKING

NAMES = ("product", "product name", "item", "description", "产品", "产品名称", "品名", "名称", "商品名称")
CODES = ("product code", "sku", "item no", "article", "part number", "产品编码", "编码", "货号", "料号", "型号")
CATEGORIES = ("series", "group", "product group", "family", "类别", "分类", "产品类别", "系列")
PRICES = ("price", "sales price", "unit price", "单价", "价格", "售价", "标价")


def new_unit(text: str, by: Any) -> str:
    return ensure_option("product.unit", text)


def new_category(text: str, by: Any) -> str:
    return ensure_option("product.category", text)


PRODUCT_IMPORTER = Importer(
    permission="catalog.product.import",
    fields=(
        ImportField("name", _l("Name"), required=True, match=True, aliases=NAMES),
        ImportField(
            "code", _l("Code"), match=True, aliases=CODES, help=_l("Left out, the product gets the next number.")
        ),
        ImportField("english_name", _l("English name"), aliases=("name en", "英文名", "英文名称")),
        ImportField(
            "category",
            _l("Category"),
            "choice",
            aliases=CATEGORIES,
            choices=lambda: options("product.category"),
            create_missing=new_category,
        ),
        ImportField(
            "unit",
            _l("Unit"),
            "choice",
            aliases=("uom", "unit of measure", "单位", "计量单位"),
            choices=lambda: options("product.unit"),
            create_missing=new_unit,
        ),
        ImportField("kind", _l("Kind"), "choice", aliases=("type", "product type", "产品类型", "类型"), choices=KINDS),
        ImportField("price", _l("List price"), "money", aliases=PRICES),
        ImportField("currency", _l("Currency"), aliases=("ccy", "币种", "货币")),
        ImportField("cost", _l("Cost"), "money", aliases=("unit cost", "standard cost", "成本", "成本价")),
        ImportField(
            "tax_group",
            _l("Tax group"),
            "choice",
            aliases=("tax", "tax category", "vat", "税率", "税务类别", "税目"),
            choices=lambda: options("tax.product_group"),
        ),
        ImportField("barcode", _l("Barcode"), aliases=("ean", "gtin", "upc", "条码", "条形码"), match=True),
        ImportField("weight", _l("Weight"), "number", aliases=("weight kg", "net weight", "重量", "净重")),
        ImportField("stocked", _l("Kept in stock"), "bool", aliases=("stock item", "库存管理", "是否库存")),
        ImportField(
            "tracking", _l("Tracked"), "choice", aliases=("lot or serial", "追踪", "批次管理"), choices=TRACKING
        ),
        ImportField("note", _l("Note"), aliases=("comment", "remarks", "备注", "说明")),
    ),
    create=lambda values, by: services.create_product(values, by=by),
    update=lambda product, values, by: services.update_product(product, values, by=by),
    lookup=services.look_up_products,
    find=services.find_products,
)

PRICE_IMPORTER = Importer(
    permission="catalog.price.edit",
    fields=(
        ImportField(
            "price_list", _l("Price list"), "ref", ref="price_list", required=True, aliases=("list", "价目表", "价格表")
        ),
        ImportField(
            "product",
            _l("Product"),
            "ref",
            ref="product",
            required=True,
            aliases=("product code", "sku", "item no", "产品", "产品编码", "货号", "编码"),
        ),
        ImportField("price", _l("Price"), "money", required=True, aliases=PRICES),
        ImportField(
            "unit", _l("Unit"), "choice", aliases=("uom", "单位", "计量单位"), choices=lambda: options("product.unit")
        ),
        ImportField(
            "min_quantity", _l("From quantity"), "number", aliases=("min quantity", "from", "break", "起订量", "数量起")
        ),
        ImportField("starts_on", _l("Valid from"), "date", aliases=("start", "生效日期", "开始日期")),
        ImportField("ends_on", _l("Valid until"), "date", aliases=("end", "失效日期", "结束日期")),
    ),
    create=services.price_from_file,
    update=services.update_price_from_file,
    lookup=lambda texts: {},
    find=lambda field, texts: {},
    matched_by=services.TOLD_APART_BY,
    match=services.match_prices,
)
