"""How rows of a file become stock that was there before."""

from erpcrm.core.i18n import _l
from erpcrm.core.options import options
from erpcrm.core.records import Importer, ImportField, Reversal

from .services import take_back_adjustment
from .services.opening import opening_alike, opening_from_file, opening_in_the_way

IMPORT = "inventory.stock.import"

OPENING_IMPORTER = Importer(
    permission=IMPORT,
    batch=50,
    title=_l("Opening stock"),
    fields=(
        ImportField(
            "product",
            _l("Product"),
            "ref",
            ref="product",
            required=True,
            aliases=("product code", "sku", "item no", "item", "产品", "产品编码", "货号", "编码", "品名", "物料"),
        ),
        ImportField(
            "quantity",
            _l("Quantity"),
            "number",
            required=True,
            aliases=("qty", "on hand", "stock", "balance", "数量", "库存", "库存数量", "期初数量", "结存数量"),
        ),
        ImportField(
            "unit",
            _l("Unit"),
            "choice",
            aliases=("uom", "单位", "计量单位"),
            choices=lambda: options("product.unit"),
            help=_l("Left out, the product’s own."),
        ),
        ImportField(
            "warehouse",
            _l("Warehouse"),
            "ref",
            ref="warehouse",
            aliases=("store", "site", "depot", "仓库", "仓库编码"),
            help=_l("Left out, the first one."),
        ),
        ImportField(
            "location",
            _l("Location"),
            aliases=("bin", "shelf", "place", "库位", "货位", "货架"),
            help=_l("Its code. Left out, the first one of the warehouse."),
        ),
        ImportField(
            "lot",
            _l("Lot or serial number"),
            aliases=("lot", "batch", "serial", "serial number", "批次", "批号", "序列号"),
        ),
        ImportField(
            "expires_on",
            _l("Best before"),
            "date",
            aliases=("expiry", "expires", "expiry date", "有效期", "有效期至", "保质期"),
        ),
        ImportField(
            "unit_cost",
            _l("Unit cost"),
            "money",
            aliases=("cost", "cost price", "成本", "单位成本", "成本单价", "成本价"),
            help=_l("Of one unit, in the company’s currency. Left out, what the product costs anyway."),
        ),
    ),
    create=opening_from_file,
    update=lambda adjustment, values, by: None,
    lookup=lambda texts: {},
    find=lambda field, texts: {},
    alike=opening_alike,
    reversal=Reversal(run=take_back_adjustment, in_the_way=opening_in_the_way),
)
