"""The manifest of marketing."""

from typing import Any

from flask import Flask

from erpcrm.core.area import Area, Create, Effect, NavItem, Panel, Permission
from erpcrm.core.i18n import _l, lazy_pgettext

from . import demo, services
from .models import CAMPAIGN_FLOW, EDIT, MEMBER_VIEW, RESPOND, SEND, VIEW
from .panels import campaigns_of_customers
from .records import RECORD_TYPES
from .views import bp
from .views.public import leave_at_once

GROUP = _l("Marketing")


def exempt_one_click(app: Flask) -> None:
    """A mail program that unsubscribes in one click (RFC 8058) has no session: the token in its address is what it has."""
    protect: Any = app.extensions["csrf"]
    protect.exempt(leave_at_once)


area = Area(
    name="marketing",
    label=_l("Marketing"),
    about=_l("Campaigns, who answered them, and what they brought."),
    requires=("access", "company", "customers", "pipeline", "analytics"),
    blueprints=[bp],
    record_types=RECORD_TYPES,
    workflows=[CAMPAIGN_FLOW],
    permissions=[
        Permission(VIEW, _l("See campaigns, templates and their figures"), roles=("marketer", "manager")),
        Permission(EDIT, _l("Plan campaigns, write templates and forms"), roles=("marketer",)),
        Permission(SEND, _l("Start campaigns, pause and end them"), roles=("marketer",)),
        Permission(
            MEMBER_VIEW, _l("See in which campaigns somebody is"), roles=("marketer", "manager", "seller", "agent")
        ),
        Permission(RESPOND, _l("Note what came of a campaign"), roles=("marketer", "manager", "seller")),
    ],
    effects=[Effect("lead.convert", services.convert_lead)],
    nav=[
        NavItem(_l("Campaigns"), "marketing.campaigns", "speakerphone", VIEW, group=GROUP, order=70),
        NavItem(_l("Mail templates"), "marketing.templates", "mail", VIEW, group=GROUP, order=71),
        NavItem(
            lazy_pgettext("campaign", "Members"), "marketing.members", "users-group", MEMBER_VIEW, group=GROUP, order=72
        ),
    ],
    create=[Create(_l("Campaign"), "marketing.new_campaign", "speakerphone", EDIT)],
    panels=[
        Panel(
            "customer_campaigns",
            "customer.page",
            _l("Campaigns"),
            "marketing/panel_customer.html",
            campaigns_of_customers,
            MEMBER_VIEW,
            lens="relationship",
            order=60,
            lazy=True,
        ),
    ],
    events={
        "campaign_mailed": _l("was sent the mail of a campaign"),
        "unsubscribed": _l("unsubscribed"),
        "targets_added": _l("added people to the audience"),
        "targets_excluded": _l("excluded people from the audience"),
        "targets_removed": _l("removed people from the audience"),
    },
    event_details={"count": lazy_pgettext("campaign", "People")},
    init_app=exempt_one_click,
    demo=demo.fill,
)
