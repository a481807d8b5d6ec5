"""What settles an item without money: early-payment discounts, with the taxes they lower, and whatever is taken off."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select

from erpcrm.core.actor import Actor
from erpcrm.core.db import session
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.i18n import _, show_money, show_percent, today
from erpcrm.core.settings import setting

from ..discounting import Key, Share, Taxed, split
from ..models import Account, Allocation, DiscountShare, Entry, Invoice, ReceivableItem
from ..settling import Proposal
from .accounts import accounts_for
from .allocations import allocate, in_force, settle, share_of
from .entries import Posting, book
from .invoices import totals_of
from .items import add_item, check_amount, hold_account

ZERO = Decimal(0)


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
        if share.discount and not share.amount:
            raise Refused(
                _(
                    "A discount for early payment is given with a payment: enter what of it is for %(number)s.",
                    number=debit.number,
                )
            )
        if share.discount:
            made.append(grant_discount(debit, share.discount, by, max(on or today(), credit.date), credit))
    return made


def grant_discount(
    debit: ReceivableItem, amount: Decimal, by: Actor | None, on: date, payment: ReceivableItem | None = None
) -> Allocation:
    """Take the early-payment discount off an item, with its tax where its terms say so. `payment` has earned it and takes it along
    when it is cancelled. Refused when, with what was granted before, it is above what the terms allow.
    """
    hold_account(debit.customer_id)
    check_amount(amount, debit.currency)
    if amount + granted_on(debit) > debit.discount:
        raise Refused(
            _(
                "The terms of %(number)s allow a discount of %(discount)s.",
                number=debit.number,
                discount=show_money(debit.discount, debit.currency),
            )
        )
    shares: list[Share] = []

    def against(base: Decimal) -> list[Posting]:
        shares.extend(_shares(debit, amount, base))
        return _postings(debit, shares)

    text = _("Early-payment discount on %(number)s", number=debit.number)
    made = _take_off(debit, amount, "discount", text, by, on, against)
    for share in shares:
        session.add(
            DiscountShare(
                item_id=made.credit_id,
                payment_item_id=payment.id if payment is not None else None,
                tax_id=share.key[0],
                tax_rate=share.key[1],
                net=share.net,
                tax=share.tax,
                base_net=share.base_net,
                base_tax=share.base_tax,
            )
        )
    session.flush()
    return made


def granted_on(debit: ReceivableItem) -> Decimal:
    """The discounts in force on an item, in its currency."""
    credits = {one.credit_id: one.amount for one in in_force(debit)}
    given = session.scalars(
        select(ReceivableItem.id).where(ReceivableItem.id.in_(credits), ReceivableItem.kind == "discount")
    )
    return sum((credits[id] for id in given), ZERO)


def _shares(debit: ReceivableItem, amount: Decimal, base: Decimal) -> list[Share]:
    invoice = session.get(Invoice, debit.document_id) if debit.document_type == "invoice" else None
    if invoice is None or not debit.lowers_tax or not invoice.tax:
        return [Share((None, ZERO), amount, ZERO, base, ZERO)]
    invoiced = [Taxed((_id(one.tax), one.rate), one.base, one.amount) for one in totals_of(invoice).taxes]
    before = _taken_of(invoice)
    return split(amount, base, invoiced, before, invoice.rate, invoice.currency, setting("currency"))


def _id(tax: str | int | None) -> int | None:
    return None if tax is None else int(tax)


def _taken_of(invoice: Invoice) -> dict[Key, Share]:
    """What discounts in force have taken of each tax of an invoice, on whichever of its due dates."""
    reversed_ = select(Entry.reverses_id).where(Entry.reverses_id.is_not(None))
    query = (
        select(
            DiscountShare.tax_id,
            DiscountShare.tax_rate,
            func.sum(DiscountShare.net),
            func.sum(DiscountShare.tax),
            func.sum(DiscountShare.base_net),
            func.sum(DiscountShare.base_tax),
        )
        .join(ReceivableItem, ReceivableItem.id == DiscountShare.item_id)
        .where(
            ReceivableItem.document_type == "invoice",
            ReceivableItem.document_id == invoice.id,
            ReceivableItem.entry_id.not_in(reversed_),
        )
        .group_by(DiscountShare.tax_id, DiscountShare.tax_rate)
    )
    return {
        (tax_id, tax_rate): Share((tax_id, tax_rate), *map(Decimal, sums))
        for tax_id, tax_rate, *sums in session.execute(query)
    }


def _postings(debit: ReceivableItem, shares: Sequence[Share]) -> list[Posting]:
    """One line a tax on either account, so that the tax return finds what was corrected at which rate."""
    accounts = accounts_for(["discount_given", "tax_payable"])
    named = len(shares) > 1 or any(share.tax for share in shares)
    found = []
    for share in shares:
        text = show_percent(share.key[1]) if named else None
        found.append(Posting(accounts["discount_given"], share.base_net, debit.customer_id, text))
        found.append(Posting(accounts["tax_payable"], share.base_tax, debit.customer_id, text))
    return found


def discount_shares_of(item: ReceivableItem) -> Sequence[DiscountShare]:
    """Of an item that stands for a discount: its net amounts and taxes."""
    return session.scalars(
        select(DiscountShare).where(DiscountShare.item_id == item.id).order_by(DiscountShare.id)
    ).all()


def take_off(
    item: ReceivableItem, amount: Decimal, kind: str, account: Account, text: str, by: Actor | None, on: date
) -> Allocation:
    """Settle `amount` of an item, owed by or to the customer, without money: against `account`, at the item's own rate."""
    return _take_off(item, amount, kind, text, by, on, lambda base: [Posting(account, base, item.customer_id)])


def _take_off(
    item: ReceivableItem,
    amount: Decimal,
    kind: str,
    text: str,
    by: Actor | None,
    on: date,
    against: Callable[[Decimal], list[Posting]],
) -> Allocation:
    """`against(base)`: the postings that `base`, what it is worth in the company's currency, is booked to; debit above zero."""
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
    base = sign * share_of(item, amount)
    day = max(on, item.date)
    receivable = accounts_for(["receivable"])["receivable"]
    entry = book(
        "general",
        day,
        text,
        [
            Posting(receivable, base, item.customer_id, None, item.currency, sign * amount),
            *against(-base),
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
    return settle(debit, credit, amount, abs(base), abs(base), day, by)
