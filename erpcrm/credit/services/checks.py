"""The check of an order: at its confirmation, at every change after it, and again when goods leave."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from erpcrm.core.actor import Actor
from erpcrm.core.audit import record_event
from erpcrm.core.db import lock, now, session
from erpcrm.core.errors import Refused
from erpcrm.core.exact import round_money
from erpcrm.core.i18n import _, show_money
from erpcrm.core.settings import setting
from erpcrm.finance.services import invoices_of_order, open_of
from erpcrm.inventory.models import Delivery
from erpcrm.sales import amounts
from erpcrm.sales.models import OrderLine, SalesOrder
from erpcrm.sales.services import path_of, worth

from ..models import CreditOrder
from ..policy import STOP, WARN, ZERO, Finding, verdict
from .exposure import LIVE, advance_of
from .standing import hold_accounts, standing


def worth_of(order: SalesOrder) -> Decimal:
    """What the order is for, without what was closed short, tax included, in its own currency."""
    whole = ZERO
    for line in order.lines:
        if line.quantity:
            whole += amounts.gross_of(order, line) * (line.quantity - line.closed) / line.quantity
    return round_money(whole, order.currency)


def claim_of(order: SalesOrder) -> Decimal:
    """What of the order counts, or will count, as exposure: not invoiced yet, tax included, in the company's currency."""
    return worth(order, ((line, line.owed_goods + line.to_invoice) for line in order.lines if line.quantity))


def total_of(order: SalesOrder) -> Decimal:
    """What the order is for, in the company's currency: by this figure its rise is applied for."""
    return round_money(worth_of(order) * order.rate, setting("currency"))


def _counted(order: SalesOrder) -> Decimal:
    """What of the order is part of its customer's exposure now, or will be once it is confirmed: without what was invoiced
    in advance, which is among the invoices, or paid."""
    live = order.status in LIVE
    claim = order.undelivered + order.uninvoiced if live else claim_of(order)
    return claim - min(advance_of(order), claim)


def is_prepaid(order: SalesOrder, counted: Decimal | None = None) -> bool:
    """Whether all of it that is still to come was invoiced in advance, and is paid. One that waits for credit may be too."""
    if (_counted(order) if counted is None else counted) > ZERO:
        return False
    ids = [invoice.id for invoice in invoices_of_order(order.id)]
    return bool(ids) and not any(amount > ZERO for amount in open_of(ids).values())


def known_of(order_id: int) -> CreditOrder | None:
    return session.get(CreditOrder, order_id)


def orders_known(ids: Sequence[int]) -> Mapping[int, CreditOrder]:
    query = select(CreditOrder).where(CreditOrder.order_id.in_(ids))
    return {one.order_id: one for one in session.scalars(query)}


def _remember(order: SalesOrder, found: Sequence[Finding]) -> CreditOrder:
    known = session.get(CreditOrder, order.id)
    if known is None:
        known = CreditOrder(order_id=order.id, used=False)
        session.add(known)
    known.checked_at, known.verdict = now(), verdict(found)
    known.findings = [{"rule": one.rule, "action": one.action, "figures": dict(one.figures)} for one in found]
    session.flush()
    return known


def told(finding: Mapping[str, Any] | Finding) -> str:
    """A finding in words, with its figures."""
    rule, figures = (
        (finding.rule, finding.figures) if isinstance(finding, Finding) else (finding["rule"], finding["figures"])
    )
    if rule == "over_limit":
        words = {
            "limit": show_money(Decimal(figures["limit"])),
            "exposure": show_money(Decimal(figures["exposure"])),
            "worth": show_money(Decimal(figures["worth"])),
            "beyond": show_money(Decimal(figures["beyond"])),
        }
        if figures["source"] == "group":
            return _(
                "Over the limit of the group %(name)s: %(exposure)s is owed, the order is for %(worth)s, and the limit is"
                " %(limit)s. That is %(beyond)s too much.",
                name=figures["name"],
                **words,
            )
        return _(
            "Over the limit: %(exposure)s is owed, the order is for %(worth)s, and the limit is %(limit)s. That is"
            " %(beyond)s too much.",
            **words,
        )
    if rule == "overdue":
        return _(
            "%(overdue)s is overdue by more than %(days)s days, and %(limit)s may be.",
            overdue=show_money(Decimal(figures["overdue"])),
            days=figures["days"],
            limit=show_money(Decimal(figures["limit"])),
        )
    if rule == "hold":
        reason = figures.get("reason") or _("no reason was given")
        return _("%(name)s is on credit hold: %(reason)s", name=figures.get("name", ""), reason=reason)
    return _("There is no valid credit assessment.")


def told_of_customer(finding: Finding) -> str:
    """The same where no order is in question: what stands against every further one."""
    if finding.rule != "over_limit":
        return told(finding)
    figures = finding.figures
    words = {"limit": show_money(Decimal(figures["limit"])), "exposure": show_money(Decimal(figures["exposure"]))}
    if figures["source"] == "group":
        return _(
            "The limit of the group %(name)s is used up: %(exposure)s is owed, and it is %(limit)s.",
            name=figures["name"],
            **words,
        )
    return _("The limit is used up: %(exposure)s is owed, and it is %(limit)s.", **words)


def _sentence(found: Sequence[Finding]) -> str:
    return " ".join(told(one) for one in found if one.action == STOP)


