"""Reminders of what is overdue: one mail to a customer about everything, at the level that its oldest amounts have reached."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, case, func, or_, select

from erpcrm.core.actor import Actor
from erpcrm.core.audit import record_event
from erpcrm.core.db import session
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.i18n import _, in_language, locale_code, show_date, show_money, today
from erpcrm.core.mail import send_mail
from erpcrm.core.settings import setting
from erpcrm.customers.models import Contact, Customer, CustomerContact
from erpcrm.customers.scopes import visible_customers
from erpcrm.sales.services.documents import language_of

from ..models import CustomerAccount, Dunning, DunningItem, DunningLevel, ReceivableItem
from .items import hold_account

SHOWN = 50
DAYS_BETWEEN = 7
"""An amount is not reminded of twice within so many days."""
STANDARD: Sequence[tuple[int, int, str, str, str, str]] = (
    (
        1,
        5,
        "Friendly reminder",
        "付款提醒",
        "perhaps you have overlooked the following amounts. Please pay them in the coming days; if you have done so already, "
        "thank you, and please take this mail as settled.",
        "以下款项可能被遗漏，敬请近日安排付款。若已付款，请忽略本邮件，谢谢。",
    ),
    (
        2,
        20,
        "Second reminder",
        "第二次催款",
        "the following amounts are still open although they are well past due. Please pay them within seven days, or tell us "
        "what keeps you from it.",
        "以下款项逾期已久，至今仍未收到。请在七日内付款，或告知我们未付的原因。",
    ),
    (
        3,
        45,
        "Last reminder",
        "最后催款",
        "in spite of our reminders the following amounts are not paid. If they do not arrive within seven days, we have to stop "
        "further deliveries and take legal steps.",
        "虽经多次提醒，以下款项仍未支付。若七日内仍未到账，我们将不得不暂停后续发货并采取法律措施。",
    ),
)


def levels() -> Sequence[DunningLevel]:
    """The levels from the first on; the standard ones are made when somebody asks first and may write."""
    return session.scalars(select(DunningLevel).order_by(DunningLevel.level)).all()


def ensure_levels() -> None:
    """Give the company the standard levels when it has none."""
    if levels():
        return
    for level, days, name, name_zh, text, text_zh in STANDARD:
        session.add(DunningLevel(level=level, days=days, name=name, name_zh=name_zh, text=text, text_zh=text_zh))
    session.flush()


def save_level(level: DunningLevel, values: Mapping[str, Any]) -> None:
    """Change days and words of a level. Refused when a later level would come before an earlier one."""
    for other in levels():
        wrong = other.days >= values["days"] if other.level < level.level else other.days <= values["days"]
        if other is not level and wrong:
            raise Refused(_("Level %(level)s is reached after %(days)s days.", level=other.level, days=other.days))
    for name in ("days", "name", "name_zh", "text", "text_zh"):
        setattr(level, name, values[name])
    session.flush()


@dataclass(frozen=True)
class Due:
    """An overdue amount and the level that a reminder of today would have for it."""

    item: ReceivableItem
    level: int
    days: int


@dataclass(frozen=True)
class Reminder:
    """What would go to one customer today. `stopped` says why nothing goes, `to` is None without an address."""

    customer: Customer
    due: Sequence[Due]
    to: str | None
    stopped: str | None

    @property
    def level(self) -> int:
        return max((one.level for one in self.due), default=0)

    @property
    def base(self) -> Decimal:
        return sum((one.item.base_open for one in self.due), Decimal(0))


def _reached(known: Sequence[DunningLevel], item: ReceivableItem, on: date) -> int:
    """One level after the other: an amount that was never reminded of gets the first, however late it is."""
    days = (on - item.due_on).days
    reached = max((level.level for level in known if level.days <= days), default=0)
    return min(reached, item.dunning_level + 1, len(known))


def _is_due(known: Sequence[DunningLevel], on: date) -> Any:
    """Overdue, not disputed, and either ready for the next level or not reminded of lately."""
    item = ReceivableItem
    first = known[0]
    return and_(
        item.open > 0,
        ~item.disputed,
        item.due_on <= on - timedelta(days=first.days),
        or_(item.dunned_on.is_(None), item.dunned_on <= on - timedelta(days=DAYS_BETWEEN)),
    )


def reminders(by: Actor, on: date | None = None, customer_ids: Sequence[int] | None = None) -> list[Reminder]:
    """Who would be reminded today, the largest amount first, as far as the user sees the customers: four queries."""
    day, known = on or today(), levels()
    if not known:
        return []
    conditions = [_is_due(known, day)]
    if by.scope("customer") != "all":
        conditions.append(ReceivableItem.customer_id.in_(visible_customers(by)))
    if customer_ids is not None:
        conditions.append(ReceivableItem.customer_id.in_(customer_ids))
    ids = session.scalars(
        select(ReceivableItem.customer_id)
        .where(*conditions)
        .group_by(ReceivableItem.customer_id)
        .order_by(func.sum(ReceivableItem.base_open).desc())
        .limit(SHOWN)
    ).all()
    if not ids:
        return []
    due: dict[int, list[Due]] = {}
    query = select(ReceivableItem).where(ReceivableItem.customer_id.in_(ids), *conditions[:1])
    for item in session.scalars(query.order_by(ReceivableItem.due_on, ReceivableItem.id)):
        due.setdefault(item.customer_id, []).append(Due(item, _reached(known, item, day), (day - item.due_on).days))
    people = {one.id: one for one in session.scalars(select(Customer).where(Customer.id.in_(ids)))}
    addresses, stops = addresses_of(people), _stops(ids, day)
    return [Reminder(people[one], due[one], addresses.get(one), stops.get(one)) for one in ids]


def _stops(ids: Sequence[int], on: date) -> dict[int, str]:
    query = select(CustomerAccount).where(CustomerAccount.customer_id.in_(ids), CustomerAccount.dunning_stop)
    return {
        one.customer_id: one.dunning_note or _("stopped")
        for one in session.scalars(query)
        if one.dunning_until is None or one.dunning_until >= on
    }


def addresses_of(customers: Mapping[int, Customer]) -> dict[int, str]:
    """Where mails about money go: to the contact who pays, else to the customer's own address, else to its main contact."""
    rank = case((CustomerContact.role == "finance", 0), (CustomerContact.is_main, 1), else_=2)
    query = (
        select(CustomerContact.customer_id, Contact.email, CustomerContact.role)
        .join(Contact, Contact.id == CustomerContact.contact_id)
        .where(CustomerContact.customer_id.in_(customers), Contact.email.is_not(None), Contact.active)
        .order_by(rank.desc(), CustomerContact.id.desc())
    )
    found: dict[int, str] = {}
    pays: set[int] = set()
    for customer_id, email, role in session.execute(query):
        found[customer_id] = email or ""
        pays |= {customer_id} if role == "finance" else set()
    for customer_id, customer in customers.items():
        if customer.email and customer_id not in pays:
            found[customer_id] = customer.email
    return found


