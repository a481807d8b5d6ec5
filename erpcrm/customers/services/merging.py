"""Making one record of two."""

from collections.abc import Mapping
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import inspect

from erpcrm.core.actor import Actor
from erpcrm.core.audit import plain, record_event
from erpcrm.core.db import lock, now, session
from erpcrm.core.errors import Refused, Stale
from erpcrm.core.i18n import _
from erpcrm.core.merging import forget, lead_over
from erpcrm.core.registry import effects_of

from ..models import Contact, Customer, MergedRecord
from .contacts import update_contact
from .customers import update_customer
from .duplicates import forget_pairs

R = TypeVar("R", Customer, Contact)

FIELDS: dict[type[Any], tuple[str, ...]] = {
    Customer: [
        "name",
        "english_name",
        "reading",
        "kind",
        "code",
        "tax_number",
        "industry",
        "size",
        "region",
        "source",
        "owner_id",
        "parent_id",
        "payment_terms",
        "currency",
        "customer_group",
        "tax_group",
        "phone",
        "email",
        "website",
        "note",
    ],  # type: ignore[dict-item]
    Contact: [
        "name",
        "reading",
        "job_title",
        "phone",
        "mobile",
        "other_phone",
        "email",
        "wechat",
        "channel",
        "consent",
        "owner_id",
        "note",
    ],  # type: ignore[dict-item]
}
"""What the user picks, field by field. Tags are united; own fields are picked like the others; consent is picked together with
the date and the source that prove it."""
EVIDENCE = ("consent_on", "consent_source")


def merge_records(
    winner: R,
    loser: R,
    picks: Mapping[str, str],
    by: Actor,
    versions: tuple[int | None, int | None] = (None, None),
) -> R:
    """Make one of two. `picks` says for a field (own fields as custom_<key>) "loser" where the loser's value is to stay.

    Everything that points at the loser points at the winner afterwards; the loser is gone, its address leads to the winner,
    and the audit trail of both says so. Stale when one changed since `versions` (winner's, loser's) were seen. Refused when
    both are the same, or when both have something of which a record may have only one.
    """
    if winner.id == loser.id:
        raise Refused(_("Choose two different records."))
    for record in sorted((winner, loser), key=lambda record: record.id):
        lock(record)  # always in the same order: two who merge the two both ways wait for each other, and don't block
    for record, version in zip((winner, loser), versions, strict=True):
        if version is not None and record.version != version:
            raise Stale(record)
    values = _values(winner, loser, picks)
    kept = {name: plain(getattr(loser, name)) for name in FIELDS[type(winner)] if getattr(loser, name) is not None}
    if isinstance(loser, Contact):
        kept |= {name: plain(getattr(loser, name)) for name in EVIDENCE if getattr(loser, name) is not None}
    title, loser_id, last = loser.name, loser.id, loser.last_activity_at
    if values.get("code"):
        loser.code = f"{loser.code}-{loser.id}"  # type: ignore[union-attr, attr-defined]
        session.flush()
    for effect in effects_of(f"{winner.record_name}.merge"):
        effect.run(winner, by, {"loser": loser})
    moved = dict(lead_over(loser, winner))
    forget_pairs(winner.record_name, loser_id)
    _forward(winner, loser_id, title, by)
    record_event(loser, "merged_into", {"into": [title, winner.name], "id": [loser_id, winner.id]})
    forget(loser)
    change = update_customer if isinstance(winner, Customer) else update_contact
    change(winner, values, None, None)
    if last is not None and (winner.last_activity_at is None or winner.last_activity_at < last):
        winner.last_activity_at = last
    changes = {"merged": [title, winner.name], "moved": [None, moved], "loser": [kept, None]}
    record_event(winner, "merged", changes)
    session.flush()
    return winner


def _values(winner: R, loser: R, picks: Mapping[str, str]) -> dict[str, Any]:
    """The values that the winner takes over: what was picked, and what only the loser has."""
    found = {}
    for name in FIELDS[type(winner)]:
        mine, theirs = getattr(winner, name), getattr(loser, name)
        if mine != theirs and picks.get(name, default_pick(winner, loser, name)) == "loser":
            found[name] = theirs
            if name == "consent":
                found |= {proof: getattr(loser, proof) for proof in EVIDENCE}
    if found.get("parent_id") == winner.id:
        del found["parent_id"]
    own = _own_fields(winner, loser, picks)
    if own:
        found["custom"] = own
    if "tags" in inspect(type(winner)).column_attrs:
        found["tags"] = [*winner.tags, *(tag for tag in loser.tags if tag not in winner.tags)]  # type: ignore[union-attr, attr-defined]
    return found


def default_pick(winner: Any, loser: Any, name: str) -> str:
    """Whose value stays when nobody says otherwise: the winner's unless it has none; of two consents the later word."""
    if name != "consent":
        return "loser" if getattr(winner, name) in (None, "") and getattr(loser, name) is not None else "winner"
    if "unknown" in (winner.consent, loser.consent):
        return "loser" if winner.consent == "unknown" else "winner"
    mine, theirs = (record.consent_on or date.min for record in (winner, loser))
    return "loser" if theirs > mine or (theirs == mine and loser.consent == "withdrawn") else "winner"


def _own_fields(winner: R, loser: R, picks: Mapping[str, str]) -> dict[str, Any]:
    mine, theirs = winner.custom or {}, loser.custom or {}
    return {
        key: value
        for key, value in theirs.items()
        if picks.get(f"custom_{key}") == "loser" or mine.get(key) in (None, "")
    }


def _forward(winner: R, loser_id: int, title: str, by: Actor) -> None:
    """Old links to the loser, and to whatever was merged into it before, lead to the winner."""
    earlier = session.query(MergedRecord).filter_by(record_type=winner.record_name, winner_id=loser_id)
    for entry in earlier:
        entry.winner_id = winner.id
    session.add(
        MergedRecord(
            record_type=winner.record_name,
            loser_id=loser_id,
            loser_title=title,
            winner_id=winner.id,
            at=now(),
            by_id=by.id,
        )
    )
    session.flush()


def merged_into(record_type: str, record_id: int) -> int | None:
    """The id of the record that this one was merged into; None when it was not."""
    entry = session.get(MergedRecord, (record_type, record_id))
    return entry.winner_id if entry is not None else None
