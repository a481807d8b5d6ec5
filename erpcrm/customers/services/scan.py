"""Looking through all customers and contacts for pairs that may be the same, a batch at a time."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import or_, select, union_all

from erpcrm.core.company_names import company_name
from erpcrm.core.db import session

from ..models import Contact, Customer
from .duplicates import COLUMNS, LIKELY, Candidate, judge_names, keep_pairs, sound_of

NEIGHBOURS = 3
"""How many of the next names in alphabetical order each name is compared with."""
SHARED_BY_A_GROUP = ["domain"]
"""What the companies of a group have in common: no reason by itself to take them for one."""
CROWD = 20
"""A mark that more records share than this says nothing: the switchboard of a campus, a placeholder."""


def customer_pairs(ids: Sequence[int]) -> int:
    """Compare these customers with all others by equal marks, and with their neighbours by name. Returns how many pairs are new."""
    rows = session.execute(select(*COLUMNS).where(Customer.id.in_(ids))).all()
    pairs: dict[tuple[int, int], tuple[Any, Any]] = {}
    crowded: set[Any] = set()
    for column in (
        Customer.match_key,
        Customer.core_key,
        Customer.english_key,
        Customer.tax_number,
        Customer.phone,
        Customer.email,
        Customer.mail_domain,
    ):
        pairs |= dict(_sharing(rows, column, crowded))
    for row in rows:
        pairs |= {tuple(sorted((row.id, other.id))): (row, other) for other in _neighbours(row)}  # type: ignore[misc]
    judged = ((one.id, other.id, *_judge(one, other, crowded)) for one, other in pairs.values())
    return keep_pairs("customer", (pair for pair in judged if pair[2] >= LIKELY and pair[3] != SHARED_BY_A_GROUP))


def _sharing(rows: Sequence[Any], column: Any, crowded: set[Any]) -> Iterator[tuple[tuple[int, int], tuple[Any, Any]]]:
    """Pairs of one of `rows` and any customer with the same value in `column`. Values that too many have are put into `crowded`."""
    mine: dict[Any, list[Any]] = {}
    for row in rows:
        value = getattr(row, column.key)
        if value:
            mine.setdefault(value, []).append(row)
    if not mine:
        return
    shared: dict[Any, list[Any]] = {}
    for other in session.execute(select(*COLUMNS).where(column.in_(list(mine)))):
        shared.setdefault(getattr(other, column.key), []).append(other)
    for value, some in mine.items():
        if len(shared[value]) > CROWD:
            crowded.add(value)
            continue
        for row in some:
            for other in shared[value]:
                if other.id != row.id:
                    yield tuple(sorted((row.id, other.id))), (row, other)  # type: ignore[misc]


def _neighbours(row: Any) -> Sequence[Any]:
    """The next names in the alphabet, with the place and without it, and by their sound."""
    parts = []
    for column in (Customer.match_key, Customer.core_key, Customer.name_key):
        key = getattr(row, column.key)
        if len(key) >= 2:
            after = select(*COLUMNS).where(column >= key, Customer.id != row.id)
            parts.append(after.order_by(column, Customer.id).limit(NEIGHBOURS).subquery())
    return session.execute(union_all(*(select(part) for part in parts))).all() if parts else ()


def _judge(one: Any, other: Any, crowded: set[Any]) -> tuple[int, list[str]]:
    candidate = Candidate(other.id, other.name, other.code, other.owner_id)
    if one.tax_number and one.tax_number == other.tax_number:
        candidate.add("tax_number")
    judge_names(
        candidate,
        [key for key in (one.match_key, one.english_key) if key],
        company_name(one.name),
        other,
        sound_of(one.name),
    )
    for reason, value, theirs_too in (
        ("phone", one.phone, other.phone),
        ("email", one.email, other.email),
        ("domain", one.mail_domain, other.mail_domain),
    ):
        if value and value == theirs_too and value not in crowded:
            candidate.add(reason)
    return candidate.score, candidate.reasons


PEOPLE = (Contact.id, Contact.name, Contact.phone, Contact.mobile, Contact.email)


def contact_pairs(ids: Sequence[int]) -> int:
    """Contacts with the same e-mail or mobile. Returns how many pairs are new."""
    rows = session.execute(select(*PEOPLE).where(Contact.id.in_(ids))).all()
    emails = {row.email for row in rows if row.email}
    mobiles = {row.mobile for row in rows if row.mobile}
    if not emails | mobiles:
        return 0
    query = select(*PEOPLE).where(or_(Contact.email.in_(emails), Contact.mobile.in_(mobiles)))
    by_mark: dict[tuple[str, str], list[Any]] = {}
    for other in session.execute(query):
        for name in ("email", "mobile"):
            if getattr(other, name):
                by_mark.setdefault((name, getattr(other, name)), []).append(other)
    return keep_pairs("contact", _people(rows, by_mark))


def _people(
    rows: Sequence[Any], by_mark: dict[tuple[str, str], list[Any]]
) -> Iterator[tuple[int, int, int, list[str]]]:
    for row in rows:
        for other in {o.id: o for name in ("email", "mobile") for o in _same(row, name, by_mark)}.values():
            candidate = Candidate(other.id, other.name, None, None)
            for reason, same in (
                ("email", row.email and row.email == other.email),
                ("phone", row.mobile and row.mobile == other.mobile),
                ("name", row.name == other.name),
            ):
                if same:
                    candidate.add(reason)
            yield row.id, other.id, candidate.score, candidate.reasons


def _same(row: Any, name: str, by_mark: dict[tuple[str, str], list[Any]]) -> Sequence[Any]:
    others = by_mark.get((name, getattr(row, name) or ""), ())
    return [other for other in others if other.id != row.id] if len(others) <= CROWD else []
