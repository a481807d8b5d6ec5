"""The products of the demo company, a small maker of packaging machines."""

from decimal import Decimal
from typing import Any

from .services import add_component, create_product, save_price, save_price_list, save_unit

PRODUCTS = (
    ("PM-100", "全自动封箱机", "Automatic case sealer", "machine", "set", "68000", "CNY"),
    ("PM-120", "半自动打包机", "Semi-automatic strapping machine", "machine", "set", "19800", "CNY"),
    ("PM-200", "立式包装机", "Vertical form-fill-seal machine", "machine", "set", "156000", "CNY"),
    ("PM-210", "枕式包装机", "Flow wrapper", "machine", "set", "128000", "CNY"),
    ("PM-300", "收缩膜包装线", "Shrink wrapping line", "machine", "set", "48500", "USD"),
    ("CV-050", "皮带输送机（5米）", "Belt conveyor, 5 m", "machine", "set", "23600", "CNY"),
    ("SP-011", "封切刀片", "Sealing blade", "part", "pcs", "320", "CNY"),
    ("SP-024", "伺服电机组件", "Servo motor assembly", "part", "pcs", "4850", "CNY"),
    ("SP-031", "温控模块", "Temperature control module", "part", "pcs", "1260", "CNY"),
    ("CM-001", "POF收缩膜", "POF shrink film", "consumable", "roll", "285.5", "CNY"),
    ("SV-001", "安装调试服务", "Installation and commissioning", "service", "day", "2400", "CNY"),
    ("SV-002", "年度保养合同", "Annual maintenance contract", "service", "year", None, "CNY"),
    ("ST-100", "开机备件套装", "Start-up parts set", "machine", "set", None, "CNY"),
)
KINDS = {"SV-001": "service", "SV-002": "service", "ST-100": "set"}
TRACKED = {
    "PM-100": "serial",
    "PM-120": "serial",
    "PM-200": "serial",
    "PM-210": "serial",
    "PM-300": "serial",
    "CM-001": "lot",
}
BARCODES = {"CM-001": "6901234567892", "SP-011": "6901234500011"}
BOXES = (("CM-001", "box", "6", "16901234567899"), ("SP-011", "box", "12", None))
STARTER_SET = (("PM-100", "1"), ("SP-011", "4"), ("CM-001", "12"))
DEALER_PRICES = (("PM-100", "set", "0", "62000"), ("PM-100", "set", "5", "59500"), ("CM-001", "box", "0", "1560"))
ACTION_PRICES = (("SP-011", "pcs", "0", "298"), ("SP-011", "pcs", "100", "268"), ("CM-001", "roll", "50", "262"))


def fill(world: Any) -> None:
    """Machines, spare parts, consumables, services and a set; one priced in dollars, one on request; two price lists."""
    for code, name, english_name, category, unit, price, currency in PRODUCTS:
        values = {
            "code": code,
            "name": name,
            "english_name": english_name,
            "category": category,
            "unit": unit,
            "price": Decimal(price) if price else None,
            "currency": currency,
            "kind": KINDS.get(code, "goods"),
            "tracking": TRACKED.get(code),
            "barcode": BARCODES.get(code),
        }
        world.products.append(create_product(values, by=world.users.get("admin")))
    by_code = {product.code: product for product in world.products}
    for code, unit, factor, barcode in BOXES:
        save_unit(by_code[code], unit, Decimal(factor), barcode)
    for code, quantity in STARTER_SET:
        add_component(by_code["ST-100"], by_code[code], Decimal(quantity))
    dealers = save_price_list(None, {"name": "Dealers 经销商", "currency": "CNY", "reduction": Decimal(8)})
    action = save_price_list(None, {"name": "Spare parts action 备件促销", "currency": "CNY", "for_everybody": True})
    for price_list, prices in ((dealers, DEALER_PRICES), (action, ACTION_PRICES)):
        for code, unit, quantity, price in prices:
            values = {
                "product": by_code[code],
                "unit": unit,
                "min_quantity": Decimal(quantity),
                "price": Decimal(price),
            }
            save_price(price_list, None, values)
