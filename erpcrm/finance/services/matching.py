"""What the lines of a bank statement probably are: proposals for many lines in a few queries."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Literal

from sqlalchemy import func, or_, select

from erpcrm.core.db import session
from erpcrm.core.similar import normalise
from erpcrm.customers.models import Customer

from ..models import BankLine, Payment, ReceivableItem
from ..settling import Proposal, propose
from .accounts import kept_in
from .allocations import as_open

NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9/_-]{2,}")
NEAR = timedelta(days=10)
ARRIVED = func.coalesce(Payment.bank_amount, Payment.base_amount)
"""What came to the account, in its own currency"""
Because = Literal["payment", "number", "name", "amount"]


@dataclass(frozen=True)
class Match:
    """What a line may be. `because`: a payment in the books, a document number in its text, the customer's name, or an amount
    that only one customer owes. `exact`: the items come to the line's amount, to the cent."""

    because: Because
    customer: Customer
    shares: Sequence[Proposal] = ()
    items: Sequence[ReceivableItem] = ()
    payment: Payment | None = None
    exact: bool = False
    currency: str | None = None
    """The currency of the documents that its text names, when that is not the account's: how much of it this is, people tell"""


def propose_matches(lines: Sequence[BankLine]) -> dict[int, Match]:
    """{line: its best match}, for lines of one page: five queries, however many lines."""
    if not lines:
        return {}
    found: dict[int, Match] = _known_payments(lines)
    incoming = [line for line in lines if line.amount > 0 and line.id not in found]
    numbered = _by_number(incoming)
    named = _by_name(incoming)
    amounts = _by_amount(incoming)
    chosen: dict[int, tuple[Because, int]] = {}
    for line in incoming:
        for because, customers in (("number", numbered), ("name", named), ("amount", amounts)):
            if (customer_id := customers.get(line.id)) is not None:
                chosen[line.id] = (because, customer_id)  # type: ignore[assignment]
                break
    people, items = _details({customer_id for _because, customer_id in chosen.values()})
    for line in incoming:
        if line.id in chosen:
            because, customer_id = chosen[line.id]
            found[line.id] = _best(line, because, people[customer_id], items.get(customer_id, []))
    return found


def _best(line: BankLine, because: Because, customer: Customer, items: Sequence[ReceivableItem]) -> Match:
    """What of a customer's open items it settles: those that it names, else those in the account's currency."""
    kept = kept_in(line.account)
    mentioned = [item for item in items if item.number.lower() in _numbers_in(line)]
    foreign = {item.currency for item in mentioned}
    if len(foreign) == 1 and kept not in foreign:
        return Match(because, customer, items=mentioned, currency=foreign.pop())
    own = [item for item in items if item.currency == kept]
    return _match(line, because, customer, [item for item in mentioned if item.currency == kept] or own)


def _match(line: BankLine, because: Because, customer: Customer, items: Sequence[ReceivableItem]) -> Match:
    shares = propose(line.amount, [as_open(item, line.date) for item in items])
    by_id = {item.id: item for item in items}
    settled = [by_id[share.item_id] for share in shares]
    complete = all(share.amount + share.discount == item.open for share, item in zip(shares, settled, strict=True))
    exact = bool(shares) and complete and sum((share.amount for share in shares), Decimal(0)) == line.amount
    return Match(because, customer, shares, settled, exact=exact)


