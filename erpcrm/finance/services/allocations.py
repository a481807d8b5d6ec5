"""Settling what is owed with what was paid or credited, with the difference of exchange rates booked each time."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from erpcrm.core.actor import Actor
from erpcrm.core.db import session
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.i18n import _, show_money, today
from erpcrm.core.settings import setting

from ..models import Account, Allocation, Entry, ReceivableItem
from ..settling import OpenItem, Proposal, base_share, propose
from .accounts import accounts_for
from .entries import Posting, book
from .items import add_item, check_amount, hold_account, open_items

ZERO = Decimal(0)


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
    return _settle(debit, credit, amount, _share(debit, amount), _share(credit, amount), day, by)


def _share(item: ReceivableItem, amount: Decimal) -> Decimal:
    """What `amount` of an item is worth in the company's currency, above zero for either kind."""
    return base_share(
        abs(item.amount), abs(item.base_amount), abs(item.open), abs(item.base_open), amount, setting("currency")
    )


def _settle(
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

    It stays on record, with its opposite beside it. Refused when it was taken back already.
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
    day = max(on or today(), made.date)
    return _settle(debit, credit, -made.amount, -made.debit_base, -made.credit_base, day, by, made)


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


def allocate_credit(
    credit: ReceivableItem, shares: Iterable[Proposal], by: Actor | None, on: date | None = None
) -> list[Allocation]:
    """Settle several debits with one credit, each perhaps with an early-payment discount beside it."""
    hold_account(credit.customer_id)
    made = []
    for share in shares:
        debit = session.get(ReceivableItem, share.item_id)
        if debit is None or debit.customer_id != credit.customer_id:
            raise NotThere
        if share.amount:
            made.append(allocate(debit, credit, share.amount, by, on))
        if share.discount:
            made.append(grant_discount(debit, share.discount, by, max(on or today(), credit.date)))
    return made


def grant_discount(debit: ReceivableItem, amount: Decimal, by: Actor | None, on: date) -> Allocation:
    """Take the early-payment discount off an item. Refused above what its terms allow."""
    if amount > debit.discount:
        raise Refused(
            _(
                "The terms of %(number)s allow a discount of %(discount)s.",
                number=debit.number,
                discount=show_money(debit.discount, debit.currency),
            )
        )
    text = _("Early-payment discount on %(number)s", number=debit.number)
    account = accounts_for(["discount_given"])["discount_given"]
    return take_off(debit, amount, "discount", account, text, by, on)


def take_off(
    item: ReceivableItem, amount: Decimal, kind: str, account: Account, text: str, by: Actor | None, on: date
) -> Allocation:
    """Settle `amount` of an item, owed by or to the customer, without money: against `account`, at the item's own rate."""
    hold_account(item.customer_id)
    session.refresh(item)
    check_amount(amount, item.currency)
    if amount > abs(item.open):
        raise Refused(
            _(
                "Of %(number)s %(open)s are open.",
                number=item.number,
                open=show_money(abs(item.open), item.currency),
            )
        )
    sign = -1 if item.amount > 0 else 1
    base = sign * _share(item, amount)
    day = max(on, item.date)
    receivable = accounts_for(["receivable"])["receivable"]
    entry = book(
        "general",
        day,
        text,
        [
            Posting(receivable, base, item.customer_id, None, item.currency, sign * amount),
            Posting(account, -base, item.customer_id),
        ],
        document=("receivable_item", item.id),
    )
    counter = add_item(
        kind,
        item.customer_id,
        entry,
        number=entry.number or "",
        on=day,
        due_on=day,
        amount=sign * amount,
        base_amount=base,
        currency=item.currency,
        rate=item.rate,
        document=(item.document_type, item.document_id) if item.document_type and item.document_id else None,
    )
    debit, credit = (item, counter) if sign < 0 else (counter, item)
    return _settle(debit, credit, amount, abs(base), abs(base), day, by)
