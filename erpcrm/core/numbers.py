"""Gapless number sequences: each document its number, none twice, none left out."""

from collections.abc import Collection
from collections.abc import Sequence as Many
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from .db import Base, session
from .errors import Refused
from .i18n import _, today

MOST_DIGITS = 12


@dataclass(frozen=True)
class NumberKind:
    """What an area declares of a sequence; the company may change prefix and digits afterwards."""

    name: str
    label: Any
    prefix: str
    digits: int
    yearly: bool


KINDS: dict[str, NumberKind] = {}


def declare_numbers(name: str, label: Any, prefix: str, *, digits: int = 5, yearly: bool = False) -> None:
    """Declare a sequence. `{year}` in the prefix stands for the year; a `yearly` sequence starts anew with each."""
    KINDS[name] = NumberKind(name, label, prefix, digits, yearly)


class NumberSequence(Base):
    """How far a sequence has come. The row is the lock: whoever takes a number holds it until the transaction ends."""

    __tablename__ = "number_sequences"

    name: Mapped[str] = mapped_column(primary_key=True)
    prefix: Mapped[str]
    digits: Mapped[int]
    yearly: Mapped[bool]
    year: Mapped[int]
    next: Mapped[int] = mapped_column(default=1)

    def number(self, count: int) -> str:
        return f"{self.prefix.replace('{year}', str(self.year))}{count:0{self.digits}d}"


def next_number(name: str) -> str:
    """The next number of a sequence: "C-00001".

    Given back when the transaction is rolled back, so that there is never a gap. A second taker waits for the first to end.
    """
    return next_numbers(name, 1)[0]


def next_numbers(name: str, count: int) -> list[str]:
    """The next `count` numbers at once, in order."""
    row = _locked(name)
    first = row.next
    row.next = first + count
    session.flush()
    return [row.number(n) for n in range(first, first + count)]


def free_numbers(name: str, count: int, column: Any, besides: Collection[str] = ()) -> list[str]:
    """The next `count` numbers that `column` does not hold yet, whatever the case, and that are not among `besides`.

    Where people may give codes by hand, or import them, one day somebody gives the very code that comes next.
    """
    found: list[str] = []
    given = {text.strip().lower() for text in besides}
    while len(found) < count:
        numbers = next_numbers(name, count - len(found))
        lowered = func.lower(column)
        with session.no_autoflush:
            taken = set(session.scalars(select(lowered).where(lowered.in_([number.lower() for number in numbers]))))
        found += [number for number in numbers if number.lower() not in taken | given]
    return found


def _locked(name: str) -> NumberSequence:
    kind = KINDS[name]
    year = today().year
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    # First of all make sure that there is a row to lock: of two that come first at once, one waits here for the other.
    values = {"prefix": kind.prefix, "digits": kind.digits, "yearly": kind.yearly, "year": year, "next": 1}
    query = (
        select(NumberSequence)
        .where(NumberSequence.name == name)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    row = session.scalars(query).one_or_none()
    if row is None:
        session.execute(insert(NumberSequence).values(name=name, **values).on_conflict_do_nothing())
        row = session.scalars(query).one()
    if year > row.year:
        row.year = year
        if row.yearly:
            row.next = 1
    return row


def sequences() -> Many[NumberSequence]:
    """All declared sequences as they stand, those without a number yet included: for the page of number ranges."""
    stored = {row.name: row for row in session.scalars(select(NumberSequence))}
    year = today().year
    return [
        stored.get(kind.name)
        or NumberSequence(name=kind.name, prefix=kind.prefix, digits=kind.digits, yearly=kind.yearly, year=year, next=1)
        for kind in KINDS.values()
    ]


def change_sequence(name: str, *, prefix: str, digits: int, yearly: bool, start: int | None = None) -> None:
    """Change how the coming numbers look; `start` makes them go on from there.

    Refused when it would give a number a second time.
    """
    row = _locked(name)
    prefix = prefix.strip()
    if not 1 <= digits <= MOST_DIGITS:
        raise Refused(_("A number has from 1 to %(most)s digits.", most=MOST_DIGITS))
    if yearly and "{year}" not in prefix:
        raise Refused(_("Numbers that start anew each year need {year} in the prefix, or they would come twice."))
    if start is not None and start < row.next:  # even under another prefix: one day the old one may come back
        raise Refused(
            _(
                "Number %(number)s was given already. Start at %(next)s or later.",
                number=row.number(start),
                next=row.next,
            )
        )
    row.prefix, row.digits, row.yearly = prefix, digits, yearly
    if start is not None:
        row.next = start
    session.flush()
