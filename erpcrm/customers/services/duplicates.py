"""Finding customers and contacts that may be the same."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import and_, delete, or_, select, union_all
from sqlalchemy.dialects import postgresql, sqlite

from erpcrm.access.models import User
from erpcrm.core.actor import Actor
from erpcrm.core.company_names import SHORTEST, CompanyName, company_name, same_company, shorter_cores
from erpcrm.core.db import now, session
from erpcrm.core.i18n import _l
from erpcrm.core.pinyin import syllables
from erpcrm.core.search.words import normal
from erpcrm.core.similar import normalise, similarity

from .. import identity
from ..models import Contact, Customer, CustomerContact, DuplicatePair
from ..scopes import CUSTOMER_SCOPE
from .customers import home_region

LIKELY = 60
"""From this score on two records are shown as possibly the same."""
ALIKE = 86
"""From this similarity (0 to 100) on two names count as alike."""
LONG_ENOUGH = 4
"""Characters of a name from which on its sound says something: 王芳 and 汪芳 are two people."""
TOO_LONG = 14
"""Sort keys are cut, and beyond this length the name itself may be."""
CHINESE = re.compile("[\u4e00-\u9fff]+")
SOUNDS_ALIKE = 78
NEAR = 20
"""How many names before and after one in the alphabet are compared with it."""
REASONS = {
    "tax_number": (_l("same tax number"), 100),
    "name": (_l("same name"), 90),
    "phone": (_l("same phone"), 75),
    "email": (_l("same e-mail"), 80),
    "domain": (_l("same mail domain"), 60),
    "similar": (_l("similar name"), 0),
}


@dataclass
class Candidate:
    """A record that may be the same, why, and how likely (0 to 100)."""

    id: int
    title: str
    code: str | None
    owner_id: int | None
    visible: bool = True
    owner: str | None = None
    """Whom to ask, where the record is a colleague's."""
    reasons: list[str] = field(default_factory=list)
    score: int = 0

    def add(self, reason: str, score: int | None = None) -> None:
        if reason not in self.reasons:
            given = REASONS[reason][1] if score is None else score
            self.reasons.append(reason)
            # Each further reason takes away a third of the doubt that is left.
            self.score = max(self.score, given) + (100 - max(self.score, given)) // 3 if self.score else given

    @property
    def why(self) -> list[Any]:
        return [REASONS[reason][0] for reason in self.reasons]


@dataclass(frozen=True)
class Marks:
    """What a customer is recognised by."""

    names: tuple[str, ...]
    called: CompanyName
    sound: str | None
    """How the name is read, where it is long enough: the wrong character of the same sound is the commonest slip in Chinese."""
    tax_number: str | None
    phones: tuple[str, ...]
    emails: tuple[str, ...]
    domain: str | None


COLUMNS = (
    Customer.id,
    Customer.name,
    Customer.code,
    Customer.owner_id,
    Customer.name_key,
    Customer.match_key,
    Customer.core_key,
    Customer.english_key,
    Customer.tax_number,
    Customer.phone,
    Customer.email,
    Customer.mail_domain,
)


def marks_of(values: Mapping[str, Any]) -> Marks:
    """The marks of a customer that is about to be entered, as typed so far."""
    names = (normalise(str(values.get(name) or "")) for name in ("name", "english_name"))
    phone = identity.any_phone(values.get("phone"), home_region())
    email = identity.any_email(values.get("email"))
    return Marks(
        tuple(name for name in names if len(name) > 1),
        company_name(str(values.get("name") or "")),
        sound_of(str(values.get("name") or "")),
        identity.compact_tax_number(values.get("tax_number")),
        (phone,) if phone else (),
        (email,) if email and "@" in email else (),
        identity.mail_domain(email, identity.any_website(values.get("website"))),
    )


def sound_of(name: str) -> str | None:
    """The syllables of a Chinese name, as sort keys begin with them."""
    plain = normal(name).replace(" ", "")
    if not LONG_ENOUGH <= len(plain) <= TOO_LONG or not CHINESE.fullmatch(plain):
        return None
    return " ".join(syllables(plain)) + " "


