"""Taking a book through the services, day by day: each event in a transaction of its own, so that it can be interrupted at any
moment and goes on where it was. What is there already is known by its old number.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from erpcrm.catalog.models import Product
from erpcrm.core.db import session
from erpcrm.core.errors import Refused
from erpcrm.core.lifecycle import transaction
from erpcrm.core.moves import make_move
from erpcrm.core.notifications import quietly
from erpcrm.core.settings import save_setting, setting
from erpcrm.customers.models import Customer
from erpcrm.finance.models import Account, Invoice, ReceivableItem
from erpcrm.finance.services import (
    add_opening_item,
    allocate,
    change_head,
    credit,
    invoice_order,
    items_of,
    money_accounts,
    open_items,
    post_invoice,
    receive,
)
from erpcrm.finance.settling import Proposal
from erpcrm.inventory.models import Delivery
from erpcrm.inventory.services import (
    Back,
    announce_return,
    propose_deliveries,
    ship,
    take_back,
)
from erpcrm.sales.models import OrderLine, SalesOrder
from erpcrm.sales.services import AsGiven, create_order, record_all_delivered, record_all_returned

from .book import Book, Credit, Sale
from .ground import Ground, Progress, ids, step

TOLD = 200
"""Events between two reports of progress"""
CANCELLED = "Cancelled"


@dataclass(frozen=True, order=True)
class Event:
    """Something that happened on a day. `step` puts in order what happened on the same day."""

    day: date
    step: int
    place: int
    """In the book"""


ORDERED, SHIPPED, CREDITED, PAID = range(4)


def keep(book: Book, progress: Progress = lambda what, done, of: None) -> int:
    """Take all of a book that is not there yet; return how many events were taken.

    Refused when the database holds orders that are not of this book, or keeps its accounts in another currency.
    """
    with transaction():
        _begin(book)
    with quietly():
        return Keeper(book, progress).keep()


def _begin(book: Book) -> None:
    numbers = {sale.number for sale in book.sales}
    strange = [reference for reference in session.scalars(select(SalesOrder.reference)) if reference not in numbers]
    if strange:
        raise Refused("There are orders here that are not of this book. Import it into a database of its own.")
    if setting("currency") != book.currency:
        if session.scalar(select(Account.id).limit(1)) or session.scalar(select(Product.id).limit(1)):
            raise Refused(f"The books here are kept in {setting('currency')}, and this one in {book.currency}.")
        save_setting("currency", book.currency)


class Keeper:
    """Takes one book. What many events need again is kept between them, by old number."""

    def __init__(self, book: Book, progress: Progress) -> None:
        self.book, self.progress = book, progress
        self.rules = AsGiven(book.currency)
        self.sales = {sale.number: sale for sale in book.sales}
        self.ground = Ground(book, progress)
        self.orders: dict[str, int] = {}
        self.invoiced: set[str] = set()
        self.open: set[str] = set()
        self.credited: set[str] = set()

    def keep(self) -> int:
        self.ground.lay()
        self._what_is_there()
        taken = 0
        events = sorted(self._events())
        for done, event in enumerate(events, 1):
            taken += self._take(event)
            if done % TOLD == 0 or done == len(events):
                self.progress(f"history up to {event.day}", done, len(events))
        self._end()
        return taken

    # ------------------------------------------------------------------------ events

    def _what_is_there(self) -> None:
        self.orders = ids(SalesOrder.reference)
        invoices = select(Invoice.reference, Invoice.kind).where(Invoice.status == "posted")
        for reference, kind in session.execute(invoices):
            (self.invoiced if kind == "invoice" else self.credited).add(reference or "")
        alone = select(ReceivableItem.number).where(ReceivableItem.kind == "opening")
        self.credited |= set(session.scalars(alone))
        unpaid = select(Invoice.reference).join(
            ReceivableItem,
            (ReceivableItem.document_type == "invoice") & (ReceivableItem.document_id == Invoice.id),
        )
        unpaid = unpaid.where(Invoice.kind == "invoice", ReceivableItem.kind == "invoice", ReceivableItem.open != 0)
        self.open = set(session.scalars(unpaid))

    def _events(self) -> Iterator[Event]:
        for place, sale in enumerate(self.book.sales):
            yield Event(sale.ordered_on, ORDERED, place)
            if sale.shipped_on is None:
                continue
            yield Event(sale.shipped_on, SHIPPED, place)
            if (paid_on := sale.shipped_on + timedelta(days=self.book.paid_after)) <= self.book.until:
                yield Event(paid_on, PAID, place)
        for place, found in enumerate(self.book.credits):
            yield Event(found.on, CREDITED, place)

    def _take(self, event: Event) -> bool:
        """Take an event unless it is there. An order that was shipped on its own day is one event with its delivery."""
        if event.step == CREDITED:
            return self._once(self._credit, event.day, self.book.credits[event.place], self.credited)
        sale = self.book.sales[event.place]
        if event.step == ORDERED:
            if sale.number in self.orders:
                return False
            with step(event.day):
                order = self._order(sale)
                if sale.shipped_on == event.day:
                    self._ship(sale, order)
            self.orders[sale.number] = order.id
            if sale.shipped_on == event.day:
                self._now_invoiced(sale)
            return True
        if event.step == SHIPPED:
            if sale.number in self.invoiced:
                return False
            with step(event.day):
                self._ship(sale, session.get_one(SalesOrder, self.orders[sale.number]))
            self._now_invoiced(sale)
            return True
        if sale.number not in self.open:
            return False
        with step(event.day):
            self._pay(sale, event.day)
        self.open.discard(sale.number)
        return True

    def _now_invoiced(self, sale: Sale) -> None:
        self.invoiced.add(sale.number)
        self.open.add(sale.number)

    @staticmethod
    def _once(take: Callable[[Any], None], day: date, what: Any, there: set[str]) -> bool:
        if what.number in there:
            return False
        with step(day):
            take(what)
        there.add(what.number)
        return True

    def _order(self, sale: Sale) -> SalesOrder:
        """The order, confirmed; one that was never shipped waits as a draft until all others have got their goods."""
        values = {
            "customer_id": self.ground.customers[sale.customer],
            "reference": sale.number,
            "ordered_on": sale.ordered_on,
            "wanted_on": sale.wanted_on,
            "owner_id": self.ground.sellers[sale.seller] if sale.seller else None,
            "payment_terms": self.book.terms,
        }
        if sale.address:
            values["delivery_address"] = sale.address
        lines = [
            {
                "product_id": self.ground.wares[line.ware].id if line.ware else None,
                "text": line.text,
                "quantity": line.quantity,
                "price": line.price,
                "discount": line.discount,
            }
            for line in sale.lines
        ]
        order = create_order(values, lines, None, self.rules)
        if sale.shipped_on is not None:
            self._confirm(order)
        return order

    @staticmethod
    def _confirm(order: SalesOrder) -> None:
        make_move(order, "confirm", by=None)
        if order.status != "confirmed":
            raise Refused(f"Order {order.reference} waits. Switch off what checks orders while history is brought in.")

    def _ship(self, sale: Sale, order: SalesOrder) -> None:
        by_hand = {line.id: line.quantity for line in order.lines if not _lies_in_stock(line)}
        if len(by_hand) < len(order.lines):
            for delivery in propose_deliveries(order, None):
                ship(delivery, carrier=sale.carrier, by=None)
        if by_hand:
            record_all_delivered(order, by_hand)
        post_invoice(invoice_order(order, None), None)

    def _pay(self, sale: Sale, day: date) -> None:
        """The customer pays what is open of an invoice, less what they have with us."""
        invoice = self._invoice(sale.number)
        for item in items_of(invoice):
            for found in open_items(item.customer_id, item.currency, debits=False):
                if item.open:
                    allocate(item, found, min(item.open, -found.open), None, day)
            if item.open:
                values = {"amount": item.open, "account": self._bank(), "date": day, "reference": sale.number}
                receive(invoice.customer, values, None, [Proposal(item.id, item.open)])

    def _bank(self) -> Account:
        return next(account for account in money_accounts() if account.role == "bank")

    def _invoice(self, number: str) -> Invoice:
        query = select(Invoice).where(Invoice.order_id == self.orders[number], Invoice.kind == "invoice")
        return session.scalars(query).one()

    def _credit(self, cancelled: Credit) -> None:
        """Goods that come back lie in stock again and are credited on their invoices. What was sold before the book begins
        is a credit that the customer has from then."""
        by_sale: dict[str, dict[int, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        for part in cancelled.parts:
            by_sale[part.sale][part.place] += part.quantity
        for number, places in by_sale.items():
            order = session.get_one(SalesOrder, self.orders[number])
            back = {order.lines[place].id: quantity for place, quantity in places.items()}
            self._take_back(order, back)
            invoice = self._invoice(number)
            mine = {line.order_line_id: line.id for line in invoice.lines}
            note = credit(invoice, None, CANCELLED, {mine[id]: quantity for id, quantity in back.items()})
            change_head(note, {"reference": cancelled.number})
            post_invoice(note, None)
        if cancelled.alone:
            add_opening_item(
                session.get_one(Customer, self.ground.customers[cancelled.customer]), number=cancelled.number, on=cancelled.on,
                due_on=cancelled.on, amount=-cancelled.alone, currency=self.book.currency, rate=Decimal(1), by=None,
            )  # fmt: skip

    @staticmethod
    def _take_back(order: SalesOrder, back: Mapping[int, Decimal]) -> None:
        by_hand = {line.id: back[line.id] for line in order.lines if line.id in back and not _lies_in_stock(line)}
        deliveries = session.scalars(select(Delivery).where(Delivery.order_id == order.id)).all()
        for delivery in deliveries:
            goods = [
                Back(line, back[line.order_line_id])
                for line in delivery.lines
                if line.order_line_id in back and line.order_line_id is not None
            ]
            if goods:
                take_back(announce_return(delivery, goods, CANCELLED, by=None), None)
        if by_hand:
            record_all_returned(order, by_hand)

    # --------------------------------------------------------------------------- end

    def _end(self) -> None:
        """Orders that were never shipped are confirmed and get what is free; wares that are not sold any more are taken off."""
        for sale in self.book.sales:
            if sale.shipped_on is None:
                with step(sale.ordered_on):
                    order = session.get_one(SalesOrder, self.orders[sale.number])
                    if order.status == "draft":
                        self._confirm(order)
        with step(self.book.until):
            for ware in self.book.wares:
                product = self.ground.wares[ware.code]
                if ware.discontinued and product.is_active:
                    make_move(product, "discontinue", by=None)


def _lies_in_stock(line: OrderLine) -> bool:
    return line.product is not None and line.product.stocked