def send_reminder(customer: Customer, by: Actor, on: date | None = None) -> Dunning:
    """Send one customer one mail about all that is overdue, and note the level on each amount.

    Refused when reminders are stopped, when there is no address, and when nothing is due for one (any more).
    """
    day = on or today()
    hold_account(customer.id)
    session.flush()
    session.expire_all()  # what was read before the lock may be old
    found = next(iter(reminders(by, day, [customer.id])), None)
    if found is None:
        raise Refused(_("Nothing of %(customer)s is due for a reminder.", customer=customer.name))
    if found.stopped is not None:
        raise Refused(_("Reminders to %(customer)s are stopped: %(why)s", customer=customer.name, why=found.stopped))
    if found.to is None:
        raise Refused(
            _("%(customer)s has no e-mail address.", customer=customer.name), url=f"/customers/{customer.id}/edit"
        )
    words = next(level for level in levels() if level.level == found.level)
    subject, text = compose(found, words)
    mail = send_mail(found.to, subject, text, record=customer, by=by)
    made = Dunning(
        customer=customer,
        date=day,
        level=found.level,
        to=found.to,
        subject=subject,
        text=text,
        amount=found.base,
        mail_id=mail.id,
        created_by_id=by.id,
    )
    session.add(made)
    for one in found.due:
        made.items.append(DunningItem(item=one.item, level=one.level, open=one.item.open))
        one.item.dunning_level, one.item.dunned_on = max(one.level, one.item.dunning_level), day
    session.flush()
    return made


def compose(reminder: Reminder, words: DunningLevel) -> tuple[str, str]:
    """Subject and text in the customer's language."""
    with in_language(language_of(reminder.customer)):
        zh = locale_code() == "zh"
        subject = (words.name_zh or words.name) if zh else words.name
        body = (words.text_zh or words.text) if zh else words.text
        rows = [
            _(
                "%(number)s, due on %(day)s, %(days)s days overdue: %(open)s",
                number=one.item.number,
                day=show_date(one.item.due_on),
                days=one.days,
                open=show_money(one.item.open, one.item.currency),
            )
            for one in reminder.due
        ]
        sums: dict[str, Decimal] = {}
        for one in reminder.due:
            sums[one.item.currency] = sums.get(one.item.currency, Decimal(0)) + one.item.open
        total = ", ".join(show_money(amount, currency) for currency, amount in sums.items())
        company = setting("company_name")
        text = "\n\n".join(
            [
                _("Dear %(customer)s,", customer=reminder.customer.name),
                body,
                "\n".join(rows),
                _("Together: %(total)s", total=total),
                _("Kind regards") + f"\n{company}",
            ]
        )
        return f"{subject} · {company}" if company else subject, text


def stop_reminders(customer: Customer, *, stop: bool, note: str | None = None, until: date | None = None) -> None:
    """Send a customer no reminders, perhaps until a day; or send them again. Refused without a reason."""
    account = hold_account(customer.id)
    note = (note or "").strip() or None
    if stop and note is None:
        raise Refused(_("Say why no reminders go out."))
    before = account.dunning_stop
    account.dunning_stop, account.dunning_note, account.dunning_until = (
        stop,
        note if stop else None,
        until if stop else None,
    )
    record_event(customer, "dunning_stopped" if stop else "dunning_resumed", {"dunning_stop": [before, stop]}, note)
    session.flush()


def is_stopped(account: CustomerAccount | None, on: date) -> bool:
    if account is None or not account.dunning_stop:
        return False
    return account.dunning_until is None or account.dunning_until >= on


def dispute(item: ReceivableItem, *, disputed: bool, reason: str | None) -> None:
    """Leave an amount out of reminders while it is disputed. Refused for what is settled."""
    hold_account(item.customer_id)
    session.refresh(item)
    if disputed and item.open <= 0:
        raise Refused(_("Nothing of %(number)s is open.", number=item.number))
    item.disputed = disputed
    record_event(item, "disputed" if disputed else "undisputed", {}, (reason or "").strip() or None)
    session.flush()


def dunnings_of(customer_id: int, limit: int = 20) -> Sequence[Dunning]:
    query = select(Dunning).where(Dunning.customer_id == customer_id).order_by(Dunning.id.desc())
    return session.scalars(query.limit(limit)).all()


def get_level(level: int) -> DunningLevel:
    found = session.scalars(select(DunningLevel).where(DunningLevel.level == level)).one_or_none()
    if found is None:
        raise NotThere
    return found
