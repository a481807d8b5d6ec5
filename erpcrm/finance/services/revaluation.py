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

from ..models import ReceivableItem, Revaluation
from .accounts import accounts_for
from .entries import Posting, book, take_back
from .items import as_of


@dataclass(frozen=True)
class Valued:
    """Everything open in one currency on a day: as the books have it, and what it is worth then."""

    currency: str
    rate: Decimal
    open: Decimal
    booked: Decimal
    worth: Decimal

    @property
    def difference(self) -> Decimal:
        return self.worth - self.booked


def valued(on: date) -> list[Valued]:
    """By currency, other than the company's. Refused when a rate is missing."""
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
    return found


def revalue(on: date, by: Actor | None) -> Revaluation:
    """Book what open foreign amounts have gained or lost by a day, and take it back on the next: what is realised is booked
    when it is paid, from the rate of the invoice on. Refused for a day that is still to come, or was valued already.
    """
    lock_setting("currency")
    if on > today():
        raise Refused(_("%(day)s is still to come.", day=show_date(on)))
    if session.scalar(select(Revaluation.id).where(Revaluation.date == on)) is not None:
        raise Refused(_("%(day)s was valued already.", day=show_date(on)))
    by_currency = valued(on)
    made = Revaluation(
        date=on,
        difference=sum((one.difference for one in by_currency), Decimal(0)),
        rates=[
            [one.currency, *(f"{n.normalize():f}" for n in (one.rate, one.open, one.booked, one.worth))]
            for one in by_currency
        ],
        created_by_id=by.id if by else None,
    )
    session.add(made)
    session.flush()
    postings = _postings(by_currency)
    if postings:
        entry = book("general", on, _("Currency valuation on %(day)s", day=show_date(on)), postings, document=made)
        made.entry_id = entry.id
        made.reversal_id = take_back(entry, on + timedelta(days=1)).id
        session.flush()
    return made


def _postings(by_currency: Sequence[Valued]) -> list[Posting]:
    """To an account beside receivables, so that those go on being the sum of what customers owe."""
    accounts = accounts_for(["receivable_valuation", "fx_gain", "fx_loss"])
    found = []
    for one in by_currency:
        if one.difference:
            result = accounts["fx_gain" if one.difference > 0 else "fx_loss"]
            found += [
                Posting(accounts["receivable_valuation"], one.difference, text=one.currency),
                Posting(result, -one.difference, text=one.currency),
            ]
    return found


def revaluations() -> Sequence[Revaluation]:
    return session.scalars(select(Revaluation).order_by(Revaluation.date.desc()).limit(50)).all()
