"""Two records side by side, and the pairs that wait for somebody to look at them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import aliased

from erpcrm.core.actor import Actor
from erpcrm.core.audit import OWN_FIELDS, AuditEntry, plain
from erpcrm.core.db import now, session
from erpcrm.core.fields import fields_of
from erpcrm.core.fields.values import PREFIX
from erpcrm.core.forms import Form, ReferenceField
from erpcrm.core.i18n import _l, show_date
from erpcrm.core.merging import pointing_at
from erpcrm.core.registry import record_type
from erpcrm.core.trail import DASH, Change, Line, in_words
from erpcrm.core.whole import whole_or_none

from . import services
from .models import Contact, Customer, DuplicatePair
from .services.duplicates import LIKELY, REASONS, Candidate
from .services.merging import FIELDS, default_pick

PAGE = 25
MODELS: dict[str, Any] = {"customer": Customer, "contact": Contact}


class OtherForm(Form):
    """The other record of a merge."""

    @classmethod
    def to(cls, kind: str) -> type["OtherForm"]:
        field = ReferenceField(_l("The other one"), to=kind)
        return type("OtherForm", (cls,), {"other": field})


@dataclass(frozen=True)
class Row:
    """One field of both. `pick` is what stays unless the user says otherwise; None where both are the same."""

    name: str
    label: Any
    winner: str
    loser: str
    pick: str | None


def rows_of(winner: Any, loser: Any) -> list[Row]:
    """The fields in which at least one has a value, those that differ first."""
    values = {name: (getattr(winner, name), getattr(loser, name)) for name in FIELDS[type(winner)]}
    if winner.id in (getattr(loser, "parent_id", None),) or loser.id in (getattr(winner, "parent_id", None),):
        del values["parent_id"]  # they become one, and nothing is above itself
    for field in fields_of(winner.record_name):
        mine, theirs = ((record.custom or {}).get(field.key) for record in (winner, loser))
        values[f"{OWN_FIELDS}.{field.key}"] = mine, theirs
    filled = {name: pair for name, pair in values.items() if any(value not in (None, "") for value in pair)}
    lines = zip(filled.items(), _told(winner, filled), strict=True)
    proofs = [proof_of(winner), proof_of(loser)] if isinstance(winner, Contact) else None
    rows = [
        _row(name, pair, line, _stays(winner, loser, name, pair), proofs if name == "consent" else None)
        for (name, pair), line in lines
    ]
    return sorted(rows, key=lambda row: row.pick is None)


def _stays(winner: Any, loser: Any, name: str, pair: tuple[Any, Any]) -> str | None:
    mine, theirs = pair
    if mine == theirs:
        return None
    if name.startswith(f"{OWN_FIELDS}."):
        return "loser" if mine in (None, "") else "winner"
    return default_pick(winner, loser, name)


def proof_of(contact: Any) -> str:
    """When and where a contact has consented, or has withdrawn it."""
    return " · ".join(filter(None, (show_date(contact.consent_on), contact.consent_source)))


def _told(winner: Any, values: Mapping[str, tuple[Any, Any]]) -> list[Line]:
    """Each pair of values in the words that the audit trail has for them."""
    return in_words(
        AuditEntry(
            id=0,
            at=now(),
            record_type=winner.record_name,
            record_id=winner.id,
            action="changed",
            changes={name: [plain(value) for value in pair]},
        )
        for name, pair in values.items()
    )


def _row(name: str, pair: tuple[Any, Any], line: Line, pick: str | None, proofs: Sequence[str] | None) -> Row:
    # A column that the user may not see has no words: what stays is the winner's, unless it has none.
    change = line.changes[0] if line.changes else Change(name, "…", "…")
    texts = ["" if text == DASH else text for text in (change.old, change.new)]
    if proofs is not None:
        texts = [" · ".join(filter(None, both)) for both in zip(texts, proofs, strict=True)]
    return Row(name.replace(f"{OWN_FIELDS}.", PREFIX), change.label, texts[0], texts[1], pick)


def tags_of(winner: Any, loser: Any) -> list[str]:
    """The tags of both together, where the kind has tags."""
    return list(dict.fromkeys([*getattr(winner, "tags", ()), *getattr(loser, "tags", ())]))


def what_moves(loser: Any) -> list[tuple[int, str]]:
    return pointing_at(loser)


@dataclass(frozen=True)
class SeenPair:
    """A pair of which the user sees both."""

    id: int
    score: int
    why: list[Any]
    first: Any
    second: Any


def pairs_seen(kind: str, actor: Actor, *, dismissed: bool, after: str = "") -> tuple[list[SeenPair], str | None]:
    """The likeliest pairs of records that this user sees, and where the next page begins."""
    model, of = MODELS[kind], record_type(kind)
    first, second = aliased(model), aliased(model)
    visible = select(model.id).where(of.scope(actor, actor.scope(kind)))
    query = (
        select(DuplicatePair, first, second)
        .join(first, first.id == DuplicatePair.first_id)
        .join(second, second.id == DuplicatePair.second_id)
        .where(DuplicatePair.record_type == kind)
        .where(DuplicatePair.dismissed_at.is_not(None) if dismissed else DuplicatePair.dismissed_at.is_(None))
    )
    if actor.scope(kind) != "all":
        query = query.where(first.id.in_(visible), second.id.in_(visible))
    score, last = (whole_or_none(part) for part in after.partition(".")[::2])
    if score is not None and last is not None:
        query = query.where(
            (DuplicatePair.score < score) | ((DuplicatePair.score == score) & (DuplicatePair.id < last))
        )
    rows = session.execute(query.order_by(DuplicatePair.score.desc(), DuplicatePair.id.desc()).limit(PAGE + 1)).all()
    shown = [
        SeenPair(pair.id, pair.score, [REASONS[reason][0] for reason in pair.reasons if reason in REASONS], one, other)
        for pair, one, other in rows[:PAGE]
    ]
    return shown, f"{shown[-1].score}.{shown[-1].id}" if len(rows) > PAGE else None


def likely(record: Any, kind: str, actor: Actor) -> Sequence[Candidate]:
    """Who the other one probably is, among the records that this user sees."""
    columns = inspect(type(record)).column_attrs.keys()
    values = {name: getattr(record, name) for name in columns}
    if kind == "customer":
        return [one for one in services.customer_candidates(values, but=record.id, actor=actor) if one.visible]
    found = [one for one in services.contact_candidates(values, but=record.id) if one.score >= LIKELY]
    rule = record_type(kind).scope(actor, actor.scope(kind))
    seen = set(session.scalars(select(Contact.id).where(Contact.id.in_([one.id for one in found]), rule)))
    return [one for one in found if one.id in seen]
