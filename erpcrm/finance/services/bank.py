"""Bank statements: taking them in once, and matching their lines to what they are."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from erpcrm.company.services import rate
from erpcrm.core.actor import Actor
from erpcrm.core.db import lock, session
from erpcrm.core.errors import Refused
from erpcrm.core.exact import round_money
from erpcrm.core.i18n import _
from erpcrm.core.settings import setting
from erpcrm.customers.models import Customer

from ..models import MANY, Account, BankLine, BankStatement, Payment, ReceivableItem
from ..settling import Proposal
from ..statements import Movement, NoStatement, read_statement
from .accounts import account_for, kept_in
from .entries import Posting, book
from .payments import receive, refund

BLOCK = 500


def take_statement(content: bytes, name: str, account: Account, by: Actor | None) -> BankStatement:
    """Take the movements of a CSV file in. What was taken in before, from this file or another, comes in no second time.

    Refused when it can't be read as a bank statement.
    """
    if account.role not in MANY:
        raise Refused(_("%(code)s is no account where money is.", code=account.code))
    try:
        movements = read_statement(content)
    except NoStatement as no:
        raise Refused(_why_not(no)) from no
    lock(account)  # of two who take in the same file the second finds what the first has brought
    known = _known(account, movements)
    new = [movement for movement in movements if movement.mark not in known]
    days = [movement.date for movement in movements]
    statement = BankStatement(
        account=account,
        name=name[:200],
        first_on=min(days),
        last_on=max(days),
        new_lines=len(new),
        known_lines=len(movements) - len(new),
        created_by_id=by.id if by else None,
    )
    session.add(statement)
    session.flush()
    for movement in new:
        session.add(
            BankLine(
                statement_id=statement.id,
                account_id=account.id,
                mark=movement.mark,
                date=movement.date,
                amount=movement.amount,
                counterparty=movement.counterparty,
                text=movement.text,
                reference=movement.reference,
            )
        )
    session.flush()
    return statement


def _why_not(no: NoStatement) -> str:
    match no.code:
        case "header":
            return _("No row of this file names a date and an amount. Save the statement as CSV with its headers.")
        case "too-many":
            return _("This file has too many lines. Split it by month.")
        case "row":
            return _("Line %(row)s can't be read: %(why)s", row=no.row, why=no.text)
    return _("There are no movements in this file.")


def _known(account: Account, movements: Sequence[Movement]) -> set[str]:
    marks = [movement.mark for movement in movements]
    found: set[str] = set()
    for start in range(0, len(marks), BLOCK):
        some = marks[start : start + BLOCK]
        found |= set(
            session.scalars(select(BankLine.mark).where(BankLine.account_id == account.id, BankLine.mark.in_(some)))
        )
    return found


def statements() -> Sequence[BankStatement]:
    query = select(BankStatement).options(joinedload(BankStatement.account)).order_by(BankStatement.id.desc()).limit(20)
    return session.scalars(query).all()


def lines_to_match(limit: int) -> Sequence[BankLine]:
    """Lines that nobody has matched yet, the oldest first."""
    query = (
        select(BankLine)
        .where(BankLine.status == "open")
        .options(joinedload(BankLine.account))
        .order_by(BankLine.date, BankLine.id)
        .limit(limit)
    )
    return session.scalars(query).all()


def count_to_match() -> int:
    return session.scalar(select(func.count()).select_from(BankLine).where(BankLine.status == "open")) or 0


def _take(line: BankLine) -> None:
    lock(line)
    if line.status != "open":
        raise Refused(_("Somebody has matched this line already."))


def match_payment(line: BankLine, payment: Payment) -> None:
    """The line is a payment that is in the books. Refused when amount, direction or account differ."""
    _take(line)
    arrived = payment.bank_amount if payment.bank_amount is not None else payment.base_amount
    signed = arrived if payment.direction == "in" else -arrived
    if payment.status != "posted" or payment.account_id != line.account_id or signed != line.amount:
        raise Refused(_("%(number)s is of another amount or account.", number=payment.number))
    if session.scalar(select(BankLine.id).where(BankLine.payment_id == payment.id)) is not None:
        raise Refused(_("%(number)s is matched to another line.", number=payment.number))
    line.payment, line.status = payment, "matched"
    session.flush()


def match_customer(
    line: BankLine,
    customer: Customer,
    shares: Sequence[Proposal],
    by: Actor,
    *,
    currency: str | None = None,
    amount: Decimal | None = None,
) -> Payment:
    """The line is money from a customer: book it as a payment that settles `shares`.

    `amount` in `currency` is what it settles when that is not the account's currency; the line tells what came to the account.
    """
    _take(line)
    if line.amount < 0:
        raise Refused(
            _("Money that left is paid back to a customer from what they have with us, or booked to an account.")
        )
    line.payment = receive(customer, _values(line, currency, amount), by, shares)
    line.status = "matched"
    session.flush()
    return line.payment


def _values(line: BankLine, currency: str | None, amount: Decimal | None) -> dict[str, Any]:
    kept = kept_in(line.account)
    foreign = currency not in (None, kept)
    return {
        "amount": amount if foreign else abs(line.amount),
        "currency": currency if foreign else kept,
        "bank_amount": abs(line.amount),
        "account": line.account,
        "date": line.date,
        "reference": line.reference or line.text,
    }


def match_refund(line: BankLine, credit: ReceivableItem, by: Actor, amount: Decimal | None = None) -> Payment:
    """The line is money that went back to a customer. `amount`: so much of a credit in another currency than the account's."""
    _take(line)
    if line.amount > 0:
        raise Refused(_("This money came in."))
    line.payment = refund(credit.customer, credit, _values(line, credit.currency, amount), by)
    line.status = "matched"
    session.flush()
    return line.payment


def book_line(line: BankLine, account: Account, text: str | None, by: Actor) -> None:
    """The line has nothing to do with a customer: bank charges, rent. In another currency it is worth what the rate of its day says.

    Refused for the account of receivables, and for another account in a currency of its own: what came there, this line can't tell.
    """
    _take(line)
    if account.id == account_for("receivable").id:
        raise Refused(_("What customers owe changes by payments only. Choose the customer instead."))
    kept = kept_in(line.account)
    if account.currency not in (None, kept):
        raise Refused(_("%(code)s is kept in another currency. Write a journal entry instead.", code=account.code))
    base = round_money(line.amount * rate(kept, line.date), setting("currency"))
    words = (text or "").strip() or line.text or line.counterparty or _("Bank movement")
    line.entry = book(
        "payment",
        line.date,
        words,
        [
            Posting(line.account, base, currency=kept, amount_currency=line.amount),
            Posting(account, -base, currency=kept, amount_currency=-line.amount),
        ],
        document=("bank_line", line.id),
    )
    line.status = "matched"
    session.flush()


def ignore(line: BankLine, *, back: bool = False) -> None:
    """Leave a line out, or take it up again."""
    lock(line)
    if line.status == "matched":
        raise Refused(_("Somebody has matched this line already."))
    line.status = "open" if back else "ignored"
    session.flush()