def customer_candidates(
    values: Mapping[str, Any], *, but: int | None = None, actor: Actor | None = None, limit: int = 5
) -> list[Candidate]:
    """Customers that may be the one described by `values` (attributes of a customer), the likeliest first.

    All customers are looked through, whoever owns them: that is what prevents the second record. With an `actor`, those
    outside the actor's scope come marked as not visible; the page names them and their owner, and nothing more.
    """
    marks = marks_of(values)
    found: dict[int, Candidate] = {}
    for row in _same_marks(marks, but):
        _judge(row, marks, found)
    for row in (*_near_names(marks.names, but), *_same_cores(marks.called.core, but)):
        _judge(row, marks, found)
    _by_contacts(marks, found, but)
    likely = sorted((one for one in found.values() if one.score >= LIKELY), key=lambda one: (-one.score, one.id))[
        :limit
    ]
    return _mark_visible(likely, actor)


def _same_marks(marks: Marks, but: int | None) -> Sequence[Any]:
    same: list[Any] = (
        [Customer.match_key.in_(marks.names), Customer.english_key.in_(marks.names)] if marks.names else []
    )
    for column, value in (
        (Customer.tax_number, marks.tax_number),
        (Customer.mail_domain, marks.domain),
        (Customer.name_key, marks.sound),
    ):
        if value:
            same.append(column == value)
    if marks.sound:
        # After its syllables a key has the characters themselves: homophones stand together.
        same.append(and_(Customer.name_key >= marks.sound + "\u4e00", Customer.name_key < marks.sound + "\ua000"))
    for column, values in ((Customer.phone, marks.phones), (Customer.email, marks.emails)):
        if values:
            same.append(column.in_(values))
    if not same:
        return ()
    return session.execute(select(*COLUMNS).where(or_(*same), Customer.id != (but or 0)).limit(50)).all()


def _near_names(names: Sequence[str], but: int | None) -> Sequence[Any]:
    """The neighbours in the alphabet: an index finds them, and the comparison of the whole name decides."""
    sides = []
    for name in names:
        head = name[: 2 if re.match(r"[\u4e00-\u9fff]", name) else 4]
        for column in (Customer.match_key, Customer.english_key):
            after = (column >= name, column < head + "\U0010ffff")
            before = (column < name, column >= head)
            sides += [(after, column.asc()), (before, column.desc())]
    if not sides:
        return ()
    parts = [
        select(*COLUMNS).where(*side, Customer.id != (but or 0)).order_by(way).limit(NEAR).subquery()
        for side, way in sides
    ]
    return session.execute(union_all(*(select(part) for part in parts))).all()


def _same_cores(core: str, but: int | None) -> Sequence[Any]:
    """Those that are called the same when place, legal form and the trade at the end are left out."""
    if len(core) < SHORTEST:
        return ()
    longer = and_(Customer.core_key > core, Customer.core_key < core + "\U0010ffff")
    same = Customer.core_key.in_([core, *shorter_cores(core)])
    parts = [
        select(*COLUMNS).where(condition, Customer.id != (but or 0)).order_by(Customer.core_key).limit(limit).subquery()
        for condition, limit in ((same, 50), (longer, NEAR))
    ]
    return session.execute(union_all(*(select(part) for part in parts))).all()


def _judge(row: Any, marks: Marks, found: dict[int, Candidate]) -> None:
    candidate = found.setdefault(row.id, Candidate(row.id, row.name, row.code, row.owner_id))
    if marks.tax_number and row.tax_number == marks.tax_number:
        candidate.add("tax_number")
    judge_names(candidate, marks.names, marks.called, row, marks.sound)
    if row.phone in marks.phones:
        candidate.add("phone")
    if row.email and row.email in marks.emails:
        candidate.add("email")
    if marks.domain and row.mail_domain == marks.domain:
        candidate.add("domain")


def judge_names(
    candidate: Candidate, names: Sequence[str], called: CompanyName, other: Any, sound: str | None = None
) -> None:
    """Add what the names of two customers have in common; `other` is a row of COLUMNS."""
    theirs = [key for key in (other.match_key, other.english_key) if key]
    if set(names) & set(theirs):
        candidate.add("name")
        return
    alike = max((similarity(mine, key) for mine in names for key in theirs), default=0)
    score = int(60 + (alike - ALIKE) * 30 / (100 - ALIKE)) if alike >= ALIKE else 0
    score = max(score, same_company(called, company_name(other.name)))
    if sound is not None and re.match(re.escape(sound) + "[\u4e00-\u9fff]", other.name_key):
        score = max(score, SOUNDS_ALIKE)
    if score:
        candidate.add("similar", score)


