"""What will not come: expected losses and their posting, bad debts given up with approval, and what comes after all."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from erpcrm.core.actor import Actor
from erpcrm.core.audit import record_event
from erpcrm.core.db import lock, session
from erpcrm.core.errors import Refused
from erpcrm.core.exact import round_money
from erpcrm.core.i18n import _, _l, show_date, show_money, today
from erpcrm.core.moves import make_move
from erpcrm.core.notifications import notify
from erpcrm.core.numbers import next_number
from erpcrm.core.settings import lock_setting, save_setting, setting
from erpcrm.customers.models import Customer
from erpcrm.finance.ageing import BANDS, band_of
from erpcrm.finance.models import Account, ReceivableItem
from erpcrm.finance.services import Posting, account_for, accounts_for, as_of, balance_of, book, write_off

from ..expected_loss import COLUMNS, STANDARD, UNGRADED, ZERO, Loss, expected, total
from ..models import BadDebt, CreditAccount, ExpectedLoss


def loss_rates() -> Mapping[str, Mapping[str, str]]:
    """{band: {grade: percent as text}}: the company's own where it has given some."""
    given: Mapping[str, Mapping[str, str]] = setting("credit_loss_rates")
    return {band.name: {**STANDARD[band.name], **given.get(band.name, {})} for band in BANDS}


def save_rates(rates: Mapping[str, Mapping[str, Decimal]]) -> None:
    """Refused outside 0 to 100 percent."""
    lock_setting("credit_loss_rates")
    for row in rates.values():
        if any(not ZERO <= rate <= 100 for rate in row.values()):
            raise Refused(_("A rate is a percentage from 0 to 100."))
    kept = {band: {grade: f"{rate.normalize():f}" for grade, rate in row.items()} for band, row in rates.items()}
    save_setting("credit_loss_rates", kept)


def open_by_band(on: date) -> dict[tuple[str, str], Decimal]:
    """{(band, grade): open receivables at the end of a day}, in the company's currency. One query."""
    items, _open, base = as_of(on)
    grade = func.coalesce(CreditAccount.grade, UNGRADED)
    query = (
        items.with_only_columns(ReceivableItem.due_on, grade, func.sum(base), maintain_column_froms=True)
        .outerjoin(CreditAccount, CreditAccount.customer_id == ReceivableItem.customer_id)
        .where(ReceivableItem.amount > 0)
        .group_by(ReceivableItem.due_on, grade)
    )
    found: dict[tuple[str, str], Decimal] = {}
    for due_on, column, amount in session.execute(query):
        key = band_of(due_on, on).name, column
        found[key] = found.get(key, ZERO) + Decimal(amount or 0)
    return found


def expected_losses(on: date) -> Sequence[Loss]:
    """What is expected not to come of all that is open at the end of a day."""
    return expected(open_by_band(on), loss_rates(), setting("currency"))


def post_expected(on: date, by: Actor) -> ExpectedLoss:
    """Bring the allowance up, or down, to what is expected at the end of a day: the difference is booked.

    Refused for a day to come, and for one that is booked already.
    """
    if on > today():
        raise Refused(_("That day is not over yet."))
    if (known := session.scalars(select(ExpectedLoss).where(ExpectedLoss.date >= on)).first()) is not None:
        raise Refused(_("The losses of %(day)s are booked already.", day=show_date(known.date)))
    accounts = accounts_for(["allowance", "allowance_expense"])
    lock(accounts["allowance"])  # two who post at once: the second sees what the first has booked
    losses = expected_losses(on)
    stands_at = -balance_of(accounts["allowance"], on)
    difference = round_money(total(losses) - stands_at, setting("currency"))
    made = ExpectedLoss(
        date=on,
        open=sum((one.open for one in losses), ZERO),
        amount=total(losses),
        difference=difference,
        lines=[{name: f"{value}" for name, value in asdict(one).items()} for one in losses],
        created_by_id=by.id,
    )
    session.add(made)
    session.flush()
    if difference:
        text = _("Expected credit losses, %(day)s", day=show_date(on))
        postings = [
            Posting(accounts["allowance_expense"], difference),
            Posting(accounts["allowance"], -difference),
        ]
        made.entry = book("general", on, text, postings, document=made)
        session.flush()
    return made


# --------------------------------------------------------------------- bad debts