def _released(order: SalesOrder, known: CreditOrder | None, found: Sequence[Finding]) -> bool:
    """Whether somebody has let this order go on up to what it is worth now, knowing of what is found."""
    if known is None or known.released is None or known.released_at is None or worth_of(order) > known.released:
        return False
    # A hold that was put on after the release was not known to whoever released.
    if not any(one.rule == "hold" for one in found):
        return True
    since = [
        account.held_since
        for account in hold_accounts(order.customer_id)
        if account.held and account.held_since is not None
    ]
    return all(moment <= known.released_at for moment in since)


def check_confirm(order: SalesOrder, by: Actor | None) -> bool | None:
    """The guard of `order.confirm`: True sends the order to wait for credit.

    It holds the credit of the customer, and of the companies above, until the order is in: of two orders that want the
    last headroom at the same moment one gets it.
    """
    hold_accounts(order.customer_id)
    found = [] if is_prepaid(order) else standing(order.customer_id).check(_counted(order))
    known = _remember(order, found)
    if known.verdict == STOP:
        if known.used or not _released(order, known, found):
            return True
        known.used = True
    elif known.verdict == WARN:
        _note_warning(order, found)
    return None


def _note_warning(order: SalesOrder, found: Sequence[Finding]) -> None:
    record_event(order, "credit_warned", reason=" ".join(told(one) for one in found if one.action == WARN))


def check_amend(order: SalesOrder, by: Actor | None) -> None:
    """The guard of `order.amend`: a rise that does not fit is refused. What falls, or stays, always passes."""
    hold_accounts(order.customer_id)
    known = known_of(order.id)
    if known is not None and known.worth is not None and worth_of(order) <= known.worth:
        return
    counted = _counted(order)
    found = standing(order.customer_id).check(counted, without=counted)
    if verdict(found) == STOP and not _released(order, known, found):
        raise Refused(
            _(
                "%(number)s can't be raised: %(why)s Make it smaller, put the rest into an order of its own that waits for"
                " credit, or apply for more. Apply for its release up to %(total)s, and once that is approved it can be"
                " raised so far.",
                number=order.number,
                why=_sentence(found),
                total=show_money(total_of(order)),
            ),
            url=f"/credit/applications/new?order={order.id}&amount={total_of(order).normalize():f}",
        )
    if verdict(found) == WARN:
        _note_warning(order, found)
    _remember(order, found)


def check_release(order: SalesOrder) -> None:
    """Refused when goods of this order may not leave now. Paid in advance, or released, they always may."""
    hold_accounts(order.customer_id)
    counted = _counted(order)
    if is_prepaid(order, counted):
        return
    found = standing(order.customer_id).check(counted, without=counted)
    if verdict(found) != STOP or _released(order, known_of(order.id), found):
        return
    raise Refused(
        _(
            "Nothing of %(number)s may leave: %(why)s Get a payment, or apply for a release of the order.",
            number=order.number,
            why=_sentence(found),
        ),
        url=path_of(order),
    )


def check_delivery(delivery: Delivery, by: Actor | None) -> None:
    """The guard of `delivery.ship`. The order is held before the customer's credit, as its own moves do."""
    lock(delivery.order)
    check_release(delivery.order)


def check_line_delivery(line: OrderLine, by: Actor | None) -> None:
    """The guard of `order_line.deliver`."""
    check_release(line.order)


def note_confirmed(order: SalesOrder, by: Actor | None, details: Mapping[str, Any]) -> None:
    """After `order.confirm` and `order.amend`: for what the order stands now, so that a later rise is known as one."""
    known = known_of(order.id) or _remember(order, [])
    known.worth = worth_of(order)
    session.flush()


def note_line_closed(line: OrderLine, by: Actor | None, details: Mapping[str, Any]) -> None:
    """After `order_line.close`: reopening it is a rise."""
    if line.order.status == "confirmed":
        note_confirmed(line.order, by, details)


def forget_release(order: SalesOrder, by: Actor | None, details: Mapping[str, Any]) -> None:
    """After `order.cancel`: what was released is not to come back by another way."""
    known = known_of(order.id)
    if known is not None:
        known.worth = known.released = known.released_at = known.released_by_id = None
        known.used = False
        session.flush()


def release_order(order: SalesOrder, by: Actor, up_to: Decimal | None = None) -> None:
    """Let one order go on whatever is found of it, once: up to what it comes to now, or may be raised to (`up_to`, in its
    own currency). The caller makes the move."""
    known = known_of(order.id) or _remember(order, [])
    most = max(worth_of(order), up_to or ZERO)
    known.released, known.released_at, known.released_by_id, known.used = most, now(), by.id, False
    session.flush()
    record_event(order, "credit_released", {"released": [None, show_money(known.released, order.currency)]})


def note_orders_before(most: int = 500) -> int:
    """Orders that were confirmed while credit was off are noted for what they are now, so that a rise is known as one."""
    missing = (
        select(SalesOrder)
        .outerjoin(CreditOrder, CreditOrder.order_id == SalesOrder.id)
        .where(SalesOrder.status == "confirmed", CreditOrder.order_id.is_(None))
        .order_by(SalesOrder.id)
        .limit(most)
    )
    orders = session.scalars(missing).all()
    for order in orders:
        note_confirmed(order, None, {})
    return len(orders)
