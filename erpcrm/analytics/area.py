"""The manifest of analytics."""

from datetime import timedelta

from erpcrm.core.area import Area, Create, Effect, NavItem, Panel, Permission, Schedule
from erpcrm.core.i18n import _l

from . import demo
from .effects import forget_figures
from .jobs import COUNT, SCORE
from .models import BEHAVIOUR_VIEW, COMPUTE, RFM_SETUP, SEGMENT_EDIT, SEGMENT_VIEW, SETUP, VALUE_VIEW
from .panels import segments_of_customers
from .records import CUSTOMER_COLUMNS, RECORD_TYPES
from .services.policy import DEFAULTS
from .services.rfm import ensure_cells
from .value_jobs import WORTH
from .value_panels import worth_of_customers
from .value_records import customer_value
from .views import bp

GROUP = _l("Customer analytics")
LEADERS = ("manager", "marketer", "controller")

area = Area(
    name="analytics",
    label=_l("Analytics"),
    about=_l("Segments, what customers are worth, and how they buy."),
    requires=("access", "company", "customers"),
    blueprints=[bp],
    record_types=[*RECORD_TYPES, customer_value],
    columns={"customer": CUSTOMER_COLUMNS},
    permissions=[
        Permission(SEGMENT_VIEW, _l("See segments and RFM"), roles=("seller", "manager", "marketer")),
        Permission(SEGMENT_EDIT, _l("Make and change segments"), roles=("manager", "marketer")),
        Permission(RFM_SETUP, _l("Set RFM up: window, cut-offs, cells"), roles=("manager", "marketer")),
        Permission(BEHAVIOUR_VIEW, _l("See how customers buy"), roles=(*LEADERS, "seller", "agent", "accountant")),
        Permission(VALUE_VIEW, _l("See margins and lifetime values of customers"), roles=(*LEADERS, "accountant")),
        Permission(COMPUTE, _l("Recalculate customer figures"), roles=LEADERS),
        Permission(SETUP, _l("Set customer value up"), roles=("manager", "controller")),
    ],
    nav=[
        NavItem(_l("Value and behaviour"), "analytics.dashboard", "activity", BEHAVIOUR_VIEW, group=GROUP, order=59),
        NavItem(_l("Segments"), "analytics.segments", "target", SEGMENT_VIEW, group=GROUP, order=60),
        NavItem(_l("RFM"), "analytics.rfm", "table", SEGMENT_VIEW, group=GROUP, order=61),
        NavItem(
            _l("Moves between RFM cells"),
            "analytics.rfm_moves",
            "table",
            SEGMENT_VIEW,
            group=GROUP,
            order=61,
            in_menu=False,
        ),
        NavItem(_l("Customer values"), "analytics.values", "coin", BEHAVIOUR_VIEW, group=GROUP, order=62),
        NavItem(
            _l("Who comes back"), "analytics.cohorts", "users", BEHAVIOUR_VIEW, group=GROUP, order=62, in_menu=False
        ),
        NavItem(
            _l("Bought together"),
            "analytics.baskets",
            "shopping-cart",
            BEHAVIOUR_VIEW,
            group=GROUP,
            order=62,
            in_menu=False,
        ),
        NavItem(
            _l("The model of lifetime value"),
            "analytics.model",
            "activity",
            VALUE_VIEW,
            group=GROUP,
            order=62,
            in_menu=False,
        ),
        NavItem(_l("RFM set-up"), "analytics.rfm_setup", "table", RFM_SETUP, group=_l("Set-up"), order=86),
        NavItem(_l("Set-up of customer value"), "analytics.value_setup", "coin", SETUP, group=_l("Set-up"), order=86),
    ],
    create=[Create(_l("Segment"), "analytics.new_segment", "target", SEGMENT_EDIT)],
    panels=[
        Panel(
            "customer_worth",
            "customer.page",
            _l("Value and habits"),
            "analytics/panel_worth.html",
            worth_of_customers,
            BEHAVIOUR_VIEW,
            lens="relationship",
            order=58,
            lazy=True,
        ),
        Panel(
            "customer_segments",
            "customer.page",
            _l("Segments"),
            "analytics/panel_segments.html",
            segments_of_customers,
            SEGMENT_VIEW,
            lens="relationship",
            order=60,
            lazy=True,
        ),
    ],
    effects=[Effect("customer.merge", forget_figures)],
    schedules=[
        Schedule(SCORE, _l("Work out RFM scores"), timedelta(hours=24)),
        Schedule(WORTH, _l("Calculate what customers are worth"), timedelta(hours=24)),
        Schedule(COUNT, _l("Count segments, and note who came and left"), timedelta(hours=24)),
    ],
    settings={"rfm_months": 24, "rfm_by": "quintiles", "rfm_cuts": {}} | DEFAULTS,
    events={"rule_changed": _l("changed the rule")},
    after_upgrade=ensure_cells,
    demo=demo.fill,
)
