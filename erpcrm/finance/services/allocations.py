"""Settling what is owed with what was paid or credited, with the difference of exchange rates booked each time."""

from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from erpcrm.core.actor import Actor
from erpcrm.core.db import session
from erpcrm.core.errors import Refused
from erpcrm.core.i18n import _, show_money, today
from erpcrm.core.settings import setting

from ..models import Allocation, DiscountShare, Entry, ReceivableItem
from ..settling import OpenItem, Proposal, base_share, propose
from .accounts import accounts_for
from .entries import Posting, book, take_back
from .items import check_amount, hold_account, open_items, opposite_of

ZERO = Decimal(0)
TAKEN_OFF = ("discount", "write_off")
"""Kinds of items that stand for what was settled without money"""


def allocate(
    debit: ReceivableItem, credit: ReceivableItem, amount: Decimal, by: Actor | None, on: date | None = None
) -> Allocation:
    """Let `amount` of a credit settle that much of a debit, in the currency of both.

    It counts from the later of `on`, or today, and the days of both. The difference between what they are worth in the
    company's currency is booked as exchange gain or loss. Refused above what is open of either, for items of two customers or
    of two currencies.
    """
    hold_account(debit.customer_id)
    for item in (debit, credit):
        session.refresh(item)
    if debit.customer_id != credit.customer_id:
        raise Refused(_("They belong to different customers."))
    if debit.currency != credit.currency:
        raise Refused(
            _("They are in different currencies. Pay the amount back, or enter it in the invoice’s currency.")
        )
    if debit.amount < 0 or credit.amount > 0:
        raise Refused(_("Only what was paid or credited settles what is owed."))
    check_amount(amount, debit.currency)
    for item in (debit, credit):
        if amount > abs(item.open):
            raise Refused(
                _(
                    "Of %(number)s %(open)s are open, so %(amount)s can't be allocated.",
                    number=item.number,
                    open=show_money(abs(item.open), item.currency),
                    amount=show_money(amount, item.currency),
                )
            )
    day = max(on or today(), debit.date, credit.date)
    return settle(debit, credit, amount, share_of(debit, amount), share_of(credit, amount), day, by)


def share_of(item: ReceivableItem, amount: Decimal) -> Decimal:
    """What `amount` of an item is worth in the company's currency, above zero for either kind."""
    return base_share(
        abs(item.amount), abs(item.base_amount), abs(item.open), abs(item.base_open), amount, setting("currency")
    )


def settle(
    debit: ReceivableItem,
    credit: ReceivableItem,
    amount: Decimal,
    debit_base: Decimal,
    credit_base: Decimal,
    day: date,
    by: Actor | None,
    reverses: Allocation | None = None,
) -> Allocation:
    made = Allocation(
        customer_id=debit.customer_id,
        debit_id=debit.id,
        credit_id=credit.id,
        date=day,
        amount=amount,
        debit_base=debit_base,
        credit_base=credit_base,
        reverses_id=reverses.id if reverses else None,
        by_id=by.id if by else None,
    )
    session.add(made)
    debit.open, debit.base_open = debit.open - amount, debit.base_open - debit_base
    credit.open, credit.base_open = credit.open + amount, credit.base_open + credit_base
    session.flush()
    for item in (debit, credit):
        item.closed_on = None if item.open else _last_day(item)
    if debit_base != credit_base:
        made.entry_id = _book_difference(made, debit, credit, credit_base - debit_base).id
    session.flush()
    return made


def _last_day(item: ReceivableItem) -> date:
    """The day of the last allocation: until then something of the item was open."""
    return session.scalars(
        select(func.max(Allocation.date)).where(or_(Allocation.debit_id == item.id, Allocation.credit_id == item.id))
    ).one()


def _book_difference(made: Allocation, debit: ReceivableItem, credit: ReceivableItem, gain: Decimal) -> Entry:
    """What the payment was worth above what was invoiced; below zero it is a loss."""
    accounts = accounts_for(["receivable", "fx_gain", "fx_loss"])
    text = _("Exchange difference, %(invoice)s paid by %(payment)s", invoice=debit.number, payment=credit.number)
    # A loss that is taken back belongs where the loss was booked.
    is_gain = (gain > 0) if made.amount > 0 else (gain < 0)
    result = accounts["fx_gain" if is_gain else "fx_loss"]
    return book(
        "general",
        made.date,
        text,
        [Posting(accounts["receivable"], gain, debit.customer_id), Posting(result, -gain)],
        document=("allocation", made.id),
    )


