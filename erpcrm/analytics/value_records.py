"""What lists, search and export know about the records of analytics."""

from sqlalchemy import select

from erpcrm.access.models import User
from erpcrm.core.i18n import _l
from erpcrm.core.records import Column, Join, RecordType
from erpcrm.customers.models import Customer
from erpcrm.customers.records import customer_column
from erpcrm.customers.scopes import of_seen_customers

from .abc import CLASSES
from .intervals import RISKS
from .models import BEHAVIOUR_VIEW, COMPUTE, VALUE_VIEW, CustomerValue

VALUE_SCOPE = of_seen_customers(CustomerValue.customer_id)
CUSTOMER = Join("value_customer", Customer, Customer.id == CustomerValue.customer_id)
OWNER = Join("value_owner", User, User.id == Customer.owner_id)

customer_value = RecordType(
    name="customer_value",
    model=CustomerValue,
    label=_l("Customer value"),
    plural=_l("Customer values"),
    icon="coin",
    endpoint="analytics.customer_value",
    list_endpoint="analytics.values",
    view=BEHAVIOUR_VIEW,
    edit=COMPUTE,
    title=select(Customer.name)
    .where(Customer.id == CustomerValue.customer_id)
    .correlate(CustomerValue)
    .scalar_subquery(),
    scope=VALUE_SCOPE,
    sort="rank",
    columns=(
        customer_column(CustomerValue, "value_customer"),
        Column("rank", _l("Rank"), CustomerValue.rank, "number", sortable=True, filterable=False),
        Column("abc", _l("Class"), CustomerValue.abc, "choice", choices=CLASSES),
        Column("revenue", _l("Revenue"), CustomerValue.revenue, "money", total=True),
        Column("share", _l("Share"), CustomerValue.share, "percent", shown=False),
        Column("revenue_year", _l("Twelve months"), CustomerValue.revenue_year, "money", total=True, shown=False),
        Column("margin", _l("Margin"), CustomerValue.margin, "money", permission=VALUE_VIEW, shown=False),
        Column(
            "contribution",
            _l("Margin after cost to serve"),
            CustomerValue.contribution,
            "money",
            total=True,
            shown=False,
            permission=VALUE_VIEW,
        ),
        Column("days", _l("Purchases"), CustomerValue.days, "number"),
        Column("first_on", _l("First purchase"), CustomerValue.first_on, "date", shown=False),
        Column("last_on", _l("Last purchase"), CustomerValue.last_on, "date", sortable=True),
        Column("risk", _l("Churn risk"), CustomerValue.risk, "choice", choices=RISKS),
        Column("ratio", _l("Silent for so many intervals"), CustomerValue.ratio, "number", shown=False),
        Column("at_risk", _l("Revenue at risk"), CustomerValue.at_risk, "money", sortable=True, total=True),
        Column("alive", _l("Still a customer"), CustomerValue.alive, "percent", shown=False),
        Column("expected", _l("Purchases expected"), CustomerValue.expected, "number", shown=False),
        Column(
            "clv",
            _l("Lifetime value"),
            CustomerValue.clv,
            "money",
            sortable=True,
            total=True,
            permission=VALUE_VIEW,
            opens="analytics.lifetime",
        ),
        Column("owner", _l("Owner"), User.name, "ref", key=Customer.owner_id, ref="user", joins=(CUSTOMER, OWNER)),
    ),
    presets={
        "best": (_l("A customers"), "abc=A"),
        "risk": (_l("At risk"), "risk=late&risk=lapsed&sort=-at_risk"),
        "future": (_l("By lifetime value"), "sort=-clv"),
    },
)

RECORD_TYPES = [customer_value]
