"""The verbs of credit applications: apply, answer, endorse, decide, and what a decision does at once."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from erpcrm.core.actor import Actor
from erpcrm.core.audit import plain
from erpcrm.core.db import lock, now, session
from erpcrm.core.errors import NotThere, Refused, Stale
from erpcrm.core.exact import round_money
from erpcrm.core.i18n import _, _l, show_money, today
from erpcrm.core.moves import make_move
from erpcrm.core.notifications import notify
from erpcrm.core.numbers import next_number
from erpcrm.core.options import option_label
from erpcrm.core.settings import setting
from erpcrm.customers.models import Customer
from erpcrm.customers.services import update_customer
from erpcrm.sales.models import ORDER_FLOW, SalesOrder

from ..models import APPLICATION_FLOW, KINDS, OF_LIMITS, UNDECIDED, CreditApplication
from .authority import check_not_own, deciders, grade_of, needs_second, say_of
from .checks import claim_of, release_order, total_of, worth_of
from .standing import Standing, hold_account, standing

ZERO = Decimal(0)
LABELS = {choice.value: choice.label for choice in KINDS}


def path_of(application: CreditApplication) -> str:
    """The address of an application's page."""
    return f"/credit/applications/{application.id}"


def kind_label(kind: str) -> Any:
    return LABELS[kind]


def open_application_of(order_id: int) -> CreditApplication | None:
    """The application about an order that nobody has decided yet."""
    query = select(CreditApplication).where(
        CreditApplication.order_id == order_id, CreditApplication.status.in_(UNDECIDED)
    )
    return session.scalars(query.order_by(CreditApplication.id)).first()


def apply(customer: Customer, values: Mapping[str, Any], by: Actor) -> CreditApplication:
    """Ask for a limit, a raise, a temporary raise, other terms, or the release of one order.

    `values`: kind, amount (company currency), wanted_until, wanted_terms, order_id, reason. A release asks for what of the
    order is to be owed; `amount` is then what a confirmed order is to be raised to, none where it stays as it is. Refused
    where something is missing, and while another application for the same order is undecided.
    """
    kind = values.get("kind") or "limit"
    order = _order_of(customer, values.get("order_id"))
    if order is not None and (known := open_application_of(order.id)) is not None:
        raise Refused(
            _("%(order)s is in application %(number)s already.", order=order.number, number=known.number),
            url=path_of(known),
        )
    reason = (values.get("reason") or "").strip()
    if not reason:
        raise Refused(_("Say why: whoever decides has nothing else to go by."))
    made = CreditApplication(
        number=next_number("credit_application"),
        customer_id=customer.id,
        customer=customer,
        kind=kind,
        status=APPLICATION_FLOW.initial,
        order_id=order.id if order is not None else None,
        amount=_amount(kind, values, customer, order),
        wanted_until=values.get("wanted_until") if kind == "temporary" else None,
        wanted_terms=values.get("wanted_terms") if kind == "terms" else None,
        reason=reason,
        expires_on=today() + timedelta(days=int(setting("credit_application_days"))),
        requested_by_id=by.id,
        created_by_id=by.id,
        seen=_raised_to(kind, values, order),
    )
    session.add(made)
    session.flush()
    _tell_deciders(made)
    return made


def _order_of(customer: Customer, order_id: int | None) -> SalesOrder | None:
    if order_id is None:
        return None
    order = session.get(SalesOrder, order_id)
    if order is None or order.customer_id != customer.id:
        raise NotThere
    return order


