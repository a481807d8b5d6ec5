"""A year of everyday business of the demo company before the documents that are still at work: what customers buy again and
again, billed and paid, so that there is a habit to see, somebody who has left it, and something that is bought together."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from erpcrm.core.settings import setting

from . import services
from .settling import Proposal

Parts = Sequence[tuple[str, int]]
FILM: Parts = (("CM-001", 24),)
FILM_AND_BLADES: Parts = (("CM-001", 36), ("SP-011", 4))
BLADES_AND_SENSOR: Parts = (("SP-011", 6), ("SP-031", 2))
CARE: Parts = (("SV-001", 1), ("SP-011", 2))

HABITS: tuple[tuple[int, int, int, int, Sequence[Parts]], ...] = (
    # customer, days since the first purchase, days between two, days since the last at least, what in turn
    (0, 330, 30, 45, (FILM_AND_BLADES, FILM, FILM_AND_BLADES, CARE)),
    (3, 300, 45, 100, (FILM, FILM_AND_BLADES)),
    (4, 390, 28, 140, (FILM,)),
    (6, 360, 60, 20, (BLADES_AND_SENSOR, CARE)),
    (9, 380, 35, 75, (FILM_AND_BLADES, BLADES_AND_SENSOR)),
    (10, 280, 40, 10, (FILM, FILM, CARE)),
    (12, 200, 50, 15, (CARE, FILM_AND_BLADES)),
)
PAID_AFTER = timedelta(days=14)


def trade(books: Any) -> None:
    """Bill each customer in its rhythm and book one transfer for all of it."""
    products = {product.code: product for product in books.world.products}
    bank = services.account_for("bank")
    for place, begun, every, until, wanted in HABITS:
        customer, bills = books.customer(place), []
        for turn, ago in enumerate(range(begun, until, -every)):
            lines = [
                {"product_id": products[code].id, "unit": products[code].unit, "quantity": Decimal(count)}
                for code, count in wanted[turn % len(wanted)]
            ]
            bills.append(_bill(books, customer, books.day(ago + (turn * 7) % 5), lines))
        due = [item for bill in bills for item in services.items_of(bill)]
        last: date = max(bill.date for bill in bills) + PAID_AFTER
        values = {
            "amount": sum((item.open for item in due), start=Decimal(0)),
            "account": bank,
            "date": min(last, books.world.today),
            "reference": f"年度结清 {place:02d}",
            "currency": setting("currency"),
        }
        services.receive(customer, values, books.by, [Proposal(item.id, item.open) for item in due])


def _bill(books: Any, customer: Any, on: date, lines: list[dict[str, Any]]) -> Any:
    values = {"customer_id": customer.id, "date": on, "payment_terms": "net_15", "currency": setting("currency")}
    invoice = services.create_invoice(values, lines, books.by)
    services.post_invoice(invoice, books.by)
    return invoice
