"""What lists, search and export know about the records of service."""

from sqlalchemy.orm import joinedload

from erpcrm.access.models import Team, User
from erpcrm.catalog.models import Product
from erpcrm.core.access import everyone
from erpcrm.core.i18n import _l, lazy_pgettext
from erpcrm.core.options import options
from erpcrm.core.records import Column, Join, RecordType, Searchable, states_of
from erpcrm.customers.records import customer_column

from .models import (
    CHANNELS,
    KINDS,
    OPEN,
    PRIORITY_CHOICES,
    SETUP,
    TICKET_FLOW,
    VIEW,
    WORK,
    CannedReply,
    SlaPolicy,
    Ticket,
)
from .scopes import TICKET_SCOPE

ticket = RecordType(
    name="ticket",
    model=Ticket,
    label=_l("Ticket"),
    plural=_l("Tickets"),
    icon="message",
    endpoint="service.ticket",
    list_endpoint="service.tickets",
    view=VIEW,
    edit=WORK,
    create=OPEN,
    create_endpoint="service.new_ticket",
    title=Ticket.subject,
    code=Ticket.code,
    scope=TICKET_SCOPE,
    open=lambda: Ticket.resolved_at.is_(None),
    sort="-created",
    custom_fields=True,
    search=Searchable(
        title=lambda one: f"{one.code} {one.subject}",
        subtitle=lambda one: one.customer.name if one.customer is not None else one.requester,
        names=lambda one: [(one.subject, None), (one.requester, None)],
        words=lambda one: [one.code, one.requester_mail],
        loads=(joinedload(Ticket.customer), joinedload(Ticket.contact)),
    ),
    columns=(
        Column("code", _l("Number"), Ticket.code),
        Column("subject", _l("Subject"), Ticket.subject),
        customer_column(Ticket, "ticket_customer"),
        Column("status", _l("Status"), Ticket.status, "state", choices=states_of(TICKET_FLOW)),
        Column("priority", _l("Priority"), Ticket.priority, "choice", choices=PRIORITY_CHOICES),
        Column("kind", _l("Kind"), Ticket.kind, "choice", choices=KINDS),
        Column("channel", _l("Channel"), Ticket.channel, "choice", choices=CHANNELS, shown=False),
        Column(
            "category",
            _l("Category"),
            Ticket.category,
            "choice",
            choices=lambda: options("ticket.category"),
            shown=False,
        ),
        Column(
            "owner",
            _l("Agent"),
            User.name,
            "ref",
            key=Ticket.owner_id,
            ref="user",
            joins=(Join("ticket_owner", User, User.id == Ticket.owner_id),),
        ),
        Column(
            "team",
            _l("Team"),
            Team.name,
            "ref",
            key=Ticket.team_id,
            ref="team",
            joins=(Join("ticket_team", Team, Team.id == Ticket.team_id),),
            shown=False,
        ),
        Column(
            "product",
            _l("Product"),
            Product.name,
            "ref",
            key=Ticket.product_id,
            ref="product",
            joins=(Join("ticket_product", Product, Product.id == Ticket.product_id),),
            shown=False,
        ),
        Column("requester", _l("E-mail of who asks"), Ticket.requester_mail, "email", shown=False),
        Column("due", _l("Due"), Ticket.due_at, "datetime"),
        Column("breached", _l("SLA breached"), Ticket.breached_at, "datetime", shown=False),
        Column("resolved", _l("Resolved"), Ticket.resolved_at, "datetime", shown=False),
        Column("tags", _l("Tags"), Ticket.tags, "tags", shown=False),
        Column("created", _l("Created"), Ticket.created_at, "datetime", sortable=True),
    ),
    presets={
        "open": (
            lazy_pgettext("tickets", "Open"),
            "status=new&status=open&status=waiting_customer&status=waiting_third",
        ),
        "complaints": (_l("Complaints"), "kind=complaint"),
        "resolved": (_l("Resolved"), "status=resolved"),
    },
)

sla_policy = RecordType(
    name="sla_policy",
    model=SlaPolicy,
    label=_l("SLA policy"),
    plural=_l("SLA policies"),
    icon="clock",
    endpoint="service.edit_policy",
    list_endpoint="service.setup",
    view=SETUP,
    edit=SETUP,
    title=SlaPolicy.name,
    scope=everyone,
    sort="-created",
    columns=(
        Column("name", _l("Name"), SlaPolicy.name),
        Column("active", _l("In use"), SlaPolicy.active, "bool"),
        Column("created", _l("Created"), SlaPolicy.created_at, "datetime"),
    ),
)

canned_reply = RecordType(
    name="canned_reply",
    model=CannedReply,
    label=_l("Canned reply"),
    plural=_l("Canned replies"),
    icon="message",
    endpoint="service.edit_canned_reply",
    list_endpoint="service.canned_replies",
    view=WORK,
    edit=SETUP,
    title=CannedReply.name,
    scope=everyone,
    sort="-created",
    columns=(
        Column("name", _l("Name"), CannedReply.name),
        Column("active", _l("In use"), CannedReply.active, "bool"),
        Column("created", _l("Created"), CannedReply.created_at, "datetime"),
    ),
)

RECORD_TYPES = [ticket, sla_policy, canned_reply]
