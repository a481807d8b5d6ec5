"""The manifest of analytics."""

from datetime import timedelta

from erpcrm.core.area import Area, Effect, NavItem, Panel, Permission, Schedule
from erpcrm.core.i18n import _l

from .effects import forget_figures
from .jobs import WORTH
from .models import BEHAVIOUR_VIEW, COMPUTE, SETUP, VALUE_VIEW
from .panels import worth_of_customers
from .records import RECORD_TYPES
from .services.policy import DEFAULTS
from .views import bp

GROUP = _l("Analytics")
LEADERS = ("manager", "marketer", "controller")

area = Area(
    name="analytics",
    label=_l("Analytics"),
    about=_l("Segments, what customers are worth, and how they buy."),
    requires=("access", "company", "customers", "catalog", "pipeline"),
    blueprints=[bp],
    record_types=RECORD_TYPES,
    permissions=[
        Permission(BEHAVIOUR_VIEW, _l("See how customers buy"), roles=(*LEADERS, "seller", "agent", "accountant")),
        Permission(VALUE_VIEW, _l("See margins and lifetime values of customers"), roles=(*LEADERS, "accountant")),
        Permission(COMPUTE, _l("Recalculate customer figures"), roles=LEADERS),
        Permission(SETUP, _l("Set customer value up"), roles=("manager", "controller")),
    ],
    nav=[
        NavItem(_l("Customer analytics"), "analytics.dashboard", "target", BEHAVIOUR_VIEW, group=GROUP, order=80),
        NavItem(_l("Customer values"), "analytics.values", "coin", BEHAVIOUR_VIEW, group=GROUP, order=82),
        NavItem(
            _l("Who comes back"), "analytics.cohorts", "users", BEHAVIOUR_VIEW, group=GROUP, order=83, in_menu=False
        ),
        NavItem(
            _l("Bought together"),
            "analytics.baskets",
            "shopping-cart",
            BEHAVIOUR_VIEW,
            group=GROUP,
            order=83,
            in_menu=False,
        ),
        NavItem(
            _l("The model of lifetime value"),
            "analytics.model",
            "activity",
            VALUE_VIEW,
            group=GROUP,
            order=84,
            in_menu=False,
        ),
        NavItem(
            _l("Set-up of customer value"),
            "analytics.value_setup",
            "adjustments",
            SETUP,
            group=_l("Set-up"),
            order=85,
            in_menu=False,
        ),
    ],
    panels=[
        Panel(
            "customer_worth",
            "customer.page",
            _l("Value and habits"),
            "analytics/panel_worth.html",
            worth_of_customers,
            BEHAVIOUR_VIEW,
            lens="relationship",
            order=45,
            lazy=True,
        ),
    ],
    effects=[Effect("customer.merge", forget_figures)],
    schedules=[Schedule(WORTH, _l("Calculate what customers are worth"), timedelta(hours=24))],
    settings=DEFAULTS,
)
