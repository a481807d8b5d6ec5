"""The manifest of the pipeline."""

from datetime import timedelta

from erpcrm.core.area import Area, Create, Effect, NavItem, OptionList, Panel, Permission, Schedule
from erpcrm.core.i18n import _l

from . import demo
from .effects import score_after_activity
from .jobs import KEEP_FORECAST, POOL, keep_forecast, rescore_leads  # noqa: F401 - declares the jobs
from .models import LEAD_FLOW, OPPORTUNITY_FLOW
from .models import pool as pools
from .models.forecast import FORECAST_CALL, FORECAST_OVERRIDE, FORECAST_VIEW
from .panels import deals_of_customers, deals_to_go_on_with, deals_without_next_step
from .pool_panels import customers_and_pool, going_back_soon, in_use, leads_and_pool, of_any, of_customers, of_leads
from .records import assignment_rule, lead, opportunity, pipeline, score_rule, stage
from .services import ensure_standard_pipeline
from .services.learned import LEARN
from .services.scores import RESCORE
from .views import bp

SALES = ("seller", "manager")

area = Area(
    name="pipeline",
    label=_l("Pipeline"),
    about=_l("Leads, opportunities and the board on which deals move."),
    requires=("access", "company", "customers", "catalog"),
    blueprints=[bp],
    record_types=[lead, opportunity, pipeline, stage, score_rule, assignment_rule],
    workflows=[LEAD_FLOW, OPPORTUNITY_FLOW],
    permissions=[
        Permission("pipeline.lead.view", _l("See leads"), roles=(*SALES, "marketer")),
        Permission("pipeline.lead.edit", _l("Create and change leads"), roles=(*SALES, "marketer")),
        Permission("pipeline.lead.convert", _l("Convert leads"), roles=SALES),
        Permission("pipeline.lead.assign", _l("Assign leads to others"), roles=("manager",)),
        Permission("pipeline.lead.import", _l("Import leads"), roles=("manager", "marketer")),
        Permission(
            "pipeline.opportunity.view", _l("See opportunities"), roles=(*SALES, "marketer", "agent", "controller")
        ),
        Permission("pipeline.opportunity.edit", _l("Create, change and move opportunities"), roles=SALES),
        Permission("pipeline.opportunity.assign", _l("Give opportunities to others"), roles=("manager",)),
        Permission("pipeline.opportunity.import", _l("Import opportunities"), roles=("manager",)),
        Permission(pools.VIEW, _l("See the public pool"), roles=SALES),
        Permission(pools.CLAIM, _l("Claim from the public pool, and give back"), roles=SALES),
        Permission(pools.SETUP, _l("Set the rules of the public pool"), roles=("manager",)),
        Permission(FORECAST_VIEW, _l("See the forecast"), roles=SALES),
        Permission(FORECAST_CALL, _l("Call the own forecast"), roles=SALES),
        Permission(FORECAST_OVERRIDE, _l("Override the forecast of others"), roles=("manager",)),
        Permission("pipeline.performance.view", _l("See performance and attainment"), roles=SALES),
        Permission("pipeline.quota.edit", _l("Set quotas of others"), roles=("manager",)),
        Permission("pipeline.setup.edit", _l("Change pipelines, stages, scoring and assignment"), roles=("manager",)),
    ],
    option_lists=[
        OptionList(
            "opportunity.loss_reason",
            _l("Reasons for losing"),
            (
                ("price", "Price", "价格"),
                ("competitor", "Competitor", "竞争对手"),
                ("no_budget", "No budget", "没有预算"),
                ("no_decision", "No decision", "客户未决策"),
                ("fit", "Product does not fit", "产品不匹配"),
                ("other", "Other", "其他"),
            ),
        ),
        OptionList(
            "opportunity.contact_role",
            _l("Roles of contacts in a deal"),
            (
                ("decider", "Decides", "决策人"),
                ("buyer", "Buys", "采购"),
                ("user", "Uses", "使用者"),
                ("influencer", "Advises", "影响者"),
                ("blocker", "Is against", "反对者"),
            ),
        ),
        OptionList(
            pools.REASONS,
            _l("Reasons for giving back to the public pool"),
            (
                ("no_answer", "Can't be reached", "联系不上"),
                ("no_need", "No need at present", "暂无需求"),
                ("no_time", "No time for it", "无暇跟进"),
                ("not_mine", "Not my region or industry", "不属于我的区域或行业"),
                ("other", "Other", "其他"),
            ),
        ),
        OptionList(
            "lead.disqualify_reason",
            _l("Reasons for disqualifying"),
            (
                ("no_need", "No need", "没有需求"),
                ("no_answer", "Can't be reached", "联系不上"),
                ("wrong_data", "Wrong data", "信息有误"),
                ("competitor", "Works for a competitor", "竞争对手人员"),
                ("other", "Other", "其他"),
            ),
        ),
    ],
    nav=[
        NavItem(
            _l("Board"), "pipeline.board", "layout-kanban", "pipeline.opportunity.view", group=_l("Sales"), order=20
        ),
        NavItem(_l("Opportunities"), "pipeline.opportunities", "target", "pipeline.opportunity.view", _l("Sales"), 21),
        NavItem(_l("Leads"), "pipeline.leads", "user-plus", "pipeline.lead.view", group=_l("Sales"), order=22),
        NavItem(_l("Public pool"), "pipeline.pool", "users-group", pools.VIEW, _l("Sales"), order=23, when=in_use),
        NavItem(
            _l("Learned probability"),
            "pipeline.learned_page",
            "activity",
            "pipeline.opportunity.view",
            _l("Sales"),
            order=24,
            in_menu=False,
        ),
        NavItem(_l("Public pool rules"), "pipeline.pool_setup", "users-group", pools.SETUP, _l("Set-up"), order=81),
        NavItem(_l("Forecast"), "pipeline.forecast", "telescope", FORECAST_VIEW, group=_l("Sales"), order=23),
        NavItem(
            _l("Attainment"), "pipeline.quotas", "percentage", "pipeline.performance.view", group=_l("Sales"), order=28
        ),
        NavItem(
            _l("Performance"),
            "pipeline.performance",
            "activity",
            "pipeline.performance.view",
            group=_l("Sales"),
            order=29,
        ),
        NavItem(
            _l("Pipelines"), "pipeline.pipelines", "adjustments", "pipeline.setup.edit", group=_l("Set-up"), order=80
        ),
    ],
    create=[
        Create(_l("Opportunity"), "pipeline.new_opportunity", "target", "pipeline.opportunity.edit"),
        Create(_l("Lead"), "pipeline.new_lead", "user-plus", "pipeline.lead.edit"),
    ],
    panels=[
        Panel(
            "customer_deals",
            "customer.page",
            _l("Opportunities"),
            "pipeline/panel_deals.html",
            deals_of_customers,
            "pipeline.opportunity.view",
            lens="relationship",
            order=20,
        ),
        Panel(
            "customer_pool",
            "customer.page",
            _l("Public pool"),
            "pipeline/panel_pool.html",
            customers_and_pool,
            pools.VIEW,
            lens="relationship",
            order=18,
            lazy=True,
            when=of_customers,
        ),
        Panel(
            "lead_pool",
            "lead.page",
            _l("Public pool"),
            "pipeline/panel_pool.html",
            leads_and_pool,
            pools.VIEW,
            when=of_leads,
        ),
        Panel(
            "my_day_pool",
            "my_day.due",
            _l("Going back to the public pool"),
            "pipeline/panel_going_back.html",
            going_back_soon,
            pools.VIEW,
            order=26,
            when=of_any,
        ),
        Panel(
            "my_day_steps",
            "my_day.due",
            _l("Next steps of your deals"),
            "pipeline/panel_steps.html",
            deals_to_go_on_with,
            "pipeline.opportunity.view",
            order=20,
        ),
        Panel(
            "my_day_deals",
            "my_day.page",
            _l("Deals without a next step"),
            "pipeline/panel_my_day.html",
            deals_without_next_step,
            "pipeline.opportunity.view",
            order=30,
        ),
    ],
    effects=[
        Effect("activity.add", score_after_activity),
        Effect("activity.finish", score_after_activity),
    ],
    schedules=[
        Schedule(RESCORE, _l("Score leads anew"), timedelta(days=1)),
        Schedule(POOL, _l("Remind of the public pool, and take back"), timedelta(days=1)),
        Schedule(LEARN, _l("Learn from won and lost deals"), timedelta(days=1)),
        Schedule(KEEP_FORECAST, _l("Keep the picture of the forecast"), timedelta(days=1)),
    ],
    events={
        "pool_claimed": _l("claimed from the public pool"),
        "pool_returned": _l("put back into the public pool"),
        "pool_auto_returned": _l("went back to the public pool"),
        "pool_protected": _l("extended the protection"),
    },
    event_details={"protected": _l("protected until")},
    settings={"lead_form_open": False, "pool_leads": {}, "pool_customers": {}, "pool_shows_contact": False},
    after_upgrade=ensure_standard_pipeline,
    demo=demo.fill,
)
