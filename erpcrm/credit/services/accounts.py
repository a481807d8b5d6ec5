"""The verbs of a customer's credit account: what is set by hand, holds, the watch list, two accounts becoming one."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from erpcrm.access.models import User
from erpcrm.core.actor import Actor
from erpcrm.core.audit import plain, record_event
from erpcrm.core.db import now, session
from erpcrm.core.errors import Refused, Stale
from erpcrm.core.i18n import _, _l, show_money, today
from erpcrm.core.notifications import notify
from erpcrm.core.settings import setting
from erpcrm.customers.models import Customer

from ..models import CreditAccount
from ..scoring import GRADES
from .authority import levels_of, needs_second
from .exposure import beyond_grace, overdue_of
from .standing import amount_setting, hold_account

SET_BY_HAND = (
    "limit",
    "overdue_limit",
    "overdue_minimum",
    "grace_days",
    "watch",
    "note",
    "temporary_limit",
    "temporary_until",
)
ZERO, NO_END = Decimal(0), Decimal("Infinity")


def update_account(
    customer: Customer, values: Mapping[str, Any], version: int | None = None, by: Actor | None = None
) -> CreditAccount:
    """Set what a controller sets by hand. Stale when it has changed since; refused for half a temporary limit, and for a
    raise that `by` could not approve alone if somebody applied for it. The system itself may set any."""
    account = hold_account(customer.id)
    if version is not None and version != account.version:
        raise Stale(account)
    before = _most(account)
    for name in SET_BY_HAND:
        if name in values:
            setattr(account, name, values[name])
    if (account.temporary_limit is None) != (account.temporary_until is None):
        raise Refused(_("A temporary limit needs an amount and its last day."))
    for name in ("limit", "temporary_limit", "overdue_limit", "overdue_minimum", "grace_days"):
        value = getattr(account, name)
        if value is not None and value < 0:
            raise Refused(_("Limits and days are zero or more. Left empty: none of its own."))
    if by is not None:
        _check_raise(before, _most(account), by, account.grade)
    account.note = (account.note or "").strip() or None
    account.watch = bool(account.watch)
    session.flush()
    return account


def _most(account: CreditAccount) -> Decimal:
    """The most that the customer may owe by its own limits or the company's for everybody; infinite where none holds."""
    own = account.limit if account.limit is not None else amount_setting("credit_limit")
    limits = [own if own is not None else NO_END]
    if account.temporary_limit is not None and account.temporary_until is not None:
        limits.append(account.temporary_limit if account.temporary_until >= today() else ZERO)
    return max(limits)


def _check_raise(before: Decimal, after: Decimal, by: Actor, grade: str | None) -> None:
    """By hand is no way past the levels of authority and the second pair of eyes."""
    if after <= before:
        return
    shown = show_money(after) if after != NO_END else _("no limit at all")
    if needs_second(after):
        raise Refused(
            _(
                "Two pairs of eyes decide about %(amount)s: somebody has to apply for it, and others approve.",
                amount=shown,
            )
        )
    if not any(level.covers(after, grade) for level in levels_of(session.get_one(User, by.id))):
        raise Refused(
            _(
                "%(amount)s for a customer of grade %(grade)s is beyond your authority. Let somebody apply for it, and others"
                " decide.",
                amount=shown,
                grade=grade or "–",
            )
        )


def hold(customer: Customer, reason: str, *, automatic: bool = False) -> CreditAccount:
    """From now on no order of this customer is confirmed or shipped without release."""
    reason = reason.strip()
    if not reason:
        raise Refused(_("Say why: sellers will ask."))
    account = hold_account(customer.id)
    if account.held:
        raise Refused(_("%(name)s is on hold already.", name=customer.name))
    account.held, account.hold_reason, account.held_since, account.hold_is_automatic = True, reason, now(), automatic
    session.flush()
    record_event(account, "held", reason=reason)
    _tell_owner(customer, _l("%(name)s is on credit hold: %(reason)s", name=customer.name, reason=reason))
    return account