def _amount(kind: str, values: Mapping[str, Any], customer: Customer, order: SalesOrder | None) -> Decimal:
    if kind == "release":
        if order is None:
            raise Refused(_("Choose the order that is to be released."))
        _still_open(order)
        return claim_of(order) + _rise(order, values.get("amount"))
    where = standing(customer.id)
    if kind == "terms":
        if not values.get("wanted_terms"):
            raise Refused(_("Choose the payment terms that you apply for."))
        return max(where.terms.exposure, ZERO)
    amount = values.get("amount")
    if amount is None or amount < 0:
        raise Refused(_("Enter the limit that you apply for."))
    if amount != round_money(amount, setting("currency")):
        raise Refused(_("%(amount)s has more digits than %(currency)s.", amount=amount, currency=setting("currency")))
    current = where.account.limit if where.account is not None else None
    if kind == "raise" and (current is None or amount <= current):
        shown = show_money(current) if current is not None else _("none of its own")
        raise Refused(_("A raise is more than the limit that there is: %(limit)s.", limit=shown))
    if kind == "temporary" and (values.get("wanted_until") is None or values["wanted_until"] < today()):
        raise Refused(_("Say until when the raise is needed: today or later."))
    return Decimal(amount)


def _rise(order: SalesOrder, total: Decimal | None) -> Decimal:
    """By how much a confirmed order is to be raised when it is to come to `total`, both in the company's currency. What is
    not confirmed yet is changed as one likes, so its release is for what it is."""
    if total is None or order.status != "confirmed":
        return ZERO
    if total != round_money(total, setting("currency")):
        raise Refused(_("%(amount)s has more digits than %(currency)s.", amount=total, currency=setting("currency")))
    if total <= total_of(order):
        raise Refused(
            _(
                "%(number)s comes to %(total)s already. Enter what it is to be raised to, or nothing to release it as it is.",
                number=order.number,
                total=show_money(total_of(order)),
            )
        )
    return total - total_of(order)


RAISED = "raised_to"


def _raised_to(kind: str, values: Mapping[str, Any], order: SalesOrder | None) -> dict[str, Any]:
    """What a release lets its order rise to, in the order's own currency: kept as it was asked for, whatever is invoiced or
    closed meanwhile."""
    if kind != "release" or order is None or not (rise := _rise(order, values.get("amount"))):
        return {}
    return {RAISED: plain(round_money(worth_of(order) + rise / order.rate, order.currency))}


def raised_to(application: CreditApplication) -> Decimal | None:
    """What a release lets its order rise to, in the order's currency; None: as far as it is."""
    found = application.seen.get(RAISED)
    return Decimal(found) if found is not None else None


def _still_open(order: SalesOrder) -> None:
    if order.status not in ("draft", "waiting", "confirmed"):
        raise Refused(_("%(number)s is %(state)s.", number=order.number, state=ORDER_FLOW.state_of(order).label))


def _concerned(application: CreditApplication) -> set[int]:
    """Who asked, whose customer it is, whose order waits, and who endorsed."""
    order = application.order
    ids = (
        application.requested_by_id,
        application.endorsed_by_id,
        application.customer.owner_id,
        order.owner_id if order is not None else None,
    )
    return {one for one in ids if one is not None}


def _tell(application: CreditApplication, text: Any, user_ids: set[int], kind: str = "decided") -> None:
    for user_id in sorted(user_ids):
        notify(user_id, kind, text, path_of(application), record=application)


def _tell_deciders(application: CreditApplication) -> None:
    """Everybody who may decide it: nobody has to be asked to look."""
    besides = {application.requested_by_id, application.endorsed_by_id}
    found = deciders(application.amount, grade_of(application.customer_id), besides)
    text = _l(
        "%(number)s of %(customer)s waits for a decision",
        number=application.number,
        customer=application.customer.name,
    )
    _tell(application, text, {user.id for user in found}, "assigned")


def review(application: CreditApplication, by: Actor, version: int | None = None) -> None:
    """Somebody looks at it now: others see that."""
    check_not_own(application, by)
    make_move(application, "review", by=None, version=version)


def ask_back(application: CreditApplication, question: str, by: Actor, version: int | None = None) -> None:
    """It goes back to who asked, with a question."""
    check_not_own(application, by)
    make_move(application, "ask_back", by=None, version=version, reason=question)
    application.question, application.answer = question.strip(), None
    application.endorsed_by_id = None
    application.endorsed_by = None
    session.flush()
    text = _l("%(number)s was asked back: %(question)s", number=application.number, question=question.strip())
    _tell(application, text, _concerned(application))


