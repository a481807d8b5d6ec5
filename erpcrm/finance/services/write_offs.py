"""Giving up what will not come: small differences and bad debts, each role within its limit."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from erpcrm.access.models import Role, User
from erpcrm.core.actor import Actor
from erpcrm.core.audit import record_event
from erpcrm.core.db import session
from erpcrm.core.errors import Refused
from erpcrm.core.exact import round_money
from erpcrm.core.i18n import _, show_money
from erpcrm.core.settings import lock_setting, save_setting, setting

from ..models import Allocation, ReceivableItem
from .accounts import account_for
from .discounts import take_off

STANDARD = {"admin": Decimal(1_000_000), "controller": Decimal(5_000), "accountant": Decimal(100)}
"""What a role may write off at most until the company says otherwise, in its own currency."""
WHY = ("write_off", "bad_debt")


def limits() -> Mapping[str, str]:
    """{role id as text: amount as text} of the roles for which the company has decided."""
    found: Mapping[str, str] = setting("finance_write_off_limits")
    return found


def limit_of_role(role: Role) -> Decimal:
    given = limits().get(str(role.id))
    return Decimal(given) if given is not None else STANDARD.get(role.key or "", Decimal(0))


def limit_of(actor: Actor) -> Decimal:
    """The most that a user may write off at once: the highest limit of their roles, in the company's currency."""
    return max((limit_of_role(role) for role in session.get_one(User, actor.id).roles), default=Decimal(0))


def set_limit(role: Role, amount: Decimal) -> None:
    """Refused below zero."""
    if amount < 0:
        raise Refused(_("A limit is not below zero."))
    lock_setting("finance_write_off_limits")
    before = limit_of_role(role)
    save_setting("finance_write_off_limits", {**limits(), str(role.id): f"{amount.normalize():f}"})
    record_event(role, "write_off_limit_changed", {"write_off_limit": [f"{before:f}", f"{amount:f}"]})


def write_off(item: ReceivableItem, amount: Decimal, why: str, reason: str, by: Actor, on: date) -> Allocation:
    """Give up `amount` of an open item, owed by or to the customer. `why` is "write_off" (a small difference) or "bad_debt".

    Refused without a reason, above what is open, and above the limit of the user's roles.
    """
    if why not in WHY:
        raise Refused(_("Choose one of the list."))
    if not reason.strip():
        raise Refused(_("Say why it is written off."))
    own = setting("currency")
    worth, most = round_money(amount * item.rate, own), limit_of(by)
    if worth > most:
        raise Refused(
            _(
                "You may write off %(limit)s at once, and this is %(amount)s. Ask somebody with a higher limit.",
                limit=show_money(most, own),
                amount=show_money(worth, own),
            )
        )
    text = _("%(number)s written off: %(reason)s", number=item.number, reason=reason.strip())
    made = take_off(item, amount, "write_off", account_for(why), text, by, on)
    record_event(item, "written_off", {"amount": [None, f"{amount:f}"]}, reason.strip())
    return made