def _known_payments(lines: Sequence[BankLine]) -> dict[int, Match]:
    """Payments that were entered by hand before the statement came."""
    amounts = {abs(line.amount) for line in lines}
    taken = select(BankLine.id).where(BankLine.payment_id == Payment.id)
    query = select(Payment).where(
        ARRIVED.in_(amounts),
        Payment.account_id.in_({line.account_id for line in lines}),
        Payment.status == "posted",
        Payment.date.between(min(line.date for line in lines) - NEAR, max(line.date for line in lines) + NEAR),
        ~taken.exists(),
    )
    free = list(session.scalars(query.order_by(Payment.date, Payment.id).limit(500)))
    customers = {
        one.id: one for one in session.scalars(select(Customer).where(Customer.id.in_({p.customer_id for p in free})))
    } if free else {}  # fmt: skip
    found = {}
    for line in lines:
        direction = "in" if line.amount > 0 else "out"
        fitting = [
            one
            for one in free
            if (one.bank_amount or one.base_amount) == abs(line.amount)
            and one.direction == direction
            and one.account_id == line.account_id
            and abs(one.date - line.date) <= NEAR
        ]
        if fitting:
            best = min(fitting, key=lambda one: abs(one.date - line.date))
            free.remove(best)
            found[line.id] = Match("payment", customers[best.customer_id], payment=best, exact=True)
    return found


def _numbers_in(line: BankLine) -> set[str]:
    return {word.lower() for word in NUMBER.findall(f"{line.text or ''} {line.reference or ''}")}


def _by_number(lines: Sequence[BankLine]) -> dict[int, int]:
    """{line: customer} where the text names a document that is open, of one customer only."""
    words = {word for line in lines for word in _numbers_in(line) if any(char.isdigit() for char in word)}
    if not words:
        return {}
    query = select(ReceivableItem.number, ReceivableItem.customer_id).where(
        func.lower(ReceivableItem.number).in_(words), ReceivableItem.open > 0
    )
    owners: dict[str, set[int]] = {}
    for number, customer_id in session.execute(query):
        owners.setdefault(number.lower(), set()).add(customer_id)
    found = {}
    for line in lines:
        customers = set().union(*(owners.get(word, set()) for word in _numbers_in(line)))
        if len(customers) == 1:
            found[line.id] = customers.pop()
    return found


def _by_name(lines: Sequence[BankLine]) -> dict[int, int]:
    """{line: customer} where the counterparty is called like one customer only, whatever its legal form."""
    keys = {line.id: normalise(line.counterparty) for line in lines if line.counterparty}
    wanted = set(filter(None, keys.values()))
    if not wanted:
        return {}
    query = select(Customer.id, Customer.match_key, Customer.english_key).where(
        or_(Customer.match_key.in_(wanted), Customer.english_key.in_(wanted)), Customer.status != "archived"
    )
    named: dict[str, set[int]] = {}
    for customer_id, *own in session.execute(query):
        for key in filter(None, own):
            named.setdefault(key, set()).add(customer_id)
    return {line_id: min(named[key]) for line_id, key in keys.items() if len(named.get(key, ())) == 1}


def _by_amount(lines: Sequence[BankLine]) -> Mapping[int, int]:
    """{line: customer} where just one open amount is exactly as much."""
    query = (
        select(ReceivableItem.currency, ReceivableItem.open, func.min(ReceivableItem.customer_id))
        .where(ReceivableItem.open.in_({line.amount for line in lines}))
        .group_by(ReceivableItem.currency, ReceivableItem.open)
        .having(func.count() == 1)
    )
    owners = {(currency, amount): owner for currency, amount, owner in session.execute(query)} if lines else {}
    keys = {line.id: (kept_in(line.account), line.amount) for line in lines}
    return {line_id: owners[key] for line_id, key in keys.items() if key in owners}


def _details(customer_ids: set[int]) -> tuple[dict[int, Customer], dict[int, list[ReceivableItem]]]:
    if not customer_ids:
        return {}, {}
    people = {one.id: one for one in session.scalars(select(Customer).where(Customer.id.in_(customer_ids)))}
    query = (
        select(ReceivableItem)
        .where(
            ReceivableItem.customer_id.in_(customer_ids),
            ReceivableItem.open > 0,
        )
        .order_by(ReceivableItem.due_on, ReceivableItem.id)
    )
    items: dict[int, list[ReceivableItem]] = {}
    for item in session.scalars(query):
        items.setdefault(item.customer_id, []).append(item)
    return people, items
