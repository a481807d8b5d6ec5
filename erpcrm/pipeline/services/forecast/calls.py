"""What sellers call for themselves and managers for others. Nothing is overwritten: the latest call counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload

from erpcrm.access.models import User
from erpcrm.core.actor import Actor
from erpcrm.core.db import session
from erpcrm.core.errors import NotAllowed, NotThere, Refused
from erpcrm.core.exact import round_money
from erpcrm.core.i18n import _, today
from erpcrm.core.settings import setting

from ...forecasting import Period
from ...models import ForecastCall
from ...models.forecast import FORECAST_CALL, FORECAST_OVERRIDE
from .view import NOBODY, View, seen_people, sees


@dataclass(frozen=True)
class Called:
    """What an owner and a manager say of a period, each as last said; None where nobody has, or has taken it back."""

    seller: ForecastCall | None = None
    manager: ForecastCall | None = None

    @property
    def counts(self) -> Decimal | None:
        """The manager's figure where there is one, else the seller's."""
        chosen = self.manager or self.seller
        return chosen.amount if chosen else None


def call_kind(owner_id: int, by: Actor) -> str | None:
    """What this user may say of an owner: the own call, an override, or nothing."""
    if owner_id == by.id:
        return "seller" if by.may(FORECAST_CALL) else None
    return "manager" if by.may(FORECAST_OVERRIDE) else None


def call(owner: User, period: Period, amount: Decimal | None, note: str | None, by: Actor) -> ForecastCall | None:
    """Say what `owner` will sell in a period, in company currency; None takes the call back. Returns the new call.

    One's own figure is a call, another's an override, which takes the permission for it and a sight of that person's
    deals. Refused once the period is over. The same again changes nothing.
    """
    kind = call_kind(owner.id, by)
    if kind is None:
        raise NotAllowed(FORECAST_CALL if owner.id == by.id else FORECAST_OVERRIDE)
    if not sees(by, owner.id):
        raise NotThere
    if period.last < today():
        raise Refused(_("This period is over. What was called for it stays as it is."))
    last = latest(period, [owner.id]).get(owner.id, Called())
    before = last.seller if kind == "seller" else last.manager
    amount = None if amount is None else round_money(amount, setting("currency"))
    if (before.amount if before else None) == amount and (before.note if before else None) == note:
        return before
    made = ForecastCall(
        first=period.first, months=period.months, owner_id=owner.id, kind=kind, amount=amount, note=note, by_id=by.id,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def latest(period: Period, owner_ids: Sequence[int]) -> dict[int, Called]:
    """The calls that count, of these owners."""
    return _latest(period, ForecastCall.owner_id.in_(owner_ids))


def called_in(view: View, actor: Actor) -> dict[int, Called]:
    """The calls that count of all whom the view shows and this user sees."""
    if view.owner_id == NOBODY:
        return {}
    whom = [seen_people(actor)]
    if view.owner_id is not None:
        whom.append(User.id == view.owner_id)
    if view.team_id is not None:
        whom.append(User.team_id == view.team_id)
    return _latest(view.period, ForecastCall.owner_id.in_(select(User.id).where(*whom)))


def _latest(period: Period, whose: ColumnElement[bool]) -> dict[int, Called]:
    newest = (
        select(func.max(ForecastCall.id))
        .where(ForecastCall.first == period.first, ForecastCall.months == period.months, whose)
        .group_by(ForecastCall.owner_id, ForecastCall.kind)
    )
    query = select(ForecastCall).options(joinedload(ForecastCall.by)).where(ForecastCall.id.in_(newest))
    found: dict[int, dict[str, ForecastCall]] = {}
    for one in session.scalars(query):
        if one.amount is not None:
            found.setdefault(one.owner_id, {})[one.kind] = one
    return {owner: Called(**calls) for owner, calls in found.items()}


def calls_of(owner: User, period: Period) -> Sequence[ForecastCall]:
    """All that was ever called, newest first."""
    query = (
        select(ForecastCall)
        .options(joinedload(ForecastCall.by))
        .where(
            ForecastCall.first == period.first,
            ForecastCall.months == period.months,
            ForecastCall.owner_id == owner.id,
        )
    )
    return session.scalars(query.order_by(ForecastCall.id.desc()).limit(50)).all()
