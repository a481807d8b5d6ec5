"""Two records side by side, and the pairs that wait for somebody to look at them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import aliased

from erpcrm.core.actor import Actor
from erpcrm.core.changes import show_column
from erpcrm.core.db import session
from erpcrm.core.fields import fields_of
from erpcrm.core.fields.lists import show_value
from erpcrm.core.forms import Form, ReferenceField
from erpcrm.core.i18n import _l
from erpcrm.core.merging import pointing_at
from erpcrm.core.registry import record_type

from . import services
from .models import Contact, Customer, DuplicatePair
from .services.duplicates import LIKELY, REASONS, Candidate
from .services.merging import FIELDS

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
    rows = []
    for name in FIELDS[type(winner)]:
        if name == "parent_id" and (loser.parent_id == winner.id or winner.parent_id == loser.id):
            continue  # one is above the other: they become one, and nothing is above itself
        column = inspect(type(winner)).column_attrs[name].columns[0]
        mine, theirs = getattr(winner, name), getattr(loser, name)
        rows.append(
            _row(
                name,
                column.info.get("label", name),
                mine,
                theirs,
                lambda v, c=column, n=name: show_column(c, winner.record_name, n, v),
            )
        )
    for field in fields_of(winner.record_name):
        mine, theirs = ((record.custom or {}).get(field.key) for record in (winner, loser))
        rows.append(_row(field.name, field.shown_label, mine, theirs, lambda v, f=field: show_value(f, v)))
    found = [row for row in rows if row.winner or row.loser]
    return sorted(found, key=lambda row: row.pick is None)


def _row(name: str, label: Any, mine: Any, theirs: Any, show: Any) -> Row:
    pick = None if mine == theirs else "loser" if mine in (None, "") else "winner"
    shown = ["" if value in (None, "") else str(show(value)) for value in (mine, theirs)]
    return Row(name, label, shown[0], shown[1], pick)


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
    score, _dot, last = after.partition(".")
    if score.isdigit() and last.isdigit():
        query = query.where(
            (DuplicatePair.score < int(score)) | ((DuplicatePair.score == int(score)) & (DuplicatePair.id < int(last)))
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