def take_back_allocation(made: Allocation, by: Actor | None, on: date | None = None) -> Allocation:
    """Undo an allocation: both are open again by as much, and a booked exchange difference is booked back.

    It stays on record, with its opposite beside it. A discount that the payment had earned on this item goes along; what stood for
    a discount or a write-off is reversed. Refused when it was taken back already, and for what a reversal has settled.
    """
    hold_account(made.customer_id)
    session.refresh(made)
    if made.reverses_id is not None:
        raise Refused(_("This takes back another allocation."))
    if session.scalar(select(Allocation.id).where(Allocation.reverses_id == made.id)) is not None:
        raise Refused(_("This allocation was taken back already."))
    debit, credit = session.get_one(ReceivableItem, made.debit_id), session.get_one(ReceivableItem, made.credit_id)
    for item in (debit, credit):
        session.refresh(item)
        if item.kind == "reversal":
            raise Refused(_("%(number)s is a reversal: what it has settled stays settled.", number=item.number))
    day = max(on or today(), made.date)
    back = settle(debit, credit, -made.amount, -made.debit_base, -made.credit_base, day, by, made)
    for item in (debit, credit):
        if item.kind in TAKEN_OFF:
            settle_by_reversal(item, day, by)
    for discount in discounts_with(credit, debit):
        take_back_allocation(discount, by, day)
    return back


def settle_by_reversal(counter: ReceivableItem, day: date, by: Actor | None) -> None:
    """What stood for a discount or a write-off, or was brought in by mistake, is nothing any more: its entry is reversed, or it would
    look like money that the customer has with us, or owes."""
    entry = session.get_one(Entry, counter.entry_id)
    made = take_back(entry, max(day, entry.date))
    document = (counter.document_type, counter.document_id) if counter.document_type and counter.document_id else None
    opposite = opposite_of(counter, made, document)
    debit, credit = (opposite, counter) if counter.amount < 0 else (counter, opposite)
    base = abs(counter.base_amount)
    settle(debit, credit, abs(counter.amount), base, base, made.date, by)


def discounts_with(payment: ReceivableItem, debit: ReceivableItem | None = None) -> list[Allocation]:
    """The discounts in force that a payment has earned, on one item or on all."""
    mine = select(DiscountShare.item_id).where(DiscountShare.payment_item_id == payment.id)
    query = select(Allocation).where(Allocation.credit_id.in_(mine), Allocation.reverses_id.is_(None))
    if debit is not None:
        query = query.where(Allocation.debit_id == debit.id)
    undone = select(Allocation.reverses_id).where(Allocation.reverses_id.is_not(None))
    # A discount that was given up is settled by its reversal too: that is none to take back.
    granted = query.join(ReceivableItem, ReceivableItem.id == Allocation.debit_id).where(
        Allocation.id.not_in(undone), ReceivableItem.kind != "reversal"
    )
    return list(session.scalars(granted.order_by(Allocation.id)))


def allocations_of(item: ReceivableItem) -> Sequence[Allocation]:
    """Every allocation of an item, the oldest first, also those that were taken back."""
    mine = or_(Allocation.debit_id == item.id, Allocation.credit_id == item.id)
    return session.scalars(select(Allocation).where(mine).order_by(Allocation.id)).all()


def in_force(item: ReceivableItem) -> list[Allocation]:
    """The allocations of an item that were not taken back."""
    every = allocations_of(item)
    gone = {one.reverses_id for one in every}
    return [one for one in every if one.reverses_id is None and one.id not in gone]


def settled_by(items: Sequence[ReceivableItem]) -> Sequence[Any]:
    """What stands against these items now, one row for each other item: (id, number, date, amount), the oldest first."""
    ids = [item.id for item in items]
    other = aliased(ReceivableItem)
    mine = and_(Allocation.debit_id.in_(ids), other.id == Allocation.credit_id)
    theirs = and_(Allocation.credit_id.in_(ids), other.id == Allocation.debit_id)
    amount = func.sum(Allocation.amount)
    query = (
        select(other.id, other.number, func.max(Allocation.date).label("date"), amount.label("amount"))
        .join(Allocation, or_(mine, theirs))
        .group_by(other.id, other.number)
        .having(amount != 0)
        .order_by(other.id)
    )
    return session.execute(query).all() if ids else []


def proposal_for(
    customer_id: int, money: Decimal, currency: str, on: date, first: Collection[int] = ()
) -> list[Proposal]:
    """Which open items a payment of this day would settle: those that are named, then an exact match, then the oldest."""
    items = open_items(customer_id, currency, debits=True)
    named = propose(money, [as_open(item, on) for item in items if item.id in first]) if first else []
    left = money - sum((share.amount for share in named), ZERO)
    return named + propose(left, [as_open(item, on) for item in items if item.id not in first])


def as_open(item: ReceivableItem, on: date) -> OpenItem:
    """An item as proposals see it: its discount counts while it has not expired and nothing of it was paid."""
    early = item.discount_until is not None and on <= item.discount_until and item.open == item.amount
    return OpenItem(item.id, item.open, item.due_on, item.discount if early else ZERO)
