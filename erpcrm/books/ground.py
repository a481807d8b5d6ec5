"""What a book stands on: its sellers, customers and wares, and the stock and ledger with which it begins."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from babel import Locale
from sqlalchemy import select

from erpcrm.access.models import User
from erpcrm.access.services import create_user, standard_role
from erpcrm.catalog.models import Product
from erpcrm.catalog.services import create_product
from erpcrm.core.db import session
from erpcrm.core.i18n import on_day
from erpcrm.core.lifecycle import transaction
from erpcrm.core.options import ensure_option
from erpcrm.customers.models import Customer
from erpcrm.customers.services import add_address, create_contact, create_customer
from erpcrm.finance.services import choose_chart, has_chart, open_stock
from erpcrm.inventory.models import Receipt, ReceiptLine
from erpcrm.inventory.services import Coming, ensure_first_warehouse, plan_receipt
from erpcrm.inventory.services import receive as receive_goods

from .book import Book, Party, Ware

CHUNK = 200
"""Customers, products or lines of the opening receipt in one transaction"""
OPENING = "OPENING"
"""The reference of the receipts that bring in the opening stock"""
Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and of how much"""
COUNTRY_CODES = {str(name): code for code, name in Locale("en").territories.items() if len(code) == 2}


@contextmanager
def step(day: date) -> Iterator[None]:
    """One event: all of it or nothing, on its day."""
    with transaction(), on_day(day):
        yield


def ids(column: Any) -> dict[str, int]:
    """{value of a column: id of its record}"""
    return {key: id for key, id in session.execute(select(column, column.class_.id)) if key is not None}


class Ground:
    """Lays it, and keeps for the events what they need again, by the keys of the book."""

    def __init__(self, book: Book, progress: Progress) -> None:
        self.book, self.progress = book, progress
        self.sellers: dict[str, int] = {}
        self.customers: dict[str, int] = {}
        self.wares: dict[str, Product] = {}

    def lay(self) -> None:
        self._people()
        self._customers()
        self._wares()
        self._opening()

    def _chunks(self, what: str, wanted: Sequence[Any]) -> Iterator[Sequence[Any]]:
        for start in range(0, len(wanted), CHUNK):
            with step(self.book.begins):
                yield wanted[start : start + CHUNK]
            self.progress(what, min(start + CHUNK, len(wanted)), len(wanted))

    def _people(self) -> None:
        """Sellers own what they sold. They have no address to sign in with until somebody gives them one."""
        with step(self.book.begins):
            for seller in self.book.sellers:
                user = session.scalars(select(User).where(User.name == seller.name)).first()
                user = user or create_user(seller.name, roles=[standard_role("seller")], active=False)
                self.sellers[seller.key] = user.id

    def _customers(self) -> None:
        known = ids(Customer.code)
        for chunk in self._chunks("customers", [one for one in self.book.customers if one.code not in known]):
            for party in chunk:
                self._customer(party)
        self.customers = ids(Customer.code)

    def _customer(self, party: Party) -> None:
        values = {
            "code": party.code,
            "name": party.name,
            "currency": self.book.currency,
            "payment_terms": self.book.terms,
            "phone": party.phone,
            "region": ensure_option("customer.region", party.country),
            "source": "import",
        }
        customer = create_customer(values, None)
        if party.address.get("street"):
            country = COUNTRY_CODES.get(party.country)
            add_address(customer, {**party.address, "use": "both", "country": country}, None)
        if party.contact:
            create_contact({"name": party.contact, "job_title": party.title}, None, customer)

    def _wares(self) -> None:
        known = ids(Product.code)
        for chunk in self._chunks("products", [one for one in self.book.wares if one.code not in known]):
            for ware in chunk:
                self._ware(ware)
        # Held here, so that every document finds them without asking.
        self.wares = {product.code: product for product in session.scalars(select(Product))}

    def _ware(self, ware: Ware) -> None:
        values = {
            "code": ware.code,
            "name": ware.name,
            "kind": "goods" if ware.stocked else "service",
            "stocked": ware.stocked,
            "price": ware.price,
            "currency": self.book.currency,
        }
        if ware.category:
            values["category"] = ensure_option("product.category", ware.category)
        create_product(values, by=None)

    def _opening(self) -> None:
        """The goods that the whole book needs lie there the day before it begins; then the ledger begins with their worth."""
        day = self.book.begins - timedelta(days=1)
        with step(day):
            warehouse = ensure_first_warehouse().id
            opening = select(ReceiptLine.product_id).join(Receipt).where(Receipt.reference == OPENING)
            there = set(session.scalars(select(Product.code).where(Product.id.in_(opening))))
        needed = [(code, quantity) for code, quantity in self.book.needed().items() if code not in there]
        prices = {ware.code: ware.price for ware in self.book.wares}
        for start in range(0, len(needed), CHUNK):
            lines = [
                {"product": self.wares[code], "quantity": quantity, "unit_cost": prices[code]}
                for code, quantity in needed[start : start + CHUNK]
            ]
            with step(day):
                values = {"warehouse_id": warehouse, "sender": "Opening stock", "reference": OPENING}
                receipt = plan_receipt(values, lines, by=None)
                receive_goods(receipt, [Coming(line, line.quantity) for line in receipt.lines], by=None)
            self.progress("opening stock", min(start + CHUNK, len(needed)), len(needed))
        with step(day):
            if not has_chart():
                choose_chart("generic")
                open_stock(day)
