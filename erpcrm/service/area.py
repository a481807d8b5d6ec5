"""The manifest of service."""

from datetime import timedelta

from erpcrm.core.area import Area, Create, NavItem, OptionList, Panel, Permission, Schedule
from erpcrm.core.i18n import _l, lazy_pgettext

from . import demo, services, voice
from .complaint_records import RECORD_TYPES as COMPLAINT_TYPES
from .jobs import CLOSE, SWEEP
from .models import (
    ARTICLE_FLOW,
    COMPLAINT_DECIDE,
    COMPLAINT_FLOW,
    COMPLAINT_VIEW,
    COMPLAINT_WORK,
    FEEDBACK_DECIDE,
    FEEDBACK_EDIT,
    FEEDBACK_FLOW,
    FEEDBACK_VIEW,
    OPEN,
    SETUP,
    TICKET_FLOW,
    VIEW,
    WORK,
)
from .panels import due_of_mine, measures_of_mine, of_customers, of_deliveries, of_orders
from .records import RECORD_TYPES
from .views import bp

GROUP = lazy_pgettext("area", "Service")

area = Area(
    name="service",
    label=lazy_pgettext("area", "Service"),
    about=_l("Tickets, complaints and feedback of customers, in time, and how satisfied they were."),
    requires=("access", "company", "customers", "catalog"),
    blueprints=[bp],
    record_types=(*RECORD_TYPES, *COMPLAINT_TYPES, *voice.RECORD_TYPES),
    workflows=[TICKET_FLOW, COMPLAINT_FLOW, FEEDBACK_FLOW, ARTICLE_FLOW],
    effects=voice.EFFECTS,
    permissions=[
        Permission(VIEW, _l("See tickets"), roles=("agent", "manager", "seller")),
        Permission(OPEN, _l("Open tickets"), roles=("agent", "manager", "seller")),
        Permission(WORK, _l("Work on tickets: answer, assign, resolve"), roles=("agent",)),
        Permission(COMPLAINT_VIEW, _l("See complaints"), roles=("agent", "manager", "seller", "controller")),
        Permission(COMPLAINT_WORK, _l("Examine complaints"), roles=("agent", "manager")),
        Permission(COMPLAINT_DECIDE, _l("Decide complaints, and what the customer gets"), roles=("agent", "manager")),
        Permission(FEEDBACK_VIEW, _l("See feedback"), roles=("agent", "manager", "seller", "marketer")),
        Permission(FEEDBACK_EDIT, _l("Note feedback"), roles=("agent", "manager", "seller", "marketer")),
        Permission(FEEDBACK_DECIDE, _l("Decide on feedback, and answer it"), roles=("agent", "manager")),
        Permission(SETUP, _l("Set service up: promises, canned replies"), roles=("agent", "manager")),
        *voice.PERMISSIONS,
    ],
    nav=[
        NavItem(_l("Service queue"), "service.queue", "message", VIEW, group=GROUP, order=60),
        NavItem(_l("Tickets"), "service.tickets", "list-check", VIEW, group=GROUP, order=61),
        NavItem(_l("Complaints"), "service.list_complaints", "alert-triangle", COMPLAINT_VIEW, group=GROUP, order=62),
        NavItem(
            _l("What complaints are about"),
            "service.complaint_analysis",
            "alert-triangle",
            COMPLAINT_VIEW,
            group=GROUP,
            order=62,
            in_menu=False,
        ),
        NavItem(_l("Feedback"), "service.feedback_list", "bulb", FEEDBACK_VIEW, group=GROUP, order=63),
        NavItem(_l("Service set-up"), "service.setup", "message", SETUP, group=_l("Set-up"), order=85),
        NavItem(
            _l("Canned replies"), "service.canned_replies", "bookmark", SETUP, group=GROUP, order=69, in_menu=False
        ),
        *voice.NAV,
    ],
    create=[Create(_l("Ticket"), "service.new_ticket", "message", OPEN), *voice.CREATE],
    option_lists=[
        OptionList(
            "ticket.category",
            _l("Categories of tickets"),
            (
                ("installation", "Installation", "安装"),
                ("operation", "Operation", "使用操作"),
                ("defect", "Defect", "故障"),
                ("delivery", "Delivery", "发货"),
                ("billing", "Billing", "账单"),
                ("other", "Other", "其他"),
            ),
        ),
        OptionList(
            "complaint.harm",
            _l("What complaints harm"),
            (
                ("people", "People", "人员"),
                ("goods", "Goods", "货物"),
                ("production", "The customer's production", "客户生产"),
                ("date", "A promised day", "交期"),
                ("money", "Money", "金额"),
                ("trust", "Trust", "信任"),
            ),
        ),
        OptionList(
            "complaint.cause",
            _l("Kinds of cause"),
            (
                ("design", "Design", "设计"),
                ("material", "Material", "材料"),
                ("making", "Making", "制造"),
                ("transport", "Transport", "运输"),
                ("picking", "Wrong goods or quantity", "错发或少发"),
                ("advice", "Wrong advice or offer", "推荐或报价有误"),
                ("invoicing", "Invoicing", "开票"),
                ("use", "Wrong use", "使用不当"),
                ("other", "Other", "其他"),
            ),
        ),
        OptionList(
            "feedback.theme",
            _l("Themes of feedback"),
            (
                ("product", "Product", "产品"),
                ("price", "Price", "价格"),
                ("delivery", "Delivery", "交付"),
                ("service", "Service", "服务"),
                ("documents", "Documents", "资料"),
                ("other", "Other", "其他"),
            ),
        ),
        *voice.OPTIONS,
    ],
    panels=[
        *(
            Panel(name, place, _l("Tickets"), template, load, WORK if place == "my_day.page" else VIEW, order=order)
            for name, place, template, load, order in (
                ("customer_tickets", "customer.page", "service/panel_tickets.html", of_customers, 22),
                ("order_tickets", "order.page", "service/panel_tickets.html", of_orders, 80),
                ("delivery_tickets", "delivery.page", "service/panel_tickets.html", of_deliveries, 80),
                ("my_day_tickets", "my_day.page", "service/panel_my_day.html", due_of_mine, 15),
            )
        ),
        Panel(
            "my_day_measures",
            "my_day.page",
            _l("Prevention"),
            "service/panel_measures.html",
            measures_of_mine,
            COMPLAINT_VIEW,
            order=26,
        ),
    ],
    schedules=[
        Schedule(SWEEP, _l("Watch what is promised for tickets"), timedelta(minutes=1)),
        Schedule(CLOSE, _l("Close tickets that stay resolved"), timedelta(hours=6)),
        *voice.SCHEDULES,
    ],
    settings={"service_mail": None, "service_team": None, "service_close_days": 7, **voice.SETTINGS},
    events={
        "took_in": _l("took in another ticket"),
        "split": _l("split off a ticket"),
    },
    after_upgrade=services.default_policy,
    demo=demo.fill,
)
