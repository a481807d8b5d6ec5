"""The manifest of sales."""

from datetime import timedelta

from erpcrm.core.area import Area, Create, Guard, NavItem, OptionList, Panel, Permission, Schedule
from erpcrm.core.i18n import _l
from erpcrm.pipeline.services.pool import KEPT

from . import demo
from .jobs import EXPIRE, WATCH
from .models import CONTRACT_FLOW, LINE_FLOW, ORDER_FLOW, QUOTATION_FLOW, contracts, documents, orders, quotations
from .panels import customers_of_lists, documents_of_customers, kept_by_orders, quotations_of_deals, to_do_of_users
from .records import contract, discount_allowance, order, order_line, quotation
from .services import check_order
from .views import bp

SALES = ("seller", "manager")
LOOKING = ("agent", "controller", "accountant")

area = Area(
    name="sales",
    label=_l("Sales"),
    about=_l(
        "Quotations that customers accept by a link, orders that tell where they stand, contracts that orders call off."
    ),
    requires=("access", "company", "customers", "catalog", "pipeline"),
    blueprints=[bp],
    record_types=[quotation, order, order_line, contract, discount_allowance],
    workflows=[QUOTATION_FLOW, ORDER_FLOW, LINE_FLOW, CONTRACT_FLOW],
    permissions=[
        Permission(quotations.VIEW, _l("See quotations"), roles=(*SALES, *LOOKING)),
        Permission(quotations.EDIT, _l("Create, change and send quotations"), roles=SALES),
        Permission(quotations.APPROVE, _l("Approve discounts"), roles=("manager",)),
        Permission(
            documents.MARGIN, _l("See margins of quotations and orders"), roles=("manager", "controller", "accountant")
        ),
        Permission(orders.VIEW, _l("See sales orders"), roles=(*SALES, *LOOKING, "storekeeper", "planner", "buyer")),
        Permission(orders.EDIT, _l("Create and change sales orders"), roles=SALES),
        Permission(orders.CONFIRM, _l("Confirm sales orders"), roles=SALES),
        Permission(orders.CANCEL, _l("Cancel sales orders"), roles=SALES),
        Permission(contracts.VIEW, _l("See contracts"), roles=(*SALES, *LOOKING)),
        Permission(contracts.EDIT, _l("Create and change contracts"), roles=SALES),
        Permission(
            contracts.APPROVE, _l("Approve contracts, and orders that go beyond them"), roles=("manager", "controller")
        ),
        Permission("sales.setup.edit", _l("Set sales up: discounts, validity"), roles=("manager",)),
    ],
    option_lists=[
        OptionList(
            "quotation.reject_reason",
            _l("Reasons for rejecting a quotation"),
            (
                ("price", "Price", "价格"),
                ("competitor", "Competitor", "竞争对手"),
                ("delivery_time", "Delivery time", "交期"),
                ("scope", "Scope does not fit", "方案不符"),
                ("no_budget", "No budget", "没有预算"),
                ("no_answer", "No answer", "没有答复"),
                ("other", "Other", "其他"),
            ),
        ),
    ],
    nav=[
        NavItem(_l("Quotations"), "sales.quotations", "file-text", quotations.VIEW, group=_l("Sales"), order=23),
        NavItem(_l("Sales orders"), "sales.orders", "shopping-cart", orders.VIEW, group=_l("Sales"), order=24),
        NavItem(_l("Contracts"), "sales.contracts", "contract", contracts.VIEW, group=_l("Sales"), order=25),
        NavItem(_l("Sales set-up"), "sales.setup", "percentage", "sales.setup.edit", group=_l("Set-up"), order=81),
    ],
    create=[
        Create(_l("Quotation"), "sales.new_quotation", "file-text", quotations.EDIT),
        Create(_l("Sales order"), "sales.new_order", "shopping-cart", orders.EDIT),
        Create(_l("Contract"), "sales.new_contract", "contract", contracts.EDIT),
    ],
    panels=[
        Panel(
            "customer_documents",
            "customer.page",
            _l("Quotations and orders"),
            "sales/panel_customer.html",
            documents_of_customers,
            orders.VIEW,
            order=15,
        ),
        Panel(
            "customer_orders_keep",
            KEPT,
            _l("Sales orders"),
            "core/next_step.html",
            kept_by_orders,
            orders.VIEW,
        ),
        Panel(
            "opportunity_quotations",
            "opportunity.page",
            _l("Quotations"),
            "sales/panel_deal.html",
            quotations_of_deals,
            quotations.VIEW,
            order=15,
        ),
        Panel(
            "price_list_holders",
            "price_list.page",
            _l("Who buys by it"),
            "sales/panel_price_list.html",
            customers_of_lists,
            "catalog.price.view",
            order=20,
        ),
        Panel(
            "my_day_sales",
            "my_day.page",
            _l("Quotations and orders"),
            "sales/panel_my_day.html",
            to_do_of_users,
            quotations.VIEW,
            order=25,
        ),
    ],
    guards=[Guard("order.confirm", check_order)],
    schedules=[
        Schedule(EXPIRE, _l("Let quotations expire"), timedelta(hours=6)),
        Schedule(WATCH, _l("Look after contracts that end"), timedelta(days=1)),
    ],
    settings={"quotation_days": 30},
    events={"revised": _l("made a new version")},
    demo=demo.fill,
)
