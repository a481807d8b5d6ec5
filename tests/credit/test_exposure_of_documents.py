"""Whatever has happened, what a customer owes is what the documents come to, added up here by other rules than the program's."""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from erpcrm.company.models import Tax
from erpcrm.company.services import set_rate, take_standard_taxes
from erpcrm.core.errors import Refused
from erpcrm.core.exact import round_money
from erpcrm.core.moves import make_move
from erpcrm.credit import services
from erpcrm.finance import services as finance
from erpcrm.finance.models import Allocation, Invoice, InvoiceLine, Payment
from erpcrm.sales.models import OrderLine, SalesOrder
from erpcrm.sales.services import create_order, move_line, record_returned, update_order
from tests.factories.customers import a_customer

ZERO, HUNDRED = Decimal(0), Decimal(100)
OWN = "CNY"
DAY = date(2026, 3, 2)


@dataclass
class Happened:
    """What the test itself has done, as far as no document of the program's tells it."""

    orders: list[SalesOrder] = field(default_factory=list)
    delivered: dict[int, Decimal] = field(default_factory=dict)
    returned: dict[int, Decimal] = field(default_factory=dict)
    short: set[int] = field(default_factory=set)
    """Lines that were closed with something left"""


def taxed(line: Any, amount: Decimal, currency: str) -> Decimal:
    return amount + round_money(amount * line.tax_rate / HUNDRED, currency)


def terms_by_documents(session: Any, customer: Any, done: Happened) -> dict[str, Decimal]:
    """The five terms from lines, notes, payments and allocations. No sum that the program keeps is read."""
    session.flush()
    every = session.scalars(select(Invoice).where(Invoice.customer_id == customer.id)).all()
    posted = [one for one in every if one.status == "posted"]
    payments = session.scalars(select(Payment).where(Payment.customer_id == customer.id)).all()
    settled = session.scalars(select(Allocation).where(Allocation.customer_id == customer.id)).all()
    worth = {"invoice": ZERO, "credit_note": ZERO}
    for one in posted:
        gross = sum((taxed(line, line.amount, one.currency) for line in one.lines), ZERO)
        worth[one.kind] += round_money(gross * one.rate, OWN)
    paid = sum((round_money(one.amount * one.rate, OWN) for one in payments), ZERO)
    given_back = sum((round_money(one.amount * one.rate, OWN) for one in payments if one.status == "cancelled"), ZERO)
    found = {
        "invoices": worth["invoice"] + given_back - sum((one.debit_base for one in settled), ZERO),
        "credits": sum((one.credit_base for one in settled), ZERO) - worth["credit_note"] - paid,
        "uninvoiced": ZERO,
        "undelivered": ZERO,
        "advances": ZERO,
    }
    for order in done.orders:
        if order.status not in ("confirmed", "closed"):
            continue
        shipped = coming = ZERO
        for line in order.lines:
            got, invoiced, to_come = pieces(line, posted, done)
            each = taxed(line, line.amount, order.currency) / line.quantity
            # Each piece counts once, wherever it is: on an invoice, with the customer, or still to come.
            once = max(invoiced, got + to_come)
            shipped += max(got - invoiced, ZERO) * each
            coming += (once - max(invoiced, got)) * each
        shipped, coming = round_money(shipped * order.rate, OWN), round_money(coming * order.rate, OWN)
        found["uninvoiced"] += shipped
        found["undelivered"] += coming
        found["advances"] -= min(asked_in_advance(order, posted), shipped + coming)
    return found


def pieces(line: OrderLine, posted: list[Invoice], done: Happened) -> tuple[Decimal, Decimal, Decimal]:
    """Of a line of an order: what the customer has, what is on invoices, and what will still come."""
    invoiced = ZERO
    for one in posted:
        sign = 1 if one.kind == "invoice" else -1
        invoiced += sum((sign * of.quantity for of in one.lines if of.order_line_id == line.id), ZERO)
    left = done.delivered.get(line.id, ZERO)
    return left - done.returned.get(line.id, ZERO), invoiced, ZERO if line.id in done.short else line.quantity - left


