"""The manifest of the catalog."""

from erpcrm.core.area import Area, Create, NavItem, OptionList, Permission
from erpcrm.core.i18n import _l
from erpcrm.core.numbers import declare_numbers

from . import demo
from .models import COST_VIEW, EDIT, PRICES_EDIT, PRICES_VIEW, PRODUCT_FLOW, VIEW
from .quantities import in_unit
from .records import price, price_list, product
from .views import bp

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
    about=_l("What the company sells, buys and makes: products, the units they are traded in, and price lists."),
    requires=("access", "company"),
    blueprints=[bp],
    jinja={"in_unit": in_unit},
    record_types=[product, price_list, price],
    workflows=[PRODUCT_FLOW],
    permissions=[
        Permission(VIEW, _l("See products"), roles=EVERYBODY),
        Permission(EDIT, _l("Create and change products"), roles=("manager", "buyer", "planner")),
        Permission("catalog.product.import", _l("Import products"), roles=("manager", "buyer")),
        Permission(
            PRICES_VIEW,
            _l("See price lists"),
            roles=("seller", "manager", "marketer", "controller", "accountant", "buyer"),
        ),
        Permission(
            COST_VIEW,
            _l("See what products cost the company"),
            roles=("manager", "controller", "accountant", "buyer"),
        ),
        Permission(PRICES_EDIT, _l("Change price lists"), roles=("manager",)),
    ],
    option_lists=[
        OptionList(
            "product.unit",
            _l("Units"),
            (
                ("pcs", "pcs", "件"),
                ("set", "set", "台/套"),
                ("roll", "roll", "卷"),
                ("box", "box", "箱"),
                ("m", "m", "米", 3),
                ("kg", "kg", "千克", 3),
                ("hour", "hour", "小时", 2),
                ("day", "day", "人天", 2),
                ("year", "year", "年", 2),
            ),
            counted=True,
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
    nav=[
        NavItem(_l("Products"), "catalog.products", "package", VIEW, group=_l("Catalog"), order=40),
        NavItem(_l("Price lists"), "catalog.price_lists", "tag", PRICES_VIEW, group=_l("Catalog"), order=41),
    ],
    create=[Create(_l("Product"), "catalog.new_product", "package", EDIT)],
    demo=demo.fill,
)
