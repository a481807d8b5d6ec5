"""What needs the accountant today."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import and_, case, func, select

from erpcrm.core.actor import Actor
from erpcrm.core.db import session
from erpcrm.core.i18n import today
from erpcrm.customers.scopes import visible_customers

from ..models import STILL_OPEN, Account, BankLine, Entry, ReceivableItem
from .periods import to_close


@dataclass(frozen=True)
class Tally:
    """How many, and how much in the company's currency."""

    count: int
    amount: Decimal = Decimal(0)


@dataclass(frozen=True)
class Day:
    """The figures of the first page of finance."""

    bank_lines: Tally
    credits: Tally
    drafts: Tally
    overdue: Tally
    open: Tally
    to_close: date | None

    @property
    def nothing(self) -> bool:
        """Nothing needs anybody."""
        return not (self.bank_lines.count or self.credits.count or self.drafts.count or self.to_close)


def day_of(by: Actor) -> Day:
    """Four queries, whatever there is. Customers whom the user doesn't see are left out."""
    item, on = ReceivableItem, today()
    owed = and_(item.open > 0)
    late = and_(item.open > 0, item.due_on < on)
    query = select(
        func.count(case((item.open < 0, 1))),
        func.sum(case((item.open < 0, item.base_open))),
        func.count(case((late, 1))),
        func.sum(case((late, item.base_open))),
        func.count(case((owed, 1))),
        func.sum(case((owed, item.base_open))),
    ).where(STILL_OPEN)
    if by.scope("customer") != "all":
        query = query.where(item.customer_id.in_(visible_customers(by)))
    row = session.execute(query).one()
    credits, overdue, open_now = (Tally(row[at], Decimal(row[at + 1] or 0)) for at in (0, 2, 4))
    lines = session.execute(
        select(func.count(), func.sum(case((Account.currency.is_(None), BankLine.amount))))
        .join(Account, Account.id == BankLine.account_id)
        .where(BankLine.status == "open")
    ).one()
    drafts = session.execute(select(func.count(), func.sum(Entry.total)).where(Entry.status == "draft")).one()
    return Day(
        Tally(lines[0], Decimal(lines[1] or 0)),
        Tally(credits.count, -credits.amount),
        Tally(drafts[0], Decimal(drafts[1] or 0)),
        overdue,
        open_now,
        to_close(),
    )
