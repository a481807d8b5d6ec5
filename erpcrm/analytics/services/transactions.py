"""Where it is read what customers have bought: the one source of all that analytics, and who stands above it, work out.

Posted invoices where finance is on, else confirmed orders where sales is on, else won deals. Amounts are in the company's
currency and without tax, as they are kept at the documents; money asked for in advance counts when it is invoiced for good.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Subquery, case, cast, literal, literal_column, null, select, type_coerce
from sqlalchemy.sql.elements import ColumnElement

from erpcrm.core.exact import AMOUNT, QUANTITY, Exact
from erpcrm.core.i18n import _l
from erpcrm.core.registry import is_on, registry
from erpcrm.finance.models import Invoice, InvoiceLine
from erpcrm.pipeline.models import Opportunity, OpportunityLine
from erpcrm.sales.models import OrderLine, SalesOrder


@dataclass(frozen=True)
class Source:
    """What kind of document purchases are read from. `document_type` is the record type of that document."""

    key: str
    """invoices, orders or deals"""
    label: Any
    document_type: str


INVOICES = Source("invoices", _l("Invoices"), "invoice")
ORDERS = Source("orders", _l("Sales orders"), "order")
DEALS = Source("deals", _l("Won deals"), "opportunity")

# Written as the partial indexes say it, or SQLite would not take them.
POSTED: tuple[ColumnElement[Any], ...] = (
    literal_column("invoices.status = 'posted'"),
    literal_column("invoices.base_net <> 0"),
)
CONFIRMED: tuple[ColumnElement[Any], ...] = (
    literal_column("sales_orders.status IN ('confirmed', 'closed')"),
    literal_column("sales_orders.base_net <> 0"),
)


def source() -> Source:
    """What purchases are read from now: it follows the modules that are on."""
    areas = registry().by_name
    if is_on(areas["finance"]):
        return INVOICES
    return ORDERS if is_on(areas["sales"]) else DEALS


def purchases() -> Subquery:
    """What was bought, one row a document: customer_id, on, document_type, document_id, revenue, margin.

    Amounts are in the company's currency without tax; of credit notes they are below zero. margin is NULL where the cost of the
    document is not known. A document that comes to nothing is none.
    """
    found = source()
    query: Any
    if found is ORDERS:
        query = select(
            SalesOrder.customer_id,
            SalesOrder.ordered_on.label("on"),
            literal_column("'order'").label("document_type"),
            SalesOrder.id.label("document_id"),
            SalesOrder.base_net.label("revenue"),
            type_coerce(SalesOrder.base_net - SalesOrder.base_cost, AMOUNT).label("margin"),
        ).where(*CONFIRMED)
    elif found is DEALS:
        query = select(
            Opportunity.customer_id,
            Opportunity.closed_on.label("on"),
            literal_column("'opportunity'").label("document_type"),
            Opportunity.id.label("document_id"),
            Opportunity.base_amount.label("revenue"),
            cast(null(), AMOUNT).label("margin"),
        ).where(*_won())
    else:
        query = select(
            Invoice.customer_id,
            Invoice.date.label("on"),
            literal_column("'invoice'").label("document_type"),
            Invoice.id.label("document_id"),
            _signed(Invoice.base_net).label("revenue"),
            _signed(Invoice.base_net - Invoice.base_cost).label("margin"),
        ).where(*POSTED)
    return query.subquery("purchases")


def purchase_lines() -> Subquery:
    """What was bought, one row a line: customer_id, on, document_type, document_id, product_id, quantity, factor, revenue.

    quantity is in the unit of the line, of which one is `factor` units of the product; product_id is NULL for what only a text
    describes. Lines of credit notes are below zero. revenue is NULL for lines of deals in another currency: it is not kept.
    """
    found = source()
    query: Any
    if found is ORDERS:
        query = (
            select(
                SalesOrder.customer_id,
                SalesOrder.ordered_on.label("on"),
                literal_column("'order'").label("document_type"),
                SalesOrder.id.label("document_id"),
                OrderLine.product_id,
                OrderLine.quantity,
                OrderLine.factor,
                OrderLine.base_net.label("revenue"),
            )
            .join_from(SalesOrder, OrderLine, OrderLine.order_id == SalesOrder.id)
            .where(*CONFIRMED, OrderLine.quantity != 0)
        )
    elif found is DEALS:
        query = (
            select(
                Opportunity.customer_id,
                Opportunity.closed_on.label("on"),
                literal_column("'opportunity'").label("document_type"),
                Opportunity.id.label("document_id"),
                OpportunityLine.product_id,
                OpportunityLine.quantity,
                type_coerce(literal(Decimal(1), QUANTITY), QUANTITY).label("factor"),
                case((Opportunity.rate == 1, OpportunityLine.amount)).label("revenue"),
            )
            .join_from(Opportunity, OpportunityLine, OpportunityLine.opportunity_id == Opportunity.id)
            .where(*_won())
        )
    else:
        query = (
            select(
                Invoice.customer_id,
                Invoice.date.label("on"),
                literal_column("'invoice'").label("document_type"),
                Invoice.id.label("document_id"),
                InvoiceLine.product_id,
                _signed(InvoiceLine.quantity, QUANTITY).label("quantity"),
                InvoiceLine.factor,
                _signed(InvoiceLine.base_net).label("revenue"),
            )
            .join_from(Invoice, InvoiceLine, InvoiceLine.invoice_id == Invoice.id)
            .where(*POSTED, InvoiceLine.use == "sales", InvoiceLine.quantity != 0)
        )
    return query.subquery("purchase_lines")


def _signed(amount: Any, kind: Exact = AMOUNT) -> ColumnElement[Any]:
    """Below zero on credit notes, whose own amounts stand above it."""
    return type_coerce(case((Invoice.kind == "credit_note", -amount), else_=amount), kind)


def _won() -> tuple[ColumnElement[bool], ...]:
    return (
        Opportunity.status == "won",
        Opportunity.customer_id.is_not(None),
        Opportunity.closed_on.is_not(None),
        Opportunity.base_amount != 0,
    )
