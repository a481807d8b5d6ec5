"""Tables of sales."""

from .contracts import CONTRACT_FLOW, RENEWALS, Contract, ContractLine, Obligation, PlannedBill
from .documents import LANGUAGES, PricedDocument, PricedLine, SoldDocument, document_args, line_args
from .orders import DELIVERY_STATES, INVOICE_STATES, LINE_FLOW, ORDER_FLOW, OrderLine, SalesOrder
from .quotations import QUOTATION_FLOW, Quotation, QuotationLine
from .terms import DiscountAllowance, PriceListHolder

__all__ = [
    "CONTRACT_FLOW",
    "DELIVERY_STATES",
    "INVOICE_STATES",
    "LANGUAGES",
    "LINE_FLOW",
    "ORDER_FLOW",
    "QUOTATION_FLOW",
    "RENEWALS",
    "Contract",
    "ContractLine",
    "DiscountAllowance",
    "Obligation",
    "OrderLine",
    "PlannedBill",
    "PriceListHolder",
    "PricedDocument",
    "PricedLine",
    "Quotation",
    "QuotationLine",
    "SalesOrder",
    "SoldDocument",
    "document_args",
    "line_args",
]
