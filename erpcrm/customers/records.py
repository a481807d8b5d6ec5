"""What lists, filters, export, import and search know about customers, contacts and activities."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, bindparam, case

from erpcrm.access.models import Team, User
from erpcrm.core.db import now
from erpcrm.core.i18n import _l, lazy_pgettext
from erpcrm.core.options import options
from erpcrm.core.records import Choice, Column, Join, RecordType, Searchable, states_of

from .bulk import ACTIVITY_BULK, CONTACT_BULK, CUSTOMER_BULK
from .importers import CONTACT_IMPORTER, CUSTOMER_IMPORTER
from .models import (
    CHANNELS,
    CONSENTS,
    CUSTOMER_FLOW,
    CUSTOMER_KINDS,
    KINDS,
    Activity,
    Contact,
    Customer,
    CustomerContact,
)
from .scopes import ACTIVITY_SCOPE, CONTACT_SCOPE, CUSTOMER_SCOPE, seen_customers


def customer_column(model: Any, join: str) -> Column:
    """Whose a record is: for lists of upper areas, whose models have `customer_id`."""
    return Column(
        "customer",
        _l("Customer"),
        Customer.name,
        "ref",
        key=model.customer_id,
        ref="customer",
        joins=(Join(join, Customer, Customer.id == model.customer_id),),
    )


def choice_column(name: str, label: Any, column: Any, option_list: str, *, shown: bool = True) -> Column:
    """A column whose values come from an editable list."""
    return Column(name, label, column, "choice", choices=lambda: options(option_list), shown=shown)


OWNER = Join("customer_owner", User, User.id == Customer.owner_id)
TEAM = Join("customer_team", Team, Team.id == Customer.team_id)


def days_ago(days: int) -> BindParameter[datetime]:
    """The moment `days` days before the query runs."""
    return bindparam(f"days_ago_{days}", callable_=lambda: now() - timedelta(days=days), type_=Customer.created_at.type)


QUIET = case(
    (Customer.last_activity_at.is_(None), "never"),
    (Customer.last_activity_at < days_ago(90), "90"),
    (Customer.last_activity_at < days_ago(30), "30"),
    else_="recent",
)
QUIET_CHOICES = (
    Choice("recent", _l("In the last 30 days"), "green"),
    Choice("30", _l("More than 30 days ago"), "yellow"),
    Choice("90", _l("More than 90 days ago"), "orange"),
    Choice("never", _l("Never"), "red"),
)
PARENT = Customer.__table__.alias("parent")
NOT_ARCHIVED = Customer.status != "archived"

customer = RecordType(
    name="customer",
    model=Customer,
    label=_l("Customer"),
    plural=_l("Customers"),
    icon="building",
    endpoint="customers.customer",
    list_endpoint="customers.customers",
    view="customers.customer.view",
    edit="customers.customer.edit",
    create="customers.customer.edit",
    create_endpoint="customers.new_customer",
    title=Customer.name,
    code=Customer.code,
    scope=CUSTOMER_SCOPE,
    sort="-created",
    base=lambda _state: NOT_ARCHIVED,
    custom_fields=True,
    importer=CUSTOMER_IMPORTER,
    bulk=CUSTOMER_BULK,
    search=Searchable(
        title=lambda customer: customer.name,
        subtitle=lambda customer: " · ".join(filter(None, (customer.code, customer.english_name))),
        names=lambda customer: [(customer.name, customer.reading), (customer.english_name or "", None)],
        words=lambda customer: [customer.code, customer.tax_number, customer.email, customer.website, *customer.tags],
        phones=lambda customer: [customer.phone],
    ),
    columns=(
        Column("name", _l("Name"), Customer.name, sort=Customer.name_key, sortable=True),
        Column("code", _l("Code"), Customer.code, sortable=True),
        Column("english_name", _l("English name"), Customer.english_name, shown=False),
        Column("kind", _l("Kind"), Customer.kind, "choice", choices=CUSTOMER_KINDS, shown=False),
        Column("status", _l("Status"), Customer.status, "state", choices=states_of(CUSTOMER_FLOW)),
        choice_column("industry", _l("Industry"), Customer.industry, "customer.industry"),
        choice_column("region", _l("Region"), Customer.region, "customer.region"),
        choice_column("size", _l("Size"), Customer.size, "customer.size", shown=False),
        choice_column("source", _l("Source"), Customer.source, "customer.source", shown=False),
        Column("owner", _l("Owner"), User.name, "ref", key=Customer.owner_id, ref="user", joins=(OWNER,)),
        Column("team", _l("Team"), Team.name, "ref", key=Customer.team_id, ref="team", joins=(TEAM,), shown=False),
        Column(
            "parent",
            _l("Parent company"),
            PARENT.c.name,
            "ref",
            key=Customer.parent_id,
            ref="customer",
            joins=(Join("customer_parent", PARENT, PARENT.c.id == Customer.parent_id),),
            shown=False,
        ),
        Column("phone", _l("Phone"), Customer.phone, "phone", shown=False),
        Column("email", _l("E-mail"), Customer.email, "email", shown=False),
        Column("website", _l("Website"), Customer.website, shown=False),
        Column("tax_number", _l("Tax number"), Customer.tax_number, shown=False),
        choice_column(
            "payment_terms", _l("Payment terms"), Customer.payment_terms, "customer.payment_terms", shown=False
        ),
        Column("currency", _l("Currency"), Customer.currency, shown=False),
        choice_column("customer_group", _l("Customer group"), Customer.customer_group, "customer.group", shown=False),
        choice_column("tax_group", _l("Tax group"), Customer.tax_group, "tax.customer_group", shown=False),
        Column("tags", _l("Tags"), Customer.tags, "tags"),
        Column("last_activity", _l("Last activity"), Customer.last_activity_at, "datetime", sortable=True),
        Column("quiet", _l("Last contact"), QUIET, "choice", choices=QUIET_CHOICES, shown=False),
        Column("created", _l("Created"), Customer.created_at, "datetime", sort=Customer.id, sortable=True, shown=False),
        Column("updated", _l("Changed"), Customer.updated_at, "datetime", sortable=True, shown=False),
    ),
    presets={
        "mine": (_l("My customers"), "owner=me"),
        "quiet": (_l("No activity for 30 days"), "quiet=30&quiet=90&quiet=never&sort=-last_activity"),
        "prospects": (_l("Prospects"), "status=prospect"),
        "archived": (_l("Archived"), "status=archived"),
    },
)

CONTACT_OWNER = Join("contact_owner", User, User.id == Contact.owner_id)
PLACE = Join("contact_place", CustomerContact, (CustomerContact.contact_id == Contact.id) & CustomerContact.is_primary)
AT = Join("contact_customer", Customer, Customer.id == CustomerContact.customer_id)

contact = RecordType(
    name="contact",
    model=Contact,
    label=_l("Contact"),
    plural=_l("Contacts"),
    icon="address-book",
    endpoint="customers.contact",
    list_endpoint="customers.contacts",
    view="customers.contact.view",
    edit="customers.contact.edit",
    create="customers.contact.edit",
    create_endpoint="customers.new_contact",
    title=Contact.name,
    scope=CONTACT_SCOPE,
    sort="-created",
    custom_fields=True,
    importer=CONTACT_IMPORTER,
    bulk=CONTACT_BULK,
    search=Searchable(
        title=lambda contact: contact.name,
        subtitle=lambda contact: contact.job_title or "",
        beside=lambda ids, actor: {contact_id: name for contact_id, (_id, name) in seen_customers(ids, actor).items()},
        names=lambda contact: [(contact.name, contact.reading)],
        words=lambda contact: [contact.email, contact.wechat],
        phones=lambda contact: [contact.phone, contact.mobile, contact.other_phone],
    ),
    columns=(
        Column("name", lazy_pgettext("person", "Name"), Contact.name, sort=Contact.name_key, sortable=True),
        Column(
            "customer",
            _l("Customer"),
            Customer.name,
            "ref",
            key=CustomerContact.customer_id,
            ref="customer",
            joins=(PLACE, AT),
            instead=seen_customers,
        ),
        Column(
            "role",
            _l("Role"),
            CustomerContact.role,
            "choice",
            choices=lambda: options("contact.role"),
            joins=(PLACE,),
        ),
        Column("job_title", _l("Job title"), Contact.job_title),
        Column("mobile", _l("Mobile"), Contact.mobile, "phone"),
        Column("phone", _l("Phone"), Contact.phone, "phone", shown=False),
        Column("email", _l("E-mail"), Contact.email, "email"),
        Column("wechat", _l("WeChat"), Contact.wechat, shown=False),
        Column("channel", _l("Preferred channel"), Contact.channel, "choice", choices=CHANNELS, shown=False),
        Column("consent", _l("Marketing consent"), Contact.consent, "choice", choices=CONSENTS),
        Column("consent_on", _l("Consent on"), Contact.consent_on, "date", shown=False),
        Column("active", _l("Active"), Contact.active, "bool", shown=False),
        Column(
            "owner",
            _l("Owner"),
            User.name,
            "ref",
            key=Contact.owner_id,
            ref="user",
            joins=(CONTACT_OWNER,),
            shown=False,
        ),
        Column("created", _l("Created"), Contact.created_at, "datetime", sort=Contact.id, sortable=True, shown=False),
        Column("updated", _l("Changed"), Contact.updated_at, "datetime", sortable=True, shown=False),
    ),
    presets={
        "mine": (_l("My contacts"), "owner=me"),
        "consented": (_l("May be written to"), "consent=granted&active=1"),
        "inactive": (_l("Not active"), "active=0"),
    },
)

ACTIVITY_OWNER = Join("activity_owner", User, User.id == Activity.owner_id)
ACTIVITY_CUSTOMER = Join("activity_customer", Customer, Customer.id == Activity.customer_id)

activity = RecordType(
    name="activity",
    model=Activity,
    label=_l("Activity"),
    plural=_l("Activities"),
    icon="list-check",
    endpoint="customers.activity",
    list_endpoint="customers.activities",
    view="customers.activity.view",
    edit="customers.activity.edit",
    title=Activity.subject,
    scope=ACTIVITY_SCOPE,
    open=lambda: Activity.done_at.is_(None),
    sort="-at",
    bulk=ACTIVITY_BULK,
    columns=(
        Column("subject", _l("Subject"), Activity.subject),
        Column("kind", _l("Kind"), Activity.kind, "choice", choices=KINDS),
        Column(
            "customer",
            _l("Customer"),
            Customer.name,
            "ref",
            key=Activity.customer_id,
            ref="customer",
            joins=(ACTIVITY_CUSTOMER,),
        ),
        Column("owner", _l("Owner"), User.name, "ref", key=Activity.owner_id, ref="user", joins=(ACTIVITY_OWNER,)),
        Column("due_on", _l("Due"), Activity.due_on, "date"),
        Column("done_at", _l("Done"), Activity.done_at, "datetime"),
        Column("outcome", _l("Outcome"), Activity.outcome, shown=False),
        Column("at", _l("When"), Activity.at, "datetime", sortable=True),
    ),
    presets={
        "open": (_l("My open tasks"), "owner=me&done_at.empty=1"),
        "overdue": (_l("Overdue"), "done_at.empty=1&due_on=past"),
        "mine": (_l("Mine"), "owner=me"),
    },
)
