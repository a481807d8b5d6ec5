"""What the books say once history is in them, and whether they agree with themselves."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import extract, func, select

from erpcrm.catalog.models import Product
from erpcrm.core.db import session
from erpcrm.customers.models import Customer
from erpcrm.finance.models import Entry, EntryLine, Invoice, InvoiceLine, Payment, ReceivableItem
from erpcrm.finance.services import account_for, balance_of, receivables_total, trial_balance
from erpcrm.finance.services.stock import stock_value
from erpcrm.inventory.models import Location, StockItem, StockMove
from erpcrm.sales.models import OrderLine, SalesOrder


def _sum(query: Any) -> Decimal:
    return Decimal(session.scalar(query) or 0)


def _of_products() -> Any:
    """Lines of confirmed orders that sell a product: freight and other words are no sales of goods."""
    return (
        select()
        .select_from(OrderLine)
        .join(SalesOrder, SalesOrder.id == OrderLine.order_id)
        .where(OrderLine.product_id.is_not(None), SalesOrder.status.in_(("confirmed", "closed")))
    )


def sold() -> Decimal:
    """What all orders come to, without what is no product."""
    return _sum(_of_products().add_columns(func.sum(OrderLine.amount)))


def sold_in(unit: str) -> dict[str, Decimal]:
    """{year or month ("2010-12"): what was ordered in it}; `unit` is "year" or "month"."""
    parts = [extract("year", SalesOrder.ordered_on)] + ([extract("month", SalesOrder.ordered_on)] * (unit == "month"))
    query = _of_products().add_columns(*parts, func.sum(OrderLine.amount)).group_by(*parts).order_by(*parts)
    return {"-".join(f"{int(part):02d}" for part in key): Decimal(amount) for *key, amount in session.execute(query)}


def sold_to() -> dict[str, Decimal]:
    """{code of a customer: what it has ordered}, the best first."""
    amount = func.sum(OrderLine.amount)
    query = _of_products().add_columns(Customer.code, amount).join(Customer, Customer.id == SalesOrder.customer_id)
    query = query.group_by(Customer.code).order_by(amount.desc(), Customer.code)
    return {code: Decimal(total) for code, total in session.execute(query)}


def sold_of() -> dict[str, Decimal]:
    """{code of a product: what was ordered of it}, the best first."""
    amount = func.sum(OrderLine.amount)
    query = _of_products().add_columns(Product.code, amount).join(Product, Product.id == OrderLine.product_id)
    query = query.group_by(Product.code).order_by(amount.desc(), Product.code)
    return {code: Decimal(total) for code, total in session.execute(query)}


def lines_sold() -> int:
    return session.scalar(_of_products().add_columns(func.count(OrderLine.id))) or 0


def texts_sold() -> Decimal:
    """What was ordered that is no product: freight."""
    return _sum(select(func.sum(OrderLine.amount)).where(OrderLine.product_id.is_(None)))


def invoiced(kind: str) -> Decimal:
    """All that is on posted invoices, or on credit notes."""
    query = select(func.sum(InvoiceLine.amount)).join(Invoice, Invoice.id == InvoiceLine.invoice_id)
    return _sum(query.where(Invoice.kind == kind, Invoice.status == "posted"))


def credited_alone() -> Decimal:
    """Credits for what was sold before the books begin, above zero."""
    return -_sum(select(func.sum(ReceivableItem.amount)).where(ReceivableItem.kind == "opening"))


def count(model: type[Any], *conditions: Any) -> int:
    return session.scalar(select(func.count()).select_from(model).where(*conditions)) or 0


def units_in_stock() -> Decimal:
    return _sum(select(func.sum(StockItem.on_hand)))


@dataclass(frozen=True)
class Check:
    """Two figures that have to be the same."""

    what: str
    one: Decimal
    other: Decimal

    @property
    def holds(self) -> bool:
        return self.one == self.other


def checks(on: date) -> Iterator[Check]:
    """What must hold whatever was imported."""
    yield Check("balances of the trial balance, debit and credit", *trial_balance(on).balances)
    own = select(func.sum(EntryLine.debit), func.sum(EntryLine.credit)).join(Entry, Entry.id == EntryLine.entry_id)
    debit, credit = session.execute(own.where(Entry.status == "posted")).one()
    yield Check("debits and credits of all entries", Decimal(debit or 0), Decimal(credit or 0))
    yield Check(
        "receivables in the ledger and open items", balance_of(account_for("receivable"), on), receivables_total(on)
    )
    yield Check("goods in the ledger and in stock", balance_of(account_for("inventory"), on), stock_value())
    yield Check("stock and its moves, products that differ", Decimal(len(_stock_off())), Decimal(0))
    uneven = select(func.count()).where(OrderLine.invoiced > OrderLine.delivered - OrderLine.returned)
    yield Check("order lines invoiced beyond what the customer kept", Decimal(session.scalar(uneven) or 0), Decimal(0))


def _stock_off() -> list[int]:
    """Products of which there is not what their moves say."""
    moved: dict[int, Decimal] = {}
    for end, sign in ((StockMove.to_id, 1), (StockMove.from_id, -1)):
        query = select(StockMove.product_id, func.sum(StockMove.quantity)).join(Location, Location.id == end)
        query = query.where(Location.kind == "stock").group_by(StockMove.product_id)
        for product_id, quantity in session.execute(query):
            moved[product_id] = moved.get(product_id, Decimal(0)) + sign * quantity
    there = select(StockItem.product_id, func.sum(StockItem.on_hand)).group_by(StockItem.product_id)
    found = {product_id: Decimal(quantity) for product_id, quantity in session.execute(there)}
    return [
        product_id for product_id in moved.keys() | found.keys() if moved.get(product_id, 0) != found.get(product_id, 0)
    ]


def summary(on: date) -> Iterator[tuple[str, Decimal | int]]:
    """The figures that somebody wants to see first."""
    yield "customers", count(Customer)
    yield "products", count(Product)
    yield "orders", count(SalesOrder)
    yield "order lines of products", lines_sold()
    yield "sold", sold()
    yield "other lines (freight)", texts_sold()
    yield "invoices", count(Invoice, Invoice.kind == "invoice")
    yield "invoiced", invoiced("invoice")
    yield "credit notes", count(Invoice, Invoice.kind == "credit_note")
    yield "credited on invoices", invoiced("credit_note")
    yield "credited for sales before", credited_alone()
    yield "payments", count(Payment)
    yield "still owed", receivables_total(on)
    yield "units in stock", units_in_stock()
    yield "stock is worth", stock_value()
