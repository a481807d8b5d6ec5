"""What the manifest lists of the customer's voice: surveys, articles, incoming mails and the ways to us."""

from datetime import timedelta

from erpcrm.core.area import Create, Effect, NavItem, OptionList, Permission, Schedule
from erpcrm.core.i18n import _l, lazy_pgettext

from .knowledge_records import article
from .mail_jobs import FETCH
from .mail_records import incoming_mail
from .models import SETUP
from .models.knowledge import ARTICLE_EDIT, ARTICLE_VIEW, CATEGORIES
from .models.mailbox import MAIL_TAKE, MAIL_VIEW
from .models.surveys import SURVEY_EDIT, SURVEY_VIEW
from .services.surveys import invite_after
from .survey_jobs import SEND
from .survey_records import SURVEY_TYPES

GROUP = lazy_pgettext("area", "Service")

RECORD_TYPES = (article, incoming_mail, *SURVEY_TYPES)
PERMISSIONS = (
    Permission(ARTICLE_VIEW, _l("Read articles"), roles=("agent", "manager", "seller", "marketer")),
    Permission(ARTICLE_EDIT, _l("Write and publish articles"), roles=("agent", "manager")),
    Permission(SURVEY_VIEW, _l("See surveys and their answers"), roles=("agent", "manager", "seller", "marketer")),
    Permission(SURVEY_EDIT, _l("Set surveys up and send them"), roles=("agent", "manager", "marketer")),
    Permission(MAIL_VIEW, _l("See incoming mails"), roles=("agent", "manager")),
    Permission(MAIL_TAKE, _l("Make tickets of incoming mails"), roles=("agent",)),
)
OPTIONS = (
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
)
NAV = (
    NavItem(_l("Surveys"), "service.survey_list", "message-star", SURVEY_VIEW, group=GROUP, order=66),
    NavItem(_l("Articles"), "service.articles", "book", ARTICLE_VIEW, group=GROUP, order=67),
    NavItem(_l("Incoming mails"), "service.incoming_mails", "inbox", MAIL_VIEW, group=GROUP, order=68),
    NavItem(
        _l("Answers to surveys"),
        "service.survey_answers",
        "message-star",
        SURVEY_VIEW,
        group=GROUP,
        order=69,
        in_menu=False,
    ),
    NavItem(_l("Ways to us"), "service.channels", "world", SETUP, group=_l("Set-up"), order=86),
)
CREATE = (Create(_l("Article"), "service.new_article", "book", ARTICLE_EDIT),)
EFFECTS = (Effect("ticket.resolve", invite_after),)
SCHEDULES = (
    Schedule(FETCH, _l("Fetch mails to service"), timedelta(minutes=1)),
    Schedule(SEND, _l("Send surveys"), timedelta(minutes=5)),
)
SETTINGS = {
    "service_form_open": False,
    "service_link_days": 90,
    "service_mailbox": None,
    "service_mails_an_hour": 20,
}
