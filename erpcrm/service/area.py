"""The manifest of service."""

from datetime import timedelta

from erpcrm.core.area import Area, Create, NavItem, OptionList, Panel, Permission, Schedule
from erpcrm.core.i18n import _l, lazy_pgettext

from . import demo, services, voice
from .jobs import CLOSE, SWEEP
from .models import ARTICLE_FLOW, OPEN, SETUP, TICKET_FLOW, VIEW, WORK
from .panels import due_of_mine, of_customers, of_deliveries, of_orders
from .records import RECORD_TYPES
from .views import bp

GROUP = lazy_pgettext("area", "Service")

area = Area(
    name="service",
    label=lazy_pgettext("area", "Service"),
    about=_l("Tickets, complaints and feedback of customers, in time, and how satisfied they were."),
    requires=("access", "company", "customers", "catalog"),
    blueprints=[bp],
    record_types=(*RECORD_TYPES, *voice.RECORD_TYPES),
    workflows=[TICKET_FLOW, ARTICLE_FLOW],
    effects=voice.EFFECTS,
    permissions=[
        Permission(VIEW, _l("See tickets"), roles=("agent", "manager", "seller")),
        Permission(OPEN, _l("Open tickets"), roles=("agent", "manager", "seller")),
        Permission(WORK, _l("Work on tickets: answer, assign, resolve"), roles=("agent",)),
        Permission(SETUP, _l("Set service up: promises, canned replies"), roles=("agent", "manager")),
        *voice.PERMISSIONS,
    ],
    nav=[
        NavItem(_l("Service queue"), "service.queue", "message", VIEW, group=GROUP, order=60),
        NavItem(_l("Tickets"), "service.tickets", "list-check", VIEW, group=GROUP, order=61),
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
        *voice.OPTIONS,
    ],
    panels=[
        Panel(name, place, _l("Tickets"), template, load, WORK if place == "my_day.page" else VIEW, order=order)
        for name, place, template, load, order in (
            ("customer_tickets", "customer.page", "service/panel_tickets.html", of_customers, 22),
            ("order_tickets", "order.page", "service/panel_tickets.html", of_orders, 80),
            ("delivery_tickets", "delivery.page", "service/panel_tickets.html", of_deliveries, 80),
            ("my_day_tickets", "my_day.page", "service/panel_my_day.html", due_of_mine, 15),
        )
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
