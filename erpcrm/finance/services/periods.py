"""Months of the books: closing them, and opening them again."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import extract, func, select
from sqlalchemy.dialects import postgresql, sqlite

from erpcrm.core.actor import Actor
from erpcrm.core.db import now, remembered, session
from erpcrm.core.errors import Refused
from erpcrm.core.i18n import _, show_month, today
from erpcrm.core.moves import make_move

from ..models import PERIOD_FLOW, Entry, Period


def last_day(day: date) -> date:
    """The last day of the month of `day`."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def month_before(day: date) -> date:
    """The first day of the month before that of `day`."""
    return date(day.year - (day.month == 1), (day.month - 2) % 12 + 1, 1)


def month_after(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def period_of(day: date) -> Period:
    """The month of a day, as a record that can be locked; made when it isn't there yet."""
    query = select(Period).where(Period.year == day.year, Period.month == day.month)
    found = session.scalars(query).one_or_none()
    if found is None:
        insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        values = {
            "year": day.year, "month": day.month, "status": "open", "version": 1, "created_at": now(), "updated_at": now(),
        }  # fmt: skip
        session.execute(insert(Period).values(**values).on_conflict_do_nothing())
        found = session.scalars(query).one()
    return found


def hold_open(day: date) -> None:
    """Make sure that the month of a day stays open until this transaction ends. Refused when it is closed."""
    known: dict[date, Period] = remembered("periods")
    first = day.replace(day=1)
    if first not in known:
        query = select(Period).where(Period.year == day.year, Period.month == day.month).with_for_update(read=True)
        found = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
        if found is None:
            period_of(day)
            found = session.scalars(query.execution_options(populate_existing=True)).one()
        known[first] = found
    held = known[first]
    if held.status == "closed":
        raise Refused(
            _("%(month)s is closed. Choose a later date, or have the month opened again.", month=show_month(day)),
            url="/finance/periods",
        )


@dataclass(frozen=True)
class Month:
    """A month as the page lists it: `period` is None while nobody has closed it."""

    first: date
    period: Period | None
    entries: int
    drafts: int
    moves: Sequence[Any]

    @property
    def state(self) -> Any:
        return PERIOD_FLOW.state[self.period.status if self.period is not None else "open"]


def months(actor: Actor) -> list[Month]:
    """From the first month with an entry, or a period, to the present one, the latest first."""
    year, month = extract("year", Entry.date), extract("month", Entry.date)
    counts: dict[tuple[int, int], dict[str, int]] = {}
    for y, m, status, count in session.execute(
        select(year, month, Entry.status, func.count()).group_by(year, month, Entry.status)
    ):
        counts.setdefault((int(y), int(m)), {})[status] = count
    known = {(period.year, period.month): period for period in session.scalars(select(Period))}
    here = (today().year, today().month)
    keys = {here, *counts, *known}
    found, at = [], date(*min(keys), 1)
    while (at.year, at.month) <= max(keys):
        key = (at.year, at.month)
        period, tally = known.get(key), counts.get(key, {})
        status = period.status if period is not None else "open"
        moves = [move for move in PERIOD_FLOW.moves if status in move.sources and actor.may(move.permission)]
        found.append(Month(at, period, tally.get("posted", 0), tally.get("draft", 0), moves))
        at = month_after(at)
    return found[::-1]


def to_close() -> date | None:
    """The first day of the oldest month that is over, has entries, and is still open; None when there is none."""
    first_open = session.scalar(
        select(func.min(Entry.date)).where(
            Entry.date < today().replace(day=1),
            ~select(Period.id)
            .where(
                Period.status == "closed",
                Period.year == extract("year", Entry.date),
                Period.month == extract("month", Entry.date),
            )
            .exists(),
        )
    )
    return first_open.replace(day=1) if first_open is not None else None


@PERIOD_FLOW.on("close")
def _closed(period: Period, by: Actor | None, details: dict[str, Any]) -> None:
    """Refused while drafts wait in it, while an earlier month with entries is open, and for a month that is not over."""
    if last_day(period.first) >= today():
        raise Refused(_("%(month)s is not over yet.", month=show_month(period.first)))
    drafts = session.scalar(
        select(func.count())
        .select_from(Entry)
        .where(Entry.status == "draft", Entry.date.between(period.first, last_day(period.first)))
    )
    if drafts:
        raise Refused(
            _("%(count)s drafts are dated in this month. Post or delete them first.", count=drafts),
            url="/finance/entries?status=draft",
        )
    earlier = to_close()
    if earlier is not None and earlier < period.first:
        raise Refused(_("Close %(month)s first.", month=show_month(earlier)))


@PERIOD_FLOW.on("reopen")
def _reopened(period: Period, by: Actor | None, details: dict[str, Any]) -> None:
    """Refused while a later month is closed: its balances stand on this one."""
    later = session.scalars(
        select(Period)
        .where(Period.status == "closed", Period.year * 12 + Period.month > period.year * 12 + period.month)
        .order_by(Period.year.desc(), Period.month.desc())
        .limit(1)
    ).first()
    if later is not None:
        raise Refused(_("Open %(month)s first.", month=show_month(later.first)))


def close(day: date, by: Actor) -> Period:
    """Close the month of a day: nothing is posted into it any more."""
    period = period_of(day)
    make_move(period, "close", by=by)
    return period


def reopen(day: date, reason: str, by: Actor) -> Period:
    period = period_of(day)
    make_move(period, "reopen", by=by, reason=reason)
    return period
