"""Journal entries: drafts, posting with the next number, reversal. Everything that is booked comes through here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from erpcrm.core.actor import Actor
from erpcrm.core.db import Record, lock, now, session
from erpcrm.core.errors import Refused, Stale
from erpcrm.core.exact import round_money
from erpcrm.core.i18n import _, show_money
from erpcrm.core.moves import make_move
from erpcrm.core.settings import setting

from ..models import Account, Entry, EntryLine, Journal, JournalNumber
from .accounts import journal_for
from .periods import hold_open

ZERO = Decimal(0)
MOST_LINES = 500


@dataclass(frozen=True)
class Posting:
    """A line to be: `amount` in the company's currency, debit above zero, credit below.

    `amount_currency` is the same in `currency`, with the same sign.
    """

    account: Account
    amount: Decimal
    customer_id: int | None = None
    text: str | None = None
    currency: str | None = None
    amount_currency: Decimal | None = None


def draft_entry(
    journal: Journal,
    on: date,
    text: str,
    postings: Sequence[Posting],
    *,
    document: Record | tuple[str, int] | None = None,
    reverses: Entry | None = None,
    by: Actor | None = None,
    for_good: bool = False,
) -> Entry:
    """An entry that is not posted yet: it may still be changed, and need not balance. `for_good`: the caller posts it now."""
    about = (document.record_name, document.id) if isinstance(document, Record) else document or (None, None)
    entry = Entry(
        journal=journal,
        date=on,
        text=text,
        document_type=about[0],
        document_id=about[1],
        reverses=reverses,
        created_by_id=by.id if by else None,
    )
    _set_lines(entry, postings)
    for line in entry.lines:
        line.posted = for_good
    session.add(entry)
    session.flush()
    return entry


def _set_lines(entry: Entry, postings: Sequence[Posting]) -> None:
    if len(postings) > MOST_LINES:
        raise Refused(_("An entry has at most %(most)s lines.", most=MOST_LINES))
    own = setting("currency")
    for posting in postings:
        if posting.amount != round_money(posting.amount, own):
            raise Refused(_("%(amount)s has more digits than %(currency)s.", amount=posting.amount, currency=own))
    entry.lines = [
        EntryLine(
            position=position,
            account=posting.account,
            date=entry.date,
            debit=max(posting.amount, ZERO),
            credit=max(-posting.amount, ZERO),
            customer_id=posting.customer_id,
            text=(posting.text or "").strip() or None,
            currency=posting.currency if posting.currency != own else None,
            amount_currency=posting.amount_currency if posting.currency not in (None, own) else None,
        )
        for position, posting in enumerate(postings)
        if posting.amount
    ]
    entry.total = sum((line.debit for line in entry.lines), ZERO)


def update_draft(
    entry: Entry, journal: Journal, on: date, text: str, postings: Sequence[Posting], version: int | None = None
) -> None:
    """Replace what a draft says. Refused once it is posted."""
    lock(entry)
    if version is not None and version != entry.version:
        raise Stale(entry)
    _still_draft(entry)
    entry.journal, entry.date, entry.text = journal, on, text
    entry.lines.clear()
    session.flush()
    _set_lines(entry, postings)
    session.flush()


def delete_draft(entry: Entry) -> None:
    """Refused once it is posted: then it can be reversed."""
    lock(entry)
    _still_draft(entry)
    session.delete(entry)
    session.flush()


def _still_draft(entry: Entry) -> None:
    if entry.status != "draft":
        raise Refused(_("%(number)s is posted and never changes any more. Reverse it instead.", number=entry.number))


def check_balance(postings: Sequence[EntryLine]) -> None:
    """Refused unless debits equal credits and there is something of both."""
    if len(postings) < 2:
        raise Refused(_("An entry needs at least two lines."))
    debit = sum((line.debit for line in postings), ZERO)
    credit = sum((line.credit for line in postings), ZERO)
    if debit != credit:
        raise Refused(
            _(
                "Debits are %(debit)s and credits %(credit)s: they differ by %(difference)s.",
                debit=show_money(debit),
                credit=show_money(credit),
                difference=show_money(abs(debit - credit)),
            )
        )


def ready_to_post(entry: Entry, by: Actor | None) -> None:
    """The guard of the move `post`: checks balance, accounts and period, and takes the number.

    It runs before the state changes, for afterwards the database lets nothing of the entry change any more.
    """
    with session.no_autoflush:
        lines = list(entry.lines)
        check_balance(lines)
        idle = next((line.account for line in lines if not line.account.active), None)
        if idle is not None:
            raise Refused(_("%(code)s %(name)s is out of use.", code=idle.code, name=idle.label))
        for line in lines:
            _check_currency(line)
    hold_open(entry.date)
    for line in lines:
        line.posted, line.date = True, entry.date
    session.flush()  # the lines first: once the entry is posted they are as fixed as it is
    entry.number = _next_number(entry.journal, entry.date.year)
    entry.posted_at, entry.posted_by_id = now(), by.id if by else None


def _check_currency(line: EntryLine) -> None:
    """An account that is kept in another currency knows of each line how much of it that is; nothing, where it was only valued."""
    kept, amount = line.account.currency, line.amount_currency
    if kept is None:
        return
    if amount is None or line.currency != kept:
        raise Refused(
            _(
                "%(code)s is kept in %(currency)s: say how much of it each line is.",
                code=line.account.code,
                currency=kept,
            )
        )
    if amount * line.amount < 0 or amount != round_money(amount, kept):
        raise Refused(
            _("%(amount)s has more digits than %(currency)s.", amount=f"{amount:f}", currency=kept)
            if amount * line.amount >= 0
            else _(
                "On %(code)s the amount in %(currency)s is on the other side.", code=line.account.code, currency=kept
            )
        )


def _next_number(journal: Journal, year: int) -> str:
    """The next number of a journal in a year, without gaps: given back when the transaction is rolled back."""
    query = (
        select(JournalNumber)
        .where(JournalNumber.journal_id == journal.id, JournalNumber.year == year)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    row = session.scalars(query).one_or_none()
    if row is None:
        insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        session.execute(insert(JournalNumber).values(journal_id=journal.id, year=year, next=1).on_conflict_do_nothing())
        row = session.scalars(query).one()
    taken = row.next
    row.next = taken + 1
    return f"{journal.code}-{year}-{taken:05d}"


def post(entry: Entry, by: Actor | None, version: int | None = None) -> None:
    """Give a draft its number and make it final. Refused unless it balances and its month is open."""
    make_move(entry, "post", by=by, version=version)


def book(
    purpose: str,
    on: date,
    text: str,
    postings: Sequence[Posting],
    *,
    document: Record | tuple[str, int] | None = None,
    reverses: Entry | None = None,
) -> Entry:
    """Post at once what a document says, in the journal of that kind of documents."""
    journal = journal_for(purpose)
    entry = draft_entry(journal, on, text, postings, document=document, reverses=reverses, for_good=True)
    post(entry, None)
    return entry


def reversed_by(entry: Entry) -> Entry | None:
    """The entry that has taken this one back."""
    return session.scalars(select(Entry).where(Entry.reverses_id == entry.id)).one_or_none()


def opposite(entry: Entry) -> list[Posting]:
    """What takes an entry back: the same lines on the other side."""
    return [
        Posting(
            line.account,
            -line.amount,
            line.customer_id,
            line.text,
            line.currency,
            -line.amount_currency if line.amount_currency is not None else None,
        )
        for line in entry.lines
    ]


def reverse_entry(entry: Entry, on: date, text: str | None, by: Actor | None) -> Entry:
    """Take a posted entry back by a second one on a day not before its own.

    Refused when it was taken back already, and when a document made it: then the document is to be cancelled.
    """
    if entry.document_type is not None:
        raise Refused(_("A document made this entry. Cancel or credit the document instead."))
    return take_back(entry, on, text)


def take_back(entry: Entry, on: date, text: str | None = None) -> Entry:
    """The reversal of an entry, whatever made it."""
    lock(entry)
    if entry.status != "posted":
        raise Refused(_("A draft is deleted, not reversed."))
    if (known := reversed_by(entry)) is not None:
        raise Refused(_("%(number)s was taken back by %(other)s.", number=entry.number, other=known.number))
    if on < entry.date:
        raise Refused(_("An entry can't be taken back before its own day."))
    words = text or _("Reversal of %(number)s", number=entry.number)
    document = (entry.document_type, entry.document_id) if entry.document_type and entry.document_id else None
    made = draft_entry(entry.journal, on, words, opposite(entry), document=document, reverses=entry)
    post(made, None)
    return made
