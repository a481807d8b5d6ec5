"""The documents of three years of trade, made in bulk of what `orders` has decided: deliveries and the moves of their stock,
invoices, payments, the ledger under them, credit. Around the services on purpose; `sound` tells whether all of it fits together.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    JSON,
    Connection,
    Numeric,
    case,
    cast,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    true,
    type_coerce,
)

from erpcrm.core.audit import AuditEntry
from erpcrm.core.db import UtcDateTime
from erpcrm.core.exact import AMOUNT, PRICE, QUANTITY, RATE, Exact
from erpcrm.credit.models import CreditAccount, CreditOrder
from erpcrm.finance.models import (
    Allocation,
    CustomerAccount,
    Entry,
    EntryLine,
    Invoice,
    InvoiceLine,
    Payment,
    ReceivableItem,
)
from erpcrm.inventory.models import Delivery, DeliveryLine, Reservation, StockItem, StockMove
from erpcrm.sales.models import OrderLine, SalesOrder

from .orders import HELD_EVERY, ORDERS, PARTS, TAX

TERMS = "net_30"
GOODS, INVOICE, PAYMENT, KINDS = 0, 1, 2, 3
"""Each order has up to three entries, and their ids follow its own"""
ROW, PART = ORDERS.c, PARTS.c
LINES = PARTS.join(ORDERS, ROW.id == PART.order_id)
SHIPPED, POSTED, PAID = ROW.shipped_at.is_not(None), ROW.invoice == "posted", ROW.paid.is_not(None)
LEAVING, BILLING = PART.leaving > 0, PART.billing > 0


@dataclass(frozen=True)
class Ground:
    """What was made through the verbs that users call: ids of it."""

    currency: str
    tax: int
    accounts: dict[str, int]
    """{use: account}"""
    journals: dict[str, int]
    """{purpose: journal}"""
    warehouse: int
    places: dict[str, int]
    """{kind of location: location}"""


def costs_of(quantity: Any) -> Any:
    """What so many of each line cost, by order."""
    query = select(PART.order_id, func.sum(quantity * PART.cost).label("cost"))
    return query.group_by(PART.order_id).subquery("costs")


class Books:
    """Makes one table after the other, each in one statement."""

    def __init__(self, connection: Connection, ground: Ground, at: Any) -> None:
        self.connection, self.ground, self.now = connection, ground, literal(at, UtcDateTime())
        self.is_sqlite = connection.dialect.name == "sqlite"

    def whole(self, column: Any, kind: Exact) -> Any:
        """A whole number as a column of this kind keeps it."""
        if self.is_sqlite:
            return type_coerce(column * 10**kind.places, kind)
        return type_coerce(cast(column, Numeric(19, kind.places)), kind)

    def money(self, column: Any) -> Any:
        """Hundredths as an amount."""
        if self.is_sqlite:
            return type_coerce(column * 10 ** (AMOUNT.places - 2), AMOUNT)
        return type_coerce(cast(column, Numeric(19, 4)) / 100, AMOUNT)

    def pour(self, model: Any, columns: dict[str, Any], where: Any, source: Any = ORDERS, order: Any = ROW.id) -> None:
        columns = {name: value if hasattr(value, "label") else literal(value) for name, value in columns.items()}
        query = select(*(value.label(name) for name, value in columns.items())).select_from(source).where(where)
        self.connection.execute(insert(model.__table__).from_select(list(columns), query.order_by(order)))

    def born(self, at: Any = ROW.at) -> dict[str, Any]:
        return {"version": 1, "created_at": at, "updated_at": at, "created_by_id": ROW.owner_id}

    def head(self, net: Any, tax: Any, gross: Any) -> dict[str, Any]:
        """What orders and invoices say alike."""
        return {
            "currency": self.ground.currency, "rate": literal(1, RATE), "tax_included": False, "tax_rounding": "line",
            "discount": literal(0, QUANTITY), "language": "en", "payment_terms": TERMS, "customer_id": ROW.customer_id,
            "owner_id": ROW.owner_id, "team_id": ROW.team_id, "net": self.money(net), "tax": self.money(tax),
            "gross": self.money(gross), "base_gross": self.money(gross), "custom": literal({}, JSON),
        }  # fmt: skip

    def line(self, quantity: Any) -> dict[str, Any]:
        return {
            "id": PART.id, "position": PART.position, "quantity": self.whole(quantity, QUANTITY), "unit": "pcs",
            "factor": literal(1, QUANTITY), "price": self.whole(PART.price, PRICE), "list_price": self.whole(PART.price, PRICE),
            "discount": literal(0, QUANTITY), "tax_rate": literal(TAX, QUANTITY), "tax_id": self.ground.tax,
            "amount": self.whole(quantity * PART.price, AMOUNT), "cost": self.whole(PART.cost, PRICE),
            "product_id": PART.product_id,
        }  # fmt: skip

    # ------------------------------------------------------------------- sales

    def orders(self) -> None:
        row = self.head(ROW.net, ROW.tax, ROW.gross) | self.born() | {"tags": literal([], JSON)}
        row |= {name: ROW[name] for name in (
            "id", "number", "status", "ordered_on", "wanted_on", "confirmed_on", "delivery_state", "invoice_state"
        )}  # fmt: skip
        row |= {"undelivered": self.money(ROW.undelivered), "uninvoiced": self.money(ROW.uninvoiced)}
        costs = costs_of(PART.quantity)
        row |= {"base_net": self.money(ROW.net), "base_cost": self.whole(costs.c.cost, AMOUNT)}
        self.pour(SalesOrder, row, ROW.id > 0, ORDERS.join(costs, costs.c.order_id == ROW.id))
        part = self.line(PART.quantity) | self.born() | {"order_id": PART.order_id, "status": "open"}
        part |= {"delivered": self.whole(PART.delivered, QUANTITY), "invoiced": self.whole(PART.invoiced, QUANTITY)}
        part |= {"base_net": self.whole(PART.quantity * PART.price, AMOUNT)}
        self.pour(OrderLine, part | {"returned": literal(0, QUANTITY)}, PART.id > 0, LINES, PART.id)
        self.told("order", "confirm", ROW.confirmed_on.is_not(None), ROW.at, ["draft", "confirmed"])
        self.told("order", "close", ROW.status == "closed", ROW.shipped_at, ["confirmed", "closed"])

    def told(self, kind: str, action: str, where: Any, at: Any, change: list[str] | None = None) -> None:
        """What the audit trail says of it."""
        changes = literal({"status": change} if change else {}, JSON)
        row = {"at": at, "actor_id": ROW.owner_id, "record_type": kind, "record_id": ROW.id, "action": action}
        self.pour(AuditEntry, row | {"changes": changes}, where)

    # ------------------------------------------------------------------- stock

    def deliveries(self) -> None:
        row = self.born(func.coalesce(ROW.shipped_at, ROW.at)) | {
            "id": ROW.id, "number": ROW.delivery_number, "status": ROW.delivery, "order_id": ROW.id,
            "customer_id": ROW.customer_id, "warehouse_id": self.ground.warehouse, "ship_by": ROW.wanted_on,
            "shipped_at": ROW.shipped_at, "delivered_at": case((ROW.delivery == "delivered", ROW.shipped_at)),
            "signed_by": case((ROW.delivery == "delivered", "Zhang")),
        }  # fmt: skip
        there = ROW.delivery.is_not(None)
        self.pour(Delivery, row, there)
        self.told("delivery", "created", there, ROW.at)
        self.told("delivery", "ship", SHIPPED, ROW.shipped_at, ["ready", "shipped"])
        part = self.born() | {
            "id": PART.id, "delivery_id": PART.order_id, "order_line_id": PART.id, "product_id": PART.product_id,
            "quantity": self.whole(PART.leaving, QUANTITY), "per_unit": literal(1, QUANTITY),
        }  # fmt: skip
        self.pour(DeliveryLine, part, LEAVING, LINES, PART.id)
        move = self.born(ROW.shipped_at) | {
            "product_id": PART.product_id, "from_id": self.ground.places["stock"], "to_id": self.ground.places["customer"],
            "quantity": self.whole(PART.leaving, QUANTITY), "value": self.whole(PART.leaving * PART.cost, AMOUNT),
            "difference": literal(0, AMOUNT), "moved_at": ROW.shipped_at, "document_type": "delivery",
            "document_id": PART.order_id, "line_id": PART.id,
        }  # fmt: skip
        self.pour(StockMove, move, LEAVING & SHIPPED, LINES, PART.id)
        ready = LEAVING & (ROW.delivery == "ready")
        item = StockItem.__table__
        promise = {
            "item_id": item.c.id, "quantity": self.whole(case((ready, PART.leaving), else_=PART.reserved), QUANTITY),
            "document_type": case((ready, "delivery"), else_="order"), "document_id": PART.order_id, "line_id": PART.id,
        }  # fmt: skip
        stock = LINES.join(item, item.c.product_id == PART.product_id)
        self.pour(Reservation, promise, or_(ready, PART.reserved > 0), stock, PART.id)

    # ----------------------------------------------------------------- finance

    def invoices(self) -> None:
        there, costs = ROW.invoice.is_not(None), costs_of(PART.billing)
        row = self.head(ROW.bill_net, ROW.bill_tax, ROW.bill_gross) | self.born(func.coalesce(ROW.shipped_at, ROW.at)) | {
            "id": ROW.id, "kind": "invoice", "number": ROW.invoice_number, "status": ROW.invoice, "date": ROW.invoiced_on,
            "order_id": ROW.id, "entry_id": case((POSTED, ROW.id * KINDS + INVOICE)),
            "base_net": case((POSTED, self.money(ROW.bill_net)), else_=literal(0, AMOUNT)),
            "base_cost": case((POSTED, self.whole(costs.c.cost, AMOUNT))),
        }  # fmt: skip
        self.pour(Invoice, row, there, ORDERS.join(costs, costs.c.order_id == ROW.id))
        self.told("invoice", "created", there, ROW.shipped_at)
        self.told("invoice", "post", POSTED, ROW.shipped_at, ["draft", "posted"])
        net = self.whole(PART.billing * PART.price, AMOUNT)
        part = self.line(PART.billing) | self.born() | {
            "invoice_id": PART.order_id, "order_line_id": PART.id, "use": "sales", "credited": literal(0, QUANTITY),
            "credited_amount": literal(0, AMOUNT), "base_net": case((POSTED, net), else_=literal(0, AMOUNT)),
        }  # fmt: skip
        self.pour(InvoiceLine, part, BILLING, LINES, PART.id)

    def entries(self) -> None:
        """Goods that left, invoices, payments: their entries, which come before all that points at them."""
        accounts = self.ground.accounts
        for kind, where, number, on, purpose, text, total, debit, credits in (
            (GOODS, SHIPPED, ROW.goods_number, ROW.shipped_on, "stock", "Goods moved", ROW.cost,
             ("cogs", None), (("inventory", ROW.cost, None),)),
            (INVOICE, POSTED, ROW.invoice_number, ROW.invoiced_on, "invoice", "Invoice", ROW.bill_gross,
             ("receivable", ROW.customer_id),
             (("sales", ROW.bill_net, ROW.customer_id), ("tax_payable", ROW.bill_tax, ROW.customer_id))),
            (PAYMENT, PAID, ROW.payment_number, ROW.paid_on, "payment", "Payment", ROW.paid,
             ("bank", ROW.customer_id), (("receivable", ROW.paid, ROW.customer_id),)),
        ):  # fmt: skip
            id = ROW.id * KINDS + kind
            document = {GOODS: "delivery", INVOICE: "invoice", PAYMENT: None}[kind]
            row = self.born(func.coalesce(ROW.shipped_at, ROW.at)) | {
                "id": id, "journal_id": self.ground.journals[purpose], "number": number, "date": on, "text": text,
                "status": "posted", "total": self.money(total), "document_type": literal(document),
                "document_id": ROW.id if document else null(), "posted_at": ROW.shipped_at, "posted_by_id": ROW.owner_id,
            }  # fmt: skip
            self.pour(Entry, row, where)
            sides = [(debit[0], total, 0, debit[1]), *((use, 0, amount, whose) for use, amount, whose in credits)]
            for position, (use, owed, given, whose) in enumerate(sides):
                line = {
                    "entry_id": id, "position": position, "account_id": accounts[use], "date": on, "posted": True,
                    "debit": self.money(owed) if position == 0 else literal(0, AMOUNT),
                    "credit": self.money(given) if position else literal(0, AMOUNT),
                    "customer_id": whose if whose is not None else null(),
                }  # fmt: skip
                self.pour(EntryLine, line, where)

    def receivables(self) -> None:
        """What falls due, what was paid, and what settles what."""
        whole = {"currency": self.ground.currency, "rate": literal(1, RATE), "customer_id": ROW.customer_id}
        nothing = literal(0, AMOUNT)
        settled = func.coalesce(ROW.settled, 0)
        open_now = self.money(ROW.bill_gross - settled)
        gross = self.money(ROW.bill_gross)
        invoice = self.born(ROW.shipped_at) | whole | {
            "id": ROW.id * 2, "kind": "invoice", "number": ROW.invoice_number, "document_type": "invoice",
            "document_id": ROW.id, "entry_id": ROW.id * KINDS + INVOICE, "date": ROW.invoiced_on, "due_on": ROW.due_on,
            "amount": gross, "open": open_now, "base_amount": gross, "base_open": open_now, "discount": nothing,
            "closed_on": case((settled == ROW.bill_gross, ROW.paid_on)), "dunning_level": 0, "disputed": False,
        }  # fmt: skip
        self.pour(ReceivableItem, invoice, POSTED)
        left, amount = self.money(ROW.settled - ROW.paid), self.money(-ROW.paid)
        payment = invoice | {
            "id": ROW.id * 2 + 1, "kind": "payment", "number": ROW.payment_number, "document_type": "payment",
            "entry_id": ROW.id * KINDS + PAYMENT, "date": ROW.paid_on, "due_on": ROW.paid_on, "amount": amount, "open": left,
            "base_amount": amount, "base_open": left, "closed_on": case((ROW.settled == ROW.paid, ROW.paid_on)),
        }  # fmt: skip
        self.pour(ReceivableItem, payment, PAID)
        paid = self.money(ROW.paid)
        row = self.born(ROW.shipped_at) | whole | {
            "id": ROW.id, "number": ROW.payment_number, "direction": "in", "date": ROW.paid_on, "amount": paid,
            "base_amount": paid, "account_id": self.ground.accounts["bank"], "reference": ROW.invoice_number,
            "status": "posted", "entry_id": ROW.id * KINDS + PAYMENT, "item_id": ROW.id * 2 + 1,
        }  # fmt: skip
        self.pour(Payment, row, PAID)
        self.told("payment", "created", PAID, ROW.shipped_at)
        share = self.money(ROW.settled)
        self.pour(Allocation, {
            "customer_id": ROW.customer_id, "debit_id": ROW.id * 2, "credit_id": ROW.id * 2 + 1, "date": ROW.paid_on,
            "amount": share, "debit_base": share, "credit_base": share, "by_id": ROW.owner_id,
        }, ROW.settled > 0)  # fmt: skip
        buyers = select(ROW.customer_id).distinct().subquery()
        self.pour(CustomerAccount, {"customer_id": buyers.c.customer_id, "dunning_stop": False}, true(), buyers, None)

    # ------------------------------------------------------------------ credit

    def credit(self, reassess_on: Any) -> None:
        """An account for everybody who has ordered: half of them have a limit of their own, and a grade."""
        buyers = select(ROW.customer_id).distinct().subquery()
        id = buyers.c.customer_id
        has_limit, held = id % 2 == 1, id % HELD_EVERY == 0
        grades = case(*((id % 10 == place * 2 + 1, grade) for place, grade in enumerate("ABCDE")))
        row = {
            "version": 1, "created_at": self.now, "updated_at": self.now, "customer_id": id,
            "credit_limit": self.whole(case((has_limit, 1_000_000_000)), AMOUNT), "held": held,
            "hold_reason": case((held, "Overdue")), "held_since": case((held, self.now)), "hold_is_automatic": False,
            "watch": id % 500 == 0, "grade": grades, "score": case((has_limit, 90 - id % 10 * 10)),
            "reassess_on": case((has_limit, literal(reassess_on))),
        }  # fmt: skip
        self.pour(CreditAccount, row, true(), buyers, id)
        self.pour(CreditOrder, {
            "order_id": ROW.id, "checked_at": ROW.at, "verdict": "pass", "findings": literal([], JSON),
            "worth": self.money(ROW.gross), "used": False,
        }, ROW.confirmed_on.is_not(None))  # fmt: skip
