"""What the ledger says: the trial balance of a day, and the lines behind each figure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, case, func, select

from erpcrm.core.db import session
from erpcrm.core.settings import setting
from erpcrm.customers.models import Customer

from ..models import Account, Entry, EntryLine

ZERO = Decimal(0)
LINES = 100


@dataclass(frozen=True)
class AccountBalance:
    """An account over a time: what stood on it before, what came to each side, and what it stands at. Debit above zero."""

    account: Account
    before: Decimal
    debit: Decimal
    credit: Decimal

    @property
    def after(self) -> Decimal:
        return self.before + self.debit - self.credit


@dataclass(frozen=True)
class TrialBalance:
    """All accounts with anything on them. The sums of both sides are equal, or the books are broken."""

    since: date
    on: date
    rows: Sequence[AccountBalance]

    @property
    def debit(self) -> Decimal:
        return sum((row.debit for row in self.rows), ZERO)

    @property
    def credit(self) -> Decimal:
        return sum((row.credit for row in self.rows), ZERO)

    @property
    def balances(self) -> tuple[Decimal, Decimal]:
        """The sum of all debit balances, and of all credit balances."""
        after = [row.after for row in self.rows]
        return sum((one for one in after if one > 0), ZERO), -sum((one for one in after if one < 0), ZERO)

    @property
    def profit(self) -> Decimal:
        """Income less expenses of the time."""
        moved = [row.credit - row.debit for row in self.rows if row.account.kind in ("income", "expense")]
        return sum(moved, ZERO)


def fiscal_start(on: date) -> date:
    """The first day of the financial year of a day."""
    month = int(setting("fiscal_year_start"))
    return date(on.year if on.month >= month else on.year - 1, month, 1)


def _exact(value: Any) -> Decimal:
    return Decimal(value or 0)


def trial_balance(on: date, since: date | None = None) -> TrialBalance:
    """All balances at the end of a day, in the company's currency, with what moved since another (the financial year's first)."""
    start = since or fiscal_start(on)
    line = EntryLine
    inside = line.date >= start
    query = (
        select(
            line.account_id,
            func.sum(case((~inside, line.debit))),
            func.sum(case((~inside, line.credit))),
            func.sum(case((inside, line.debit))),
            func.sum(case((inside, line.credit))),
        )
        .where(line.posted, line.date <= on)
        .group_by(line.account_id)
    )
    found = {row[0]: [_exact(value) for value in row[1:]] for row in session.execute(query)}
    accounts = session.scalars(select(Account).where(Account.id.in_(found)).order_by(Account.code))
    rows = [AccountBalance(one, found[one.id][0] - found[one.id][1], *found[one.id][2:]) for one in accounts]
    return TrialBalance(start, on, [row for row in rows if row.before or row.debit or row.credit])


def balance_of(account: Account, on: date, *, before: bool = False) -> Decimal:
    """What stands on an account at the end of a day (`before`: at its beginning). Debit above zero."""
    reach = EntryLine.date < on if before else EntryLine.date <= on
    debit, credit = session.execute(
        select(func.sum(EntryLine.debit), func.sum(EntryLine.credit)).where(
            EntryLine.account_id == account.id, EntryLine.posted, reach
        )
    ).one()
    return _exact(debit) - _exact(credit)


def held_of(account: Account, before: date) -> Decimal:
    """What is on an account in its own currency at the beginning of a day; nothing where that is the company's."""
    if account.currency is None:
        return ZERO
    query = select(func.sum(EntryLine.amount_currency)).where(
        EntryLine.account_id == account.id, EntryLine.posted, EntryLine.date < before
    )
    return _exact(session.scalar(query))


@dataclass(frozen=True)
class AccountLine:
    """A line of an account with what the account stands at after it."""

    id: int
    date: date
    entry_id: int
    number: str
    text: str
    customer_id: int | None
    customer: str | None
    debit: Decimal
    credit: Decimal
    balance: Decimal
    held: Decimal | None
    """In the account's own currency, where that is another one: this line"""
    held_balance: Decimal
    """and what is on the account after it"""


@dataclass(frozen=True)
class AccountSheet:
    """A page of an account between two days, the oldest first."""

    opening: Decimal
    held_opening: Decimal
    lines: Sequence[AccountLine]
    closing: Decimal
    held_closing: Decimal
    page: int
    more: bool


def account_sheet(account: Account, since: date, until: date, page: int = 1) -> AccountSheet:
    """The lines of an account between two days, with a running balance, `LINES` a page."""
    opening, held_opening = balance_of(account, since, before=True), held_of(account, since)
    wanted = and_(EntryLine.account_id == account.id, EntryLine.posted, EntryLine.date.between(since, until))
    order = (EntryLine.date, EntryLine.id)
    passed = (page - 1) * LINES
    running, held = opening, held_opening
    if passed:
        columns = (EntryLine.debit, EntryLine.credit, EntryLine.amount_currency)
        skipped = select(*columns).where(wanted).order_by(*order).limit(passed).subquery()
        sums = select(*(func.sum(skipped.c[column.key]) for column in columns))
        debit, credit, foreign = tuple(session.execute(sums).one())
        running += _exact(debit) - _exact(credit)
        held += _exact(foreign)
    query = (
        select(EntryLine, Entry.number, Entry.text, Customer.name)
        .join(Entry, Entry.id == EntryLine.entry_id)
        .outerjoin(Customer, Customer.id == EntryLine.customer_id)
        .where(wanted)
        .order_by(*order)
        .offset(passed)
        .limit(LINES + 1)
    )
    rows = session.execute(query).all()
    found = []
    for line, number, text, customer in rows[:LINES]:
        running += line.amount
        held += line.amount_currency or ZERO
        found.append(
            AccountLine(
                line.id, line.date, line.entry_id, number or "", line.text or text, line.customer_id, customer,
                line.debit, line.credit, running, line.amount_currency, held,
            )
        )  # fmt: skip
    return AccountSheet(opening, held_opening, found, running, held, page, len(rows) > LINES)