def asked_in_advance(order: SalesOrder, posted: list[Invoice]) -> Decimal:
    """What is left of it with its tax: less what later invoices took off, and notes have credited."""
    lines: list[tuple[Invoice, InvoiceLine]] = [(one, line) for one in posted for line in one.lines]
    found = ZERO
    for invoice, line in lines:
        if invoice.order_id != order.id or invoice.kind != "invoice" or line.use != "advance":
            continue
        used = [(one, of) for one, of in lines if of.origin_id == line.id]
        left = line.amount
        for one, of in used:
            left += of.amount if one.kind == "invoice" else -of.amount
            left -= sum((note.amount for _note, note in lines if note.origin_id == of.id), ZERO)
        found += round_money(taxed(line, left, invoice.currency) * invoice.rate, OWN)
    return found


VERBS = (
    "order", "deliver", "deliver", "return", "return", "invoice", "invoice", "ahead", "some", "advance", "credit",
    "credit_returned", "credit_returned", "pay", "allocate", "take_back", "cancel_payment", "less", "close_line",
    "reopen_line", "close", "reopen", "cancel",
)  # fmt: skip
AHEAD = [("ahead", 0, 1), ("deliver", 0, 2), ("deliver", 0, 1), ("return", 0, 2), ("credit_returned", 0, 1)]
ADVANCED = [("advance", 0, 5), ("deliver", 0, 3), ("invoice", 0, 1), ("credit", 1, 9), ("credit", 0, 9)]
ABROAD = [("pay", 1, 9), ("order", 1, 7), ("ahead", 1, 1), ("allocate", 0, 9), ("take_back", 0, 1), ("allocate", 0, 3)]
DOLLARS = [
    ("order", 1, 7), ("deliver", 1, 2), ("pay", 5, 9), ("pay", 1, 3), ("some", 1, 2), ("allocate", 0, 2), ("allocate", 1, 1),
]  # fmt: skip
SHORT = [("deliver", 0, 2), ("close_line", 0, 2), ("some", 0, 2), ("return", 0, 2), ("credit_returned", 0, 1)]
BEGINNINGS = (
    [("deliver", 0, 4), ("deliver", 0, 1)],
    AHEAD[:2],
    ADVANCED[:1],
    ADVANCED[:3],
    ABROAD[:4],
    DOLLARS[:5],
    SHORT[:1],
)
"""So that chance has something to go on from, and little of it is refused"""


def steps_of(seed: int, count: int) -> list[tuple[str, int, int]]:
    """Evenly by chance, which no strategy for lists is with so few examples; what fails is shrunk to the shortest history."""
    chance = Random(seed)
    more = [(chance.choice(VERBS), chance.randint(0, 5), chance.randint(1, 9)) for _ in range(20)]
    return [*chance.choice(BEGINNINGS), *more][:count]


STEPS = st.builds(steps_of, st.integers(0, 2**64), st.integers(8, 18))


@settings(max_examples=25)
@given(steps=STEPS)
@example(steps=AHEAD)
@example(steps=ADVANCED)
@example(steps=ABROAD)
@example(steps=DOLLARS)
@example(steps=SHORT)
def test_what_a_customer_owes_is_what_the_documents_come_to(
    books: Any, session: Any, seller: Any, accountant: Any, steps: list[tuple[str, int, int]]
) -> None:
    if session.scalars(select(Tax)).first() is None:
        take_standard_taxes("china")
        set_rate("USD", date(2026, 1, 1), Decimal("6.9173"))
        set_rate("USD", DAY, Decimal("7.2049"))
    tax = session.scalars(select(Tax).where(Tax.rate == 13)).first()
    customer, done = a_customer(seller), Happened()
    for step in [("order", 0, 3), *steps]:
        with suppress(Refused), session.begin_nested():
            take(step, session, customer, done, tax, seller, accountant)
        session.expire_all()
    terms = services.terms_of([customer.id]).get(customer.id, services.NOTHING)
    by_documents = terms_by_documents(session, customer, done)
    assert {name: getattr(terms, name) for name in services.TERMS} == by_documents
    assert terms.exposure == sum(by_documents.values())
    for name in services.TERMS:
        documents = services.documents_behind([customer.id], name)
        assert sum((one.amount for one in documents), ZERO) == getattr(terms, name)