def answer(application: CreditApplication, words: str, by: Actor, version: int | None = None) -> None:
    """The answer to what was asked back; it goes on in review."""
    make_move(application, "answer", by=by, version=version, reason=words)
    application.answer = words.strip()
    application.expires_on = max(
        application.expires_on, today() + timedelta(days=int(setting("credit_application_days")))
    )
    session.flush()
    _tell_deciders(application)


def withdraw(application: CreditApplication, by: Actor, reason: str | None = None, version: int | None = None) -> None:
    """Refused for somebody else's application, unless one decides."""
    if application.requested_by_id != by.id and application.customer.owner_id != by.id:
        raise Refused(_("Only who applied, or whose customer it is, can withdraw it."))
    make_move(application, "withdraw", by=by, version=version, reason=reason)


def reject(application: CreditApplication, reason: str, by: Actor, version: int | None = None) -> None:
    """It is not granted. The order, if one waits, goes on waiting."""
    check_not_own(application, by)
    say = say_of(application, by, ZERO, None) if application.endorsed_by_id != by.id else None
    make_move(application, "reject", by=None, version=version, reason=reason)
    _decided(application, by, say.behalf.id if say is not None and say.behalf is not None else None)
    text = _l("%(number)s was rejected: %(reason)s", number=application.number, reason=reason.strip())
    _tell(application, text, _concerned(application))


def endorse(application: CreditApplication, values: Mapping[str, Any], by: Actor, version: int | None = None) -> None:
    """The first pair of eyes: this much would be granted, and somebody else has to approve it."""
    check_not_own(application, by)
    amount = _granted(application, values)
    make_move(application, "endorse", by=None, version=version)
    application.granted, application.granted_until = amount, values.get("until")
    application.conditions = (values.get("conditions") or "").strip() or None
    application.endorsed_by_id = by.id
    session.flush()
    session.expire(application, ["endorsed_by"])
    _tell_deciders(application)


def _granted(application: CreditApplication, values: Mapping[str, Any]) -> Decimal:
    """What is granted: as much as was asked for unless said otherwise, and never more."""
    amount = values.get("amount")
    if amount is None or application.kind not in OF_LIMITS:
        amount = application.granted if application.status == "endorsed" else None
        amount = application.amount if amount is None else amount
    if amount < 0 or amount != round_money(amount, setting("currency")):
        raise Refused(_("Enter an amount of zero or more, with the digits of its currency."))
    if amount > application.amount:
        raise Refused(
            _("More than was asked for (%(amount)s) can't be granted.", amount=show_money(application.amount))
        )
    until = values.get("until")
    if until is not None and until < today():
        raise Refused(_("That day is over."))
    return Decimal(amount)


def approve(application: CreditApplication, values: Mapping[str, Any], by: Actor, version: int | None = None) -> str:
    """Grant it: all of it, or less (`amount`), for a time (`until`), with `conditions`. Returns "approved" or "endorsed".

    What was granted holds at once, and the order that waits goes on in the same transaction. Above the threshold the first
    approval is an endorsement. Refused for one's own application, beyond one's authority, and above what was endorsed.
    """
    order = application.order
    if order is not None:
        lock(order)  # before the customer's credit, as the order's own confirmation does
    lock(application)
    if version is not None and version != application.version:
        raise Stale(application)
    amount, grade = _granted(application, values), grade_of(application.customer_id)
    if application.status == "endorsed" and application.granted is not None and amount > application.granted:
        raise Refused(_("It was endorsed up to %(amount)s.", amount=show_money(application.granted)))
    if needs_second(amount) and application.endorsed_by_id is None:
        endorse(application, {**values, "amount": amount}, by)
        return "endorsed"
    check_not_own(application, by)
    say = say_of(application, by, amount, grade)
    if not say.allowed:
        raise Refused(say.why)
    kept = {RAISED: application.seen[RAISED]} if RAISED in application.seen else {}
    application.seen = figures_of(standing(application.customer_id)) | kept
    application.granted = amount
    application.granted_until = values.get("until") or (
        application.granted_until if application.status == "endorsed" else application.wanted_until
    )
    application.conditions = (values.get("conditions") or "").strip() or application.conditions
    session.flush()  # the move reads the row anew
    make_move(application, "approve", by=None)
    _decided(application, by, say.behalf.id if say.behalf is not None else None)
    _take_effect(application, order, by)
    text = _l("%(number)s is approved: %(granted)s", number=application.number, granted=show_money(amount))
    _tell(application, text, _concerned(application))
    return "approved"


