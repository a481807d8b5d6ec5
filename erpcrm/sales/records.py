"""What lists, filters, export and search know about quotations, orders and contracts."""

from typing import Any

from sqlalchemy import func, select

from erpcrm.catalog.models import Product
from erpcrm.core.access import everyone, owned, through
from erpcrm.core.i18n import _l, lazy_pgettext
from erpcrm.core.options import options
from erpcrm.core.records import Column, Join, RecordType, Searchable, states_of
from erpcrm.customers.records import customer_column
from erpcrm.pipeline.records import owner_column, team_column

from .models import (
    CONTRACT_FLOW,
    DELIVERY_STATES,
    INVOICE_STATES,
    ORDER_FLOW,
    QUOTATION_FLOW,
    RENEWALS,
    Contract,
    DiscountAllowance,
    OrderLine,
    Quotation,
    SalesOrder,
)
from .models.contracts import EDIT as CONTRACT_EDIT
from .models.contracts import VIEW as CONTRACT_VIEW
from .models.orders import EDIT as ORDER_EDIT
from .models.orders import VIEW as ORDER_VIEW
from .models.quotations import EDIT as QUOTATION_EDIT
from .models.quotations import VIEW as QUOTATION_VIEW

QUOTATION_SCOPE = owned(Quotation.owner_id, Quotation.team_id)
ORDER_SCOPE = owned(SalesOrder.owner_id, SalesOrder.team_id)
CONTRACT_SCOPE = owned(Contract.owner_id, Contract.team_id)


def total_column(model: Any, name: str = "gross", label: Any = None, **more: Any) -> Column:
    """The document's sum in its own currency, sorted by what it is in the company's."""
    return Column(
        name,
        label or _l("Total"),
        getattr(model, name),
        "money",
        currency=model.currency,
        total=True,
        sort=model.base_gross,
        **more,
    )


def terms_column(model: Any) -> Column:
    return Column(
        "payment_terms",
        _l("Payment terms"),
        model.payment_terms,
        "choice",
        choices=lambda: options("customer.payment_terms"),
        shown=False,
    )


def searchable() -> Searchable:
    return Searchable(
        title=lambda document: document.number,
        subtitle=lambda document: document.customer.name,
        names=lambda document: [(getattr(document, "name", "") or "", None)],
        words=lambda document: [document.number, document.reference],
    )


quotation = RecordType(
    name="quotation",
    model=Quotation,
    label=_l("Quotation"),
    plural=_l("Quotations"),
    icon="file-text",
    endpoint="sales.quotation",
    open=lambda: Quotation.status.in_(("draft", "in_approval", "sent")),
    list_endpoint="sales.quotations",
    view=QUOTATION_VIEW,
    edit=QUOTATION_EDIT,
    create=QUOTATION_EDIT,
    create_endpoint="sales.new_quotation",
    title=Quotation.number,
    code=Quotation.number,
    scope=QUOTATION_SCOPE,
    sort="-created",
    base=lambda state: Quotation.status != "superseded",
    custom_fields=True,
    search=searchable(),
    columns=(
        Column("number", _l("Number"), Quotation.number),
        customer_column(Quotation, "quotation_customer"),
        Column("status", _l("Status"), Quotation.status, "state", choices=states_of(QUOTATION_FLOW)),
        total_column(Quotation, sortable=True),
        Column("net", _l("Net"), Quotation.net, "money", currency=Quotation.currency, total=True, shown=False),
        Column("issued_on", lazy_pgettext("document", "Date"), Quotation.issued_on, "date", sortable=True),
        Column("valid_until", _l("Valid until"), Quotation.valid_until, "date"),
        owner_column(Quotation.owner_id, "quotation_owner"),
        team_column(Quotation.team_id, "quotation_team"),
        Column("reference", _l("Customer’s reference"), Quotation.reference, shown=False),
        Column("closed_on", _l("Decided on"), Quotation.closed_on, "date", shown=False),
        Column(
            "reject_reason",
            _l("Reason for rejecting"),
            Quotation.reject_reason,
            "choice",
            choices=lambda: options("quotation.reject_reason"),
            shown=False,
        ),
        Column("seen", _l("Opened by the customer"), Quotation.seen_at, "datetime", shown=False),
        terms_column(Quotation),
        Column("tags", _l("Tags"), Quotation.tags, "tags", shown=False),
        Column("created", _l("Created"), Quotation.created_at, "datetime", sortable=True, shown=False),
    ),
    presets={
        "open": (lazy_pgettext("quotations", "Open"), "status=draft&status=in_approval&status=sent"),
        "mine": (_l("My open quotations"), "owner=me&status=draft&status=in_approval&status=sent"),
        "approve": (_l("To approve"), "status=in_approval"),
        "waiting": (_l("Waiting for an answer"), "status=sent"),
        "accepted": (lazy_pgettext("quotations", "Accepted"), "status=accepted"),
    },
)

