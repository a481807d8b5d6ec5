"""The products of the demo company, a small maker of packaging machines."""

from decimal import Decimal
from typing import Any

from .services import create_product

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
)


def fill(world: Any) -> None:
    """Twelve products: machines, spare parts, consumables and services; one priced in dollars, one on request."""
    for code, name, english_name, category, unit, price, currency in PRODUCTS:
        values = {
            "code": code,
            "name": name,
            "english_name": english_name,
            "category": category,
            "unit": unit,
            "price": Decimal(price) if price else None,
            "currency": currency,
        }
        world.products.append(create_product(values, by=world.users.get("admin")))