def take(
    step: tuple[str, int, int], session: Any, customer: Any, done: Happened, tax: Tax, seller: Any, accountant: Any
) -> None:
    """One step of somebody's day. What makes no sense just now is refused, and nothing has happened."""
    verb, which, number = step
    order = done.orders[which % len(done.orders)] if done.orders else None
    line = order.lines[number % 2] if order else None
    every = session.scalars(select(Invoice).where(Invoice.customer_id == customer.id, Invoice.kind == "invoice")).all()
    paid = session.scalars(select(Payment).where(Payment.customer_id == customer.id)).all()
    match verb:
        case "order":
            header = {"customer_id": customer.id, "currency": "USD" if which % 2 else OWN}
            lines = [
                {"text": "Machine", "quantity": Decimal(5), "price": Decimal(number * 1111) / 100, "tax_id": tax.id},
                {"text": "Work", "quantity": Decimal(3), "price": Decimal(number * 10)},
            ]
            made = create_order(header, lines, seller)
            make_move(made, "confirm", by=seller)
            done.orders.append(made)
        case "pay":
            values = {"amount": Decimal(number * 25), "account": finance.account_for("bank")}
            values |= {"currency": "USD" if which % 2 else OWN, "date": date(2026, 2, 10) if which > 2 else DAY}
            finance.receive(customer, values, accountant, [])
        case "allocate":
            pairs = [
                (debit, credit)
                for credit in finance.open_items(customer.id, debits=False)
                for debit in finance.open_items(customer.id, credit.currency, debits=True)
            ]
            if pairs:
                debit, credit = pairs[which % len(pairs)]
                amount = round_money(min(debit.open, -credit.open) * number / 9, debit.currency)
                finance.allocate(debit, credit, amount, accountant, DAY)
        case "take_back":
            known = session.scalars(select(Allocation).where(Allocation.customer_id == customer.id)).all()
            if known:
                finance.take_back_allocation(known[which % len(known)], accountant)
        case "cancel_payment" if paid:
            finance.cancel_payment(paid[which % len(paid)], "said", accountant)
        case "credit" if every:
            chosen = every[which % len(every)]
            part = {one.id: min(one.to_credit, Decimal(number)) for one in chosen.lines}
            finance.post_invoice(finance.credit(chosen, accountant, "said", None if number > 4 else part), accountant)
    if order is None or line is None:
        return
    match verb:
        case "deliver":
            quantity = Decimal(min(number, 3))
            move_line(line, "deliver", seller, quantity=quantity)
            done.delivered[line.id] = done.delivered.get(line.id, ZERO) + quantity
        case "return":
            quantity = Decimal(min(number, 2))
            record_returned(line, quantity)
            done.returned[line.id] = done.returned.get(line.id, ZERO) + quantity
        case "invoice" | "ahead":
            finance.post_invoice(finance.invoice_order(order, None, all_lines=verb == "ahead"), None)
        case "some":
            finance.post_invoice(finance.invoice_order(order, None, quantities={line.id: Decimal(1)}), None)
        case "advance":
            finance.post_invoice(finance.invoice_advance(order, Decimal(number * 5), None), None)
        case "credit_returned":
            for note in finance.credit_returned(order, accountant, "came back"):
                finance.post_invoice(note, accountant)
        case "less":
            lines = [{"id": one.id, "quantity": one.quantity, "price": one.price} for one in order.lines]
            lines[number % 2]["quantity"] = Decimal(number)
            update_order(order, {}, lines, seller)
        case "close_line":
            move_line(line, "close", seller)
            done.short.add(line.id)
        case "reopen_line":
            move_line(line, "reopen", seller)
            done.short.discard(line.id)
        case "close" | "cancel":
            make_move(order, verb, by=seller, reason="no more")
            if verb == "close":
                done.short |= {one.id for one in order.lines}
        case "reopen":
            make_move(order, "reopen", by=seller, reason="after all")