order = RecordType(
    name="order",
    model=SalesOrder,
    label=_l("Sales order"),
    plural=_l("Sales orders"),
    icon="shopping-cart",
    endpoint="sales.order",
    open=lambda: SalesOrder.status.in_(("draft", "waiting", "confirmed")),
    list_endpoint="sales.orders",
    view=ORDER_VIEW,
    edit=ORDER_EDIT,
    create=ORDER_EDIT,
    create_endpoint="sales.new_order",
    title=SalesOrder.number,
    code=SalesOrder.number,
    scope=ORDER_SCOPE,
    sort="-created",
    custom_fields=True,
    search=searchable(),
    columns=(
        Column("number", _l("Number"), SalesOrder.number),
        customer_column(SalesOrder, "order_customer"),
        Column("status", _l("Status"), SalesOrder.status, "state", choices=states_of(ORDER_FLOW)),
        Column("delivery", _l("Delivery"), SalesOrder.delivery_state, "choice", choices=DELIVERY_STATES),
        Column("invoicing", _l("Invoicing"), SalesOrder.invoice_state, "choice", choices=INVOICE_STATES),
        total_column(SalesOrder, sortable=True),
        Column("net", _l("Net"), SalesOrder.net, "money", currency=SalesOrder.currency, total=True, shown=False),
        Column("ordered_on", _l("Ordered on"), SalesOrder.ordered_on, "date", sortable=True),
        Column("wanted_on", _l("Wanted by"), SalesOrder.wanted_on, "date", sortable=True),
        Column("undelivered", _l("To deliver"), SalesOrder.undelivered, "money", total=True, shown=False),
        Column("uninvoiced", _l("To invoice"), SalesOrder.uninvoiced, "money", total=True, shown=False),
        owner_column(SalesOrder.owner_id, "order_owner"),
        team_column(SalesOrder.team_id, "order_team"),
        Column(
            "contract",
            _l("Contract"),
            Contract.number,
            "ref",
            key=SalesOrder.contract_id,
            ref="contract",
            joins=(Join("order_contract", Contract, Contract.id == SalesOrder.contract_id),),
            shown=False,
        ),
        Column("reference", _l("Customer’s reference"), SalesOrder.reference, shown=False),
        terms_column(SalesOrder),
        Column("tags", _l("Tags"), SalesOrder.tags, "tags", shown=False),
        Column("created", _l("Created"), SalesOrder.created_at, "datetime", sortable=True, shown=False),
    ),
    presets={
        "open": (lazy_pgettext("orders", "Open"), "status=draft&status=waiting&status=confirmed"),
        "mine": (_l("My open orders"), "owner=me&status=draft&status=waiting&status=confirmed"),
        "waiting": (_l("Waiting for credit"), "status=waiting"),
        "to_deliver": (_l("To deliver"), "status=confirmed&delivery=nothing&delivery=partly"),
        "to_invoice": (_l("To invoice"), "uninvoiced.min=0.01"),
    },
)

contract = RecordType(
    name="contract",
    model=Contract,
    label=_l("Contract"),
    plural=_l("Contracts"),
    icon="contract",
    endpoint="sales.contract",
    open=lambda: Contract.status.in_(("draft", "in_review", "active")),
    list_endpoint="sales.contracts",
    view=CONTRACT_VIEW,
    edit=CONTRACT_EDIT,
    create=CONTRACT_EDIT,
    create_endpoint="sales.new_contract",
    title=Contract.number,
    code=Contract.number,
    scope=CONTRACT_SCOPE,
    sort="-created",
    custom_fields=True,
    search=searchable(),
    columns=(
        Column("number", _l("Number"), Contract.number),
        Column("name", _l("Name"), Contract.name),
        customer_column(Contract, "contract_customer"),
        Column("status", _l("Status"), Contract.status, "state", choices=states_of(CONTRACT_FLOW)),
        Column("starts_on", _l("Starts on"), Contract.starts_on, "date"),
        Column("ends_on", _l("Ends on"), Contract.ends_on, "date", sortable=True),
        Column("renewal", _l("Renewal"), Contract.renewal, "choice", choices=RENEWALS),
        total_column(Contract, sortable=True, shown=False),
        Column("value", _l("Value"), Contract.value, "money", currency=Contract.currency, total=True),
        owner_column(Contract.owner_id, "contract_owner"),
        team_column(Contract.team_id, "contract_team"),
        Column("signed_on", _l("Signed on"), Contract.signed_on, "date", shown=False),
        Column("reference", _l("Customer’s reference"), Contract.reference, shown=False),
        Column("tags", _l("Tags"), Contract.tags, "tags", shown=False),
        Column("created", _l("Created"), Contract.created_at, "datetime", sortable=True, shown=False),
    ),
    presets={
        "active": (lazy_pgettext("contracts", "Active"), "status=active"),
        "ending": (_l("Ending soon"), "status=active&ends_on=next_90_days&sort=ends_on"),
        "review": (_l("To review"), "status=in_review"),
        "expired": (lazy_pgettext("contracts", "Expired"), "status=expired"),
    },
)

order_line = RecordType(
    name="order_line",
    model=OrderLine,
    label=_l("Order line"),
    plural=_l("Order lines"),
    icon="list-details",
    endpoint="sales.order",
    list_endpoint="sales.orders",
    view=ORDER_VIEW,
    edit=ORDER_EDIT,
    title=func.coalesce(
        OrderLine.text,
        select(Product.name).where(Product.id == OrderLine.product_id).correlate(OrderLine).scalar_subquery(),
    ),
    scope=through(OrderLine.order_id, SalesOrder.id, "order", ORDER_SCOPE),
)

discount_allowance = RecordType(
    name="discount_allowance",
    model=DiscountAllowance,
    label=_l("Discount without approval"),
    plural=_l("Discounts without approval"),
    icon="percentage",
    endpoint="sales.setup",
    list_endpoint="sales.setup",
    view="sales.setup.edit",
    edit="sales.setup.edit",
    title=DiscountAllowance.percent,
    scope=everyone,
)
