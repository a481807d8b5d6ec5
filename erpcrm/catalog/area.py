"""The manifest of the catalog."""

from erpcrm.core.area import Area, Create, NavItem, OptionList, Permission
from erpcrm.core.i18n import _l
from erpcrm.core.numbers import declare_numbers

from . import demo
from .models import EDIT, PRODUCT_FLOW
from .records import product
from .views import VIEW, bp

declare_numbers("product", _l("Product codes"), "P-", digits=5)

EVERYBODY = (
    "seller",
    "manager",
    "marketer",
    "agent",
    "controller",
    "accountant",
    "buyer",
    "storekeeper",
    "planner",
    "operator",
)

area = Area(
    name="catalog",
    label=_l("Catalog"),
    about=_l("What the company sells, buys and makes: products with code, unit and list price."),
    requires=("access", "company"),
    blueprints=[bp],
    record_types=[product],
    workflows=[PRODUCT_FLOW],
    permissions=[
        Permission(VIEW, _l("See products"), roles=EVERYBODY),
        Permission(EDIT, _l("Create and change products"), roles=("manager", "buyer", "planner")),
        Permission("catalog.product.import", _l("Import products"), roles=("manager", "buyer")),
    ],
    option_lists=[
        OptionList(
            "product.unit",
            _l("Units"),
            (
                ("pcs", "pcs", "件"),
                ("set", "set", "台/套"),
                ("roll", "roll", "卷"),
                ("m", "m", "米"),
                ("kg", "kg", "千克"),
                ("hour", "hour", "小时"),
                ("day", "day", "人天"),
                ("year", "year", "年"),
            ),
        ),
        OptionList(
            "product.category",
            _l("Product categories"),
            (
                ("machine", "Machines", "整机设备"),
                ("part", "Spare parts", "备件"),
                ("consumable", "Consumables", "耗材"),
                ("service", "Services", "服务"),
            ),
        ),
    ],
    nav=[NavItem(_l("Products"), "catalog.products", "package", VIEW, group=_l("Catalog"), order=40)],
    create=[Create(_l("Product"), "catalog.new_product", "package", EDIT)],
    demo=demo.fill,
)