def propose_debt(item: ReceivableItem, amount: Decimal, reason: str, by: Actor) -> BadDebt:
    """Ask to give up `amount` (the item's currency) of what is open. Refused beyond that, and while it is asked for already."""
    if not (reason := reason.strip()):
        raise Refused(_("Say why it is written off."))
    if amount <= 0 or amount > item.open:
        raise Refused(
            _(
                "Of %(number)s %(open)s are open.",
                number=item.number,
                open=show_money(max(item.open, ZERO), item.currency),
            )
        )
    if amount != round_money(amount, item.currency):
        raise Refused(_("%(amount)s has more digits than %(currency)s.", amount=f"{amount}", currency=item.currency))
    waiting = select(BadDebt).where(BadDebt.item_id == item.id, BadDebt.status == "proposed")
    if (known := session.scalars(waiting).first()) is not None:
        raise Refused(_("%(number)s waits for approval already.", number=known.number), url=debt_path(known))
    made = BadDebt(
        number=next_number("bad_debt"),
        customer_id=item.customer_id,
        item_id=item.id,
        amount=amount,
        base_amount=round_money(amount * item.rate, setting("currency")),
        reason=reason,
        created_by_id=by.id,
    )
    session.add(made)
    session.flush()
    return made


def debt_path(debt: BadDebt) -> str:
    return f"/credit/bad-debts/{debt.id}"


def approve_debt(debt: BadDebt, by: Actor, version: int | None = None) -> None:
    """Write it off. Refused for who proposed it, and above what the user's roles may write off."""
    if debt.created_by_id == by.id:
        raise Refused(_("Somebody else has to approve what you proposed."))
    make_move(debt, "approve", by=by, version=version)
    allocation = write_off(debt.item, debt.amount, "bad_debt", f"{debt.number} {debt.reason}", by, today())
    debt.allocation_id, debt.approved_by_id = allocation.id, by.id
    session.flush()
    session.expire(debt, ["approved_by"])
    _tell_proposer(debt, _l("%(number)s is written off", number=debt.number))


def refuse_debt(debt: BadDebt, reason: str, by: Actor, version: int | None = None) -> None:
    """It stays owed."""
    make_move(debt, "refuse", by=by, version=version, reason=reason)
    debt.approved_by_id = by.id
    session.flush()
    session.expire(debt, ["approved_by"])
    _tell_proposer(debt, _l("%(number)s was refused: %(reason)s", number=debt.number, reason=reason.strip()))


def _tell_proposer(debt: BadDebt, text: Any) -> None:
    if debt.created_by_id is not None:
        notify(debt.created_by_id, "decided", text, debt_path(debt), record=debt)


def recover(debt: BadDebt, amount: Decimal, account: Account, on: date, by: Actor) -> None:
    """Money came after all: booked as recovered, in the company's currency. Refused beyond what was written off."""
    lock(debt)
    left = debt.base_amount - debt.recovered
    if debt.status != "written_off":
        raise Refused(_("Only what was written off can be recovered."))
    if amount <= 0 or amount > left or amount != round_money(amount, setting("currency")):
        raise Refused(_("%(left)s of %(number)s are left.", left=show_money(left), number=debt.number))
    if on > today():
        raise Refused(_("That day is not over yet."))
    text = _("%(number)s recovered", number=debt.number)
    book(
        "payment",
        on,
        text,
        [Posting(account, amount), Posting(account_for("bad_debt_recovered"), -amount, debt.customer_id)],
        document=debt,
    )
    debt.recovered += amount
    session.flush()
    record_event(debt, "part_recovered", {"recovered": [None, f"{amount.normalize():f}"]})
    if debt.recovered == debt.base_amount:
        make_move(debt, "recover", by=by)


def open_debts(customer: Customer) -> Sequence[ReceivableItem]:
    """What a customer owes and could be given up, the oldest first."""
    query = select(ReceivableItem).where(ReceivableItem.customer_id == customer.id, ReceivableItem.open > 0)
    return session.scalars(query.order_by(ReceivableItem.due_on, ReceivableItem.id).limit(20)).all()


def matrix(losses: Sequence[Loss]) -> Mapping[tuple[str, str], Loss]:
    """{(band, grade): loss}, for a table."""
    return {(one.band, one.grade): one for one in losses}


GRADE_COLUMNS = COLUMNS
