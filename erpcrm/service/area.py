"""The manifest of service."""

from datetime import timedelta

from erpcrm.core.area import Area, Create, Effect, NavItem, OptionList, Permission, Schedule
from erpcrm.core.i18n import _l, lazy_pgettext

from .knowledge_records import article
from .mail_jobs import FETCH
from .mail_records import incoming_mail
from .models import ARTICLE_FLOW, OPEN, SETUP, TICKET_FLOW, VIEW, WORK
from .models.knowledge import ARTICLE_EDIT, ARTICLE_VIEW, CATEGORIES
from .models.mailbox import MAIL_TAKE, MAIL_VIEW
from .models.surveys import SURVEY_EDIT, SURVEY_VIEW
from .records import RECORD_TYPES
from .services.surveys import invite_after
from .survey_jobs import SEND
from .survey_records import SURVEY_TYPES
from .views import bp

GROUP = lazy_pgettext("area", "Service")

area = Area(
    name="service",
    label=lazy_pgettext("area", "Service"),
    about=_l("Tickets, complaints and feedback of customers, in time, and how satisfied they were."),
    requires=("access", "company", "customers", "catalog"),
    blueprints=[bp],
    record_types=(*RECORD_TYPES, article, incoming_mail, *SURVEY_TYPES),
    workflows=[TICKET_FLOW, ARTICLE_FLOW],
    permissions=[
        Permission(VIEW, _l("See tickets"), roles=("agent", "manager", "seller")),
        Permission(OPEN, _l("Open tickets"), roles=("agent", "manager", "seller")),
        Permission(WORK, _l("Work on tickets: answer, assign, resolve"), roles=("agent",)),
        Permission(SETUP, _l("Set service up: promises, canned replies"), roles=("agent", "manager")),
        Permission(ARTICLE_VIEW, _l("Read articles"), roles=("agent", "manager", "seller", "marketer")),
        Permission(ARTICLE_EDIT, _l("Write and publish articles"), roles=("agent", "manager")),
        Permission(SURVEY_VIEW, _l("See surveys and their answers"), roles=("agent", "manager", "seller", "marketer")),
        Permission(SURVEY_EDIT, _l("Set surveys up and send them"), roles=("agent", "manager", "marketer")),
        Permission(MAIL_VIEW, _l("See incoming mails"), roles=("agent", "manager")),
        Permission(MAIL_TAKE, _l("Make tickets of incoming mails"), roles=("agent",)),
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
        OptionList(
            CATEGORIES,
            _l("Categories of articles"),
            (
                ("start", "Getting started", "入门"),
                ("operation", "Operation", "使用操作"),
                ("maintenance", "Maintenance", "维护保养"),
                ("trouble", "Troubleshooting", "故障排除"),
                ("delivery", "Delivery and returns", "发货与退货"),
                ("billing", "Billing", "账单"),
            ),
        ),
    ],
    effects=[Effect("ticket.resolve", invite_after)],
    nav=[
        NavItem(_l("Surveys"), "service.survey_list", "message-star", SURVEY_VIEW, group=GROUP, order=86),
        NavItem(_l("Articles"), "service.articles", "book", ARTICLE_VIEW, group=GROUP, order=87),
        NavItem(_l("Incoming mails"), "service.incoming_mails", "inbox", MAIL_VIEW, group=GROUP, order=88),
        NavItem(
            _l("Answers to surveys"),
            "service.survey_answers",
            "message-star",
            SURVEY_VIEW,
            group=GROUP,
            order=89,
            in_menu=False,
        ),
        NavItem(_l("Ways to us"), "service.channels", "world", SETUP, group=_l("Set-up"), order=86),
    ],
    create=[Create(_l("Article"), "service.new_article", "book", ARTICLE_EDIT)],
    schedules=[
        Schedule(FETCH, _l("Fetch mails to service"), timedelta(minutes=1)),
        Schedule(SEND, _l("Send surveys"), timedelta(minutes=5)),
    ],
    settings={
        "service_mail": None,
        "service_team": None,
        "service_close_days": 7,
        "service_form_open": False,
        "service_link_days": 90,
        "service_mailbox": None,
        "service_mails_an_hour": 20,
    },
    events={
        "took_in": _l("took in another ticket"),
        "split": _l("split off a ticket"),
    },
)
