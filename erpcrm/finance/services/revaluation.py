"""What open amounts in other currencies are worth on a day: unrealised differences, booked and taken back on the day after."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import func, select

from erpcrm.company.services import rate
from erpcrm.core.actor import Actor
from erpcrm.core.db import session
from erpcrm.core.errors import Refused
from erpcrm.core.exact import round_money
from erpcrm.core.i18n import _, show_date, today
from erpcrm.core.settings import lock_setting, setting

from ..models import Account, EntryLine, ReceivableItem, Revaluation
from .accounts import accounts_for
from .entries import Posting, book, take_back
from .items import as_of


@dataclass(frozen=True)
class Valued:
    """Everything open in one currency on a day, or on one bank account: as the books have it, and what it is worth then."""

    currency: str
    rate: Decimal
    open: Decimal
    booked: Decimal
    worth: Decimal
    account: Account | None = None
    """The bank account or cash that it is on; None: what customers owe"""

    @property
    def realised(self) -> bool:
        """Nothing of the currency is left on the account: what its worth in the books still is, was gained or lost for good."""
        return self.account is not None and not self.open

    @property
    def difference(self) -> Decimal:
        return self.worth - self.booked


def valued(on: date) -> list[Valued]:
    """By currency, other than the company's: what customers owe, then each bank account. Refused when a rate is missing."""
    own = setting("currency")
    query, open_then, base_then = as_of(on)
    rows = session.execute(
        query.with_only_columns(
            ReceivableItem.currency, func.sum(open_then), func.sum(base_then), maintain_column_froms=True
        )
        .where(ReceivableItem.currency != own)
        .group_by(ReceivableItem.currency)
        .order_by(ReceivableItem.currency)
    ).all()
    found = []
    for currency, open_sum, base_sum in rows:
        at = rate(currency, on)
        found.append(Valued(currency, at, Decimal(open_sum), Decimal(base_sum), round_money(open_sum * at, own)))
    return found + [
        Valued(
            str(account.currency),
            at := rate(str(account.currency), on),
            held,
            booked,
            round_money(held * at, own),
            account,
        )
        for account, held, booked in held_on(on)
        if held or booked
    ]


def held_on(on: date, *, before: bool = False) -> list[tuple[Account, Decimal, Decimal]]:
    """Accounts in other currencies: (account, what is on it in its currency, its worth in the books) at the end of a day."""
    query = (
        select(
            EntryLine.account_id,
            func.sum(EntryLine.amount_currency),
            func.sum(EntryLine.debit),
            func.sum(EntryLine.credit),
        )
        .join(Account, Account.id == EntryLine.account_id)
        .where(Account.currency.is_not(None), EntryLine.posted, EntryLine.date < on if before else EntryLine.date <= on)
        .group_by(EntryLine.account_id)
    )
    sums = {row[0]: [Decimal(value or 0) for value in row[1:]] for row in session.execute(query)}
    accounts = session.scalars(select(Account).where(Account.id.in_(sums)).order_by(Account.code))
    return [(one, sums[one.id][0], sums[one.id][1] - sums[one.id][2]) for one in accounts]


def revalue(on: date, by: Actor | None) -> Revaluation:
    """Book what open foreign amounts and foreign bank accounts have gained or lost by a day, and take it back on the next: what is
    realised is booked when it is paid, from the rate of the invoice on. Of an account that is empty the difference stays.

    Refused for a day that is still to come, or was valued already.
    """
    lock_setting("currency")
    if on > today():
        raise Refused(_("%(day)s is still to come.", day=show_date(on)))
    if session.scalar(select(Revaluation.id).where(Revaluation.date == on)) is not None:
        raise Refused(_("%(day)s was valued already.", day=show_date(on)))
    by_currency = valued(on)
    if session.scalar(select(Revaluation.id).where(Revaluation.date > on).limit(1)) is not None:
        # A later valuation has booked for good what empty accounts had left: once is enough.
        by_currency = [one for one in by_currency if not one.realised]
    made = Revaluation(
        date=on,
        difference=sum((one.difference for one in by_currency), Decimal(0)),
        rates=[
            [
                one.currency,
                *(f"{n.normalize():f}" for n in (one.rate, one.open, one.booked, one.worth)),
                *([one.account.code] if one.account is not None else []),
            ]
            for one in by_currency
        ],
        created_by_id=by.id if by else None,
    )
    session.add(made)
    session.flush()
    for_good = _postings([one for one in by_currency if one.realised])
    if for_good:
        text = _("Exchange differences of empty accounts on %(day)s", day=show_date(on))
        book("general", on, text, for_good, document=made)
    postings = _postings([one for one in by_currency if not one.realised])
    if postings:
        entry = book("general", on, _("Currency valuation on %(day)s", day=show_date(on)), postings, document=made)
        made.entry_id = entry.id
        made.reversal_id = take_back(entry, on + timedelta(days=1)).id
        session.flush()
    return made


def _postings(by_currency: Sequence[Valued]) -> list[Posting]:
    """What customers owe: to an account beside receivables, so that those go on being the sum of the items. A bank account: to
    itself, without any of its currency."""
    accounts = accounts_for(["receivable_valuation", "fx_gain", "fx_loss"])
    found = []
    for one in by_currency:
        if one.difference:
            result = accounts["fx_gain" if one.difference > 0 else "fx_loss"]
            valued_at = (
                Posting(accounts["receivable_valuation"], one.difference, text=one.currency)
                if one.account is None
                else Posting(one.account, one.difference, None, one.currency, one.currency, Decimal(0))
            )
            found += [
                valued_at,
                Posting(result, -one.difference, text=one.currency),
            ]
    return found


def revaluations() -> Sequence[Revaluation]:
    return session.scalars(select(Revaluation).order_by(Revaluation.date.desc()).limit(50)).all()
