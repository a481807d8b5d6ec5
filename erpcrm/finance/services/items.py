"""What is owed, amount by amount, and what of it is open on a day."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select, type_coerce
from sqlalchemy.dialects import postgresql, sqlite

from erpcrm.core.db import remembered, session
from erpcrm.core.errors import Refused
from erpcrm.core.exact import AMOUNT, round_money
from erpcrm.core.i18n import _, today
from erpcrm.customers.models import Customer

from ..models import STILL_OPEN, Allocation, CustomerAccount, Entry, ReceivableItem

ZERO = Decimal(0)


def hold_account(customer_id: int) -> CustomerAccount:
    """Hold a customer's account until this transaction ends: nobody else allocates, and all sums stay as they are read."""
    known: dict[int, CustomerAccount] = remembered("customer accounts")
    if customer_id in known:
        return known[customer_id]
    if session.get_bind().dialect.name == "postgresql":
        # Whoever merges customers holds them before their accounts: so does whoever will write rows that point at one.
        mine = select(Customer.id).where(Customer.id == customer_id)
        session.execute(mine.with_for_update(read=True, key_share=True))
    query = (
        select(CustomerAccount)
        .where(CustomerAccount.customer_id == customer_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = session.scalars(query).one_or_none()
    if found is None:
        insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        values = {"customer_id": customer_id, "dunning_stop": False}
        session.execute(insert(CustomerAccount).values(**values).on_conflict_do_nothing())
        found = session.scalars(query).one()
    known[customer_id] = found
    return found


def check_amount(amount: Decimal | None, currency: str) -> Decimal:
    """An amount above zero with no more digits than its currency has."""
    if amount is None or amount <= 0:
        raise Refused(_("Enter an amount above zero."))
    if amount != round_money(amount, currency):
        raise Refused(
            _("%(amount)s has more digits than %(currency)s.", amount=f"{amount.normalize():f}", currency=currency)
        )
    return amount


def add_item(
    kind: str,
    customer_id: int,
    entry: Entry,
    *,
    number: str,
    on: date,
    due_on: date,
    amount: Decimal,
    base_amount: Decimal,
    currency: str,
    rate: Decimal,
    document: tuple[str, int] | None = None,
    discount: Decimal = ZERO,
    discount_until: date | None = None,
    lowers_tax: bool | None = None,
) -> ReceivableItem:
    """An amount that is owed from now on, above zero by the customer. `entry` has booked `base_amount` to receivables."""
    item = ReceivableItem(
        kind=kind,
        customer_id=customer_id,
        entry_id=entry.id,
        number=number,
        date=on,
        due_on=due_on,
        amount=amount,
        open=amount,
        base_amount=base_amount,
        base_open=base_amount,
        currency=currency,
        rate=rate,
        document_type=document[0] if document else None,
        document_id=document[1] if document else None,
        discount=discount,
        discount_until=discount_until,
        lowers_tax=lowers_tax,
    )
    session.add(item)
    session.flush()
    return item


def opposite_of(item: ReceivableItem, reversal: Entry, document: tuple[str, int] | None = None) -> ReceivableItem:
    """What makes an item nothing once its entry is reversed: the same below zero, at the same rate, to be settled with it."""
    return add_item(
        "reversal", item.customer_id, reversal, number=reversal.number or "", on=reversal.date, due_on=reversal.date,
        amount=-item.amount, base_amount=-item.base_amount, currency=item.currency, rate=item.rate, document=document,
    )  # fmt: skip


def open_items(
    customer_id: int, currency: str | None = None, *, debits: bool | None = None
) -> Sequence[ReceivableItem]:
    """What is open now, the oldest due first. `debits`: only what is owed to us, or only what we owe."""
    query = select(ReceivableItem).where(ReceivableItem.customer_id == customer_id, STILL_OPEN)
    if currency is not None:
        query = query.where(ReceivableItem.currency == currency)
    if debits is not None:
        query = query.where(ReceivableItem.amount > 0 if debits else ReceivableItem.amount < 0)
    return session.scalars(query.order_by(ReceivableItem.due_on, ReceivableItem.id)).all()


def as_of(on: date) -> tuple[Select[Any], ColumnElement[Decimal], ColumnElement[Decimal]]:
    """Items as they stood at the end of a day: (select of items to add columns to, open amount, open in company currency).

    Today's figures are those that are kept; for an earlier day what was allocated since is put back.
    """
    item = ReceivableItem
    if on >= today():
        query = select().select_from(item).where(STILL_OPEN, item.date <= on)
        return query, item.open, item.base_open  # type: ignore[return-value]
    columns = (
        Allocation.debit_id,
        Allocation.credit_id,
        Allocation.amount,
        Allocation.debit_base,
        Allocation.credit_base,
    )
    # Read once, by day: asked for its groups at once, SQLite would rather walk through all allocations in their order.
    since = select(*columns).where(Allocation.date > on).cte("since").prefix_with("MATERIALIZED").c
    debits, credits = (
        select(key.label("item_id"), func.sum(since.amount).label("amount"), func.sum(base).label("base"))
        .group_by(key)
        .subquery(name)
        for name, key, base in (
            ("later_debits", since.debit_id, since.debit_base),
            ("later_credits", since.credit_id, since.credit_base),
        )
    )
    nothing = type_coerce(ZERO, AMOUNT)
    open_then = item.open + func.coalesce(debits.c.amount, nothing) - func.coalesce(credits.c.amount, nothing)
    base_then = item.base_open + func.coalesce(debits.c.base, nothing) - func.coalesce(credits.c.base, nothing)
    query = (
        select()
        .select_from(item)
        .outerjoin(debits, debits.c.item_id == item.id)
        .outerjoin(credits, credits.c.item_id == item.id)
        # Few items were open on a day, and most are older: found by the day on which they were closed, not by their own.
        .where(
            func.coalesce(item.date, item.due_on) <= on,
            or_(item.closed_on.is_(None), item.closed_on > on),
            open_then != 0,
        )
    )
    return query, open_then, base_then


def receivables_total(on: date) -> Decimal:
    """All that is open on a day in the company's currency: what the account of receivables has to stand at."""
    query, _open, base = as_of(on)
    return Decimal(session.scalar(query.with_only_columns(func.sum(base), maintain_column_froms=True)) or 0)