def lift(customer: Customer, reason: str | None = None) -> CreditAccount:
    """The hold is over. Orders that wait are confirmed again by who wants them."""
    account = hold_account(customer.id)
    if not account.held:
        raise Refused(_("%(name)s is not on hold.", name=customer.name))
    account.held, account.hold_reason, account.held_since, account.hold_is_automatic = False, None, None, False
    session.flush()
    record_event(account, "hold_lifted", reason=(reason or "").strip() or None)
    _tell_owner(customer, _l("The credit hold on %(name)s is lifted", name=customer.name))
    return account


def _tell_owner(customer: Customer, text: Any) -> None:
    if customer.owner_id is not None:
        notify(customer.owner_id, "decided", text, f"/credit/customers/{customer.id}", record=customer)


def hold_overdue() -> tuple[int, int]:
    """Put on hold who is overdue by more days than the company allows beyond grace; lift what was put on so, once paid.

    Returns how many were put on hold, and how many were let go. A hold that somebody put on by hand stays.
    """
    days = setting("credit_hold_days")
    day = today()
    late = overdue_of(None, day)
    query = select(CreditAccount).where(CreditAccount.customer_id.in_(late) | CreditAccount.hold_is_automatic)
    accounts = {account.customer_id: account for account in session.scalars(query)}
    minimum, grace = amount_setting("credit_overdue_minimum"), int(setting("credit_grace_days"))
    guilty: dict[int, int] = {}
    for customer_id, rows in late.items():
        account = accounts.get(customer_id)
        own_grace = account.grace_days if account is not None and account.grace_days is not None else grace
        least = account.overdue_minimum if account is not None and account.overdue_minimum is not None else minimum or 0
        if days is not None and beyond_grace(rows, own_grace + int(days), day) > least:
            guilty[customer_id] = max((day - due_on).days for due_on, _amount in rows)
    held = lifted = 0
    for customer_id in sorted(guilty):
        account = accounts.get(customer_id)
        if account is None or not account.held:
            customer = session.get_one(Customer, customer_id)
            hold(customer, _("Overdue by %(days)s days", days=guilty[customer_id]), automatic=True)
            held += 1
    for account in accounts.values():
        if account.held and account.hold_is_automatic and account.customer_id not in guilty:
            lift(account.customer, _("What was overdue is paid"))
            lifted += 1
    return held, lifted


def join_accounts(winner: Any, by: Actor | None, details: Mapping[str, Any]) -> None:
    """Two records of one customer become one, so do their credit accounts: the more careful of each of their figures stays.

    The lower limit, the worse grade, a hold or a place on the watch list of either; temporary limits only of the winner.
    """
    loser = details["loser"]
    query = select(CreditAccount).where(CreditAccount.customer_id == loser.id)
    if winner.record_name != "customer" or session.scalars(query).one_or_none() is None:
        return
    first, second = sorted((winner.id, loser.id))
    accounts = {first: hold_account(first), second: hold_account(second)}
    kept, gone = accounts[winner.id], accounts[loser.id]
    before = {name: plain(getattr(gone, name)) for name in ("limit", "overdue_limit", "grade", "held", "watch", "note")}
    for name in ("limit", "overdue_limit", "overdue_minimum", "grace_days"):
        given = [value for value in (getattr(kept, name), getattr(gone, name)) if value is not None]
        setattr(kept, name, min(given, default=None))
    if gone.grade is not None and (kept.grade is None or GRADES.index(gone.grade) > GRADES.index(kept.grade)):
        kept.grade, kept.score, kept.reassess_on = gone.grade, gone.score, gone.reassess_on
    if gone.held and not (kept.held and not kept.hold_is_automatic):
        kept.held, kept.hold_reason, kept.held_since = True, gone.hold_reason, gone.held_since
        kept.hold_is_automatic = gone.hold_is_automatic
    kept.watch = kept.watch or gone.watch
    kept.note = "\n".join(note for note in (kept.note, gone.note) if note) or None
    session.delete(gone)
    session.flush()
    record_event(kept, "credit_joined", {"loser": [before, None]})
