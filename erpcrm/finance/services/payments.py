"""Money received from customers and paid back to them."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from erpcrm.company.services import rate
from erpcrm.core.actor import Actor
from erpcrm.core.db import session
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.exact import round_money
from erpcrm.core.i18n import _, show_money, today
from erpcrm.core.moves import make_move
from erpcrm.core.settings import setting
from erpcrm.customers.models import Customer

from ..models import MANY, PAYMENT_FLOW, Account, BankLine, Entry, Payment, ReceivableItem
from ..settling import Proposal
from .accounts import account_for, kept_in
from .allocations import discounts_with, in_force, take_back_allocation
from .discounts import allocate_credit
from .entries import Posting, book, take_back
from .items import add_item, check_amount, hold_account, opposite_of

RATE_DIGITS = Decimal("1.0000000000")


def receive(
    customer: Customer, values: Mapping[str, Any], by: Actor | None, shares: Sequence[Proposal] = ()
) -> Payment:
    """Money has come in: book it, and let it settle `shares`. What they leave stays with the customer as a credit.

    `values`: amount, currency, account (where the money is), date, reference, note; `bank_amount` when the bank has told what
    arrived on the account, in the account's currency, else the rate of the day holds.
    """
    payment = _pay(customer, values, "in")
    item = _item_of(payment)
    _check_shares(payment.amount, shares)
    allocate_credit(item, shares, by, payment.date)
    return payment


def refund(customer: Customer, credit: ReceivableItem, values: Mapping[str, Any], by: Actor | None) -> Payment:
    """Pay back what a customer has with us: all of `values["amount"]` is taken off `credit`. Refused above what is open of it."""
    hold_account(customer.id)
    session.refresh(credit)
    if credit.customer_id != customer.id or credit.amount > 0:
        raise NotThere
    if values["amount"] is None or values["amount"] > -credit.open:
        raise Refused(
            _(
                "Of %(number)s %(open)s are open.",
                number=credit.number,
                open=show_money(-credit.open, credit.currency),
            )
        )
    payment = _pay(customer, {**values, "currency": credit.currency}, "out")
    allocate_credit(credit, [Proposal(_item_of(payment).id, payment.amount)], by, payment.date)
    return payment


def _check_shares(amount: Decimal, shares: Sequence[Proposal]) -> None:
    given = sum((share.amount for share in shares), Decimal(0))
    if given > amount:
        raise Refused(
            _("%(given)s are allocated, but the payment is %(amount)s.", given=f"{given:f}", amount=f"{amount:f}")
        )


def _item_of(payment: Payment) -> ReceivableItem:
    assert payment.item is not None  # noqa: S101 - every payment that was booked has one
    return payment.item


def _pay(customer: Customer, values: Mapping[str, Any], direction: str) -> Payment:
    currency, day = values.get("currency") or setting("currency"), values.get("date") or today()
    amount = check_amount(values["amount"], currency)
    if day > today():
        raise Refused(_("A payment can't be dated in the future."))
    account: Account = values["account"]
    if account.role not in MANY or not account.active:
        raise Refused(_("%(code)s is no account where money is.", code=account.code))
    base, at, arrived = _worth(amount, currency, account, values.get("bank_amount"), day)
    hold_account(customer.id)
    sign = 1 if direction == "in" else -1
    what = _("Payment from %(customer)s") if direction == "in" else _("Paid back to %(customer)s")
    reference = (values.get("reference") or "").strip() or None
    text = what % {"customer": customer.name} + (f", {reference}" if reference else "")
    receivable = account_for("receivable")
    entry = book(
        "payment",
        day,
        text,
        [
            Posting(
                account, sign * base, customer.id, reference, *_on_account(account, currency, sign, amount, arrived)
            ),
            Posting(receivable, -sign * base, customer.id, reference, currency, -sign * amount),
        ],
    )
    payment = Payment(
        number=entry.number or "",
        customer=customer,
        direction=direction,
        date=day,
        amount=amount,
        currency=currency,
        rate=at,
        base_amount=base,
        account=account,
        bank_amount=arrived,
        reference=reference,
        note=(values.get("note") or "").strip() or None,
        entry_id=entry.id,
    )
    session.add(payment)
    session.flush()
    payment.item = add_item(
        "payment" if direction == "in" else "refund",
        customer.id,
        entry,
        number=payment.number,
        on=day,
        due_on=day,
        amount=-sign * amount,
        base_amount=-sign * base,
        currency=currency,
        rate=at,
        document=(payment.record_name, payment.id),
    )
    session.flush()
    return payment


def _worth(
    amount: Decimal, currency: str, account: Account, told: Decimal | None, day: date
) -> tuple[Decimal, Decimal, Decimal]:
    """(worth in the company's currency, rate, what came to the account in the account's). What the bank tells wins over the rate."""
    own, kept = setting("currency"), kept_in(account)
    if kept == currency:
        if told not in (None, amount):
            raise Refused(_("The account is kept in the same currency, so both amounts are the same."))
        arrived = amount
    elif told is not None:
        arrived = check_amount(told, kept)
    elif kept == own:
        arrived = round_money(amount * rate(currency, day), own)
    else:
        raise Refused(_("Enter how much came to the account, in %(currency)s.", currency=kept))
    # In the company's currency an amount is what it is; else what is on the account counts, at its own worth.
    base = amount if currency == own else round_money(arrived * rate(kept, day), own)
    if base <= 0:
        raise Refused(_("In %(currency)s this is nothing.", currency=own))
    at = rate(currency, day) if kept == currency or told is None else (base / amount).quantize(RATE_DIGITS)
    return base, at, arrived


def _on_account(account: Account, currency: str, sign: int, amount: Decimal, arrived: Decimal) -> tuple[str, Decimal]:
    """What the line of the account says beside its worth: what came to it, or on one in the company's currency what was paid."""
    return (account.currency, sign * arrived) if account.currency else (currency, sign * amount)


def cancel_payment(payment: Payment, reason: str, by: Actor, version: int | None = None) -> None:
    """The money did not come, or was entered wrongly: what it settled is open again and its entry is reversed."""
    hold_account(payment.customer_id)  # in the same order as everybody: the account first
    make_move(payment, "cancel", by=by, version=version, reason=reason)


@PAYMENT_FLOW.on("cancel")
def _cancelled(payment: Payment, by: Actor | None, details: dict[str, Any]) -> None:
    hold_account(payment.customer_id)
    item, day = _item_of(payment), today()
    session.refresh(item)
    for allocation in in_force(item):
        take_back_allocation(allocation, by, day)
    for discount in discounts_with(item):  # what it had settled was taken back by hand before
        take_back_allocation(discount, by, day)
    entry = session.get_one(Entry, payment.entry_id)
    text = _("%(number)s cancelled: %(reason)s", number=payment.number, reason=details.get("reason") or "–")
    made = take_back(entry, max(day, entry.date), text)
    counter = opposite_of(item, made, (payment.record_name, payment.id))
    debit, credit = (counter, item) if counter.amount > 0 else (item, counter)
    allocate_credit(credit, [Proposal(debit.id, payment.amount)], by, made.date)
    line = session.scalars(select(BankLine).where(BankLine.payment_id == payment.id)).one_or_none()
    if line is not None:
        line.payment_id, line.status = None, "open"
    session.flush()