def _by_contacts(marks: Marks, found: dict[int, Candidate], but: int | None) -> None:
    """Customers whose contacts have the phone or the e-mail that was entered."""
    same = []
    if marks.phones:
        same += [Contact.phone.in_(marks.phones), Contact.mobile.in_(marks.phones)]
    if marks.emails:
        same.append(Contact.email.in_(marks.emails))
    if not same:
        return
    query = (
        select(Customer.id, Customer.name, Customer.code, Customer.owner_id, Contact.email)
        .join(CustomerContact, CustomerContact.customer_id == Customer.id)
        .join(Contact, Contact.id == CustomerContact.contact_id)
        .where(or_(*same), Customer.id != (but or 0))
        .limit(20)
    )
    for row in session.execute(query):
        candidate = found.setdefault(row.id, Candidate(row.id, row.name, row.code, row.owner_id))
        candidate.add("email" if row.email and row.email in marks.emails else "phone")


def _mark_visible(found: list[Candidate], actor: Actor | None) -> list[Candidate]:
    if actor is None or not found:
        return found
    ids = [one.id for one in found]
    rule = CUSTOMER_SCOPE(actor, actor.scope("customer"))
    mine = set(session.scalars(select(Customer.id).where(Customer.id.in_(ids), rule)))
    for one in found:
        one.visible = one.id in mine and actor.may("customers.customer.view")
    owners = {one.owner_id for one in found if not one.visible} - {None}
    if owners:
        names = dict(session.execute(select(User.id, User.name).where(User.id.in_(owners))).all())
        for one in found:
            one.owner = None if one.visible else names.get(one.owner_id or 0)
    return found


def contact_candidates(
    values: Mapping[str, Any], *, but: int | None = None, customer_id: int | None = None, limit: int = 5
) -> list[Candidate]:
    """Contacts that may be the one described by `values`: same e-mail or phone, or the same name at the same customer."""
    region = home_region()
    phones = {identity.any_phone(values.get(name), region) for name in ("phone", "mobile", "other_phone")} - {None}
    email = identity.any_email(values.get("email"))
    name = identity.clean(values.get("name"))
    same: list[Any] = []
    if phones:
        same += [column.in_(phones) for column in (Contact.phone, Contact.mobile)]
    if email:
        same.append(Contact.email == email)
    if name and customer_id:
        colleagues = select(CustomerContact.contact_id).where(CustomerContact.customer_id == customer_id)
        same.append(and_(Contact.name == name, Contact.id.in_(colleagues)))
    if not same:
        return []
    query = select(Contact.id, Contact.name, Contact.owner_id, Contact.phone, Contact.mobile, Contact.email)
    found = []
    for row in session.execute(query.where(or_(*same), Contact.id != (but or 0)).limit(20)):
        candidate = Candidate(row.id, row.name, None, row.owner_id)
        if email and row.email == email:
            candidate.add("email")
        if {row.phone, row.mobile} & phones:
            candidate.add("phone")
        if name and row.name == name:
            candidate.add("name")
        found.append(candidate)
    return sorted(found, key=lambda one: (-one.score, one.id))[:limit]


def keep_pairs(record_type: str, pairs: Iterable[tuple[int, int, int, list[str]]]) -> int:
    """Remember pairs (id, id, score, reasons). What is known already, also as dismissed, stays as it is. Returns how many are new."""
    rows = [
        {
            "record_type": record_type,
            "first_id": min(one, other),
            "second_id": max(one, other),
            "score": score,
            "reasons": reasons,
            "found_at": now(),
        }
        for one, other, score, reasons in pairs
        if one != other
    ]
    if not rows:
        return 0
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    unique = {(row["first_id"], row["second_id"]): row for row in rows}
    added = session.execute(
        insert(DuplicatePair).on_conflict_do_nothing().returning(DuplicatePair.id), list(unique.values())
    ).all()
    return len(added)


def dismiss_pair(pair: DuplicatePair, by: Actor) -> None:
    """These two are not the same: nobody is asked about them again."""
    pair.dismissed_at, pair.dismissed_by_id = now(), by.id
    session.flush()


def forget_pairs(record_type: str, record_id: int) -> None:
    """The record is gone: pairs with it make no sense any more."""
    session.execute(
        delete(DuplicatePair).where(
            DuplicatePair.record_type == record_type,
            or_(DuplicatePair.first_id == record_id, DuplicatePair.second_id == record_id),
        )
    )
