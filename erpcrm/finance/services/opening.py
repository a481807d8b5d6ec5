"""What customers owed, or had with us, when these books began."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from erpcrm.core.actor import Actor
from erpcrm.core.db import session
from erpcrm.core.errors import Refused
from erpcrm.core.exact import round_money
from erpcrm.core.i18n import _, show_money, today
from erpcrm.core.settings import setting
from erpcrm.customers.models import Customer

from ..models import Entry, ReceivableItem
from .accounts import accounts_for
from .allocations import settle_by_reversal
from .entries import Posting, book
from .items import add_item, check_amount, hold_account

BLOCK = 500


def add_opening_item(
    customer: Customer,
    *,
    number: str,
    on: date,
    due_on: date,
    amount: Decimal,
    currency: str,
    rate: Decimal,
    by: Actor | None,
    was: Decimal | None = None,
) -> ReceivableItem:
    """What a customer owed (below zero: had with us) when these books began. Booked against opening balances.

    `was`: what the old invoice came to, when part of it was paid before. Refused when it is there already.
    """
    number = " ".join(number.split())
    if not number:
        raise Refused(_("Give the number of the old invoice."))
    check_amount(abs(amount), currency)
    hold_account(customer.id)
    if (customer.id, number) in opening_items_of([(customer.id, number)]):
        raise Refused(_("%(number)s of this customer is there already.", number=number))
    base = round_money(amount * rate, setting("currency"))
    if not base:
        raise Refused(_("In %(currency)s this is nothing.", currency=setting("currency")))
    accounts = accounts_for(["receivable", "opening"])
    text = _("Opening item %(number)s, %(customer)s", number=number, customer=customer.name)
    if was is not None:
        text += " " + _("(of %(amount)s)", amount=show_money(was, currency))
    entry = book(
        "general",
        on,
        text,
        [
            Posting(accounts["receivable"], base, customer.id, number, currency, amount),
            Posting(accounts["opening"], -base, text=number),
        ],
        document=("customer", customer.id),
    )
    return add_item(
        "opening", customer.id, entry, number=number, on=on, due_on=due_on, amount=amount, base_amount=base,
        currency=currency, rate=rate,
    )  # fmt: skip


def opening_items_of(keys: Iterable[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """{(customer, number): opening item} of those that are there and were not taken back."""
    wanted = set(keys)
    numbers = sorted({number for _customer, number in wanted})
    found: dict[tuple[int, str], int] = {}
    taken_back = select(Entry.reverses_id).where(Entry.reverses_id.is_not(None))
    for start in range(0, len(numbers), BLOCK):
        query = select(ReceivableItem.customer_id, ReceivableItem.number, ReceivableItem.id).where(
            ReceivableItem.kind == "opening",
            ReceivableItem.number.in_(numbers[start : start + BLOCK]),
            ReceivableItem.entry_id.not_in(taken_back),
        )
        found |= {(customer_id, number): id for customer_id, number, id in session.execute(query)}
    return {key: id for key, id in found.items() if key in wanted}


def take_back_opening_item(item: ReceivableItem, by: Actor | None) -> None:
    """It was brought in by mistake: its entry is reversed, and nothing of it is open. Refused once something of it was settled."""
    hold_account(item.customer_id)
    session.refresh(item)
    if item.kind != "opening" or item.open != item.amount:
        raise Refused(_("Something of %(number)s is settled already. Take that back first.", number=item.number))
    settle_by_reversal(item, max(today(), item.date), by)
