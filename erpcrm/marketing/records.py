"""What lists, search and export know about the records of marketing."""

from typing import Any

from erpcrm.access.models import User
from erpcrm.core.access import everyone
from erpcrm.core.i18n import _l, lazy_pgettext
from erpcrm.core.records import Column, Join, RecordType, Searchable, states_of
from erpcrm.customers.records import customer_column

from .models import (
    CAMPAIGN_FLOW,
    CHANNELS,
    DELIVERIES,
    EDIT,
    LANGUAGES,
    MEMBER_VIEW,
    OUTCOMES,
    PATH,
    RESPOND,
    VARIANTS,
    VIEW,
    Campaign,
    CampaignMember,
    MailTemplate,
)
from .scopes import MEMBER_SCOPE

OWNER = Join("campaign_owner", User, User.id == Campaign.owner_id)
OF_CAMPAIGN = Join("member_campaign", Campaign, Campaign.id == CampaignMember.campaign_id)

campaign = RecordType(
    name="campaign",
    model=Campaign,
    label=_l("Campaign"),
    plural=_l("Campaigns"),
    icon="speakerphone",
    endpoint="marketing.campaign",
    list_endpoint="marketing.campaigns",
    view=VIEW,
    edit=EDIT,
    create=EDIT,
    create_endpoint="marketing.new_campaign",
    title=Campaign.name,
    code=Campaign.number,
    scope=everyone,
    open=lambda: Campaign.status.in_(("planned", "running", "paused")),
    sort="-created",
    search=Searchable(
        title=lambda one: one.name,
        names=lambda one: [(one.name, None)],
        words=lambda one: [one.number, one.code],
        subtitle=lambda one: one.number,
    ),
    columns=(
        Column("name", _l("Name"), Campaign.name, sort=Campaign.name_key, sortable=True),
        Column("number", _l("Number"), Campaign.number),
        Column("status", _l("Status"), Campaign.status, "state", choices=states_of(CAMPAIGN_FLOW)),
        Column("channel", _l("Channel"), Campaign.channel, "choice", choices=CHANNELS),
        Column("owner", _l("Owner"), User.name, "ref", key=Campaign.owner_id, ref="user", joins=(OWNER,)),
        Column("starts_on", _l("Begins on"), Campaign.starts_on, "date", sortable=True),
        Column("ends_on", _l("Ends on"), Campaign.ends_on, "date", shown=False),
        Column("budget", _l("Budget"), Campaign.budget, "money", total=True),
        Column("code", _l("Response code"), Campaign.code, shown=False),
        Column("created", _l("Created"), Campaign.created_at, "datetime", sortable=True, shown=False),
    ),
    presets={
        "open": (_l("Planned and running"), "status=planned&status=running&status=paused"),
        "mine": (_l("My campaigns"), "owner=me"),
    },
)

STEP_COLUMNS = tuple(
    Column(
        step, label, getattr(CampaignMember, f"{step}_at"), "datetime", shown=step in ("sent", "clicked", "responded")
    )
    for step, label in PATH
)

campaign_member = RecordType(
    name="campaign_member",
    model=CampaignMember,
    label=_l("Campaign member"),
    plural=_l("Campaign members"),
    icon="users-group",
    endpoint="marketing.member",
    list_endpoint="marketing.members",
    view=MEMBER_VIEW,
    edit=RESPOND,
    title=CampaignMember.name,
    scope=MEMBER_SCOPE,
    sort="-created",
    columns=(
        Column("name", _l("Name"), CampaignMember.name),
        Column(
            "campaign",
            _l("Campaign"),
            Campaign.name,
            "ref",
            key=CampaignMember.campaign_id,
            ref="campaign",
            joins=(OF_CAMPAIGN,),
        ),
        customer_column(CampaignMember, "member_customer"),
        Column("address", lazy_pgettext("campaign", "Address"), CampaignMember.address),
        Column("delivery", _l("Sending"), CampaignMember.delivery, "choice", choices=DELIVERIES),
        Column("outcome", _l("Outcome"), CampaignMember.outcome, "choice", choices=OUTCOMES),
        Column("variant", _l("Variant"), CampaignMember.variant, "choice", choices=VARIANTS, shown=False),
        Column("control", _l("Control group"), CampaignMember.control, "bool", shown=False),
        *STEP_COLUMNS,
        Column("created", _l("Created"), CampaignMember.created_at, "datetime", sortable=True, shown=False),
    ),
    presets={
        "responded": (_l("Responded"), "responded.empty=0"),
        "uncertain": (_l("Uncertain"), "delivery=uncertain"),
    },
)

mail_template = RecordType(
    name="mail_template",
    model=MailTemplate,
    label=_l("Mail template"),
    plural=_l("Mail templates"),
    icon="mail",
    endpoint="marketing.template",
    list_endpoint="marketing.templates",
    view=VIEW,
    edit=EDIT,
    create=EDIT,
    create_endpoint="marketing.new_template",
    title=MailTemplate.name,
    scope=everyone,
    sort="-created",
    columns=(
        Column("name", _l("Name"), MailTemplate.name, sort=MailTemplate.name_key, sortable=True),
        Column("subject", _l("Subject"), MailTemplate.subject),
        Column("language", _l("Language"), MailTemplate.language, "choice", choices=LANGUAGES),
        Column("active", _l("In use"), MailTemplate.active, "bool"),
        Column("created", _l("Created"), MailTemplate.created_at, "datetime", sortable=True),
    ),
)

RECORD_TYPES: list[Any] = [campaign, campaign_member, mail_template]
