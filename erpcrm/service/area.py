"""The manifest of service."""

from erpcrm.core.area import Area, OptionList, Permission
from erpcrm.core.i18n import _l, lazy_pgettext

from .models import OPEN, SETUP, TICKET_FLOW, VIEW, WORK
from .records import RECORD_TYPES
from .views import bp

GROUP = lazy_pgettext("area", "Service")

area = Area(
    name="service",
    label=lazy_pgettext("area", "Service"),
    about=_l("Tickets, complaints and feedback of customers, in time, and how satisfied they were."),
    requires=("access", "company", "customers", "catalog"),
    blueprints=[bp],
    record_types=RECORD_TYPES,
    workflows=[TICKET_FLOW],
    permissions=[
        Permission(VIEW, _l("See tickets"), roles=("agent", "manager", "seller")),
        Permission(OPEN, _l("Open tickets"), roles=("agent", "manager", "seller")),
        Permission(WORK, _l("Work on tickets: answer, assign, resolve"), roles=("agent",)),
        Permission(SETUP, _l("Set service up: promises, canned replies"), roles=("agent", "manager")),
    ],
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
    ],
    settings={"service_mail": None, "service_team": None, "service_close_days": 7},
    events={
        "took_in": _l("took in another ticket"),
        "split": _l("split off a ticket"),
    },
)