def _decided(application: CreditApplication, by: Actor, for_id: int | None) -> None:
    application.decided_by_id, application.decided_for_id, application.decided_at = by.id, for_id, now()
    session.flush()
    session.expire(application, ["decided_by", "decided_for"])


def _take_effect(application: CreditApplication, order: SalesOrder | None, by: Actor) -> None:
    if application.kind == "release":
        if order is None:
            raise Refused(_("The order is gone, so there is nothing to release."))
        _still_open(order)
        if claim_of(order) > application.amount:
            raise Refused(
                _(
                    "%(number)s has been raised since: it came to %(before)s then. Ask for a new application.",
                    number=order.number,
                    before=show_money(application.amount),
                )
            )
        release_order(order, by, raised_to(application))
    elif application.kind == "terms":
        update_customer(application.customer, {"payment_terms": application.wanted_terms}, None, None)
    else:
        account = hold_account(application.customer_id)
        until = application.granted_until
        if application.kind == "temporary" or until is not None:
            account.temporary_limit, account.temporary_until = application.granted, until
        else:
            account.limit = application.granted
            account.temporary_limit = account.temporary_until = None
    session.flush()
    if order is not None and order.status == "waiting":
        make_move(order, "confirm", by=None, reason=_("%(number)s is approved", number=application.number))


def withdraw_for(order: SalesOrder, by: Actor | None, details: Mapping[str, Any]) -> None:
    """After `order.confirm` and `order.cancel`: what was asked for that order alone is not needed any more."""
    query = select(CreditApplication).where(
        CreditApplication.order_id == order.id,
        CreditApplication.kind == "release",
        CreditApplication.status.in_(UNDECIDED),
    )
    for application in session.scalars(query).all():
        state = ORDER_FLOW.state_of(order).label
        make_move(
            application,
            "withdraw",
            by=None,
            reason=_("%(number)s is %(state)s.", number=order.number, state=state),
        )


def expire_due() -> int:
    """Let expire what nobody has decided in time; who asked is told. Returns how many."""
    query = select(CreditApplication).where(
        CreditApplication.status.in_(UNDECIDED), CreditApplication.expires_on < today()
    )
    due = session.scalars(query.order_by(CreditApplication.id)).all()
    for application in due:
        make_move(application, "expire", by=None)
        _tell(application, _l("%(number)s expired undecided", number=application.number), _concerned(application))
    return len(due)


def figures_of(where: Standing) -> dict[str, Any]:
    """A customer's figures as JSON, to be kept with a decision."""
    account = where.account
    return {
        "exposure": plain(where.terms.exposure),
        "headroom": plain(where.headroom) if where.headroom is not None else None,
        "overdue": plain(where.overdue),
        "oldest": where.oldest,
        "grade": account.grade if account is not None else None,
        "score": account.score if account is not None else None,
        "limits": [
            {
                "source": limit.source,
                "name": limit.name,
                "amount": plain(limit.amount),
                "exposure": plain(limit.exposure),
            }
            for limit in where.limits
            if limit.amount is not None
        ],
    }


def terms_label(value: str | None) -> str:
    return str(option_label("customer.payment_terms", value)) if value else ""
