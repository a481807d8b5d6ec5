"""The manifest of credit."""

from datetime import timedelta

from erpcrm.core.area import Area, Create, Effect, Guard, NavItem, Panel, Permission, Schedule
from erpcrm.core.i18n import _l, lazy_pgettext
from erpcrm.sales.models.orders import VIEW as ORDER_VIEW
from erpcrm.sales.order_steps import NEXT

from . import demo, services
from .jobs import EXPIRE, HOLD
from .models import (
    ACCOUNT_EDIT,
    ACCOUNT_HOLD,
    ACCOUNT_VIEW,
    APPLICATION_FLOW,
    APPLY,
    ASSESS,
    ASSESSMENT_VIEW,
    DEBT_APPROVE,
    DEBT_FLOW,
    DEBT_PROPOSE,
    DECIDE,
    LOSS_POST,
    RISK_VIEW,
    SETUP,
    VIEW,
)
from .panels import (
    headroom_of_customers,
    headroom_of_deals,
    headroom_of_orders,
    headroom_of_quotations,
    next_of_orders,
    to_decide,
)
from .queue import count_undecided
from .records import RECORD_TYPES
from .views import bp

SALES = ("seller", "manager")
GROUP = lazy_pgettext("credit", "Credit")

area = Area(
    name="credit",
    label=lazy_pgettext("credit", "Credit"),
    about=_l("What customers may owe, who decides it, what it risks, and no goods to those who won't pay."),
    requires=("access", "company", "customers", "pipeline", "sales", "finance"),
    blueprints=[bp],
    record_types=RECORD_TYPES,
    workflows=[APPLICATION_FLOW, DEBT_FLOW],
    permissions=[
        Permission(ACCOUNT_VIEW, _l("See limits, exposure and headroom"), roles=(*SALES, "controller", "accountant")),
        Permission(ACCOUNT_EDIT, _l("Set limits by hand"), roles=("controller",)),
        Permission(ACCOUNT_HOLD, _l("Put customers on credit hold, and lift it"), roles=("controller",)),
        Permission(VIEW, _l("See credit applications"), roles=(*SALES, "controller", "accountant")),
        Permission(APPLY, _l("Apply for credit"), roles=SALES),
        Permission(DECIDE, _l("Decide credit applications"), roles=("controller",)),
        Permission(ASSESSMENT_VIEW, _l("See credit assessments"), roles=(*SALES, "controller", "accountant")),
        Permission(ASSESS, _l("Assess customers"), roles=("controller",)),
        Permission(
            RISK_VIEW, _l("See risk, expected losses and bad debts"), roles=("controller", "accountant", "manager")
        ),
        Permission(LOSS_POST, _l("Book expected credit losses"), roles=("controller", "accountant")),
        Permission(DEBT_PROPOSE, _l("Propose to write off bad debts"), roles=("controller", "accountant")),
        Permission(DEBT_APPROVE, _l("Approve bad debts, and book what is recovered"), roles=("controller",)),
        Permission(
            SETUP, _l("Set credit up: policy, authority, deputies, scorecards, loss rates"), roles=("controller",)
        ),
    ],
    guards=[
        Guard("order.confirm", services.check_confirm),
        Guard("order.amend", services.check_amend),
        Guard("order_line.deliver", services.check_line_delivery),
        Guard("delivery.ship", services.check_delivery),
    ],
    effects=[
        Effect("order.confirm", services.note_confirmed),
        Effect("order.confirm", services.withdraw_for),
        Effect("order.amend", services.note_confirmed),
        Effect("order_line.close", services.note_line_closed),
        Effect("order.cancel", services.withdraw_for),
        Effect("order.cancel", services.forget_release),
        Effect("customer.merge", services.join_accounts),
    ],
    nav=[
        NavItem(
            _l("Credit applications"),
            "credit.applications",
            "shield-check",
            VIEW,
            group=GROUP,
            order=75,
            count=count_undecided,
        ),
        NavItem(_l("Risk"), "credit.risk", "activity", RISK_VIEW, group=GROUP, order=76),
        NavItem(_l("Credit accounts"), "credit.accounts", "shield", ACCOUNT_VIEW, group=GROUP, order=77),
        NavItem(_l("Expected losses"), "credit.losses", "percentage", RISK_VIEW, group=GROUP, order=78, in_menu=False),
        NavItem(_l("Bad debts"), "credit.bad_debts", "ban", RISK_VIEW, group=GROUP, order=78, in_menu=False),
        NavItem(_l("What if"), "credit.what_if", "adjustments", RISK_VIEW, group=GROUP, order=78, in_menu=False),
        NavItem(
            _l("Credit assessments"),
            "credit.assessments",
            "scale",
            ASSESSMENT_VIEW,
            group=GROUP,
            order=79,
            in_menu=False,
        ),
        NavItem(
            _l("Scorecard"), "credit.scorecards", "list-check", ASSESSMENT_VIEW, group=GROUP, order=79, in_menu=False
        ),
        NavItem(_l("Credit set-up"), "credit.setup", "shield", SETUP, group=_l("Set-up"), order=84),
    ],
    create=[Create(_l("Credit application"), "credit.new_application", "shield-check", APPLY)],
    panels=[
        Panel(
            "customer_credit",
            "customer.page",
            lazy_pgettext("credit", "Credit"),
            "credit/panel_headroom.html",
            headroom_of_customers,
            ACCOUNT_VIEW,
            order=12,
            lazy=True,
        ),
        Panel(
            "deal_credit",
            "opportunity.page",
            lazy_pgettext("credit", "Credit"),
            "credit/panel_headroom.html",
            headroom_of_deals,
            ACCOUNT_VIEW,
            order=25,
        ),
        Panel(
            "quotation_credit",
            "quotation.page",
            lazy_pgettext("credit", "Credit"),
            "credit/panel_headroom.html",
            headroom_of_quotations,
            ACCOUNT_VIEW,
            order=25,
        ),
        Panel(
            "order_credit",
            "order.page",
            lazy_pgettext("credit", "Credit"),
            "credit/panel_order.html",
            headroom_of_orders,
            ACCOUNT_VIEW,
            order=60,
        ),
        Panel(
            "order_credit_steps",
            NEXT,
            lazy_pgettext("credit", "Credit"),
            "core/next_step.html",
            next_of_orders,
            ORDER_VIEW,
        ),
        Panel(
            "my_day_credit",
            "my_day.page",
            _l("Credit applications"),
            "credit/panel_my_day.html",
            to_decide,
            VIEW,
            order=28,
        ),
    ],
    schedules=[
        Schedule(EXPIRE, _l("Let credit applications expire"), timedelta(hours=12)),
        Schedule(HOLD, _l("Hold customers who are long overdue, and let go who has paid"), timedelta(hours=6)),
    ],
    settings={
        "credit_policy": {"over_limit": "stop", "overdue": "warn", "hold": "stop", "no_assessment": "pass"},
        "credit_limit": None,
        "credit_overdue_limit": "0",
        "credit_overdue_minimum": "100",
        "credit_grace_days": 14,
        "credit_hold_days": None,
        "credit_second_above": "100000",
        "credit_application_days": 14,
        "credit_loss_rates": {},
    },
    event_details={"released": _l("up to")},
    events={
        "credit_warned": _l("was warned about credit"),
        "credit_released": _l("was released by credit"),
        "held": _l("put on hold"),
        "hold_lifted": _l("lifted the hold"),
        "credit_joined": _l("took over the credit account of a merged customer"),
        "part_recovered": _l("recovered"),
    },
    after_upgrade=services.note_orders_before,
    demo=demo.fill,
)
